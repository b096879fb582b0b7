//! Lines become durable in batches, and only then their inputs leave the inbox.

mod commit;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::begun::Begun;
use super::clock::{moment, now};
use super::delivery::{Batch, Content, Delivery, Outcome, Read, Shared};
use super::handover::{Handover, Writer as Place};
use super::inbox::{Identity, Inbox, Moves};
use super::intake::{Fate, Job, Key};
use super::kept::Version;
use super::mailbox::Mailbox;
use super::memory::Memory;
use super::relate::{Word, relate};
use super::sink::{LARGEST_BATCH, Sink};
use crate::error::Result;
use crate::story::Entry;

/// Starts the writer: it ends when all workers have, and everything they handed over is dealt with.
pub(crate) fn start_writer(
    shared: Arc<Shared>,
    sink: Sink,
    known: Known,
    handover: &Arc<Handover>,
    mailbox: Arc<Mailbox>,
    ended: oneshot::Sender<()>,
) -> io::Result<JoinHandle<Result<()>>> {
    let Known { state, told, begun } = known;
    let mut writer = Writer { shared, sink, memory: None, mailbox, unsettled: Unsettled::default(), begun };
    let place = handover.writer();
    std::thread::Builder::new().name("writer".into()).spawn(move || {
        // However it ends, the event loop hears of it.
        let _ended = ended;
        if writer.recall(&state, &told)? { writer.run(&place) } else { Ok(()) }
    })
}

/// What earlier runs left for the writer to know.
pub(crate) struct Known {
    /// The state folder, where articles are remembered.
    pub(crate) state: PathBuf,
    /// What lines tell of articles that may not be remembered there.
    pub(crate) told: Vec<Entry>,
    /// What was begun and not ended, wherever it stands.
    pub(crate) begun: Begun,
}

/// So long it may take until moves are durable and marked. Until then a crash only means more to read back, and at a slow
/// rate most of the work of an input is this.
const SETTLE_AFTER: Duration = Duration::from_millis(200);

/// Fewer bytes of lines wait for it. With the next batch they are no more than is read back without a mark.
const MOST_UNSETTLED: usize = LARGEST_BATCH;

/// Takes up batches, writes, syncs, and lets go.
struct Writer {
    shared: Arc<Shared>,
    sink: Sink,
    /// None where nothing is to be remembered.
    memory: Option<Memory>,
    mailbox: Arc<Mailbox>,
    unsettled: Unsettled,
    begun: Begun,
}

/// What has been let go, and is not durable and marked.
#[derive(Default)]
struct Unsettled {
    moves: Moves,
    stay: Vec<(Key, Version)>,
    bytes: usize,
    due: Option<Instant>,
}

impl Unsettled {
    /// Has a version remembered with the next mark; what was to be remembered of the file before is of no use any more.
    fn remember(&mut self, key: Key, version: Version) {
        if self.stay.last().is_some_and(|(last, _)| *last == key) {
            self.stay.pop();
        }
        self.stay.push((key, version));
    }
}

impl Writer {
    /// Reads what earlier runs remembered, and only then begins the sink, which passes their lines; `false` where a stop came
    /// first.
    fn recall(&mut self, state: &Path, told: &[Entry]) -> Result<bool> {
        let shared = Arc::clone(&self.shared);
        let reach = shared.in_force.terms().config.stories;
        if reach.articles > 0 {
            self.memory = shared.pause.insist(&shared.stop, || Memory::open(state, reach, told))?;
            if self.memory.is_none() {
                return Ok(false);
            }
        }
        shared.pause.insist(&shared.stop, || self.sink.begin()).map(|begun| begun.is_some())
    }

