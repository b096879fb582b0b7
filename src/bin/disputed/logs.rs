//! Logs: to standard error, for people or as JSON.

use std::io::{self, IsTerminal};

use disputed::{Error, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::settings::{LogFormat, Settings};

/// Starts logging; panics are logged too, because a parser's panic is an answer about its input.
pub(crate) fn start(settings: &Settings) -> Result<()> {
    let filter = filter(settings.log())?;
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colour);
    // The complaint about a standard error that takes no more would go to standard error, and panic there.
    let logs = logs.log_internal_errors(false);
    // The journal has times of its own.
    let in_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    match settings.log_format() {
        LogFormat::Json => logs.json().flatten_event(true).init(),
        LogFormat::Text if in_journal => logs.with_target(false).without_time().init(),
        LogFormat::Text => logs.with_target(false).init(),
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    Ok(())
}

/// The filter in these words. A word alone must be a level: taken for a module's name, a misspelt one would silence all.
fn filter(words: &str) -> Result<EnvFilter> {
    let wrong = |why: String| Error::Config(format!("log is {words:?}: {why}; expected a level such as info"));
    if let Some(word) = words.split(',').find(|word| !word.contains('=') && word.parse::<LevelFilter>().is_err()) {
        return Err(wrong(format!("{word:?} is no level")));
    }
    EnvFilter::try_new(words).map_err(|e| wrong(e.to_string()))
}
