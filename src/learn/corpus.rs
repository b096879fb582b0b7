//! The labelled paragraphs to learn from: read, checked, and put in an order that does not depend on the disk.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::folds;
use crate::error::{Error, Result};

/// The one label that is no topic.
pub(crate) const BOILERPLATE: &str = "boilerplate";

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
    /// BLAKE3 of it all.
    pub digest: String,
}

/// The documents of one file.
pub(super) struct File {
    pub(super) documents: Vec<Document>,
    digest: blake3::Hash,
}

/// A line of `articles/*.jsonl`, and of gold files.
#[derive(Deserialize)]
struct ArticleLine {
    title: Option<String>,
    paragraphs: Vec<ParagraphLine>,
}

/// A paragraph within an article, and a line of `paragraphs/*.jsonl`. Other fields are for people and tools.
#[derive(Deserialize)]
struct ParagraphLine {
    text: String,
    label: Vec<String>,
}

impl Corpus {
    /// Reads `paragraphs/*.jsonl` and `articles/*.jsonl` in a folder.
    ///
    /// # Errors
    /// An [`Error::Corpus`] with file, line and what was expected where a line is bad, where there is nothing, or where
    /// a topic has fewer than five paragraphs.
    pub fn read(folder: &Path) -> Result<Corpus> {
        std::fs::metadata(folder).map_err(Error::io("read the corpus", folder))?;
        let mut seen = Seen::default();
        let mut read = |sort: &str, read: fn(&Path) -> Result<File>| -> Result<Vec<File>> {
            let mut all = Vec::new();
            for path in files(&folder.join(sort))? {
                let file = read(&path)?;
                for (document, n) in file.documents.iter().zip(1..) {
                    document.paragraphs.iter().for_each(|p| seen.note(p, &path, n));
                }
                all.push(file);
            }
            // What the files are called, and so their order in the folder, changes nothing.
            all.sort_by_key(|file| *file.digest.as_bytes());
            Ok(all)
        };
        let (mut articles, mut paragraphs) = (read("articles", read_articles)?, read("paragraphs", read_paragraphs)?);
        folds::deal(&mut articles, &mut paragraphs);
        let mut hasher = blake3::Hasher::new();
        articles.iter().chain(&paragraphs).for_each(|file| {
            hasher.update(file.digest.as_bytes());
        });
        let digest = format!("b3:{}", hasher.finalize());
        let documents: Vec<Document> = articles.into_iter().chain(paragraphs).flat_map(|file| file.documents).collect();
        let topics = topics(folder, &documents)?;
        Ok(Corpus { documents, topics, conflicts: seen.conflicts, digest })
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

/// Reads a gold file: articles, one a line.
///
/// # Errors
/// An [`Error::Corpus`] with line and what was expected where a line is bad, or where there is none.
pub fn read_gold(path: &Path) -> Result<Vec<Document>> {
    let documents = read_articles(path)?.documents;
    if documents.is_empty() {
        return Err(corpus_error(path, None, "it holds no articles; expected one JSON object a line"));
    }
    Ok(documents)
}

const ARTICLE_SHAPE: &str = r#"expected {"title": "…", "paragraphs": [{"text": "…", "label": ["topic", …]}, …]}"#;
const PARAGRAPH_SHAPE: &str = r#"expected {"text": "…", "label": ["topic", …]}"#;

fn corpus_error(path: &Path, line: Option<usize>, message: impl Into<String>) -> Error {
    Error::Corpus { path: path.to_path_buf(), line, message: message.into() }
}

/// The `.jsonl` files of a folder by name; a folder that is not there has none.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("list", folder)(e)),
    };
    let paths = entries.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(Error::io("list", folder))?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    paths.sort();
    Ok(paths)
}

/// The lines of a file, and its digest; an empty line at the end is none.
fn lines(path: &Path) -> Result<(Vec<String>, blake3::Hash)> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let digest = blake3::hash(&bytes);
    let text = String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        corpus_error(path, Some(line), "the line is no UTF-8; expected JSON lines in UTF-8")
    })?;
    Ok((text.lines().map(String::from).collect(), digest))
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, number: usize, line: &'a str, shape: &str) -> Result<T> {
    serde_json::from_str(line).map_err(|e| {
        let what = e.to_string();
        // serde counts lines within what it was given, which was one.
        let what = what.split(" at line ").next().unwrap_or_default();
        corpus_error(path, Some(number), format!("{what}; {shape}"))
    })
}

