//! `disputed model show`: a model's card, in Markdown.

use std::fmt::Write;

use disputed::model::Training;
use disputed::{Model, Result};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn show(settings: &Settings) -> Result<()> {
    print(card(&settings.model()?))
}

fn trained_on(Training { paragraphs, in_articles, unlabelled, .. }: &Training) -> String {
    let beside = if *unlabelled > 0 { format!(", beside {unlabelled} without labels") } else { String::new() };
    format!("{paragraphs} paragraphs, {in_articles} of them in articles{beside}")
}

/// What a stream is held against.
fn measure(model: &Model) -> String {
    let profile = model.profile();
    let verdicts = if model.training().unlabelled > 0 { "the verdicts" } else { "the cross-validated verdicts" };
    let share = |count: Option<&u64>| 100.0 * count.map_or(0.0, |&n| n as f64) / profile.paragraphs.max(1) as f64;
    let mut last = profile.labels.iter().rev();
    let (boilerplate, none) = (share(last.next()), share(last.next()));
    format!(
        "{verdicts} on {} paragraphs, {none:.0} % without a topic, {boilerplate:.0} % boilerplate",
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
            "naive Bayes, one topic against the rest; Markov chains through the article; a jury of logistic judges"
                .into(),
        ),
        ("Language", model.language().unwrap_or("any").to_string()),
        ("Features", format!("{words} words and {pairs} pairs of words")),
        ("Trained on", trained_on(training)),
        ("Corpus", training.corpus.clone()),
        ("A topic is given from", format!("a probability of {}", model.threshold())),
        ("Drift is measured against", measure(model)),
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
         a fit of other parts of the corpus, which are whole files, each in a register of its own, where there are three \
         of them or more. No article is in two parts.",
        figure("macro_f1"),
        figure("micro_f1")
    );
    text
}
