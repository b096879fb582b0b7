//! A page rewritten so that no parser can be surprised by it.
//!
//! HTML parsers repair what is broken, and some repairs cost the square of the page: deep nesting, formatting that is
//! never closed, thousands of attributes on one tag. To foresee each of them is to write such a parser. Instead the page
//! is written anew, with each start tag balanced by its end tag and with only the elements and attributes that tell an
//! article from the page around it. What the parser then builds is never deeper than what was counted here.

use super::markup::Markup;
use super::tags::{Attributes, Token, Tokens};
use crate::error::{Code, Reject};

/// The page as balanced markup, of at most `depth` open elements.
pub(super) fn tidy(page: &str, depth: usize) -> Result<String, Reject> {
    let mut tidy = Tidy { written: Markup::new(page.len()), open: Vec::new() };
    let mut weight: usize = 0;
    for token in Tokens::new(page) {
        let before = tidy.written.len();
        match token {
            Token::Text(text) => tidy.written.text(text, tidy.open.contains(&"pre")),
            Token::Start(name, attributes) => tidy.start(name, attributes),
            Token::End(name) => tidy.end(name),
            Token::Raw(name, attributes, content) => tidy.written.raw(name, attributes, content),
        }
        let bytes = tidy.written.len() - before + TOKEN;
        weight = weight.saturating_add(bytes.saturating_mul(tidy.open.len()));
        if tidy.open.len() > depth {
            return Err(Reject::new(Code::TooDeep, format!("more than {depth} HTML elements are open at once")));
        }
        if weight > WEIGHT {
            return Err(Reject::new(Code::TooDeep, "the page has too much in elements nested too deep"));
        }
        if tidy.written.elements() > ELEMENTS {
            return Err(Reject::new(Code::TooLarge, format!("the page has more than {ELEMENTS} HTML elements")));
        }
    }
    tidy.close(0);
    Ok(tidy.written.finish())
}

/// Elements of a page. One with more is no article, and each costs the extractor several microseconds.
const ELEMENTS: usize = 200_000;

/// Bytes of a page, each times the elements open around it: extractors look at a text again for each of its ancestors.
/// This is 16 MiB at a depth of 32.
const WEIGHT: usize = 1 << 29;

/// What a tag costs more than its bytes.
const TOKEN: usize = 32;

/// Elements that start on a new line. A paragraph ends where one begins.
const BLOCKS: &str = "p div li ul ol h1 h2 h3 h4 h5 h6 article section main header footer nav aside blockquote figure \
    figcaption table caption thead tbody tfoot tr td th dl dt dd pre address form fieldset details summary center";

/// Elements within a line that extractors judge a text by, or throw away whole.
const JUDGED: &str = "a button select object";

/// Elements within a line that say something of their text. All others, such as `<b>`, leave their text and go.
const MARKED: &str = "span time label cite";

/// Elements without content, but for `<br>`.
const VOIDS: &str = "hr img meta";

/// What a paragraph's end cannot be implied across.
const CELLS: &[&str] = &["td", "th", "caption", "button", "object"];

struct Tidy {
    written: Markup,
    open: Vec<&'static str>,
}

impl Tidy {
    fn start(&mut self, name: &str, attributes: Attributes<'_>) {
        if name.eq_ignore_ascii_case("br") {
            self.written.line_break();
        } else if let Some(name) = known(VOIDS, name) {
            self.written.start(name, attributes);
        } else if let Some(name) = known(BLOCKS, name) {
            if let Some(at) = self.implied_end(name) {
                self.close(at);
            }
            self.open(name, attributes);
        } else if let Some(name) = known(JUDGED, name).or_else(|| known(MARKED, name)) {
            // Links do not nest, and an anchor that is no link is often left open.
            let link = attributes.clone().any(|(name, _)| name.eq_ignore_ascii_case("href"));
            let inner = self.open.iter().rev().take_while(|open| !is_table(open)).any(|open| *open == "a");
            if name != "a" || link && !inner {
                self.open(name, attributes);
            }
        }
    }

