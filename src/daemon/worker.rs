//! The straight line of one input, from its place in the inbox to its line: claim, read, label. Each worker is a thread.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::io::Errno;

use super::arrival::{arrival, held};
use super::clock::now;
use super::delivery::{Content, Delivery, Line, Outcome, Shared};
use super::handover::{Handover, Worker as Place};
use super::inbox::Claim;
use super::intake::{Fate, Job};
use super::lines::Lines;
use super::queue::Queue;
use super::reload::Terms;
use super::suspects::{SLOTS, Trial};
use super::trial::{Answer, Said};
use crate::error::{Code, Reject};
use crate::label::{Labelled, is_held, label_each};

/// More would wait for the one writer, and each may hold the largest page that is permitted.
const MOST_WORKERS: usize = SLOTS;

/// What a worker keeps of the memory that an input took.
const KEPT_MEMORY: usize = 1 << 20;

/// Starts the workers: they end when the queue is closed.
pub(crate) fn start_workers(
    shared: &Arc<Shared>,
    queue: &Arc<Queue>,
    handover: &Arc<Handover>,
) -> io::Result<Vec<JoinHandle<()>>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let start = |number| {
        let mut worker =
            Worker { shared: Arc::clone(shared), number, holds: false, bytes: Vec::new(), line: Vec::new() };
        let (queue, place) = (Arc::clone(queue), handover.enter());
        std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
            while let Some(job) = queue.next_now().or_else(|| {
                worker.release();
                queue.next()
            }) {
                worker.line.clear();
                let (outcome, lines) = worker.work(&job, &place);
                worker.bytes.clear();
                worker.bytes.shrink_to(KEPT_MEMORY);
                if !place.put(Delivery { job, content: Content::Last(outcome), lines }, &worker.line) {
                    break;
                }
            }
            worker.release();
        })
    };
    (0..workers).map(start).collect()
}

/// One worker, with the memory that it uses again from input to input.
struct Worker {
    shared: Arc<Shared>,
    number: usize,
    /// Whether its slot names an input: the next one takes its place, or a pause.
    holds: bool,
    bytes: Vec<u8>,
    /// The line of the input in hand, where there is one.
    line: Vec<u8>,
}

impl Worker {
    /// The straight line: claim, read, label, line.
    fn work(&mut self, job: &Job, place: &Place) -> (Outcome, Vec<Line>) {
        let shared = Arc::clone(&self.shared);
        let inbox = &shared.inboxes[job.key.inbox];
        let claim = match inbox.claim(&job.key.path) {
            Ok(Some(claim)) => claim,
            Ok(None) => return lineless(Outcome::None(Fate::Vanished)),
            Err(e) => return lineless(self.unreadable(job, &e)),
        };
        if let Err(e) = inbox.can_leave(&job.key.path) {
            return lineless(self.unreadable(job, &e));
        }
        let terms = shared.in_force.terms();
        let path = inbox.root().join(&claim.path);
        if shared.suspects.is_suspect(&path, &claim.identity) {
            match shared.suspects.try_apart(inbox.root(), &path, &terms, &shared.stop) {
                Trial::Refused(reject) => return lineless(Outcome::Refused { claim, reject }),
                Trial::Answered(said) => {
                    // Its producer may have changed it meanwhile, and then nothing speaks against it any more.
                    if let Some(is_held) = said.holds(inbox, &claim) {
                        return self.take(said, is_held, claim, job, &terms, place);
                    }
                }
                Trial::Inconclusive => {}
            }
        }
        shared.suspects.hold(self.number, &path, &claim.identity);
        self.holds = true;
        self.read(claim, job, &terms, place)
    }

