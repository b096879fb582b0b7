//! Files that have left a little while ago: their writer may have had them open still, and have more to say.

use std::collections::VecDeque;
use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::Key;
use crate::daemon::inbox::{Identity, holds};

/// A file in done/ that may still be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) key: Key,
    /// Where it stands now.
    pub(crate) place: PathBuf,
    /// What was read of it.
    pub(crate) identity: Identity,
    /// The id of its record.
    pub(crate) id: String,
}

impl Left {
    fn was_written_to(&self) -> bool {
        let Ok(now) = Identity::at(&self.place) else { return false };
        let is_same_file = (now.device, now.inode) == (self.identity.device, self.identity.inode);
        // A time that was set is no change of what was read.
        let holds_the_same = || File::open(&self.place).is_ok_and(|file| holds(&file, now.bytes, &self.id));
        is_same_file && !self.identity.same_version(&now) && !(self.identity.same_size(&now) && holds_the_same())
    }
}

/// Files to look back at, a few times each: soon, and for the last time when a writer who has been silent for so long
/// would be taken to be gone.
#[derive(Debug)]
pub(crate) struct Late {
    /// One queue a look, each in the order of time.
    looks: [VecDeque<(SystemTime, Left)>; LOOKS.len()],
}

/// When the looks come, in parts of that patience.
const LOOKS: [f64; 3] = [1.0 / 30.0, 0.25, 1.0];

/// Looks are so many in that patience at most, however many files there are to look at. The parts above are multiples.
const GRAINS: u128 = 60;

/// How many wait for each look at most: the oldest are forgotten first.
const MOST: usize = 10_000;

impl Late {
    pub(crate) fn new() -> Late {
        Late { looks: Default::default() }
    }

    /// Remembers a file that was let go at this time.
    pub(crate) fn remember(&mut self, left: Left, now: SystemTime, patience: Duration) {
        // The time is rounded up, so that one look is at many.
        let grain = (patience.as_nanos() / GRAINS).max(1);
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let late = Duration::from_nanos(u64::try_from(grain - since_1970 % grain).unwrap_or(0));
        self.look_later(0, left, now + late + patience.mul_f64(LOOKS[0]));
    }

    fn look_later(&mut self, look: usize, left: Left, due: SystemTime) {
        let queue = &mut self.looks[look];
        if queue.len() == MOST {
            queue.pop_front();
        }
        queue.push_back((due, left));
    }

    /// Those that have been written to since they were read, of those whose time for a look has come.
    pub(crate) fn written_since(&mut self, now: SystemTime, patience: Duration) -> Vec<Left> {
        let mut written = Vec::new();
        for (look, part) in LOOKS.iter().enumerate() {
            while let Some((due, left)) = self.looks[look].pop_front_if(|(due, _)| *due <= now) {
                if left.was_written_to() {
                    written.push(left);
                } else if let Some(next) = LOOKS.get(look + 1) {
                    self.look_later(look + 1, left, due + patience.mul_f64(next - part));
                }
            }
        }
        written
    }

    /// All that have been written to since they were read: nobody will look later.
    pub(crate) fn written_at_all(&mut self) -> Vec<Left> {
        let all = self.looks.iter_mut().flat_map(std::mem::take);
        all.map(|(_, left)| left).filter(Left::was_written_to).collect()
    }

    /// When to look back at the next.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.looks.iter().filter_map(|queue| queue.front()).map(|(due, _)| *due).min()
    }
}
