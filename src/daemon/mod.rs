//! Everything with a disk or a clock: inputs are found, worked, and let go once their lines are durable.
//!
//! One event loop waits: for signals, questions and timers. What touches files runs on threads of its own: the intake,
//! the workers, which read and label, and the one writer. What passes between them waits in memory: a thread that has
//! nothing to do is woken once, and one that is busy finds all that came meanwhile together.
//!
//! ```text
//!            queue             handover
//!   intake/ ── job ──► worker ── line ──► writer ──► sink/    lines, durable
//!      ▲     claim, read, label             │  what it repeats or replaces
//!      │                                    ├──────► inbox/   files leave, durable
//!      └───────── fate, by mailbox ─────────┘        mark     nothing before it is looked at again
//! ```
//!
//! Of what waits, the oldest is claimed first, by its modification time and then its path, and what is announced takes
//! turns with it. Lines stand in the order in which they were finished: with two workers the neighbours of a backlog may
//! change places.

mod config;
mod paths;
mod layout;
mod lock;
mod clock;
mod conduct;
mod event;
mod service;
mod drift;
mod reload;
mod watch;
mod mailbox;
mod intake;
mod queue;
mod inbox;
mod delivery;
mod handover;
mod arrival;
mod lines;
mod worker;
mod suspects;
mod trial;
mod patience;
mod writer;
mod sink;
mod item_set;
mod kept;
mod begun;
mod memory;
mod relate;
mod pause;
mod recover;
mod stop;
mod answers;

use std::sync::Arc;

pub use answers::{
    Failure, Line, Mode, Paused, Place, Standing, Status, Trace, Verdict, reload, retry, scan, status, trace,
};
pub use config::{After, Config, SinkPath};
pub use drift::Drift;
pub use inbox::{RefusedArticle, escaped, origin};
pub use trial::answer;

use crate::error::{Error, Result};
use conduct::{Start, conduct};
use delivery::Shared;
use inbox::Inbox;
use kept::Kept;
use layout::Layout;
use paths::resolved;
use recover::recover;
use reload::{InForce, Terms};
use service::raise_descriptor_limit;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use sink::fuzzing;
use sink::{Log, Pipe, Sink};
use suspects::Suspects;

/// Finds out whether a daemon could run with this configuration: folders, model, sink; by trying. Locks are left alone,
/// so that it can be asked beside a running daemon.
///
/// # Errors
/// An [`Error`] that names the first thing that is wrong.
pub fn check(config: &Config) -> Result<()> {
    layout::probe(config)?;
    if let SinkPath::File(path) = &config.sink {
        sink::probe(&resolved(path))?;
    }
    Terms::load(config.clone()).map(drop)
}

/// Runs until SIGTERM or SIGINT, or, with `once`, until what is there is worked.
///
/// `configure` gives the configuration. It is asked at the start, and again at SIGHUP and at `disputed reload`: what it
/// says then is taken between two articles, if it is sound and its folders are the same; the sink is opened anew.
///
/// # Errors
/// An [`Error`] where the daemon cannot start, or cannot go on; what was dropped stays in its inbox then. After an
/// [`Error::Overlong`] the thread that has the article is still there: the process should end, and another one begin.
///
/// ```
/// # use std::time::Duration;
/// # use disputed::Limits;
/// # use disputed::story::Reach;
/// use disputed::daemon::{After, Config, SinkPath, run};
///
/// let folder = tempfile::tempdir()?;
/// let (inbox, sink) = (folder.path().join("inbox"), folder.path().join("labels.jsonl"));
/// std::fs::create_dir(&inbox)?;
/// std::fs::copy("tests/articles/tariffs.txt", inbox.join("tariffs.txt"))?;
/// # let (quiet, linger, batch, limits) = (Duration::ZERO, Duration::ZERO, 1 << 20, Limits::default());
/// # let (stories, drop_repeats) = (Reach::default(), false);
/// # let longest = Duration::from_secs(30);
/// # let (state, done, failed, model, text, rotate, reader) = (None, None, None, None, true, None, None);
/// let config = Config {
///     inboxes: vec![inbox.clone()],
///     sink: SinkPath::File(sink.clone()),
///     after: After::Move,
///     once: true,
///     // …
/// #   stories, drop_repeats, quiet, linger, batch, limits, longest, state, done, failed, model, text, rotate, reader,
/// };
/// run(move || Ok(config.clone()))?;
/// assert!(std::fs::read_to_string(sink)?.contains(r#""primary":"trade""#));
/// assert!(inbox.join("done/tariffs.txt").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(configure: impl Fn() -> Result<Config> + Send + Sync + 'static) -> Result<()> {
    let config = configure()?;
    let Layout { inboxes, state, state_lock } = Layout::open(&config)?;
    let (kept, mut stays, mut begun) = Kept::open(&state, &inboxes)?;
    let suspects = Suspects::open(&state)?;
    let in_force = InForce::start(config, Box::new(configure))?;
    let descriptors = raise_descriptor_limit();
    let mut told = Vec::new();
    let sink = match &in_force.terms().config.sink {
        SinkPath::Stdout => {
            inboxes.iter().try_for_each(Inbox::take_all_back)?;
            recover(&inboxes, &[], &kept, &mut stays, &mut begun)?;
            Sink::Stdout(Pipe::default())
        }
        SinkPath::File(path) => {
            let (log, delivered) = Log::open(&resolved(path), &state)?;
            recover(&inboxes, &delivered, &kept, &mut stays, &mut begun)?;
            told = recover::told(&inboxes, &delivered);
            Sink::File(log)
        }
    };
    let shared = Shared {
        inboxes: inboxes.into(),
        in_force,
        suspects,
        progress: Default::default(),
        kept,
        reopen: Default::default(),
        pause: Default::default(),
        stop: Default::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("start the event loop on", "this machine"))?;
    let result =
        runtime.block_on(conduct(Start { shared: Arc::new(shared), sink, told, begun, stays, state, descriptors }));
    drop(state_lock);
    result
}
