//! Lines become durable in batches, and only then their inputs leave the inbox.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc::{Receiver, UnboundedSender};

use super::delivery::{Delivery, Order, Outcome, Shared};
use super::inbox::Committed;
use super::intake::{Fate, Key};
use super::log::BATCH;
use super::moves::Moves;
use super::now;
use super::sink::Sink;
use super::stop::Stop;
use crate::error::{Error, Reject, Result};

/// Starts the writer: it ends when all workers have, and everything they handed over is dealt with.
pub(super) fn start_writer(
    shared: Arc<Shared>,
    sink: Sink,
    orders: Receiver<Order>,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
) -> io::Result<JoinHandle<Result<()>>> {
    let mut writer = Writer { shared, sink, fates };
    std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(orders))
}

/// Gathers, writes, syncs, and lets go.
struct Writer {
    shared: Arc<Shared>,
    sink: Sink,
    fates: UnboundedSender<Vec<(Key, Fate)>>,
}

/// How many inputs one batch lets go at most, whatever the size of their lines: each holds a descriptor until then.
const BATCH_INPUTS: usize = 256;

impl Writer {
    fn run(&mut self, mut orders: Receiver<Order>) -> Result<()> {
        let mut lines = Vec::new();
        while let Some(first) = orders.blocking_recv() {
            let mut batch = Vec::new();
            let mut order = Some(first);
            while let Some(next) = order {
                match next {
                    Order::Reopen => {
                        if insist(&self.shared.stop, || self.sink.reopen_if_moved())?.is_none() {
                            return Ok(());
                        }
                    }
                    Order::Deliver(delivery) => {
                        if let Outcome::Line { line, .. } = &delivery.outcome {
                            lines.extend_from_slice(line);
                        }
                        batch.push(*delivery);
                    }
                }
                let room = lines.len() < BATCH && batch.len() < BATCH_INPUTS;
                order = if room { orders.try_recv().ok() } else { None };
            }
            if !self.write(&lines)? {
                return Ok(());
            }
            lines.clear();
            // What comes later must not move the mark past inputs that are still in the inbox.
            if !self.let_go(batch)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Writes the batch; `false` where a stop came before it was durable.
    fn write(&mut self, lines: &[u8]) -> Result<bool> {
        if lines.is_empty() {
            return Ok(true);
        }
        let Writer { sink, shared, .. } = self;
        let written = insist(&shared.stop, || {
            sink.reopen_if_moved()?;
            sink.append(lines, &shared.stop)
        })?;
        Ok(written.is_some())
    }

    /// Moves the inputs of a durable batch out of the inbox, makes the moves durable, and only then moves the mark;
    /// `false` where a stop came before that.
    fn let_go(&mut self, batch: Vec<Delivery>) -> Result<bool> {
        let mut moves = Moves::default();
        let mut fates = Vec::with_capacity(batch.len());
        for Delivery { job, outcome } in batch {
            let inbox = &self.shared.inboxes[job.key.inbox];
            let fate = match outcome {
                Outcome::None(fate) => fate,
                Outcome::Line { claim, id, .. } => {
                    let finish = || inbox.finish(&claim, &id, &mut moves);
                    let Some(committed) = insist(&self.shared.stop, finish)? else { return Ok(false) };
                    fate_of(committed, Some(id))
                }
                Outcome::Refused { claim, reject } => {
                    let path = inbox.root().join(&claim.path);
                    tracing::warn!(path = %path.display(), code = %reject.code, reason = reject.message, "refused");
                    let reason = self.reason(&reject, job.attempts);
                    let refuse = || inbox.refuse(&claim, &reason, &mut moves);
                    let Some(committed) = insist(&self.shared.stop, refuse)? else { return Ok(false) };
                    fate_of(committed, None)
                }
            };
            fates.push((job.key, fate));
        }
        let settle = || moves.sync().and_then(|()| self.sink.mark());
        if insist(&self.shared.stop, settle)?.is_none() {
            return Ok(false);
        }
        // The receiver is gone only when the daemon has given up already.
        let _ = self.fates.send(fates);
        Ok(true)
    }

    fn reason(&self, reject: &Reject, attempts: u32) -> Vec<u8> {
        #[derive(Serialize)]
        struct Reason<'a> {
            code: &'a str,
            message: &'a str,
            when: String,
            attempts: u32,
            model: &'a str,
            next: &'a str,
        }
        let model = self.shared.model.current();
        let reason = Reason {
            code: reject.code.as_str(),
            message: &reject.message,
            when: humantime::format_rfc3339_millis(now()).to_string(),
            attempts: attempts + 1,
            model: model.id(),
            next: reject.code.next_step(),
        };
        let mut json = serde_json::to_vec_pretty(&reason).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

/// Tries again for as long as the disk refuses, and gives `None` where a stop comes first: a full disk or a folder that
/// is gone may heal, and what is in hand must not be lost for it. While this waits the queues fill, and intake pauses.
///
/// # Errors
/// Where nobody will ever read what we write: whoever started us has to decide what comes next.
fn insist<T>(stop: &Stop, mut attempt: impl FnMut() -> Result<T>) -> Result<Option<T>> {
    const PAUSE: Duration = Duration::from_secs(1);
    let mut failing = false;
    loop {
        match attempt() {
            Ok(value) => {
                if failing {
                    tracing::info!("that works again; going on");
                }
                return Ok(Some(value));
            }
            Err(Error::Io { source, doing, path }) if source.kind() == io::ErrorKind::BrokenPipe => {
                return Err(Error::Io { source, doing, path });
            }
            Err(_) if stop.is_wished() => return Ok(None),
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "intake pauses until this works");
                }
                failing = true;
                stop.wait(PAUSE);
            }
        }
    }
}

fn fate_of(committed: Committed, id: Option<String>) -> Fate {
    match committed {
        Committed::Moved | Committed::Vanished => Fate::Gone,
        Committed::Changed => Fate::Changed(id),
    }
}
