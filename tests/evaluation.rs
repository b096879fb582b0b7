//! `disputed eval`: what is counted, how sure the figures are, two models side by side, and the page.

use std::fs;
use std::path::PathBuf;

use crate::support::{Dir, disputed};
use dom_query::Document;
use serde_json::{Value, json};

const TARIFFS: &str = "Brussels answered the tariffs on steel and aluminium with import duties of its own.";
const ALLIANCE: &str = "NATO allies agreed to spend more on defence and to send battle groups to the Baltic states.";
const MUSEUM: &str = "The museum opens at nine, and the café on its roof at ten.";

/// A gold file in which each of these paragraphs is an article.
fn gold(dir: &Dir, paragraphs: &[(&str, &[&str])]) -> PathBuf {
    let line = |(text, label): &(&str, &[&str])| {
        json!({"title": null, "paragraphs": [{"text": text, "label": label}]}).to_string() + "\n"
    };
    dir.write("gold.jsonl", paragraphs.iter().map(line).collect::<String>())
}

/// Six articles, of which three are right.
fn six(dir: &Dir) -> PathBuf {
    gold(
        dir,
        &[
            (TARIFFS, &["trade"]),
            (TARIFFS, &["iran"]),
            (TARIFFS, &[]),
            (ALLIANCE, &["nato"]),
            (MUSEUM, &["syria"]),
            (MUSEUM, &[]),
        ],
    )
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("one JSON object")
}

/// A small model of two topics, each with what its paragraphs say.
fn small_model(dir: &Dir, topics: [(&str, &str); 2]) -> PathBuf {
    for (label, text) in topics {
        let lines = (0..8).map(|n| json!({"text": format!("{text} {n}"), "label": [label]}).to_string() + "\n");
        dir.write(format!("corpus/paragraphs/{label}.jsonl"), lines.collect::<String>());
    }
    let out = dir.path("small.model");
    disputed(["train", "--name", "small", "--corpus"]).arg(dir.path("corpus")).arg("--out").arg(&out).succeed();
    out
}

#[test]
fn what_was_taken_for_what_is_counted() {
    let dir = Dir::new();
    let e = json_of(&disputed(["eval", "--format", "json"]).arg(six(&dir)).succeed());
    let labels: Vec<&str> =
        e["confusion"]["labels"].as_array().expect("labels").iter().flat_map(Value::as_str).collect();
    assert_eq!(labels[9..], ["other", "boilerplate"]);
    let mut cells = Vec::new();
    for (gold, row) in e["confusion"]["counts"].as_array().expect("rows").iter().enumerate() {
        for (given, count) in row.as_array().expect("a row").iter().enumerate().filter(|(_, n)| **n != json!(0.0)) {
            cells.push((labels[gold], labels[given], count.as_f64().expect("a number")));
        }
    }
    let expected = [
        ("iran", "trade", 1.0),
        ("nato", "nato", 1.0),
        ("syria", "other", 1.0),
        ("trade", "trade", 1.0),
        ("other", "trade", 1.0),
        ("other", "other", 1.0),
    ];
    assert_eq!(cells, expected);
    let mistakes = json!({
        "missed_nothing_given": 1, "missed_another_given": 1, "given_on_other": 1, "given_beside_another": 1,
        "content_as_boilerplate": 0, "boilerplate_as_content": 0,
    });
    assert_eq!(e["mistakes"], mistakes);
    let all = &e["coverage"][9];
    assert_eq!((&all["coverage"], &all["paragraphs"], &all["exact"]), (&json!(1.0), &json!(6), &json!(0.5)));
    assert_eq!((&all["micro_f1"], e["coverage"].as_array().map(Vec::len)), (&e["micro_f1"], Some(10)));
    let articles = |part: &str| e["review"][part]["articles"].as_u64().expect("a number");
    assert_eq!(articles("with") + articles("without"), 6);
    let bins = e["calibration"]["bins"].as_array().expect("bins");
    let off = |bin: &Value| {
        let number = |key: &str| bin[key].as_f64().expect("a number");
        (number("probability") - number("frequency")).abs() * number("count")
    };
    let pairs: u64 = bins.iter().flat_map(|bin| bin["count"].as_u64()).sum();
    let ece = bins.iter().map(off).sum::<f64>() / pairs as f64;
    assert!((ece - e["calibration"]["ece"].as_f64().expect("a number")).abs() < 1e-12, "{e}");
}

