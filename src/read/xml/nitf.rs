//! IPTC's NITF 3.x, and the older form of its DTD.
//!
//! The text of an article is its subheadings, paragraphs, items of lists, quotations and captions. Tables are not: they hold
//! figures. Nor are the byline and the dateline, which say who, where and when.

use std::collections::HashSet;

use super::Document;
use super::cursor::{Cursor, Piece, Start};
use crate::article::{Article, Details, Status};
use crate::error::{Code, Reject};
use crate::read::body::end_paragraph;
use crate::read::{byline, date, with_scheme};

/// The document, which is one article.
pub(super) fn only(document: &mut Document) -> Result<(), Reject> {
    let (text, limits) = (document.text(), document.limits());
    document.only(|| {
        let mut cursor = Cursor::new(text, limits);
        cursor.within(0)?;
        Nitf::read(&mut cursor)?.article()
    })
}

/// What a document says.
#[derive(Default)]
pub(super) struct Nitf {
    pub(super) title: Option<String>,
    pub(super) paragraphs: Vec<String>,
    pub(super) details: Details,
    summary: Vec<String>,
    keywords: Vec<String>,
    /// Its `management-status`, or that of the document that it speaks of.
    status: Option<String>,
    /// The document that it speaks of.
    about: Option<String>,
    issued: Option<String>,
    released: Option<String>,
    printed: Option<String>,
    /// A note to editors.
    note: Option<String>,
}

impl Nitf {
    /// Reads the element that was just opened.
    pub(super) fn read(cursor: &mut Cursor) -> Result<Nitf, Reject> {
        let mut nitf = Nitf::default();
        let level = cursor.level();
        let mut bylines = Vec::new();
        while let Some(start) = cursor.within(level)? {
            match start.name() {
                "note" | "body.end" => cursor.skip()?,
                "body.content" => paragraphs(cursor, &mut nitf.paragraphs)?,
                "abstract" => paragraphs(cursor, &mut nitf.summary)?,
                "hl1" => nitf.title = nitf.title.or(cursor.line()?),
                "hl2" => nitf.paragraphs.extend(cursor.line()?),
                "byline" => bylines.push(cursor.text_without("byttl")?),
                "classifier" => {
                    let scheme = start.attribute("idsrc").unwrap_or_default();
                    let value = start.attribute("value").or(cursor.line()?);
                    nitf.details.subjects.extend(value.map(|value| with_scheme(&scheme, &value)));
                }
                _ => nitf.takes(start),
            }
        }
        nitf.details.byline = byline::names(bylines.iter().map(String::as_str));
        nitf.concluded()
    }

