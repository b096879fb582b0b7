//! Model files: what is refused, and how models are measured.

use std::fs;
use std::path::Path;

use crate::support::{Dir, TARIFFS, disputed};
use disputed::model::{Explanation, probability};
use disputed::{Article, Model};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn a_damaged_model_is_refused_with_a_reason() {
    let whole = fs::read("models/disputes-en.model").expect("the shipped model");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cases: [(&[u8], &str); 5] = [
        (b"", "no model file of a version that this program reads"),
        (b"disputed model 9\nand so on", "no model file of a version that this program reads"),
        (b"disputed model 2\n", "cut short or damaged"),
        (&whole[..whole.len() - 1], "cut short or damaged"),
        (&flipped, "cut short or damaged"),
    ];
    for (bytes, message) in cases {
        let dir = Dir::new();
        let path = dir.write("bad.model", bytes);
        let said = disputed(["classify", "--model"]).arg(&path).stdin(TARIFFS).fail(65);
        assert!(said.contains("bad.model is refused") && said.contains(message), "{said}");
    }
    let said = disputed(["model", "show", "--model", "nowhere.model"]).fail(66);
    assert!(said.contains("cannot read the model nowhere.model"), "{said}");
}

#[test]
fn a_model_whose_digest_fits_but_whose_answers_do_not_is_refused() {
    let whole = fs::read("models/disputes-en.model").expect("the shipped model");
    // Turn every weight round and seal it anew: the parts fit together, the self-test does not.
    let weights = whole.len() - 32 - 2 * 10 * 1000..whole.len() - 32;
    let mut turned = whole[..whole.len() - 32].to_vec();
    turned[weights].iter_mut().for_each(|byte| *byte = !*byte);
    let digest = blake3::hash(&turned);
    turned.extend_from_slice(digest.as_bytes());
    let error = Model::decode(&turned, Path::new("turned.model")).expect_err("a broken model");
    assert_eq!(error.to_string(), "model turned.model is refused: it fails its own self-test; train it again");
}

/// The header of the shipped model, and what stands before and behind it.
fn parts() -> (Vec<u8>, Value, Vec<u8>) {
    let whole = fs::read("models/disputes-en.model").expect("the shipped model");
    let (magic, length) = (b"disputed model 2\n".len(), size_of::<u64>());
    let header_at = magic + length;
    let length = u64::from_le_bytes(whole[magic..header_at].try_into().expect("eight bytes"));
    let (header, rest) = whole[header_at..whole.len() - 32].split_at(usize::try_from(length).expect("a length"));
    (whole[..magic].to_vec(), serde_json::from_slice(header).expect("JSON"), rest.to_vec())
}

/// Why the shipped model is refused once it has this header, sealed anew.
fn refused(header: &Value) -> Option<String> {
    let (mut bytes, _, rest) = parts();
    let header = header.to_string();
    bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&rest);
    let digest = blake3::hash(&bytes);
    bytes.extend_from_slice(digest.as_bytes());
    Model::decode(&bytes, Path::new("old.model")).err().map(|error| error.to_string())
}

#[test]
fn a_model_without_a_profile_says_that_it_has_to_be_trained_again() {
    let mut header = parts().1;
    assert_eq!(refused(&header), None, "made anew as it was");
    header["profile"]["labels"].as_array_mut().expect("counts").pop();
    let said = refused(&header).expect("a profile of other topics");
    assert!(said.contains("it fails its own self-test; train it again"), "{said}");
    header.as_object_mut().expect("an object").remove("profile");
    let said = refused(&header).expect("no profile");
    assert!(said.contains("missing field `profile`") && said.ends_with("train it again"), "{said}");
}

#[test]
fn a_model_whose_topics_could_not_stand_in_a_record_is_refused() {
    for name in ["Trade War", "", "1.0", "trade\n", &"a".repeat(65)] {
        for at in ["/topics/0", "/name"] {
            let mut header = parts().1;
            *header.pointer_mut(at).expect("a name") = name.into();
            let said = refused(&header).unwrap_or_else(|| panic!("{name:?} was taken for {at}"));
            assert!(said.ends_with("the name of a topic or of the model that is none; train it again"), "{said}");
        }
    }
}

