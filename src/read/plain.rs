//! Plain text to an article: paragraphs stand between blank lines, and their spans are places in the file.

use std::borrow::Cow;
use std::ops::Range;

use super::{date, is_invisible};
use crate::article::Article;

/// The article in a plain text, which is kept as it is.
pub(super) fn read(text: Cow<'_, str>) -> Article<'_> {
    let spans = paragraphs(&text);
    let titled = is_titled(&text, &spans);
    let published = published(&text, &spans, titled);
    let mut article = Article::new(text, spans, titled);
    article.details.published = published;
    article
}

/// The characters that a title has at most.
const TITLE: usize = 200;

/// The characters that a hard-wrapped line has at most.
const WRAPPED: usize = 100;

/// The paragraphs among which a byline is looked for, the title not counted.
const BYLINES: usize = 5;

/// The spans between blank lines, or of single lines in a file that gives each paragraph one.
fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let lines = lines(text);
    let one_a_line = is_one_a_line(text, &lines);
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for line in lines {
        if line.is_empty() {
            open = false;
            continue;
        }
        match spans.last_mut() {
            Some(last) if open => last.end = line.end,
            _ => spans.push(line),
        }
        open = !one_a_line;
    }
    spans
}

/// Each line's span, trimmed; that of a blank line is empty.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let trimmed = text.split('\n').map(|line| {
        let from = start;
        start += line.len() + 1;
        let left = line.trim_start_matches(is_invisible);
        let from = from + line.len() - left.len();
        from..from + left.trim_end_matches(is_invisible).len()
    });
    trimmed.collect()
}

/// Whether each line is a paragraph: no blank line parts them, and a quarter are longer than anyone wraps lines.
fn is_one_a_line(text: &str, lines: &[Range<usize>]) -> bool {
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or(0);
    let body = lines.get(first..=last).unwrap_or_default();
    if body.iter().any(Range::is_empty) {
        return false;
    }
    let long = body.iter().filter(|line| text[(*line).clone()].chars().nth(WRAPPED).is_some()).count();
    long * 4 >= body.len()
}

/// Whether the first paragraph is the title: a short one, of two wrapped lines at most, with an article below it.
fn is_titled(text: &str, spans: &[Range<usize>]) -> bool {
    let [first, _, ..] = spans else { return false };
    let first = &text[first.clone()];
    first.chars().nth(TITLE).is_none() && first.split('\n').nth(2).is_none()
}

/// The day in the first byline. A title's first line is none: it says what happened, and when that was.
fn published(text: &str, spans: &[Range<usize>], titled: bool) -> Option<String> {
    let early = spans.iter().take(BYLINES + usize::from(titled));
    let lines = early.flat_map(|span| text[span.clone()].split('\n').take(BYLINES));
    lines.skip(usize::from(titled)).find_map(date::byline_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        read(text.into()).paragraphs().map(Into::into).collect()
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        let article =
            read("\n  Talks resume \n \t\u{a0}\u{3000}\n\nEnvoys met\non Monday. \n\u{200b}\nThey parted.\n".into());
        assert_eq!(article.spans(), [3..15, 26..47, 53..65]);
        assert_eq!(&article.text()[26..47], "Envoys met\non Monday.");
        assert_eq!(article.title(), Some("Talks resume"));
    }

    #[test]
    fn long_lines_without_a_blank_one_are_paragraphs() {
        let long = "The delegations talked for nine hours. ".repeat(4);
        assert_eq!(parts(&format!("Talks resume\n{long}\nThey parted.\n{long}\n")).len(), 4);
        let wrapped = "Envoys of both sides met in the old hall on Monday, talked for hours,\n".repeat(9);
        assert_eq!(parts(&wrapped).len(), 1);
        assert_eq!(parts(&format!("{long}\n{long}\n\n{long}")).len(), 2);
    }

    #[test]
    fn a_title_is_short_and_has_an_article() {
        assert_eq!(read("Talks resume".into()).title(), None);
        assert_eq!(read("Talks resume\nin Geneva\n\nThey met.".into()).title(), Some("Talks resume\nin Geneva"));
        assert_eq!(read("One\ntwo\nthree\n\nThey met.".into()).title(), None);
        assert_eq!(read(format!("{}\n\nThey met.", "x".repeat(200)).into()).title().map(str::len), Some(200));
        assert_eq!(read(format!("{}\n\nThey met.", "x".repeat(201)).into()).title(), None);
    }

    #[test]
    fn a_byline_dates_the_article() {
        let day = |text: &str| read(text.into()).details.published;
        assert_eq!(day("Talks resume\n\nBy A. Reporter, 16 July 2018\n\nThey met.").as_deref(), Some("2018-07-16"));
        assert_eq!(day("Talks resume\nJuly 16, 2018\n\nThey met.").as_deref(), Some("2018-07-16"));
        assert_eq!(day("What 16 July 2018 changed\n\nThey met."), None);
        assert_eq!(day("Talks resume\n\nThey met on 16 July 2018."), None);
        assert_eq!(day("Talks resume\n\n1\n\n2\n\n3\n\n4\n\n5\n\n16 July 2018"), None);
    }
}
