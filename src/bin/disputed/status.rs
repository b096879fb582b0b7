//! `disputed status`: how a running daemon fares.

use std::fmt::Write;

use disputed::daemon::{self, Mode, Status};
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
    text
}
