//! `disputed explain`: which words, where, pulled which way.

use std::fmt::Write;
use std::path::Path;

use disputed::model::{Explanation, probability};
use disputed::read::read;
use disputed::{Article, Error, Result};

use crate::classify;
use crate::print::print;
use crate::settings::Settings;

/// How many features are shown for a topic: those that decided.
const SHOWN: usize = 12;

pub(crate) fn run(settings: &Settings, file: &Path) -> Result<()> {
    let model = settings.model()?;
    let limits = settings.limits();
    let (bytes, origin) = classify::read(file, None, limits.bytes)?;
    let reading =
        read(&bytes, &origin.path, &limits).map_err(|reject| Error::Input { path: file.to_path_buf(), reject })?;
    let explanations = model.explain(&reading.article);
    let mut text = String::new();
    for (i, paragraph) in reading.article.paragraphs().enumerate() {
        describe(&mut text, &reading.article, i, paragraph, explanations.iter().filter(|e| e.paragraph == i));
    }
    print(text)
}

fn describe<'a>(
    text: &mut String,
    article: &Article,
    i: usize,
    paragraph: &str,
    explanations: impl Iterator<Item = &'a Explanation>,
) {
    let span = &article.spans()[i];
    let start: String = paragraph.chars().take(72).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let more = if start.len() < paragraph.len() { "…" } else { "" };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "[{i}] {}..{} {start}{more}", span.start, span.end);
    for e in explanations {
        let given = if e.given { "" } else { " (not given)" };
        let _ = writeln!(text, "    {} {:.2}, log-odds {:+.2}{given}", e.topic, probability(e.log_odds), e.log_odds);
        let _ = writeln!(
            text,
            "        before any word {:+.2}, own words {:+.2}, neighbours {:+.2}",
            e.prior, e.own, e.neighbours
        );
        for evidence in e.evidence.iter().take(SHOWN).filter(|evidence| evidence.log_odds != 0.0) {
            let spans: Vec<String> = evidence.spans.iter().map(|s| format!("{}..{}", s.start, s.end)).collect();
            let _ = writeln!(text, "        {:+.3}  {}  {}", evidence.log_odds, evidence.feature, spans.join(" "));
        }
    }
}
