//! Marks within a text that travel through the extractor: what stands between them is no text of the article.
//!
//! They are noncharacters, which no text may contain. A page that has them all the same loses them.

use super::layout::Part;
use super::{is_blank, on_one_line};

/// Furniture, its start and its end.
const FURNITURE: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// A link, its start and its end.
const LINK: [char; 2] = ['\u{fdd2}', '\u{fdd3}'];

/// Here a paragraph ends, though no element does.
const BREAK: char = '\u{fdd4}';

/// Bytes of markup, text and tags, that furniture has at most. What is longer was named by mistake, or holds more.
pub(super) const LONGEST: usize = 2048;

/// Bytes of text that furniture has at most.
const TEXT: usize = 400;

/// A block of text, and what the page says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) text: String,
    /// Nothing in it but what the page marks as furniture.
    pub(super) furniture: bool,
    /// Nothing in it but links, or a few words and a colon before one.
    pub(super) link: bool,
}

/// Whether there may be marks in a text.
pub(super) fn are_in(text: &str) -> bool {
    // The first two of the three bytes of each of them.
    text.contains('\u{fdd0}') || memchr::memchr(0xef, text.as_bytes()).is_some() && text.contains(is_mark)
}

/// The text without any.
pub(super) fn without(text: &str) -> String {
    text.replace(is_mark, "")
}

/// A piece of balanced markup with each text in it marked; nothing where there is too much of it, or all of it was marked
/// before.
pub(super) fn marked(piece: &str, part: Part) -> Option<String> {
    let [start, end] = if part == Part::Link { LINK } else { FURNITURE };
    let mut marked = String::with_capacity(piece.len() + 16);
    let (mut length, mut is_new) = (0, false);
    for run in piece.split_inclusive('>') {
        let (text, tag) = run.split_at(run.find('<').unwrap_or(run.len()));
        length += text.len();
        if is_blank(text) || text.starts_with([start, BREAK]) {
            marked.push_str(text);
        } else {
            is_new = true;
            marked.extend((part == Part::Credit).then_some(BREAK));
            marked.push(start);
            marked.push_str(text);
            marked.push(end);
        }
        marked.push_str(tag);
    }
    (is_new && length <= TEXT).then_some(marked)
}

/// The blocks of a formatted text. Each starts on a new line, but only some have a blank line before them: the items of
/// a list have none. No line end is a mere `<br>`, as those were made spaces before.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    text.split(['\n', BREAK]).map(block).filter(|block| !is_blank(&block.text)).collect()
}

fn block(line: &str) -> Block {
    let (mut furniture, mut link) = (0_usize, 0_usize);
    // Text outside of all marks, and outside of those of furniture alone.
    let (mut own, mut own_or_link, mut any) = (String::new(), false, [false; 2]);
    for c in line.chars() {
        match c {
            _ if c == FURNITURE[0] => furniture += 1,
            _ if c == FURNITURE[1] => furniture = furniture.saturating_sub(1),
            _ if c == LINK[0] => link += 1,
            _ if c == LINK[1] => link = link.saturating_sub(1),
            _ => {
                any = [any[0] || furniture > 0, any[1] || link > 0];
                own_or_link |= furniture == 0 && c.is_alphanumeric();
                if furniture == 0 && link == 0 && own.len() <= LABEL {
                    own.push(c);
                }
            }
        }
    }
    let own = own.trim();
    let is_label = own.len() < LABEL && own.ends_with(':') || !own.contains(char::is_alphanumeric);
    Block { text: on_one_line(&without(line)), furniture: any[0] && !own_or_link, link: any[1] && is_label }
}

/// Bytes of the words before a link that say what is linked to.
const LABEL: usize = 30;

fn is_mark(c: char) -> bool {
    ('\u{fdd0}'..='\u{fdd4}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Vec<(String, bool, bool)> {
        blocks(text).into_iter().map(|block| (block.text, block.furniture, block.link)).collect()
    }

    fn mark(piece: &str, part: Part) -> String {
        marked(piece, part).unwrap()
    }

    #[test]
    fn a_block_is_furniture_where_nothing_else_is_in_it() {
        let byline = mark("By A. Reporter", Part::Furniture);
        assert_eq!(described(&format!("{byline} | ")), [("By A. Reporter |".into(), true, false)]);
        assert_eq!(mark("<b>By</b> <i>A.</i>", Part::Link), "<b>\u{fdd2}By\u{fdd3}</b> <i>\u{fdd2}A.\u{fdd3}</i>");
        let [day, link] = [mark("Monday", Part::Furniture), mark("Tariffs rise", Part::Link)];
        assert_eq!(described(&format!("{day} – {day}")), [("Monday – Monday".into(), true, false)]);
        assert_eq!(described(&format!("They met on {day}.")), [("They met on Monday.".into(), false, false)]);
        assert_eq!(described(&format!("Read more: {link}")), [("Read more: Tariffs rise".into(), false, true)]);
        assert_eq!(
            described(&format!("They said: {link} again")),
            [("They said: Tariffs rise again".into(), false, false)]
        );
        assert_eq!(described("They met."), [("They met.".into(), false, false)]);
    }

    #[test]
    fn a_credit_is_a_block_of_its_own() {
        let credit = mark("Photo: Example", Part::Credit);
        let expected = [("The hall.".into(), false, false), ("Photo: Example".into(), true, false)];
        assert_eq!(described(&format!("The hall. {credit}")), expected);
    }

    #[test]
    fn what_is_long_or_marked_is_not_marked_again() {
        assert_eq!(marked(&"a".repeat(TEXT + 1), Part::Furniture), None);
        assert_eq!(marked(&mark("a", Part::Furniture), Part::Furniture), None);
        assert_eq!(marked("<br> ", Part::Furniture), None);
    }

    #[test]
    fn a_page_can_write_no_marks() {
        let text = format!("{}They met.{} é", FURNITURE[0], FURNITURE[1]);
        assert!(are_in(&text) && !are_in("They met. é ﬁ"));
        assert_eq!(without(&text), "They met. é");
    }
}
