//! A page rewritten so that no parser can be surprised by it.
//!
//! HTML parsers repair what is broken, and some repairs cost the square of the page: deep nesting, formatting that is
//! never closed, thousands of attributes on one tag. To foresee each of them is to write such a parser. Instead the page
//! is written anew, with each start tag balanced by its end tag and with only the elements and attributes that tell an
//! article from the page around it. What the parser then builds is never deeper than what was counted here.

use super::layout::{self, Part};
use super::markup::{Markup, Place};
use super::tags::{Attributes, Token, Tokens};
use crate::error::{Code, Reject};

/// The page as balanced markup, of at most `depth` open elements; by its layout, what is no part of the article is left out
/// or marked.
pub(super) fn tidy(page: &str, depth: usize, by_layout: bool) -> Result<String, Reject> {
    let mut spared = Vec::new();
    loop {
        let (markup, beside) = tidy_but(page, depth, by_layout, &spared)?;
        match beside {
            // In a nest of them each is called by a name of its own.
            Some(beside) if spared.len() < MOST_SPARED => spared.push(beside),
            _ => return Ok(markup),
        }
    }
}

/// How many elements are found one after the other to be misnamed.
const MOST_SPARED: usize = 4;

/// The page, where the elements of these numbers are left as they are; and the next one that was left out by its name, and
/// has most of what there is to read.
fn tidy_but(page: &str, depth: usize, by_layout: bool, spared: &[usize]) -> Result<(String, Option<usize>), Reject> {
    let mut tidy = Tidy {
        written: Markup::new(page.len()),
        open: Vec::new(),
        by_layout,
        spared,
        parts: Vec::new(),
        number: 0,
        most: None,
        within: Within::default(),
        text: Text::default(),
        marked: None,
    };
    let mut weight: usize = 0;
    for token in Tokens::new(page) {
        let before = tidy.written.len();
        match token {
            Token::Text(text) => tidy.text(text),
            Token::Start(name, attributes) => tidy.start(name, attributes),
            Token::End(name) => tidy.end(name),
            Token::Raw(name, attributes, content) => tidy.written.raw(name, attributes, content),
        }
        let bytes = tidy.written.len().saturating_sub(before) + TOKEN;
        weight = weight.saturating_add(bytes.saturating_mul(tidy.open.len()));
        if tidy.open.len() > depth {
            return Err(Reject::new(Code::TooDeep, format!("more than {depth} HTML elements are open at once")));
        }
        if weight > WEIGHT {
            return Err(Reject::new(Code::TooDeep, "the page has too much in elements nested too deep"));
        }
    }
    // What is left open at the end was meant to end before, and nobody knows where.
    tidy.parts.clear();
    tidy.close(0);
    if tidy.written.elements() > ELEMENTS {
        return Err(Reject::new(Code::TooLarge, format!("the page has more than {ELEMENTS} HTML elements")));
    }
    let most = tidy.most.filter(|(prose, _)| *prose >= MUCH && *prose >= 2 * tidy.text.prose);
    Ok((tidy.written.finish(), most.map(|(_, number)| number)))
}

/// Bytes of prose that may be an article.
const MUCH: usize = 400;

/// Bytes of a text between tags from which on it counts as prose.
const PROSE: usize = 80;

/// Elements of a page, those not counted that its layout tells to be no part of the article. One with more is no article:
/// the largest that there are on news sites have ten thousand, and each costs the extractor several microseconds.
const ELEMENTS: usize = 65_536;

/// Bytes of a page, each times the elements open around it: extractors look at a text again for each of its ancestors.
/// This is 16 MiB at a depth of 16.
const WEIGHT: usize = 1 << 28;

/// What a tag costs more than its bytes.
const TOKEN: usize = 32;

/// Elements that start on a new line. A paragraph ends where one begins.
const BLOCKS: &str = "p div li ul ol h1 h2 h3 h4 h5 h6 article section main header footer nav aside blockquote figure \
    figcaption table caption thead tbody tfoot tr td th dl dt dd pre address form fieldset details summary center";

/// Elements within a line that extractors judge a text by, or throw away whole.
const JUDGED: &str = "a button select object";

/// Elements within a line that say something of their text. All others, such as `<b>`, leave their text and go.
const MARKED: &str = "span time label cite small";

/// Elements without content, but for `<br>`.
const VOIDS: &str = "hr img meta";

/// What a paragraph's end cannot be implied across.
const CELLS: &[&str] = &["td", "th", "caption", "button", "object"];

struct Tidy<'s> {
    written: Markup,
    open: Vec<&'static str>,
    by_layout: bool,
    /// Elements that are left as they are, by their numbers among all that might be parts.
    spared: &'s [usize],
    number: usize,
    /// Which of the elements that were left out by their names has the most prose, and how much.
    most: Option<(usize, usize)>,
    /// Those among the open elements that may be no text of the article.
    parts: Vec<OpenPart>,
    within: Within,
    text: Text,
    /// What was marked last: as what, and how many pieces of text there were before it and after it.
    marked: Option<(Part, usize, usize)>,
}

/// How many elements of some kinds are open. To look for them among all that are open at each text would cost the square
/// of the page.
#[derive(Default)]
struct Within {
    pre: usize,
    /// Links and headings.
    leading: usize,
}

/// An open element that may be no text of the article.
struct OpenPart {
    part: Option<Part>,
    /// Its number among all of them.
    number: usize,
    /// How many elements are open around it.
    open: usize,
    /// Where it begins.
    from: Place,
    /// What text there was before it.
    text: Text,
}

