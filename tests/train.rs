//! `disputed train`: what it makes of good corpora, and what it says of bad ones.

use std::fs;

use crate::support::{Dir, disputed};
use serde_json::{Value, json};

#[test]
fn the_shipped_model_is_what_training_makes_of_the_corpus() {
    let dir = Dir::new();
    let out = dir.path("again.model");
    let said = disputed(["train", "--out"]).arg(&out).output();
    assert!(said.status.success());
    assert_eq!(String::from_utf8_lossy(&said.stderr), "", "no progress bar where no terminal looks");
    let shipped = fs::read("models/disputes-en.model").expect("the shipped model");
    assert!(fs::read(&out).expect("a model") == shipped, "train again: `disputed train`");
    let shown = String::from_utf8(disputed(["model", "show", "--model"]).arg(&out).succeed()).expect("UTF-8");
    let card = fs::read_to_string("models/disputes-en.md").expect("the card");
    let peers =
        card.strip_prefix(&shown).expect("the card, printed again: `disputed model show > models/disputes-en.md`");
    // What other classifiers reach takes minutes and other programs to measure, so here it must only be of this model.
    let id = shown.lines().next().expect("a first line").trim_start_matches("# ");
    let start = format!("\n## Beside other classifiers\n\n`{id}` and ");
    assert!(peers.starts_with(&start), "measure again: `tests/bench/peers.py … >> models/disputes-en.md`");
}

/// A small corpus of two topics and boilerplate.
pub(crate) fn small(dir: &Dir) {
    for (label, words) in
        [("space", "rocket orbit launch"), ("sport", "match goal league"), ("boilerplate", "Share this story")]
    {
        let lines: String = (0..8)
            .map(|n| {
                json!({"text": format!("{words} number {n}"), "label": [label], "id": n, "kind": "lede"}).to_string()
                    + "\n"
            })
            .collect();
        dir.write(format!("corpus/paragraphs/{label}.jsonl"), lines);
    }
}

pub(crate) fn train(dir: &Dir) -> crate::support::Disputed {
    disputed(["train", "--name", "small", "--corpus"]).arg(dir.path("corpus")).arg("--out").arg(dir.path("out.model"))
}

#[test]
fn topics_are_what_the_corpus_says() {
    let dir = Dir::new();
    small(&dir);
    let said = String::from_utf8(train(&dir).succeed()).expect("UTF-8");
    assert!(said.contains("small@") && said.contains("24 paragraphs"), "{said}");
    let record = disputed(["classify", "--model"])
        .arg(dir.path("out.model"))
        .stdin("The rocket reached orbit after launch")
        .succeed();
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["primary"], "space");
    assert!(record["model"].as_str().is_some_and(|id| id.starts_with("small@")));
}

#[test]
fn the_order_of_lines_in_the_folder_and_other_fields_do_not_matter_to_a_second_run() {
    let dir = Dir::new();
    small(&dir);
    train(&dir).succeed();
    let first = fs::read(dir.path("out.model")).expect("a model");
    train(&dir).succeed();
    assert!(fs::read(dir.path("out.model")).expect("a model") == first);
}

/// Trains a small corpus with one more file; the old model must stay. What was said.
fn refused(path: &str, bytes: &[u8]) -> String {
    let dir = Dir::new();
    small(&dir);
    dir.write("out.model", "the old model");
    dir.write(format!("corpus/{path}"), bytes);
    let said = train(&dir).fail(65);
    assert_eq!(fs::read_to_string(dir.path("out.model")).expect("a model"), "the old model");
    assert_eq!(dir.names(".").iter().filter(|name| name.ends_with(".tmp")).count(), 0);
    said
}

