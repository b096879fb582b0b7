//! Work that stands still until a disk has room again, or a folder is back: tried again and again, and said once.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::clock::now;
use super::stop::Stop;
use crate::error::{Error, Result};

/// Why the writer waits, and since when; nothing while all is well.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    why: Mutex<Option<(String, SystemTime)>>,
}

impl Pause {
    /// Why work stands still, if it does.
    pub(crate) fn why(&self) -> Option<(String, SystemTime)> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, why: Option<(String, SystemTime)>) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Tries again for as long as the disk refuses, and gives `None` where a stop comes first: a full disk or a folder
    /// that is gone may heal, and what is in hand must not be lost for it. While this waits the queues fill, and intake
    /// pauses.
    ///
    /// # Errors
    /// Where nobody will ever read what we write: whoever started us has to decide what comes next.
    pub(crate) fn insist<T>(&self, stop: &Stop, mut attempt: impl FnMut() -> Result<T>) -> Result<Option<T>> {
        const WAIT: Duration = Duration::from_secs(1);
        loop {
            match attempt() {
                Ok(value) => {
                    if self.why().is_some() {
                        self.set(None);
                        tracing::info!("that works again; going on");
                    }
                    return Ok(Some(value));
                }
                Err(Error::Io { source, doing, path }) if source.kind() == io::ErrorKind::BrokenPipe => {
                    return Err(Error::Io { source, doing, path });
                }
                Err(_) if stop.is_wished() => return Ok(None),
                Err(error) => {
                    if self.why().is_none() {
                        tracing::error!(%error, "intake pauses until this works");
                        self.set(Some((error.to_string(), now())));
                    }
                    stop.wait(WAIT);
                }
            }
        }
    }
}