/// What was seen so far of the text of a page.
#[derive(Debug, Clone, Copy, Default)]
struct Text {
    /// Elements that only an article has: its headline, or what schema.org calls its body.
    anchors: usize,
    /// Links.
    links: usize,
    /// Pieces of text.
    pieces: usize,
    /// Those that stand neither in a link nor in a heading.
    own: usize,
    /// Bytes of the longer ones of these that are still there.
    prose: usize,
}

impl Tidy<'_> {
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

    fn text(&mut self, text: &str) {
        if text.contains(char::is_alphanumeric) {
            self.text.pieces += 1;
            self.text.own += usize::from(self.within.leading == 0);
            self.text.prose += if self.within.leading == 0 && text.len() >= PROSE { text.len() } else { 0 };
        }
        self.written.text(text, self.within.pre > 0);
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        let mut is_spared = false;
        if self.by_layout {
            let part = layout::part(name, attributes.clone());
            if part.is_some() || is_list(name) {
                is_spared = self.spared.contains(&self.number);
                let part = part.filter(|_| !is_spared);
                let (open, from, text) = (self.open.len(), self.written.place(), self.text);
                self.parts.push(OpenPart { part, number: self.number, open, from, text });
                self.number += 1;
            }
            let is_body = |(name, value): (&str, &str)| name == "itemprop" && value.contains("articleBody");
            self.text.anchors += usize::from(name == "h1" || attributes.clone().any(is_body));
            self.text.links += usize::from(name == "a");
        }
        // What it is called says nothing, to others neither.
        self.written.start(name, if is_spared { Attributes::none() } else { attributes });
        self.open.push(name);
        self.within.pre += usize::from(name == "pre");
        self.within.leading += usize::from(name == "a" || is_heading(name));
    }

    /// Closes elements until only so many are open.
    fn close(&mut self, open: usize) {
        while self.open.len() > open {
            if let Some(name) = self.open.pop() {
                self.written.end(name, known(BLOCKS, name).is_some());
                self.within.pre -= usize::from(name == "pre");
                self.within.leading -= usize::from(name == "a" || is_heading(name));
                if let Some(part) = self.parts.pop_if(|part| part.open == self.open.len()) {
                    self.part_with(&part);
                }
            }
        }
    }

    /// Takes away or marks an element that has just been closed. One that holds an article's headline or body is no such
    /// part, whatever it is called; one that holds nothing but links, and a heading over them, leads to other articles.
    fn part_with(&mut self, before: &OpenPart) {
        let leads_away = self.text.own == before.text.own && self.text.links > before.text.links + 1;
        match before.part {
            _ if self.text.anchors > before.text.anchors => {}
            Some(Part::Apart) => self.cut(before),
            Some(Part::Beside) => {
                let prose = self.text.prose - before.text.prose;
                self.most = self.most.max(Some((prose, before.number)));
                self.cut(before);
            }
            _ if leads_away && before.part != Some(Part::Link) => self.cut(before),
            Some(part) => {
                // In a nest of them, the innermost is marked for all.
                let marked = Some((part, before.text.pieces, self.text.pieces));
                if self.marked != marked {
                    self.written.mark(before.from, part);
                    self.marked = marked;
                }
            }
            None => {}
        }
    }

    fn cut(&mut self, part: &OpenPart) {
        self.written.cut(part.from);
        self.text.prose = part.text.prose;
    }
}

/// The name as the list has it.
fn known(names: &'static str, name: &str) -> Option<&'static str> {
    names.split_ascii_whitespace().find(|known| known.eq_ignore_ascii_case(name))
}

fn is_table(name: &str) -> bool {
    matches!(name, "table" | "caption" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th")
}

/// Whether an element may hold a list of links.
fn is_list(name: &str) -> bool {
    matches!(name, "div" | "section" | "p" | "ul" | "ol" | "dl" | "figure" | "table" | "td")
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(page: &str) -> String {
        tidy(page, 256, false).unwrap()
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
    fn what_layout_proves_is_left_out() {
        let tidied = |page: &str| tidy(page, 256, true).unwrap();
        assert_eq!(tidied("<nav>a<p>b</nav><p>c"), "<p>c</p>");
        assert_eq!(tidied("<p>a<span class=sr-only>b</span>c"), "<p>ac</p>");
        assert_eq!(tidied("<div class=comments><h1>a</h1>b</div>"), "<div class=\"comments\"><h1>a</h1>b</div>");
        let body = "<div class=\"promo\"><p itemprop=\"articleBody\">a</p></div>";
        assert_eq!(tidied(body), body);
        let list = "<ul><li><a href=b>c</a></li><li><a href=d>e</a></li></ul>";
        assert_eq!(tidied(&format!("<p>a</p><div><h2>More</h2>{list}</div>")), "<p>a</p>");
        assert_eq!(tidied("<nav>a<p>b"), "<nav>a<p>b</p></nav>", "nobody knows where it ends");
    }

    #[test]
    fn what_costs_too_much_is_refused() {
        let refused = |page: &str| tidy(page, 256, false).unwrap_err().to_string();
        assert_eq!(refused(&"<div>".repeat(257)), "more than 256 HTML elements are open at once (too-deep)");
        assert_eq!(refused(&"<hr>".repeat(ELEMENTS + 1)), "the page has more than 65536 HTML elements (too-large)");
        let deep = "<div>".repeat(256) + &"a".repeat(WEIGHT / 256);
        assert_eq!(refused(&deep), "the page has too much in elements nested too deep (too-deep)");
    }
}
