//! `disputed eval`: a model measured on labelled articles.

mod table;
mod report;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use disputed::learn::{Answers, Comparison, Document, Evaluation, read_gold};
use disputed::{Error, Model, Result, nearest, replace_file};
use serde::Serialize;

use crate::args::Format;
use crate::print::{print, print_json};
use crate::settings::Settings;
use report::Report;

/// What is printed.
#[derive(Serialize)]
struct Figures<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a Comparison>,
}

pub(crate) fn run(
    settings: &Settings,
    files: &[PathBuf],
    format: Format,
    against: Option<&Path>,
    report: Option<&Path>,
) -> Result<()> {
    let model = settings.model()?;
    let against = against.map(Model::load).transpose()?;
    let mut gold = Vec::new();
    for file in files {
        gold.extend(read_gold(file)?);
    }
    let answers = answers(&model, &gold);
    let evaluation = answers.evaluation();
    let comparison = against.map(|against| compare(&answers, &against, &gold)).transpose()?;
    if let Some(path) = report {
        let comparison = comparison.as_ref();
        let page = Report { model: &model, files, gold: &gold, answers: &answers, evaluation: &evaluation, comparison };
        replace_file(path, page.html().as_bytes())?;
    }
    let figures = Figures { evaluation: &evaluation, comparison: comparison.as_ref() };
    match format {
        Format::Table => print(table::table(&figures)),
        Format::Json => print_json(&figures),
    }
}

fn answers(model: &Model, gold: &[Document]) -> Answers {
    let known = |label: &String| label == "boilerplate" || model.topics().contains(label);
    let labels = gold.iter().flat_map(|d| &d.paragraphs).flat_map(|p| &p.labels);
    for label in labels.filter(|label| !known(label)).collect::<BTreeSet<_>>() {
        let topics = model.topics().iter().map(String::as_str).chain(["boilerplate"]);
        let hint = nearest(label, topics).map(|topic| format!("; did you mean {topic}?")).unwrap_or_default();
        let model = model.id();
        tracing::warn!(label, model, "the model does not know this label of the gold files; it is left out{hint}");
    }
    Answers::new(model, gold)
}

fn compare(answers: &Answers, against: &Model, gold: &[Document]) -> Result<Comparison> {
    let comparison = answers.compare(&self::answers(against, gold));
    if comparison.topics.is_empty() {
        let message = format!("{} and {} have no topic in common to compare", comparison.model, comparison.against);
        return Err(Error::Config(message));
    }
    Ok(comparison)
}
