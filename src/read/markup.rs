//! Markup as it is written for the parser: what a reader would see, in a form that is cheap to parse.

use std::borrow::Cow;

use super::is_blank;
use super::layout::Part;
use super::marks;
use super::tags::Attributes;

/// A page in the making.
pub(super) struct Markup {
    page: String,
    elements: usize,
    /// Bytes of text since the last tag.
    run: usize,
    /// Line breaks that are yet to be written: one is a space within its paragraph, several part two paragraphs.
    breaks: usize,
}

/// A place in a page that is being written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    bytes: usize,
    elements: usize,
}

/// Bytes of text without a tag. html5ever, when it writes a text, searches it to the end at each character that needs an
/// entity, which is quadratic; longer runs are cut by an element without meaning.
const RUN: usize = 4096;

/// Extractors take what has `header` in its name for a site's; it is as often an article's headings or lead.
fn without_headers(class: &str) -> Cow<'_, str> {
    let is_header = |name: &&str| name.to_ascii_lowercase().contains("header");
    match class.split_ascii_whitespace().any(|name| is_header(&name)) {
        true => class.split_ascii_whitespace().filter(|name| !is_header(name)).collect::<Vec<_>>().join(" ").into(),
        false => class.into(),
    }
}

/// Attributes that extractors go by.
const ATTRIBUTES: &str = "class id href src rel role style hidden aria-hidden aria-modal itemprop itemtype property name \
    content datetime type";

/// Bytes of an attribute's value. Longer ones are pictures written out and the like.
const VALUE: usize = 1024;

impl Markup {
    pub(super) fn new(capacity: usize) -> Markup {
        Markup { page: String::with_capacity(capacity), elements: 0, run: 0, breaks: 0 }
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.page.len()
    }

    /// Elements written so far.
    pub(super) fn elements(&self) -> usize {
        self.elements
    }

    pub(super) fn finish(self) -> String {
        self.page
    }

    /// Writes text, and cuts it where that cannot split an entity.
    pub(super) fn text(&mut self, text: &str, preformatted: bool) {
        if self.breaks > 0 && is_blank(text) {
            return;
        }
        self.write_breaks();
        let text = if preformatted { unwrapped(text) } else { Cow::Borrowed(text) };
        let text = if marks::are_in(&text) { Cow::Owned(marks::without(&text)) } else { text };
        let mut rest = if text == "<" { "&lt;" } else { text.as_ref() };
        while self.run + rest.len() > RUN {
            let skip = RUN.saturating_sub(self.run);
            let cut = rest.char_indices().find(|(at, c)| *at >= skip && (*c == '&' || !c.is_ascii()));
            let Some((at, _)) = cut else { break };
            let (start, end) = rest.split_at(at);
            self.page.push_str(start);
            self.page.push_str("<wbr>");
            self.elements += 1;
            self.run = 0;
            rest = end;
        }
        self.page.push_str(rest);
        self.run += rest.len();
    }

    pub(super) fn line_break(&mut self) {
        self.breaks += 1;
    }

    /// Writes a start tag with the attributes that matter, each in double quotes.
    pub(super) fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        self.write_breaks();
        self.elements += 1;
        self.run = 0;
        self.page.push('<');
        self.page.push_str(name);
        for (name, value) in attributes.filter(|(_, value)| value.len() <= VALUE) {
            if let Some(name) = ATTRIBUTES.split_ascii_whitespace().find(|known| known.eq_ignore_ascii_case(name)) {
                self.page.push(' ');
                self.page.push_str(name);
                self.page.push_str("=\"");
                let value = if name == "class" { without_headers(value) } else { value.into() };
                self.page.push_str(&value.replace('"', "&quot;"));
                self.page.push('"');
            }
        }
        self.page.push('>');
    }

    /// Writes an end tag. Line breaks at the end of a block break nothing.
    pub(super) fn end(&mut self, name: &str, block: bool) {
        if block {
            self.breaks = 0;
        }
        self.page.push_str("</");
        self.page.push_str(name);
        self.page.push('>');
    }

    /// Writes titles and linked data, in which extractors look; the content of other raw elements is no text.
    pub(super) fn raw(&mut self, name: &str, attributes: Attributes<'_>, content: &str) {
        let linked = attributes.clone().any(|(_, value)| value.trim().eq_ignore_ascii_case("application/ld+json"));
        // A comment within a script can hide the script's end from the parser.
        if name == "title" || name == "script" && linked && !content.contains("<!--") {
            self.start(name, attributes);
            self.page.push_str(content);
            self.end(name, false);
        }
    }

    /// Where the next element begins.
    pub(super) fn place(&self) -> Place {
        Place { bytes: self.page.len(), elements: self.elements }
    }

    /// Takes back what was written from there on.
    pub(super) fn cut(&mut self, from: Place) {
        self.page.truncate(from.bytes);
        self.elements = from.elements;
        self.run = 0;
        self.breaks = 0;
    }

    /// Marks the text that was written from there on, where it is short enough to be furniture.
    pub(super) fn mark(&mut self, from: Place, part: Part) {
        let Some(piece) = self.page.get(from.bytes..).filter(|piece| piece.len() <= marks::LONGEST) else { return };
        if let Some(marked) = marks::marked(piece, part) {
            self.page.truncate(from.bytes);
            self.page.push_str(&marked);
        }
    }

    fn write_breaks(&mut self) {
        match std::mem::take(&mut self.breaks) {
            0 => {}
            1 => self.page.push(' '),
            _ => {
                self.elements += 2;
                self.page.push_str("<br><br>");
            }
        }
    }
}

/// Preformatted text with its lines joined to paragraphs.
fn unwrapped(text: &str) -> Cow<'_, str> {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    Cow::Owned(paragraphs.collect::<Vec<_>>().join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::super::tidy::tidy;
    use super::*;

    fn tidied(page: &str) -> String {
        tidy(page, 256, false).unwrap()
    }

    #[test]
    fn one_line_break_is_a_space_and_two_are_a_paragraph() {
        assert_eq!(tidied("a<br>b<br/>\n<BR>c<br>d</br>"), "a b<br><br>c d");
        assert_eq!(tidied("<p>a<br></p><pre>b\nc\n\nd</pre>"), "<p>a</p><pre>b c\n\nd</pre>");
        assert_eq!(tidied("<span>a<br></span>b"), "<span>a</span> b");
    }

    #[test]
    fn long_runs_of_text_are_cut() {
        let text = format!("{}&amp;b", "a".repeat(RUN));
        assert_eq!(tidied(&text), text.replace('&', "<wbr>&"));
        assert_eq!(tidied(&"a".repeat(3 * RUN)), "a".repeat(3 * RUN));
        assert_eq!(tidied(&"é".repeat(RUN)).matches("<wbr>").count(), 1);
    }

    #[test]
    fn only_what_extractors_go_by_is_kept() {
        assert_eq!(tidied("<html><body onload=x><b>a</b><x-y>c</x-y>"), "ac");
        assert_eq!(
            tidied("<p onclick='a' CLASS='b \"c\"' class=d>e"),
            "<p class=\"b &quot;c&quot;\" class=\"d\">e</p>"
        );
        assert_eq!(tidied("<a name=a>b<a href=c>d<a href=e>f</a>"), "b<a href=\"c\">df</a>");
        assert_eq!(tidied("<title>a<b></title><script>b</script><svg>c</svg>d < e"), "<title>a<b></title>d &lt; e");
        assert_eq!(tidied(&format!("<img src='{}'>", "x".repeat(VALUE + 1))), "<img>");
    }
}
