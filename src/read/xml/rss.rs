//! RSS 2.0 and 0.9x, whose items stand in a channel, and 1.0, which is RDF and has them beside it.

use super::Document;
use super::cursor::Cursor;
use super::entry::{Entry, body, line};
use crate::article::Article;
use crate::error::Reject;
use crate::read::{Limits, date, known_language, parted};

/// The items of a feed.
pub(super) fn each(document: &mut Document) -> Result<(), Reject> {
    let (text, limits) = (document.text(), document.limits());
    let mut cursor = Cursor::new(text, limits);
    let language = language(text, limits);
    while let Some(start) = cursor.within(0)? {
        match start.name() {
            "rss" | "RDF" | "channel" => {}
            "item" => {
                let element = cursor.element(start)?;
                document.add(element, || item(element, language, limits))?;
            }
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

/// The language of a feed, which may be said behind its items; nothing where it is not said before a mistake.
fn language(text: &str, limits: &Limits) -> Option<&'static str> {
    let mut cursor = Cursor::new(text, limits);
    let mut language = None;
    while let Ok(Some(start)) = cursor.within(0) {
        match start.name() {
            "rss" | "RDF" | "channel" => {
                let tag = start.attribute("lang");
                language = tag.as_deref().and_then(known_language).or(language);
            }
            "language" => language = known_language(&cursor.text().unwrap_or_default()).or(language),
            // A mistake in it ends the walk, too.
            _ => drop(cursor.skip()),
        }
    }
    language
}

/// The article of an item in a feed of this language.
fn item(element: &str, language: Option<&'static str>, limits: &Limits) -> Result<Article<'static>, Reject> {
    let mut cursor = Cursor::new(element, limits);
    let mut entry = Entry::default();
    let Some(item) = cursor.within(0)? else { return entry.article(limits.depth) };
    let tag = item.attribute("lang");
    entry.language = tag.as_deref().and_then(known_language).or(language);
    entry.details.guid = item.attribute("about");
    let (mut creators, mut authors, mut date) = (Vec::new(), Vec::new(), None);
    let mut is_permanent = false;
    while let Some(child) = cursor.child(1)? {
        // Other vocabularies have titles and descriptions of their own, as of a picture.
        let own = child.prefix() == item.prefix();
        let details = &mut entry.details;
        match child.name() {
            "title" if own => entry.title = line(&body(cursor.text()?), limits.depth),
            "description" if own => entry.summary = Some(body(cursor.text()?)),
            "encoded" if child.prefix() != "excerpt" => entry.content = Some(body(cursor.text()?)),
            "link" if own => details.url = cursor.line()?.or(details.url.take()),
            "guid" if own => {
                is_permanent = child.attribute("isPermaLink").is_none_or(|is| is.eq_ignore_ascii_case("true"));
                details.guid = cursor.line()?;
            }
            "pubDate" if own => details.published = date::moment_or_day(&cursor.text()?),
            "author" if own => authors.extend(cursor.line()?.map(|author| name(&author).to_string())),
            "category" if own => details.subjects.extend(parted(&cursor.text()?)),
            // Dublin Core and Atom, whatever their prefixes are.
            "creator" => creators.extend(cursor.line()?),
            "date" => date = date::moment_or_day(&cursor.text()?),
            "subject" => details.subjects.extend(parted(&cursor.text()?)),
            "modified" | "updated" => details.updated = date::moment_or_day(&cursor.text()?),
            "language" => entry.language = known_language(&cursor.text()?).or(entry.language),
            _ => {}
        }
    }
    entry.authors = if creators.is_empty() { authors } else { creators };
    let details = &mut entry.details;
    details.published = details.published.take().or(date);
    let permanent = details.guid.clone().filter(|guid| is_permanent && guid.starts_with("http"));
    details.url = details.url.take().or(permanent);
    entry.article(limits.depth)
}

/// The name in what RSS has for an author, an address with the name in brackets.
fn name(author: &str) -> &str {
    let named = author.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    named.filter(|_| author.contains('@')).unwrap_or(author).trim()
}
