//! Real, messy news by others, where it stands beside the project.

use std::fs;
use std::path::Path;

use crate::support::{Dir, disputed, shared};
use serde_json::Value;

/// What `eval` says of a model on the labelled articles, where they are at hand.
fn figures(model: Option<&Path>) -> Option<Value> {
    let gold = shared("realnews/dev.gold.jsonl")?;
    let mut eval = disputed(["eval", "--format", "json"]);
    if let Some(model) = model {
        eval = eval.arg("--model").arg(model);
    }
    Some(serde_json::from_slice(&eval.arg(gold).succeed()).expect("one JSON object"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn labels_of_real_news_reach_the_bar() {
    let Some(e) = figures(None) else { return };
    assert!(number(&e["macro_f1"]) >= 0.80, "{}", e["macro_f1"]);
    assert!(number(&e["boilerplate"]["f1"]) >= 0.80, "{}", e["boilerplate"]);
    assert!(number(&e["articles"]["micro_f1"]) >= 0.85, "{}", e["articles"]);
    let calibration = &e["calibration"];
    assert!(number(&calibration["ece"]) <= 0.05, "{calibration}");
    assert!(number(&calibration["brier"]) <= number(&calibration["base_brier"]) / 2.0, "{calibration}");
}

#[test]
fn a_stream_without_labels_makes_no_model_worse() {
    let Some(supervised) = figures(None) else { return };
    let taught = |stream: &str| {
        let (dir, folder) = (Dir::new(), shared("realnews/unlabelled").expect("articles").join(stream));
        let model = dir.path("taught.model");
        disputed(["train", "--unlabelled"]).arg(folder).arg("--out").arg(&model).succeed();
        number(&figures(Some(&model)).expect("figures")["macro_f1"])
    };
    let (supervised, desk, general) = (number(&supervised["macro_f1"]), taught("desk"), taught("general"));
    // Both differ by less than chance does; what must not happen is the loss of plain expectation-maximisation.
    assert!(desk >= 0.83 && desk >= supervised - 0.005, "{desk} and {supervised}");
    assert!(general >= supervised - 0.005, "{general} and {supervised}");
}

#[test]
fn every_real_article_gives_one_record() {
    let Some(real) = shared("realnews/unlabelled") else { return };
    let dir = Dir::new();
    let mut dropped = 0;
    for folder in ["desk", "general"] {
        for file in fs::read_dir(real.join(folder)).expect("a folder") {
            let file = file.expect("an entry");
            let name = format!("{folder}/{}", file.file_name().to_string_lossy());
            dir.drop_old(name, fs::read(file.path()).expect("an article"));
            dropped += 1;
        }
    }
    dir.run().arg("--once").succeed();
    assert_eq!((dropped, dir.records().len()), (1856, 1856));
    let done = dir.names("inbox/done/desk").len() + dir.names("inbox/done/general").len();
    assert_eq!((done, dir.names("inbox/failed").len()), (1856, 0));
    assert_eq!(dir.names("inbox/desk").len() + dir.names("inbox/general").len(), 0, "nothing is left");
}
