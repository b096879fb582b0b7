//! What people ask: status, trace, scan and reload.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Dir, Disputed, TARIFFS, digest, disputed, wait_for};

/// A command about this folder's inbox.
fn ask(dir: &Dir, command: &str) -> Disputed {
    disputed([command]).arg("--inbox").arg(dir.inbox())
}

pub(crate) fn status(dir: &Dir) -> Value {
    serde_json::from_slice(&ask(dir, "status").args(["--format", "json"]).succeed()).expect("JSON")
}

/// Every count that a status adds up, which must be what it has seen.
fn assert_adds_up(status: &Value) {
    let count = |key: &str| status[key].as_u64().unwrap_or_else(|| panic!("{key} in {status}"));
    let ignored: u64 =
        status["ignored"].as_object().expect("rules").values().map(|n| n.as_u64().expect("a count")).sum();
    assert_eq!(
        count("seen"),
        count("done") + count("failed") + count("vanished") + count("pending") + count("held") + ignored,
        "{status}"
    );
}

#[test]
fn a_status_counts_everything_that_came_in() {
    let dir = Dir::new();
    dir.write("inbox/a.txt.part", TARIFFS);
    dir.write("inbox/.hidden", TARIFFS);
    dir.write("inbox/.rsync~tmp/b.txt", TARIFFS);
    std::os::unix::fs::symlink("nowhere", dir.inbox().join("link.txt")).expect("a link");
    let daemon = dir.run().args(["--quiet", "3600"]).start();
    // A hidden name on the way would count as well, should somebody look just then.
    for (name, bytes) in [("a.txt", TARIFFS), ("bad.txt", "\0")] {
        fs::rename(dir.write(name, bytes), dir.inbox().join(name)).expect("a rename");
    }
    // The writer's close is never seen, so these wait, and one of them in vain.
    let open = ["waits.txt", "goes.txt"].map(|name| fs::File::create(dir.inbox().join(name)).expect("a file"));
    wait_for("all to be known", || (status(&dir)["pending"] == 2).then_some(()));
    fs::rename(dir.inbox().join("goes.txt"), dir.path("elsewhere.txt")).expect("a rename");
    daemon.signal("HUP");
    drop(open);
    wait_for("the files to leave", || {
        (dir.names("inbox/failed").len() == 2 && dir.names("inbox/done").len() == 1).then_some(())
    });
    let status = wait_for("the count", || {
        let status = status(&dir);
        assert_adds_up(&status);
        (status["done"] == 1 && status["failed"] == 1).then_some(status)
    });
    assert_eq!(status["ignored"], json!({"*.part": 1, "hidden": 2, "symlink": 1}));
    assert_eq!(
        (&status["mode"], &status["polling"], &status["paused"]),
        (&json!("inotify"), &Value::Null, &Value::Null)
    );
    assert_eq!(status["pid"], daemon.id());
    assert!(status["oldest_pending_seconds"].as_f64().is_some_and(|seconds| seconds >= 0.0), "{status}");
    let table = String::from_utf8(ask(&dir, "status").succeed()).expect("text");
    assert!(table.contains("running") && table.contains("1 by *.part"), "{table}");
    let log = daemon.stop();
    assert!(log.contains("stopped") && log.contains("failed=1"), "{log}");
}

#[test]
fn without_a_daemon_there_is_no_status() {
    let dir = Dir::new();
    let said = ask(&dir, "status").fail(69);
    assert!(said.contains("no disputed runs") && said.contains(".disputed"), "{said}");
    // Nor where one was killed, and left its socket.
    let mut daemon = dir.run().start();
    daemon.signal("KILL");
    daemon.wait();
    assert!(dir.inbox().join(".disputed/socket").exists());
    ask(&dir, "status").fail(69);
    let daemon = dir.run().start();
    assert_adds_up(&status(&dir));
    daemon.stop();
    assert!(!dir.inbox().join(".disputed/socket").exists());
    assert!(disputed(["status"]).fail(78).contains("no inbox"));
}

#[test]
fn a_state_folder_with_a_long_path_has_a_socket_too() {
    let dir = Dir::new();
    let state = dir.path("s".repeat(200));
    let daemon = dir.run().arg("--state").arg(&state).start();
    disputed(["status", "--state"]).arg(&state).succeed();
    daemon.stop();
}

