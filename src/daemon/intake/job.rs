//! An input that is ready to be worked, and what became of it.

use std::path::Path;
use std::sync::Arc;

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
    /// How often it could not be read before, and whether this try is the last.
    pub(crate) attempts: u32,
    pub(crate) last_try: bool,
    /// The record that an earlier version of this file gave.
    pub(crate) replaces: Option<String>,
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its line is durable and it has left; where it stands now, if it can be looked back at there.
    Done(Option<Left>),
    /// Its line is durable and this version of it stays.
    Kept(Version),
    /// It was refused and has left.
    Failed,
    /// Its producer took it back.
    Vanished,
    /// It changed while it was in hand; the record of what was read, where one was written.
    Changed(Option<String>),
    /// It could not be read, which may heal.
    Unreadable,
}