    fn run(&mut self, place: &Place) -> Result<()> {
        let mut batch = Batch::default();
        while self.take(place, &mut batch) {
            if !self.reopen()? {
                break;
            }
            self.look_at_names(&mut batch);
            let drops = self.shared.in_force.terms().config.drop_repeats;
            let Word { takes_back, outdates } = relate(&mut batch, &mut self.memory, drops, now());
            while !batch.is_empty() {
                // For the first of the refused the inbox is synced: what has gone from there has to be durable before.
                if batch.has_refused() && !self.settle()? {
                    return Ok(());
                }
                let written = match self.write(&batch) {
                    Ok(Some(written)) => written,
                    stopped => {
                        // What was let go before is done with. Where even that fails the next start does it again.
                        let _ = self.mark();
                        return stopped.map(drop);
                    }
                };
                self.unsettled.bytes += batch.lines_of(written).len();
                if !self.remember(batch.entries_of(written), takes_back)? {
                    return Ok(());
                }
                let Some(fates) = self.let_go(batch.take(written))? else { return Ok(()) };
                if self.has_to_settle() && !self.settle()? {
                    return Ok(());
                }
                self.tell(fates, outdates);
            }
            if self.unsettled.due.is_some_and(|due| due <= moment()) && !self.settle()? {
                return Ok(());
            }
        }
        self.settle().map(drop)
    }

    /// Takes up what there is, or what comes within the time that the configuration gives; `false` when no more can come.
    fn take(&self, place: &Place, batch: &mut Batch) -> bool {
        let terms = self.shared.in_force.terms();
        // Who waits for the end of a run does not wait for lines that cannot come.
        let linger = if terms.config.once { Duration::ZERO } else { terms.config.linger };
        place.take(batch, terms.config.batch.min(LARGEST_BATCH), linger, self.unsettled.due)
    }

    /// An input may have been written to while it was read, and renamed or saved over while it waited for us: then there
    /// is no line of it, and it is looked at again. So it is where it has lines under another name that its reader did not
    /// know of.
    fn look_at_names(&mut self, batch: &mut Batch) {
        let Writer { shared, begun, .. } = self;
        let stands = |key: &Key, identity: &Identity| {
            let now = Identity::at(&shared.inboxes[key.inbox].root().join(&key.path));
            now.is_ok_and(|now| (now.device, now.inode) == (identity.device, identity.inode))
        };
        let unknown = |begun: &Begun, job: &Job, identity: &Identity| {
            begun.unknown_to(job, identity, |keys| keys.into_iter().all(|key| stands(key, identity)))
        };
        batch.revise(|Delivery { job, content, .. }| match content {
            Content::Part(version, _) if unknown(begun, job, &version.identity).is_some() => Some(Content::Void),
            Content::Part(version, _) => {
                begun.note(&job.key, version);
                None
            }
            Content::Last(Outcome::Read(Read { claim, has_parts, .. })) => {
                match unknown(begun, job, &claim.identity) {
                    Some(version) => Some(Fate::Unreadable(Some(version))),
                    // Where lines of it are out already, that it changed is told by the last look at it, which knows of them.
                    None if !has_parts && !shared.inboxes[job.key.inbox].still_holds(claim) => {
                        Some(Fate::Changed(None))
                    }
                    None => None,
                }
                .map(|fate| Content::Last(Outcome::None(fate)))
            }
            _ => None,
        });
    }

    /// Goes on in a new file if the sink was moved, where somebody waits for that; `false` where a stop came first.
    fn reopen(&mut self) -> Result<bool> {
        let shared = Arc::clone(&self.shared);
        let waiting = std::mem::take(&mut *shared.reopen.lock().unwrap_or_else(PoisonError::into_inner));
        if !waiting.is_empty() && shared.pause.insist(&shared.stop, || self.reopen_if_moved())?.is_none() {
            return Ok(false);
        }
        // Some may have gone meanwhile.
        for done in waiting {
            let _ = done.send(());
        }
        Ok(true)
    }

    /// Goes on in a new file where the old one was renamed or removed. Its lines have to be marked before: who looks for
    /// them later looks in the new one.
    fn reopen_if_moved(&mut self) -> Result<()> {
        if self.sink.has_moved()? {
            self.mark()?;
            self.sink.reopen_if_moved()?;
        }
        Ok(())
    }

