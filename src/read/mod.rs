//! Bytes to an [`Article`]: decode, tell the format, extract the paragraphs. Pure: no disk, no clock.

mod date;
mod decode;
mod html;
mod plain;

use crate::article::Article;
use crate::error::Reject;

/// What an input may cost at most; more is a [`Reject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one input file. Default 16 MiB.
    pub bytes: u64,
    /// Open elements in an HTML page. Default 256; the extractor's time grows with the square of the depth.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 16 << 20, depth: 256 }
    }
}

/// An input's format, as recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Paragraphs between blank lines.
    Plain,
    /// A web page.
    Html,
}

impl Format {
    /// The format as it stands in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Html => "html",
        }
    }
}

/// What was read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The article.
    pub article: Article,
    /// The format that it was read as.
    pub format: Format,
    /// The charset that it was decoded from, by its WHATWG name in lower case.
    pub charset: &'static str,
    /// How many byte sequences were no text in that charset and became U+FFFD.
    pub replaced: usize,
}

/// Reads one input.
///
/// `name` is the file's name, which decides between formats where the content does not.
///
/// # Errors
/// A [`Reject`] where the bytes hold no article, or cost more than the limits allow.
pub fn read(bytes: &[u8], name: &str, limits: &Limits) -> std::result::Result<Reading, Reject> {
    let _ = (bytes, name, limits);
    Err(Reject::new(crate::error::Code::Empty, ""))
}
