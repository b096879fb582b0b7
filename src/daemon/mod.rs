//! Everything with a disk or a clock: inputs are found, worked, and let go once their lines are durable.
//!
//! One event loop waits: for signals, file events, timers and the pipeline's answers. What touches files runs on
//! threads of its own: the intake, the workers, which read and label, and the one writer.

mod config;
mod layout;
mod lock;
mod event;
mod service;
mod watch;
mod ignore;
mod settle;
mod intake;
mod inbox;
mod claim;
mod moves;
mod name;
mod delivery;
mod worker;
mod writer;
mod sink;
mod log;
mod pipe;
mod mark;
mod recover;
mod reload;
mod stop;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use sd_notify::NotifyState;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};

pub use config::{Config, SinkPath};
pub use name::escaped;

use crate::durable::folder_of;
use crate::error::{Error, Result};
use delivery::{Order, Shared};
use event::Event;
use intake::{Intake, Job};
use layout::{Layout, resolved};
use log::Log;
use pipe::Pipe;
use recover::recover;
use reload::ModelSlot;
use service::{Signals, raise_descriptor_limit, tell_systemd};
use sink::Sink;
use watch::{Hint, Watch};
use worker::start_workers;
use writer::start_writer;

/// How often everything is looked at again, whatever the events said.
const SCAN: Duration = Duration::from_secs(60);

/// The same, where there are no events.
const POLL: Duration = Duration::from_secs(1);

/// Jobs and orders that wait between two threads at most: enough to keep them busy, few enough to stop at once.
const QUEUE: usize = 256;

/// Finds out whether a daemon could run with this configuration: folders, model, sink; by trying. Locks are left alone,
/// so that it can be asked beside a running daemon.
///
/// # Errors
/// An [`Error`] that names the first thing that is wrong.
pub fn check(config: &Config) -> Result<()> {
    layout::probe(config)?;
    if let SinkPath::File(path) = &config.sink {
        log::probe(&resolved(path))?;
    }
    ModelSlot::load(config.model.as_deref()).map(drop)
}

/// Runs until SIGTERM or SIGINT, or, with `once`, until what is there is worked. SIGHUP reloads the model and reopens
/// the sink.
///
/// # Errors
/// An [`Error`] where the daemon cannot start, or cannot go on; what was dropped stays in its inbox then.
///
/// ```
/// # use std::time::Duration;
/// # use disputed::Limits;
/// use disputed::daemon::{Config, SinkPath, run};
///
/// let folder = tempfile::tempdir()?;
/// let (inbox, sink) = (folder.path().join("inbox"), folder.path().join("labels.jsonl"));
/// std::fs::create_dir(&inbox)?;
/// std::fs::copy("tests/articles/tariffs.txt", inbox.join("tariffs.txt"))?;
/// # let (quiet, limits) = (Duration::ZERO, Limits::default());
/// # let (state, done, failed, model, text) = (None, None, None, None, true);
/// run(&Config {
///     inboxes: vec![inbox.clone()],
///     sink: SinkPath::File(sink.clone()),
///     once: true,
///     // …
/// #   quiet, limits, state, done, failed, model, text,
/// })?;
/// assert!(std::fs::read_to_string(sink)?.contains(r#""primary":"trade""#));
/// assert!(inbox.join("done/tariffs.txt").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(config: &Config) -> Result<()> {
    let layout = Layout::open(config)?;
    let model = ModelSlot::load(config.model.as_deref())?;
    raise_descriptor_limit();
    let sink = match &config.sink {
        SinkPath::Stdout => Sink::Stdout(Pipe::default()),
        SinkPath::File(path) => {
            let (log, delivered) = Log::open(&resolved(path), &layout.state)?;
            let sink = Sink::File(log);
            recover(&layout.inboxes, &delivered)?;
            sink.mark()?;
            sink
        }
    };
    let inboxes: Arc<[_]> = layout.inboxes.into();
    let shared = Arc::new(Shared {
        inboxes: Arc::clone(&inboxes),
        model,
        limits: config.limits,
        text: config.text,
        stop: stop::Stop::default(),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("start the event loop on", "this machine"))?;
    let result = runtime.block_on(conduct(config, shared, sink, layout.state));
    drop(layout.state_lock);
    result
}

