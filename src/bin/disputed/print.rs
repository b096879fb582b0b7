//! Standard output: data, and nothing else.

use std::io::{self, Write};

use disputed::{Error, Result};

/// Writes to standard output, and sees that it got there.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref()).and_then(|()| out.flush()).map_err(Error::io("write to", "standard output"))
}
