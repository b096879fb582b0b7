//! What the system and a service tell each other: signals, readiness, limits.

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::event::Event;
use crate::error::{Error, Result};

/// The signals that we answer.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Signals> {
        let listen = |kind| signal(kind).map_err(Error::io("listen to signals on", "this machine"));
        Ok(Signals {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Event {
        tokio::select! {
            _ = self.terminate.recv() => Event::Stop,
            _ = self.interrupt.recv() => Event::Stop,
            _ = self.hang_up.recv() => Event::Reload,
        }
    }
}

/// Without systemd there is nobody to tell, and that is no error.
pub(crate) fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "cannot reach systemd");
    }
}

/// Each input in hand holds a descriptor. What the system allows us at most is ours to take; without it we go on. Returns
/// how many we may have then.
pub(crate) fn raise_descriptor_limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}
