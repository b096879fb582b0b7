//! The event loop: it waits for everything, and touches no file itself.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use sd_notify::NotifyState;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use super::answers::{Door, Mode, Paused, Question, Reloaded, Status};
use super::clock::now;
use super::delivery::{Order, Shared};
use super::event::Event;
use super::intake::{Intake, Job, Key};
use super::kept::{Kept, Version};
use super::reload::InForce;
use super::service::{Signals, tell_systemd};
use super::sink::Sink;
use super::watch::{Hint, Watch};
use super::worker::start_workers;
use super::writer::start_writer;
use crate::durable::folder_of;
use crate::error::{Error, Result};
use crate::record::json_line;

/// How often everything is looked at again, whatever the events said.
const SCAN: Duration = Duration::from_secs(60);

/// The same, where there are no events.
const POLL: Duration = Duration::from_secs(1);

/// Jobs and orders that wait between two threads at most: enough to keep them busy, few enough to stop at once.
const QUEUE: usize = 256;

/// How long a reload waits for the sink to be opened anew.
const REOPEN: Duration = Duration::from_secs(10);

/// A run that ends when all is worked looks so often for what it cannot see.
const BLIND_SCANS: u32 = 6;

/// Hints that wait at most; what comes on top is found by a look at everything.
const HINTS: usize = 16 * 1024;

/// What the loop is handed to start with.
pub(crate) struct Start {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sink: Sink,
    pub(crate) kept: Kept,
    /// What stays in the inboxes although it is done with.
    pub(crate) stays: HashMap<Key, Version>,
    pub(crate) state: PathBuf,
    /// How many descriptors we may have.
    pub(crate) descriptors: usize,
}

