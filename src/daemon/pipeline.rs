//! The straight line of one input, from its place in the inbox to its line in the sink and its place in done/.
//!
//! Workers read and label; one writer gathers their lines, makes them durable in one step, and only then lets the
//! inputs go.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender};

use super::inbox::{Claim, Committed, Inbox, Moves};
use super::intake::{Fate, Job, Key};
use super::name::escaped;
use super::reload::ModelSlot;
use super::sink::{BATCH, Sink};
use super::stop::Stop;
use crate::error::{Code, Error, Reject, Result};
use crate::label::{Origin, label};
use crate::read::Limits;
use crate::record::{Delivered, Record};

/// What every worker and the writer share.
pub(super) struct Shared {
    pub(super) inboxes: Arc<[Inbox]>,
    pub(super) model: ModelSlot,
    pub(super) limits: Limits,
    pub(super) text: bool,
    /// Deliveries whose line was durable before we started, and which were not committed then.
    pub(super) durable: HashSet<Delivered>,
    pub(super) stop: Stop,
}

/// What a worker hands to the writer.
pub(super) struct Delivery {
    job: Job,
    outcome: Outcome,
}

enum Outcome {
    /// A line to write; `id` is the digest of the bytes that were read.
    Line { claim: Claim, id: String, line: Vec<u8> },
    /// Its line stands in the sink since before a crash.
    Durable { claim: Claim, id: String },
    /// It goes to failed/ with this reason.
    Refused { claim: Claim, reject: Reject },
    /// Nothing to write.
    None(Fate),
}

/// What the writer is told.
pub(super) enum Order {
    /// Write this, and let its input go.
    Deliver(Box<Delivery>),
    /// Go on in a new file if the sink was moved.
    Reopen,
}

/// Starts the workers: they end when there are no more jobs, or when a stop is wished.
pub(super) fn start_workers(
    shared: &Arc<Shared>,
    jobs: Receiver<Job>,
    orders: &Sender<Order>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = Arc::new(Mutex::new(jobs));
    let start = |number| {
        let (shared, jobs, orders) = (Arc::clone(shared), Arc::clone(&jobs), orders.clone());
        std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
            let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            while let Some(job) = next() {
                if shared.stop.is_wished() {
                    break;
                }
                let outcome = shared.work(&job);
                if orders.blocking_send(Order::Deliver(Box::new(Delivery { job, outcome }))).is_err() {
                    break;
                }
            }
        })
    };
    (0..workers).map(start).collect()
}

/// Starts the writer: it ends when all workers have, and everything they handed over is dealt with.
pub(super) fn start_writer(
    shared: Arc<Shared>,
    sink: Sink,
    orders: Receiver<Order>,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
) -> io::Result<JoinHandle<Result<()>>> {
    let mut writer = Writer { shared, sink, fates };
    std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(orders))
}

impl Shared {
    /// The straight line: claim, read, label, line.
    fn work(&self, job: &Job) -> Outcome {
        let inbox = &self.inboxes[job.key.inbox];
        let claim = match inbox.claim(&job.key.path) {
            Ok(Some(claim)) => claim,
            Ok(None) => return Outcome::None(Fate::Gone),
            Err(e) => return self.unreadable(job, &e),
        };
        if claim.identity.bytes > self.limits.bytes {
            let message = format!("{} bytes, and the limit is {}", claim.identity.bytes, self.limits.bytes);
            return Outcome::Refused { claim, reject: Reject::new(Code::TooLarge, message) };
        }
        let bytes = match claim.read(self.limits.bytes) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Outcome::None(Fate::Changed(None)),
            Err(e) => return self.unreadable(job, &e),
        };
        match label(&bytes, origin(inbox, &claim), &self.model.current(), &self.limits, now()) {
            Ok(record) => self.line(claim, job, record),
            Err(reject) => Outcome::Refused { claim, reject },
        }
    }

    fn line(&self, claim: Claim, job: &Job, record: Record) -> Outcome {
        let id = record.id().to_string();
        if !self.durable.is_empty() && self.durable.contains(&record.delivered()) {
            return Outcome::Durable { claim, id };
        }
        let record = if self.text { record } else { record.without_text() };
        let line = record.replacing(job.replaces.clone()).line();
        Outcome::Line { claim, id, line }
    }

    /// What cannot be read may be readable soon; after the last try it is set aside.
    fn unreadable(&self, job: &Job, error: &io::Error) -> Outcome {
        let inbox = &self.inboxes[job.key.inbox];
        let path = inbox.root().join(&job.key.path);
        if job.attempts == 0 {
            tracing::warn!(path = %path.display(), %error, "cannot read; trying again for a few seconds \
                (if this is its mode: chmod g+r)");
        }
        if !job.last_try {
            return Outcome::None(Fate::Unreadable);
        }
        match inbox.claim_unreadable(&job.key.path) {
            Ok(Some(claim)) => Outcome::Refused { claim, reject: Reject::new(Code::Unreadable, error.to_string()) },
            Ok(None) | Err(_) => Outcome::None(Fate::Gone),
        }
    }
}

/// Gathers, writes, syncs, and lets go.
struct Writer {
    shared: Arc<Shared>,
    sink: Sink,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
}

