//! What is read: bytes in memory, or a stream of more than is to be held of it.

use std::io::{self, Read, Seek, SeekFrom};

use super::window::Window;
use super::{Limits, is_stream};
use crate::error::{Code, Reject};

/// The bytes of an input.
///
/// Mailboxes, web archives, JSON lines, and what gzip or zstd has packed, are read one article after the other. As a stream
/// they may be larger than the memory that they are to take.
///
/// ```
/// use std::io::Cursor;
/// use disputed::read::{Input, Limits, read_each};
/// let lines = b"{\"title\":\"Talks resume\",\"text\":\"Envoys met.\"}\n{\"title\":\"Rain\",\"text\":\"It fell.\"}\n";
/// let mut limits = Limits::default();
/// limits.bytes = 50;
/// let mut count = 0;
/// read_each(Input::Stream(Box::new(Cursor::new(lines))), "day.jsonl", &limits, &mut |_| count += 1)?;
/// assert_eq!(count, 2);
/// assert!(read_each(lines, "day.jsonl", &limits, &mut |_| {}).is_err());
/// # Ok::<(), disputed::Reject>(())
/// ```
pub enum Input<'i> {
    /// All of them.
    Bytes(&'i [u8]),
    /// Where they can be read, and read again.
    Stream(Box<dyn Stream + 'i>),
}

/// What can be read, and read again from its start, as a file can.
pub trait Stream: Read + Seek {}

impl<S: Read + Seek> Stream for S {}

impl<'i> From<&'i [u8]> for Input<'i> {
    fn from(bytes: &'i [u8]) -> Input<'i> {
        Input::Bytes(bytes)
    }
}

impl<'i, const N: usize> From<&'i [u8; N]> for Input<'i> {
    fn from(bytes: &'i [u8; N]) -> Input<'i> {
        Input::Bytes(bytes)
    }
}

impl Input<'_> {
    /// How many bytes there are.
    ///
    /// # Errors
    /// A [`Reject`] where there are more than the limits allow: whether a stream can be read as one, its beginning tells.
    pub(crate) fn size(&mut self, name: &str, limits: &Limits) -> Result<u64, Reject> {
        let (size, most) = match self {
            Input::Bytes(bytes) => (bytes.len() as u64, limits.bytes),
            Input::Stream(stream) => match stream.seek(SeekFrom::End(0)).map_err(unreadable)? {
                size if size <= limits.bytes => (size, limits.bytes),
                size => {
                    let mut bytes = begin(&mut **stream, size)?;
                    let mut window = Window::over(&mut bytes);
                    let is_stream = is_stream(&mut window, name, limits);
                    window.whole()?;
                    (size, if is_stream { limits.expanded.max(limits.bytes) } else { limits.bytes })
                }
            },
        };
        if size > most { Err(Reject::too_large(size, most)) } else { Ok(size) }
    }
}

/// A stream from its start to `size`, with errors that hold a [`Reject`].
pub(crate) fn begin<'s>(stream: &'s mut dyn Stream, size: u64) -> Result<impl Read + 's, Reject> {
    stream.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok(Whole { stream, rest: size })
}

/// So many bytes of a stream. That there are fewer is an error, and no end: it was cut off meanwhile.
struct Whole<'s> {
    stream: &'s mut dyn Stream,
    rest: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.rest).unwrap_or(usize::MAX).min(into.len());
        let read = match self.stream.read(into.get_mut(..most).unwrap_or_default()) {
            Ok(0) if most > 0 => Err(unreadable(io::ErrorKind::UnexpectedEof.into())),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(unreadable(error)),
            read => return read.inspect(|&read| self.rest -= read as u64),
        };
        read.map_err(io::Error::other)
    }
}

fn unreadable(error: io::Error) -> Reject {
    Reject::new(Code::Unreadable, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;
    use crate::read::read_each;

    /// A file that says that it has more bytes than can be read of it, and what comes instead of them.
    struct Broken {
        bytes: Cursor<Vec<u8>>,
        says: u64,
        end: io::Result<usize>,
    }

    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match (self.bytes.read(into)?, &self.end) {
                (0, Err(error)) => Err(error.kind().into()),
                (read, _) => Ok(read),
            }
        }
    }

    impl Seek for Broken {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            if to == SeekFrom::End(0) { Ok(self.says) } else { self.bytes.seek(to) }
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(bytes).and_then(|()| gzip.finish()).expect("memory")
    }

    /// As a frame of raw blocks, of which each has its length before it.
    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x58];
        for (at, block) in bytes.chunks(1000).enumerate() {
            let is_last = u32::from((at + 1) * 1000 >= bytes.len());
            frame.extend(&((block.len() as u32) << 3 | is_last).to_le_bytes()[..3]);
            frame.extend(block);
        }
        frame
    }

    #[test]
    fn what_cannot_be_read_to_its_end_is_not_taken_for_shorter() {
        let line = "{\"title\":\"Talks resume\",\"text\":\"Envoys met.\"}\n";
        let message = "From a@b Mon Jul 16 06:30:00 2018\nFrom: a@b\nSubject: Talks\n\nEnvoys met.\n\n";
        let (lines, mailbox) = (line.repeat(4000).into_bytes(), message.repeat(2000).into_bytes());
        let (packed, frames) = (gzip(&lines), zstd(&lines));
        for (name, bytes) in
            [("a.jsonl", &lines), ("a.mbox", &mailbox), ("a.jsonl.gz", &packed), ("a.jsonl.zst", &frames)]
        {
            let end = |input: Input| read_each(input, name, &Limits::default(), &mut |_| {});
            assert_eq!(end(Input::Bytes(bytes)), Ok(()), "{name}");
            assert_eq!(end(Input::Stream(Box::new(Cursor::new(bytes)))), Ok(()), "{name}");
            for (broken, why) in [(Ok(0), "unexpected end of file"), (Err(io::ErrorKind::Other.into()), "other error")]
            {
                let read = Cursor::new(bytes[..bytes.len() - 9].to_vec());
                let broken = Broken { bytes: read, says: bytes.len() as u64, end: broken };
                let reject = Reject::new(Code::Unreadable, why);
                assert_eq!(end(Input::Stream(Box::new(broken))), Err(reject), "{name}");
            }
        }
    }

    #[test]
    fn a_stream_may_be_larger_than_an_article_where_it_is_read_as_it_comes() {
        let limits = Limits { bytes: 60, expanded: 500, ..Limits::default() };
        let end = |bytes: &[u8], name: &str| {
            let stream = Input::Stream(Box::new(Cursor::new(bytes)));
            read_each(stream, name, &limits, &mut |_| {}).map_err(|reject| reject.to_string())
        };
        let line = "{\"title\":\"Talks\",\"text\":\"Envoys met.\"}\n";
        let too_large =
            |size: usize, limit| Err(format!("the file holds {size} bytes; the limit is {limit} (too-large)"));
        assert_eq!(end(line.repeat(500 / line.len()).as_bytes(), "a.jsonl"), Ok(()));
        let more = line.repeat(500 / line.len() + 1);
        assert_eq!(end(more.as_bytes(), "a.jsonl"), too_large(more.len(), 500));
        assert_eq!(end(&[b'a'; 60], "a.txt"), Ok(()));
        assert_eq!(end(&[b'a'; 61], "a.txt"), too_large(61, 60));
        assert_eq!(end(format!("[{line},{line}]").as_bytes(), "a.json"), too_large(2 * line.len() + 3, 60));
    }
}
