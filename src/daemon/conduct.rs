//! The event loop: it waits for signals, questions and the end of a thread, and touches no file itself.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use sd_notify::NotifyState;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::answers::{Door, Mode, Paused, Question, Reloaded, Status};
use super::begun::Begun;
use super::clock::now;
use super::delivery::Shared;
use super::event::Event;
use super::handover::Handover;
use super::intake::{Intake, Key, Notice, ignored_by, start_intake};
use super::kept::Version;
use super::mailbox::Mailbox;
use super::patience::Patience;
use super::queue::Queue;
use super::reload::InForce;
use super::service::{Signals, tell_systemd};
use super::sink::Sink;
use super::watch::Watch;
use super::worker::start_workers;
use super::writer::{Known, start_writer};
use crate::durable::folder_of;
use crate::error::{Error, Result};
use crate::record::json_line;
use crate::story::Entry;

/// How often systemd hears from us, where it does not say how often it wants to.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Deliveries of one batch at most.
const MOST_INPUTS: usize = 256;

/// How long a reload waits for the sink to be opened anew.
const REOPEN: Duration = Duration::from_secs(10);

/// What the loop is handed to start with.
pub(crate) struct Start {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sink: Sink,
    /// What the last lines of the sink tell of their articles.
    pub(crate) told: Vec<Entry>,
    /// What an earlier run began and did not end, and does not stand where it did.
    pub(crate) begun: Begun,
    /// What stays in the inboxes although it is done with.
    pub(crate) stays: HashMap<Key, Version>,
    pub(crate) state: PathBuf,
    /// How many descriptors we may have.
    pub(crate) descriptors: usize,
}

/// Runs until a stop is wished, or, with `once`, until what is there is worked.
pub(crate) async fn conduct(start: Start) -> Result<()> {
    let Start { shared, sink, told, begun, stays, state, descriptors } = start;
    let started = |what| Error::io("start", what);
    let terms = shared.in_force.terms();
    let once = terms.config.once;
    let (notices_to_us, mut notices) = mpsc::unbounded_channel();
    let (asked_to_us, mut asked) = mpsc::channel(1);
    let (writer_ended, mut broken) = oneshot::channel();
    let (mailbox, queue) = (Arc::new(Mailbox::default()), Arc::new(Queue::default()));
    // Each delivery holds a descriptor, in the batch that is filled and in the writer's; the rest is for everything else.
    let handover = Arc::new(Handover::new((descriptors.saturating_sub(48) / 3).clamp(1, MOST_INPUTS)));
    let mut signals = Signals::listen()?;
    let _door = Door::open(&state, asked_to_us)?;
    let workers = start_workers(&shared, &queue, &handover).map_err(started("the workers"))?;
    let known = Known { state: state.clone(), told, begun };
    let writer = start_writer(Arc::clone(&shared), sink, known, &handover, Arc::clone(&mailbox), writer_ended);
    let writer = writer.map_err(started("the writer"))?;

    let watch = if once { Watch::none() } else { Watch::start(Arc::clone(&mailbox), who_matters(&shared)) };
    let mut intake = Intake::new(Arc::clone(&shared), state, watch, Arc::clone(&queue), terms.config.quiet, stays);
    watch_model(&mut intake, &shared);
    intake.watch_roots();
    drop(terms);
    let since = now();
    say_ready(&shared, &intake);
    let intake = start_intake(intake, Arc::clone(&shared), Arc::clone(&mailbox), notices_to_us);
    let intake = intake.map_err(started("the intake"))?;

    let mut watchdog = interval(sd_notify::watchdog_enabled().map_or(WATCHDOG, |patience| patience / 3));
    watchdog.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut patience = Patience::default();
    // Why it ends, where that is not as it was wished.
    let mut why = loop {
        let event = tokio::select! {
            event = signals.next() => event,
            _ = &mut broken => Event::Broken,
            noticed = notices.recv() => noticed.map_or(Event::Broken, Event::Noticed),
            Some(asked) = asked.recv() => Event::Asked(asked),
            _ = watchdog.tick() => Event::Watchdog,
            worker = patience.lost(&shared) => Event::Overlong(worker),
        };
        match event {
            Event::Stop | Event::Noticed(Notice::Worked) => break None,
            Event::Broken => break Some(Error::Internal("pipeline")),
            Event::Overlong(worker) => break Some(overlong(&shared, &handover, worker)),
            // A worker that panicked outside a parser has its job in hand for ever.
            Event::Watchdog if workers.iter().any(JoinHandle::is_finished) => break Some(Error::Internal("pipeline")),
            Event::Watchdog => tell_systemd(NotifyState::Watchdog),
            Event::Noticed(Notice::Model) => on_the_side(&shared, InForce::reload_model_if_changed).await?,
            Event::Reload => {
                // Whether it was refused is in the log, which is all the answer that a signal has.
                reopen(&shared, &handover);
                let _ = reload(&shared, &mailbox).await?;
            }
            Event::Asked((Question::Status, answer)) => {
                let shared = Arc::clone(&shared);
                mailbox.wish(move |intake| {
                    // Who asked may be gone.
                    let _ = answer.send(json_line(&status(&shared, intake, since)));
                });
            }
            Event::Asked((Question::Reload, answer)) => {
                let reopened = reopen(&shared, &handover);
                let refused = reload(&shared, &mailbox).await?.err().map(|error| error.to_string());
                let reloaded = Reloaded { model: shared.in_force.terms().model.id().to_string(), refused };
                tokio::spawn(async move {
                    // A writer that is paused opens it anew when it goes on; nobody has to wait for that.
                    let _ = timeout(REOPEN, reopened).await;
                    let _ = answer.send(json_line(&reloaded));
                });
            }
        }
    };

    // Who begins anew is not stopping.
    if !matches!(why, Some(Error::Overlong { .. })) {
        tell_systemd(NotifyState::Stopping);
    }
    shared.stop.wish();
    queue.close();
    // The writer ends when the workers have, and the intake when it has heard of everything.
    let mut ended = tokio::task::spawn_blocking(move || {
        let written = writer.join();
        mailbox.close();
        (written, intake.join())
    });
    let (written, intake) = loop {
        tokio::select! {
            ended = &mut ended => break ended.map_err(|_| Error::Internal("pipeline"))?,
            _ = watchdog.tick() => tell_systemd(NotifyState::Watchdog),
            worker = patience.lost(&shared) => drop(overlong(&shared, &handover, worker)),
            // Who was to begin anew is to end, then.
            Event::Stop = signals.next() => why = why.filter(|why| !matches!(why, Error::Overlong { .. })),
        }
    };
    written.map_err(|_| Error::Internal("writer"))??;
    let (intake, is_blind) = intake.map_err(|_| Error::Internal("intake"))?;
    let Status { seen, done, failed, vanished, pending, ignored, .. } = status(&shared, &intake, since);
    tracing::info!(seen, done, failed, vanished, pending, ignored = ignored.values().sum::<u64>(), "stopped");
    why.or(is_blind.then_some(Error::Unseen)).map_or(Ok(()), Err)
}

