//! `disputed classify` and `disputed explain`.

use crate::support::{Dir, TARIFFS, disputed, records};

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
