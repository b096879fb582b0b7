//! JSON to articles: IPTC's ninjs, JSON Feeds, and objects with a title and a text as scrapers and archives write them.
//!
//! A file holds one object, a list of them, an object that holds such a list, or one object to a line.

mod value;
mod story;
mod ninjs;

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::format::opens_lines;
use super::items::Items;
use super::window::Window;
use super::{Decoded, Format, HEAD, Limits, Reading};
use crate::error::{Code, Reject};
use value::Value;

/// What lists of articles are called in the objects that hold them.
const LISTS: [&str; 8] = ["items", "articles", "stories", "entries", "results", "docs", "documents", "news"];

/// The articles of a document.
pub(super) fn each(decoded: &Decoded, items: &mut Items) -> Result<(), Reject> {
    let text = decoded.text.trim_matches(super::is_invisible);
    let before = items.count();
    let (mut stopped, mut is_feed) = (Ok(()), false);
    let mut parser = serde_json::Deserializer::from_str(text);
    let list = List { decoded, items: &mut *items, stopped: &mut stopped, is_feed: &mut is_feed };
    let parsed = parser.deserialize_any(list).and_then(|()| parser.end());
    stopped?;
    // What came before a mistake has been visited; whether the rest is an article cannot be known.
    let limits = items.limits();
    parsed.map_err(|error| match Value::parse(text) {
        // Lists are passed over as a whole, however deep they are.
        Err(reject) if reject.code == Code::TooDeep => reject,
        _ => malformed(&error),
    })?;
    if items.count() > before {
        return Ok(());
    }
    items.only(text.as_bytes(), || story(text, decoded, Format::Json, limits))
}

/// The articles of a document that has one to a line.
pub(super) fn each_line(decoded: &Decoded, items: &mut Items) -> Result<(), Reject> {
    let limits = items.limits();
    let lines = decoded.text.lines().map(|line| line.trim_matches(super::is_invisible));
    for line in lines.filter(|line| !line.is_empty()) {
        items.add(line.as_bytes(), || story(line, decoded, Format::JsonLines, limits))?;
    }
    Ok(())
}

/// The same, read as the lines come; each is decoded by itself, and one that is too long is refused by itself.
pub(super) fn each_line_of(input: &mut Window, items: &mut Items) -> Result<(), Reject> {
    let limits = items.limits();
    let most = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
    while !input.ahead(1).is_empty() {
        let end = input.find(b"\n", 0, most);
        let line = input.seen().get(..end.unwrap_or(input.seen().len())).unwrap_or_default();
        if line.len() > most {
            let message = format!("the line holds more than {most} bytes, which is the limit");
            items.add(&[], || Err(Reject::new(Code::TooLarge, message)))?;
            input.skip_to(b"\n");
        } else {
            if end.is_none() {
                input.whole()?;
            }
            if !line.trim_ascii().is_empty() {
                items.add(line.trim_ascii(), || {
                    let decoded = super::decode_some(line)?;
                    story(decoded.text.trim_matches(super::is_invisible), &decoded, Format::JsonLines, limits)
                })?;
            }
            let length = line.len();
            input.skip(length);
        }
        input.skip(1);
    }
    input.whole()
}

/// Whether a stream has an object to a line. Where neither its name nor its head tells, the first line is looked at, which
/// may be as long as an article.
pub(super) fn is_lines(input: &mut Window, name: &str, limits: &Limits) -> bool {
    let head = head(input.ahead(HEAD));
    let text = head.trim_start_matches(super::is_invisible);
    if !text.starts_with('{') {
        return false;
    }
    let start = head.len() - text.len();
    match Format::of(text, name) {
        Format::JsonLines => true,
        Format::Json => {
            let most = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
            let Some(end) = input.find(b"\n", start, most) else { return false };
            let (lines, next) = input.ahead(end.saturating_add(HEAD)).split_at(end);
            opens_lines(lines.get(start..).unwrap_or_default(), &self::head(next))
        }
        _ => false,
    }
}

/// The text of as many bytes as tell a format.
fn head(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes))
}

/// One article, in a file of this format.
fn story<'a>(text: &str, decoded: &Decoded, format: Format, limits: &Limits) -> Result<Reading<'a>, Reject> {
    let value = Value::parse(text)?;
    let (format, article) = match ninjs::read(&value, limits) {
        Some(article) => (if format == Format::Json { Format::Ninjs } else { format }, article?),
        None => (format, story::read(&value, limits)?),
    };
    Ok(Reading { article, format, charset: decoded.charset, replaced: decoded.replaced })
}

fn malformed(error: &serde_json::Error) -> Reject {
    // A stack that is too deep is told by the parser itself, before ours is used up.
    let code = if error.to_string().starts_with("recursion limit") { Code::TooDeep } else { Code::Malformed };
    Reject::new(code, format!("the file is no JSON: {error}"))
}

/// Visits the articles in a list, or in an object that holds one, and nothing where it is one article.
struct List<'l, 'i, 'd> {
    decoded: &'l Decoded<'d>,
    items: &'l mut Items<'i>,
    /// Why there is no going on.
    stopped: &'l mut Result<(), Reject>,
    is_feed: &'l mut bool,
}

impl<'de> Visitor<'de> for List<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an article or a list of articles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let format = if *self.is_feed { Format::JsonFeed } else { Format::Json };
        while let Some(item) = list.next_element::<&RawValue>()? {
            let text = item.get();
            if self.stopped.is_ok() && text.starts_with('{') {
                let limits = self.items.limits();
                *self.stopped = self.items.add(text.as_bytes(), || story(text, self.decoded, format, limits));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let List { decoded, items, stopped, is_feed } = self;
        while let Some(key) = object.next_key::<Cow<str>>()? {
            if key == "version" {
                let version = object.next_value::<&RawValue>()?.get();
                *is_feed |= version.contains("jsonfeed.org/version");
            } else if LISTS.contains(&&*key) {
                let value = object.next_value::<&RawValue>()?.get();
                if value.starts_with('[') && stopped.is_ok() {
                    let list = List { decoded, items: &mut *items, stopped: &mut *stopped, is_feed: &mut *is_feed };
                    // It was parsed just now.
                    let _ = serde_json::Deserializer::from_str(value).deserialize_seq(list);
                }
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
