//! The daemon's clocks: the one place that reads the time of day, and the one for how long something takes.

use std::sync::{Condvar, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
pub(crate) fn moment() -> Instant {
    Instant::now()
}

/// Waits until something is so, or until that moment. Before each sleep `announce` may say that somebody has to be woken.
pub(crate) fn wait<'a, T>(
    changed: &Condvar,
    mut state: MutexGuard<'a, T>,
    until: Option<Instant>,
    is_so: impl Fn(&T) -> bool,
    announce: impl Fn(&mut T),
) -> MutexGuard<'a, T> {
    while !is_so(&state) {
        let rest = until.map(|until| until.saturating_duration_since(moment()));
        if rest.is_some_and(|rest| rest.is_zero()) {
            break;
        }
        announce(&mut state);
        state = match rest {
            Some(rest) => changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0,
            None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
    }
    state
}
