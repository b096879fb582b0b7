//! `disputed classify`: label files, or standard input.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use disputed::daemon::escaped;
use disputed::{Error, Origin, Result, label};

use crate::print::print;
use crate::settings::Settings;

/// Writes one line a file. A file that is refused is named on standard error; the others are labelled all the same.
pub(crate) fn run(settings: &Settings, files: &[PathBuf], inbox: Option<&Path>) -> Result<()> {
    let model = settings.model()?;
    let limits = settings.limits();
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input[..] } else { files };
    let mut refused = None;
    for path in files {
        let labelled = read(path, limits.bytes).and_then(|(bytes, mut origin)| {
            if let Some((inbox, path)) = inbox.and_then(|inbox| Some((inbox, path.strip_prefix(inbox).ok()?))) {
                (origin.inbox, origin.path) = (Some(escaped(inbox)), escaped(path));
            }
            label(&bytes, origin, &model, &limits, now()).map_err(|reject| Error::Input { path: path.clone(), reject })
        });
        match labelled {
            Ok(record) => print(if settings.text() { record } else { record.without_text() }.line())?,
            Err(error) => {
                if let Some(earlier) = refused.replace(error) {
                    tracing::error!("{earlier}");
                }
            }
        }
    }
    refused.map_or(Ok(()), Err)
}

/// The bytes of a file, or of standard input; one more than the limit is enough to know that there are too many.
pub(crate) fn read(path: &Path, limit: u64) -> Result<(Vec<u8>, Origin)> {
    let mut bytes = Vec::new();
    let mut origin = Origin { path: escaped(path), ..Origin::default() };
    if path == Path::new("-") {
        let read = io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(Error::io("read", "standard input"))?;
        return Ok((bytes, origin));
    }
    let file = File::open(path).map_err(Error::io("open", path))?;
    let metadata = file.metadata().map_err(Error::io("look at", path))?;
    if let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(metadata.ctime()), u32::try_from(metadata.ctime_nsec())) {
        let changed = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        origin.inode = Some(metadata.ino());
        origin.ctime = Some(humantime::format_rfc3339_nanos(changed).to_string());
    }
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok((bytes, origin))
}

#[expect(clippy::disallowed_methods, reason = "the program has a clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