#[test]
fn a_bad_line_is_named_with_what_was_expected() {
    let good = "{\"text\":\"Lift-off\",\"label\":[\"space\"]}\n";
    let cases: [(&str, &str, &str); 11] = [
        ("{\"text\":\"Lift-off\"\n", "paragraphs/x.jsonl:2: ", "expected {\"text\": \"…\", \"label\": [\"topic\", …]}"),
        ("{\"text\":\"Lift-off\"}\n", "x.jsonl:2: ", "missing field `label`"),
        ("{\"text\":\"Lift-off\",\"label\":\"space\"}\n", "x.jsonl:2: ", "invalid type: string"),
        ("{\"text\":\" \",\"label\":[\"space\"]}\n", "x.jsonl:2: ", "the text is empty"),
        (
            "{\"text\":\"Lift-off\",\"label\":[\"Space\"]}\n",
            "x.jsonl:2: ",
            "\"Space\" is no label; expected lower-case",
        ),
        ("{\"text\":\"Lift-off\",\"label\":[\"-\"]}\n", "x.jsonl:2: ", "is no label"),
        ("{\"text\":\"Lift-off\",\"label\":[\"space\",\"boilerplate\"]}\n", "x.jsonl:2: ", "expected it alone"),
        ("{\"text\":\"Lift-off\",\"label\":[\"space\",\"space\"]}\n", "x.jsonl:2: ", "stands twice"),
        ("\n", "x.jsonl:2: ", "expected {"),
        (
            "{\"text\":\"Lift-off\",\"label\":[\"rare\"]}\n",
            "corpus",
            "the label rare has 1 paragraphs; expected at least 5 to learn from\n",
        ),
        (
            "{\"text\":\"Lift-off\",\"label\":[\"sapce\"]}\n",
            "corpus",
            "the label sapce has 1 paragraphs; expected at least 5 to learn from; did you mean space?\n",
        ),
    ];
    for (line, place, message) in cases {
        let said = refused("paragraphs/x.jsonl", format!("{good}{line}").as_bytes());
        assert!(said.contains(place) && said.contains(message), "{line:?} gave {said}");
    }
    let said = refused("paragraphs/x.jsonl", b"{\"text\":\"\xff\",\"label\":[]}\n");
    assert!(said.contains("x.jsonl:1: the line is no UTF-8"), "{said}");
    let said = refused("articles/x.jsonl", b"{\"title\":\"t\",\"paragraphs\":[]}\n");
    assert!(said.contains("articles/x.jsonl:1: the article has no paragraphs"), "{said}");
}

#[test]
fn an_empty_corpus_is_named() {
    let dir = Dir::new();
    fs::create_dir(dir.path("corpus")).expect("a folder");
    let said = train(&dir).fail(65);
    assert!(said.contains("the corpus is empty; expected paragraphs/*.jsonl"), "{said}");
    fs::remove_dir(dir.path("corpus")).expect("no folder");
    let said = train(&dir).fail(66);
    assert!(said.contains("corpus"), "{said}");
}

#[test]
fn one_text_under_two_labels_is_reported() {
    let dir = Dir::new();
    small(&dir);
    dir.write("corpus/paragraphs/x.jsonl", "{\"text\":\"rocket orbit launch number 3\",\"label\":[\"sport\"]}\n");
    let output = train(&dir).output();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("space.jsonl:4") && said.contains("x.jsonl:1") && said.contains("rocket orbit"), "{said}");
}

#[test]
fn a_model_has_a_name_that_fits_an_id() {
    let dir = Dir::new();
    small(&dir);
    for name in ["", "A model", "a\nb"] {
        let said = disputed(["train", "--corpus"]).arg(dir.path("corpus")).args(["--name", name]).fail(78);
        assert!(said.contains("is no name for a model"), "{said}");
    }
}

