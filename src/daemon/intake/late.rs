//! Files that left before their writer's close was seen: he may have paused, and have more to say.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Key;
use crate::daemon::inbox::Identity;

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

/// Files to look back at, each once, when a writer who has been silent for so long would be taken to be gone.
#[derive(Debug, Default)]
pub(crate) struct Late {
    left: VecDeque<(SystemTime, Left)>,
}

/// How many are remembered at most: the oldest are forgotten first.
const MOST: usize = 10_000;

impl Late {
    pub(crate) fn remember(&mut self, left: Left, until: SystemTime) {
        if self.left.len() == MOST {
            self.left.pop_front();
        }
        self.left.push_back((until, left));
    }

    /// Those whose time has come, and which were written to since they were read.
    pub(crate) fn written_since(&mut self, now: SystemTime) -> Vec<Left> {
        let mut written = Vec::new();
        while let Some((_, left)) = self.left.pop_front_if(|(until, _)| *until <= now) {
            let standing = left.place.symlink_metadata().map(|m| Identity::from(&m));
            let is_written = standing.is_ok_and(|now| left.identity.was_written_to(&now));
            written.extend(is_written.then_some(left));
        }
        written
    }

    /// When to look back at the next.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.left.front().map(|(until, _)| *until)
    }
}
