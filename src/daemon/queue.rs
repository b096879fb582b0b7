//! What is ready to be worked, until a worker takes it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::intake::Job;

/// Jobs for the workers. It holds as many as there are inputs that wait, which are in memory anyway.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    /// What scans found, oldest first, and what events announced: taken in turn, so that neither waits for the other.
    backlog: VecDeque<Job>,
    arrivals: VecDeque<Job>,
    backlog_next: bool,
    /// Workers that wait: nobody else has to be woken.
    waiting: usize,
    is_closed: bool,
}

impl Queue {
    /// Adds what an event announced.
    pub(crate) fn add_arrival(&self, job: Job) {
        let mut state = self.lock();
        state.arrivals.push_back(job);
        if state.waiting > 0 {
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Adds what a scan found, or a timer, oldest first.
    pub(crate) fn add_backlog(&self, jobs: impl Iterator<Item = Job>) {
        let mut state = self.lock();
        state.backlog.extend(jobs);
        if state.waiting > 0 && !state.backlog.is_empty() {
            drop(state);
            self.filled.notify_all();
        }
    }

    /// The next job, where there is one now.
    pub(crate) fn next_now(&self) -> Option<Job> {
        let mut state = self.lock();
        if state.is_closed { None } else { state.next() }
    }

    /// The next job, when there is one; `None` where there is to be no more.
    pub(crate) fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(job) = state.next() {
                return Some(job);
            }
            state.waiting += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// There is to be no more: what is left stays where it is, and is found by the next run.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Job> {
        let State { backlog, arrivals, backlog_next, .. } = self;
        let (first, second) = if *backlog_next { (backlog, arrivals) } else { (arrivals, backlog) };
        let job = first.pop_front().or_else(|| second.pop_front())?;
        for worked in [first, second] {
            if worked.is_empty() {
                // The memory of a long backlog goes with it.
                worked.shrink_to(KEPT);
            }
        }
        self.backlog_next = !self.backlog_next;
        Some(job)
    }
}

/// Room for so many jobs is kept.
const KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::intake::Key;
    use super::*;

    fn job(path: &str) -> Job {
        Job { key: Key { inbox: 0, path: Path::new(path).into() }, past: None }
    }

    #[test]
    fn arrivals_and_backlog_take_turns() {
        let queue = Queue::default();
        queue.add_backlog(["old1", "old2", "old3"].map(job).into_iter());
        ["new1", "new2"].map(job).into_iter().for_each(|job| queue.add_arrival(job));
        let order: Vec<Job> = (0..5).filter_map(|_| queue.next()).collect();
        assert_eq!(order, ["new1", "old1", "new2", "old2", "old3"].map(job));
    }

    #[test]
    fn who_waits_is_woken_by_a_job_and_by_the_end() {
        let queue = Queue::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| (queue.next(), queue.next()));
            queue.add_arrival(job("a"));
            let first = scope.spawn(|| queue.close());
            first.join().expect("no panic");
            let (first, second) = waiting.join().expect("no panic");
            assert!(first.is_none() || first == Some(job("a")));
            assert_eq!(second, None);
        });
    }
}