    /// Closes the innermost open element of this name, and all within it. An end tag that would reach out of a table
    /// cell is a mistake. One within a line that would end a block ends only itself: the block goes on without it.
    fn end(&mut self, name: &str) {
        let (block, judged) = (known(BLOCKS, name), known(JUDGED, name));
        let Some(name) = block.or(judged).or_else(|| known(MARKED, name)) else { return };
        let at = self.open.iter().rposition(|open| *open == name || is_heading(open) && is_heading(name));
        let Some(at) = at else { return };
        let within = self.open.get(at + 1..).unwrap_or_default();
        if !is_table(name) && within.iter().any(|open| is_table(open)) {
            return;
        }
        let cut: Vec<&'static str> = match block {
            Some(_) => Vec::new(),
            None => within.iter().filter(|open| known(BLOCKS, open).is_some()).copied().collect(),
        };
        if cut.is_empty() || judged.is_some() {
            self.close(at);
            cut.into_iter().for_each(|block| self.open(block, Attributes::none()));
        }
    }

    /// The element that a block ends by its mere start: a paragraph any block, an item or a cell the next one.
    fn implied_end(&self, name: &str) -> Option<usize> {
        let find = |ends: &[&str], within: &[&str]| {
            let reach = self.open.iter().rposition(|open| within.contains(open)).map_or(0, |at| at + 1);
            self.open.iter().skip(reach).position(|open| ends.contains(open)).map(|at| reach + at)
        };
        let sibling = match name {
            "li" => find(&["li"], &["ul", "ol", "table"]),
            "dt" | "dd" => find(&["dt", "dd"], &["dl", "table"]),
            "td" | "th" => find(&["td", "th"], &["tr", "table"]),
            "tr" => find(&["tr"], &["table"]),
            "thead" | "tbody" | "tfoot" => find(&["thead", "tbody", "tfoot"], &["table"]),
            _ => None,
        };
        sibling.or_else(|| find(&["p"], CELLS))
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.written.start(name, attributes);
        self.open.push(name);
    }

    /// Closes elements until only so many are open.
    fn close(&mut self, open: usize) {
        while self.open.len() > open {
            if let Some(name) = self.open.pop() {
                self.written.end(name, known(BLOCKS, name).is_some());
            }
        }
    }
}

/// The name as the list has it.
fn known(names: &'static str, name: &str) -> Option<&'static str> {
    names.split_ascii_whitespace().find(|known| known.eq_ignore_ascii_case(name))
}

fn is_table(name: &str) -> bool {
    matches!(name, "table" | "caption" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th")
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(page: &str) -> String {
        tidy(page, 256).unwrap()
    }

    #[test]
    fn what_is_left_open_is_closed() {
        assert_eq!(tidied("<P>a<p>b"), "<p>a</p><p>b</p>");
        assert_eq!(tidied("<ul><li>a<ul><li>b</ul><li>c</ul>"), "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>");
        assert_eq!(
            tidied("<table><tr><td>a<td><p>b<tr><th>c</table>d"),
            "<table><tr><td>a</td><td><p>b</p></td></tr><tr><th>c</th></tr></table>d"
        );
        assert_eq!(tidied("<dl><dt>a<dd>b<dt>c"), "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
    }

    #[test]
    fn end_tags_in_the_wrong_place_do_no_harm() {
        assert_eq!(tidied("a</div></p>b"), "ab");
        assert_eq!(tidied("<div><span>a</div>b</span>"), "<div><span>a</span></div>b");
        assert_eq!(tidied("<span><p>a</span>b</p>"), "<span><p>ab</p></span>");
        assert_eq!(tidied("<a href=b><p>c</a>d</p>e"), "<a href=\"b\"><p>c</p></a><p>d</p>e");
        assert_eq!(tidied("<button><div>a</button>b</div>c"), "<button><div>a</div></button><div>b</div>c");
        assert_eq!(tidied("<div><table><td></div>a</table></div>"), "<div><table><td>a</td></table></div>");
        assert_eq!(tidied("<h1>a</h2>b"), "<h1>a</h1>b");
    }

    #[test]
    fn what_costs_too_much_is_refused() {
        let refused = |page: &str| tidy(page, 256).unwrap_err().to_string();
        assert_eq!(refused(&"<div>".repeat(257)), "more than 256 HTML elements are open at once (too-deep)");
        assert_eq!(refused(&"<hr>".repeat(ELEMENTS + 1)), "the page has more than 200000 HTML elements (too-large)");
        let deep = "<div>".repeat(256) + &"a".repeat(WEIGHT / 256);
        assert_eq!(refused(&deep), "the page has too much in elements nested too deep (too-deep)");
    }
}
