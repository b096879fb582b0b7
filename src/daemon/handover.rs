//! Where the workers lay down what the writer takes up: one batch fills while the one before it becomes durable.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clock::{moment, wait};
use super::delivery::{Batch, Delivery};

/// The batch that is being filled, and who waits for it.
pub(crate) struct Handover {
    /// How many inputs a batch has at most, whatever the size of their lines: each holds a descriptor.
    inputs: usize,
    state: Mutex<State>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    batch: Batch,
    /// How many bytes of lines make a batch full.
    size: usize,
    workers: usize,
    /// Workers that wait for room, and whether the writer waits for work: nobody else has to be woken.
    waiting_workers: usize,
    writer_waits: bool,
    /// He waits for a full batch, and not for every delivery.
    lingers: bool,
    /// The writer is to go round once, whether there is work or not.
    called: bool,
    writer_is_gone: bool,
}

impl Handover {
    pub(crate) fn new(inputs: usize) -> Handover {
        Handover { inputs, state: Mutex::default(), filled: Condvar::new(), emptied: Condvar::new() }
    }

    /// A place for one worker to hand over from. The writer ends when every worker has left his.
    pub(crate) fn enter(self: &Arc<Handover>) -> Worker {
        self.lock().workers += 1;
        Worker(Arc::clone(self))
    }

    /// The writer's place. When he has left it nobody waits for him any more.
    pub(crate) fn writer(self: &Arc<Handover>) -> Writer {
        Writer(Arc::clone(self))
    }

    /// A worker is not waited for any more: the writer ends when all others have left their places. Should it come through
    /// after all, and leave its place as well, he ends one worker too early, and what that one has in hand is left to the next
    /// run.
    pub(crate) fn give_up(&self) {
        let mut state = self.lock();
        state.workers = state.workers.saturating_sub(1);
        self.wake_writer(state);
    }

    /// Has the writer go round once, though there be nothing to write.
    pub(crate) fn call(&self) {
        let mut state = self.lock();
        state.called = true;
        self.wake_writer(state);
    }

    fn is_full(&self, state: &State) -> bool {
        state.batch.len() >= self.inputs || state.batch.size() >= state.size.max(1)
    }

