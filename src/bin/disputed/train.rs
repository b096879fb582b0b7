//! `disputed train`: labelled paragraphs to a model file.

use std::path::Path;

use disputed::learn::{Corpus, train};
use disputed::{Model, Result, replace_file};
use indicatif::{ProgressBar, ProgressStyle};

use crate::print::print;

pub(crate) fn run(corpus: &Path, out: &Path, name: &str) -> Result<()> {
    let corpus = Corpus::read(corpus)?;
    if corpus.documents.iter().all(|document| document.paragraphs.len() == 1) {
        tracing::warn!(
            "the corpus has no articles: the model will not know how paragraphs of one article belong together"
        );
    }
    for conflict in &corpus.conflicts {
        tracing::warn!("{conflict}");
    }
    // Drawn on standard error, and only where that is a terminal.
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("training {bar:32} {pos}/{len}") {
        bar.set_style(style);
    }
    let bytes = train(&corpus, name, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    // What would be refused when it is loaded must not take the place of one that works.
    let model = Model::decode(&bytes, out)?;
    replace_file(out, &bytes)?;
    let figures = &model.training().figures;
    let figure = |name: &str| figures.get(name).copied().unwrap_or_default();
    print(format!(
        "{}: {}, {} paragraphs, cross-validated macro-F1 {:.3}, micro-F1 {:.3}\n",
        out.display(),
        model.id(),
        model.training().paragraphs,
        figure("macro_f1"),
        figure("micro_f1"),
    ))
}