    /// Makes the lines of a batch durable, and tells of how many deliveries: of all, or of as many of the first as a disk
    /// has room for that is almost full. Who collects what is done makes room for the rest. `None` where a stop came
    /// before any line was durable.
    fn write(&mut self, batch: &Batch) -> Result<Option<usize>> {
        let shared = Arc::clone(&self.shared);
        if batch.lines().is_empty() {
            return Ok(Some(batch.len()));
        }
        shared.pause.insist(&shared.stop, || {
            self.reopen_if_moved()?;
            let mut count = batch.len();
            loop {
                match self.sink.append(batch.lines_of(count), &shared.stop) {
                    Err(error) if count > 1 && self.sink.can_take_less(&error) => count /= 2,
                    written => return written.map(|()| count),
                }
            }
        })
    }

    /// Notes articles whose lines are durable, and makes that durable where one was taken back: it may have no line to tell
    /// it. `false` where a stop came first.
    fn remember<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>, takes_back: bool) -> Result<bool> {
        let Writer { shared, memory: Some(memory), .. } = self else { return Ok(true) };
        memory.note(entries);
        if !takes_back {
            return Ok(true);
        }
        shared.pause.insist(&shared.stop, || memory.sync()).map(|synced| synced.is_some())
    }

    /// Tells the intake of inputs that were let go, and whether something is outdated that waits.
    fn tell(&self, fates: Vec<(Key, Fate)>, outdates: bool) {
        // Who looks for the same name again finds that this one has left. Nobody else has to know it before it is durable.
        let can_wait = |fate: &Fate| matches!(fate, Fate::Done(_) | Fate::Kept(_) | Fate::Failed);
        let is_urgent = self.unsettled.due.is_none() || !fates.iter().all(|(_, fate)| can_wait(fate));
        self.mailbox.deliver(fates, outdates, is_urgent);
    }

    /// Whether nothing more may come before what has been let go is durable and marked.
    fn has_to_settle(&self) -> bool {
        let Shared { inboxes, in_force, .. } = &*self.shared;
        let config = &in_force.terms().config;
        // What left through the leaving folder is on its way until then.
        let is_on_its_way = inboxes.iter().any(|inbox| self.unsettled.moves.lead_to(inbox.exits().leaving()));
        let is_full = self.unsettled.bytes >= MOST_UNSETTLED || config.rotate.is_some_and(|size| self.sink.has(size));
        // Who waits for the end of a run waits for nothing else; and who lingers writes seldom, and is not heard meanwhile.
        config.once || !config.linger.is_zero() || is_on_its_way || is_full
    }

    /// Makes durable and marks what has been let go; `false` where a stop came before that.
    fn settle(&mut self) -> Result<bool> {
        if self.unsettled.due.is_none() {
            return Ok(true);
        }
        let shared = Arc::clone(&self.shared);
        if shared.pause.insist(&shared.stop, || self.mark())?.is_none() {
            return Ok(false);
        }
        self.unsettled = Unsettled::default();
        self.mailbox.wake();
        Ok(true)
    }

    /// Makes durable what was done, notes in the mark that it was, and only then lets go of the traces that a restart
    /// would need to do it again. It can be done twice.
    fn mark(&mut self) -> Result<()> {
        let Writer { shared, sink, memory, unsettled, .. } = self;
        unsettled.moves.sync()?;
        shared.kept.remember(&shared.inboxes, unsettled.stay.iter().map(|(key, version)| (key, version)))?;
        // It is remembered once.
        unsettled.stay.clear();
        memory.iter_mut().try_for_each(Memory::sync)?;
        sink.mark()?;
        let left_through = |inbox: &&Inbox| unsettled.moves.lead_to(inbox.exits().leaving());
        shared.inboxes.iter().filter(left_through).try_for_each(Inbox::send_on)?;
        match shared.in_force.terms().config.rotate {
            Some(size) => sink.rotate(size, now()),
            None => Ok(()),
        }
    }
}
