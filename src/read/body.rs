//! The body of an article as a field of some format gives it.

use std::borrow::Cow;

use super::{Format, html, is_blank, on_one_line, plain};
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
        let paragraphs = body.paragraphs().enumerate().map(|(i, text)| (text, body.is_furniture(i)));
        let mut article = below(Some(title), paragraphs);
        article.details = body.details;
        Ok(article)
    }
}

/// An article of paragraphs below a title that was given apart, each with whether it is furniture; where the first of them
/// says the title again, it is left out.
pub(super) fn below<'p>(title: Option<&'p str>, paragraphs: impl Iterator<Item = (&'p str, bool)>) -> Article<'static> {
    let mut paragraphs = paragraphs.peekable();
    if let Some(title) = title {
        paragraphs.next_if(|(first, _)| first.to_lowercase() == title.to_lowercase());
    }
    let (all, furniture): (Vec<&str>, Vec<bool>) =
        title.map(|title| (title, false)).into_iter().chain(paragraphs).unzip();
    Article::from_paragraphs(all, title.is_some()).with_furniture(furniture)
}

/// Ends a paragraph that was gathered piece by piece, where anything of it can be seen.
pub(super) fn end_paragraph(running: &mut String, all: &mut Vec<String>) {
    let paragraph = on_one_line(running);
    running.clear();
    if !is_blank(&paragraph) {
        all.push(paragraph);
    }
}
