//! Where the articles of a page begin that runs several together.

use super::date::{byline_day, is_byline};

/// How many paragraphs of running text an article has at least.
const FEWEST: usize = 3;

/// The first paragraph of each article, by index; the first is 0. Most texts hold one article.
///
/// What begins an article within a page is a heading with a byline or a date right below it, or with a dateline
/// (“GENEVA (Agency) -”) at the head of its text; there may be a line between. Headings without them are subheadings of
/// the same article, and a list of headlines is no series of articles.
pub(super) fn starts(paragraphs: &[&str]) -> Vec<usize> {
    // How many paragraphs of running text there are since the last start.
    let (mut starts, mut running) = (vec![0], 0);
    for (i, text) in paragraphs.iter().enumerate() {
        if is_running_text(text) {
            running += 1;
        } else if running >= FEWEST && is_heading(text) && opens(&paragraphs[i + 1..]) {
            starts.push(i);
            running = 0;
        }
    }
    // What is too short at the end belongs to the article before.
    if starts.len() > 1 && running < FEWEST {
        starts.pop();
    }
    starts
}

/// Whether what follows a heading shows that an article begins.
fn opens(after: &[&str]) -> bool {
    /// A line between heading and byline has at most so many words.
    const STANDFIRST: usize = 40;
    let shows = |text: &str| is_byline(text) || byline_day(text).is_some() || has_dateline(text);
    match after {
        [first, ..] if shows(first) => true,
        [first, second, ..] => !has_words(first, STANDFIRST + 1) && shows(second),
        _ => false,
    }
}

/// Whether a text has so many words or more; it is read no further than that.
fn has_words(text: &str, words: usize) -> bool {
    text.split_ascii_whitespace().nth(words - 1).is_some()
}

/// A text without the quotation marks and brackets that close it.
fn bare_end(text: &str) -> &str {
    text.trim_end_matches(['"', '\'', '”', '’', ')', ']', ' '])
}

/// Whether it is a sentence or more, and of some length.
fn is_running_text(text: &str) -> bool {
    bare_end(text).ends_with(['.', '!', '?', '…']) && has_words(text, 12)
}

/// Whether it may be a headline: a line that is no sentence, and no byline itself.
fn is_heading(text: &str) -> bool {
    let is_line = has_words(text, 3) && !has_words(text, 23) && !text.starts_with(char::is_lowercase);
    is_line && !bare_end(text).ends_with(['.', '…', ':']) && !is_byline(text) && byline_day(text).is_none()
}

/// Whether a text begins with a place in capitals and a dash: `GENEVA (Agency) - `, `NEW YORK, July 3 — `.
fn has_dateline(text: &str) -> bool {
    const LONGEST: usize = 60;
    const DASHES: [&str; 3] = [" - ", " – ", " — "];
    let head = &text[..text.floor_char_boundary(LONGEST + DASHES[2].len())];
    let dash = DASHES.iter().filter_map(|dash| head.find(dash)).min();
    let Some(place) = dash.filter(|&at| at <= LONGEST).and_then(|at| text.get(..at)) else { return false };
    let first: Vec<char> = place.chars().take_while(|c| c.is_alphabetic()).collect();
    first.len() >= 3 && first.iter().all(|c| c.is_uppercase()) && is_running_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The ministers met for two hours on Monday and then went home without a word to the press.";

    #[test]
    fn a_heading_with_a_byline_or_a_dateline_begins_an_article() {
        let page = [
            "Ministers meet in Geneva",
            TEXT,
            TEXT,
            TEXT,
            "Harvest fails in the north",
            "By our farming correspondent",
            TEXT,
            TEXT,
            TEXT,
            "Champions go out on penalties",
            "A night to forget for the holders",
            "3 July 2018",
            TEXT,
            TEXT,
            TEXT,
            "Strike ends after nine days",
            "LYON (Agency) - The drivers took the offer that they had refused twice before.",
            TEXT,
            TEXT,
        ];
        assert_eq!(starts(&page), [0, 4, 9, 15]);
    }

    #[test]
    fn subheadings_lists_and_asides_begin_nothing() {
        assert_eq!(
            starts(&["Ministers meet", "By our staff", TEXT, TEXT, TEXT, "What comes next here", TEXT, TEXT, TEXT]),
            [0]
        );
        let headlines =
            ["Ministers meet in Geneva", "3 July 2018", "Harvest fails in the north", "4 July 2018"].repeat(5);
        assert_eq!(starts(&headlines), [0]);
        let footer = ["Ministers meet", TEXT, TEXT, TEXT, "More from this section today", "By our staff", TEXT];
        assert_eq!(starts(&footer), [0], "too little for an article");
        assert_eq!(starts(&[]), [0]);
    }
}
