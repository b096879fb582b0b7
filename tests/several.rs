//! Files of several articles: a line each, one file, and a bad article is refused alone.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Dir, TARIFFS, content, disputed, records, wait_for};

fn article(n: usize) -> String {
    json!({ "title": format!("Article {n}"), "text": TARIFFS, "id": format!("urn:example:{n}") }).to_string()
}

fn items(dir: &Dir) -> Vec<u64> {
    dir.records().iter().map(|record| record["source"]["item"].as_u64().expect("a number")).collect()
}

#[test]
fn each_article_has_a_line_and_the_file_leaves_once() {
    let dir = Dir::new();
    let lines: Vec<String> = (0..5).map(article).collect();
    dir.drop_old("day.jsonl", lines.join("\n"));
    dir.drop_old("list.json", format!("[{}]", lines.join(",")));
    dir.run().args(["--once"]).succeed();
    let records = dir.records();
    for file in ["day.jsonl", "list.json"] {
        let of_file: Vec<&Value> = records.iter().filter(|record| record["source"]["path"] == file).collect();
        let told: Vec<(u64, &str, &str)> = of_file
            .iter()
            .map(|r| {
                let text = |value: &'static str| r[value].as_str().expect("a text");
                (r["source"]["item"].as_u64().expect("a number"), text("title"), text("guid"))
            })
            .collect();
        let expected: Vec<(u64, String, String)> =
            (0..5).map(|n| (n, format!("Article {n}"), format!("urn:example:{n}"))).collect();
        assert_eq!(told, expected.iter().map(|(n, title, guid)| (*n, &**title, &**guid)).collect::<Vec<_>>());
        let ids: std::collections::BTreeSet<&str> = of_file.iter().filter_map(|r| r["id"].as_str()).collect();
        assert_eq!(ids.len(), 5, "each has an id of its own");
    }
    assert_eq!(dir.names("inbox/done"), ["day.jsonl", "list.json"]);
}

#[test]
fn one_bad_article_is_refused_alone_and_named_by_its_number() {
    for after in ["move", "delete"] {
        let dir = Dir::new();
        let day = format!("{}\n{{\"title\":\"No text\"}}\n{}\n", article(0), article(2));
        dir.drop_old("day.jsonl", &day);
        dir.run().args(["--once", "--after", after]).succeed();
        assert_eq!(items(&dir), [0, 2]);
        // Nothing else has the article that was refused.
        assert_eq!(std::fs::read_to_string(dir.path("inbox/done/day.jsonl")).expect("the file"), day);
        let reasons = dir.names("inbox/failed");
        assert!(reasons.len() == 1 && reasons[0].starts_with("day.jsonl.") && reasons[0].ends_with(".articles.json"));
        let reason = std::fs::read(dir.path("inbox/failed").join(&reasons[0])).expect("a reason");
        let reason: Value = serde_json::from_slice(&reason).expect("JSON");
        let articles = reason["articles"].as_array().expect("a list");
        assert_eq!((articles.len(), &articles[0]["item"], &articles[0]["code"]), (1, &json!(1), &json!("no-text")));
        assert_eq!(reason["source"]["path"], "day.jsonl");
    }
}

#[test]
fn where_a_file_can_be_read_no_further_its_reason_says_so() {
    let dir = Dir::new();
    let lines: Vec<String> = (0..9).map(article).collect();
    dir.drop_old("day.jsonl", lines.join("\n"));
    dir.run().args(["--once", "--max-items", "4"]).succeed();
    assert_eq!((items(&dir), dir.names("inbox/done")), (vec![0, 1, 2, 3], vec!["day.jsonl".to_string()]));
    let reason = dir.reason(&dir.names("inbox/failed")[0]);
    let told = json!([{
        "item": 4, "code": "too-many",
        "message": "from here on nothing of it is read: the file holds more than 4 articles, which is the limit",
    }]);
    assert_eq!(reason["articles"], told);
}

#[test]
fn a_file_without_one_good_article_is_refused_as_a_whole() {
    let dir = Dir::new();
    dir.drop_old("day.jsonl", "{\"title\":\"No text\"}\n{\"title\":\"None here\"}\n");
    dir.run().args(["--once"]).succeed();
    assert_eq!(dir.names("inbox/done"), [""; 0]);
    assert_eq!(dir.names("inbox/failed"), ["day.jsonl", "day.jsonl.reason.json"]);
    let reason = dir.reason("day.jsonl.reason.json");
    assert_eq!(reason["code"], "no-text");
    assert!(reason["message"].as_str().expect("a text").starts_with("none of its 2 articles can be read"), "{reason}");
}

#[test]
fn a_file_is_written_in_parts_where_it_is_long_and_every_article_stands_once() {
    let dir = Dir::new();
    let lines: Vec<String> = (0..300).map(article).collect();
    dir.drop_old("day.jsonl", lines.join("\n"));
    dir.drop_old("other.txt", TARIFFS);
    dir.run().args(["--once", "--batch", "8192"]).succeed();
    let records = dir.records();
    let of_day: Vec<u64> = records
        .iter()
        .filter_map(|r| if r["source"]["path"] == "day.jsonl" { r["source"]["item"].as_u64() } else { None })
        .collect();
    assert_eq!(of_day, (0..300).collect::<Vec<u64>>());
    assert_eq!(records.len(), 301);
}

