//! XML to articles: IPTC's NITF and NewsML-G2, RSS and Atom.
//!
//! A document is read event by event and never held as a tree. What a DTD declares is not looked at, and nothing is fetched.

mod reference;
mod cursor;
mod nitf;
mod newsml;
mod entry;
mod rss;
mod atom;

use super::items::Items;
use super::{Decoded, Format, Limits, Reading};
use crate::article::Article;
use crate::error::Reject;

/// The articles of a document in one of the XML formats; `bytes` are those that it was decoded from.
pub(super) fn each(format: Format, bytes: &[u8], decoded: &Decoded, items: &mut Items) -> Result<(), Reject> {
    let mut document = Document { format, bytes, decoded, items };
    match format {
        Format::Atom => atom::each(&mut document),
        Format::Rss => rss::each(&mut document),
        Format::NewsmlG2 => newsml::each(&mut document),
        _ => nitf::only(&mut document),
    }
}

/// A document, and where its articles go.
struct Document<'d, 'i> {
    format: Format,
    bytes: &'d [u8],
    decoded: &'d Decoded<'d>,
    items: &'d mut Items<'i>,
}

impl<'d, 'i> Document<'d, 'i> {
    fn text(&self) -> &'d str {
        &self.decoded.text
    }

    fn limits(&self) -> &'i Limits {
        self.items.limits()
    }

    /// Whether nothing was found in it so far.
    fn is_empty(&self) -> bool {
        self.items.count() == 0
    }

    /// Hands on the article of one of its elements, or why there is none.
    ///
    /// # Errors
    /// There are too many: then the document is not worth going on with.
    fn add(&mut self, element: &str, read: impl FnOnce() -> Result<Article<'static>, Reject>) -> Result<(), Reject> {
        let Decoded { charset, replaced, .. } = *self.decoded;
        let format = self.format;
        self.items.add(element.as_bytes(), || Ok(Reading { article: read()?, format, charset, replaced }))
    }

    /// Hands on the article that the whole document is.
    ///
    /// # Errors
    /// Why there is none.
    fn only(&mut self, read: impl FnOnce() -> Result<Article<'static>, Reject>) -> Result<(), Reject> {
        let Decoded { charset, replaced, .. } = *self.decoded;
        let format = self.format;
        self.items.only(self.bytes, || Ok(Reading { article: read()?, format, charset, replaced }))
    }
}

#[cfg(test)]
mod tests;