/// Runs until a stop is wished, or, with `once`, until what is there is worked.
pub(crate) async fn conduct(start: Start) -> Result<()> {
    let Start { shared, sink, kept, stays, state, descriptors } = start;
    let started = |what| Error::io("start", what);
    let terms = shared.in_force.terms();
    let once = terms.config.once;
    let (hints_to_us, mut hints) = mpsc::channel(HINTS);
    let (fates_to_us, mut fates) = mpsc::unbounded_channel();
    let (asked_to_us, mut asked) = mpsc::channel(1);
    let (jobs, jobs_to_do) = mpsc::channel::<Job>(QUEUE);
    // Each delivery holds a descriptor, in the queue and in the writer's batch; the rest is for everything else.
    let deliveries = (descriptors.saturating_sub(48) / 3).clamp(1, QUEUE);
    let (orders, orders_to_do) = sync_channel(deliveries);
    let mut signals = Signals::listen()?;
    let _door = Door::open(&state, asked_to_us)?;
    let workers = start_workers(&shared, jobs_to_do, &orders).map_err(started("the workers"))?;
    let writer = start_writer(Arc::clone(&shared), sink, kept, deliveries, orders_to_do, fates_to_us);
    let writer = writer.map_err(started("the writer"))?;

    let watch = if once { Watch::none() } else { Watch::start(hints_to_us) };
    let mut intake = Intake::new(Arc::clone(&shared.inboxes), state, watch, terms.config.quiet, stays);
    watch_model(&mut intake, &shared);
    intake.watch_roots();
    drop(terms);
    let since = now();
    say_ready(&shared, &intake);

    let mut watchdog = interval(sd_notify::watchdog_enabled().map_or(SCAN, |patience| patience / 3));
    watchdog.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_scan = Instant::now();
    let (mut scanned, mut blind_scans) = (false, 0);
    let mut next = None;
    let broken = loop {
        next = next.or_else(|| intake.next());
        if intake.polling().is_some() {
            // Watches may have run out just now, and the next slow scan may be a minute away.
            next_scan = next_scan.min(Instant::now() + POLL);
        }
        if once && scanned && next.is_none() && intake.is_idle() {
            intake = step(&mut watchdog, intake, Intake::look_back).await?;
            if intake.is_idle() {
                break false;
            }
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
            fates = fates.recv() => fates.map_or(Event::Broken, Event::Fates),
            1.. = hints.recv_many(&mut seen, QUEUE) => Event::Hints(seen),
            Some(asked) = asked.recv() => Event::Asked(asked),
            () = sleep(due.unwrap_or(SCAN)), if due.is_some() => Event::Due,
            () = sleep_until(next_scan), if !(once && scanned) => Event::Scan,
            _ = watchdog.tick() => Event::Watchdog,
        };
        match event {
            Event::Stop => break false,
            Event::Broken => break true,
            // A worker that panicked outside a parser has its job in hand for ever.
            Event::Watchdog if workers.iter().any(JoinHandle::is_finished) => break true,
            Event::Watchdog => tell_systemd(NotifyState::Watchdog),
            Event::Reload => {
                // Whether it was refused is in the log, which is all the answer that a signal has.
                reopen(&shared, &orders);
                let _ = reload(&shared, &mut intake).await?;
            }
            Event::Asked((Question::Status, answer)) => {
                // Who asked may be gone.
                let _ = answer.send(json_line(&status(&shared, &intake, since)));
            }
            Event::Asked((Question::Reload, answer)) => {
                let reopened = reopen(&shared, &orders);
                let refused = reload(&shared, &mut intake).await?.err().map(|error| error.to_string());
                let reloaded = Reloaded { model: shared.in_force.terms().model.id().to_string(), refused };
                tokio::spawn(async move {
                    // A writer that is paused opens it anew when it goes on; nobody has to wait for that.
                    let _ = timeout(REOPEN, reopened).await;
                    let _ = answer.send(json_line(&reloaded));
                });
            }
            Event::Hints(hints) => {
                let model = shared.in_force.terms().config.watched_model();
                if model.is_some_and(|model| hints.contains(&Hint::Finished(model))) {
                    on_the_side(&shared, InForce::reload_model_if_changed).await?;
                }
                intake = step(&mut watchdog, intake, move |intake, now| intake.look_at(hints, now)).await?;
            }
            Event::Fates(fates) => {
                intake = step(&mut watchdog, intake, move |intake, now| intake.settle_fates(fates, now)).await?
            }
            Event::Due => intake = step(&mut watchdog, intake, Intake::look_at_due).await?,
            Event::Scan => {
                intake = step(&mut watchdog, intake, Intake::scan).await?;
                let soon = intake.polling().is_some() || !intake.saw_all();
                next_scan = Instant::now() + if soon { POLL } else { SCAN };
                if scanned {
                    on_the_side(&shared, InForce::reload_model_if_changed).await?;
                }
                blind_scans = if intake.saw_all() { 0 } else { blind_scans + 1 };
                // What could not be seen may be seen soon; who waits for the end of a run is told if not.
                scanned |= blind_scans == 0 || blind_scans >= BLIND_SCANS;
            }
        }
    };

    tell_systemd(NotifyState::Stopping);
    shared.stop.wish();
    drop((jobs, orders));
    // The writer ends when the workers have, and drops its end then.
    while let Some(last) = fates.recv().await {
        intake = step(&mut watchdog, intake, move |intake, now| intake.settle_fates(last, now)).await?;
    }
    intake = step(&mut watchdog, intake, Intake::look_back).await?;
    let ended = tokio::task::spawn_blocking(move || writer.join()).await;
    ended.map_err(|_| Error::Internal("writer"))?.map_err(|_| Error::Internal("writer"))??;
    let Status { seen, done, failed, vanished, pending, ignored, .. } = status(&shared, &intake, since);
    tracing::info!(seen, done, failed, vanished, pending, ignored = ignored.values().sum::<u64>(), "stopped");
    if once && blind_scans >= BLIND_SCANS {
        return Err(Error::Unseen);
    }
    if broken { Err(Error::Internal("pipeline")) } else { Ok(()) }
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
    tracing::info!(inboxes = shared.inboxes.len(), model = shared.in_force.terms().model.id(), mode, "ready");
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
        ignored: tally.ignored.iter().map(|(&rule, &count)| (rule.to_string(), count)).collect(),
        oldest_pending_seconds: oldest.map(|oldest| now().duration_since(oldest).unwrap_or_default().as_secs_f64()),
        overflows: tally.overflows,
        reloads: shared.in_force.reloads(),
        drift: terms.window.drift(&terms.model),
        paused: shared.pause.why().map(|(why, since)| Paused { why, since: text(since) }),
    }
}

/// Has the writer look for a rotation when its turn comes; tells when it has.
fn reopen(shared: &Shared, orders: &SyncSender<Order>) -> oneshot::Receiver<()> {
    let (done, reopened) = oneshot::channel();
    shared.reopen.lock().unwrap_or_else(PoisonError::into_inner).push(done);
    // A full queue wakes the writer as well.
    let _ = orders.try_send(Order::Reopen);
    reopened
}

/// Puts the configuration and the model into force as they are now.
async fn reload(shared: &Arc<Shared>, intake: &mut Intake) -> Result<Result<()>> {
    let reloaded = on_the_side(shared, InForce::reload).await?;
    intake.set_quiet(shared.in_force.terms().config.quiet);
    watch_model(intake, shared);
    Ok(reloaded)
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
