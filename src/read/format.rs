//! Which format a text is in: its content says so first, and its file's name second.

use super::{HEAD, mail, markdown, warc};

/// An input's format, as recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Paragraphs between blank lines.
    Plain,
    /// A web page.
    Html,
    /// Articles as JSON objects with a title and a text, whatever these are called.
    Json,
    /// The same, one to a line.
    JsonLines,
    /// IPTC's ninjs, versions 1 to 3.
    Ninjs,
    /// A JSON Feed.
    JsonFeed,
    /// IPTC's NITF.
    Nitf,
    /// IPTC's NewsML-G2.
    NewsmlG2,
    /// RSS 2.0, 0.9x, and 1.0, which is RDF.
    Rss,
    /// Atom 1.0, and 0.3.
    Atom,
    /// An e-mail.
    Mail,
    /// E-mails in one file, each after a `From ` line.
    Mbox,
    /// A web archive.
    Warc,
    /// Markdown, with or without front matter.
    Markdown,
}

impl Format {
    /// The format as it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Html => "html",
            Format::Json => "json",
            Format::JsonLines => "jsonl",
            Format::Ninjs => "ninjs",
            Format::JsonFeed => "jsonfeed",
            Format::Nitf => "nitf",
            Format::NewsmlG2 => "newsml-g2",
            Format::Rss => "rss",
            Format::Atom => "atom",
            Format::Mail => "mail",
            Format::Mbox => "mbox",
            Format::Warc => "warc",
            Format::Markdown => "markdown",
        }
    }

    /// What is no text of one charset, or holds records: it is told by its first bytes.
    pub(super) fn of_bytes(bytes: &[u8], name: &str) -> Option<Format> {
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        match () {
            () if warc::opens(head) => Some(Format::Warc),
            () if mail::mbox::opens(head) => Some(Format::Mbox),
            () if mail::is_message(head, name) => Some(Format::Mail),
            () => None,
        }
    }

    /// A text whose root element is that of a news format is in that format. One that opens with another tag, or closes
    /// three blocks early, is a page; one that opens as JSON does is that. Where the content says nothing, the name may. What
    /// JSON holds is told by whoever reads it.
    pub(super) fn of(text: &str, name: &str) -> Format {
        let ends_in = |ends: &[&str]| ends_in(name, ends);
        if opens_as_json(text)
            || ends_in(&["json"]) && text.trim_start_matches(super::is_invisible).starts_with(['{', '['])
        {
            let is_lines = ends_in(&JSON_LINES) || holds_an_object_a_line(text);
            return if is_lines { Format::JsonLines } else { Format::Json };
        }
        if let Some(format) = xml_news(text) {
            return format;
        }
        if ends_in(&MARKDOWN) && !opens_as_page(text) || markdown::is_evident(text) {
            return Format::Markdown;
        }
        if ends_in(&PAGES) || opens_with_tag(text) || closes_blocks(text) {
            return Format::Html;
        }
        if ends_in(&JSON_LINES) { Format::JsonLines } else { Format::Plain }
    }
}

/// Whether a file's name has one of these endings, in whatever case.
pub(super) fn ends_in(name: &str, ends: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// File name endings of web pages.
const PAGES: [&str; 3] = ["html", "htm", "xhtml"];

/// File name endings of Markdown, which may hold tags, and open with one.
const MARKDOWN: [&str; 2] = ["md", "markdown"];

/// File name endings of JSON, an object to a line.
const JSON_LINES: [&str; 3] = ["jsonl", "ndjson", "jl"];

/// Whether it opens with an object, or with lists of objects: prose in brackets opens with a word.
fn opens_as_json(text: &str) -> bool {
    let mut tokens = text.chars().filter(|c| !super::is_invisible(*c));
    match tokens.next() {
        Some('{') => matches!(tokens.next(), Some('"' | '}')),
        Some('[') => matches!(tokens.find(|c| *c != '['), Some('{' | ']') | None),
        _ => false,
    }
}

/// Whether the first line is an object by itself, and something comes after it.
fn holds_an_object_a_line(text: &str) -> bool {
    let text = text.trim_matches(super::is_invisible);
    text.split_once('\n').is_some_and(|(first, next)| opens_lines(first.as_bytes(), next))
}

/// Whether a line, in whatever charset, is a value by itself, and an object comes next.
pub(super) fn opens_lines(line: &[u8], next: &str) -> bool {
    next.trim_start().starts_with('{') && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

/// The news format of an XML document: its root element, or the doctype before that, says it. Names that others use too
/// must have their namespace.
fn xml_news(text: &str) -> Option<Format> {
    let inside = after_preamble(text).strip_prefix('<')?;
    let doctype = inside.split_at_checked(8).filter(|(word, _)| word.eq_ignore_ascii_case("!doctype"));
    let name = doctype.map_or(inside, |(_, rest)| rest.trim_start());
    let name = name.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '[')).next()?;
    let early = &inside[..inside.floor_char_boundary(EARLY)];
    let is_of = |namespaces: &[&str]| namespaces.iter().any(|namespace| early.contains(namespace));
    match name.rsplit(':').next()? {
        "nitf" => Some(Format::Nitf),
        "newsItem" | "packageItem" | "newsMessage" => Some(Format::NewsmlG2),
        "rss" => Some(Format::Rss),
        "RDF" if is_of(&["purl.org/rss/1.0", "my.netscape.com/rdf"]) => Some(Format::Rss),
        "feed" | "entry" if is_of(&["www.w3.org/2005/Atom", "purl.org/atom/ns#"]) => Some(Format::Atom),
        _ => None,
    }
}

