//! The wish to stop, seen by every thread.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the article in hand may take after the wish, while the reader of standard output does not read.
const GRACE: Duration = Duration::from_secs(2);

/// Set once, by a signal; never taken back.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    since: Mutex<Option<Instant>>,
    wished: Condvar,
}

impl Stop {
    #[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
    pub(crate) fn wish(&self) {
        self.lock().get_or_insert_with(Instant::now);
        self.wished.notify_all();
    }

    pub(crate) fn is_wished(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether what is still not done after the wish has to be left.
    pub(crate) fn grace_is_over(&self) -> bool {
        self.lock().is_some_and(|since| since.elapsed() >= GRACE)
    }

    /// Waits, but not longer than until the wish.
    pub(crate) fn wait(&self, at_most: Duration) {
        let guard = self.lock();
        if guard.is_none() {
            drop(self.wished.wait_timeout(guard, at_most));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
