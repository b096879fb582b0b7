//! What a record has to do with earlier ones: repeats, versions, and what a publisher takes back.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Dir, TARIFFS};

/// An article of several paragraphs, another for every number.
fn story(title: &str, number: usize) -> String {
    let sentence = |n: usize| {
        format!(
            "In ward {n} of district {number} the council of {} counted {} houses and {} wells, and the clerk {} \
             entered the figures under number {}-{n}.\n\n",
            n * number % 97,
            n * 7 + number,
            n * 3 + number,
            n * 11 % 13 + number,
            number * 31
        )
    };
    format!("{title}\n\n{}", (1..12).map(sentence).collect::<String>())
}

fn ninjs(version: u32, status: &str, text: &str) -> String {
    let item = json!({
        "uri": "urn:example:talks", "version": version.to_string(), "pubstatus": status,
        "headline": "Talks resume", "body_text": text,
    });
    item.to_string()
}

/// Drops one file and has a run of its own work it; what the sink has of it.
fn take(dir: &Dir, name: &str, bytes: impl AsRef<[u8]>, options: &[&str]) -> Vec<Value> {
    let before = if dir.sink().exists() { dir.records().len() } else { 0 };
    dir.drop_old(name, bytes);
    dir.run().args(["--once"]).args(options).succeed();
    dir.records().split_off(before)
}

fn id(record: &Value) -> &str {
    record["id"].as_str().expect("an id")
}

#[test]
fn a_story_is_known_again_by_the_next_run() {
    let dir = Dir::new();
    let first = take(&dir, "a.txt", story("Wells counted", 3), &[]).remove(0);
    assert_eq!(first["story"], id(&first)[3..19]);
    assert_eq!(first.get("near_duplicate"), None);
    let other = take(&dir, "b.txt", story("Wells counted", 4), &[]).remove(0);
    assert_eq!((&other["story"], other.get("near_duplicate")), (&json!(id(&other)[3..19]), None));
    let again = story("How many wells there are", 3);
    let cut = again.rsplitn(4, "\n\n").last().expect("most of it").to_string();
    let again = take(&dir, "c.txt", cut, &[]).remove(0);
    assert_eq!(again["story"], first["story"]);
    assert_eq!(again["near_duplicate"]["of"], first["id"]);
    let similarity = again["near_duplicate"]["similarity"].as_f64().expect("a number");
    assert!((0.67..1.0).contains(&similarity), "{similarity}");
    // And what repeats the repeat belongs to the same story.
    let third = take(&dir, "d.txt", story("Wells counted", 3), &[]).remove(0);
    assert_eq!(third["near_duplicate"], json!({ "of": first["id"], "similarity": 1.0 }));
    assert_eq!(third["story"], first["story"]);
}

#[test]
fn articles_of_one_file_are_told_apart_and_known_again() {
    let dir = Dir::new();
    let flash = |text: &str| json!({ "title": "Flash", "text": text }).to_string() + "\n";
    let day = [flash("Rain in the north."), flash("Sun in the south."), flash("Rain in the north!")].concat();
    let records = take(&dir, "day.jsonl", day, &[]);
    assert_eq!(records[0].get("near_duplicate"), None);
    assert_eq!(records[1].get("near_duplicate"), None);
    assert_eq!(records[2]["near_duplicate"], json!({ "of": records[0]["id"], "similarity": 1.0 }));
}