/// The event loop.
async fn conduct(config: &Config, shared: Arc<Shared>, sink: Sink, state: PathBuf) -> Result<()> {
    let started = |what| Error::io("start", what);
    let (hints_to_us, mut hints) = mpsc::unbounded_channel();
    let (fates_to_us, mut fates) = mpsc::unbounded_channel();
    let (jobs, jobs_to_do) = mpsc::channel::<Job>(QUEUE);
    let (orders, orders_to_do) = mpsc::channel(QUEUE);
    let mut signals = Signals::listen()?;
    let workers = start_workers(&shared, jobs_to_do, &orders).map_err(started("the workers"))?;
    let writer = start_writer(Arc::clone(&shared), sink, orders_to_do, fates_to_us).map_err(started("the writer"))?;

    let watch = if config.once { Watch::none() } else { Watch::start(hints_to_us) };
    let mut intake = Intake::new(Arc::clone(&shared.inboxes), state, watch, config.quiet);
    // The name that is renamed over, which may be a link: its folder is what tells of it.
    let model = shared.model.path().map(|path| resolved(folder_of(path)).join(path.file_name().unwrap_or_default()));
    if let Some(model) = &model {
        intake.watch_also(folder_of(model));
    }
    intake.watch_roots();
    say_ready(config, &shared, &intake);

    let mut watchdog = interval(sd_notify::watchdog_enabled().map_or(SCAN, |patience| patience / 3));
    watchdog.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_scan = Instant::now();
    let mut scanned = false;
    let mut next = None;
    let broken = loop {
        next = next.or_else(|| intake.next());
        if config.once && scanned && next.is_none() && intake.is_idle() {
            break false;
        }
        let due = intake.next_due().map(|due| due.duration_since(now()).unwrap_or_default());
        let mut seen = Vec::new();
        let event = tokio::select! {
            event = signals.next() => event,
            Ok(permit) = jobs.reserve(), if next.is_some() => {
                if let Some(job) = next.take() {
                    permit.send(job);
                }
                continue;
            }
            Some(fates) = fates.recv() => Event::Fates(fates),
            1.. = hints.recv_many(&mut seen, QUEUE) => Event::Hints(seen),
            () = sleep(due.unwrap_or(SCAN)), if due.is_some() => Event::Due,
            () = sleep_until(next_scan), if !(config.once && scanned) => Event::Scan,
            _ = watchdog.tick() => Event::Watchdog,
            () = orders.closed() => Event::Broken,
        };
        match event {
            Event::Stop => break false,
            Event::Broken => break true,
            // A worker that panicked outside a parser has its job in hand for ever.
            Event::Watchdog if workers.iter().any(JoinHandle::is_finished) => break true,
            Event::Watchdog => tell_systemd(NotifyState::Watchdog),
            Event::Reload => {
                // A full queue holds a batch, and every batch looks for a rotation itself.
                let _ = orders.try_send(Order::Reopen);
                reload(&shared, ModelSlot::reload).await?;
            }
            Event::Hints(hints) => {
                if model.as_ref().is_some_and(|model| hints.contains(&Hint::Finished(model.clone()))) {
                    reload(&shared, ModelSlot::reload).await?;
                }
                intake = step(&mut watchdog, intake, move |intake, now| intake.look_at(hints, now)).await?;
            }
            Event::Fates(fates) => {
                intake = step(&mut watchdog, intake, move |intake, now| intake.settle_fates(fates, now)).await?
            }
            Event::Due => intake = step(&mut watchdog, intake, Intake::look_at_due).await?,
            Event::Scan => {
                intake = step(&mut watchdog, intake, Intake::scan).await?;
                next_scan = Instant::now() + if intake.is_polling() { POLL } else { SCAN };
                if scanned {
                    reload(&shared, ModelSlot::reload_if_changed).await?;
                }
                scanned = true;
            }
        }
    };

    tell_systemd(NotifyState::Stopping);
    shared.stop.wish();
    drop((jobs, orders));
    // The writer ends when the workers have, and drops its end then.
    while fates.recv().await.is_some() {}
    let ended = tokio::task::spawn_blocking(move || writer.join()).await;
    ended.map_err(|_| Error::Internal("writer"))?.map_err(|_| Error::Internal("writer"))??;
    tracing::info!("stopped");
    if broken { Err(Error::Internal("pipeline")) } else { Ok(()) }
}

fn say_ready(config: &Config, shared: &Shared, intake: &Intake) {
    tell_systemd(NotifyState::Ready);
    let mode = match (config.once, intake.is_polling()) {
        (true, _) => "once",
        (false, true) => "polling",
        (false, false) => "events",
    };
    tracing::info!(inboxes = shared.inboxes.len(), model = shared.model.current().id(), mode, "ready");
}

/// Runs one step of the intake away from the event loop: it lists folders and looks at files.
///
/// A first look at a long backlog on a cold disk takes minutes, and systemd must not kill us for it: the next start would
/// look no faster.
async fn step(
    watchdog: &mut Interval,
    mut intake: Intake,
    work: impl FnOnce(&mut Intake, SystemTime) + Send + 'static,
) -> Result<Intake> {
    let mut stepped = tokio::task::spawn_blocking(move || {
        work(&mut intake, now());
        intake
    });
    loop {
        tokio::select! {
            intake = &mut stepped => return intake.map_err(|_| Error::Internal("intake")),
            _ = watchdog.tick() => tell_systemd(NotifyState::Watchdog),
        }
    }
}

async fn reload(shared: &Arc<Shared>, how: fn(&ModelSlot)) -> Result<()> {
    let shared = Arc::clone(shared);
    tokio::task::spawn_blocking(move || how(&shared.model)).await.map_err(|_| Error::Internal("reload"))
}

#[expect(clippy::disallowed_methods, reason = "the daemon has a clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
