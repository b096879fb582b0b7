//! Which format a text is in: its content says so first, and its file's name second.

/// An input's format, as recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Paragraphs between blank lines.
    Plain,
    /// A web page.
    Html,
}

impl Format {
    /// The format as it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Html => "html",
        }
    }

    /// A text that opens with a tag, or closes three blocks early, is a page; so is one whose name says so.
    pub(super) fn of(text: &str, name: &str) -> Format {
        let named =
            name.rsplit_once('.').is_some_and(|(_, end)| PAGES.iter().any(|page| end.eq_ignore_ascii_case(page)));
        if named || opens_with_tag(text) || closes_blocks(text) { Format::Html } else { Format::Plain }
    }
}

/// File name endings of web pages.
const PAGES: [&str; 3] = ["html", "htm", "xhtml"];

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

/// The text after white space, XML declarations and comments, which may stand before the first tag of a page.
fn after_preamble(text: &str) -> &str {
    let mut rest = text.trim_start_matches(super::is_invisible);
    loop {
        let end = if rest.starts_with("<?xml") {
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
    fn a_mention_of_a_tag_is_no_page() {
        for text in
            ["Write <p> for a paragraph, and </p> ends it.", "<3 was all he wrote.", "<press release>", "< p >", "<p"]
        {
            assert_eq!(Format::of(text, "a.txt"), Format::Plain, "{text}");
        }
    }

    #[test]
    fn the_name_decides_where_the_content_does_not() {
        assert_eq!(Format::of("One.", "a.HTM"), Format::Html);
        assert_eq!(Format::of("One.", "a.html.txt"), Format::Plain);
        assert_eq!(Format::of("One.", "html"), Format::Plain);
    }
}
