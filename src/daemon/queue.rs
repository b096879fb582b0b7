//! What is ready to be worked, until a worker takes it.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use super::intake::Job;

/// Jobs for the workers. It holds as many as there are inputs that wait, which are in memory anyway.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What scans found, oldest first, and what events announced: taken in turn, so that neither waits for the other.
    backlog: VecDeque<Job>,
    arrivals: VecDeque<Job>,
    backlog_next: bool,
    /// Workers that wait. The last to come is woken first: what the model is made of is still near his processor.
    waiting: Vec<Thread>,
    is_closed: bool,
}

impl Queue {
    /// Adds what an event announced.
    pub(crate) fn add_arrival(&self, job: Job) {
        let mut state = self.lock();
        state.arrivals.push_back(job);
        let woken = state.waiting.pop();
        drop(state);
        woken.iter().for_each(Thread::unpark);
    }

    /// Adds what a scan found, or a timer, oldest first.
    pub(crate) fn add_backlog(&self, jobs: impl Iterator<Item = Job>) {
        let mut state = self.lock();
        state.backlog.extend(jobs);
        let woken = if state.backlog.is_empty() { Vec::new() } else { mem::take(&mut state.waiting) };
        drop(state);
        woken.iter().for_each(Thread::unpark);
    }

    /// The next job, where there is one now.
    pub(crate) fn next_now(&self) -> Option<Job> {
        let mut state = self.lock();
        if state.is_closed { None } else { state.next() }
    }

    /// The next job, when there is one; `None` where there is to be no more.
    pub(crate) fn next(&self) -> Option<Job> {
        let us = thread::current();
        loop {
            let mut state = self.lock();
            // Whoever wakes us takes us off the list, but a thread may also wake by itself.
            state.waiting.retain(|thread| thread.id() != us.id());
            if state.is_closed {
                return None;
            }
            if let Some(job) = state.next() {
                return Some(job);
            }
            state.waiting.push(us.clone());
            drop(state);
            thread::park();
        }
    }

    /// There is to be no more: what is left stays where it is, and is found by the next run.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let woken = mem::take(&mut state.waiting);
        drop(state);
        woken.iter().for_each(Thread::unpark);
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