/// How many inputs one batch lets go at most, whatever the size of their lines.
const BATCH_INPUTS: usize = 1024;

impl Writer {
    fn run(&mut self, mut orders: Receiver<Order>) -> Result<()> {
        let mut lines = Vec::new();
        while let Some(first) = orders.blocking_recv() {
            let mut batch = Vec::new();
            let mut order = Some(first);
            while let Some(next) = order {
                match next {
                    Order::Reopen => {
                        if insist(&self.shared.stop, || self.sink.reopen_if_moved())?.is_none() {
                            return Ok(());
                        }
                    }
                    Order::Deliver(delivery) => {
                        if let Outcome::Line { line, .. } = &delivery.outcome {
                            lines.extend_from_slice(line);
                        }
                        batch.push(*delivery);
                    }
                }
                let room = lines.len() < BATCH && batch.len() < BATCH_INPUTS;
                order = if room { orders.try_recv().ok() } else { None };
            }
            if !self.write(&lines)? {
                return Ok(());
            }
            lines.clear();
            self.let_go(batch)?;
        }
        Ok(())
    }

    /// Writes the batch; `false` where a stop came before it was durable.
    fn write(&mut self, lines: &[u8]) -> Result<bool> {
        if lines.is_empty() {
            return Ok(true);
        }
        let Writer { sink, shared, .. } = self;
        let written = insist(&shared.stop, || {
            sink.reopen_if_moved()?;
            sink.append(lines, &shared.stop)
        })?;
        Ok(written.is_some())
    }

    /// Moves the inputs of a durable batch out of the inbox, makes the moves durable, and only then moves the mark.
    fn let_go(&mut self, batch: Vec<Delivery>) -> Result<()> {
        let mut moves = Moves::default();
        let mut fates = Vec::with_capacity(batch.len());
        for Delivery { job, outcome } in batch {
            let inbox = &self.shared.inboxes[job.key.inbox];
            let fate = match outcome {
                Outcome::None(fate) => fate,
                Outcome::Line { claim, id, .. } | Outcome::Durable { claim, id } => {
                    let finish = || inbox.finish(&claim, &id, &mut moves);
                    let Some(committed) = insist(&self.shared.stop, finish)? else { return Ok(()) };
                    fate_of(committed, Some(id))
                }
                Outcome::Refused { claim, reject } => {
                    let path = inbox.root().join(&claim.path);
                    tracing::warn!(path = %path.display(), code = %reject.code, reason = reject.message, "refused");
                    let reason = self.reason(&reject, job.attempts);
                    let refuse = || inbox.refuse(&claim, &reason, &mut moves);
                    let Some(committed) = insist(&self.shared.stop, refuse)? else { return Ok(()) };
                    fate_of(committed, None)
                }
            };
            fates.push((job.key, fate));
        }
        let settle = || moves.sync().and_then(|()| self.sink.mark());
        if insist(&self.shared.stop, settle)?.is_none() {
            return Ok(());
        }
        // The receiver is gone only when the daemon has given up already.
        let _ = self.fates.send(fates);
        Ok(())
    }

    fn reason(&self, reject: &Reject, attempts: u32) -> Vec<u8> {
        #[derive(Serialize)]
        struct Reason<'a> {
            code: &'a str,
            message: &'a str,
            when: String,
            attempts: u32,
            model: &'a str,
            next: &'a str,
        }
        let model = self.shared.model.current();
        let reason = Reason {
            code: reject.code.as_str(),
            message: &reject.message,
            when: humantime::format_rfc3339_millis(now()).to_string(),
            attempts: attempts + 1,
            model: model.id(),
            next: reject.code.next_step(),
        };
        let mut json = serde_json::to_vec_pretty(&reason).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

/// Tries again for as long as the disk refuses, and gives `None` where a stop comes first: a full disk or a folder that
/// is gone may heal, and what is in hand must not be lost for it. While this waits the queues fill, and intake pauses.
///
/// # Errors
/// Where nobody will ever read what we write: whoever started us has to decide what comes next.
fn insist<T>(stop: &Stop, mut attempt: impl FnMut() -> Result<T>) -> Result<Option<T>> {
    const PAUSE: Duration = Duration::from_secs(1);
    let mut failing = false;
    loop {
        match attempt() {
            Ok(value) => {
                if failing {
                    tracing::info!("that works again; going on");
                }
                return Ok(Some(value));
            }
            Err(Error::Io { source, doing, path }) if source.kind() == io::ErrorKind::BrokenPipe => {
                return Err(Error::Io { source, doing, path });
            }
            Err(_) if stop.is_wished() => return Ok(None),
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "intake pauses until this works");
                }
                failing = true;
                stop.wait(PAUSE);
            }
        }
    }
}

fn fate_of(committed: Committed, id: Option<String>) -> Fate {
    match committed {
        Committed::Moved | Committed::Vanished => Fate::Gone,
        Committed::Changed => Fate::Changed(id),
    }
}

fn origin(inbox: &Inbox, claim: &Claim) -> Origin {
    Origin {
        inbox: Some(escaped(inbox.root())),
        path: escaped(&claim.path),
        inode: Some(claim.identity.inode),
        ctime: Some(claim.identity.ctime_text()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
