//! Lines become durable in batches, and only then their inputs leave the inbox.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::clock::{moment, now};
use super::delivery::{Batch, Content, Delivery, Outcome, Read, Shared};
use super::handover::{Handover, Writer as Place};
use super::inbox::{Claim, Committed, Inbox, Moves, Refusal, Refused, RefusedArticle, escaped};
use super::intake::{Fate, Job, Key, Left};
use super::item_set::ItemSet;
use super::kept::Version;
use super::mailbox::Mailbox;
use super::memory::Memory;
use super::relate::relate;
use super::sink::{LARGEST_BATCH, Sink};
use crate::error::{Code, Reject, Result};

/// Starts the writer: it ends when all workers have, and everything they handed over is dealt with.
pub(crate) fn start_writer(
    shared: Arc<Shared>,
    sink: Sink,
    state: PathBuf,
    handover: &Arc<Handover>,
    mailbox: Arc<Mailbox>,
    ended: oneshot::Sender<()>,
) -> io::Result<JoinHandle<Result<()>>> {
    let mut writer = Writer { shared, sink, memory: None, mailbox, unsettled: Unsettled::default(), late: Late::new() };
    let place = handover.writer();
    std::thread::Builder::new().name("writer".into()).spawn(move || {
        // However it ends, the event loop hears of it.
        let _ended = ended;
        if writer.recall(&state)? { writer.run(&place) } else { Ok(()) }
    })
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
    late: Late,
}

/// What has been let go, and is not durable and marked.
#[derive(Default)]
struct Unsettled {
    moves: Moves,
    stay: Vec<(Key, Version)>,
    bytes: usize,
    due: Option<Instant>,
}

