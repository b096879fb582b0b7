//! Whether what comes in is still like what the model was trained on, as a running daemon tells.

use std::fs;

use disputed::daemon::Drift;
use disputed::model::{Profile, Shift};
use disputed::read::read;
use disputed::{Limits, Model};
use serde_json::Value;

use crate::answers::status;
use crate::support::{Daemon, Dir, disputed, wait_for};
use crate::train::{small, train};

/// An article of nine paragraphs in words that no model of English news knows.
fn gibberish(n: usize) -> String {
    let paragraph =
        |i| format!("Zorvex quill{n} mabbin{i} trungled yoxil frennet; skobbar dwimmel oakthrop jurnwick plezzor.");
    (0..9).map(|i| paragraph(i) + "\n\n").collect()
}

/// What the daemon says once it has worked so many files.
fn drift_after(dir: &Dir, files: usize) -> Drift {
    let status = wait_for("all lines", || {
        let status = status(dir);
        (status["done"] == files).then_some(status)
    });
    serde_json::from_value(status["drift"].clone()).expect("a drift")
}

fn table(dir: &Dir) -> String {
    String::from_utf8(disputed(["status", "--inbox"]).arg(dir.inbox()).succeed()).expect("text")
}

/// What these texts look like to a model.
fn profile(texts: &[String], model: &Model) -> Profile {
    let mut profile = Profile::new(model.topics().len());
    for text in texts {
        let reading = read(text.as_bytes(), "a.txt", &Limits::default()).expect("an article");
        profile.observe(&model.judge(&reading.article).paragraphs);
    }
    profile
}

/// The index as textbooks write it, half a paragraph added to each bin, to four decimals.
fn index(actual: &[u64], expected: &[u64]) -> f64 {
    let share = |counts: &[u64], bin: usize| {
        (counts[bin] as f64 + 0.5) / (counts.iter().sum::<u64>() as f64 + counts.len() as f64 / 2.0)
    };
    let terms = (0..actual.len()).map(|bin| (share(actual, bin), share(expected, bin)));
    (terms.map(|(a, e)| (a - e) * (a / e).ln()).sum::<f64>() * 1e4).round() / 1e4
}

fn shift(stream: &Profile, model: &Model) -> Shift {
    let reference = model.profile();
    Shift {
        labels: index(&stream.labels, &reference.labels),
        unknown: index(&stream.unknown, &reference.unknown),
        scores: index(&stream.scores, &reference.scores),
        lengths: index(&stream.lengths, &reference.lengths),
    }
}

fn start(dir: &Dir) -> Daemon {
    fs::copy("models/disputes-en.model", dir.path("out.model")).expect("a copy");
    dir.run().arg("--model").arg(dir.path("out.model")).start()
}

#[test]
fn a_stream_unlike_the_corpus_makes_retraining_due() {
    let dir = Dir::new();
    let daemon = start(&dir);
    let texts: Vec<String> = (0..120).map(gibberish).collect();
    let drop = |range: std::ops::Range<usize>| {
        range.for_each(|n| dir.drop_by_rename(&format!("{n}.txt"), &texts[n]));
    };
    drop(0..3);
    let drift = drift_after(&dir, 3);
    let early = "too early: 27 paragraphs of 3 articles, and it takes 1000 of 100";
    assert_eq!(drift.untold.as_deref(), Some(early));
    assert_eq!((drift.articles, drift.paragraphs, drift.shift, drift.retrain), (3, 27, None, false));
    assert!(table(&dir).contains(&format!("drift            {early}\n")), "{}", table(&dir));

    drop(3..120);
    let drift = drift_after(&dir, 120);
    let model = Model::shipped().expect("the shipped model");
    let stream = profile(&texts, &model);
    assert_eq!((stream.unknown[9], stream.lengths[3]), (1080, 1080), "eleven words each, and none is known");
    assert_eq!((drift.articles, drift.paragraphs, drift.untold), (120, 1080, None));
    assert_eq!(drift.shift, Some(shift(&stream, &model)));
    let over: Vec<&str> = drift.over.iter().map(String::as_str).collect();
    assert!(drift.retrain && over.contains(&"unknown") && over.contains(&"lengths"), "{over:?}");
    let table = table(&dir);
    assert!(table.contains(&format!("retraining       DUE, {} above 0.25", over.join(", "))), "{table}");
    assert!(table.contains("`disputed train`") && table.contains("1080 paragraphs of 120 articles"), "{table}");

    // The model stays, and what is known of the stream with it.
    disputed(["reload", "--inbox"]).arg(dir.inbox()).succeed();
    assert_eq!(drift_after(&dir, 120).paragraphs, 1080);
    small(&dir);
    train(&dir).succeed();
    daemon.wait_for_log("new model");
    let drift = drift_after(&dir, 120);
    assert_eq!((drift.articles, drift.paragraphs, drift.retrain), (0, 0, false));
    let few = "the model was trained on 24 paragraphs of 24 articles, and it takes 1000 of 100";
    assert_eq!(drift.untold.as_deref(), Some(few));
    let log = daemon.stop();
    assert_eq!(log.matches("retraining is due").count(), 1, "{log}");
}

#[test]
fn a_stream_like_the_corpus_does_not() {
    let dir = Dir::new();
    // The model learns from every other article, and the stream is the rest.
    let mut texts = Vec::new();
    for file in fs::read_dir("corpus/articles").expect("the corpus") {
        let file = file.expect("an entry");
        let lines = fs::read_to_string(file.path()).expect("lines");
        let (learned, streamed): (Vec<_>, Vec<_>) = lines.lines().enumerate().partition(|(n, _)| n % 2 == 0);
        let learned: String = learned.iter().map(|(_, line)| format!("{line}\n")).collect();
        dir.write(format!("corpus/articles/{}", file.file_name().to_string_lossy()), learned);
        texts.extend(streamed.iter().map(|(_, line)| article(line)));
    }
    train(&dir).succeed();
    let daemon = dir.run().arg("--model").arg(dir.path("out.model")).start();
    texts.iter().enumerate().for_each(|(n, text)| dir.drop_by_rename(&format!("{n}.txt"), text));
    let drift = drift_after(&dir, texts.len());
    let model = Model::load(&dir.path("out.model")).expect("a model");
    assert_eq!(drift.shift, Some(shift(&profile(&texts, &model), &model)));
    assert_eq!((drift.retrain, drift.over), (false, Vec::new()), "{:?}", drift.shift);
    assert!(table(&dir).contains("retraining       not due\n"), "{}", table(&dir));
    assert!(!daemon.stop().contains("retraining is due"));
}

/// An article of the corpus as plain text.
fn article(line: &str) -> String {
    let article: Value = serde_json::from_str(line).expect("JSON");
    let paragraphs = article["paragraphs"].as_array().expect("paragraphs").iter();
    paragraphs.map(|p| p["text"].as_str().expect("text").to_string() + "\n\n").collect()
}
