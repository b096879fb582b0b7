//! What a file expands to, counted while it does.

use std::cell::Cell;
use std::io::{self, Read};

use crate::error::{Code, Reject};
use crate::read::Limits;

/// Counts what all that is packed in a file expands to, whatever stands within what.
#[derive(Debug)]
pub(crate) struct Meter {
    /// The file's own size.
    packed: u64,
    expanded: Cell<u64>,
    most: u64,
    ratio: u64,
}

/// Up to here a file may expand at any ratio: a page of blanks is no bomb.
const FREE: u64 = 8 << 20;

impl Meter {
    /// The meter of a file of so many bytes.
    pub(crate) fn new(packed: u64, limits: &Limits) -> Meter {
        Meter { packed, expanded: Cell::new(0), most: limits.expanded, ratio: limits.ratio }
    }

    fn count(&self, bytes: usize) -> Result<(), Reject> {
        let expanded = self.expanded.get().saturating_add(bytes as u64);
        self.expanded.set(expanded);
        if expanded > self.most {
            let message = format!("the file expands to more than {} bytes, which is the limit", self.most);
            return Err(Reject::new(Code::Expanded, message));
        }
        if expanded > FREE && expanded / self.ratio.max(1) > self.packed {
            let message = format!(
                "the file expands to more than {} times its size, which is the limit: {} bytes to {expanded} and more",
                self.ratio, self.packed
            );
            return Err(Reject::new(Code::Ratio, message));
        }
        Ok(())
    }
}

/// What comes out of a decoder, counted. Its errors hold a [`Reject`], and once one came nothing else does.
pub(super) struct Metered<'m, R> {
    decoder: R,
    meter: &'m Meter,
    failed: Option<Reject>,
}

impl<'m, R: Read> Metered<'m, R> {
    pub(super) fn new(decoder: R, meter: &'m Meter) -> Metered<'m, R> {
        Metered { decoder, meter, failed: None }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(reject) = &self.failed {
            return Err(io::Error::other(reject.clone()));
        }
        let read = self.decoder.read(into).map_err(what_failed);
        let counted = read.and_then(|read| self.meter.count(read).map(|()| read));
        counted.map_err(|reject| io::Error::other(self.failed.insert(reject).clone()))
    }
}

fn what_failed(error: io::Error) -> Reject {
    let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
    error.downcast().unwrap_or_else(|error| {
        let message = match is_end {
            true => "the compressed data end in the middle: the file was cut off".into(),
            false => format!("the compressed data are damaged: {error}"),
        };
        Reject::new(Code::Malformed, message)
    })
}
