//! An entry of a feed, as RSS and Atom have it.

use crate::article::{Article, Details};
use crate::error::{Code, Reject};
use crate::read::body::Body;
use crate::read::{byline, html, is_blank, on_one_line};

/// What an entry says.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) title: Option<String>,
    pub(super) content: Option<Body<'static>>,
    /// What stands for the content where there is none.
    pub(super) summary: Option<Body<'static>>,
    pub(super) authors: Vec<String>,
    pub(super) details: Details,
    pub(super) language: Option<&'static str>,
}

impl Entry {
    /// The article; markup in it has at most `depth` open elements.
    ///
    /// # Errors
    /// It has no text.
    pub(super) fn article(self, depth: usize) -> Result<Article<'static>, Reject> {
        let Entry { title, content, summary, authors, details, language } = self;
        let mut read = Err(Reject::new(Code::NoText, "the entry has neither a content nor a summary"));
        for body in [content, summary].into_iter().flatten().filter(|body| !is_blank(body.text())) {
            read = body.article(title.as_deref(), depth);
            // A content may hold nothing but a picture.
            if !matches!(&read, Err(Reject { code: Code::NoText, .. })) {
                break;
            }
        }
        let mut article = read?;
        let published = details.published.or(article.details.published.take());
        let byline = byline::names(authors.iter().map(String::as_str));
        article.details = Details { published, byline, ..details };
        article.language = language;
        Ok(article)
    }
}

/// A text of which nobody says whether it is marked up: it is where anything in it looks like HTML.
pub(super) fn body(text: String) -> Body<'static> {
    if is_marked_up(&text) { Body::Marked(text.into()) } else { Body::Plain(text.into()) }
}

/// A body on one line, where it is not blank.
pub(super) fn line(body: &Body, depth: usize) -> Option<String> {
    let text = body.text();
    let marked = if matches!(body, Body::Marked(_)) && is_marked_up(text) { html::line(text, depth) } else { None };
    Some(marked.unwrap_or_else(|| on_one_line(text))).filter(|line| !is_blank(line))
}

/// Whether a tag or a reference stands in a text.
fn is_marked_up(text: &str) -> bool {
    let opens = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    let refers = |rest: &str| {
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '#').next().unwrap_or_default();
        !name.is_empty() && rest.as_bytes().get(name.len()) == Some(&b';')
    };
    text.split('<').skip(1).any(opens) || text.split('&').skip(1).any(refers)
}

#[cfg(test)]
mod tests {
    use super::is_marked_up;

    #[test]
    fn tags_and_references_are_markup() {
        for text in ["a <b>c", "a<br/>", "</p>", "<!-- a -->", "a&nbsp;b", "&#8217;"] {
            assert!(is_marked_up(text), "{text}");
        }
        for text in ["", "a < b", "1<2", "AT&T; a", "a & b; c", "a &", "<"] {
            assert_eq!(is_marked_up(text), text.starts_with("AT"), "{text}");
        }
    }
}
