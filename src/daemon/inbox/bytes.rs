//! The bytes of an input in hand: in memory, or in their file where they are many.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use crate::read::Input;

/// The bytes of an input in hand.
pub(crate) enum Bytes<'b> {
    InMemory(&'b [u8]),
    /// They are read as they come, or not at all.
    InFile(File),
}

impl Bytes<'_> {
    /// To be read from the start, even while another reading of it goes on. `go_on` is asked before more is read from the
    /// file.
    pub(crate) fn input<'i>(&'i self, go_on: impl Fn() -> io::Result<()> + 'i) -> Input<'i> {
        match self {
            Bytes::InMemory(bytes) => Input::Bytes(bytes),
            Bytes::InFile(file) => Input::Stream(Box::new(Stream { file, at: 0, go_on })),
        }
    }
}

/// A file from `at` on, whoever else reads it.
pub(crate) struct Stream<'f, F> {
    file: &'f File,
    at: u64,
    go_on: F,
}

impl<'f> Stream<'f, fn() -> io::Result<()>> {
    pub(crate) fn of(file: &'f File) -> Self {
        Stream { file, at: 0, go_on: || Ok(()) }
    }
}

impl<F: Fn() -> io::Result<()>> Read for Stream<'_, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (self.go_on)()?;
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<F> Seek for Stream<'_, F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.file.metadata()?.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
