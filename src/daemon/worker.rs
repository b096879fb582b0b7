//! The straight line of one input, from its place in the inbox to its line: claim, read, label. Each worker is a thread.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::io::Errno;
use tokio::sync::mpsc::{Receiver, Sender};

use super::claim::Claim;
use super::delivery::{Delivery, Order, Outcome, Shared};
use super::inbox::Inbox;
use super::intake::{Fate, Job};
use super::name::escaped;
use super::now;
use crate::error::{Code, Reject};
use crate::label::{Origin, label};
use crate::record::Record;

/// More would wait for the one writer, and each may hold the largest page that is permitted.
const MOST_WORKERS: usize = 8;

/// Starts the workers: they end when there are no more jobs, or when a stop is wished.
pub(super) fn start_workers(
    shared: &Arc<Shared>,
    jobs: Receiver<Job>,
    orders: &Sender<Order>,
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
                let outcome = shared.work(&job);
                if orders.blocking_send(Order::Deliver(Box::new(Delivery { job, outcome }))).is_err() {
                    break;
                }
            }
        })
    };
    (0..workers).map(start).collect()
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
        if let Err(e) = inbox.can_leave(&job.key.path) {
            return self.unreadable(job, &e);
        }
        if claim.identity.bytes > self.limits.bytes {
            let reject = Reject::too_large(claim.identity.bytes, self.limits.bytes);
            return Outcome::Refused { claim, reject };
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
        let record = if self.text { record } else { record.without_text() };
        let line = record.replacing(job.replaces.clone()).line();
        Outcome::Line { claim, id, line }
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
            Ok(None) | Err(_) => Outcome::None(Fate::Gone),
        }
    }
}

/// Errors of this machine say nothing about the input.
fn is_ours(error: &io::Error) -> bool {
    const OURS: [Errno; 4] = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSYS];
    OURS.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn origin(inbox: &Inbox, claim: &Claim) -> Origin {
    Origin {
        inbox: Some(escaped(inbox.root())),
        path: escaped(&claim.path),
        inode: Some(claim.identity.inode),
        ctime: Some(claim.identity.ctime_text()),
    }
}
