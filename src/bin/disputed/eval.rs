//! `disputed eval`: a model measured on labelled articles.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use disputed::Result;
use disputed::learn::{Evaluation, Figures, evaluate, read_gold};

use crate::args::Format;
use crate::print::{print, print_json};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, files: &[PathBuf], format: Format) -> Result<()> {
    let model = settings.model()?;
    let mut gold = Vec::new();
    for file in files {
        gold.extend(read_gold(file)?);
    }
    let known = |label: &String| label == "boilerplate" || model.topics().contains(label);
    let labels = gold.iter().flat_map(|d| &d.paragraphs).flat_map(|p| &p.labels);
    for label in labels.filter(|label| !known(label)).collect::<BTreeSet<_>>() {
        tracing::warn!(label, "the model does not know this label of the gold files; it is left out");
    }
    let evaluation = evaluate(&model, &gold);
    match format {
        Format::Table => print(table(&evaluation)),
        Format::Json => print_json(&evaluation),
    }
}

fn table(evaluation: &Evaluation) -> String {
    let mut text = format!("{:<20} {:>9} {:>9} {:>9} {:>9}\n", "", "precision", "recall", "F1", "support");
    let mut row = |name: &str, f: &Figures| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<20} {:>9.3} {:>9.3} {:>9.3} {:>9}", f.precision, f.recall, f.f1, f.support);
    };
    evaluation.topics.iter().for_each(|(name, figures)| row(name, figures));
    row("boilerplate", &evaluation.boilerplate);
    let calibration = &evaluation.calibration;
    let figures = [
        ("macro-F1", evaluation.macro_f1),
        ("micro-F1", evaluation.micro_f1),
        ("articles, macro-F1", evaluation.articles.macro_f1),
        ("articles, micro-F1", evaluation.articles.micro_f1),
        ("calibration error", calibration.ece),
        ("Brier score", calibration.brier),
        ("Brier, base rates", calibration.base_brier),
    ];
    let _ = writeln!(text, "\n{:<20} {:>9}", "paragraphs", evaluation.paragraphs);
    for (name, value) in figures {
        let _ = writeln!(text, "{name:<20} {value:>9.3}");
    }
    text
}
