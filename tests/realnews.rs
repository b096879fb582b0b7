//! Real, messy news by others, where it stands beside the project.

use std::fs;

use crate::support::{Dir, disputed, shared};
use serde_json::Value;

#[test]
fn labels_of_real_news_reach_the_bar() {
    let Some(gold) = shared("realnews/dev.gold.jsonl") else { return };
    let json = disputed(["eval", "--format", "json"]).arg(gold).succeed();
    let e: Value = serde_json::from_slice(&json).expect("one JSON object");
    let (macro_f1, boilerplate) = (e["macro_f1"].as_f64(), e["boilerplate"]["f1"].as_f64());
    assert!(macro_f1 >= Some(0.72) && boilerplate >= Some(0.70), "{macro_f1:?} and {boilerplate:?}");
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
