//! `disputed status`: how a running daemon fares.

use std::fmt::Write;

use disputed::daemon::{self, Drift, Mode, Status};
use disputed::model::Shift;
use disputed::{Error, Result};

use crate::args::Format;
use crate::print::{print, print_json};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, format: Format) -> Result<()> {
    let status = daemon::status(&settings.daemon(false)?)?;
    match format {
        Format::Table => print(table(&status))?,
        Format::Json => print_json(&status)?,
    }
    status.paused.map_or(Ok(()), |paused| Err(Error::Paused { why: paused.why }))
}

fn table(status: &Status) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<16} {value}");
    };
    let mode = match status.mode {
        Mode::Inotify => "inotify".into(),
        Mode::Polling => format!("polling: {}", status.polling.as_deref().unwrap_or("no events")),
        Mode::Once => "once".into(),
    };
    let paused = status.paused.as_ref().map(|p| format!("PAUSED since {}: {}", p.since, p.why));
    row("state", paused.as_deref().unwrap_or("running"));
    row("process", &format!("{} since {}", status.pid, status.since));
    row("model", &status.model);
    row("mode", &mode);
    for (name, count) in [
        ("seen", status.seen),
        ("done", status.done),
        ("failed", status.failed),
        ("vanished", status.vanished),
        ("pending", status.pending),
        ("held", status.held),
    ] {
        row(name, &count.to_string());
    }
    for (rule, count) in &status.ignored {
        row("ignored", &format!("{count} by {rule}"));
    }
    if let Some(seconds) = status.oldest_pending_seconds {
        row("oldest pending", &format!("{seconds:.1} s"));
    }
    row("overflows", &status.overflows.to_string());
    row("reloads", &status.reloads.to_string());
    let drift = &status.drift;
    row("drift", drift.untold.as_deref().unwrap_or(&figures(drift)));
    if let Some(shift) = &drift.shift {
        row("retraining", &advice(drift, shift));
    }
    text
}

/// How far the stream has drifted.
fn figures(drift: &Drift) -> String {
    let Some(Shift { labels, unknown, scores, lengths }) = drift.shift else { return String::new() };
    format!(
        "labels {labels:.2}, unknown {unknown:.2}, scores {scores:.2}, lengths {lengths:.2}: {} paragraphs of {} articles",
        drift.paragraphs, drift.articles
    )
}

/// What to do about it.
fn advice(drift: &Drift, shift: &Shift) -> String {
    let watched = shift.over(Shift::WATCH);
    if drift.retrain {
        let (over, limit) = (drift.over.join(", "), Shift::RETRAIN);
        format!(
            "DUE, {over} above {limit}: label articles of this stream, add them to the corpus, then `disputed train`"
        )
    } else if watched.is_empty() {
        "not due".into()
    } else {
        format!("not due; watch {}, above {}", watched.join(", "), Shift::WATCH)
    }
}
