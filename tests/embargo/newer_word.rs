//! Newer word of what waits: of an article under embargo only what its publisher said last comes out.

use serde_json::{Value, json};

use super::{FAR, in_seconds, item, items, lines, note};
use crate::support::{Dir, wait_for};

#[test]
fn a_kill_meanwhile_cancels_what_waits() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("talks.json", item(1, Some(FAR)).to_string());
    dir.drop_by_rename("day.jsonl", lines(&[item(0, None), item(2, Some(FAR)), item(1, Some(FAR))]));
    wait_for("the notes", || (dir.names("inbox/embargo").len() == 4).then_some(()));
    let kill = json!({ "uri": "urn:example:1", "pubstatus": "canceled", "headline": "Kill" });
    dir.drop_by_rename("kill.json", kill.to_string());
    wait_for("the refusal", || dir.path("inbox/failed/talks.json").exists().then_some(()));
    assert_eq!(dir.reason("talks.json.reason.json")["code"], "withheld");
    wait_for("the other's note", || {
        let open = note(&dir, "day.jsonl")["articles"].as_array().expect("a list").clone();
        (open.len() == 1 && open[0]["item"] == 1).then_some(())
    });
    daemon.stop();
    assert_eq!(dir.names("inbox/embargo"), ["day.jsonl", "day.jsonl.held.json"]);
    assert!(dir.names("inbox/failed").iter().any(|name| name.ends_with(".articles.json")), "it is named");
    let withdrawn: Vec<Value> = dir.records().iter().map(|record| record["withdrawn"].clone()).collect();
    assert_eq!(withdrawn, [Value::Null, json!({ "status": "canceled", "id": null })]);
}

#[test]
fn what_waits_does_not_come_out_when_its_publisher_has_sent_newer_word_of_it() {
    let version = |number: Option<u32>, until: Option<&str>, status: &str| {
        let mut item = item(1, until);
        item["pubstatus"] = json!(status);
        if let Some(number) = number {
            item["version"] = json!(number.to_string());
            item["body_text"] = json!(format!("Envoys of both sides met {number} times."));
        }
        item
    };
    let later =
        json!({ "uri": "urn:example:1", "headline": "Talks, corrected", "body_text": "Nobody met.", "embargoed": FAR });
    for (mut soon, newer, lines, held) in [
        // A later version, which waits longer, with its number and without.
        (version(Some(1), None, "usable"), version(Some(2), Some(FAR), "usable"), 0, 1),
        (version(None, None, "usable"), later, 0, 1),
        // A later version that is out at once.
        (version(Some(1), None, "usable"), version(Some(2), None, "usable"), 1, 0),
        // A notice that withholds it, with the same number and without.
        (version(Some(1), None, "usable"), version(Some(1), None, "withheld"), 0, 0),
        (version(None, None, "usable"), version(None, None, "withheld"), 0, 0),
    ] {
        let dir = Dir::new();
        soon["embargoed"] = json!(in_seconds(2));
        dir.drop_old("soon.json", soon.to_string());
        dir.run().args(["--once"]).succeed();
        assert_eq!(dir.names("inbox/embargo"), ["soon.json", "soon.json.held.json"]);
        dir.drop_old("newer.json", newer.to_string());
        wait_for("its refusal", || {
            dir.run().args(["--once"]).succeed();
            dir.path("inbox/failed/soon.json").exists().then_some(())
        });
        assert_eq!(dir.reason("soon.json.reason.json")["code"], "withheld", "{newer}");
        assert_eq!((dir.records().len(), dir.names("inbox/embargo").len()), (lines, 2 * held), "{newer}");
    }
}

#[test]
fn an_older_version_that_comes_late_does_not_stop_what_waits() {
    let dir = Dir::new();
    let version = |number: u32, until: Option<&str>| {
        let mut item = item(1, until);
        item["version"] = json!(number.to_string());
        item.to_string()
    };
    dir.drop_old("second.json", version(2, Some(&in_seconds(2))));
    dir.run().args(["--once"]).succeed();
    dir.drop_old("first.json", version(1, Some(FAR)));
    wait_for("its line", || {
        dir.run().args(["--once"]).succeed();
        (dir.records().len() == 1).then_some(())
    });
    assert_eq!((&dir.records()[0]["version"], dir.names("inbox/embargo")), (&json!("2"), Vec::new()));
    assert_eq!(dir.reason("first.json.reason.json")["code"], "withheld");
}

#[test]
fn a_notice_that_comes_at_once_stops_what_it_withholds() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("a.json", item(1, Some(FAR)).to_string());
    wait_for("its way to embargo/", || (!dir.path("inbox/a.json").exists()).then_some(()));
    let withheld = json!({ "uri": "urn:example:1", "pubstatus": "withheld", "headline": "Hold" });
    dir.drop_by_rename("b.json", withheld.to_string());
    wait_for("its refusal", || dir.path("inbox/failed/a.json").exists().then_some(()));
    daemon.stop();
    assert_eq!(items(&dir), Vec::<u64>::new());
}

#[test]
fn what_waits_beside_an_earlier_version_in_its_file_comes_out_after_a_restart() {
    let dir = Dir::new();
    let mut update = item(1, Some(&in_seconds(2)));
    update["body_text"] = json!("Envoys of both sides met again.");
    dir.drop_old("day.jsonl", lines(&[item(1, None), update]));
    dir.run().args(["--once"]).succeed();
    assert_eq!(items(&dir), [0]);
    wait_for("its line", || {
        dir.run().args(["--once"]).succeed();
        (items(&dir) == [0, 1]).then_some(())
    });
    let records = dir.records();
    assert_eq!(records[1]["replaces"], records[0]["id"]);
    assert_eq!(dir.names("inbox/failed"), Vec::<String>::new());
}

#[test]
fn what_is_set_back_to_its_first_word_comes_out() {
    let dir = Dir::new();
    let until = in_seconds(3);
    let mut other = item(1, Some(&until));
    other["body_text"] = json!("Envoys of both sides did not meet.");
    let first = item(1, Some(&until));
    for item in [&first, &other, &first] {
        dir.drop_old("day.jsonl", format!("{item}\n"));
        dir.run().args(["--once", "--after", "keep"]).succeed();
    }
    wait_for("its line", || {
        dir.run().args(["--once", "--after", "keep"]).succeed();
        (items(&dir) == [0]).then_some(())
    });
    assert!(dir.records()[0]["paragraphs"][1]["text"].as_str().is_some_and(|text| text.contains("met in room")));
}

#[test]
fn a_newer_version_sends_away_at_once_what_waits() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("first.json", item(1, Some(FAR)).to_string());
    wait_for("the note", || dir.path("inbox/embargo/first.json.held.json").exists().then_some(()));
    let mut second = item(1, Some("2097-01-01T00:00:00Z"));
    second["body_text"] = json!("Envoys of both sides did not meet.");
    dir.drop_by_rename("second.json", second.to_string());
    wait_for("its refusal", || dir.path("inbox/failed/first.json").exists().then_some(()));
    wait_for("the end of its note", || {
        (dir.names("inbox/embargo") == ["second.json", "second.json.held.json"]).then_some(())
    });
    daemon.stop();
}
