//! One record, whole, and what holds for every record.

use crate::support::{Dir, TARIFFS, content, disputed, records};
use serde_json::{Value, json};

#[test]
fn the_readme_shows_what_comes_out() {
    let readme = include_str!("../README.md");
    let shown = readme.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example record");
    let shown: Value = serde_json::from_str(shown).expect("JSON");
    let line = disputed(["classify", "tests/articles/tariffs.txt"]).succeed();
    let record = &records(&line)[0];
    let paragraphs = record["paragraphs"].as_array().expect("a list").len();
    // The README shows the first paragraphs only.
    for key in ["schema", "id", "title", "published", "language", "topics", "primary", "model", "review"] {
        assert_eq!(shown[key], record[key], "{key}");
    }
    for (shown, real) in
        shown["paragraphs"].as_array().expect("a list").iter().zip(record["paragraphs"].as_array().expect("a list"))
    {
        assert_eq!(shown, real, "of {paragraphs}");
    }
}

#[test]
fn fields_stand_in_their_fixed_order() {
    let line = String::from_utf8(disputed(["classify"]).stdin(TARIFFS).succeed()).expect("UTF-8");
    let keys = [
        "schema",
        "id",
        "source",
        "received_at",
        "title",
        "published",
        "language",
        "topics",
        "primary",
        "paragraphs",
        "model",
        "review",
    ];
    let place = |key: &str| {
        // A topic of the article has a list of paragraphs too, but of numbers.
        let key = if key == "paragraphs" { "\"paragraphs\":[{".to_string() } else { format!("\"{key}\":") };
        line.find(&key).unwrap_or_else(|| panic!("{key} in {line}"))
    };
    let places = keys.map(place);
    assert!(places.is_sorted(), "{places:?}");
    assert!(line.starts_with("{\"schema\":1,\"id\":\"b3:"), "{line}");
}

#[test]
fn spans_are_places_in_the_file() {
    let bytes = std::fs::read("tests/articles/summit.txt").expect("a sample");
    let record = &records(&disputed(["classify", "tests/articles/summit.txt"]).succeed())[0];
    let paragraphs = record["paragraphs"].as_array().expect("a list");
    assert!(paragraphs.len() > 4);
    for paragraph in paragraphs.iter().filter(|p| p["kind"] == "text") {
        let place = |i: usize| paragraph["span"][i].as_u64().expect("a number") as usize;
        assert_eq!(paragraph["text"].as_str().map(str::as_bytes), Some(&bytes[place(0)..place(1)]));
    }
}

#[test]
fn the_same_record_comes_out_by_every_way() {
    for name in ["summit.txt", "salisbury.html", "iran.txt"] {
        let bytes = std::fs::read(format!("tests/articles/{name}")).expect("a sample");
        let by_name = records(&disputed(["classify", &format!("tests/articles/{name}")]).succeed());
        let dir = Dir::new();
        dir.drop_old(name, &bytes);
        dir.run().arg("--once").succeed();
        let by_file = dir.records();
        let dir = Dir::new();
        dir.drop_old(name, &bytes);
        let by_pipe = records(&disputed(["run", "--once", "--sink", "-", "--inbox"]).arg(dir.inbox()).succeed());
        assert_eq!((by_name.len(), by_file.len(), by_pipe.len()), (1, 1, 1), "{name}");
        assert_eq!(content(&by_name[0]), content(&by_file[0]), "{name}");
        assert_eq!(content(&by_name[0]), content(&by_pipe[0]), "{name}");
    }
}

#[test]
fn a_long_article_gives_up_its_texts_and_says_so() {
    let paragraph =
        "Trade officials said the tariffs on steel would be answered in kind by the end of the month. ".repeat(8);
    let article = format!("Tariffs\n\n{}", format!("{paragraph}\n\n").repeat(80));
    let record = &records(&disputed(["classify"]).stdin(&article).succeed())[0];
    assert_eq!(record["truncated"], "text");
    let paragraphs = record["paragraphs"].as_array().expect("a list");
    assert_eq!(paragraphs.len(), 81);
    assert!(paragraphs.iter().all(|p| p.get("text").is_none()));

    let article = format!("Tariffs\n\n{}", "Tariffs on steel.\n\n".repeat(3000));
    let record = &records(&disputed(["classify"]).stdin(&article).succeed())[0];
    assert_eq!((&record["truncated"], &record["paragraphs"]), (&json!("paragraphs"), &json!([])));
    assert_eq!(record["primary"], "trade");
}

#[test]
fn a_line_is_short_however_much_is_said_of_its_article() {
    for letter in ["a", "\u{1}", "\"", "ж", "語", "😀"] {
        let long = |start: &str| format!("{start}{}", letter.repeat(4000));
        let article = json!({
            "title": long("Tariffs"), "text": "Envoys met.", "author": long("A"), "url": long("https://example.org/"),
            "id": long("urn:"), "keywords": (0..60).map(|i| long(&i.to_string())).collect::<Vec<_>>(),
        });
        let line = disputed(["classify"]).stdin(article.to_string()).succeed();
        assert!(line.len() <= disputed::LINE_LIMIT, "{letter:?}: {} bytes", line.len());
        let subjects = &records(&line)[0]["subjects"];
        assert_eq!(subjects.as_array().expect("a list").len(), 50, "{letter:?}");
        assert!(subjects[7].as_str().is_some_and(|s| s.starts_with("7") && s.ends_with('…')), "{letter:?}: {subjects}");
    }
}

#[test]
fn texts_can_be_left_out() {
    let record = &records(&disputed(["classify", "--no-text"]).stdin(TARIFFS).succeed())[0];
    assert!(record["paragraphs"].as_array().expect("a list").iter().all(|p| p.get("text").is_none()));
    assert_eq!(record.get("truncated"), None);
}
