//! `disputed run`: watch drop folders and write one line an article.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use disputed::{Error, Result, daemon};

use crate::settings::{Layer, Settings};

/// What was typed stays as it was; the environment cannot change; the configuration file is read again at each reload.
pub(crate) fn run(options: Layer, config: Option<PathBuf>, once: bool) -> Result<()> {
    let ended = daemon::run(move || Settings::gather(options.clone(), config.as_deref())?.daemon(once));
    match ended {
        Err(error @ Error::Overlong { .. }) => {
            tracing::warn!(%error, "beginning anew");
            Err(Error::io("start", "/proc/self/exe")(begin_anew()))
        }
        ended => ended,
    }
}

/// Takes the place of this process, and with it of the thread that cannot be ended: the process keeps its number, so that
/// whoever watches over it sees nothing of this. It returns only where that fails.
fn begin_anew() -> io::Error {
    let mut args = std::env::args_os();
    let name = args.next().unwrap_or_default();
    // The program that runs, even where another was installed in its place meanwhile.
    Command::new("/proc/self/exe").arg0(name).args(args).exec()
}
