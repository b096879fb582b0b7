//! The members of a gzip file, one after the other.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// What all members hold together, as gzip itself takes it. Zeros after the last one are padding; anything else there is
/// an error, because it may be a member that was damaged.
pub(super) struct Members<R: BufRead> {
    /// The member that is being read; nothing at the end.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(input: R) -> Members<R> {
        Members { member: Some(GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            let Some(mut input) = self.member.take().map(GzDecoder::into_inner) else { break };
            self.member = match after_padding(&mut input)? {
                Some(0x1f) => Some(GzDecoder::new(input)),
                Some(_) => return Err(io::Error::other("after their end there is something else")),
                None => None,
            };
        }
        Ok(0)
    }
}

/// The first byte that is not zero.
fn after_padding(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let bytes = input.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        match bytes.get(zeros) {
            Some(byte) => {
                let byte = *byte;
                input.consume(zeros);
                return Ok(Some(byte));
            }
            None if zeros == 0 => return Ok(None),
            None => input.consume(zeros),
        }
    }
}
