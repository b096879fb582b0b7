//! The JSON line: the one serialised form of a result, its schema number, field order and rounding.

mod delivered;
mod relation;

use std::io::{self, Read};
use std::time::SystemTime;

use serde::Serialize;

use crate::article::Article;
use crate::model::{Judgement, ReviewReason, probability};

pub(crate) use delivered::{Delivered, News};
pub(crate) use relation::{NearDuplicate, Relation, Withdrawn};

/// The number that changes when a reader of the lines would have to change.
pub const SCHEMA: u32 = 1;

/// The JSON Schema that every line is valid against.
pub const RECORD_SCHEMA: &str = include_str!("../deploy/record.schema.json");

/// A line has at most this many bytes, because journald cuts longer ones.
pub const LINE_LIMIT: usize = 48 * 1024 - 1;

/// The digest of a file's bytes, as records carry it: `b3:` and 64 hexadecimal digits of BLAKE3.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("b3:{}", blake3::hash(bytes))
}

/// As [`digest`], of what a reader gives, without holding it all in memory.
pub(crate) fn digest_of(reader: impl Read) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(reader)?;
    Ok(format!("b3:{}", hasher.finalize()))
}

/// A value as one line of JSON, with its line feed.
pub(crate) fn json_line(value: &impl Serialize) -> Vec<u8> {
    let mut line = Vec::new();
    write_line(value, &mut line);
    line
}

/// As [`json_line`], at the end of what is there; tells how long it is.
fn write_line(value: &impl Serialize, lines: &mut Vec<u8>) -> usize {
    let start = lines.len();
    // Strings, numbers, and lists and records of those: writing them to memory cannot fail.
    let _ = serde_json::to_writer(&mut *lines, value);
    lines.push(b'\n');
    lines.len() - start
}

/// Where an article came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The drop folder; none where the article was given by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox: Option<String>,
    /// The path, relative to the inbox, or as given. Bytes that are no UTF-8 are written `\xHH`, a backslash `\x5c`.
    pub path: String,
    /// Which article of the file, from 0.
    pub item: u32,
    /// The file's size.
    pub bytes: u64,
    /// BLAKE3 of the file's bytes, as `b3:` and 64 hexadecimal digits.
    pub digest: String,
    /// With `ctime`, tells one delivery from another of the same name and bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inode: Option<u64>,
    /// When the file's inode last changed, in UTC with nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctime: Option<String>,
    /// The format that the file was read as: `plain` or `html`.
    pub format: &'static str,
    /// The charset that it was decoded from, by its WHATWG name in lower case.
    pub charset: &'static str,
    /// How many byte sequences were no text in that charset and became U+FFFD.
    #[serde(skip_serializing_if = "is_zero")]
    pub replaced: usize,
}

/// One article with its labels, ready to be written as a line.
///
/// ```
/// use std::time::SystemTime;
/// use disputed::{LINE_LIMIT, Limits, Model, Origin, label};
///
/// let (model, limits) = (Model::shipped()?, Limits::default());
/// let record = label(b"Talks resume", Origin::default(), &model, &limits, SystemTime::UNIX_EPOCH)?;
/// assert!(record.id().starts_with("b3:"));
/// let line = record.without_text().line();
/// assert!(line.ends_with(b"\n") && line.len() <= LINE_LIMIT);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    schema: u32,
    id: String,
    source: Source,
    received_at: String,
    title: Option<String>,
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byline: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<String>,
    language: Option<&'static str>,
    topics: Vec<ArticleTopic>,
    primary: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<Section>,
    paragraphs: Vec<Paragraph>,
    model: String,
    review: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ArticleTopic {
    topic: String,
    probability: f64,
    share: f64,
    paragraphs: Vec<usize>,
}

