//! Locks against a second daemon, on what is ours alone: inboxes, state folder and sink.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Takes the lock of a file or folder, or says who may be holding it.
pub(crate) fn lock(file: &File, path: &Path) -> Result<()> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => {
            Err(Error::Config(format!("{} is in use by another disputed; stop that one first", path.display())))
        }
        Err(errno) => Err(Error::io("lock", path)(errno.into())),
    }
}