    /// The article.
    ///
    /// # Errors
    /// It has no text, and calls nothing back.
    pub(super) fn article(self) -> Result<Article<'static>, Reject> {
        let Nitf { title, paragraphs, details, .. } = self;
        if paragraphs.is_empty() && details.status == Status::Usable {
            return Err(Reject::new(Code::NoText, "no text stands in its body.content"));
        }
        // Archives give the lead of an article by itself, and then again in the whole text.
        let mut seen = HashSet::new();
        let all = title.iter().chain(&paragraphs).map(String::as_str).filter(|text| seen.insert(*text));
        let mut article = Article::from_paragraphs(all, title.is_some());
        article.details = details;
        Ok(article)
    }

    /// Takes what an element says in its attributes.
    fn takes(&mut self, start: Start) {
        let says = |name| start.attribute(name);
        let details = &mut self.details;
        match start.name() {
            "docdata" => {
                self.about = says("management-doc-idref").filter(|_| says("management-idref-status").is_some());
                let status = if self.about.is_some() { "management-idref-status" } else { "management-status" };
                self.status = says(status);
            }
            "doc-id" => details.guid = says("id-string"),
            "du-key" => details.version = says("version"),
            "date.issue" => self.issued = says("norm"),
            "date.release" => self.released = says("norm"),
            "pubdata" => self.printed = self.printed.take().or(says("date.publication")),
            "story.date" => self.printed = self.printed.take().or(says("norm")),
            "revision-history" => {
                let time = says("norm").and_then(|norm| date::moment_or_day(&norm));
                details.updated = time.or(details.updated.take());
            }
            "ed-msg" => self.note = self.note.take().or(says("info")),
            "tobject.subject" => {
                let refnum = says("tobject.subject.refnum");
                details.subjects.extend(refnum.map(|refnum| with_scheme("subj", &refnum)));
            }
            "key" | "keyword" => self.keywords.extend(says("key")),
            _ => {}
        }
    }

    /// The same, with all that takes more than one element to tell.
    fn concluded(mut self) -> Result<Nitf, Reject> {
        let named = self.status.as_deref().map(str::trim).filter(|status| !status.eq_ignore_ascii_case("embargoed"));
        let status = match named {
            Some(named) => Status::parse(named).ok_or_else(|| {
                let message = format!("its management-status is {named}, which is none that NITF knows");
                Reject::new(Code::Malformed, message)
            })?,
            None => Status::Usable,
        };
        let embargo = match status {
            Status::Usable => self.embargo()?,
            // What is taken back may not wait for a mistake to be mended.
            _ => self.embargo().unwrap_or_default(),
        };
        // An embargo that nobody ends is not ours to end.
        let is_endless = named.is_none() && embargo.is_none() && self.is_embargoed();
        self.details.status = if is_endless { Status::Withheld } else { status };
        self.details.embargoed = embargo;
        // A message that changes the status of another document is a version of that document.
        self.details.guid = self.about.take().or(self.details.guid.take());
        let times = [&self.issued, &self.released, &self.printed];
        self.details.published = times.into_iter().flatten().find_map(|time| date::moment_or_day(time));
        if self.details.subjects.is_empty() {
            self.details.subjects = std::mem::take(&mut self.keywords);
        }
        if self.paragraphs.is_empty() {
            self.paragraphs = std::mem::take(&mut self.summary);
        }
        Ok(self)
    }

    /// Until when it is embargoed. A release that is later than the issue is an embargo, too, whatever the status says. One
    /// without a zone is taken for the latest that it may be: a day begins last where clocks are twelve hours behind.
    ///
    /// # Errors
    /// The release is no time and no day.
    fn embargo(&self) -> Result<Option<String>, Reject> {
        let moment = |text: &Option<String>| date::moment(text.as_deref()?);
        let day = |text: &Option<String>| date::moment_or_day(text.as_deref()?)?.get(..10).map(String::from);
        let (issued, exact) = (moment(&self.issued), moment(&self.released));
        let latest = || {
            let without_zone = date::moment(&format!("{}-12:00", self.released.as_deref()?.trim()));
            without_zone.or_else(|| Some(format!("{}T00:00:00-12:00", day(&self.released)?)))
        };
        let released = exact.clone().or_else(latest);
        if let (None, Some(said)) = (&released, &self.released) {
            return date::embargo(said).map(Some);
        }
        if self.is_embargoed() {
            return Ok(released.or_else(|| moment(&self.note)));
        }
        let at = |time: &Option<String>| date::seconds_since_1970(time.as_deref()?);
        let is_later = match exact {
            Some(_) => at(&issued) < at(&released),
            None => day(&self.issued).is_some_and(|issued| Some(issued) < day(&self.released)),
        };
        Ok(released.filter(|_| is_later))
    }

    /// Whether its status or a note to editors says so.
    fn is_embargoed(&self) -> bool {
        let status = self.status.as_deref().unwrap_or_default().trim();
        let is_noted = || self.note.as_ref().is_some_and(|note| note.to_lowercase().contains("embargo"));
        status.eq_ignore_ascii_case("embargoed") || is_noted()
    }
}

/// Elements that begin a paragraph, and end one.
const BLOCKS: [&str; 13] =
    ["p", "hl2", "li", "dt", "dd", "pre", "block", "bq", "media", "media-caption", "fn", "hr", "body.content"];

/// Elements without text of an article: figures, what says where a picture or a quotation is from, and notes to editors.
const LEFT_OUT: [&str; 8] =
    ["table", "nitf-table", "media-reference", "media-metadata", "media-object", "media-producer", "credit", "note"];

/// The paragraphs of the element that was just opened.
fn paragraphs(cursor: &mut Cursor, all: &mut Vec<String>) -> Result<(), Reject> {
    let (level, mut running) = (cursor.level(), String::new());
    let mut end = |running: &mut String| end_paragraph(running, all);
    while cursor.level() >= level {
        match cursor.next()? {
            Some(Piece::Start(start)) if LEFT_OUT.contains(&start.name()) => cursor.skip()?,
            Some(Piece::Start(start)) if start.name() == "br" => running.push(' '),
            Some(Piece::Start(start)) if BLOCKS.contains(&start.name()) => end(&mut running),
            Some(Piece::End(name)) if BLOCKS.contains(&name) => end(&mut running),
            Some(piece) => piece.write(&mut running),
            None => break,
        }
    }
    end(&mut running);
    Ok(())
}
