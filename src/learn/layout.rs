//! Our own layout of a corpus: JSON lines of labelled paragraphs and of articles.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::corpus::{Document, Labelled, corpus_error};
use super::formats::json;
use super::names;
use crate::error::{Error, Result};

/// The documents of one file.
pub(super) struct File {
    pub(super) documents: Vec<Document>,
    pub(super) digest: blake3::Hash,
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

/// Reads a gold file: articles, one a line.
///
/// # Errors
/// An [`Error::Corpus`] with line and what was expected where a line is bad, or where there is none.
pub fn read_gold(path: &Path) -> Result<Vec<Document>> {
    let documents = articles(path)?.documents;
    if documents.is_empty() {
        return Err(corpus_error(path, None, "it holds no articles; expected one JSON object a line"));
    }
    Ok(documents)
}

const ARTICLE_SHAPE: &str = r#"expected {"title": "…", "paragraphs": [{"text": "…", "label": ["topic", …]}, …]}"#;
const PARAGRAPH_SHAPE: &str = r#"expected {"text": "…", "label": ["topic", …]}"#;

/// Reads a file of `articles/`.
pub(super) fn articles(path: &Path) -> Result<File> {
    let read = |(n, line): (usize, &String)| {
        let ArticleLine { title, paragraphs } = parse(path, n + 1, line, ARTICLE_SHAPE)?;
        if paragraphs.is_empty() {
            return Err(corpus_error(path, Some(n + 1), format!("the article has no paragraphs; {ARTICLE_SHAPE}")));
        }
        let paragraphs: Vec<Labelled> =
            paragraphs.into_iter().map(|p| paragraph(path, n + 1, p)).collect::<Result<_>>()?;
        let titled = title.is_some_and(|title| title == paragraphs[0].text);
        Ok(Document::new(paragraphs, titled))
    };
    let (lines, digest) = lines(path)?;
    Ok(File { documents: lines.iter().enumerate().map(read).collect::<Result<_>>()?, digest })
}

/// Reads a file of `paragraphs/`.
pub(super) fn paragraphs(path: &Path) -> Result<File> {
    let read = |(n, line): (usize, &String)| {
        let paragraph = paragraph(path, n + 1, parse(path, n + 1, line, PARAGRAPH_SHAPE)?)?;
        Ok(Document::new(vec![paragraph], false))
    };
    let (lines, digest) = lines(path)?;
    Ok(File { documents: lines.iter().enumerate().map(read).collect::<Result<_>>()?, digest })
}

/// The fields of a file's objects that are for people and tools; so is a title that is not the first paragraph.
pub(super) fn other_fields(path: &Path) -> Result<BTreeSet<String>> {
    let mut fields = BTreeSet::new();
    for line in lines(path)?.0 {
        let Ok(Value::Object(object)) = serde_json::from_str(&line) else { continue };
        let first = object.get("paragraphs").map(|paragraphs| &paragraphs[0]["text"]);
        let is_known = |key: &str, value: &Value| match key {
            "title" => value.is_null() || first == Some(value),
            _ => ["text", "label", "paragraphs"].contains(&key),
        };
        fields.extend(object.iter().filter(|(key, value)| !is_known(key, value)).map(|(key, _)| key.clone()));
    }
    Ok(fields)
}

/// The lines of a file, and its digest; an empty line at the end is none.
fn lines(path: &Path) -> Result<(Vec<String>, blake3::Hash)> {
    let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
    let digest = blake3::hash(&bytes);
    Ok((utf8(path, bytes)?.lines().map(String::from).collect(), digest))
}

/// The text of a file.
pub(super) fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        corpus_error(path, Some(line), "the line is no UTF-8; expected text in UTF-8")
    })
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, number: usize, line: &'a str, shape: &str) -> Result<T> {
    serde_json::from_str(line)
        .map_err(|e| corpus_error(path, Some(number), format!("{}; {shape}", json::without_line(&e))))
}

fn paragraph(path: &Path, number: usize, line: ParagraphLine) -> Result<Labelled> {
    let bad = |message: String| corpus_error(path, Some(number), message);
    if line.text.trim().is_empty() {
        return Err(bad(format!("the text is empty; {PARAGRAPH_SHAPE}")));
    }
    names::check(&line.label).map_err(bad)?;
    Ok(Labelled { text: line.text, labels: line.label })
}
