//! The straight line of one input, from its place in the inbox to its line: claim, read, label. Each worker is a thread.

use std::io;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::io::Errno;
use tokio::sync::mpsc::Receiver;

use super::clock::now;
use super::delivery::{Delivery, Order, Outcome, Shared};
use super::inbox::{Claim, Inbox};
use super::intake::{Fate, Job};
use super::reload::Terms;
use super::suspects::{SLOTS, Trial};
use crate::error::{Code, Reject};
use crate::label::{Origin, label_and_judge};
use crate::record::{Delivered, LINE_LIMIT, Record};

/// More would wait for the one writer, and each may hold the largest page that is permitted.
const MOST_WORKERS: usize = SLOTS;

/// Starts the workers: they end when there are no more jobs, or when a stop is wished.
pub(crate) fn start_workers(
    shared: &Arc<Shared>,
    jobs: Receiver<Job>,
    orders: &SyncSender<Order>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let jobs = Arc::new(Mutex::new(jobs));
    let start = |number| {
        let (shared, jobs, orders) = (Arc::clone(shared), Arc::clone(&jobs), orders.clone());
        std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
            let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            while let Some(job) = next() {
                if shared.stop.is_wished() {
                    break;
                }
                let outcome = shared.work(number, &job);
                if orders.send(Order::Deliver(Box::new(Delivery { job, outcome }))).is_err() {
                    break;
                }
            }
        })
    };
    (0..workers).map(start).collect()
}

impl Shared {
    /// The straight line: claim, read, label, line.
    fn work(&self, worker: usize, job: &Job) -> Outcome {
        let inbox = &self.inboxes[job.key.inbox];
        let claim = match inbox.claim(&job.key.path) {
            Ok(Some(claim)) => claim,
            Ok(None) => return Outcome::None(Fate::Vanished),
            Err(e) => return self.unreadable(job, &e),
        };
        if let Err(e) = inbox.can_leave(&job.key.path) {
            return self.unreadable(job, &e);
        }
        let terms = self.in_force.terms();
        let limits = &terms.config.limits;
        if claim.identity.bytes > limits.bytes {
            let reject = Reject::too_large(claim.identity.bytes, limits.bytes);
            return Outcome::Refused { claim, reject };
        }
        let path = inbox.root().join(&claim.path);
        if self.suspects.is_suspect(&path, &claim.identity) {
            match self.suspects.try_apart(inbox.root(), &path, &terms, &self.stop) {
                Trial::Refused(reject) => return Outcome::Refused { claim, reject },
                Trial::Line(line) if let Some(id) = id_of(&line, inbox, &claim) => {
                    return Outcome::Line { claim, id, line };
                }
                // Its producer may have changed it meanwhile, and then nothing speaks against it any more.
                Trial::Line(_) | Trial::Inconclusive => {}
            }
        }
        self.suspects.hold(worker, &path, &claim.identity);
        let outcome = self.read(claim, job, &terms);
        self.suspects.release(worker);
        outcome
    }

    /// The part of it that a hostile file may not let us come through.
    fn read(&self, claim: Claim, job: &Job, terms: &Terms) -> Outcome {
        let inbox = &self.inboxes[job.key.inbox];
        let Terms { config, model, window } = terms;
        let bytes = match claim.read(config.limits.bytes) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Outcome::None(Fate::Changed(None)),
            Err(e) => return self.unreadable(job, &e),
        };
        let origin = claim.identity.origin(Some(inbox.root()), &claim.path);
        match label_and_judge(&bytes, origin, model, &config.limits, now()) {
            Ok((record, judgement)) => {
                window.observe(&judgement, model);
                line(claim, job, record, config.text)
            }
            Err(reject) => Outcome::Refused { claim, reject },
        }
    }

    /// What cannot be read may be readable soon; after the last try it is set aside.
    fn unreadable(&self, job: &Job, error: &io::Error) -> Outcome {
        let inbox = &self.inboxes[job.key.inbox];
        let path = inbox.root().join(&job.key.path);
        if job.attempts == 0 {
            tracing::warn!(path = %path.display(), %error, "cannot read it or move it away; trying again \
                (if this is a mode: chmod g+r the file, g+wx its folder)");
        }
        if !job.last_try || is_ours(error) || inbox.can_leave(&job.key.path).is_err() {
            return Outcome::None(Fate::Unreadable);
        }
        match inbox.claim_unreadable(&job.key.path) {
            Ok(Some(claim)) => Outcome::Refused { claim, reject: Reject::new(Code::Unreadable, error.to_string()) },
            Ok(None) | Err(_) => Outcome::None(Fate::Vanished),
        }
    }
}

fn line(claim: Claim, job: &Job, record: Record, text: bool) -> Outcome {
    let id = record.id().to_string();
    if job.replaces.as_ref() == Some(&id) {
        // Only its times have changed: the line that it would take the place of says the same.
        return Outcome::Line { claim, id, line: Vec::new() };
    }
    let record = if text { record } else { record.without_text() };
    let line = record.replacing(job.replaces.clone()).line();
    Outcome::Line { claim, id, line }
}

/// The digest in a line that another process made, where it is a whole line and speaks of this version of the input.
fn id_of(line: &[u8], inbox: &Inbox, claim: &Claim) -> Option<String> {
    let is_whole = line.ends_with(b"\n") && line.len() <= LINE_LIMIT;
    let delivered = Delivered::parse(line).filter(|_| is_whole)?;
    let Origin { inbox, path, inode, ctime } = claim.identity.origin(Some(inbox.root()), &claim.path);
    let is_of_claim = delivered.inbox() == inbox.as_deref()
        && delivered.path() == path
        && delivered.version() == (inode, ctime.as_deref());
    is_of_claim.then(|| delivered.digest().to_string())
}

/// Errors of this machine say nothing about the input.
fn is_ours(error: &io::Error) -> bool {
    const OURS: [Errno; 4] = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSYS];
    OURS.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
