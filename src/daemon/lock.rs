//! Locks against a second daemon, on what is ours alone: inboxes, state folder and sink.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// How often a lock is asked for, and how long it is waited for between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock of a file or folder, or says who may be holding it. A daemon that was killed holds it for a moment longer
/// where it was about to begin another process.
pub(crate) fn lock(file: &File, path: &Path) -> Result<()> {
    for tried in 1..=TRIES {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(Errno::WOULDBLOCK) if tried < TRIES => std::thread::sleep(PAUSE),
            Err(Errno::WOULDBLOCK) => break,
            Err(errno) => return Err(Error::io("lock", path)(errno.into())),
        }
    }
    Err(Error::Config(format!("{} is in use by another disputed; stop that one first", path.display())))
}
