//! What workers and writer share, and what passes between them.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use tokio::sync::oneshot;

use super::inbox::{Claim, Inbox};
use super::intake::{Fate, Job};
use super::kept::{Kept, Version};
use super::patience::Progress;
use super::pause::Pause;
use super::reload::InForce;
use super::stop::Stop;
use super::suspects::Suspects;
use crate::error::Reject;
use crate::record::Relation;
use crate::story::{Arrival, Entry, Guid, Id};

/// What every worker and the writer share.
pub(crate) struct Shared {
    pub(crate) inboxes: Arc<[Inbox]>,
    pub(crate) in_force: InForce,
    pub(crate) suspects: Suspects,
    pub(crate) progress: Progress,
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
    pub(crate) lines: Vec<Line>,
}

/// One of its lines, and what the writer has to find out about it.
#[derive(Default)]
pub(crate) struct Line {
    /// Which article of the input it is of.
    pub(crate) item: u32,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// The version of the input that it takes the place of a line of.
    pub(crate) replaced: Option<String>,
    /// Whether it was met before, and has waited since.
    pub(crate) waited: bool,
    /// What is asked of earlier articles; nothing of one that was read in another process.
    pub(crate) arrival: Option<Arrival>,
    /// What is to be remembered once the line is durable.
    pub(crate) entry: Option<Entry>,
}

/// What becomes of a line in the light of earlier articles.
pub(crate) enum Verdict {
    /// It stands, with this at its end.
    Stands(Relation),
    /// It is struck out, because an earlier line says the same.
    Repeats,
    /// It is struck out, because it must not go out.
    Barred(Reject),
}

/// What tells what lines, and articles that wait, have to do with earlier ones.
pub(crate) trait Related {
    /// What becomes of a line.
    fn judge(&mut self, line: &mut Line) -> Verdict;
    /// Why an article that waits may not come out any more, where that is so.
    fn bars(&mut self, held: &mut Held) -> Option<Reject>;
}

/// What lines are handed over with.
pub(crate) enum Content {
    /// Some articles of an input, of which more follow: all that are dealt with then, and those among these that were refused.
    Part(Version, Vec<(u32, Reject)>),
    /// A part that is of no use, because its input has to be read again from the start.
    Void,
    /// All that an input is, or the last of it.
    Last(Outcome),
}

/// What a worker made of an input.
pub(crate) enum Outcome {
    /// It was read and has its lines, or the last of them; none where some that say the same stand.
    Read(Read),
    /// Some of it is under embargo: it goes to embargo/, and is read there.
    Embargoed { claim: Claim, held: Vec<Held> },
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
    /// How many articles there are.
    pub(crate) items: u32,
    /// Those that are under embargo still.
    pub(crate) held: Vec<Held>,
}

/// An article under embargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) item: u32,
    pub(crate) until: SystemTime,
    pub(crate) title: Option<String>,
    pub(crate) guid: Option<String>,
    /// By which its publisher may speak of it meanwhile.
    pub(crate) key: Option<Guid>,
    /// That of its record.
    pub(crate) id: Option<Id>,
    pub(crate) version: Option<u32>,
    /// Whether it was met before, and has waited since.
    pub(crate) waited: bool,
    /// What is to be remembered of it.
    pub(crate) entry: Option<Entry>,
}

impl Delivery {
    fn is_refused(&self) -> bool {
        matches!(self.content, Content::Last(Outcome::Refused { .. }))
    }

    /// What is to be remembered of it, in the order in which it was found out.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let held = match &self.content {
            Content::Last(Outcome::Read(Read { held, .. }) | Outcome::Embargoed { held, .. }) => held.as_slice(),
            _ => &[],
        };
        let of_lines = self.lines.iter().filter_map(|line| line.entry.as_ref());
        of_lines.chain(held.iter().filter_map(|held| held.entry.as_ref()))
    }

    /// The bytes of its lines.
    fn length(&self) -> usize {
        self.lines.iter().map(|line| line.length).sum()
    }

    /// Refuses articles whose lines were struck out.
    fn bar(&mut self, barred: Vec<(u32, Reject)>) {
        let content = std::mem::replace(&mut self.content, Content::Last(Outcome::None(Fate::Vanished)));
        self.content = match content {
            Content::Part(version, mut refused) => {
                refused.extend(barred);
                Content::Part(version, refused)
            }
            Content::Last(Outcome::Read(read)) => Content::Last(read.without(barred)),
            other => other,
        };
    }
}

