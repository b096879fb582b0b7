//! `disputed check`: could `run` start?

use disputed::{Result, daemon};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings) -> Result<()> {
    daemon::check(&settings.daemon(false)?)?;
    print("the configuration is sound: folders, sink and model can be used\n")
}
