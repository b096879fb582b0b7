//! What a message would cost to parse, before it is.
//!
//! The parser makes a value of a hundred bytes and more of each part, header field and list entry, which a hostile message may
//! have millions of; and it looks for the boundary of each multipart in all that follows.

use crate::error::{Code, Reject};

/// Parts of a message: lines that may be boundaries.
const PARTS: usize = 10_000;

/// Mentions of a multipart, each of which may be one.
const MULTIPARTS: usize = 100;

/// Lines that may be header fields, and commas and semicolons in them.
const FIELDS: usize = 200_000;

/// Refuses a message that is built to be expensive.
pub(super) fn check(bytes: &[u8]) -> Result<(), Reject> {
    let (mut parts, mut fields) = (0, 0);
    let mut is_field = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        parts += usize::from(line.starts_with(b"--"));
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        is_field = is_folded && is_field || super::field(line).is_some();
        if is_field {
            fields += 1 + line.iter().filter(|byte| matches!(byte, b',' | b';')).count();
        }
    }
    let multiparts = memchr::memchr_iter(b'/', bytes);
    let multiparts =
        multiparts.filter(|at| at.checked_sub(9).and_then(|from| bytes.get(from..*at)).is_some_and(is_multipart));
    match () {
        () if parts > PARTS => Err(too_large(PARTS, "parts")),
        () if multiparts.take(MULTIPARTS + 1).count() > MULTIPARTS => Err(too_large(MULTIPARTS, "multiparts")),
        () if fields > FIELDS => Err(too_large(FIELDS, "header fields and entries in them")),
        () => Ok(()),
    }
}

fn is_multipart(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"multipart")
}

fn too_large(most: usize, of: &str) -> Reject {
    Reject::new(Code::TooLarge, format!("the e-mail has more than {most} {of}"))
}
