//! Bytes that are looked at from the front, all at once or as they come: whoever reads records holds one at a time.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use memchr::memmem;

use crate::error::{Code, Reject};

/// How much is read at once, at least.
const CHUNK: usize = 64 << 10;

/// What is ahead in a file, or in a stream, of which only so much is held as is looked at.
pub(super) struct Window<'i> {
    buffer: Cow<'i, [u8]>,
    start: usize,
    /// How many bytes lie behind.
    position: u64,
    /// Where more comes from; nothing where that has ended.
    input: Option<&'i mut dyn Read>,
    is_stream: bool,
    failed: Option<Reject>,
}

impl<'i> Window<'i> {
    /// A file that is there as a whole; it is not copied.
    pub(super) fn of(bytes: &'i [u8]) -> Window<'i> {
        Window { buffer: bytes.into(), start: 0, position: 0, input: None, is_stream: false, failed: None }
    }

    /// A stream. Its errors, where they are a [`Reject`], are told as such.
    pub(super) fn over(input: &'i mut dyn Read) -> Window<'i> {
        let buffer = Cow::Owned(Vec::new());
        Window { buffer, start: 0, position: 0, input: Some(input), is_stream: true, failed: None }
    }

    pub(super) fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// How many bytes lie behind.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// What is ahead and has been read already.
    pub(super) fn seen(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// What is ahead: so many bytes or more, and fewer only where there are no more.
    pub(super) fn ahead(&mut self, least: usize) -> &[u8] {
        while self.seen().len() < least {
            let want = (least - self.seen().len()).clamp(CHUNK, 16 * CHUNK);
            let Some(input) = &mut self.input else { break };
            let buffer = self.buffer.to_mut();
            buffer.drain(..self.start);
            self.start = 0;
            let before = buffer.len();
            let read = input.take(want as u64).read_to_end(buffer);
            if let Err(error) = read {
                self.failed = Some(reject_of(error));
                self.input = None;
            } else if buffer.len() < before + want {
                self.input = None;
            }
        }
        self.seen()
    }

    /// Leaves so many bytes behind, of those that have been seen.
    pub(super) fn skip(&mut self, bytes: usize) {
        let bytes = bytes.min(self.seen().len());
        self.start += bytes;
        self.position += bytes as u64;
    }

    /// Where these bytes stand next, at `from` or after it, and not after `most`.
    pub(super) fn find(&mut self, needle: &[u8], mut from: usize, most: usize) -> Option<usize> {
        loop {
            let seen = self.ahead(from.saturating_add(needle.len()));
            if let Some(at) = memmem::find(seen.get(from..).unwrap_or_default(), needle) {
                return Some(from + at).filter(|at| *at <= most);
            }
            let length = seen.len();
            if length > most.saturating_add(needle.len()) || self.input.is_none() {
                return None;
            }
            from = from.max((length + 1).saturating_sub(needle.len()));
        }
    }

    /// Leaves all behind that stands before these bytes, holding none of it; or everything, where they do not come.
    pub(super) fn skip_to(&mut self, needle: &[u8]) -> bool {
        loop {
            let seen = self.ahead(CHUNK);
            if let Some(at) = memmem::find(seen, needle) {
                self.skip(at);
                return true;
            }
            let passed = seen.len();
            if self.input.is_none() {
                self.skip(passed);
                return false;
            }
            self.skip((passed + 1).saturating_sub(needle.len()));
        }
    }

    /// All that is ahead, where it is no more than `most`.
    ///
    /// # Errors
    /// Where it is more, or ends in the middle.
    pub(super) fn rest(&mut self, most: u64) -> Result<&[u8], Reject> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if self.ahead(most.saturating_add(1)).len() > most {
            return Err(Reject::new(
                Code::TooLarge,
                format!("expanded it holds more than {most} bytes, which is the limit"),
            ));
        }
        self.whole()?;
        Ok(self.seen())
    }

    /// Whether what was read so far came whole.
    ///
    /// # Errors
    /// Why there is no more to come, where that is not the end.
    pub(super) fn whole(&self) -> Result<(), Reject> {
        self.failed.clone().map_or(Ok(()), Err)
    }
}

impl Read for Window<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.skip(read);
        Ok(read)
    }
}

impl BufRead for Window<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead(1).is_empty() {
            self.whole().map_err(io::Error::other)?;
        }
        Ok(self.seen())
    }

    fn consume(&mut self, amount: usize) {
        self.skip(amount);
    }
}

/// What an error in a stream of ours says.
pub(crate) fn reject_of(error: io::Error) -> Reject {
    error.downcast().unwrap_or_else(|error| Reject::new(Code::Malformed, error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_sought_is_found_wherever_the_chunks_are_cut() {
        for before in CHUNK - 12..CHUNK + 3 {
            let bytes = [vec![b'a'; before], b"needle and more".to_vec()].concat();
            let mut stream = &bytes[..];
            let mut window = Window::over(&mut stream);
            assert_eq!(window.find(b"needle", 0, usize::MAX), Some(before));
            assert_eq!(window.find(b"needle", 0, before - 1), None);
            assert!(window.skip_to(b"needle"));
            assert_eq!(window.position(), before as u64);
            assert_eq!(window.rest(20).unwrap(), b"needle and more");
            assert!(!window.skip_to(b"haystack"));
            assert_eq!(window.seen(), b"");
        }
    }

    #[test]
    fn what_is_passed_over_is_not_held() {
        let mut stream = io::repeat(b'a').take(100 << 20);
        let mut window = Window::over(&mut stream);
        assert!(!window.skip_to(b"needle"));
        assert!(window.buffer.to_mut().capacity() < 1 << 20, "{}", window.buffer.to_mut().capacity());
        assert_eq!(window.position(), 100 << 20);
    }

    proptest! {
        #[test]
        fn a_stream_is_seen_as_the_whole_is(bytes in "[ab]{0,60}", needle in "[ab]{1,3}", from in 0usize..70, most in 0usize..70) {
            let mut stream = bytes.as_bytes();
            let mut window = Window::over(&mut stream);
            let mut whole = Window::of(bytes.as_bytes());
            let found = bytes.get(from..).and_then(|rest| rest.find(&needle)).map(|at| from + at).filter(|at| *at <= most);
            prop_assert_eq!(window.find(needle.as_bytes(), from, most), found);
            prop_assert_eq!(whole.find(needle.as_bytes(), from, most), found);
            prop_assert_eq!(window.skip_to(needle.as_bytes()), bytes.contains(&needle));
            prop_assert_eq!(window.rest(60).unwrap(), bytes.find(&needle).map_or("", |at| &bytes[at..]).as_bytes());
        }
    }
}