/// Articles that were refused when their lines were looked at, by the file of which more is to come.
type Late = HashMap<Key, Vec<(u32, Reject)>>;

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
    /// Reads what earlier runs remembered; `false` where a stop came first.
    fn recall(&mut self, state: &Path) -> Result<bool> {
        let shared = Arc::clone(&self.shared);
        let reach = shared.in_force.terms().config.stories;
        if reach.articles > 0 {
            self.memory = shared.pause.insist(&shared.stop, || Memory::open(state, reach))?;
        }
        Ok(reach.articles == 0 || self.memory.is_some())
    }

    fn run(&mut self, place: &Place) -> Result<()> {
        let mut batch = Batch::default();
        while self.take(place, &mut batch) {
            if !self.reopen()? {
                break;
            }
            self.look_at_names(&mut batch);
            let drops = self.shared.in_force.terms().config.drop_repeats;
            if relate(&mut batch, &mut self.memory, drops, now()) {
                self.mailbox.wish(|intake| intake.wake_held(now()));
            }
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
                if let Some(memory) = &mut self.memory {
                    memory.note(batch.entries_of(written));
                }
                let Some(fates) = self.let_go(batch.take(written))? else { return Ok(()) };
                if self.has_to_settle() && !self.settle()? {
                    return Ok(());
                }
                self.tell(fates);
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
    /// is no line of it, and it is looked at again.
    fn look_at_names(&self, batch: &mut Batch) {
        batch.revise(|Delivery { job, content, .. }| match content {
            // Where lines of it are out already, that it changed is told by the last look at it, which knows of them.
            Content::Last(Outcome::Read(read))
                if !read.has_parts && !self.shared.inboxes[job.key.inbox].still_holds(&read.claim) =>
            {
                Some(Outcome::None(Fate::Changed(None)))
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

    /// Lets the inputs of a durable batch go, and tells what became of each; `None` where a stop came before that.
    fn let_go(&mut self, batch: impl Iterator<Item = Delivery>) -> Result<Option<Vec<(Key, Fate)>>> {
        let mut moves = std::mem::take(&mut self.unsettled.moves);
        let mut fates = Vec::with_capacity(batch.size_hint().0);
        for Delivery { job, content, .. } in batch {
            let mut outcome = match content {
                Content::Last(outcome) => outcome,
                Content::Part(version, refused) => {
                    if !refused.is_empty() {
                        self.late.entry(job.key.clone()).or_default().extend(refused);
                    }
                    self.unsettled.remember(job.key, version);
                    continue;
                }
            };
            // What was broken off is gone on with.
            let late =
                (!matches!(outcome, Outcome::None(Fate::Unreadable(_)))).then(|| self.late.remove(&job.key)).flatten();
            if let (Some(late), Outcome::Read(read)) = (late, &mut outcome) {
                read.refused.splice(..0, late);
            }
            let was_remembered = job.earlier().is_some() || matches!(&outcome, Outcome::Read(read) if read.has_parts);
            let Some(fate) = self.commit(&job, outcome, &mut moves)? else { return Ok(None) };
            match &fate {
                Fate::Kept(version) | Fate::Changed(Some(version)) | Fate::Held(version, _) => {
                    self.unsettled.remember(job.key.clone(), version.clone());
                }
                // Should somebody put it back, it is read as if for the first time.
                Fate::Done(Some(left)) if was_remembered => {
                    self.unsettled.remember(job.key.clone(), Version::forgotten(left.identity, left.id.clone()));
                }
                _ => {}
            }
            fates.push((job.key, fate));
        }
        self.unsettled.moves = moves;
        self.unsettled.due.get_or_insert_with(|| moment() + SETTLE_AFTER);
        Ok(Some(fates))
    }

    /// Tells the intake of inputs that were let go.
    fn tell(&self, fates: Vec<(Key, Fate)>) {
        // Who looks for the same name again finds that this one has left. Nobody else has to know it before it is durable.
        let can_wait = |fate: &Fate| matches!(fate, Fate::Done(_) | Fate::Kept(_) | Fate::Failed);
        let is_urgent = self.unsettled.due.is_none() || !fates.iter().all(|(_, fate)| can_wait(fate));
        self.mailbox.deliver(fates, is_urgent);
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

    /// Lets one input go; `None` where a stop came before that.
    fn commit(&self, job: &Job, outcome: Outcome, moves: &mut Moves) -> Result<Option<Fate>> {
        let Shared { inboxes, pause, stop, .. } = &*self.shared;
        let inbox = &inboxes[job.key.inbox];
        match outcome {
            Outcome::None(fate) => Ok(Some(fate)),
            Outcome::Embargoed(mut claim) => {
                let committed = pause.insist(stop, || inbox.embargo(&mut claim, moves))?;
                Ok(committed.map(|committed| match committed {
                    Committed::Left(place) => Fate::Embargoed(place),
                    // It waits where it is, which is looked at again.
                    Committed::Kept => Fate::Changed(None),
                    Committed::Changed => Fate::Changed(None),
                    Committed::Vanished => Fate::Vanished,
                }))
            }
            Outcome::Read(Read { mut claim, id, refused, held, items, .. }) => {
                let has_refused = !refused.is_empty();
                if let Some((_, first)) = refused.first() {
                    let reason = self.reason_of_articles(inbox, &claim, &id, first.code, &refused, job.attempts());
                    if pause.insist(stop, || inbox.note_articles(&claim, &id, &reason))?.is_none() {
                        return Ok(None);
                    }
                }
                if let Some(until) = held.iter().map(|held| held.until).min() {
                    if pause.insist(stop, || inbox.note_held(&claim.path, &held))?.is_none() {
                        return Ok(None);
                    }
                    let begun = Some(ItemSet::below_but(items, held.iter().map(|held| held.item)));
                    let version = Version { identity: claim.identity, id, begun };
                    return Ok(Some(Fate::Held(version, until)));
                }
                let committed = pause.insist(stop, || inbox.finish(&mut claim, &id, has_refused, moves))?;
                if !matches!(committed, Some(Committed::Changed)) {
                    inbox.forget_held(&claim.path);
                }
                Ok(committed.map(|committed| match committed {
                    Committed::Left(place) if !place.starts_with(inbox.exits().leaving()) => {
                        Fate::Done(Some(Left { key: job.key.clone(), place, identity: claim.identity, id }))
                    }
                    Committed::Left(_) | Committed::Vanished => Fate::Done(None),
                    Committed::Kept => Fate::Kept(Version::whole(claim.identity, id)),
                    Committed::Changed => Fate::Changed(Some(Version::whole(claim.identity, id))),
                }))
            }
            Outcome::Refused { mut claim, reject } => {
                let path = inbox.root().join(&claim.path);
                tracing::warn!(path = %path.display(), code = %reject.code, reason = reject.message, "refused");
                let reason = self.reason(inbox, &claim, &reject, job.attempts());
                let committed = pause.insist(stop, || inbox.refuse(&mut claim, &reason, moves))?;
                inbox.forget_held(&claim.path);
                Ok(committed.map(|committed| match committed {
                    Committed::Left(_) | Committed::Kept => Fate::Failed,
                    Committed::Changed => Fate::Changed(None),
                    Committed::Vanished => Fate::Vanished,
                }))
            }
        }
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

    /// Why some articles of a file were refused whose others have lines; `code` is that of the first.
    fn reason_of_articles(
        &self,
        inbox: &Inbox,
        claim: &Claim,
        id: &str,
        code: Code,
        refused: &[(u32, Reject)],
        attempts: u32,
    ) -> Refusal {
        /// So many are named; a file with more has one mistake that all of them share.
        const NAMED: usize = 1000;
        let path = inbox.root().join(&claim.path);
        let message = format!("what is told of {} of its articles has no lines; all others have theirs", refused.len());
        tracing::warn!(path = %path.display(), digest = id, code = %code, reason = message, "refused in part");
        let named = refused.iter().take(NAMED).map(|(item, Reject { code, message })| RefusedArticle {
            item: *item,
            code: code.as_str().into(),
            message: message.clone(),
        });
        let articles = named.collect();
        let next = "send what is told of again, by itself: the file was let go".into();
        Refusal { next, articles, ..self.reason(inbox, claim, &Reject::new(code, message), attempts) }
    }

    fn reason(&self, inbox: &Inbox, claim: &Claim, reject: &Reject, attempts: u32) -> Refusal {
        Refusal {
            code: reject.code.as_str().into(),
            message: reject.message.clone(),
            when: humantime::format_rfc3339_millis(now()).to_string(),
            attempts: attempts + 1,
            model: self.shared.in_force.terms().model.id().into(),
            next: reject.code.next_step().into(),
            articles: Vec::new(),
            source: Refused::new(escaped(inbox.root()), escaped(&claim.path), &claim.identity),
        }
    }
}
