//! Standard output: data, and nothing else.

use std::io::{self, Write};

use disputed::{Error, Result};
use serde::Serialize;

/// Writes to standard output, and sees that it got there.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref()).and_then(|()| out.flush()).map_err(Error::io("write to", "standard output"))
}

/// Writes an answer to standard output as one line of JSON.
pub(crate) fn print_json(answer: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(answer);
    print(json.map_err(|e| Error::io("write to", "standard output")(e.into()))? + "\n")
}