fn mode(shared: &Shared, intake: &Intake) -> Mode {
    match (shared.in_force.terms().config.once, intake.polling()) {
        (true, _) => Mode::Once,
        (false, Some(_)) => Mode::Polling,
        (false, None) => Mode::Inotify,
    }
}

fn say_ready(shared: &Shared, intake: &Intake) {
    tell_systemd(NotifyState::Ready);
    let mode = match mode(shared, intake) {
        Mode::Once => "once",
        Mode::Polling => "polling",
        Mode::Inotify => "inotify",
    };
    let terms = shared.in_force.terms();
    tracing::info!(inboxes = terms.config.inboxes.len(), model = terms.model.id(), mode, "ready");
}

fn status(shared: &Shared, intake: &Intake, since: SystemTime) -> Status {
    let text = |time| humantime::format_rfc3339_millis(time).to_string();
    let tally = &intake.pending().tally;
    let (pending, oldest) = intake.pending().count();
    let terms = shared.in_force.terms();
    Status {
        pid: std::process::id(),
        since: text(since),
        model: terms.model.id().to_string(),
        mode: mode(shared, intake),
        polling: intake.polling().map(String::from),
        seen: tally.seen + tally.ignored.values().sum::<u64>(),
        done: tally.done,
        failed: tally.failed,
        vanished: tally.vanished,
        pending: pending as u64,
        held: intake.pending().held() as u64,
        ignored: tally.ignored.iter().map(|(&rule, &count)| (rule.to_string(), count)).collect(),
        oldest_pending_seconds: oldest.map(|oldest| now().duration_since(oldest).unwrap_or_default().as_secs_f64()),
        overflows: tally.overflows,
        reloads: shared.in_force.reloads(),
        drift: terms.window.drift(&terms.model),
        paused: shared.pause.why().map(|(why, since)| Paused { why, since: text(since) }),
    }
}

/// Has the writer look for a rotation when its turn comes; tells when it has.
fn reopen(shared: &Shared, handover: &Handover) -> oneshot::Receiver<()> {
    let (done, reopened) = oneshot::channel();
    shared.reopen.lock().unwrap_or_else(PoisonError::into_inner).push(done);
    handover.call();
    reopened
}

/// Puts the configuration and the model into force as they are now.
async fn reload(shared: &Arc<Shared>, mailbox: &Mailbox) -> Result<Result<()>> {
    let reloaded = on_the_side(shared, InForce::reload).await?;
    let shared = Arc::clone(shared);
    mailbox.wish(move |intake| {
        intake.set_quiet(shared.in_force.terms().config.quiet);
        watch_model(intake, &shared);
    });
    Ok(reloaded)
}

/// Tells which paths are worth a hint: a name that is ignored in an inbox is none, unless it is the model's.
fn who_matters(shared: &Arc<Shared>) -> impl Fn(&Path) -> bool + Send + 'static {
    let shared = Arc::clone(shared);
    move |path| {
        let name = path.file_name();
        let is_ignored = || name.is_some_and(|name| ignored_by(name).is_some());
        let is_input = || shared.inboxes.iter().any(|inbox| path.starts_with(inbox.root()));
        let is_model =
            || shared.in_force.terms().config.model.as_deref().is_some_and(|model| model.file_name() == name);
        !is_ignored() || !is_input() || is_model()
    }
}

fn watch_model(intake: &mut Intake, shared: &Shared) {
    if let Some(model) = shared.in_force.terms().config.watched_model() {
        intake.watch_also(folder_of(&model));
    }
}

/// Does something to what is in force away from the event loop: it reads files.
async fn on_the_side<T: Send + 'static>(shared: &Arc<Shared>, work: fn(&InForce) -> T) -> Result<T> {
    let shared = Arc::clone(shared);
    tokio::task::spawn_blocking(move || work(&shared.in_force)).await.map_err(|_| Error::Internal("reload"))
}

/// Leaves a worker where it is.
fn overlong(shared: &Shared, handover: &Handover, worker: usize) -> Error {
    let path = shared.suspects.held_by(worker).unwrap_or_default();
    let seconds = shared.in_force.terms().config.longest.as_secs_f64();
    tracing::error!(path = %path.display(), seconds, "an article in it takes too long; going on without the worker that has it");
    handover.give_up();
    Error::Overlong { path, seconds }
}