#[test]
fn long_paragraphs_have_finite_probabilities() {
    let model = Model::shipped().expect("the shipped model");
    for words in [1, 80, 500, 100_000, 1_000_000] {
        let text = "nuclear missile treaty with Moscow ".repeat(words / 5 + 1);
        let judgement = model.judge(&Article::from_paragraphs([text.as_str()], false));
        assert!(judgement.paragraphs[0].log_odds.iter().all(|l| l.is_finite()), "{words} words");
        assert!(judgement.topics.iter().all(|t| t.probability > 0.0 && t.probability < 1.0));
    }
}

#[test]
fn an_evaluation_is_exact() {
    let dir = Dir::new();
    let paragraph = |text: &str, label: Value| json!({"text": text, "label": label});
    let tariffs = "Brussels answered the tariffs on steel and aluminium with import duties of its own.";
    let alliance = "NATO allies agreed to spend more on defence and to send battle groups to the Baltic states.";
    let gold = [
        json!({"title": "Tariffs on steel", "paragraphs": [
            paragraph("Tariffs on steel", json!(["trade"])),
            paragraph(tariffs, json!(["trade"])),
            paragraph(tariffs, json!([])),
        ]}),
        json!({"title": null, "paragraphs": [paragraph(alliance, json!(["nato"]))]}),
    ];
    let file = dir.write("gold.jsonl", gold.map(|line| line.to_string() + "\n").concat());
    let json = disputed(["eval", "--format", "json"]).arg(&file).succeed();
    let e: Value = serde_json::from_slice(&json).expect("one JSON object");
    assert_eq!(e["paragraphs"], 4);
    assert_eq!(e["topics"]["trade"], json!({"precision": 2.0 / 3.0, "recall": 1.0, "f1": 0.8, "support": 2}));
    assert_eq!(e["topics"]["nato"], json!({"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 1}));
    assert_eq!(e["topics"]["syria"], json!({"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 0}));
    assert_eq!(e["micro_f1"], json!(6.0 / 7.0));
    assert!((e["macro_f1"].as_f64().expect("a number") - 8.8 / 9.0).abs() < 1e-12);
    assert_eq!(e["articles"], json!({"macro_f1": 1.0, "micro_f1": 1.0}));
    assert_eq!(e["boilerplate"]["f1"], 1.0);
    for key in ["ece", "brier", "base_brier"] {
        assert!(e["calibration"][key].as_f64().is_some_and(|x| (0.0..=1.0).contains(&x)), "{key} in {e}");
    }
    let table = String::from_utf8(disputed(["eval"]).arg(&file).succeed()).expect("UTF-8");
    assert!(table.contains("trade                    0.667     1.000     0.800         2"), "{table}");
    let said = disputed(["eval"]).arg(dir.write("bad.jsonl", "{}\n")).fail(65);
    assert!(said.contains("bad.jsonl:1: missing field `paragraphs`"), "{said}");
}

/// The paragraphs of every article in a file of the corpus.
fn articles(file: &str) -> Vec<Vec<String>> {
    let lines = fs::read_to_string(format!("corpus/{file}.jsonl")).expect("a file of the corpus");
    let paragraphs = |line: &str| -> Vec<String> {
        let article: Value = serde_json::from_str(line).expect("JSON");
        let paragraphs = article["paragraphs"].as_array().expect("paragraphs").iter();
        paragraphs.map(|p| p["text"].as_str().expect("a text").to_string()).collect()
    };
    lines.lines().map(paragraphs).collect()
}

fn article(paragraphs: &[String]) -> Article<'static> {
    Article::from_paragraphs(paragraphs.iter().map(String::as_str), true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_surely_no_part_of_an_article_changes_no_other_verdict(n in 0..40usize, at in 1..10usize, furniture in 0..4usize) {
        const FURNITURE: [&str; 4] = [
            "Share on Facebook Share on Twitter Email Print",
            "Sign up for our newsletter",
            "Read more: NATO and Russia clash over Syria",
            "Advertisement - story continues below",
        ];
        let model = Model::shipped().expect("the shipped model");
        let mut paragraphs = articles("articles/wire-reports").swap_remove(n);
        let without = model.judge(&article(&paragraphs));
        paragraphs.insert(at, FURNITURE[furniture].to_string());
        let mut with = model.judge(&article(&paragraphs));
        let inserted = with.paragraphs.remove(at);
        // Where its words alone do not make sure, its surroundings never do.
        if probability(inserted.boilerplate_log_odds) >= 0.99 {
            prop_assert_eq!(with.paragraphs, without.paragraphs);
            prop_assert_eq!(with.review, without.review);
        }
    }

    #[test]
    fn explanations_add_up(n in 0..40usize) {
        let model = Model::shipped().expect("the shipped model");
        let paragraphs = articles("articles/mixed-forms").swap_remove(n);
        for e in model.explain(&article(&paragraphs)) {
            adds_up(&e);
        }
        for e in model.explain(&article(&paragraphs[n % paragraphs.len()..][..1])) {
            adds_up(&e);
            prop_assert_eq!(e.neighbours, 0.0, "a paragraph by itself has none");
        }
    }
}

fn adds_up(e: &Explanation) {
    assert!((e.prior + e.own + e.neighbours - e.log_odds).abs() <= 1e-9, "{e:?}");
    let words: f64 = e.evidence.iter().map(|evidence| evidence.log_odds).sum();
    assert!((words - e.own).abs() <= 1e-9, "{words} in {e:?}");
}

#[test]
fn furniture_of_the_property_is_sure() {
    let model = Model::shipped().expect("the shipped model");
    let paragraphs = ["Talks resume", "Share on Facebook Share on Twitter Email Print", "The envoys met on Monday."];
    let judgement = model.judge(&Article::from_paragraphs(paragraphs, true));
    assert!(probability(judgement.paragraphs[1].boilerplate_log_odds) >= 0.99, "{:?}", judgement.paragraphs[1]);
}

#[test]
fn any_label_of_any_paragraph_can_be_explained() {
    let model = Model::shipped().expect("the shipped model");
    let article = Article::from_paragraphs(["Tariffs on steel", "The weather stays fine."], true);
    let verdicts = model.judge(&article).paragraphs;
    let e = model.explain_label(&article, 1, "skripal").expect("an explanation");
    adds_up(&e);
    let skripal = model.topics().iter().position(|topic| topic == "skripal").expect("a topic");
    assert_eq!((e.paragraph, e.given, e.log_odds), (1, false, verdicts[1].log_odds[skripal]));
    let e = model.explain_label(&article, 1, "boilerplate").expect("an explanation");
    adds_up(&e);
    assert_eq!(e.log_odds, verdicts[1].boilerplate_log_odds);
    assert_eq!(model.explain_label(&article, 2, "skripal"), None);
    assert_eq!(model.explain_label(&article, 0, "cheese"), None);
}

#[test]
fn an_article_in_another_language_gets_no_topics_and_is_for_a_person() {
    let german = "Zölle auf Stahl\n\nDie Europäische Union antwortet auf die amerikanischen Zölle mit eigenen Zöllen auf \
                  Motorräder, Whiskey und Jeans; die NATO und Nordkorea waren kein Thema.\n";
    let record = disputed(["classify"]).stdin(german).succeed();
    let record: Value = serde_json::from_slice(&record).expect("a record");
    assert_eq!((&record["language"], &record["review"]), (&json!("de"), &json!(true)));
    assert_eq!(
        (&record["review_reason"], &record["topics"], &record["primary"]),
        (&json!("language"), &json!([]), &json!(null))
    );
    assert!(record["paragraphs"].as_array().expect("paragraphs").iter().all(|p| p["topics"] == json!([])), "{record}");
    let dir = Dir::new();
    assert_eq!(
        disputed(["explain"]).arg(dir.write("a.txt", german)).succeed().iter().filter(|&&b| b == b'\n').count(),
        2
    );
}
