//! `disputed train`: labelled paragraphs to a model file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use disputed::learn::{Corpus, Lesson, Recipe, Trained, train};
use disputed::model::Shift;
use disputed::read::{Limits, language, read};
use disputed::{Article, Error, Model, Result, replace_file};
use indicatif::{ProgressBar, ProgressStyle};

use crate::print::print;

pub(crate) fn run(corpus: &Path, out: &Path, name: &str, unlabelled: &[PathBuf]) -> Result<()> {
    let corpus = Corpus::read(corpus)?;
    if corpus.documents.iter().all(|document| document.paragraphs.len() == 1) {
        tracing::warn!(
            "the corpus has no articles: the model will not know how paragraphs of one article belong together"
        );
    }
    for sentence in corpus.conflicts.iter().chain(&corpus.left_out) {
        tracing::warn!("{sentence}");
    }
    let unlabelled = articles(unlabelled)?;
    let language = language_of(&corpus);
    // Drawn on standard error, and only where that is a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("training {bar:32} {pos}/{len}") {
        bar.set_style(style);
    }
    let recipe = Recipe { name, language, unlabelled: &unlabelled };
    let trained = train(&corpus, &recipe, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    // What would be refused when it is loaded must not take the place of one that works.
    let model = Model::decode(&trained.model, out)?;
    replace_file(out, &trained.model)?;
    print(summary(&model, &trained, out))
}

fn summary(model: &Model, trained: &Trained, out: &Path) -> String {
    let training = model.training();
    let figure = |name: &str| training.figures.get(name).copied().unwrap_or_default();
    let mut text = String::new();
    // Writing to a string cannot fail.
    if training.unlabelled > 0 {
        let _ = writeln!(text, "learning from {} paragraphs without labels:", training.unlabelled);
        if trained.shift > Shift::RETRAIN {
            let _ = writeln!(
                text,
                "  their labels are {:.2} away from the corpus's, and nothing can be learned beyond {:.2}; they are what drift \
                 is measured from",
                trained.shift,
                Shift::RETRAIN
            );
        }
        for trial in &trained.trials {
            let lesson = match trial.lesson {
                Lesson::Words { weight, round } => format!("words at weight {weight:.2}, round {round}"),
                Lesson::BaseRates => "base rates".to_string(),
            };
            let taken = if trial.taken { "taken" } else { "refused" };
            let _ = writeln!(
                text,
                "  {lesson:<30} probabilities moved by {:.4}, cross-validated macro-F1 {:.4}: {taken}",
                trial.change, trial.macro_f1
            );
        }
    }
    let _ = writeln!(text, "{:<20} {:>10} {:>9}", "cross-validated", "paragraphs", "F1");
    for (label, count) in &training.labels {
        let _ = writeln!(text, "{label:<20} {count:>10} {:>9.3}", figure(&format!("f1.{label}")));
    }
    let _ = writeln!(
        text,
        "{}: {}, {} paragraphs, cross-validated macro-F1 {:.3}, micro-F1 {:.3}",
        out.display(),
        model.id(),
        training.paragraphs,
        figure("macro_f1"),
        figure("micro_f1"),
    );
    text
}

/// The language of a corpus: of all but a third of its documents, where that can be told.
///
/// A wrong answer would cost every article its topics, so short texts, which are easily mistaken, say nothing.
fn language_of(corpus: &Corpus) -> Option<&'static str> {
    /// Bytes of a text that is long enough.
    const LONG: usize = 200;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for document in &corpus.documents {
        let texts: Vec<&str> = document.paragraphs.iter().map(|p| p.text.as_str()).collect();
        let text = texts.join("\n");
        if let Some(language) = language(&text).filter(|_| text.len() >= LONG) {
            *counts.entry(language).or_default() += 1;
        }
    }
    let all: usize = counts.values().sum();
    counts.into_iter().find(|&(_, count)| count * 3 > all * 2).map(|(language, _)| language)
}

/// How many files without labels are learned from at most: the words of so many are known well enough, and each takes
/// memory and time.
const MOST: usize = 5_000;

/// The articles in these folders, each text once; what is none is passed over and counted.
fn articles(folders: &[PathBuf]) -> Result<Vec<Article<'static>>> {
    let limits = Limits::default();
    let (mut articles, mut seen, mut refused) = (Vec::new(), BTreeSet::new(), 0usize);
    for path in newest(folders.iter().map(|folder| files(folder)).collect::<Result<Vec<_>>>()?.concat()) {
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        match read(&bytes, &path.to_string_lossy(), &limits) {
            // What was delivered twice must not count twice.
            Ok(reading) if seen.insert(reading.article.text().to_string()) => {
                articles.push(reading.article.into_owned());
            }
            Ok(_) => {}
            Err(_) => refused += 1,
        }
    }
    if refused > 0 {
        tracing::warn!(refused, "some files without labels are no articles; they are left out");
    }
    if !folders.is_empty() && articles.is_empty() {
        let list: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        return Err(Error::Config(format!("there are no articles in {}; expected a folder of them", list.join(", "))));
    }
    Ok(articles)
}

/// The files that changed last, at most [`MOST`], in the order of their names.
fn newest(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    if paths.len() > MOST {
        tracing::warn!(files = paths.len(), "there are many files without labels; the newest {MOST} are learned from");
        let changed = |path: &PathBuf| std::fs::metadata(path).and_then(|m| m.modified()).ok();
        paths.sort_by_cached_key(|path| Reverse((changed(path), path.clone())));
        paths.truncate(MOST);
        paths.sort();
    }
    paths
}

/// The files below a folder by name; hidden ones and reasons of failures are none of them.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("list", folder))?;
    let entries = entries.collect::<std::io::Result<Vec<_>>>().map_err(Error::io("list", folder))?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn the_language_of_a_corpus_is_told_by_its_long_texts() {
        let language = |folder: &Path| language_of(&Corpus::read(folder).expect("a corpus"));
        assert_eq!(language(Path::new("corpus")), Some("en"));
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("paragraphs")).expect("a folder");
        let short = "{\"text\":\"Lift-off at noon\",\"label\":[\"space\"]}\n".repeat(9);
        #[expect(clippy::disallowed_methods, reason = "a test's own file")]
        std::fs::write(dir.path().join("paragraphs/space.jsonl"), short).expect("a file");
        assert_eq!(language(dir.path()), None);
    }

    #[test]
    fn of_many_files_the_newest_are_learned_from() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut paths: Vec<PathBuf> = (0..MOST + 2).map(|n| dir.path().join(format!("{n:05}"))).collect();
        for (n, path) in paths.iter().enumerate() {
            // The two oldest are neither first nor last.
            let age = if [7, 9].contains(&n) { 1000 } else { 10 };
            let file = File::create(path).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(100_000 - age)).expect("a time");
        }
        let taken = newest(paths.clone());
        paths.remove(9);
        paths.remove(7);
        assert_eq!(taken, paths);
        assert_eq!(newest(paths[..3].to_vec()), paths[..3]);
    }
}
