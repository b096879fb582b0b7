//! What workers and writer share, and what passes between them.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::inbox::{Claim, Inbox};
use super::intake::{Fate, Job};
use super::pause::Pause;
use super::reload::InForce;
use super::stop::Stop;
use super::suspects::Suspects;
use crate::error::Reject;

/// What every worker and the writer share.
pub(crate) struct Shared {
    pub(crate) inboxes: Arc<[Inbox]>,
    pub(crate) in_force: InForce,
    pub(crate) suspects: Suspects,
    /// Who waits for the sink to be opened anew: the writer serves them before each batch.
    pub(crate) reopen: Mutex<Vec<oneshot::Sender<()>>>,
    pub(crate) pause: Pause,
    pub(crate) stop: Stop,
}

/// What the writer is told.
pub(crate) enum Order {
    /// Write this, and let its input go.
    Deliver(Box<Delivery>),
    /// Somebody waits for the sink to be opened anew.
    Reopen,
}

/// What a worker hands to the writer.
pub(crate) struct Delivery {
    pub(crate) job: Job,
    pub(crate) outcome: Outcome,
}

impl Delivery {
    /// The line to write; empty where there is none.
    pub(crate) fn line(&self) -> &[u8] {
        match &self.outcome {
            Outcome::Line { line, .. } => line,
            Outcome::Refused { .. } | Outcome::None(_) => &[],
        }
    }
}

/// What a worker made of an input.
pub(crate) enum Outcome {
    /// A line to write, empty where one that says the same stands; `id` is the digest of the bytes that were read.
    Line { claim: Claim, id: String, line: Vec<u8> },
    /// It goes to failed/ with this reason.
    Refused { claim: Claim, reject: Reject },
    /// Nothing to write.
    None(Fate),
}