#[test]
fn a_daemon_that_can_deliver_nothing_says_why() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    // A sink that is no file any more cannot be opened anew.
    fs::remove_file(dir.sink()).expect("a sink");
    fs::create_dir(dir.sink()).expect("a folder in its place");
    dir.drop_by_rename("a.txt", TARIFFS);
    daemon.wait_for_log("intake pauses");
    let said = ask(&dir, "status").args(["--format", "json"]).output();
    assert_eq!(said.status.code(), Some(75));
    let status: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    assert!(status["paused"]["why"].as_str().is_some_and(|why| why.contains("sink.jsonl")), "{status}");
    fs::remove_dir(dir.sink()).expect("the folder");
    wait_for("the file", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    wait_for("no pause", || self::status(&dir)["paused"].is_null().then_some(()));
    daemon.stop();
    assert_eq!(dir.records().len(), 1);
}

#[test]
fn a_file_can_be_traced_wherever_it_is() {
    let dir = Dir::new();
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.drop_old("bad.txt", "");
    dir.run().arg("--once").succeed();
    fs::rename(dir.sink(), dir.path("sink.jsonl.1")).expect("a rotation");
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    dir.write("inbox/waits.txt", "Talks resume\n");
    dir.write("sink.jsonl.2.gz", "compressed");

    let trace = |wanted: &str| ask(&dir, "trace").arg("--sink").arg(dir.sink()).args(["--format", "json", wanted]);
    let found = |wanted: &str| -> Value { serde_json::from_slice(&trace(wanted).succeed()).expect("JSON") };
    let by_name = found("a.txt");
    let place = |below: &str| dir.path(below).to_str().expect("UTF-8").to_string();
    let lines: Vec<(&str, u64)> = by_name["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| (line["sink"].as_str().expect("a path"), line["line"].as_u64().expect("a number")))
        .collect();
    assert_eq!(lines, [(place("sink.jsonl.1").as_str(), 1), (place("sink.jsonl").as_str(), 1)]);
    let done = |name: &str| json!({"place": "done", "path": place(&format!("inbox/done/wire/{name}"))});
    // The second is known by its inode: it has another name.
    assert_eq!(by_name["places"], json!([done("a.1.txt"), done("a.txt")]));
    assert_eq!(by_name["unread"], json!([place("sink.jsonl.2.gz")]));
    for wanted in ["wire/a.txt", &by_name["lines"][0]["id"].as_str().expect("an id")[..20]] {
        assert_eq!(found(wanted), by_name, "{wanted}");
    }
    let bad = found("bad.txt");
    assert_eq!((&bad["places"][0]["place"], &bad["places"][0]["reason"]["code"]), (&json!("failed"), &json!("empty")));
    assert_eq!(found("waits.txt")["places"], json!([{"place": "inbox", "path": place("inbox/waits.txt")}]));
    let said = trace("nowhere.txt").fail(66);
    assert!(said.contains("nowhere.txt"), "{said}");
    let table = String::from_utf8(ask(&dir, "trace").arg("--sink").arg(dir.sink()).arg("bad.txt").succeed());
    assert!(table.expect("text").contains("(empty); send the article again"));
}

/// What is known of a file, where the folders stand as usual.
fn trace(dir: &Dir, wanted: &str) -> Value {
    let asked = ask(dir, "trace").arg("--sink").arg(dir.sink()).args(["--format", "json", wanted]);
    serde_json::from_slice(&asked.succeed()).expect("JSON")
}

/// An article of a file of lines.
fn article(n: usize) -> String {
    json!({ "title": format!("Article {n}"), "text": TARIFFS }).to_string() + "\n"
}

/// The places of a file, each as its kind and its path in the test's folder.
fn places(dir: &Dir, found: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_string();
    let home = text(&json!(dir.path("")));
    let place = |place: &Value| (text(&place["place"]), text(&place["path"]).replacen(&home, "", 1));
    found["places"].as_array().expect("a list").iter().map(place).collect()
}

fn place(kind: &str, below: &str) -> (String, String) {
    (kind.into(), below.into())
}

#[test]
fn an_article_of_a_file_of_several_is_traced_to_its_file() {
    let dir = Dir::new();
    let day: String = (0..3).map(article).collect();
    dir.drop_old("wire/day.jsonl", &day);
    dir.drop_old("other.jsonl", article(7) + &article(8));
    dir.run().arg("--once").succeed();
    let records = dir.records();
    let of_day: Vec<&Value> = records.iter().filter(|r| r["source"]["path"] == "wire/day.jsonl").collect();
    let second = of_day[1]["id"].as_str().expect("an id");
    let found = trace(&dir, second);
    assert_eq!(found["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!((&found["lines"][0]["id"], &found["lines"][0]["item"]), (&json!(second), &json!(1)));
    assert_eq!(found["lines"][0]["digest"], digest(day.as_bytes()));
    assert_eq!(places(&dir, &found), [place("done", "inbox/done/wire/day.jsonl")]);

    // By the digest of the file, or some of its digits, all of its articles are found.
    let whole = digest(day.as_bytes());
    for wanted in [&whole[..], &whole[..20]] {
        let found = trace(&dir, wanted);
        let items: Vec<&Value> = found["lines"].as_array().expect("lines").iter().map(|line| &line["item"]).collect();
        assert_eq!(items, [0, 1, 2]);
        assert_eq!(places(&dir, &found), [place("done", "inbox/done/wire/day.jsonl")]);
    }
}

#[test]
fn an_article_is_traced_to_its_file_where_that_waits_or_is_kept() {
    let dir = Dir::new();
    let held = json!({
        "uri": "urn:example:2", "pubstatus": "usable", "headline": "Talks", "body_text": "Envoys met.",
        "embargoed": "2098-01-01T00:00:00Z",
    });
    dir.drop_old("day.jsonl", article(0) + &held.to_string() + "\n");
    dir.run().arg("--once").succeed();
    let id = dir.records()[0]["id"].as_str().expect("an id").to_string();
    assert_eq!(places(&dir, &trace(&dir, &id)), [place("embargo", "inbox/embargo/day.jsonl")]);

    let dir = Dir::new();
    dir.drop_old("day.jsonl", article(0) + &article(1));
    dir.run().args(["--once", "--after", "keep"]).succeed();
    assert_eq!(places(&dir, &trace(&dir, &id)), [place("inbox", "inbox/day.jsonl")]);
}

#[test]
fn a_file_that_left_under_a_number_is_traced_by_the_name_that_it_came_by() {
    let dir = Dir::new();
    // As from a backup: these have neither a line nor the inode of one.
    dir.write("inbox/done/wire/a.txt", "Talks on the border resume\n");
    dir.write("inbox/done/wire/a.2.txt", TARIFFS.to_lowercase());
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    let expected = [place("done", "inbox/done/wire/a.1.txt"), place("done", "inbox/done/wire/a.txt")];
    for wanted in ["a.txt", "wire/a.txt", dir.inbox().join("wire/a.txt").to_str().expect("UTF-8")] {
        let found = trace(&dir, wanted);
        let is_named = wanted != dir.inbox().join("wire/a.txt").to_str().expect("UTF-8");
        assert_eq!(places(&dir, &found), expected[..if is_named { 2 } else { 1 }], "{wanted}");
    }
    // On another disk it has another inode, and its name and its digest tell.
    let done = dir.path("inbox/done/wire/a.1.txt");
    fs::copy(&done, dir.path("copy")).expect("a copy");
    fs::remove_file(&done).expect("removed");
    fs::rename(dir.path("copy"), &done).expect("a rename");
    assert_eq!(places(&dir, &trace(&dir, "a.txt")), expected);
    assert_eq!(places(&dir, &trace(&dir, &digest(TARIFFS.as_bytes()))), expected[..1]);

    for _ in 0..2 {
        dir.drop_old("bad.txt", "");
        dir.run().arg("--once").succeed();
    }
    let expected = [place("failed", "inbox/failed/bad.1.txt"), place("failed", "inbox/failed/bad.txt")];
    assert_eq!(places(&dir, &trace(&dir, "bad.txt")), expected);
}

#[test]
fn the_articles_of_a_file_that_were_refused_are_traced_with_it() {
    let dir = Dir::new();
    let day = article(0) + "{\"title\":\"No text\"}\n" + &article(2);
    dir.drop_old("day.jsonl", &day);
    dir.run().arg("--once").succeed();
    let start = &digest(day.as_bytes())["b3:".len()..][..8];
    let note = format!("inbox/failed/day.jsonl.{start}.articles.json");
    let id = dir.records()[1]["id"].as_str().expect("an id").to_string();
    for wanted in ["day.jsonl", &id, &format!("b3:{start}")] {
        let found = trace(&dir, wanted);
        assert_eq!(places(&dir, &found), [place("done", "inbox/done/day.jsonl"), place("failed", &note)], "{wanted}");
        let reason = &found["places"][1]["reason"];
        assert_eq!((&reason["code"], &reason["articles"][0]["item"]), (&json!("no-text"), &json!(1)));
        assert_eq!(
            (reason["articles"].as_array().map(Vec::len), &reason["articles"][0]["code"]),
            (Some(1), &json!("no-text"))
        );
    }
    let table = ask(&dir, "trace").arg("--sink").arg(dir.sink()).arg("day.jsonl").succeed();
    let table = String::from_utf8(table).expect("text");
    assert!(table.contains("what is told of 1 of its articles has no lines"), "{table}");
    assert!(
        table.lines().any(|line| line.trim_start().starts_with("article 1: ") && line.ends_with("(no-text)")),
        "{table}"
    );
}

#[test]
fn a_scan_says_what_would_become_of_each_file_and_touches_nothing() {
    let dir = Dir::new();
    dir.drop_old("old.txt", TARIFFS);
    dir.drop_old("deep/older.txt", TARIFFS);
    crate::support::age(&dir.inbox().join("deep/older.txt"), Duration::from_secs(7200));
    dir.write("inbox/young.txt", TARIFFS);
    dir.write("inbox/half.txt.filepart", TARIFFS);
    let scan = |args: &[&str]| {
        let output = disputed(["scan"]).arg(dir.inbox()).args(["--quiet", "3600"]).args(args).succeed();
        String::from_utf8(output).expect("text")
    };
    let explained = scan(&["--explain"]);
    let lines: Vec<(&str, &str)> = explained.lines().filter_map(|line| line.split_once('\t')).collect();
    assert_eq!(lines[0], ("ready", "deep/older.txt"));
    assert_eq!(lines[1], ("ready", "old.txt"));
    assert!(lines[2].0.starts_with("waiting, 3") && lines[2].1 == "young.txt", "{explained}");
    assert_eq!(lines[3], ("ignored: *.filepart", "half.txt.filepart"));
    assert_eq!(lines.len(), 4);
    assert_eq!(scan(&[]), "        1 ignored: *.filepart\n        2 ready\n        1 waiting\n");
    assert_eq!(dir.names("inbox"), ["deep", "half.txt.filepart", "old.txt", "young.txt"]);
}

#[test]
fn a_reload_takes_the_configuration_and_returns_when_it_has() {
    let dir = Dir::new();
    let config = |more: &str| {
        let (inbox, sink) = (dir.inbox(), dir.sink());
        dir.write("disputed.toml", format!("inbox = [{inbox:?}]\nsink = {sink:?}\n{more}"))
    };
    let file = config("max-bytes = 10\n");
    let daemon = disputed(["run", "--config"]).arg(&file).start();
    let reload = || disputed(["reload", "--config"]).arg(&file);
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the refusal", || (dir.names("inbox/failed").len() == 2).then_some(()));

    config("max-bytes = 100000\nno-text = true\n");
    fs::rename(dir.sink(), dir.path("sink.jsonl.1")).expect("a rotation");
    let said = String::from_utf8(reload().succeed()).expect("text");
    assert!(said.starts_with("reloaded: disputes-en@"), "{said}");
    assert!(dir.sink().exists(), "the sink is open anew when it returns");
    dir.drop_by_rename("b.txt", TARIFFS);
    wait_for("the line", || (dir.names("inbox/done") == ["b.txt"]).then_some(()));
    assert!(dir.records()[0]["paragraphs"][0].get("text").is_none());

    for (wrong, why) in [
        ("max-bytes = 10\nquite = 3\n", "quite"),
        ("max-bytes = 10\nafter = \"delete\"\n", "`after` has changed, which takes a restart"),
        ("max-bytes = 10\nmodel = \"nowhere.model\"\n", "nowhere.model"),
    ] {
        config(wrong);
        let said = disputed(["reload", "--inbox"]).arg(dir.inbox()).fail(78);
        assert!(said.contains(why), "{said}");
    }
    dir.drop_by_rename("c.txt", TARIFFS);
    wait_for("the old limit", || (dir.names("inbox/done") == ["b.txt", "c.txt"]).then_some(()));
    assert_eq!(status(&dir)["reloads"], 1);
    let log = daemon.stop();
    assert_eq!(log.matches("the new configuration is refused; the old one goes on").count(), 3, "{log}");
}
