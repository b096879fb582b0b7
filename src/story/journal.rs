//! The bytes by which stories outlive the program: a header, and one entry after the other for every article.
//!
//! Whoever has a disk writes [`HEADER`] first and appends [`Entry::to_bytes`] for each article that is remembered. A write
//! that was torn leaves a tail that is no entry, which [`read`] tells, and which has to be cut off before the next append.
//! When it has twice as many entries as are remembered, the journal is written anew from
//! [`Stories::entries`](super::Stories::entries), which are those that are still of use.

use std::io::{self, Read};

use super::entry::Entry;

/// What a journal begins with: its name and version. The version is that of the signatures too, which compare only with
/// those that were made in the same way.
pub const HEADER: [u8; 16] = *b"disputedstory/1\n";

/// How much of a journal is whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole {
    /// Entries that were read.
    pub entries: u64,
    /// Bytes from the beginning to the end of the last of them: the journal is to be cut to this length. It is 0 where
    /// even the header is torn or missing, and has to be written first.
    pub bytes: u64,
}

/// Calls `visit` with each entry of a journal, in the order in which they were written, up to the first that is damaged.
/// It holds one entry at a time.
///
/// ```
/// use std::time::SystemTime;
/// use disputed::story::{Entry, Id, Signature, journal};
/// let words: Vec<String> = (0..100).map(|n| format!("word{n}")).collect();
/// let signature = Signature::of([words.join(" ").as_str()]);
/// let entry = Entry::new(Id([7; 32]), Id([1; 32]).into(), SystemTime::UNIX_EPOCH, signature);
///
/// let mut bytes = journal::HEADER.to_vec();
/// bytes.extend(entry.to_bytes());
/// bytes.extend(&entry.to_bytes()[..100]); // torn
/// let mut entries = Vec::new();
/// let whole = journal::read(bytes.as_slice(), |entry| entries.push(entry))?;
/// assert_eq!(entries, [entry]);
/// assert_eq!((whole.entries, whole.bytes), (1, 192));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the reader says, and [`io::ErrorKind::InvalidData`] where the bytes are no journal, or one of another version.
pub fn read(mut journal: impl Read, mut visit: impl FnMut(Entry)) -> io::Result<Whole> {
    let mut header = [0; HEADER.len()];
    let length = fill(&mut journal, &mut header)?;
    if !HEADER.starts_with(header.get(..length).unwrap_or_default()) {
        let message =
            "this is no journal of stories that this version reads; move it away, and stories are remembered anew";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let mut whole = Whole::default();
    if length == HEADER.len() {
        whole.bytes = length as u64;
    }
    let mut bytes = [0; Entry::BYTES];
    while whole.bytes > 0 && fill(&mut journal, &mut bytes)? == bytes.len() {
        let Some(entry) = Entry::from_bytes(&bytes) else { break };
        visit(entry);
        whole.entries += 1;
        whole.bytes += bytes.len() as u64;
    }
    Ok(whole)
}

/// Reads until the buffer is full or the journal ends; how many bytes that is.
fn fill(journal: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match journal.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(length)
}