    fn wake_writer(&self, mut state: MutexGuard<State>) {
        if mem::take(&mut state.writer_waits) {
            drop(state);
            self.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker's place.
pub(crate) struct Worker(Arc<Handover>);

impl Worker {
    /// Lays down a delivery with its line, and waits for room before; `false` where the writer is gone.
    pub(crate) fn put(&self, delivery: Delivery, line: &[u8]) -> bool {
        let handover = &*self.0;
        let mut state = handover.lock();
        while handover.is_full(&state) && !state.batch.is_empty() && !state.writer_is_gone {
            state.waiting_workers += 1;
            state = handover.emptied.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting_workers -= 1;
        }
        if state.writer_is_gone {
            return false;
        }
        state.batch.push(delivery, line);
        if !state.lingers || handover.is_full(&state) {
            handover.wake_writer(state);
        }
        true
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.workers = state.workers.saturating_sub(1);
        self.0.wake_writer(state);
    }
}

/// The writer's place.
pub(crate) struct Writer(Arc<Handover>);

impl Writer {
    /// Waits for deliveries, and takes up those that there are, or that come within `linger` or until `size` bytes of
    /// lines are there; none where the writer was only called, or `due` has come. `false` when no more can come.
    pub(crate) fn take(&self, batch: &mut Batch, size: usize, linger: Duration, due: Option<Instant>) -> bool {
        let handover = &*self.0;
        let mut state = handover.lock();
        state.size = size;
        let is_over = |state: &State| state.workers == 0 || state.called;
        let begun = |state: &State| !state.batch.is_empty() || is_over(state);
        state = self.wait(state, due, begun);
        if !linger.is_zero() && !state.batch.is_empty() {
            state.lingers = true;
            state = self.wait(state, Some(moment() + linger), |state| handover.is_full(state) || is_over(state));
            state.lingers = false;
        }
        mem::swap(&mut state.batch, batch);
        state.called = false;
        if state.waiting_workers > 0 {
            handover.emptied.notify_all();
        }
        state.workers > 0 || !batch.is_empty()
    }

    /// Waits until something is so, or until that moment.
    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        until: Option<Instant>,
        is_so: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let mut state = wait(&self.0.filled, state, until, is_so, |state| state.writer_waits = true);
        state.writer_waits = false;
        state
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.writer_is_gone = true;
        state.batch = Batch::default();
        drop(state);
        self.0.emptied.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::delivery::{Content, Line, Outcome};
    use super::super::intake::{Fate, Job, Key};
    use super::*;
    use crate::record::Relation;

    fn delivery(path: &str) -> Delivery {
        let job = Job { key: Key { inbox: 0, path: Path::new(path).into() }, past: None };
        Delivery {
            job,
            content: Content::Last(Outcome::None(Fate::Vanished)),
            lines: vec![Line { length: 2, ..Line::default() }],
        }
    }

    #[test]
    fn a_batch_is_what_was_laid_down_and_the_end_comes_after_the_last() {
        let handover = Arc::new(Handover::new(8));
        let (worker, writer) = (handover.enter(), handover.writer());
        let mut batch = Batch::default();
        assert!(worker.put(delivery("a"), b"1\n"));
        assert!(writer.take(&mut batch, 100, Duration::ZERO, None));
        assert_eq!((batch.len(), batch.lines()), (1, &b"1\n"[..]));
        batch = Batch::default();
        handover.call();
        assert!(writer.take(&mut batch, 100, Duration::ZERO, None));
        assert!(batch.is_empty(), "he was only called");
        assert!(writer.take(&mut batch, 100, Duration::ZERO, Some(moment())));
        assert!(batch.is_empty(), "the time had come");
        assert!(worker.put(delivery("b"), b"2\n"));
        drop(worker);
        assert!(writer.take(&mut batch, 100, Duration::ZERO, None));
        assert_eq!(batch.lines(), b"2\n");
        batch = Batch::default();
        assert!(!writer.take(&mut batch, 100, Duration::ZERO, None));
    }

    #[test]
    fn a_full_batch_is_waited_for_and_nobody_waits_for_a_writer_that_is_gone() {
        let handover = Arc::new(Handover::new(2));
        let (worker, writer) = (handover.enter(), handover.writer());
        let mut batch = Batch::default();
        std::thread::scope(|scope| {
            let worked = scope.spawn(move || ["a", "b", "c", "d", "e"].map(|path| worker.put(delivery(path), b"x\n")));
            let mut taken = 0;
            while taken < 3 {
                assert!(writer.take(&mut batch, 100, Duration::ZERO, None));
                assert!(batch.len() <= 2);
                taken += batch.take(batch.len()).count();
            }
            drop(writer);
            let put = worked.join().expect("no panic");
            assert!(put[..3].iter().all(|put| *put), "{put:?}");
        });
    }

    #[test]
    fn a_line_is_struck_out_without_its_neighbours() {
        let mut batch = Batch::default();
        for (path, line) in [("a", "1\n"), ("b", "2\n"), ("c", "3\n")] {
            batch.push(delivery(path), line.as_bytes());
        }
        let is_b = |delivery: &Delivery| delivery.job.key.path == Path::new("b").into();
        batch.revise(|delivery| is_b(delivery).then_some(Content::Last(Outcome::None(Fate::Vanished))));
        assert_eq!(batch.lines(), b"1\n3\n");
        assert_eq!(batch.size(), 4 + 2 * Relation::ROOM);
        assert_eq!((batch.lines_of(1), batch.lines_of(2)), (&b"1\n"[..], &b"1\n"[..]));
        assert_eq!(batch.take(2).count(), 2);
        assert_eq!((batch.len(), batch.lines()), (1, &b"3\n"[..]));
        assert_eq!(batch.take(1).count(), 1);
        assert_eq!((batch.len(), batch.size()), (0, 0), "it is used again, and as large as a new one");
    }
}
