//! What happened to a file: the lines that speak of it, and where it stands.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::retry::refused_in;
use crate::daemon::config::{Config, SinkPath};
use crate::daemon::inbox::{HELD, REASON, Refusal, embargo_of, escaped};
use crate::daemon::paths::{files_below, open_plainly, resolved};
use crate::daemon::sink::generations_of;
use crate::error::{Error, Result};
use crate::record::digest_of;

/// What is known of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trace {
    /// The lines that speak of it, oldest first.
    pub lines: Vec<Line>,
    /// Where it stands now, or files that bear its name do.
    pub places: Vec<Place>,
    /// Older generations of the sink that are compressed, and were not looked into.
    pub unread: Vec<String>,
}

/// A line of a sink.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The sink, or what it was rotated to.
    pub sink: String,
    /// The line's number in it, from 1.
    pub line: u64,
    /// The digest of the item's bytes.
    pub id: String,
    /// When it was read, in UTC.
    pub received_at: String,
    /// The inbox and the path in it that it was read from, escaped as in records.
    pub inbox: Option<String>,
    /// The path in the inbox.
    pub path: String,
    /// The file's inode, which stays with it when it is renamed.
    pub inode: Option<u64>,
    /// The article's main topic.
    pub primary: Option<String>,
    /// The id of the record that it takes the place of.
    pub replaces: Option<String>,
}

/// A place where a file stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "place", rename_all = "lowercase")]
pub enum Place {
    /// It waits to be read, or is left alone: `disputed scan --explain` tells which.
    Inbox {
        /// The file, escaped as in records.
        path: String,
    },
    /// Articles of it are under embargo; `NAME.held.json` beside it says which, and until when.
    Embargo {
        /// The file, escaped as in records.
        path: String,
    },
    /// Its line is durable.
    Done {
        /// The file, escaped as in records.
        path: String,
    },
    /// It was refused.
    Failed {
        /// The file, escaped as in records.
        path: String,
        /// Why.
        reason: Failure,
    },
}

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// The stable word for it.
    pub code: String,
    /// What was found.
    pub message: String,
    /// When, in UTC.
    pub when: String,
    /// What a person can do about it.
    pub next: String,
}

impl Trace {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.places.is_empty()
    }
}

/// Looks for a file by its name, its path in the inbox, or the id of its record (`b3:` and some digits or all): in the
/// inboxes, done/, failed/, and the sink with its older generations. It needs no running daemon.
///
/// # Errors
/// An [`Error::Io`] where a folder or a sink cannot be read.
pub fn trace(config: &Config, wanted: &str) -> Result<Trace> {
    let mut trace = Trace::default();
    if let SinkPath::File(sink) = &config.sink {
        for generation in generations_of(&resolved(sink))? {
            let compressed =
                ["gz", "xz", "zst", "bz2"].into_iter().any(|e| generation.extension().is_some_and(|x| x == e));
            if compressed {
                trace.unread.push(escaped(&generation));
            } else {
                trace.lines.extend(lines_of(&generation, wanted)?);
            }
        }
    }
    let known: HashMap<u64, &str> = trace.lines.iter().filter_map(|l| Some((l.inode?, l.id.as_str()))).collect();
    // It may have left under a number; its inode may be another's by now.
    let is_known = |path: &Path| {
        let inode = path.symlink_metadata().ok().map(|m| m.ino());
        inode.and_then(|inode| known.get(&inode)).is_some_and(|id| holds(path, id))
    };
    for inbox in config.standing_inboxes()? {
        let (done, failed) = (resolved(&config.done_of(&inbox)), resolved(&config.failed_of(&inbox)));
        let embargo = embargo_of(&inbox);
        let is_other = |folder: &Path| folder == done || folder == failed || folder == embargo;
        for path in files_below(&embargo, |_| false)?.into_iter().filter(|path| !is_note(path)) {
            if is_named(&path, &embargo, wanted) || holds(&path, wanted) {
                trace.places.push(Place::Embargo { path: escaped(&path) });
            }
        }
        for path in files_below(&inbox, is_other)?.into_iter().filter(|path| !is_reason(path)) {
            if is_named(&path, &inbox, wanted) || holds(&path, wanted) {
                trace.places.push(Place::Inbox { path: escaped(&path) });
            }
        }
        for path in files_below(&done, |_| false)?.into_iter().filter(|path| !is_reason(path)) {
            if is_named(&path, &done, wanted) || is_known(&path) {
                trace.places.push(Place::Done { path: escaped(&path) });
            }
        }
        for refused in refused_in(&failed)? {
            let Refusal { code, message, when, next, source, .. } = refused.reason;
            if is_named(&refused.path, &failed, wanted) || source.path == wanted || holds(&refused.path, wanted) {
                let reason = Failure { code, message, when, next };
                trace.places.push(Place::Failed { path: escaped(&refused.path), reason });
            }
        }
    }
    Ok(trace)
}

/// The lines of one sink that speak of what is wanted.
fn lines_of(sink: &Path, wanted: &str) -> Result<Vec<Line>> {
    #[derive(Deserialize)]
    struct Record {
        id: String,
        received_at: String,
        source: Source,
        primary: Option<String>,
        replaces: Option<String>,
    }
    #[derive(Deserialize)]
    struct Source {
        inbox: Option<String>,
        path: String,
        inode: Option<u64>,
    }
    let mut found = Vec::new();
    let mut reader = BufReader::new(File::open(sink).map_err(Error::io("open the sink", sink))?);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(Error::io("read the sink", sink))? == 0 {
            break;
        }
        let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { continue };
        let Record { id, received_at, source: Source { inbox, path, inode }, primary, replaces } = record;
        let whole = format!("{}/{path}", inbox.as_deref().unwrap_or_default());
        let name = path.rsplit('/').next().unwrap_or_default();
        if is_id(wanted) && id.starts_with(wanted) || [path.as_str(), &whole, name].contains(&wanted) {
            found.push(Line { sink: escaped(sink), line, id, received_at, inbox, path, inode, primary, replaces });
        }
    }
    Ok(found)
}

fn is_id(wanted: &str) -> bool {
    wanted.starts_with("b3:")
}

/// Whether the file's bytes have the wanted id.
fn holds(path: &Path, wanted: &str) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|m| m.is_file());
    is_id(wanted) && is_file && open_plainly(path).and_then(digest_of).is_ok_and(|id| id.starts_with(wanted))
}

fn is_reason(path: &Path) -> bool {
    path.to_string_lossy().ends_with(REASON)
}

fn is_note(path: &Path) -> bool {
    path.to_string_lossy().ends_with(HELD)
}

fn is_named(path: &Path, root: &Path, wanted: &str) -> bool {
    let below = path.strip_prefix(root).unwrap_or(path);
    let name = path.file_name().map(|name| escaped(Path::new(name)));
    escaped(below) == wanted || escaped(path) == wanted || name.as_deref() == Some(wanted)
}
