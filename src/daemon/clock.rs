//! The daemon's clock: the one place that reads the time of day.

use std::time::SystemTime;

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
