//! What workers and writer share, and what passes between them.

use std::sync::Arc;

use super::claim::Claim;
use super::inbox::Inbox;
use super::intake::{Fate, Job};
use super::reload::ModelSlot;
use super::stop::Stop;
use crate::error::Reject;
use crate::read::Limits;

/// What every worker and the writer share.
pub(super) struct Shared {
    pub(super) inboxes: Arc<[Inbox]>,
    pub(super) model: ModelSlot,
    pub(super) limits: Limits,
    pub(super) text: bool,
    pub(super) stop: Stop,
}

/// What the writer is told.
pub(super) enum Order {
    /// Write this, and let its input go.
    Deliver(Box<Delivery>),
    /// Go on in a new file if the sink was moved.
    Reopen,
}

/// What a worker hands to the writer.
pub(super) struct Delivery {
    pub(super) job: Job,
    pub(super) outcome: Outcome,
}

/// What a worker made of an input.
pub(super) enum Outcome {
    /// A line to write; `id` is the digest of the bytes that were read.
    Line { claim: Claim, id: String, line: Vec<u8> },
    /// It goes to failed/ with this reason.
    Refused { claim: Claim, reject: Reject },
    /// Nothing to write.
    None(Fate),
}
