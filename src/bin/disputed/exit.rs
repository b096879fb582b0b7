//! How the program ends: codes as in sysexits.h, and the error as one line.

use std::io::{self, Write};
use std::process::ExitCode;

use disputed::Error;

pub(crate) const USAGE: u8 = 64;
const DATA: u8 = 65;
const NO_INPUT: u8 = 66;
const UNAVAILABLE: u8 = 69;
const SOFTWARE: u8 = 70;
const IO: u8 = 74;
const TEMPORARY: u8 = 75;
const NO_PERMISSION: u8 = 77;
const CONFIG: u8 = 78;

/// What a failure means to the caller of a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Lines must arrive: a closed pipe is a failure.
    Deliver,
    /// Output is for whoever wants it: `disputed classify … | head` is no failure.
    Print,
    /// Whatever is wrong, the configuration is.
    Check,
}

/// Prints the error and gives its code.
pub(crate) fn report(error: &Error, manner: Manner) -> ExitCode {
    let closed = matches!(error, Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe);
    if closed && manner == Manner::Print {
        return ExitCode::SUCCESS;
    }
    // Where standard error is closed as well, the code has to do.
    let _ = writeln!(io::stderr(), "disputed: {error}");
    ExitCode::from(if manner == Manner::Check { CONFIG } else { code(error) })
}

fn code(error: &Error) -> u8 {
    match error {
        Error::Io { source, .. } => match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory => NO_INPUT,
            io::ErrorKind::PermissionDenied => NO_PERMISSION,
            _ => IO,
        },
        Error::Unseen => IO,
        Error::Config(_) => CONFIG,
        Error::NotRunning { .. } => UNAVAILABLE,
        Error::Paused { .. } | Error::Overlong { .. } => TEMPORARY,
        Error::Corpus { .. } | Error::Model { .. } | Error::Input { .. } => DATA,
        _ => SOFTWARE,
    }
}
