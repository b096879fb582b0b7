//! `disputed reload`: have a running daemon take its configuration and model as they are now.

use disputed::{Result, daemon};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings) -> Result<()> {
    let model = daemon::reload(&settings.daemon(false)?)?;
    print(format!("reloaded: {model} is in force\n"))
}
