//! `disputed trace`: what happened to a file.

use std::fmt::Write;

use disputed::daemon::{self, Place, RefusedArticle, Trace};
use disputed::{Error, Result};

use crate::args::Format;
use crate::print::{print, print_json};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, wanted: &str, format: Format) -> Result<()> {
    let trace = daemon::trace(&settings.daemon(false)?, wanted)?;
    match format {
        Format::Table => print(table(&trace))?,
        Format::Json => print_json(&trace)?,
    }
    if trace.is_empty() {
        return Err(Error::io("find", wanted)(std::io::ErrorKind::NotFound.into()));
    }
    Ok(())
}

fn table(trace: &Trace) -> String {
    let mut text = String::new();
    for line in &trace.lines {
        let place = format!("{}:{}", line.sink, line.line);
        let primary = line.primary.as_deref().unwrap_or("no topic");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} line    {place} of {} ({primary}, {})", line.received_at, line.path, line.id);
        if let Some(replaces) = &line.replaces {
            let _ = writeln!(text, "{:>24} it takes the place of the record {replaces}", "");
        }
    }
    for place in &trace.places {
        let _ = match place {
            Place::Inbox { path } => writeln!(text, "{:>24} inbox   {}", "", path),
            Place::Embargo { path } => writeln!(text, "{:>24} embargo {}", "", path),
            Place::Done { path } => writeln!(text, "{:>24} done    {}", "", path),
            Place::Failed { path, reason } => writeln!(
                text,
                "{} failed  {}: {} ({}); {}",
                reason.when, path, reason.message, reason.code, reason.next
            ),
        };
        if let Place::Failed { reason, .. } = place {
            for RefusedArticle { item, code, message } in &reason.articles {
                let _ = writeln!(text, "{:>24} article {item}: {message} ({code})", "");
            }
        }
    }
    for path in &trace.unread {
        let _ = writeln!(text, "{:>24} not looked into: {}", "", path);
    }
    text
}
