//! What a daemon is told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::paths::resolved;
use crate::durable::folder_of;
use crate::error::{Error, Result};
use crate::read::Limits;
use crate::story::Reach;

/// Where the lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkPath {
    /// Standard output.
    Stdout,
    /// A file, made where it is missing, in which every line stands exactly once.
    File(PathBuf),
}

/// What becomes of an input once its line is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It goes to done/.
    Move,
    /// It is deleted.
    Delete,
    /// It stays where it is, and the state folder remembers it.
    Keep,
}

/// Everything that a daemon needs to know. There is no default: the caller knows better.
///
/// ```
/// use std::time::Duration;
/// use disputed::Limits;
/// use disputed::daemon::{After, Config, SinkPath, check};
/// use disputed::story::Reach;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::create_dir(folder.path().join("inbox"))?;
/// let config = Config {
///     inboxes: vec![folder.path().join("inbox")],
///     sink: SinkPath::File(folder.path().join("labels.jsonl")),
///     state: None,
///     done: None,
///     failed: None,
///     after: After::Move,
///     model: None,
///     quiet: Duration::from_secs(2),
///     linger: Duration::ZERO,
///     batch: 1 << 20,
///     rotate: None,
///     limits: Limits::default(),
///     stories: Reach::default(),
///     drop_repeats: false,
///     longest: Duration::from_secs(30),
///     text: true,
///     once: true,
///     reader: None,
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
    /// Where the daemon keeps what it has to remember; `.disputed` in the first inbox where none is given.
    pub state: Option<PathBuf>,
    /// Where inputs go once their line is durable; `done` in each inbox where none is given.
    pub done: Option<PathBuf>,
    /// Where inputs go that are refused; `failed` in each inbox where none is given.
    pub failed: Option<PathBuf>,
    /// What becomes of an input once its line is durable.
    pub after: After,
    /// The model's file; the shipped model where none is given.
    pub model: Option<PathBuf>,
    /// How long a file must stand unmoved before it is read, where its writer's close was not seen.
    pub quiet: Duration,
    /// How long the writer waits for more lines before it syncs those that it has. A disk syncs so many times a second
    /// and no more: waiting costs latency and gains throughput.
    pub linger: Duration,
    /// How many bytes of lines are gathered before a sync at most; more than 1 MiB counts as that.
    pub batch: usize,
    /// The size in bytes at which a file sink is renamed and a new one begun; never where none is given.
    pub rotate: Option<u64>,
    /// What one input may cost.
    pub limits: Limits,
    /// How far the memory of stories reaches; nothing is remembered where it is of no articles.
    pub stories: Reach,
    /// Whether an article whose every word an earlier one says has no line of its own.
    pub drop_repeats: bool,
    /// How long one article may take to be read and labelled; up to a quarter longer is borne. Where one takes longer, the
    /// daemon ends with an [`Error::Overlong`], and it is for its program to begin anew.
    pub longest: Duration,
    /// Whether records carry the paragraphs' texts.
    pub text: bool,
    /// Work what is there, then end.
    pub once: bool,
    /// The `disputed` program, by which an input is tried in a process of its own where an earlier run died with it in
    /// hand; without it such inputs are read like all others.
    pub reader: Option<PathBuf>,
}

impl Config {
    /// The state folder.
    pub(crate) fn state(&self) -> PathBuf {
        let default = || self.inboxes.first().map_or_else(PathBuf::new, |inbox| inbox.join(".disputed"));
        self.state.clone().unwrap_or_else(default)
    }

    /// The inboxes by their paths without links, for who looks into them beside a running daemon.
    pub(crate) fn standing_inboxes(&self) -> Result<Vec<PathBuf>> {
        if self.inboxes.is_empty() {
            return Err(Error::Config("no inbox: name it with --inbox, or the configuration with --config".into()));
        }
        Ok(self.inboxes.iter().map(|inbox| resolved(inbox)).collect())
    }

    /// Where an inbox's finished inputs go.
    pub(crate) fn done_of(&self, inbox: &Path) -> PathBuf {
        self.done.clone().unwrap_or_else(|| inbox.join("done"))
    }

    /// Where an inbox's refused inputs go.
    pub(crate) fn failed_of(&self, inbox: &Path) -> PathBuf {
        self.failed.clone().unwrap_or_else(|| inbox.join("failed"))
    }

    /// The model's file by the name that is renamed over, which may be a link: its folder is what tells of it.
    pub(crate) fn watched_model(&self) -> Option<PathBuf> {
        let model = self.model.as_deref()?;
        Some(resolved(folder_of(model)).join(model.file_name().unwrap_or_default()))
    }

    /// Refuses what cannot change while a daemon runs: what it holds locked, and what its promises rest on.
    pub(crate) fn allow(&self, next: &Config) -> Result<()> {
        let changed = [
            ("inbox", self.inboxes != next.inboxes),
            ("sink", self.sink != next.sink),
            ("state", self.state != next.state),
            ("done", self.done != next.done),
            ("failed", self.failed != next.failed),
            ("after", self.after != next.after),
            ("stories", self.stories.articles != next.stories.articles),
            ("story-days", self.stories.age != next.stories.age),
        ];
        match changed.iter().find(|(_, changed)| *changed) {
            Some((key, _)) => Err(Error::Config(format!("`{key}` has changed, which takes a restart"))),
            None => Ok(()),
        }
    }
}
