//! The one list of everything that the daemon waits for.

use super::answers::Asked;
use super::intake::{Fate, Key};
use super::watch::Hint;

/// Everything that wakes the daemon.
pub(crate) enum Event {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    Reload,
    /// Somebody wants to know.
    Asked(Asked),
    /// The kernel saw something.
    Hints(Vec<Hint>),
    /// The pipeline has dealt with these.
    Fates(Vec<(Key, Fate)>),
    /// The pipeline has ended by itself.
    Broken,
    /// Some file's time has come.
    Due,
    /// It is time to look at everything again.
    Scan,
    /// systemd wants to hear from us.
    Watchdog,
}
