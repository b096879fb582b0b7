//! Atom 1.0, and what 0.3 calls otherwise.

use super::Document;
use super::cursor::{Cursor, Start};
use super::entry::{self, Entry};
use crate::error::Reject;
use crate::read::body::Body;
use crate::read::{Limits, date, known_language};

/// The entries of a feed, or the one that the document is.
pub(super) fn each(document: &mut Document) -> Result<(), Reject> {
    let (text, limits) = (document.text(), document.limits());
    let mut cursor = Cursor::new(text, limits);
    let (language, authors) = described(text, limits);
    while let Some(start) = cursor.within(0)? {
        let whole = cursor.level() == 1;
        match start.name() {
            "feed" => {}
            "entry" => {
                let element = cursor.element(start)?;
                let read = || {
                    let mut entry = read(element, limits)?;
                    entry.language = entry.language.or(language);
                    if entry.authors.is_empty() {
                        entry.authors.clone_from(&authors);
                    }
                    entry.article(limits.depth)
                };
                if whole { document.only(read)? } else { document.add(element, read)? }
            }
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

/// The language of a feed, and who wrote those of its entries that do not say it, which may stand behind them; what is said
/// before a mistake.
fn described(text: &str, limits: &Limits) -> (Option<&'static str>, Vec<String>) {
    let mut cursor = Cursor::new(text, limits);
    let (mut language, mut authors) = (None, Vec::new());
    while let Ok(Some(start)) = cursor.within(0) {
        match start.name() {
            "feed" => language = language_of(start),
            "author" => authors.extend(name(&mut cursor).unwrap_or_default()),
            // A mistake in it ends the walk, too.
            _ => drop(cursor.skip()),
        }
    }
    (language, authors)
}

fn read(element: &str, limits: &Limits) -> Result<Entry, Reject> {
    let mut cursor = Cursor::new(element, limits);
    let mut entry = Entry::default();
    let Some(start) = cursor.within(0)? else { return Ok(entry) };
    entry.language = language_of(start);
    while let Some(child) = cursor.child(1)? {
        if child.prefix() != start.prefix() {
            continue;
        }
        let details = &mut entry.details;
        match child.name() {
            "title" => entry.title = text(&mut cursor, child)?.and_then(|title| entry::line(&title, limits.depth)),
            "content" => entry.content = text(&mut cursor, child)?,
            "summary" => entry.summary = text(&mut cursor, child)?,
            "author" => entry.authors.extend(name(&mut cursor)?),
            "id" => details.guid = cursor.line()?,
            "published" | "issued" => details.published = date::moment_or_day(&cursor.text()?),
            "updated" | "modified" => details.updated = date::moment_or_day(&cursor.text()?),
            "category" => details.subjects.extend(child.attribute("term")),
            "link" if child.attribute("rel").is_none_or(|rel| rel == "alternate") => {
                details.url = details.url.take().or(child.attribute("href"));
            }
            _ => {}
        }
    }
    let details = &mut entry.details;
    details.published = details.published.take().or(details.updated.clone());
    Ok(entry)
}

/// A text, which says by its type whether it is marked up; nothing where it is no text, or stands elsewhere.
fn text(cursor: &mut Cursor, start: Start) -> Result<Option<Body<'static>>, Reject> {
    let kind = start.attribute("type").unwrap_or_default().to_ascii_lowercase();
    Ok(match kind.as_str() {
        _ if start.attribute("src").is_some() => None,
        "xhtml" | "application/xhtml+xml" => Some(Body::Marked(cursor.markup()?.into())),
        "html" | "text/html" => Some(Body::Marked(cursor.text()?.into())),
        // By the rules this is plain; many mean otherwise.
        "" => Some(entry::body(cursor.text()?)),
        "text" => Some(Body::Plain(cursor.text()?.into())),
        other if other.starts_with("text/") => Some(Body::Plain(cursor.text()?.into())),
        _ => None,
    })
}

/// The name of the person that was just opened.
fn name(cursor: &mut Cursor) -> Result<Option<String>, Reject> {
    let level = cursor.level();
    let mut name = None;
    while let Some(start) = cursor.child(level)? {
        if start.name() == "name" {
            name = name.or(cursor.line()?);
        }
    }
    Ok(name)
}

fn language_of(start: Start) -> Option<&'static str> {
    known_language(&start.attribute("lang")?)
}
