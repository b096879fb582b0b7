//! The JSON line: the one serialised form of a result, its schema number, field order and rounding.

use std::io::{self, Read};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::article::Article;
use crate::model::{Judgement, ReviewReason, probability};

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

/// What a record has to do with earlier ones, which is known last: it stands at the end of the line.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Relation {
    /// The earlier record in whose place this one stands: its id, or the digest of a file of several articles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<String>,
    /// The story that it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) story: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) near_duplicate: Option<NearDuplicate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn: Option<Withdrawn>,
}

/// An earlier article that tells the same story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NearDuplicate {
    pub(crate) of: String,
    #[serde(serialize_with = "hundredths")]
    pub(crate) similarity: f64,
}

/// An article that its publisher has taken back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Withdrawn {
    pub(crate) status: &'static str,
    /// Its record, where that is remembered.
    pub(crate) id: Option<String>,
}

impl Relation {
    /// Adds it to the line that `lines` ends with, which has room for it.
    pub(crate) fn write(&self, lines: &mut Vec<u8>) {
        const END: &[u8] = b"}\n";
        if *self == Relation::default() || !lines.ends_with(END) {
            return;
        }
        lines.truncate(lines.len() - END.len());
        let comma = lines.len();
        write_line(self, lines);
        // Where its own object opens, that of the line goes on.
        lines[comma] = b',';
    }

    /// So many bytes it takes at most: two ids with a number behind each, a story, and the names of all.
    pub(crate) const ROOM: usize = 384;
}

/// Of a figure with a standard error of a twentieth.
fn hundredths<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1e2).round() / 1e2)
}

/// The delivery that a line of a sink speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Delivered {
    /// The article's id, which stands beside all the rest.
    #[serde(skip)]
    id: String,
    inbox: Option<String>,
    path: String,
    item: u32,
    bytes: u64,
    digest: String,
    inode: Option<u64>,
    ctime: Option<String>,
}

impl Delivered {
    /// The drop folder, escaped as in records.
    pub(crate) fn inbox(&self) -> Option<&str> {
        self.inbox.as_deref()
    }

    /// The path in it, escaped as in records.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Which article of the file.
    pub(crate) fn item(&self) -> u32 {
        self.item
    }

    /// Whether the article is all that its file holds: then its bytes are those of the file.
    pub(crate) fn is_whole_file(&self) -> bool {
        self.id == self.digest
    }

    /// How many bytes were read.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of the bytes that were read.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The inode and the change time of the file that was read.
    pub(crate) fn version(&self) -> (Option<u64>, Option<&str>) {
        (self.inode, self.ctime.as_deref())
    }

    /// What a line of a sink says, or `None` where it is no record.
    pub(crate) fn parse(line: &[u8]) -> Option<Delivered> {
        #[derive(Deserialize)]
        struct Line {
            id: String,
            source: Delivered,
        }
        serde_json::from_slice::<Line>(line).ok().map(|Line { id, source }| Delivered { id, ..source })
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
