//! Lines become durable in batches, and only then their inputs leave the inbox.

use std::io;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::clock::now;
use super::delivery::{Delivery, Order, Outcome, Shared};
use super::inbox::{Claim, Committed, Inbox, Moves, Refusal, Refused, escaped};
use super::intake::{Fate, Job, Key, Left};
use super::kept::{Kept, Version};
use super::sink::{LARGEST_BATCH, Sink};
use crate::error::{Reject, Result};

/// Starts the writer, whose batches have this many inputs at most: it ends when all workers have, and everything they
/// handed over is dealt with.
pub(crate) fn start_writer(
    shared: Arc<Shared>,
    sink: Sink,
    kept: Kept,
    inputs: usize,
    orders: Receiver<Order>,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
) -> io::Result<JoinHandle<Result<()>>> {
    let mut writer = Writer { shared, sink, kept, inputs, fates };
    std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(&orders))
}

/// Gathers, writes, syncs, and lets go.
struct Writer {
    shared: Arc<Shared>,
    sink: Sink,
    kept: Kept,
    /// How many inputs one batch lets go at most, whatever the size of their lines: each holds a descriptor until then.
    inputs: usize,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
}

impl Writer {
    fn run(&mut self, orders: &Receiver<Order>) -> Result<()> {
        while let Ok(first) = orders.recv() {
            if !self.reopen()? {
                return Ok(());
            }
            let mut batch = self.gather(first, orders);
            while !batch.is_empty() {
                let Some(written) = self.write(&batch)? else { return Ok(()) };
                let rest = batch.split_off(written);
                // What comes later must not move the mark past inputs that are still in the inbox.
                if !self.let_go(batch)? {
                    return Ok(());
                }
                batch = rest;
            }
        }
        Ok(())
    }

    /// Goes on in a new file if the sink was moved, where somebody waits for that; `false` where a stop came first.
    fn reopen(&mut self) -> Result<bool> {
        let Writer { sink, shared, .. } = self;
        let waiting = std::mem::take(&mut *shared.reopen.lock().unwrap_or_else(PoisonError::into_inner));
        if !waiting.is_empty() && shared.pause.insist(&shared.stop, || sink.reopen_if_moved())?.is_none() {
            return Ok(false);
        }
        // Some may have gone meanwhile.
        for done in waiting {
            let _ = done.send(());
        }
        Ok(true)
    }

    /// Gathers deliveries for as long as there are any, or as the configuration says, or until the batch is full.
    fn gather(&self, first: Order, orders: &Receiver<Order>) -> Vec<Delivery> {
        let terms = self.shared.in_force.terms();
        // Who waits for the end of a run does not wait for lines that cannot come.
        let linger = if terms.config.once { Duration::ZERO } else { terms.config.linger };
        let size = terms.config.batch.min(LARGEST_BATCH);
        #[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
        let start = Instant::now();
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut order = Some(first);
        while let Some(next) = order {
            match next {
                Order::Reopen => {}
                Order::Deliver(mut delivery) => {
                    // It may have been renamed or saved over while it was read and while it waited for us.
                    let inbox = &self.shared.inboxes[delivery.job.key.inbox];
                    if let Outcome::Line { claim, .. } = &delivery.outcome
                        && !inbox.still_holds(claim)
                    {
                        delivery.outcome = Outcome::None(Fate::Changed(None));
                    }
                    bytes += delivery.line().len();
                    batch.push(*delivery);
                }
            }
            if bytes >= size || batch.len() >= self.inputs {
                break;
            }
            let rest = linger.saturating_sub(start.elapsed());
            order = orders.recv_timeout(rest).ok();
        }
        batch
    }

