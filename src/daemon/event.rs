//! The one list of everything that the event loop waits for.

use super::answers::Asked;
use super::intake::Notice;

/// Everything that wakes the event loop.
pub(crate) enum Event {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    Reload,
    /// Somebody wants to know.
    Asked(Asked),
    /// The intake has something to say.
    Noticed(Notice),
    /// Some thread has ended by itself.
    Broken,
    /// A worker is at one article for longer than it may be.
    Overlong(usize),
    /// systemd wants to hear from us.
    Watchdog,
}
