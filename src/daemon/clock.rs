//! The daemon's clocks: the one place that reads the time of day, and the one for how long something takes.

use std::time::{Instant, SystemTime};

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
pub(crate) fn moment() -> Instant {
    Instant::now()
}