/// Whether it opens as whole pages do.
fn opens_as_page(text: &str) -> bool {
    let start = after_preamble(text).as_bytes();
    [&b"<!doctype"[..], b"<html", b"<head"]
        .iter()
        .any(|known| start.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known)))
}

/// What a page, or a piece cut from one, opens with.
const OPENINGS: &str = "!doctype html head body meta title link script style article section main header div p h1 h2 table ul span a \
    blockquote";

/// The end tags that tell a page from prose: three of them early on are no mere mention.
const CLOSINGS: [&str; 7] = ["</p>", "</div>", "</article>", "</head>", "</title>", "</h1>", "</section>"];

/// How far into a text the closings are looked for, in bytes.
const EARLY: usize = 4096;

fn opens_with_tag(text: &str) -> bool {
    let Some(inside) = after_preamble(text).strip_prefix('<') else { return false };
    OPENINGS.split_ascii_whitespace().any(|opening| {
        let (start, rest) = inside.as_bytes().split_at(opening.len().min(inside.len()));
        let ended = rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        ended && start.eq_ignore_ascii_case(opening.as_bytes())
    })
}

/// The text after white space, processing instructions such as the XML declaration, and comments, which may stand before
/// the first tag.
fn after_preamble(text: &str) -> &str {
    let mut rest = text.trim_start_matches(super::is_invisible);
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            return rest;
        };
        let Some((_, after)) = rest.split_once(end) else { return rest };
        rest = after.trim_start_matches(super::is_invisible);
    }
}

fn closes_blocks(text: &str) -> bool {
    let early = &text[..text.floor_char_boundary(EARLY)];
    let closes = |rest: &&str| {
        let start = |length| rest.as_bytes().get(..length).unwrap_or_default();
        CLOSINGS.iter().any(|closing| start(closing.len()).eq_ignore_ascii_case(closing.as_bytes()))
    };
    early.match_indices('<').filter_map(|(at, _)| early.get(at..)).filter(closes).nth(2).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_before_the_name() {
        for page in [
            "<!DOCTYPE html><p>One",
            "<HTML lang=en>",
            "\n <head><title>One",
            "<body\nclass=a>",
            "<p>One",
            "<?xml version='1.0'?>\n<!-- saved -->\n<html xmlns=''>",
            "<meta charset=utf-8>",
            "<article>One",
            "One <p>two</p> <p>three</p><P>four</P>",
        ] {
            assert_eq!(Format::of(page, "a.txt"), Format::Html, "{page}");
        }
    }

    #[test]
    fn the_root_element_tells_the_news_formats() {
        for (document, format) in [
            ("<nitf>", Format::Nitf),
            ("<?xml version='1.0'?>\n<!DOCTYPE nitf SYSTEM 'nitf-3-5.dtd' [<!ENTITY a 'b'>]><nitf>", Format::Nitf),
            ("<!-- made by hand --><?wire day='1'?><newsItem guid='a'>", Format::NewsmlG2),
            ("<nar:newsMessage xmlns:nar='http://iptc.org/std/nar/2006-10-01/'>", Format::NewsmlG2),
            ("<packageItem/>", Format::NewsmlG2),
            ("\u{feff}<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><rss version='2.0'>", Format::Rss),
            ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", Format::Rss),
            ("<feed xmlns='http://www.w3.org/2005/Atom'>", Format::Atom),
            ("<atom:entry xmlns:atom='http://www.w3.org/2005/Atom'>", Format::Atom),
            ("<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>", Format::Html),
            ("<rdf:RDF xmlns='http://example.org/'>", Format::Plain),
            ("<feed> is what the birds want", Format::Plain),
            ("<newsletter>", Format::Plain),
        ] {
            for name in ["a.txt", "a.xml", "a.json"] {
                assert_eq!(Format::of(document, name), format, "{document}");
            }
        }
    }

    #[test]
    fn a_mention_of_a_tag_is_no_page() {
        for text in
            ["Write <p> for a paragraph, and </p> ends it.", "<3 was all he wrote.", "<press release>", "< p >", "<p"]
        {
            assert_eq!(Format::of(text, "a.txt"), Format::Plain, "{text}");
        }
    }

    #[test]
    fn markdown_may_open_with_a_tag_and_a_page_may_be_called_so() {
        assert_eq!(Format::of("<p align=center>One</p>\n\nTwo", "a.md"), Format::Markdown);
        assert_eq!(Format::of("<!DOCTYPE html><p>One", "a.md"), Format::Html);
        assert_eq!(Format::of("# One\n\n## Two", "a.txt"), Format::Markdown);
    }

    #[test]
    fn the_name_decides_where_the_content_does_not() {
        assert_eq!(Format::of("One.", "a.HTM"), Format::Html);
        assert_eq!(Format::of("One.", "a.html.txt"), Format::Plain);
        assert_eq!(Format::of("One.", "html"), Format::Plain);
    }
}
