//! `disputed model show`: a model's card, in Markdown.

use std::fmt::Write;

use disputed::model::Profile;
use disputed::{Model, Result};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn show(settings: &Settings) -> Result<()> {
    print(card(&settings.model()?))
}

/// What a stream is held against.
fn measure(profile: &Profile) -> String {
    let share = |count: Option<&u64>| 100.0 * count.map_or(0.0, |&n| n as f64) / profile.paragraphs.max(1) as f64;
    let mut last = profile.labels.iter().rev();
    let (boilerplate, none) = (share(last.next()), share(last.next()));
    format!(
        "the cross-validated verdicts on {} paragraphs, {none:.0} % without a topic, {boilerplate:.0} % boilerplate",
        profile.paragraphs
    )
}

fn card(model: &Model) -> String {
    let training = model.training();
    let (words, pairs) = model.features();
    let mut text = format!("# {}\n\n", model.id());
    let lines = [
        (
            "Kind",
            "naive Bayes, one topic against the rest, weighed in context by a jury of logistic judges".to_string(),
        ),
        ("Features", format!("{words} words and {pairs} pairs of words")),
        ("Trained on", format!("{} paragraphs, {} of them in articles", training.paragraphs, training.in_articles)),
        ("Corpus", training.corpus.clone()),
        ("A topic is given from", format!("a probability of {}", model.threshold())),
        ("Drift is measured against", measure(model.profile())),
    ];
    // Writing to a string cannot fail.
    for (name, value) in lines {
        let _ = writeln!(text, "- {name}: {value}");
    }
    for (name, value) in &training.options {
        let _ = writeln!(text, "- Option {name}: {value}");
    }
    text.push_str("\n| label | paragraphs | F1 |\n|---|---:|---:|\n");
    for (label, count) in &training.labels {
        let f1 = training.figures.get(&format!("f1.{label}")).copied().unwrap_or_default();
        let _ = writeln!(text, "| {label} | {count} | {f1:.3} |");
    }
    let figure = |name: &str| training.figures.get(name).copied().unwrap_or_default();
    let _ = writeln!(
        text,
        "\nMacro-F1 over the topics {:.3}, micro-F1 {:.3}.\n\nFigures are cross-validated: each paragraph was judged by \
         a fit of other parts of the corpus, which are whole files where there are three files of articles or more.",
        figure("macro_f1"),
        figure("micro_f1")
    );
    text
}
