//! A soft line break (`=` at the end of a line of quoted-printable text) just before a boundary.
//!
//! mail-parser takes the line break before a boundary back from the text, and does not see that a soft one added none: it
//! takes the last letters instead. One line break more is there for it to take.

use std::borrow::Cow;

use memchr::{memchr_iter, memmem};

/// Boundaries of a message that are looked for, at most.
const BOUNDARIES: usize = 1000;

/// The message with one line break more after each soft one that stands before a boundary.
pub(super) fn ended(message: &[u8]) -> Cow<'_, [u8]> {
    let lines = memmem::find_iter(message, b"\n--").map(|at| at + 1);
    let is_soft = |start: &usize| message.get(..*start).is_some_and(|text| text.trim_ascii_end().ends_with(b"="));
    let mut soft = lines.filter(is_soft).peekable();
    if soft.peek().is_none() {
        return message.into();
    }
    let boundaries: Vec<_> = boundaries(message).take(BOUNDARIES).collect();
    let is_boundary = |start: &usize| {
        let line = message.get(start + 2..).unwrap_or_default();
        boundaries.iter().any(|boundary| line.starts_with(boundary))
    };
    let (mut ended, mut rest) = (Vec::with_capacity(message.len() + 1), message);
    for start in soft.filter(is_boundary) {
        let (text, line) = rest.split_at(rest.len() - (message.len() - start));
        ended.extend_from_slice(text);
        ended.push(b'\n');
        rest = line;
    }
    ended.extend_from_slice(rest);
    ended.into()
}

/// The boundaries that a message declares.
fn boundaries(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr_iter(b'=', message).filter_map(|at| {
        let (before, value) = message.split_at_checked(at + 1)?;
        let name = before.last_chunk::<9>()?;
        let is_declared = name.eq_ignore_ascii_case(b"boundary=");
        let quoted = value.strip_prefix(b"\"");
        let is_end = |byte: &u8| match quoted {
            Some(_) => *byte == b'"',
            None => *byte == b';' || byte.is_ascii_whitespace(),
        };
        let boundary = quoted.unwrap_or(value).split(is_end).next()?;
        (is_declared && !boundary.is_empty()).then_some(boundary)
    })
}
