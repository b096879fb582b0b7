//! How long one article may take to be read and labelled.
//!
//! What an article costs is bounded by counts, so that the same bytes have the same fate on every machine. This is for what the
//! counts do not foresee: a parser that does not come to an end. A thread cannot be ended, and what it holds cannot be taken
//! from it, so the daemon leaves it where it is, lets everything else come to a clean end, and says so
//! ([`Error::Overlong`](crate::Error::Overlong)); its program begins anew in the same process. The state folder still names the
//! file that was in hand, and so it is tried in a process of its own (see [`suspects`](super::suspects)), which can be ended:
//! where an article takes too long there as well, it is refused. Nobody's help is needed, and what keeps lines from standing
//! twice is what keeps them from it after a crash.
//!
//! Looks are counted, and not the time between two of them: a machine that slept has not been slow.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::clock::moment;
use super::delivery::Shared;
use super::suspects::SLOTS;

/// How far each worker has come: a number that grows, and is odd while an article is in its hands.
#[derive(Default)]
pub(crate) struct Progress([AtomicU64; SLOTS]);

impl Progress {
    /// The worker begins with an article, or has come through.
    pub(crate) fn step(&self, worker: usize) {
        self.add(worker, 1);
    }

    /// The worker has got more of the bytes that it waits for, which may take any time.
    pub(crate) fn go_on(&self, worker: usize) {
        self.add(worker, 2);
    }

    fn add(&self, worker: usize, steps: u64) {
        if let Some(progress) = self.0.get(worker) {
            progress.fetch_add(steps, Ordering::Relaxed);
        }
    }
}

/// How often a worker is looked at within the time that an article may take.
const LOOKS: u32 = 4;

/// Between two looks, however short or long the time is; a clock does not reach further than the latter.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(1 << 30);

/// What was seen of each worker so far.
#[derive(Default)]
pub(crate) struct Patience {
    seen: [Seen; SLOTS],
    /// When to look next, whoever stopped waiting for it meanwhile.
    due: Option<Instant>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    steps: u64,
    /// How often it was found with the same article since.
    again: u32,
}

impl Patience {
    /// Waits until a worker has been at one article for longer than the configuration in force allows: which one. It is told
    /// once.
    pub(crate) async fn lost(&mut self, shared: &Shared) -> usize {
        loop {
            let longest = shared.in_force.terms().config.longest;
            let rest = (longest / LOOKS).clamp(SHORTEST, LONGEST);
            let due = *self.due.get_or_insert_with(|| Instant::from_std(moment() + rest));
            sleep_until(due).await;
            self.due = None;
            if let Some(worker) = self.look(&shared.progress) {
                return worker;
            }
        }
    }

    /// The first worker that is found too long with the same article; the others are looked at the next time.
    fn look(&mut self, progress: &Progress) -> Option<usize> {
        for (worker, (seen, steps)) in self.seen.iter_mut().zip(&progress.0).enumerate() {
            let steps = steps.load(Ordering::Relaxed);
            if steps != seen.steps {
                *seen = Seen { steps, again: 0 };
            } else if steps % 2 == 1 && seen.again < LOOKS {
                seen.again += 1;
                if seen.again == LOOKS {
                    return Some(worker);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_at_one_article_for_more_looks_than_it_may_take_is_lost_and_told_once() {
        let (progress, mut patience) = (Progress::default(), Patience::default());
        let looks = |patience: &mut Patience, count: u32| {
            (0..count).filter_map(|_| patience.look(&progress)).collect::<Vec<_>>()
        };
        assert_eq!(looks(&mut patience, 20), [0; 0], "nobody is at anything");
        progress.step(1);
        progress.step(2);
        assert_eq!(looks(&mut patience, LOOKS), [0; 0]);
        progress.step(2);
        progress.step(2);
        assert_eq!(looks(&mut patience, 20), [1, 2], "the second has begun another one meanwhile");
        progress.step(1);
        assert_eq!(looks(&mut patience, 20), [0; 0]);
        progress.step(1);
        assert_eq!(looks(&mut patience, LOOKS), [0; 0]);
        progress.go_on(1);
        assert_eq!(looks(&mut patience, LOOKS), [0; 0], "it got more of its bytes");
        assert_eq!(looks(&mut patience, 20), [1]);
    }
}
