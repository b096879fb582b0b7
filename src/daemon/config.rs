//! What a daemon is told before it starts.

use std::path::PathBuf;
use std::time::Duration;

use crate::read::Limits;

/// Where the lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkPath {
    /// Standard output.
    Stdout,
    /// A file, made where it is missing, in which every line stands exactly once.
    File(PathBuf),
}

/// Everything that a daemon needs to know. There is no default: the caller knows better.
///
/// ```
/// use std::time::Duration;
/// use disputed::Limits;
/// use disputed::daemon::{Config, SinkPath, check};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("inbox"))?;
/// let config = Config {
///     inboxes: vec![folder.path().join("inbox")],
///     sink: SinkPath::File(folder.path().join("labels.jsonl")),
///     state: None,
///     done: None,
///     failed: None,
///     model: None,
///     quiet: Duration::from_secs(2),
///     limits: Limits::default(),
///     text: true,
///     once: true,
/// };
/// check(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The drop folders, at least one; folders below them are watched too.
    pub inboxes: Vec<PathBuf>,
    /// Where the lines go.
    pub sink: SinkPath,
    /// Where the mark is kept; `.disputed` in the first inbox where none is given.
    pub state: Option<PathBuf>,
    /// Where inputs go once their line is durable; `done` in each inbox where none is given.
    pub done: Option<PathBuf>,
    /// Where inputs go that are refused; `failed` in each inbox where none is given.
    pub failed: Option<PathBuf>,
    /// The model's file; the shipped model where none is given.
    pub model: Option<PathBuf>,
    /// How long a file must stand unmoved before it is read, where its writer's close was not seen.
    pub quiet: Duration,
    /// What one input may cost.
    pub limits: Limits,
    /// Whether records carry the paragraphs' texts.
    pub text: bool,
    /// Work what is there, then end.
    pub once: bool,
}