#[test]
fn what_files_of_a_corpus_are_called_changes_nothing() {
    let trained = |names: [&str; 4]| {
        let dir = Dir::new();
        let registers = ["world", "wire-reports", "europe", "near-misses"];
        for (name, register) in names.into_iter().zip(registers) {
            let lines = fs::read(format!("corpus/articles/{register}.jsonl")).expect("a register");
            dir.write(format!("corpus/articles/{name}.jsonl"), lines);
        }
        train(&dir).succeed();
        fs::read(dir.path("out.model")).expect("a model")
    };
    assert!(trained(["a", "b", "c", "d"]) == trained(["4", "2", "3", "1"]));
}

/// A folder of articles that reads like the small corpus.
fn stream(dir: &Dir, articles: usize) {
    for n in 0..articles {
        let (a, b) = if n % 2 == 0 { ("rocket orbit probe", "space") } else { ("match goal striker", "sport") };
        dir.write(format!("stream/sub/{n}.txt"), format!("The {a} number {n}\n\nOf {a} and {b}, number {n}.\n"));
    }
}

#[test]
fn every_trial_with_articles_without_labels_is_told() {
    let dir = Dir::new();
    // The corpus teaches itself: its own articles are what it is about.
    for register in ["world", "europe", "registers"] {
        let lines = fs::read_to_string(format!("corpus/articles/{register}.jsonl")).expect("a register");
        for (n, line) in lines.lines().enumerate() {
            let article: Value = serde_json::from_str(line).expect("JSON");
            let paragraphs = article["paragraphs"].as_array().expect("paragraphs").iter();
            let text: String = paragraphs.map(|p| p["text"].as_str().expect("a text").to_string() + "\n\n").collect();
            dir.write(format!("stream/{register}-{n}.txt"), text);
        }
        dir.write(format!("corpus/articles/{register}.jsonl"), lines);
    }
    let said = train(&dir).arg("--unlabelled").arg(dir.path("stream")).succeed();
    let said = String::from_utf8(said).expect("UTF-8");
    let trials = |lesson: &str| said.lines().filter(|line| line.starts_with(lesson)).collect::<Vec<_>>();
    let (words, rates) = (trials("  words at weight 0."), trials("  base rates"));
    assert_eq!((words.len(), rates.len()), (6, 1), "{said}");
    assert!(words.iter().filter(|line| line.ends_with(": taken")).count() <= 1, "{said}");
    let told =
        |line: &&&str| line.contains("probabilities moved by 0.") && line.contains("cross-validated macro-F1 0.");
    assert_eq!(words.iter().chain(&rates).filter(told).count(), 7, "{said}");
}

#[test]
fn articles_about_other_things_teach_nothing_but_are_what_drift_is_measured_from() {
    let dir = Dir::new();
    small(&dir);
    stream(&dir, 40);
    // The same text once more, hidden files and what is no article count for nothing.
    dir.write("stream/again.txt", fs::read(dir.path("stream/sub/0.txt")).expect("an article"));
    dir.write("stream/.hidden.txt", "goal");
    dir.write("stream/empty.txt", "");
    let unlabelled = |folder: &str| train(&dir).arg("--unlabelled").arg(dir.path(folder));
    let output = unlabelled("stream").output();
    let (said, logged) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{logged}");
    assert!(said.starts_with("learning from 80 paragraphs without labels:\n"), "{said}");
    // Half of the small corpus is boilerplate by its label, and the stream has none: it is about other things.
    assert!(said.contains("away from the corpus's, and nothing can be learned beyond 0.25"), "{said}");
    assert!(logged.contains("no articles; they are left out") && logged.contains("refused=1"), "{logged}");
    let first = fs::read(dir.path("out.model")).expect("a model");
    unlabelled("stream").succeed();
    assert!(fs::read(dir.path("out.model")).expect("a model") == first, "the same bytes each time");

    fs::create_dir(dir.path("nothing")).expect("a folder");
    assert!(unlabelled("nothing").fail(78).contains("there are no articles in"));
    assert!(unlabelled("nowhere").fail(66).contains("nowhere"));
    assert!(fs::read(dir.path("out.model")).expect("a model") == first, "the old model stays");
}
