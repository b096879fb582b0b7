//! Articles that take longer than they may: they are refused, the daemon goes on by itself, and nothing else is lost.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Dir, Disputed, TARIFFS, wait_for};

/// Where nobody labels sixty megabytes in a quarter of a second, and everybody labels an ordinary article.
fn run(dir: &Dir) -> Disputed {
    let more = ["--max-bytes", "100000000", "--max-words", "100000000", "--max-seconds", "0.25"];
    dir.run().args(more)
}

fn slow() -> String {
    "tariffs on steel ".repeat(60_000_000 / 17)
}

fn line(text: &str) -> String {
    json!({ "title": "Talks", "text": text }).to_string()
}

fn code(dir: &Dir, name: &str) -> Value {
    dir.reason(&format!("{name}.reason.json"))["code"].clone()
}

/// What has lines, by path and number, in order.
fn lines(dir: &Dir) -> Vec<(String, u64)> {
    let source = |record: &Value| {
        let source = &record["source"];
        (source["path"].as_str().expect("a path").to_string(), source["item"].as_u64().expect("a number"))
    };
    let mut lines: Vec<_> = dir.records().iter().map(source).collect();
    lines.sort();
    lines
}

#[test]
fn an_article_that_takes_too_long_is_refused_and_the_same_process_goes_on() {
    let dir = Dir::new();
    let mut daemon = run(&dir).start();
    let process = daemon.id();
    dir.drop_by_rename("before.txt", TARIFFS);
    dir.drop_by_rename("slow.txt", slow());
    dir.drop_by_rename("after.txt", TARIFFS);
    wait_for("the refusal", || dir.names("inbox/failed").contains(&"slow.txt.reason.json".to_string()).then_some(()));
    assert_eq!(code(&dir, "slow.txt"), "too-slow");
    // Whoever began anew watches as before.
    dir.drop_by_rename("later.txt", TARIFFS);
    wait_for("the others", || (dir.names("inbox") == ["done", "failed"]).then_some(()));
    assert!(!daemon.is_gone() && daemon.id() == process);
    let log = daemon.stop();
    assert!(log.contains("beginning anew") && log.matches(" ready ").count() == 2, "{log}");
    assert_eq!(lines(&dir), ["after.txt", "before.txt", "later.txt"].map(|path| (path.to_string(), 0)));
    assert_eq!(dir.names("inbox/failed"), ["slow.txt", "slow.txt.reason.json"]);
}

#[test]
fn every_worker_may_be_lost_and_what_came_before_in_a_file_keeps_its_line() {
    let dir = Dir::new();
    for n in 0..3 {
        dir.drop_old(format!("slow{n}.txt"), slow());
    }
    dir.drop_old("day.jsonl", [line(TARIFFS), line(&slow()), line(TARIFFS)].join("\n"));
    dir.drop_old("good.txt", TARIFFS);
    run(&dir).arg("--once").succeed();
    for n in 0..3 {
        assert_eq!(code(&dir, &format!("slow{n}.txt")), "too-slow");
    }
    assert_eq!(lines(&dir), [("day.jsonl".to_string(), 0), ("good.txt".to_string(), 0)]);
    assert_eq!(dir.names("inbox/done"), ["day.jsonl", "good.txt"]);
    let failed = dir.names("inbox/failed");
    let articles = failed.iter().find(|name| name.ends_with(".articles.json")).expect("what of the day was refused");
    let reason: Value =
        serde_json::from_slice(&fs::read(dir.inbox().join("failed").join(articles)).expect("a reason")).expect("JSON");
    let refused = reason["articles"].as_array().expect("a list");
    assert_eq!((refused.len(), &refused[0]["item"], &refused[0]["code"]), (1, &json!(1), &json!("too-slow")));
}