    /// It has come through, and there is no next one.
    fn release(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.shared.suspects.release(self.number);
        }
    }

    /// The part of it that a hostile file may not let us come through.
    fn read(&mut self, claim: Claim, job: &Job, terms: &Terms, place: &Place) -> (Outcome, Vec<Line>) {
        let Terms { config, model, window } = terms;
        let (limits, inbox) = (&config.limits, &self.shared.inboxes[job.key.inbox]);
        let bytes = match claim.read(limits.bytes, &mut self.bytes) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return lineless(Outcome::None(Fate::Changed(None))),
            Err(e) => return lineless(self.unreadable(job, &e)),
        };
        let origin = claim.identity.origin(Some(inbox.root()), &claim.path);
        let folder = inbox.place_of(&claim.path);
        let now = now();
        let Shared { progress, stop, .. } = &*self.shared;
        let input = || {
            bytes.input(|| {
                progress.go_on(self.number);
                // A file may be so large that a stop cannot wait for its end.
                if stop.is_wished() { Err(io::Error::other("the daemon stops")) } else { Ok(()) }
            })
        };
        let is_held = || is_held(input(), &origin.path, limits, now);
        let is_held = (!inbox.holds()).then_some(&is_held as &dyn Fn() -> bool);
        let mut lines =
            Lines::new(job, claim.identity, place, &mut self.line, config.batch, inbox.is_embargo(), is_held);
        // The time that lines wait for the writer is not the article's.
        let step = || progress.step(self.number);
        step();
        let end = label_each(input(), origin.clone(), model, limits, now, &mut |labelled| {
            step();
            match labelled {
                Labelled::Article { record, judgement, article } => {
                    window.observe(&judgement, model);
                    let asks = config.stories.articles > 0;
                    let arrival = asks.then(|| arrival(&record, &article, &judgement.paragraphs, &folder)).flatten();
                    lines.add(if config.text { record } else { record.without_text() }, arrival);
                }
                Labelled::Notice { record, article, .. } => {
                    let arrival = arrival(&record, &article, &[], &folder);
                    lines.add(record, arrival);
                }
                Labelled::Held { until, article, id, digest, .. } => {
                    lines.hold(held(&id, until, &article, &folder), &digest);
                }
                Labelled::Refused(reject) => lines.refuse(reject),
            }
            step();
        });
        step();
        // It may be readable soon, as what cannot be opened.
        if let Err(reject) = &end
            && reject.code == Code::Unreadable
            && (!job.is_last_try() || stop.is_wished())
        {
            return lines.break_off();
        }
        lines.end(claim, end)
    }

    /// Takes what another process said of the input for its own.
    fn take(
        &mut self,
        said: Said,
        is_held: bool,
        claim: Claim,
        job: &Job,
        terms: &Terms,
        place: &Place,
    ) -> (Outcome, Vec<Line>) {
        let inbox = &self.shared.inboxes[job.key.inbox];
        let is_held = || is_held;
        let is_held = (!inbox.holds()).then_some(&is_held as &dyn Fn() -> bool);
        let mut lines =
            Lines::new(job, claim.identity, place, &mut self.line, terms.config.batch, inbox.is_embargo(), is_held);
        let taken = said.each(inbox, &claim, &mut |answer| match answer {
            Answer::Line(delivered, line, arrival) => lines.add_line(&delivered, &line, arrival.map(|it| *it)),
            Answer::Held(held, digest) => lines.hold(held, &digest),
            Answer::Refused(reject) => lines.refuse(reject),
        });
        // They were whole a moment ago.
        if taken.is_some() { lines.end(claim, said.end) } else { lines.break_off() }
    }

    /// What cannot be read may be readable soon; after the last try it is set aside.
    fn unreadable(&self, job: &Job, error: &io::Error) -> Outcome {
        let inbox = &self.shared.inboxes[job.key.inbox];
        let path = inbox.root().join(&job.key.path);
        if job.attempts() == 0 {
            tracing::warn!(path = %path.display(), %error, "cannot read it or move it away; trying again \
                (if this is a mode: chmod g+r the file, g+wx its folder)");
        }
        if !job.is_last_try() || is_ours(error) || inbox.can_leave(&job.key.path).is_err() {
            return Outcome::None(Fate::Unreadable(None));
        }
        match inbox.claim_unreadable(&job.key.path) {
            Ok(Some(claim)) => Outcome::Refused { claim, reject: Reject::new(Code::Unreadable, error.to_string()) },
            Ok(None) | Err(_) => Outcome::None(Fate::Vanished),
        }
    }
}

/// An outcome without lines.
fn lineless(outcome: Outcome) -> (Outcome, Vec<Line>) {
    (outcome, Vec::new())
}

/// Errors of this machine say nothing about the input.
fn is_ours(error: &io::Error) -> bool {
    const OURS: [Errno; 4] = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSYS];
    OURS.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
