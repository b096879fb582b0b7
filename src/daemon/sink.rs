//! Where the lines go: a file in which every line stands exactly once, or standard output.

use super::log::Log;
use super::pipe::Pipe;
use super::stop::Stop;
use crate::error::{Error, Result};

/// A place for lines.
pub(super) enum Sink {
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
    pub(super) fn append(&mut self, lines: &[u8], stop: &Stop) -> Result<()> {
        match self {
            Sink::Stdout(pipe) => pipe.write(lines, stop).map_err(Error::io("write to", "standard output")),
            Sink::File(log) => log.append(lines).map_err(Error::io("write to the sink", log.path())),
        }
    }

    /// Notes that the inputs of all lines so far have left the inbox.
    pub(super) fn mark(&self) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.mark(),
        }
    }

    /// Goes on in a new file where the old one was renamed or removed, as logrotate does.
    pub(super) fn reopen_if_moved(&mut self) -> Result<()> {
        match self {
            Sink::Stdout(_) => Ok(()),
            Sink::File(log) => log.reopen_if_moved(),
        }
    }
}
