//! `disputed run`: watch drop folders and write one line an article.

use disputed::{Result, daemon};

use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, once: bool) -> Result<()> {
    daemon::run(&settings.daemon(once)?)
}
