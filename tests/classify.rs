//! `disputed classify` and `disputed explain`.

use crate::support::{Dir, TARIFFS, disputed, records};
use serde_json::{Value, json};

#[test]
fn standard_input_is_a_file_too() {
    for args in [&["classify"][..], &["classify", "-"]] {
        let record = &records(&disputed(args).stdin(TARIFFS).succeed())[0];
        assert_eq!(record["primary"], "trade");
        assert_eq!(record["title"], "Brussels answers steel tariffs with duties of its own");
        assert_eq!(record["source"].get("inode"), None);
    }
}

#[test]
fn a_refused_file_does_not_stop_the_others() {
    let dir = Dir::new();
    let (empty, good) = (dir.write("empty.txt", ""), dir.write("good.txt", TARIFFS));
    let output = disputed(["classify"]).arg(&empty).arg(&good).output();
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(records(&output.stdout).len(), 1);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("empty.txt") && said.contains("(empty)"), "{said}");
    let said = disputed(["classify", "nowhere.txt"]).fail(66);
    assert!(said.contains("cannot open nowhere.txt"), "{said}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let dir = Dir::new();
    let file = dir.write("a.txt", TARIFFS);
    let mut classify = disputed(["classify"]);
    for _ in 0..200 {
        classify = classify.arg(&file);
    }
    let mut child = classify.command().stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn explain_shows_words_and_where_they_stand() {
    let dir = Dir::new();
    let file = dir.write("a.txt", TARIFFS);
    let text = String::from_utf8(disputed(["explain"]).arg(&file).succeed()).expect("UTF-8");
    let at = TARIFFS.find("tariffs").expect("a word");
    let evidence = text.lines().find(|line| line.contains("  tariff  ")).unwrap_or_else(|| panic!("{text}"));
    assert!(evidence.trim_start().starts_with('+') && evidence.contains(&format!("{at}..{}", at + 7)), "{evidence}");
    assert!(text.contains("trade 0.9") && text.contains("own words") && text.contains("neighbours"), "{text}");
}

#[test]
fn a_page_of_several_articles_is_one_record_with_sections() {
    let tariffs = "Tariffs on steel bite\n\nBy our trade correspondent\n\n\
        Brussels answered the American tariffs on steel and aluminium with import duties of its own on Friday.\n\n\
        The duties fall on motorcycles, whiskey and jeans, and take effect within hours of their publication in the journal.\n\n\
        Washington said that it would raise its tariffs further, and that trade wars were easily won by those who dared.\n\n";
    let alliance = "Allies promise to spend more\n\nBRUSSELS (Agency) - NATO allies agreed on Tuesday to spend more on defence.\n\n\
        The alliance will send battle groups to the Baltic states, its secretary general told reporters after the meeting of ministers.\n\n\
        Five of the twenty-nine members reach the target of two per cent today, and eight will next year, the alliance says.\n\n\
        Article 5 of the treaty binds every ally to come to the help of one that is attacked, he said again on leaving.\n";
    let line = disputed(["classify"]).stdin(format!("{tariffs}{alliance}")).succeed();
    let record = &records(&line)[0];
    let told = |key: &str| -> Vec<Value> {
        record["sections"].as_array().expect("sections").iter().map(|section| section[key].clone()).collect()
    };
    assert_eq!(told("paragraphs"), [json!([0, 5]), json!([5, 10])]);
    assert_eq!(told("title"), ["Tariffs on steel bite", "Allies promise to spend more"]);
    assert_eq!(told("primary"), ["trade", "nato"]);
    let of_alliance = &record["sections"][1]["topics"][0]["paragraphs"];
    assert!(of_alliance.as_array().expect("a list").iter().all(|i| i.as_u64() >= Some(5)), "{of_alliance}");
    assert_eq!(record["title"], "Tariffs on steel bite");
    let one = disputed(["classify"]).stdin(tariffs).succeed();
    assert_eq!(records(&one)[0].get("sections"), None);
}
