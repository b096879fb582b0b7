//! `disputed run`: watch drop folders and write one line an article.

use std::path::PathBuf;

use disputed::{Result, daemon};

use crate::settings::{Layer, Settings};

/// What was typed stays as it was; the environment cannot change; the configuration file is read again at each reload.
pub(crate) fn run(options: Layer, config: Option<PathBuf>, once: bool) -> Result<()> {
    daemon::run(move || Settings::gather(options.clone(), config.as_deref())?.daemon(once))
}
