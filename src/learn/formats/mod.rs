//! Labelled texts as other tools write them: text in, annotations out, and back. Nothing here touches a disk.

pub(super) mod json;
mod names;
mod fasttext;
mod doccano;
mod prodigy;
mod spacy;
mod label_studio;
mod label_studio_min;
pub(super) mod folders;
mod ours;
mod written;
#[cfg(test)]
mod round_trip;

use std::collections::BTreeSet;
use std::str::FromStr;

pub(super) use names::NONE;
pub use written::{Export, Written};

use super::corpus::Document;

/// How labelled texts are written down.
///
/// ```
/// use disputed::learn::Format;
/// assert_eq!("label-studio".parse(), Ok(Format::LabelStudio));
/// assert_eq!(Format::FastText.as_str(), "fasttext");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Our own: a folder with `paragraphs/*.jsonl` and `articles/*.jsonl`, as `corpus/CODEBOOK.md` tells.
    Corpus,
    /// fastText: `__label__trade __label__iran text`, one text a line.
    FastText,
    /// doccano: `{"text": …, "label": ["trade"]}`, one object a line; its `labels` and `cats` are read too.
    Doccano,
    /// Prodigy: one answer a line, on one label or on a choice of them.
    Prodigy,
    /// spaCy: `{"text": …, "cats": {"trade": 1.0}}`, or a pair of the text and its `cats`.
    Spacy,
    /// Label Studio: its JSON export, with choices or a taxonomy; its JSON-MIN is read too.
    LabelStudio,
    /// Text files in folders that are named by label: `trade/a.txt`, `trade+iran/b.txt`, `none/c.txt`.
    Folders,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 7] = [
        Format::Corpus,
        Format::FastText,
        Format::Doccano,
        Format::Prodigy,
        Format::Spacy,
        Format::LabelStudio,
        Format::Folders,
    ];

    /// The format as it is written on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Corpus => "corpus",
            Format::FastText => "fasttext",
            Format::Doccano => "doccano",
            Format::Prodigy => "prodigy",
            Format::Spacy => "spacy",
            Format::LabelStudio => "label-studio",
            Format::Folders => "folders",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let names = || Format::ALL.map(Format::as_str).join(", ");
        let format = Format::ALL.into_iter().find(|format| format.as_str() == text);
        format.ok_or_else(|| format!("{text:?} is no format; expected one of {}", names()))
    }
}

/// What was said of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Annotation {
    /// The line where it begins, counted from one.
    pub(super) line: usize,
    /// The text; it is not empty.
    pub(super) text: String,
    /// Which labels it has.
    pub(super) says: Says,
}

/// Which labels a text has, as far as one annotation knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    /// These, and no others.
    All(Vec<String>),
    /// It has the first and lacks the second; of others nothing was said.
    Some(Vec<String>, Vec<String>),
    /// Nothing: it was passed over, or nobody came to it yet.
    Nothing,
}

impl Says {
    /// The labels that are spoken of.
    pub(super) fn labels(&self) -> impl Iterator<Item = &String> {
        let (one, other): (&[String], &[String]) = match self {
            Says::All(labels) => (labels, &[]),
            Says::Some(holds, not) => (holds, not),
            Says::Nothing => (&[], &[]),
        };
        one.iter().chain(other)
    }
}

/// What one file holds.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// What was said, in the order of the file.
    pub(super) annotations: Vec<Annotation>,
    /// The fields that are not read.
    pub(super) fields: BTreeSet<String>,
}

/// What is wrong with a file, for who knows its path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, counted from one.
    pub(super) line: usize,
    /// What was found, and what was expected.
    pub(super) message: String,
}

impl Fault {
    fn new(line: usize, message: impl Into<String>) -> Fault {
        Fault { line, message: message.into() }
    }
}

/// What the formats are told apart by.
const SHAPES: &str = "expected fastText (__label__…), or JSON of doccano (a list `label`), Prodigy (`answer`), spaCy \
                      (`cats`), Label Studio (`data` and `annotations`), or articles (`paragraphs`)";

/// Tells a file's format by its first entry.
pub(super) fn tell(text: &str) -> Result<Format, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let line = 1 + text.lines().take_while(|line| line.trim().is_empty()).count();
    match text.trim_start().chars().next() {
        None => Err(Fault::new(1, format!("the file is empty; {SHAPES}"))),
        Some('{' | '[') => {
            let first = json::first(text)?;
            let has = |key: &str| first.value.get(key).is_some();
            let is_list = |key: &str| first.value.get(key).is_some_and(serde_json::Value::is_array);
            if first.value.is_array() || first.value.get("cats").is_some_and(serde_json::Value::is_object) {
                Ok(Format::Spacy)
            } else if has("paragraphs") {
                Ok(Format::Corpus)
            } else if has("data") && has("annotations") || label_studio_min::is_annotation(&first) {
                Ok(Format::LabelStudio)
            } else if ["answer", "options", "accept"].into_iter().any(has) {
                Ok(Format::Prodigy)
            } else if ["label", "labels", "cats"].into_iter().any(is_list) {
                Ok(Format::Doccano)
            } else {
                let fields = first.value.as_object().into_iter().flatten().map(|(key, _)| format!("`{key}`"));
                let fields: Vec<String> = fields.take(9).collect();
                let found = if fields.is_empty() { "no fields".to_string() } else { fields.join(", ") };
                Err(Fault::new(first.line, format!("an entry with {found} is of no known format; {SHAPES}")))
            }
        }
        Some(_) if text.trim_start().starts_with(fasttext::PREFIX) => Ok(Format::FastText),
        Some(_) => Err(Fault::new(line, format!("the line is of no known format; {SHAPES}"))),
    }
}

/// Reads a file of one of the formats that are single files.
pub(super) fn read(format: Format, text: &str) -> Result<Sheet, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let is_min = || json::first(text).is_ok_and(|first| label_studio_min::is_annotation(&first));
    match format {
        Format::FastText => fasttext::read(text),
        Format::Doccano => doccano::read(text),
        Format::Prodigy => prodigy::read(text),
        Format::Spacy => spacy::read(text),
        Format::LabelStudio if is_min() => label_studio_min::read(text),
        Format::LabelStudio => label_studio::read(text),
        Format::Corpus | Format::Folders => Err(Fault::new(1, format!("the format is no single file; {SHAPES}"))),
    }
}

/// Writes documents down.
///
/// # Errors
/// What the format cannot hold, where that cannot be left out either.
pub(super) fn write(format: Format, documents: &[Document]) -> Result<Export, String> {
    let paragraphs = || documents.iter().flat_map(|document| &document.paragraphs);
    if format != Format::Corpus && paragraphs().any(|p| p.has(NONE)) {
        return Err(format!("a topic is called {NONE}, which means no topic in the format {}", format.as_str()));
    }
    let mut lost = written::Lost::default();
    let paragraphs: Vec<_> = paragraphs().collect();
    let written = match format {
        Format::Corpus => ours::write(documents),
        Format::FastText => fasttext::write(&paragraphs, &mut lost)?,
        Format::Doccano => doccano::write(&paragraphs),
        Format::Prodigy => prodigy::write(&paragraphs),
        Format::Spacy => spacy::write(&paragraphs, &mut lost),
        Format::LabelStudio => label_studio::write(&paragraphs),
        Format::Folders => folders::write(&paragraphs, &mut lost),
    };
    if format != Format::Corpus {
        lost.articles(documents);
    }
    Ok(Export { written, lost: lost.sentences() })
}