    /// Makes the lines of a batch durable, and tells of how many deliveries: of all, or of as many of the first as a disk
    /// has room for that is almost full. Who collects what is done makes room for the rest. `None` where a stop came
    /// before any line was durable.
    fn write(&mut self, batch: &[Delivery]) -> Result<Option<usize>> {
        let Writer { sink, shared, .. } = self;
        if batch.iter().all(|delivery| delivery.line().is_empty()) {
            return Ok(Some(batch.len()));
        }
        shared.pause.insist(&shared.stop, || {
            sink.reopen_if_moved()?;
            let mut count = batch.len();
            loop {
                let lines: Vec<&[u8]> = batch[..count].iter().map(Delivery::line).collect();
                match sink.append(&lines.concat(), &shared.stop) {
                    Err(error) if count > 1 && sink.can_take_less(&error) => count /= 2,
                    written => return written.map(|()| count),
                }
            }
        })
    }

    /// Lets the inputs of a durable batch go, and then moves the mark; `false` where a stop came before that.
    fn let_go(&mut self, mut batch: Vec<Delivery>) -> Result<bool> {
        let mut moves = Moves::default();
        // For these a folder may have to be made in the inbox, and the inbox synced for its name: that must not make it
        // durable that others have gone from there before it is durable where they went.
        batch.sort_by_key(|delivery| !matches!(delivery.outcome, Outcome::Refused { .. }));
        let mut fates = Vec::with_capacity(batch.len());
        for Delivery { job, outcome } in batch {
            let Some(fate) = self.commit(&job, outcome, &mut moves)? else { return Ok(false) };
            fates.push((job.key, fate));
        }
        let shared = Arc::clone(&self.shared);
        if shared.pause.insist(&shared.stop, || self.settle(&moves, &fates))?.is_none() {
            return Ok(false);
        }
        // The receiver is gone only when the daemon has given up already.
        let _ = self.fates.send(fates);
        Ok(true)
    }

    /// Lets one input go; `None` where a stop came before that.
    fn commit(&self, job: &Job, outcome: Outcome, moves: &mut Moves) -> Result<Option<Fate>> {
        let Shared { inboxes, pause, stop, .. } = &*self.shared;
        let inbox = &inboxes[job.key.inbox];
        match outcome {
            Outcome::None(fate) => Ok(Some(fate)),
            Outcome::Line { mut claim, id, .. } => {
                let committed = pause.insist(stop, || inbox.finish(&mut claim, &id, moves))?;
                Ok(committed.map(|committed| match committed {
                    Committed::Left(place) if !place.starts_with(inbox.exits().leaving()) => {
                        Fate::Done(Some(Left { key: job.key.clone(), place, identity: claim.identity, id }))
                    }
                    Committed::Left(_) | Committed::Vanished => Fate::Done(None),
                    Committed::Kept => Fate::Kept(Version { identity: claim.identity, id }),
                    Committed::Changed => Fate::Changed(Some(id)),
                }))
            }
            Outcome::Refused { mut claim, reject } => {
                let path = inbox.root().join(&claim.path);
                tracing::warn!(path = %path.display(), code = %reject.code, reason = reject.message, "refused");
                let reason = self.reason(inbox, &claim, &reject, job.attempts);
                let committed = pause.insist(stop, || inbox.refuse(&mut claim, &reason, moves))?;
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
    fn settle(&mut self, moves: &Moves, fates: &[(Key, Fate)]) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        moves.sync()?;
        let stay = fates.iter().filter_map(|(key, fate)| match fate {
            Fate::Kept(version) => Some((key, version)),
            _ => None,
        });
        self.kept.remember(&shared.inboxes, stay)?;
        self.sink.mark()?;
        let left_through = |inbox: &&Inbox| moves.lead_to(inbox.exits().leaving());
        shared.inboxes.iter().filter(left_through).try_for_each(Inbox::send_on)?;
        match shared.in_force.terms().config.rotate {
            Some(size) => self.sink.rotate(size, now()),
            None => Ok(()),
        }
    }

    fn reason(&self, inbox: &Inbox, claim: &Claim, reject: &Reject, attempts: u32) -> Refusal {
        Refusal {
            code: reject.code.as_str().into(),
            message: reject.message.clone(),
            when: humantime::format_rfc3339_millis(now()).to_string(),
            attempts: attempts + 1,
            model: self.shared.in_force.terms().model.id().into(),
            next: reject.code.next_step().into(),
            source: Refused::new(escaped(inbox.root()), escaped(&claim.path), &claim.identity),
        }
    }
}
