//! An input that is ready to be worked, and what became of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::late::Left;
use crate::daemon::kept::Version;

/// An input by its place: which inbox, and the path in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) inbox: usize,
    pub(crate) path: Arc<Path>,
}

/// An input that is ready to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) key: Key,
    /// What there is to say of it before, which is nothing of almost every input.
    pub(crate) past: Option<Box<Past>>,
}

/// What an input went through before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// How often it could not be read.
    pub(crate) attempts: u32,
    /// A version of this file that there are lines of already.
    pub(crate) earlier: Option<Version>,
}

/// A file that cannot be read is tried this often, after 0.2 s, 0.4 s, 0.8 s, 1.6 s and 3.2 s, before it is set aside.
pub(crate) const ATTEMPTS: u32 = 6;

impl Job {
    /// How often it could not be read before.
    pub(crate) fn attempts(&self) -> u32 {
        self.past.as_ref().map_or(0, |past| past.attempts)
    }

    /// Whether it is set aside where it cannot be read now.
    pub(crate) fn is_last_try(&self) -> bool {
        self.attempts() + 1 >= ATTEMPTS
    }

    /// A version of this file that there are lines of already.
    pub(crate) fn earlier(&self) -> Option<&Version> {
        self.past.as_ref()?.earlier.as_ref()
    }
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its line is durable and it has left; where it stands now, if it can be looked back at there.
    Done(Option<Left>),
    /// Its line is durable and this version of it stays.
    Kept(Version),
    /// Some of it is under embargo, and it stands in embargo/ now, here.
    Embargoed(PathBuf),
    /// Some of it is under embargo until then; the version of it that stays, of which the rest has lines.
    Held(Version, SystemTime),
    /// It was refused and has left.
    Failed,
    /// Its producer took it back.
    Vanished,
    /// It changed while it was in hand; the version that there is a line of, where there is.
    Changed(Option<Version>),
    /// It could not be read, or not to its end, which may heal; the version that there are lines of already, where there are.
    Unreadable(Option<Version>),
}