/// A mailbox and two files of lines, of which one is packed.
fn large_files() -> [(&'static str, Vec<u8>); 3] {
    let lines = (0..40).map(|n| article(n) + "\n").collect::<String>();
    let message = |n: usize| {
        format!(
            "From desk@example.org Mon Jul 16 06:30:00 2018\nFrom: desk@example.org\nSubject: Article {n}\n\n{TARIFFS}\n"
        )
    };
    let mailbox = (0..40).map(message).collect::<String>();
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(lines.as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    [("day.jsonl", lines.into_bytes()), ("day.mbox", mailbox.into_bytes()), ("day.jsonl.gz", packed)]
}

#[test]
fn a_file_larger_than_an_article_may_be_is_read_as_it_comes_to_the_same_lines() {
    for (name, bytes) in large_files() {
        let of = |arguments: &[&str], is_suspect: bool| {
            let dir = Dir::new();
            let path = dir.drop_old(name, &bytes);
            if is_suspect {
                dir.suspect(&path);
            }
            dir.run().args(["--once", "--stories", "0"]).args(arguments).succeed();
            assert_eq!(dir.names("inbox/done"), [name]);
            dir.records().iter().map(content).collect::<Vec<Value>>()
        };
        let whole = of(&[], false);
        assert_eq!(whole.len(), 40);
        for is_suspect in [false, true] {
            assert_eq!(of(&["--max-bytes", "1000", "--batch", "8192"], is_suspect), whole, "{name}");
        }
        let dir = Dir::new();
        let path = dir.write(name, &bytes);
        let output = disputed(["classify", "--max-bytes", "1000"]).args([&path]).output();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(records(&output.stdout).iter().map(content).collect::<Vec<Value>>(), whole, "{name}");
    }
}

#[test]
fn lines_longer_than_what_tells_a_format_are_read_as_they_come_whatever_their_file_is_called() {
    // The first line ends behind what tells a format, or the second does.
    for words in [3000, 1800] {
        let article = |n| json!({ "title": format!("Article {n}"), "text": "Envoys met. ".repeat(words) }).to_string();
        let lines = (0..5).map(|n| article(n) + "\n").collect::<String>();
        let list = format!("{{\"items\":[{}]}}\n", lines.trim_end().replace('\n', ","));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(lines.as_bytes()).expect("memory");
        let mut list_in_gzip = GzEncoder::new(Vec::new(), Compression::fast());
        list_in_gzip.write_all(list.as_bytes()).expect("memory");

        let dir = Dir::new();
        for name in ["day", "day.json", "day.jsonl"] {
            dir.drop_old(name, &lines);
        }
        dir.drop_old("day.json.gz", gzip.finish().expect("memory"));
        // A document is held whole, though it is all on one line.
        dir.drop_old("list.json", &list);
        dir.drop_old("list.json.gz", list_in_gzip.finish().expect("memory"));
        dir.drop_old("wide.json", format!("{{\n{}", &list[1..]));
        dir.run().args(["--once", "--stories", "0", "--max-bytes", "50000"]).succeed();
        let names = ["day", "day.json", "day.json.gz", "day.jsonl"];
        assert_eq!(dir.names("inbox/done"), names);
        for name in names {
            let records = dir.records().into_iter().filter(|record| record["source"]["path"] == name);
            let titles: Vec<Value> = records.map(|record| record["title"].clone()).collect();
            assert_eq!(titles, [0, 1, 2, 3, 4].map(|n| format!("Article {n}")), "{name}");
        }
        for name in ["list.json", "list.json.gz", "wide.json"] {
            assert_eq!(dir.reason(&format!("{name}.reason.json"))["code"], "too-large", "{name}");
        }
        dir.drop_old("list.json", &list);
        dir.run().args(["--once", "--stories", "0"]).succeed();
        assert!(dir.names("inbox/done").contains(&"list.json".to_string()));
    }
}

#[test]
fn what_is_too_large_in_a_large_file_is_refused_alone() {
    let dir = Dir::new();
    let long = json!({ "title": "Long", "text": TARIFFS.repeat(9) }).to_string();
    dir.drop_old("day.jsonl", [article(0), long.clone(), article(2)].join("\n"));
    dir.drop_old("notes.txt", TARIFFS.repeat(9));
    dir.drop_old("list.json", format!("[{},{long}]", article(0)));
    dir.run().args(["--once", "--max-bytes", "1000"]).succeed();
    assert_eq!((items(&dir), dir.names("inbox/done")), (vec![0, 2], vec!["day.jsonl".to_string()]));
    let failed = dir.names("inbox/failed");
    let of_articles = failed.iter().find(|name| name.ends_with(".articles.json")).expect("a reason");
    let reason = dir.reason(of_articles);
    assert_eq!((&reason["articles"][0]["item"], &reason["articles"][0]["code"]), (&json!(1), &json!("too-large")));
    for name in ["notes.txt", "list.json"] {
        assert!(failed.iter().any(|failed| failed == name));
        assert_eq!(dir.reason(&format!("{name}.reason.json"))["code"], "too-large");
    }
}

#[test]
fn a_file_that_is_put_back_is_read_as_if_for_the_first_time() {
    let dir = Dir::new();
    let lines: Vec<String> = (0..20).map(article).collect();
    dir.drop_old("day.jsonl", lines.join("\n"));
    dir.run().args(["--once", "--batch", "4096"]).succeed();
    std::fs::rename(dir.path("inbox/done/day.jsonl"), dir.path("inbox/day.jsonl")).expect("a rename");
    dir.run().args(["--once", "--batch", "4096"]).succeed();
    assert_eq!(items(&dir), (0..20).chain(0..20).collect::<Vec<u64>>());
    assert!(dir.records().iter().all(|record| record["replaces"].is_null()));
}

#[test]
fn classify_releases_nothing_that_its_publisher_does_not() {
    let ninjs = |status: &str, until: &str| json!({ "uri": "urn:example:a", "pubstatus": status, "embargoed": until, "headline": "Talks", "body_text": TARIFFS });
    let classify = |item: Value| disputed(["classify", "-"]).stdin(item.to_string()).output();
    assert!(classify(ninjs("usable", "2018-07-16T06:31:00+02:00")).status.success());
    for (status, why) in [
        ("usable", "under embargo until 2099-07-16T06:31:00+02:00"),
        ("withheld", "status as withheld"),
        ("canceled", "status as canceled"),
    ] {
        let output = classify(ninjs(status, "2099-07-16T06:31:00+02:00"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout), (Some(65), Vec::new()), "{said}");
        assert!(said.contains(why) && said.contains("withheld"), "{said}");
    }
}

#[test]
fn classify_writes_a_line_an_article_and_names_what_it_refuses() {
    let output =
        disputed(["classify"]).stdin(format!("{}\n{{\"title\":\"No text\"}}\n{}\n", article(0), article(2))).output();
    assert_eq!(output.status.code(), Some(65));
    let items: Vec<Value> = records(&output.stdout).iter().map(|record| record["source"]["item"].clone()).collect();
    assert_eq!(items, [0, 2]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("-: article 1: no text stands under any of the keys"), "{said}");
}

#[test]
fn what_is_renamed_while_it_is_read_has_its_lines_once() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0", "--batch", "4096"]).start();
    dir.drop_by_rename("day.upload", (0..5000).map(|n| article(n) + "\n").collect::<String>());
    wait_for("some lines", || (dir.count() > 100).then_some(()));
    fs::rename(dir.path("inbox/day.upload"), dir.path("inbox/day.jsonl")).expect("it is being read");
    wait_for("its end", || (dir.names("inbox/done") == ["day.jsonl"]).then_some(()));
    daemon.stop();
    let mut items = items(&dir);
    items.sort_unstable();
    assert_eq!(items, (0..5000).collect::<Vec<u64>>());
}

#[test]
fn what_is_renamed_after_each_of_many_kills_has_its_lines_once() {
    const ARTICLES: usize = 10_000;
    let dir = Dir::new();
    dir.drop_by_rename("day.0", (0..ARTICLES).map(|n| article(n) + "\n").collect::<String>());
    let options = ["--quiet", "0", "--batch", "4096", "--max-bytes", "100000"];
    let kills = 1
        + (0..9)
            .take_while(|n| {
                let before = dir.count();
                let mut daemon = dir.run().args(options).start();
                // Of every other run no line comes of its own.
                let is_over = || dir.count() > before + 100 || dir.count() == ARTICLES || n % 2 == 1;
                wait_for("some lines", || is_over().then_some(()));
                daemon.signal("KILL");
                daemon.wait();
                fs::rename(dir.inbox().join(format!("day.{n}")), dir.inbox().join(format!("day.{}", n + 1))).is_ok()
            })
            .count();
    assert!(kills > 4, "it was read in {kills} runs");
    dir.run().args(options).arg("--once").succeed();
    assert!(items(&dir) == (0..ARTICLES as u64).collect::<Vec<_>>(), "{} lines", dir.count());
}

#[test]
fn a_stop_does_not_wait_for_the_end_of_a_large_file() {
    let dir = Dir::new();
    dir.drop_old("day.jsonl", (0..10_000).map(|n| article(n) + "\n").collect::<String>());
    let options = ["--batch", "4096", "--max-bytes", "100000"];
    let daemon = dir.run().args(options).start();
    wait_for("some lines", || (dir.count() > 100).then_some(()));
    daemon.stop();
    assert!(items(&dir).len() < 10_000);
    dir.run().args(options).args(["--once"]).succeed();
    assert_eq!(items(&dir), (0..10_000).collect::<Vec<u64>>());
}
