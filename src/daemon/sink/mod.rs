//! Where the lines go: a file in which every line stands exactly once, or standard output.

mod generations;
mod log;
mod mark;
mod mend;
mod pipe;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use std::io;
use std::time::SystemTime;

pub(crate) use generations::of as generations_of;
pub(crate) use log::Log;
pub(crate) use mend::probe;
pub(crate) use pipe::Pipe;

use super::stop::Stop;
use crate::error::{Error, Result};

/// What the writer may gather before it writes, in bytes; one delivery more may come on top. It is what is read back without
/// a mark, twice over, so a smaller batch may be asked for and no larger one.
pub(crate) const LARGEST_BATCH: usize = 1 << 20;

/// Bytes of lines that one delivery adds to it at most: a batch may be larger by the last one.
pub(crate) const LARGEST_PART: usize = 256 << 10;

/// A place for lines.
pub(crate) enum Sink {
    /// Each line is handed to the pipe at least once.
    Stdout(Pipe),
    /// Each line stands exactly once.
    File(Log),
}

impl Sink {
    /// Makes the lines durable, or as durable as a pipe can.
    ///
    /// # Errors
    /// What the system says; nothing of the batch counts as written then, and it may be tried again as it is.
    pub(crate) fn append(&mut self, lines: &[u8], stop: &Stop) -> Result<()> {
        match self {
            Sink::Stdout(pipe) => pipe.write(lines, stop).map_err(Error::io("write to", "standard output")),
            Sink::File(log) => log.append(lines).map_err(Error::io("write to the sink", log.path())),
        }
    }

    /// Whether fewer of the lines may be tried after this error: a disk may have room for some. What a pipe has taken
    /// cannot be taken back.
    pub(crate) fn can_take_less(&self, error: &Error) -> bool {
        let is_full = |e: &io::Error| matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        matches!((self, error), (Sink::File(_), Error::Io { source, .. }) if is_full(source))
    }

    /// Begins: what the lines that were there told is known, and all their inputs have left the inbox.
    pub(crate) fn begin(&self) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.begin(),
        }
    }

    /// Notes that the inputs of all lines so far have left the inbox.
    pub(crate) fn mark(&self) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.mark(),
        }
    }

    /// Whether the file was renamed or removed, as logrotate does.
    pub(crate) fn has_moved(&self) -> Result<bool> {
        match self {
            Sink::Stdout(_) => Ok(false),
            Sink::File(log) => log.has_moved(),
        }
    }

    /// Whether it has reached that size.
    pub(crate) fn has(&self, size: u64) -> bool {
        match self {
            Sink::Stdout(_) => false,
            Sink::File(log) => log.has(size),
        }
    }

    /// Goes on in a new file where the old one was moved. All inputs of its lines have to be marked.
    pub(crate) fn reopen_if_moved(&mut self) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.reopen_if_moved(),
        }
    }

    /// Goes on in a new file where this one has reached that size. All inputs of its lines have to be marked.
    pub(crate) fn rotate(&mut self, size: u64, now: SystemTime) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.rotate(size, now),
        }
    }
}
