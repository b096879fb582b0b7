//! The articles of a file, one by one.

use super::limits::has_more_words;
use super::packed::Meter;
use super::{Format, Limits, guarded, language, sections};
use crate::article::Article;
use crate::error::{Code, Reject};

/// One of the articles of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// Its own bytes: those of the file where it is the only one, else its part of them.
    pub bytes: &'a [u8],
    /// The article, or why it cannot be read; the others of its file can be for all that.
    pub reading: Result<Reading<'a>, Reject>,
}

/// What was read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The article, which borrows the bytes where they are UTF-8 with line feeds alone.
    pub article: Article<'a>,
    /// The format that it was read as.
    pub format: Format,
    /// The charset that it was decoded from, by its WHATWG name in lower case.
    pub charset: &'static str,
    /// How many byte sequences were no text in that charset and became U+FFFD.
    pub replaced: usize,
}

impl<'a> Reading<'a> {
    /// A reading with all that is found out in the same way whatever the format is.
    pub(super) fn finish(self, limits: &Limits) -> Result<Reading<'a>, Reject> {
        let Reading { mut article, .. } = self;
        if article.spans().len() > limits.paragraphs {
            let message = format!("the article has more than {} paragraphs, which is the limit", limits.paragraphs);
            return Err(Reject::new(Code::TooManyParagraphs, message));
        }
        if article.paragraphs().any(|paragraph| has_more_words(paragraph, limits.words)) {
            let message = format!("a paragraph has more than {} words, which is the limit", limits.words);
            return Err(Reject::new(Code::TooManyWords, message));
        }
        article.language = language(article.text()).or(article.language);
        let starts = sections::starts(&article.paragraphs().collect::<Vec<_>>());
        Ok(Reading { article: article.with_sections(starts), ..self })
    }
}

/// Takes the articles of a file as they are found, and hands them on.
pub(super) struct Items<'v> {
    limits: &'v Limits,
    meter: &'v Meter,
    count: usize,
    visit: &'v mut dyn FnMut(Item<'_>),
}

impl<'v> Items<'v> {
    pub(super) fn new(limits: &'v Limits, meter: &'v Meter, visit: &'v mut dyn FnMut(Item<'_>)) -> Items<'v> {
        Items { limits, meter, count: 0, visit }
    }

    pub(super) fn limits(&self) -> &'v Limits {
        self.limits
    }

    /// What counts the bytes that the file expands to.
    pub(super) fn meter(&self) -> &'v Meter {
        self.meter
    }

    /// Hands on what `read` makes of these bytes: the next article, or a reason why there is none. A panic is one, too.
    ///
    /// # Errors
    /// More articles than there may be: then the file as a whole is not worth going on with.
    pub(super) fn add<'a>(
        &mut self,
        bytes: &'a [u8],
        read: impl FnOnce() -> Result<Reading<'a>, Reject>,
    ) -> Result<(), Reject> {
        self.count_one()?;
        let reading = guarded(|| read()?.finish(self.limits)).and_then(|reading| reading);
        (self.visit)(Item { bytes, reading });
        Ok(())
    }

    fn count_one(&mut self) -> Result<(), Reject> {
        if self.count == self.limits.items {
            let message = format!("the file holds more than {} articles, which is the limit", self.limits.items);
            return Err(Reject::new(Code::TooMany, message));
        }
        self.count += 1;
        Ok(())
    }

    /// Hands on the one article that an input is.
    ///
    /// # Errors
    /// Why it cannot be read: then nothing of the input can.
    pub(super) fn only<'a>(
        &mut self,
        bytes: &'a [u8],
        read: impl FnOnce() -> Result<Reading<'a>, Reject>,
    ) -> Result<(), Reject> {
        let reading = guarded(|| read()?.finish(self.limits))??;
        self.count_one()?;
        (self.visit)(Item { bytes, reading: Ok(reading) });
        Ok(())
    }

    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.count
    }
}
