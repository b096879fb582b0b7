//! `disputed retry`: refused files go back into their inbox.

use std::path::PathBuf;

use disputed::Result;
use disputed::daemon::{self, escaped};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, names: &[PathBuf]) -> Result<()> {
    let moved = daemon::retry(&settings.daemon(false)?, names)?;
    print(moved.iter().map(|path| escaped(path) + "\n").collect::<String>())
}
