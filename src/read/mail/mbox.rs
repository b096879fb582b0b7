//! A mailbox: messages in one file, each after a line that begins with `From `.

use std::borrow::Cow;

use memchr::memmem;

use super::{field, read};
use crate::error::{Code, Reject};
use crate::read::Format;
use crate::read::items::Items;
use crate::read::window::Window;

/// Bytes of a `From ` line and the name of the field below it.
const LINE: usize = 512;

/// Whether a file is a mailbox, or a message begins here in one: a line `From SENDER DAY TIME YEAR`, and a header field below.
/// Not all writers quote lines of a text that begin with `From `, and such a line has no header below it.
pub(in crate::read) fn opens(bytes: &[u8]) -> bool {
    let Some(line) = bytes.strip_prefix(b"From ") else { return false };
    let mut lines = line.get(..LINE).unwrap_or(line).split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(u8::is_ascii_whitespace);
    let is_time =
        |word: &[u8]| matches!(word, [a, b, b':', c, d, ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    words.any(is_time) && lines.next().and_then(field).is_some()
}

/// The messages of a mailbox.
pub(in crate::read) fn each(input: &mut Window, items: &mut Items) -> Result<(), Reject> {
    let limits = items.limits();
    let most = usize::try_from(limits.bytes).unwrap_or(usize::MAX);
    while !input.ahead(1).is_empty() {
        match next(input, most) {
            Next::At(end) => {
                let message = input.seen().get(..end).unwrap_or_default();
                items.add(message, || read(&unquoted(message), Format::Mbox, limits))?;
                input.skip(end);
            }
            Next::TooFar => {
                let message = format!("the message holds more than {most} bytes, which is the limit");
                items.add(&[], || Err(Reject::new(Code::TooLarge, message)))?;
                loop {
                    match next(input, most) {
                        Next::TooFar => input.skip(most),
                        Next::At(end) => break input.skip(end),
                        Next::CutOff => break,
                    }
                }
            }
            Next::CutOff => break,
        }
    }
    input.whole()
}

/// Where a message ends that begins here.
enum Next {
    At(usize),
    TooFar,
    CutOff,
}

fn next(input: &mut Window, most: usize) -> Next {
    let mut from = 0;
    while let Some(at) = input.find(b"\nFrom ", from, most) {
        input.ahead(at + 1 + LINE);
        if input.seen().get(at + 1..).is_some_and(opens) {
            return Next::At(at + 1);
        }
        from = at + 1;
    }
    match input.seen().len() {
        length if length > most => Next::TooFar,
        _ if input.whole().is_err() => Next::CutOff,
        length => Next::At(length),
    }
}

/// The message without its `From ` line, and its lines as they were before they were quoted: `>From ` was `From `, and
/// `>>From ` was `>From ` (mboxrd).
fn unquoted(message: &[u8]) -> Cow<'_, [u8]> {
    let start = memchr::memchr(b'\n', message).map_or(message.len(), |at| at + 1);
    let message = message.get(start..).unwrap_or_default();
    if memmem::find(message, b">From ").is_none() {
        return message.into();
    }
    let mut whole = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let quotes = line.iter().take_while(|byte| **byte == b'>').count();
        let is_quoted = quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        whole.extend_from_slice(line.get(usize::from(is_quoted)..).unwrap_or_default());
    }
    whole.into()
}
