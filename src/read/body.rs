//! The body of an article as a field of some format gives it.

use std::borrow::Cow;

use super::{Format, html, plain};
use crate::article::Article;
use crate::error::Reject;

/// A text that is an article's body.
pub(super) enum Body<'b> {
    /// Paragraphs between blank lines.
    Plain(Cow<'b, str>),
    /// HTML, whole or a piece of it.
    Marked(Cow<'b, str>),
}

impl<'b> Body<'b> {
    /// A body of which nobody says whether it is marked up: it is if it opens as a page does.
    pub(super) fn guessed(text: impl Into<Cow<'b, str>>) -> Body<'b> {
        let text = text.into();
        if Format::of(&text, "") == Format::Html { Body::Marked(text) } else { Body::Plain(text) }
    }

    /// The text as it is given.
    pub(super) fn text(&self) -> &str {
        match self {
            Body::Plain(text) | Body::Marked(text) => text,
        }
    }

    /// The article that it makes, with a title that was given apart. Markup has at most `depth` open elements.
    ///
    /// # Errors
    /// Marked up, it may cost too much, or hold no text.
    pub(super) fn article(self, title: Option<&str>, depth: usize) -> Result<Article<'static>, Reject> {
        let body = match self {
            Body::Marked(page) => html::read(&page, depth)?,
            Body::Plain(text) => plain::read(text).into_owned(),
        };
        let Some(title) = title else { return Ok(body) };
        let same = |first: &str| first.to_lowercase() == title.to_lowercase();
        let rest = body.paragraphs().skip(usize::from(body.paragraphs().next().is_some_and(same)));
        let mut article = Article::from_paragraphs([title].into_iter().chain(rest), true);
        article.details = body.details;
        Ok(article)
    }
}