#[test]
fn intervals_hold_their_figures_and_are_the_same_each_time() {
    let dir = Dir::new();
    let file = six(&dir);
    let first = disputed(["eval", "--format", "json"]).arg(&file).succeed();
    assert_eq!(first, disputed(["eval", "--format", "json"]).arg(&file).succeed());
    let e = json_of(&first);
    let holds = |figure: &Value, interval: &Value| {
        let (low, high) = (interval["low"].as_f64(), interval["high"].as_f64());
        assert!(low <= figure.as_f64() && figure.as_f64() <= high && low < high, "{figure} in {interval}");
    };
    let intervals = &e["intervals"];
    for name in ["macro_f1", "micro_f1"] {
        holds(&e[name], &intervals[name]);
    }
    holds(&e["articles"]["micro_f1"], &intervals["articles_micro_f1"]);
    holds(&e["calibration"]["brier"], &intervals["brier"]);
    holds(&e["topics"]["trade"]["f1"], &intervals["topics"]["trade"]);
    // What is right in every article is right in every resample.
    assert_eq!(intervals["topics"]["nato"], json!({"low": 1.0, "high": 1.0}));
    assert_eq!(intervals["boilerplate"], json!({"low": 1.0, "high": 1.0}));
    assert!(intervals["ece"]["low"].is_f64() && e["comparison"].is_null(), "{intervals}");
    let table = String::from_utf8(disputed(["eval"]).arg(&file).succeed()).expect("UTF-8");
    for line in [
        "trade                    0.333     1.000     0.500         1  0.00–1.00",
        "nato                     1.000     1.000     1.000         1  1.00–1.00",
        "all 100 %                0.500",
        "mistakes                         4",
        "missed, nothing given            1",
    ] {
        assert!(table.contains(line), "{line:?} in\n{table}");
    }
}

#[test]
fn a_model_is_no_better_than_itself() {
    let dir = Dir::new();
    let file = six(&dir);
    let against = ["--against", "models/disputes-en.model"];
    let e = json_of(&disputed(["eval", "--format", "json"]).args(against).arg(&file).succeed());
    let comparison = &e["comparison"];
    assert_eq!(comparison["model"], comparison["against"]);
    for name in ["macro_f1", "micro_f1"] {
        let same = json!({
            "model": e[name], "against": e[name], "difference": 0.0, "interval": {"low": 0.0, "high": 0.0}, "p": 1.0,
        });
        assert_eq!(comparison[name], same);
    }
    let table = String::from_utf8(disputed(["eval"]).args(against).arg(&file).succeed()).expect("UTF-8");
    assert!(table.contains("on the 9 topics of both"), "{table}");
    assert!(table.contains(" +0.000  +0.000 to +0.000 1.0000"), "{table}");
}

#[test]
fn models_are_compared_on_the_topics_that_both_know() {
    let dir = Dir::new();
    let file = gold(&dir, &[(TARIFFS, &["trade"]), (TARIFFS, &["trade"]), (ALLIANCE, &["nato"]), (MUSEUM, &[])]);
    let small = small_model(&dir, [("trade", TARIFFS), ("space", "The rocket reached its orbit.")]);
    let e = json_of(&disputed(["eval", "--format", "json", "--against"]).arg(&small).arg(&file).succeed());
    let comparison = &e["comparison"];
    assert_eq!(comparison["topics"], json!(["trade"]));
    assert!(comparison["against"].as_str().is_some_and(|id| id.starts_with("small@")), "{comparison}");
    let (d, number) = (&comparison["micro_f1"], |value: &Value| value.as_f64().expect("a number"));
    assert_eq!(d["model"], e["topics"]["trade"]["f1"]);
    assert!((number(&d["difference"]) - (number(&d["model"]) - number(&d["against"]))).abs() < 1e-12, "{d}");
    assert!(number(&d["p"]) > 0.0 && number(&d["p"]) <= 1.0, "{d}");
}

