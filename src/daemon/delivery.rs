//! What workers and writer share, and what passes between them.

use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::inbox::{Claim, Inbox};
use super::intake::{Fate, Job};
use super::kept::{Kept, Version};
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
    pub(crate) kept: Kept,
    /// Who waits for the sink to be opened anew: the writer serves them before each batch.
    pub(crate) reopen: Mutex<Vec<oneshot::Sender<()>>>,
    pub(crate) pause: Pause,
    pub(crate) stop: Stop,
}

/// What a worker hands to the writer, with its lines.
pub(crate) struct Delivery {
    pub(crate) job: Job,
    pub(crate) content: Content,
}

/// What lines are handed over with.
pub(crate) enum Content {
    /// The first articles of an input, of which more follow: those that have lines then.
    Part(Version),
    /// All that an input is, or the last of it.
    Last(Outcome),
}

/// What a worker made of an input.
pub(crate) enum Outcome {
    /// It was read and has its lines, or the last of them; none where some that say the same stand.
    Read(Read),
    /// It goes to failed/ with this reason.
    Refused { claim: Claim, reject: Reject },
    /// Nothing to write.
    None(Fate),
}

/// What was read of an input.
pub(crate) struct Read {
    pub(crate) claim: Claim,
    /// The digest of its bytes.
    pub(crate) id: String,
    /// The articles of it that were refused, by their numbers.
    pub(crate) refused: Vec<(u32, Reject)>,
    /// Whether lines of it were written before these.
    pub(crate) has_parts: bool,
}

impl Delivery {
    fn is_refused(&self) -> bool {
        matches!(self.content, Content::Last(Outcome::Refused { .. }))
    }
}

/// Deliveries that become durable together: their lines stand in one piece of memory, ready to be written in one call.
#[derive(Default)]
pub(crate) struct Batch {
    lines: Vec<u8>,
    /// Each with the length of its line.
    deliveries: Vec<(Delivery, usize)>,
}

impl Batch {
    pub(crate) fn push(&mut self, delivery: Delivery, line: &[u8]) {
        self.lines.extend_from_slice(line);
        self.deliveries.push((delivery, line.len()));
    }

    /// How many deliveries there are.
    pub(crate) fn len(&self) -> usize {
        self.deliveries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// Whether any of them goes to failed/.
    pub(crate) fn has_refused(&self) -> bool {
        self.deliveries.iter().any(|(delivery, _)| delivery.is_refused())
    }

    /// The lines of all.
    pub(crate) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// The lines of as many of the first.
    pub(crate) fn lines_of(&self, first: usize) -> &[u8] {
        &self.lines[..self.deliveries[..first].iter().map(|(_, length)| length).sum()]
    }

    /// Gives each delivery another outcome where it has to have one: its line is struck out then.
    pub(crate) fn revise(&mut self, revised: impl Fn(&Delivery) -> Option<Outcome>) {
        let mut at = 0;
        for (delivery, length) in &mut self.deliveries {
            if let Some(outcome) = revised(delivery) {
                delivery.content = Content::Last(outcome);
                self.lines.drain(at..at + std::mem::take(length));
            }
            at += *length;
        }
    }

    /// Takes as many of the first out, without their lines. The refused ones come first: for these a folder may have to be
    /// made in the inbox, and the inbox synced for its name. That must not make it durable that others have gone from there
    /// before it is durable where they went.
    pub(crate) fn take(&mut self, first: usize) -> impl Iterator<Item = Delivery> {
        let written = self.lines_of(first).len();
        self.lines.drain(..written);
        self.deliveries[..first].sort_by_key(|(delivery, _)| !delivery.is_refused());
        self.deliveries.drain(..first).map(|(delivery, _)| delivery)
    }
}