impl Read {
    /// The same, where these articles have no lines after all.
    fn without(mut self, barred: Vec<(u32, Reject)>) -> Outcome {
        // A file of one article is refused as a whole.
        if let ([(_, reject)], 1, true) = (barred.as_slice(), self.items, self.refused.is_empty()) {
            return Outcome::Refused { claim: self.claim, reject: reject.clone() };
        }
        self.refused.extend(barred);
        self.refused.sort_by_key(|(item, _)| *item);
        Outcome::Read(self)
    }
}

/// Deliveries that become durable together: their lines stand in one piece of memory, ready to be written in one call.
#[derive(Default)]
pub(crate) struct Batch {
    lines: Vec<u8>,
    /// How many lines there are.
    count: usize,
    deliveries: Vec<Delivery>,
}

impl Batch {
    pub(crate) fn push(&mut self, delivery: Delivery, lines: &[u8]) {
        self.lines.extend_from_slice(lines);
        self.count += delivery.lines.len();
        self.deliveries.push(delivery);
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
        self.deliveries.iter().any(Delivery::is_refused)
    }

    /// How many bytes its lines have at most, with what may be added to them.
    pub(crate) fn size(&self) -> usize {
        self.lines.len() + self.count * Relation::ROOM
    }

    /// The lines of all.
    pub(crate) fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// The lines of as many of the first.
    pub(crate) fn lines_of(&self, first: usize) -> &[u8] {
        &self.lines[..self.deliveries[..first].iter().map(Delivery::length).sum()]
    }

    /// What is to be remembered of the lines of as many of the first.
    pub(crate) fn entries_of(&self, first: usize) -> impl Iterator<Item = &Entry> {
        self.deliveries[..first].iter().flat_map(Delivery::entries)
    }

    /// Gives each delivery another content where it has to have one: its lines are struck out then.
    pub(crate) fn revise(&mut self, mut revised: impl FnMut(&Delivery) -> Option<Content>) {
        let mut at = 0;
        for delivery in &mut self.deliveries {
            let length = delivery.length();
            if let Some(content) = revised(delivery) {
                delivery.content = content;
                self.count -= delivery.lines.len();
                delivery.lines.clear();
                self.lines.drain(at..at + length);
            } else {
                at += length;
            }
        }
    }

    /// Has every line stand, with what is to be added to it, or be struck out, and refuses what waits where it may not come
    /// out any more: one delivery after the other, for what comes first is known to what comes next.
    pub(crate) fn relate(&mut self, related: &mut impl Related) {
        let mut lines = Vec::with_capacity(self.size());
        let mut at = 0;
        for delivery in &mut self.deliveries {
            let mut barred = Vec::new();
            for line in &mut delivery.lines {
                let start = lines.len();
                let whole = at..at + line.length;
                at = whole.end;
                match related.judge(line) {
                    Verdict::Stands(relation) => {
                        lines.extend_from_slice(&self.lines[whole]);
                        relation.write(&mut lines);
                    }
                    Verdict::Repeats => {}
                    Verdict::Barred(reject) => barred.push((line.item, reject)),
                }
                line.length = lines.len() - start;
            }
            match &mut delivery.content {
                Content::Last(Outcome::Read(read)) => {
                    read.held.retain_mut(|held| match related.bars(held) {
                        Some(reject) => {
                            barred.push((held.item, reject));
                            false
                        }
                        None => true,
                    });
                }
                // It is asked again from there.
                Content::Last(Outcome::Embargoed { held, .. }) => {
                    held.iter_mut().for_each(|held| drop(related.bars(held)))
                }
                _ => {}
            }
            if !barred.is_empty() {
                delivery.bar(barred);
            }
        }
        self.lines = lines;
    }

    /// Takes as many of the first out, without their lines. The refused ones come first: for these a folder may have to be
    /// made in the inbox, and the inbox synced for its name. That must not make it durable that others have gone from there
    /// before it is durable where they went.
    pub(crate) fn take(&mut self, first: usize) -> impl Iterator<Item = Delivery> {
        let written = self.lines_of(first).len();
        self.lines.drain(..written);
        self.count -= self.deliveries[..first].iter().map(|delivery| delivery.lines.len()).sum::<usize>();
        self.deliveries[..first].sort_by_key(|delivery| !delivery.is_refused());
        self.deliveries.drain(..first)
    }
}
