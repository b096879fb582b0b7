//! What a server answered, or what stands for it.

use std::borrow::Cow;

use super::fields::Fields;
use super::{Limits, packed};
use crate::error::{Code, Reject};
use packed::{Meter, Packing};

/// An answer: its header, and its body as it was sent.
pub(super) struct Answer<'a> {
    fields: Fields<'a>,
    status: u16,
    /// The media type with its parameters.
    kind: &'a str,
    sent: &'a [u8],
}

/// What articles are sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Page,
    Text,
    Json,
    Xml,
    Mail,
}

impl<'a> Answer<'a> {
    /// The answer that a block holds; nothing where it is none.
    pub(super) fn of(block: &'a [u8]) -> Option<Answer<'a>> {
        let (header, sent) = match memchr::memmem::find(block, b"\r\n\r\n") {
            Some(at) => block.split_at_checked(at + 4)?,
            None => block.split_at_checked(memchr::memmem::find(block, b"\n\n")? + 2)?,
        };
        let status = header.strip_prefix(b"HTTP/")?.split(|byte| *byte == b' ').nth(1)?.get(..3)?;
        let fields = Fields(header);
        let status = std::str::from_utf8(status).ok()?.parse().ok()?;
        Some(Answer { fields, status, kind: fields.get("Content-Type").unwrap_or_default(), sent })
    }

    /// A body by itself, of this media type.
    pub(super) fn plain(kind: &'a str, sent: &'a [u8]) -> Answer<'a> {
        Answer { fields: Fields(b""), status: 200, kind, sent }
    }

    /// Whether it is what was asked for, and not a redirection or an error.
    pub(super) fn is_found(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What it is, where that may be an article.
    pub(super) fn media(&self) -> Option<Media> {
        let media = self.kind.split(';').next()?.trim().to_ascii_lowercase();
        match media.as_str() {
            "text/html" | "application/xhtml+xml" => Some(Media::Page),
            "text/plain" => Some(Media::Text),
            media if media == "application/json" || media.ends_with("+json") => Some(Media::Json),
            "image/svg+xml" => None,
            "text/xml" | "application/xml" => Some(Media::Xml),
            media if media.ends_with("+xml") => Some(Media::Xml),
            "message/rfc822" => Some(Media::Mail),
            _ => None,
        }
    }

    /// The charset that it names.
    pub(super) fn charset(&self) -> Option<&'a str> {
        let parameters = self.kind.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        named.next().map(|(_, value)| value.trim().trim_matches(['"', '\'']))
    }

    /// The body as it was before it was packed for its way. Some archives keep the field that says so and not the packing.
    pub(super) fn body(&self, meter: &Meter, limits: &Limits) -> Result<Cow<'a, [u8]>, Reject> {
        let says = |field: &str, word: &str| {
            self.fields.get(field).is_some_and(|value| value.to_ascii_lowercase().contains(word))
        };
        let is_chunked = says("Transfer-Encoding", "chunked");
        let body = if is_chunked { unchunked(self.sent).map(Cow::Owned) } else { None };
        let body = body.unwrap_or(Cow::Borrowed(self.sent));
        match self.fields.get("Content-Encoding").map(str::to_ascii_lowercase).as_deref() {
            Some("gzip" | "x-gzip") if Packing::of(&body) == Some(Packing::Gzip) => {
                packed::expand(Packing::Gzip, &body, meter, limits.bytes).map(Cow::Owned)
            }
            Some("zstd") if Packing::of(&body) == Some(Packing::Zstd) => {
                packed::expand(Packing::Zstd, &body, meter, limits.bytes).map(Cow::Owned)
            }
            Some(other @ ("br" | "deflate" | "compress")) if std::str::from_utf8(&body).is_err() => Err(Reject::new(
                Code::Malformed,
                format!("the page is packed as {other}, and only gzip and zstd are read"),
            )),
            _ => Ok(body),
        }
    }
}

/// A body without the lengths between its pieces (RFC 9112, section 7.1); nothing where it has none. One that was cut off ends
/// where it does.
fn unchunked(sent: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(sent.len());
    let mut rest = sent;
    while !rest.is_empty() {
        let line = rest.split(|byte| *byte == b'\n').next()?;
        let size = line.split(|byte| *byte == b';').next()?.trim_ascii();
        let size = std::str::from_utf8(size).ok().and_then(|size| usize::from_str_radix(size, 16).ok())?;
        rest = rest.get(line.len() + 1..).unwrap_or_default();
        if size == 0 {
            break;
        }
        let piece = rest.get(..size).unwrap_or(rest);
        body.extend_from_slice(piece);
        rest = rest.get(piece.len()..).unwrap_or_default();
        rest = rest.strip_prefix(b"\r\n").or(rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
    Some(body)
}