fn read_articles(path: &Path) -> Result<File> {
    let read = |(n, line): (usize, &String)| {
        let ArticleLine { title, paragraphs } = parse(path, n + 1, line, ARTICLE_SHAPE)?;
        if paragraphs.is_empty() {
            return Err(corpus_error(path, Some(n + 1), format!("the article has no paragraphs; {ARTICLE_SHAPE}")));
        }
        let paragraphs: Vec<Labelled> =
            paragraphs.into_iter().map(|p| parse_paragraph(path, n + 1, p)).collect::<Result<_>>()?;
        let titled = title.is_some_and(|title| title == paragraphs[0].text);
        Ok(Document::new(paragraphs, titled))
    };
    let (lines, digest) = lines(path)?;
    Ok(File { documents: lines.iter().enumerate().map(read).collect::<Result<_>>()?, digest })
}

fn read_paragraphs(path: &Path) -> Result<File> {
    let read = |(n, line): (usize, &String)| {
        let paragraph = parse_paragraph(path, n + 1, parse(path, n + 1, line, PARAGRAPH_SHAPE)?)?;
        Ok(Document::new(vec![paragraph], false))
    };
    let (lines, digest) = lines(path)?;
    Ok(File { documents: lines.iter().enumerate().map(read).collect::<Result<_>>()?, digest })
}

fn parse_paragraph(path: &Path, number: usize, line: ParagraphLine) -> Result<Labelled> {
    let bad = |message: String| Err(corpus_error(path, Some(number), message));
    if line.text.trim().is_empty() {
        return bad(format!("the text is empty; {PARAGRAPH_SHAPE}"));
    }
    for (n, label) in line.label.iter().enumerate() {
        if line.label[..n].contains(label) {
            return bad(format!("{label:?} stands twice in {:?}; expected each label once", line.label));
        }
        if !is_name(label) {
            return bad(format!(
                "{label:?} is no label; expected lower-case letters, digits and hyphens, starting with a letter, at \
                 most 64 of them"
            ));
        }
        if label == BOILERPLATE && line.label.len() > 1 {
            return bad(format!("boilerplate stands with topics in {:?}; expected it alone", line.label));
        }
    }
    Ok(Labelled { text: line.text, labels: line.label })
}

pub(super) fn is_name(label: &str) -> bool {
    label.len() <= 64
        && label.starts_with(|c: char| c.is_ascii_lowercase())
        && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn counts(documents: &[Document]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for label in documents.iter().flat_map(|d| &d.paragraphs).flat_map(|p| &p.labels) {
        *counts.entry(label.clone()).or_insert(0) += 1;
    }
    counts
}

fn topics(folder: &Path, documents: &[Document]) -> Result<Vec<String>> {
    if documents.is_empty() {
        let message = "the corpus is empty; expected paragraphs/*.jsonl and articles/*.jsonl with labelled paragraphs";
        return Err(corpus_error(folder, None, message));
    }
    let counts = counts(documents);
    if let Some((topic, count)) = counts.iter().find(|(_, count)| **count < FEWEST) {
        let message = format!("the label {topic} has {count} paragraphs; expected at least {FEWEST} to learn from");
        return Err(corpus_error(folder, None, message));
    }
    let topics: Vec<String> = counts.into_keys().filter(|label| label != BOILERPLATE).collect();
    if topics.is_empty() {
        return Err(corpus_error(folder, None, "no paragraph has a topic; expected some with labels"));
    }
    Ok(topics)
}

/// Texts with the labels and the place where they were first met.
#[derive(Default)]
struct Seen {
    first: HashMap<String, (Vec<String>, String)>,
    conflicts: Vec<String>,
}

impl Seen {
    /// Notes a paragraph, and that it contradicts an earlier one: at least one of the two is wrong.
    fn note(&mut self, paragraph: &Labelled, path: &Path, line: usize) {
        let mut labels = paragraph.labels.clone();
        labels.sort();
        let place = format!("{}:{line}", path.display());
        let (before, first) =
            self.first.entry(paragraph.text.clone()).or_insert_with(|| (labels.clone(), place.clone()));
        if *before != labels {
            let start: String = paragraph.text.chars().take(60).collect();
            self.conflicts.push(format!("{place}: “{start}” has the labels {labels:?} here and {before:?} in {first}"));
        }
    }
}
