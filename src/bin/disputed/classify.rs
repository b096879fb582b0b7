//! `disputed classify`: label files, or standard input.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use disputed::daemon::{answer, escaped, origin};
use disputed::read::Input;
use disputed::{Error, Labelled, Origin, Result, label_each};

use crate::print::print;
use crate::settings::Settings;

/// Writes one line an article. What is refused is named on standard error; the others are labelled all the same. With
/// `apart`, as a daemon asks that does not trust a file, every article has its answer there.
pub(crate) fn run(settings: &Settings, files: &[PathBuf], inbox: Option<&Path>, apart: bool) -> Result<()> {
    let model = settings.model()?;
    let limits = settings.limits();
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input[..] } else { files };
    let mut refused = None;
    let mut refuse = |error| {
        if let Some(earlier) = refused.replace(error) {
            tracing::error!("{earlier}");
        }
    };
    if apart {
        // From here on it is the articles that take time.
        print("\n")?;
    }
    for path in files {
        let (contents, origin) = match Contents::open(path, inbox, limits.bytes) {
            Ok(read) => read,
            Err(error) => {
                refuse(error);
                continue;
            }
        };
        let of_input = |reject| Error::Input { path: path.clone(), reject };
        let mut printed = Ok(());
        let mut item = 0;
        let whole = label_each(contents.input(), origin, &model, &limits, now(), &mut |labelled| {
            if apart {
                let said = answer(labelled, item, settings.text());
                printed = std::mem::replace(&mut printed, Ok(())).and_then(|()| print(said));
                item += 1;
                return;
            }
            match labelled {
                Labelled::Article { record, .. } if printed.is_ok() => {
                    printed = print(if settings.text() { record } else { record.without_text() }.line());
                }
                Labelled::Article { .. } => {}
                // Nothing that was labelled before is remembered here, and nothing waits.
                Labelled::Notice { reject, .. } | Labelled::Held { reject, .. } | Labelled::Refused(reject) => {
                    refuse(of_input(reject.of_item(item)));
                }
            }
            item += 1;
        });
        printed?;
        whole.unwrap_or_else(|reject| refuse(of_input(reject)));
    }
    refused.map_or(Ok(()), Err)
}

/// What is labelled: bytes in memory, or a file of more than may be there.
enum Contents {
    Bytes(Vec<u8>),
    File(File),
}

impl Contents {
    fn open(path: &Path, inbox: Option<&Path>, limit: u64) -> Result<(Contents, Origin)> {
        if path == Path::new("-") {
            return read(path, inbox, limit).map(|(bytes, origin)| (Contents::Bytes(bytes), origin));
        }
        let (file, metadata) = open(path)?;
        let is_stream = metadata.is_file() && metadata.len() > limit;
        let contents = if is_stream { Contents::File(file) } else { Contents::Bytes(bytes_of(file, path, limit)?) };
        Ok((contents, origin_of(path, inbox, &metadata)))
    }

    fn input(&self) -> Input<'_> {
        match self {
            Contents::Bytes(bytes) => Input::Bytes(bytes),
            Contents::File(file) => Input::Stream(Box::new(file)),
        }
    }
}

/// The bytes of a file, or of standard input; one more than the limit is enough to know that there are too many.
pub(crate) fn read(path: &Path, inbox: Option<&Path>, limit: u64) -> Result<(Vec<u8>, Origin)> {
    if path == Path::new("-") {
        let bytes = bytes_of(io::stdin().lock(), Path::new("standard input"), limit)?;
        return Ok((bytes, Origin { path: escaped(path), ..Origin::default() }));
    }
    let (file, metadata) = open(path)?;
    Ok((bytes_of(file, path, limit)?, origin_of(path, inbox, &metadata)))
}

fn open(path: &Path) -> Result<(File, Metadata)> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let metadata = file.metadata().map_err(Error::io("look at", path))?;
    Ok((file, metadata))
}

fn bytes_of(reader: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// A file in the inbox is named by its path there.
fn origin_of(path: &Path, inbox: Option<&Path>, metadata: &Metadata) -> Origin {
    let below = inbox.and_then(|inbox| Some((inbox, path.strip_prefix(inbox).ok()?)));
    match below {
        Some((inbox, below)) => origin(Some(inbox), below, metadata),
        None => origin(None, path, metadata),
    }
}

#[expect(clippy::disallowed_methods, reason = "the program has a clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