/// One of several articles in a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Section {
    /// The first, and the one after the last.
    paragraphs: [usize; 2],
    title: Option<String>,
    topics: Vec<ArticleTopic>,
    primary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Paragraph {
    i: usize,
    span: [usize; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<ParagraphTopic>>,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ParagraphTopic {
    topic: String,
    probability: f64,
    log_odds: f64,
}

impl Record {
    /// The record of one article. `names` are the model's topics, `model` its id.
    pub(crate) fn new(
        id: String,
        source: Source,
        received_at: SystemTime,
        article: &Article,
        judgement: &Judgement,
        names: &[String],
        model: &str,
    ) -> Record {
        /// More say nothing of an article, and a line is only so long.
        const SUBJECTS: usize = 50;
        let details = &article.details;
        let topics = article_topics(&judgement.topics, names);
        let section = |section: &crate::model::Section| Section {
            paragraphs: [section.paragraphs.start, section.paragraphs.end],
            title: article.paragraphs().nth(section.paragraphs.start).map(shortened),
            primary: section.topics.first().map(|topic| names[topic.topic].clone()),
            topics: article_topics(&section.topics, names),
        };
        let paragraphs = article.paragraphs().zip(article.spans()).zip(&judgement.paragraphs).enumerate();
        let paragraphs = paragraphs.map(|(i, ((text, span), verdict))| {
            let topics = verdict.topics.iter().map(|&topic| ParagraphTopic {
                topic: names[topic].clone(),
                probability: rounded_probability(probability(verdict.log_odds[topic])),
                log_odds: rounded(verdict.log_odds[topic]),
            });
            Paragraph {
                i,
                span: [span.start, span.end],
                text: (!verdict.boilerplate).then(|| text.to_string()),
                topics: (!verdict.boilerplate).then(|| topics.collect()),
                kind: if verdict.boilerplate { "boilerplate" } else { "text" },
            }
        });
        Record {
            schema: SCHEMA,
            id,
            received_at: humantime::format_rfc3339_millis(received_at).to_string(),
            title: article.title().map(shortened),
            published: details.published.clone(),
            updated: details.updated.clone(),
            byline: details.byline.as_deref().map(shortened),
            url: details.url.as_deref().map(shortened),
            guid: details.guid.as_deref().map(shortened),
            version: details.version.as_deref().map(shortened),
            subjects: details.subjects.iter().take(SUBJECTS).map(|subject| cut(subject, SUBJECT)).collect(),
            language: article.language,
            primary: topics.first().map(|t| t.topic.clone()),
            topics,
            sections: judgement.sections.iter().map(section).collect(),
            paragraphs: paragraphs.collect(),
            model: model.to_string(),
            review: judgement.review.is_some(),
            review_reason: judgement.review.map(ReviewReason::as_str),
            truncated: None,
            source,
        }
    }

    /// The digest of the article's bytes: the same for every delivery of the same bytes. Where the same article stands in
    /// a file more than once, a number follows.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The digest of the bytes of its file.
    pub(crate) fn digest_of_file(&self) -> &str {
        &self.source.digest
    }

    /// The same record without the paragraphs' texts.
    pub fn without_text(mut self) -> Record {
        self.paragraphs.iter_mut().for_each(|p| p.text = None);
        self
    }

    /// The line, with its line feed: one JSON object in UTF-8, at most [`LINE_LIMIT`] bytes. A longer one gives up the
    /// paragraphs' texts first, then the paragraphs, and says so in `truncated`.
    pub fn line(self) -> Vec<u8> {
        let mut line = Vec::new();
        self.write_line(&mut line);
        line
    }

    /// As [`Record::line`], at the end of what is there.
    pub fn write_line(self, lines: &mut Vec<u8>) {
        let start = lines.len();
        let limit = LINE_LIMIT - Relation::ROOM;
        if write_line(&self, lines) <= limit {
            return;
        }
        lines.truncate(start);
        let mut record = self.without_text();
        record.truncated = Some("text");
        if write_line(&record, lines) <= limit {
            return;
        }
        lines.truncate(start);
        record.truncated = Some("paragraphs");
        record.paragraphs.clear();
        record.sections.clear();
        record.topics.iter_mut().for_each(|topic| topic.paragraphs.clear());
        write_line(&record, lines);
    }
}

fn article_topics(topics: &[crate::model::ArticleTopic], names: &[String]) -> Vec<ArticleTopic> {
    let topic = |t: &crate::model::ArticleTopic| ArticleTopic {
        topic: names[t.topic].clone(),
        probability: rounded_probability(t.probability),
        share: rounded(t.share),
        paragraphs: t.paragraphs.clone(),
    };
    topics.iter().map(topic).collect()
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Four decimals: all that calibration supports, and the same in every line.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// As [`rounded`], but never certain: nothing learned from examples is.
fn rounded_probability(value: f64) -> f64 {
    rounded(value).clamp(0.0001, 0.9999)
}

/// A title, or what else is said of an article.
fn shortened(text: &str) -> String {
    cut(text, DETAIL)
}

/// Bytes that a title takes in a line at most, and a subject, of which there may be many. With the longest path that there
/// is, all of them together leave room in the line.
const DETAIL: usize = 3000;
const SUBJECT: usize = 200;

/// The text, or as much of its start as takes so many bytes in JSON.
fn cut(text: &str, most: usize) -> String {
    let mut bytes = 0;
    let does_not_fit = |(_, c): &(usize, char)| {
        bytes += match c {
            '"' | '\\' => 2,
            c if c.is_ascii_control() => "\\u0000".len(),
            c => c.len_utf8(),
        };
        bytes > most
    };
    match text.char_indices().find(does_not_fit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
