//! What its publisher holds under embargo: it waits in embargo/, comes out when it is due, and does not when it is taken back.

mod newer_word;

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::{Dir, wait_for};

/// A moment so many seconds from now, as wires write it.
fn in_seconds(seconds: u64) -> String {
    humantime::format_rfc3339_seconds(SystemTime::now() + Duration::from_secs(seconds)).to_string()
}

const FAR: &str = "2098-01-01T00:00:00Z";

fn item(n: u32, embargoed: Option<&str>) -> Value {
    let mut item = json!({
        "uri": format!("urn:example:{n}"), "pubstatus": "usable", "headline": format!("Talks, part {n}"),
        "body_text": format!("Envoys of both sides met in room {n}."),
    });
    if let Some(until) = embargoed {
        item["embargoed"] = json!(until);
    }
    item
}

fn lines(items: &[Value]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

fn note(dir: &Dir, name: &str) -> Value {
    let path = dir.path("inbox/embargo").join(format!("{name}.held.json"));
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
}

fn items(dir: &Dir) -> Vec<u64> {
    dir.records().iter().map(|record| record["source"]["item"].as_u64().expect("a number")).collect()
}

#[test]
fn what_is_not_due_waits_in_embargo_and_is_named_beside() {
    let dir = Dir::new();
    dir.drop_old("wire/talks.json", item(1, Some(FAR)).to_string());
    for _ in 0..2 {
        dir.run().args(["--once"]).succeed();
        assert_eq!(dir.records(), Vec::<Value>::new());
        assert_eq!(dir.names("inbox/embargo/wire"), ["talks.json", "talks.json.held.json"]);
        let expected = json!({
            "path": "wire/talks.json", "next": FAR,
            "articles": [{ "item": 0, "until": FAR, "title": "Talks, part 1", "guid": "urn:example:1" }],
        });
        assert_eq!(note(&dir, "wire/talks.json"), expected);
    }
    assert_eq!((dir.names("inbox/done").len(), dir.names("inbox/failed").len()), (0, 0));
}

#[test]
fn what_is_embargoed_until_nobody_knows_when_is_refused_alone() {
    let dir = Dir::new();
    let mut wrapped = item(1, None);
    wrapped["embargoed"] = json!({ "date": FAR });
    dir.drop_old("day.jsonl", lines(&[item(0, None), wrapped, item(2, Some("tomorrow")), item(3, Some(""))]));
    dir.drop_old("talks.json", item(4, Some("tomorrow")).to_string());
    dir.run().args(["--once"]).succeed();
    assert_eq!((items(&dir), dir.names("inbox/done")), (vec![0, 3], vec!["day.jsonl".to_string()]));
    let told = |said: &str| {
        format!(
            "until when it is embargoed cannot be told from {said}; expected a time with its zone, such as \
             2018-07-16T06:31:00+02:00"
        )
    };
    let failed = dir.names("inbox/failed");
    let of_articles = failed.iter().find(|name| name.ends_with(".articles.json")).expect("a reason");
    let expected = json!([
        { "item": 1, "code": "withheld", "message": told(r#"{"date": "2098-01-01T00:00:00Z"}"#) },
        { "item": 2, "code": "withheld", "message": told(r#""tomorrow""#) },
    ]);
    assert_eq!(dir.reason(of_articles)["articles"], expected);
    let reason = dir.reason("talks.json.reason.json");
    assert_eq!((&reason["code"], &reason["message"]), (&json!("withheld"), &json!(told(r#""tomorrow""#))));
}

#[test]
fn it_comes_out_when_it_is_due() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("talks.json", item(1, Some(&in_seconds(2))).to_string());
    wait_for("the note", || dir.path("inbox/embargo/talks.json.held.json").exists().then_some(()));
    assert_eq!(dir.records(), Vec::<Value>::new());
    wait_for("its line", || (dir.records().len() == 1).then_some(()));
    wait_for("its end", || dir.path("inbox/done/talks.json").exists().then_some(()));
    wait_for("the end of its note", || dir.names("inbox/embargo").is_empty().then_some(()));
    let record = dir.records().remove(0);
    assert_eq!((&record["title"], &record["source"]["path"]), (&json!("Talks, part 1"), &json!("talks.json")));
    daemon.stop();
}

#[test]
fn of_a_file_of_several_articles_each_comes_out_when_it_is_due_and_none_twice() {
    let dir = Dir::new();
    let soon = in_seconds(4);
    let day = [item(0, None), item(1, Some(FAR)), item(2, Some(&soon)), item(3, Some("2001-01-01T00:00:00Z"))];
    dir.drop_old("day.jsonl", lines(&day));
    for _ in 0..2 {
        dir.run().args(["--once"]).succeed();
        assert_eq!(items(&dir), [0, 3], "what is due comes at once");
        let open: Vec<Value> =
            note(&dir, "day.jsonl")["articles"].as_array().expect("a list").iter().map(|a| a["item"].clone()).collect();
        assert_eq!(open, [1, 2]);
        assert_eq!(note(&dir, "day.jsonl")["next"], *soon);
    }
    let daemon = dir.run().start();
    wait_for("the next line", || (items(&dir).len() == 3).then_some(()));
    wait_for("the next note", || (note(&dir, "day.jsonl")["next"] == FAR).then_some(()));
    daemon.stop();
    dir.run().args(["--once"]).succeed();
    assert_eq!(items(&dir), [0, 3, 2]);
    assert_eq!(dir.names("inbox/embargo"), ["day.jsonl", "day.jsonl.held.json"]);
}

#[test]
fn a_large_file_waits_before_any_part_of_it_goes_out() {
    let dir = Dir::new();
    let mut day: Vec<Value> = (0..300).map(|n| item(n, None)).collect();
    day.push(item(300, Some(FAR)));
    dir.drop_old("day.jsonl", lines(&day));
    for _ in 0..2 {
        dir.run().args(["--once", "--batch", "4096"]).succeed();
        assert_eq!(items(&dir), (0..300).collect::<Vec<u64>>());
        assert!(dir.records().iter().all(|r| r["source"]["inbox"].as_str().is_some_and(|i| i.ends_with("/embargo"))));
    }
    assert_eq!(note(&dir, "day.jsonl")["articles"].as_array().expect("a list").len(), 1);
}

#[test]
fn where_files_are_kept_they_wait_where_they_are() {
    let dir = Dir::new();
    dir.drop_old("day.jsonl", lines(&[item(0, None), item(1, Some(FAR))]));
    for _ in 0..2 {
        dir.run().args(["--once", "--after", "keep"]).succeed();
        assert_eq!(items(&dir), [0]);
        assert!(dir.path("inbox/day.jsonl").exists() && dir.path("inbox/day.jsonl.held.json").exists());
    }
}

#[test]
fn a_note_whose_file_has_gone_goes_too() {
    let dir = Dir::new();
    dir.drop_old("talks.json", item(1, Some(FAR)).to_string());
    dir.run().args(["--once"]).succeed();
    fs::remove_file(dir.path("inbox/embargo/talks.json")).expect("removed");
    dir.run().args(["--once"]).succeed();
    assert_eq!(dir.names("inbox/embargo"), Vec::<String>::new());
}

/// What the daemon counts under these names.
fn counts<const N: usize>(dir: &Dir, names: [&str; N]) -> [Option<u64>; N] {
    let status = crate::support::disputed(["status", "--format", "json", "--inbox"]).arg(dir.inbox()).succeed();
    let status: Value = serde_json::from_slice(&status).expect("JSON");
    names.map(|name| status[name].as_u64())
}

#[test]
fn a_status_counts_what_is_held() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("talks.json", item(1, Some(FAR)).to_string());
    dir.drop_by_rename("rain.txt", "Rain\n\nIt fell.\n");
    wait_for("the note", || dir.path("inbox/embargo/talks.json.held.json").exists().then_some(()));
    wait_for("the counts", || {
        let counts = counts(&dir, ["seen", "done", "failed", "vanished", "pending", "held"]);
        (counts == [2, 1, 0, 0, 0, 1].map(Some)).then_some(())
    });
    daemon.stop();
}

#[test]
fn what_is_kept_and_then_moved_has_its_lines_already() {
    let dir = Dir::new();
    dir.drop_old("day.jsonl", lines(&[item(0, None), item(1, None), item(2, Some(FAR))]));
    dir.run().args(["--once", "--after", "keep"]).succeed();
    assert_eq!(items(&dir), [0, 1]);
    for _ in 0..2 {
        dir.run().args(["--once", "--after", "move"]).succeed();
        assert_eq!(
            (items(&dir), dir.names("inbox/embargo")),
            (vec![0, 1], vec!["day.jsonl".into(), "day.jsonl.held.json".into()])
        );
    }
}

#[test]
fn a_name_as_long_as_there_are_waits_as_well() {
    let dir = Dir::new();
    let name = "n".repeat(255);
    dir.drop_old(&name, item(1, Some(FAR)).to_string());
    dir.drop_old("day.jsonl", lines(&[item(0, None)]));
    dir.run().args(["--once"]).succeed();
    assert_eq!(items(&dir), [0]);
    assert!(dir.names("inbox/embargo").contains(&name));
}

#[test]
fn what_comes_due_before_what_is_out_is_not_read_twice_after_a_kill() {
    let dir = Dir::new();
    let until = in_seconds(2);
    let all: Vec<Value> = (0..2050).map(|n| item(n, (n < 2000).then_some(until.as_str()))).collect();
    dir.drop_old("day.jsonl", lines(&all));
    let mut daemon = dir.run().args(["--quiet", "0", "--batch", "4096"]).start();
    wait_for("some of what is due", || (dir.count() > 150).then_some(()));
    daemon.signal("KILL");
    daemon.wait();
    dir.run().args(["--once"]).succeed();
    let mut items = items(&dir);
    items.sort_unstable();
    assert_eq!(items, (0..2050).collect::<Vec<u64>>());
}

#[test]
fn what_is_written_anew_is_read_though_some_of_it_waits() {
    for (after, place) in [("keep", "day.jsonl"), ("move", "embargo/day.jsonl")] {
        let dir = Dir::new();
        let daemon = dir.run().args(["--after", after]).start();
        dir.drop_by_rename("day.jsonl", lines(&[item(0, None), item(1, Some(FAR))]));
        let has_note = || dir.path(format!("inbox/{place}.held.json")).exists();
        wait_for("the note", || (items(&dir) == [0] && has_note()).then_some(()));
        let first = dir.records().remove(0);
        // Its note is written before anybody waits for anything else.
        dir.drop_by_rename(place, lines(&[item(0, None), item(1, Some(FAR)), item(2, None)]));
        wait_for("its lines", || (items(&dir) == [0, 0, 2]).then_some(()));
        daemon.stop();
        let replaced: Vec<Value> = dir.records().iter().skip(1).map(|record| record["replaces"].clone()).collect();
        let digest = &first["source"]["digest"];
        // The one is in the place of the same article, which repeats itself; the other of the file.
        assert!(replaced.iter().all(|replaced| replaced == digest), "{after}: {replaced:?}");
        dir.run().args(["--once", "--after", after]).succeed();
        assert_eq!(items(&dir), [0, 0, 2], "{after}");
    }
}

#[test]
fn what_was_taken_away_does_not_count_as_held() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("talks.json", item(1, Some(FAR)).to_string());
    wait_for("its count", || (counts(&dir, ["held"]) == [Some(1)]).then_some(()));
    fs::remove_file(dir.path("inbox/embargo/talks.json")).expect("removed");
    // An inbox that is there again is looked at as a whole.
    fs::rename(dir.inbox(), dir.path("away")).expect("a rename");
    fs::rename(dir.path("away"), dir.inbox()).expect("a rename");
    wait_for("the counts", || (counts(&dir, ["held", "vanished"]) == [Some(0), Some(1)]).then_some(()));
    assert_eq!(dir.names("inbox/embargo"), Vec::<String>::new());
    daemon.stop();
}

/// A folder in which the publisher has canceled article 1.
fn where_the_first_is_canceled() -> Dir {
    let dir = Dir::new();
    let kill = json!({ "uri": "urn:example:1", "pubstatus": "canceled", "headline": "Kill" });
    dir.drop_old("kill.json", kill.to_string());
    dir.run().args(["--once"]).succeed();
    dir
}

/// The articles that the notes in failed/ name.
fn refused(dir: &Dir) -> Vec<u64> {
    let notes = dir.names("inbox/failed").into_iter().filter(|name| name.ends_with(".articles.json"));
    let items = notes.flat_map(|name| dir.reason(&name)["articles"].as_array().expect("a list").clone());
    items.map(|article| article["item"].as_u64().expect("a number")).collect()
}

#[test]
fn what_was_refused_stays_named_and_its_file_is_not_deleted() {
    let dir = where_the_first_is_canceled();
    let soon = in_seconds(2);
    let day =
        lines(&[item(0, None), item(1, None), item(2, Some(&soon))]) + "{\"title\":\"Cut\n" + &lines(&[item(4, None)]);
    dir.drop_old("day.jsonl", &day);
    dir.run().args(["--once", "--after", "delete"]).succeed();
    assert_eq!((items(&dir).split_off(1), refused(&dir)), (vec![0, 4], vec![1, 3]));
    wait_for("its line", || {
        dir.run().args(["--once", "--after", "delete"]).succeed();
        (items(&dir).len() == 4).then_some(())
    });
    assert_eq!((items(&dir).split_off(1), refused(&dir)), (vec![0, 4, 2], vec![1, 3]));
    assert_eq!(fs::read_to_string(dir.path("inbox/done/day.jsonl")).expect("it is not deleted"), day);
}

#[test]
fn what_was_refused_before_a_kill_stays_named_and_its_file_is_not_deleted() {
    let dir = where_the_first_is_canceled();
    dir.drop_old("day.jsonl", lines(&(0..6000).map(|n| item(n, None)).collect::<Vec<_>>()));
    let mut daemon = dir.run().args(["--after", "delete", "--batch", "4096"]).start();
    wait_for("some lines", || (dir.count() > 500).then_some(()));
    daemon.signal("KILL");
    daemon.wait();
    dir.run().args(["--once", "--after", "delete"]).succeed();
    let mut items = items(&dir).split_off(1);
    items.sort_unstable();
    assert_eq!(items, (0..6000).filter(|&n| n != 1).collect::<Vec<u64>>());
    assert_eq!((refused(&dir), dir.names("inbox/done")), (vec![1], vec!["day.jsonl".into(), "kill.json".into()]));
}

#[test]
fn what_gains_an_article_that_waits_while_it_is_read_says_what_its_lines_replace() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0", "--batch", "4096"]).start();
    dir.drop_by_rename("day.jsonl", lines(&(0..2_000).map(|n| item(n, None)).collect::<Vec<_>>()));
    wait_for("some lines", || (dir.count() > 100).then_some(()));
    let mut file = fs::File::options().append(true).open(dir.path("inbox/day.jsonl")).expect("it is being read");
    std::io::Write::write_all(&mut file, lines(&[item(2_000, Some(FAR))]).as_bytes()).expect("written");
    drop(file);
    wait_for("the note", || dir.path("inbox/embargo/day.jsonl.held.json").exists().then_some(()));
    daemon.stop();
    let records = dir.records();
    let first = &records[0]["source"]["digest"];
    let (before, after): (Vec<_>, Vec<_>) = records.iter().partition(|record| record["source"]["digest"] == *first);
    assert_eq!((before.len(), after.len()), (2_000, 2_000));
    assert!(before.iter().all(|record| record.get("replaces").is_none()));
    assert!(after.iter().all(|record| record["replaces"] == *first), "{}", after[0]);
}