#[test]
fn exact_repeats_are_dropped_where_that_is_wished() {
    let dir = Dir::new();
    let drops = &["--drop-repeats"][..];
    assert_eq!(take(&dir, "a.txt", story("Wells counted", 3), drops).len(), 1);
    assert_eq!(take(&dir, "b.txt", story("Wells counted", 3).replace('\n', "\r\n"), drops).len(), 0);
    assert_eq!(take(&dir, "c.txt", story("More wells counted", 3), drops).len(), 1, "the title is another");
    assert_eq!(take(&dir, "d.txt", "Rain in the north.", drops).len(), 1);
    assert_eq!(take(&dir, "e.txt", "Rain in the north.", drops).len(), 0, "a flash as well");
    assert_eq!(take(&dir, "f.txt", "Rain in the north.", &[]).len(), 1, "only where it is wished");
    assert_eq!(dir.names("inbox/done"), ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"]);
}

#[test]
fn nothing_is_remembered_where_that_is_wished() {
    let dir = Dir::new();
    let none = &["--stories", "0"][..];
    for name in ["a.txt", "b.txt"] {
        let record = take(&dir, name, TARIFFS, none).remove(0);
        assert_eq!((record.get("story"), record.get("near_duplicate")), (None, None));
    }
    let record = take(&dir, "kill.json", ninjs(1, "canceled", ""), none).remove(0);
    assert_eq!(record["withdrawn"], json!({ "status": "canceled", "id": null }), "it is told all the same");
    assert!(!dir.path("inbox/.disputed/stories").exists());
}

#[test]
fn only_so_many_articles_are_remembered() {
    let dir = Dir::new();
    let one = &["--stories", "1"][..];
    take(&dir, "a.txt", TARIFFS, one);
    assert!(take(&dir, "b.txt", TARIFFS, one)[0].get("near_duplicate").is_some());
    take(&dir, "c.txt", story("Wells counted", 3), one);
    assert!(take(&dir, "d.txt", TARIFFS, one)[0].get("near_duplicate").is_none());
}

#[test]
fn a_corrected_version_names_the_one_before() {
    let dir = Dir::new();
    let first = take(&dir, "v1.json", ninjs(1, "usable", "Envoys met on Monday."), &[]).remove(0);
    let third = take(&dir, "v3.json", ninjs(3, "usable", "Envoys met on Tuesday."), &[]).remove(0);
    let late = take(&dir, "v2.json", ninjs(2, "usable", "Envoys may meet."), &[]).remove(0);
    let fourth = take(&dir, "v4.json", ninjs(4, "usable", "Envoys met on Wednesday."), &[]).remove(0);
    assert_eq!(first.get("replaces"), None);
    assert_eq!(third["replaces"], first["id"]);
    assert_eq!(late.get("replaces"), None, "an older version takes nobody's place");
    assert_eq!(fourth["replaces"], third["id"]);
    let again = take(&dir, "again.json", ninjs(4, "usable", "Envoys met on Wednesday."), &[]).remove(0);
    assert_eq!(
        (again.get("replaces"), &again["near_duplicate"]["of"]),
        (None, &fourth["id"]),
        "it is no other version"
    );
}

#[test]
fn a_kill_names_the_record_that_it_withdraws() {
    let dir = Dir::new();
    let first = take(&dir, "v1.json", ninjs(1, "usable", "Envoys met on Monday."), &[]).remove(0);
    let kill = take(&dir, "v2.json", ninjs(2, "canceled", "Kill: the envoys did not meet."), &[]).remove(0);
    assert_eq!(kill["withdrawn"], json!({ "status": "canceled", "id": first["id"] }));
    assert_eq!(kill["guid"], "urn:example:talks");
    assert_eq!((&kill["topics"], &kill["paragraphs"], &kill["primary"]), (&json!([]), &json!([]), &Value::Null));
    assert_eq!((kill.get("story"), kill.get("replaces")), (None, None));
    assert_eq!(dir.names("inbox/done"), ["v1.json", "v2.json"]);
    // It is final.
    assert_eq!(take(&dir, "v3.json", ninjs(3, "usable", "Envoys met after all."), &[]), Vec::<Value>::new());
    assert_eq!(dir.reason("v3.json.reason.json")["code"], "withheld");
    // What is written anew about it is another article, and repeats nothing that is out.
    let anew = take(&dir, "anew.txt", "Talks resume\n\nKill: the envoys did not meet.", &[]).remove(0);
    assert_eq!(anew.get("near_duplicate"), None);
}

#[test]
fn a_kill_that_comes_first_bars_what_it_names() {
    let dir = Dir::new();
    let kill = take(&dir, "kill.json", ninjs(2, "canceled", ""), &[]).remove(0);
    assert_eq!(kill["withdrawn"], json!({ "status": "canceled", "id": null }));
    let other = json!({ "title": "Rain", "text": "It fell." }).to_string();
    let day = format!("{other}\n{}\n{other}\n", ninjs(1, "usable", "Envoys met on Monday."));
    let items: Vec<Value> =
        take(&dir, "day.jsonl", day, &[]).iter().map(|record| record["source"]["item"].clone()).collect();
    assert_eq!(items, [0, 2], "the others of its file go out");
    let reasons = dir.names("inbox/failed");
    assert!(reasons.len() == 1 && reasons[0].ends_with(".articles.json"), "{reasons:?}");
    let reason: Value =
        serde_json::from_slice(&fs::read(dir.path("inbox/failed").join(&reasons[0])).expect("a file")).expect("JSON");
    assert_eq!((&reason["articles"][0]["item"], &reason["articles"][0]["code"]), (&json!(1), &json!("withheld")));
}

#[test]
fn what_is_withheld_may_be_released_again() {
    let dir = Dir::new();
    assert_eq!(take(&dir, "held.json", ninjs(1, "withheld", "Envoys met."), &[]), Vec::<Value>::new());
    assert_eq!(dir.reason("held.json.reason.json")["code"], "withheld");
    let out = take(&dir, "v2.json", ninjs(2, "usable", "Envoys met on Monday."), &[]).remove(0);
    assert_eq!(out.get("replaces"), None, "the one before was never out");
    let held = take(&dir, "v3.json", ninjs(3, "withheld", "Envoys met on Monday."), &[]).remove(0);
    assert_eq!(held["withdrawn"], json!({ "status": "withheld", "id": out["id"] }));
    assert_eq!(take(&dir, "late.json", ninjs(2, "usable", "Envoys met on Monday."), &[]), Vec::<Value>::new());
    let again = take(&dir, "v4.json", ninjs(4, "usable", "Envoys met on Tuesday."), &[]).remove(0);
    assert_eq!(again.get("withdrawn"), None);
}

#[test]
fn what_was_taken_back_is_repeated_by_nothing() {
    let dir = Dir::new();
    let item = |guid: &str, status: &str, text: &str| {
        json!({ "uri": guid, "pubstatus": status, "headline": "Tariffs", "body_text": text }).to_string()
    };
    let drops = &["--drop-repeats"];
    let first = take(&dir, "1.json", item("urn:example:1", "usable", TARIFFS), drops).remove(0);
    take(&dir, "kill.json", item("urn:example:1", "canceled", ""), drops);
    let anew = take(&dir, "2.json", item("urn:example:2", "usable", TARIFFS), drops).remove(0);
    assert_eq!((anew.get("near_duplicate"), anew["story"] == first["story"]), (None, false));
    assert_eq!(take(&dir, "3.json", item("urn:example:3", "usable", TARIFFS), drops), Vec::<Value>::new());
}

#[test]
fn a_cancellation_lasts_and_older_word_takes_back_nothing() {
    let dir = Dir::new();
    let out = take(&dir, "v3.json", ninjs(3, "usable", "Envoys met on Monday."), &[]).remove(0);
    // A notice that is older than what is out.
    assert_eq!(take(&dir, "late.json", ninjs(2, "withheld", ""), &[]), Vec::<Value>::new());
    let held = take(&dir, "held.json", ninjs(4, "withheld", ""), &[]).remove(0);
    assert_eq!(held["withdrawn"]["id"], out["id"]);
    // What it bars stays barred, however often it comes.
    for name in ["again.json", "and-again.json"] {
        assert_eq!(take(&dir, name, ninjs(3, "usable", "Envoys met on Monday."), &[]), Vec::<Value>::new());
    }
    take(&dir, "kill.json", ninjs(6, "canceled", ""), &[]);
    assert_eq!(take(&dir, "w5.json", ninjs(5, "withheld", ""), &[]), Vec::<Value>::new());
    for version in [5, 7] {
        assert_eq!(
            take(&dir, &format!("v{version}.json"), ninjs(version, "usable", "They met."), &[]),
            Vec::<Value>::new()
        );
    }
}

/// As [`take`] by a run that is killed when its lines are durable, before it remembers anything of them.
fn take_and_kill(dir: &Dir, name: &str, bytes: impl AsRef<[u8]>) -> Vec<Value> {
    let state = ["stories", "mark"].map(|name| dir.path("inbox/.disputed").join(name));
    let before = state.each_ref().map(|path| fs::read(path).expect("a file"));
    let lines = take(dir, name, bytes, &[]);
    state.iter().zip(before).for_each(|(path, before)| fs::write(path, before).expect("written"));
    lines
}

#[test]
fn what_the_last_lines_tell_is_known_though_a_kill_came_before_it_was_remembered() {
    let dir = Dir::new();
    take(&dir, "rain.json", json!({ "title": "Rain", "text": "It fell." }).to_string(), &[]);
    let first = take_and_kill(&dir, "v1.json", ninjs(1, "usable", "Envoys met on Monday.")).remove(0);
    let second = take(&dir, "v2.json", ninjs(2, "usable", "Envoys met on Tuesday."), &[]).remove(0);
    assert_eq!(second["replaces"], first["id"]);
    let kill = take_and_kill(&dir, "kill.json", ninjs(3, "canceled", "")).remove(0);
    assert_eq!(kill["withdrawn"]["id"], second["id"]);
    // By now the line is before the mark.
    take(&dir, "more.json", json!({ "title": "More rain", "text": "It fell again." }).to_string(), &[]);
    assert_eq!(take(&dir, "v4.json", ninjs(4, "usable", "Envoys met after all."), &[]), Vec::<Value>::new());
    assert_eq!(dir.reason("v4.json.reason.json")["code"], "withheld");
}

#[test]
fn a_guid_that_is_no_uri_is_one_in_its_folder() {
    let dir = Dir::new();
    fs::create_dir_all(dir.path("inbox/sport")).expect("a folder");
    let entry = |text: &str| json!({ "title": "Talks", "text": text, "guid": "4711" }).to_string();
    let first = take(&dir, "a.json", entry("Envoys met."), &[]).remove(0);
    let other = take(&dir, "sport/a.json", entry("The match was drawn."), &[]).remove(0);
    let next = take(&dir, "b.json", entry("Envoys met again."), &[]).remove(0);
    assert_eq!((other.get("replaces"), &next["replaces"]), (None, &first["id"]));
}

#[test]
fn a_memory_that_is_damaged_stops_nothing() {
    let dir = Dir::new();
    let first = take(&dir, "a.txt", TARIFFS, &[]).remove(0);
    let path = dir.path("inbox/.disputed/stories");
    let mut bytes = fs::read(&path).expect("a journal");
    bytes.extend([7; 50]);
    fs::write(&path, &bytes).expect("written");
    let again = take(&dir, "b.txt", TARIFFS, &[]).remove(0);
    assert_eq!(again["near_duplicate"]["of"], first["id"], "a torn end");
    fs::write(&path, b"no journal at all").expect("written");
    let again = take(&dir, "c.txt", TARIFFS, &[]).remove(0);
    assert_eq!(again.get("near_duplicate"), None, "what cannot be read is begun anew");
    assert!(take(&dir, "d.txt", TARIFFS, &[])[0].get("near_duplicate").is_some());
}
