//! The labelled paragraphs to learn from: read, checked, and put in an order that does not depend on the disk.

use std::collections::BTreeMap;
use std::path::Path;

use super::dataset::Dataset;
use super::folds;
use super::names::BOILERPLATE;
use crate::error::{Error, Result};
use crate::nearest::nearest;

/// A topic with fewer paragraphs cannot be learned.
const FEWEST: usize = 5;

/// A paragraph with its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The paragraph.
    pub text: String,
    /// Its topics, or `boilerplate` alone; none where it is about something else.
    pub labels: Vec<String>,
}

/// Paragraphs that belong together, in reading order: an article, or one paragraph alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The paragraphs.
    pub paragraphs: Vec<Labelled>,
    /// Whether the first is the article's title.
    pub titled: bool,
    /// The part of the corpus that it is in, each of which is judged by a model of the others.
    pub(super) fold: usize,
}

impl Labelled {
    /// Whether it carries the label.
    pub fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|l| l == label)
    }
}

impl Document {
    /// A document with these paragraphs; where `titled`, the first is its title.
    pub fn new(paragraphs: Vec<Labelled>, titled: bool) -> Document {
        Document { paragraphs, titled, fold: 0 }
    }

    /// Whether it is an article, and not one paragraph alone.
    pub fn is_article(&self) -> bool {
        self.titled || self.paragraphs.len() > 1
    }

    /// Whether the topic is one of the article as a whole: on at least a fifth of the paragraphs that are not
    /// boilerplate, or on the title.
    pub fn is_about(&self, topic: &str) -> bool {
        let content = self.paragraphs.iter().filter(|p| !p.has(BOILERPLATE)).count();
        let on = self.paragraphs.iter().filter(|p| p.has(topic)).count();
        let in_title = self.titled && self.paragraphs.first().is_some_and(|p| p.has(topic));
        in_title || (on > 0 && on * 5 >= content)
    }
}

/// What there is to learn from.
///
/// ```
/// use std::path::Path;
/// use disputed::learn::Corpus;
/// let corpus = Corpus::read(Path::new("corpus"))?;
/// assert!(corpus.topics.contains(&"trade".to_string()));
/// assert_eq!(corpus.conflicts, [""; 0]);
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Corpus {
    /// Articles first, then single paragraphs.
    pub documents: Vec<Document>,
    /// The topics, by name; they are whatever the corpus says.
    pub topics: Vec<String>,
    /// The same text under two labels, with file and line of both, as sentences for a person.
    pub conflicts: Vec<String>,
    /// What was not taken, and why, as sentences for a person.
    pub left_out: Vec<String>,
    /// BLAKE3 of it all.
    pub digest: String,
}

impl Corpus {
    /// Reads a corpus in our layout or in any other that [`Dataset::read`] knows.
    ///
    /// # Errors
    /// As [`Dataset::read`]; and an [`Error::Corpus`] where no paragraph has a topic, or a label has fewer than five.
    pub fn read(path: &Path) -> Result<Corpus> {
        let Dataset { mut articles, mut paragraphs, conflicts, left_out, .. } = Dataset::read(path)?;
        // What the files are called, and so their order in the folder, changes nothing.
        articles.sort_by_key(|file| *file.digest.as_bytes());
        paragraphs.sort_by_key(|file| *file.digest.as_bytes());
        folds::deal(&mut articles, &mut paragraphs);
        let mut hasher = blake3::Hasher::new();
        articles.iter().chain(&paragraphs).for_each(|file| {
            hasher.update(file.digest.as_bytes());
        });
        let digest = format!("b3:{}", hasher.finalize());
        let documents: Vec<Document> = articles.into_iter().chain(paragraphs).flat_map(|file| file.documents).collect();
        let topics = topics(path, &documents)?;
        Ok(Corpus { documents, topics, conflicts, left_out, digest })
    }

    /// The paragraphs of all documents, in their order.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().flat_map(|d| &d.paragraphs).map(|p| p.text.as_str())
    }

    /// How many paragraphs each label has.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        counts(&self.documents)
    }
}

pub(super) fn corpus_error(path: &Path, line: Option<usize>, message: impl Into<String>) -> Error {
    Error::Corpus { path: path.to_path_buf(), line, message: message.into() }
}

fn counts(documents: &[Document]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for label in documents.iter().flat_map(|d| &d.paragraphs).flat_map(|p| &p.labels) {
        *counts.entry(label.clone()).or_insert(0) += 1;
    }
    counts
}

fn topics(folder: &Path, documents: &[Document]) -> Result<Vec<String>> {
    let counts = counts(documents);
    if let Some((topic, count)) = counts.iter().find(|(_, count)| **count < FEWEST) {
        let others = counts.iter().filter(|(_, count)| **count >= FEWEST).map(|(label, _)| label.as_str());
        let hint = nearest(topic, others).map(|label| format!("; did you mean {label}?")).unwrap_or_default();
        let message =
            format!("the label {topic} has {count} paragraphs; expected at least {FEWEST} to learn from{hint}");
        return Err(corpus_error(folder, None, message));
    }
    let topics: Vec<String> = counts.into_keys().filter(|label| label != BOILERPLATE).collect();
    if topics.is_empty() {
        return Err(corpus_error(folder, None, "no paragraph has a topic; expected some with labels"));
    }
    Ok(topics)
}