#[test]
fn the_page_is_one_file_that_fetches_nothing() {
    let dir = Dir::new();
    let hostile = format!("{TARIFFS} <script>alert(\"steel & iron\")</script>");
    let file = gold(&dir, &[(&hostile, &["iran"]), (ALLIANCE, &["nato"]), (MUSEUM, &["syria"]), (TARIFFS, &["trade"])]);
    let path = dir.path("page.html");
    dir.write("page.html", "an older page");
    let page = |path: &PathBuf| {
        let against = ["--against", "models/disputes-en.model"];
        let printed = disputed(["eval", "--report"]).arg(path).args(against).arg(&file).succeed();
        assert!(String::from_utf8_lossy(&printed).contains("macro-F1"), "the figures are printed as well");
        fs::read_to_string(path).expect("a page")
    };
    let html = page(&path);
    assert_eq!(html, page(&dir.path("again.html")), "the same figures make the same page");
    assert_eq!(dir.names(""), ["again.html", "gold.jsonl", "inbox", "page.html"], "nothing half written is left");

    let document = Document::from(html.as_str());
    let errors = document.errors.borrow();
    assert!(errors.is_empty(), "the parser complains: {errors:?}");
    let headings: Vec<String> = document.select("h2").iter().map(|heading| heading.text().to_string()).collect();
    assert_eq!(headings.len(), 8, "{headings:?}");
    for (selector, count) in [
        ("script, link, img, iframe, object, embed, base, [src], [href], [onload]", 0),
        ("style", 1),
        ("#curves figure svg", 9),
        ("#doubt figure svg", 2),
        ("svg", 9 + 2 + 10),
        ("svg > title", 9 + 2 + 10),
        ("#confusion tbody tr", 11),
        ("#comparison tbody tr", 2),
        // Trade and iran on the tariffs, syria at the museum.
        ("#worst article", 3),
    ] {
        assert_eq!(document.select(selector).length(), count, "{selector}");
    }
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url("), "it fetches nothing");
    let mut texts: Vec<String> = document.select("#worst p.text").iter().map(|text| text.text().to_string()).collect();
    // What was wrongly given stands before what was missed, and each list begins with the surest.
    texts[1..].sort();
    assert_eq!(texts, [&hostile, &hostile, MUSEUM], "texts are shown as they are");
    let marked = document.select("#worst article mark").iter().map(|word| word.text().to_lowercase());
    let marked: Vec<String> = marked.collect();
    assert!(marked.iter().any(|words| words.contains("tariffs")), "the words that decided are marked: {marked:?}");
}

#[test]
fn what_cannot_be_evaluated_is_said() {
    let dir = Dir::new();
    let file = six(&dir);
    disputed(["eval"]).fail(64);
    disputed(["eval", "--format", "yaml"]).arg(&file).fail(64);
    disputed(["eval", "--against"]).fail(64);
    let misspelt = gold(&dir, &[(TARIFFS, &["trade"]), (TARIFFS, &["tarde"])]);
    let said = String::from_utf8(disputed(["eval"]).arg(&misspelt).output().stderr).expect("UTF-8");
    assert!(said.contains("it is left out; did you mean trade?"), "{said}");
    let file = six(&dir);
    let said = disputed(["eval", "--against", "nowhere.model"]).arg(&file).fail(66);
    assert!(said.contains("cannot read the model nowhere.model"), "{said}");
    let said = disputed(["eval", "--against"]).arg(&file).arg(&file).fail(65);
    assert!(said.contains("gold.jsonl is refused"), "{said}");
    let said = disputed(["eval", "--report"]).arg(dir.path("nowhere/page.html")).arg(&file).fail(66);
    assert!(said.contains("cannot write") && said.contains("nowhere/page.html"), "{said}");
    let topics = [("space", "The rocket reached its orbit."), ("sport", "The match ended without a goal.")];
    let stranger = small_model(&dir, topics);
    let said = disputed(["eval", "--against"]).arg(stranger).arg(&file).fail(78);
    assert!(said.contains("have no topic in common to compare"), "{said}");
}
