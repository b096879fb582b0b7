//! What happened to a file: the lines that speak of it, and where it stands.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::retry::{refused_articles_in, refused_in};
use super::sought::Sought;
use crate::daemon::config::{Config, SinkPath};
use crate::daemon::inbox::{HELD, REASON, Refusal, RefusedArticle, embargo_of, escaped};
use crate::daemon::paths::{files_below, resolved};
use crate::daemon::sink::generations_of;
use crate::error::{Error, Result};

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
    /// The digest of the article's bytes.
    pub id: String,
    /// Which article of the file it is of, from 0.
    pub item: u32,
    /// The digest of the file's bytes.
    pub digest: String,
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
    /// It was refused, or articles of it were, while the others have lines.
    Failed {
        /// The file, escaped as in records; where only articles of it were refused, the note that names them.
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
    /// The articles that were refused, where the others of the file have lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<RefusedArticle>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        let Refusal { code, message, when, next, articles, .. } = refusal;
        Failure { code, message, when, next, articles }
    }
}

impl Trace {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.places.is_empty()
    }
}

/// Looks for a file by its name, its path in the inbox, the id of a record of it, or the digest of its bytes (`b3:` and
/// some digits or all): in the inboxes, done/, failed/, and the sink with its older generations. It needs no running
/// daemon.
///
/// Where lines speak of it, it is known by their digest wherever it stands, also under another name. A file that no line
/// speaks of is looked for by its own digest in every file that may have none yet.
///
/// # Errors
/// An [`Error::Io`] where a folder or a sink cannot be read.
pub fn trace(config: &Config, wanted: &str) -> Result<Trace> {
    let mut trace = Trace::default();
    let mut sought = Sought::new(wanted);
    if let SinkPath::File(sink) = &config.sink {
        for generation in generations_of(&resolved(sink))? {
            let compressed =
                ["gz", "xz", "zst", "bz2"].into_iter().any(|e| generation.extension().is_some_and(|x| x == e));
            if compressed {
                trace.unread.push(escaped(&generation));
            } else {
                trace.lines.extend(lines_of(&generation, &mut sought)?);
            }
        }
    }
    for inbox in config.standing_inboxes()? {
        let (done, failed) = (resolved(&config.done_of(&inbox)), resolved(&config.failed_of(&inbox)));
        let embargo = embargo_of(&inbox);
        let is_other = |folder: &Path| folder == done || folder == failed || folder == embargo;
        for path in files_below(&embargo, |_| false)?.into_iter().filter(|path| !is_note(path)) {
            if sought.is_at(&path, &embargo) || sought.is_new_at(&path) {
                trace.places.push(Place::Embargo { path: escaped(&path) });
            }
        }
        for path in files_below(&inbox, is_other)?.into_iter().filter(|path| !is_reason(path)) {
            if sought.is_at(&path, &inbox) || sought.is_new_at(&path) {
                trace.places.push(Place::Inbox { path: escaped(&path) });
            }
        }
        // What has left for done/ has a line, and is known by that.
        for path in files_below(&done, |_| false)?.into_iter().filter(|path| !is_reason(path)) {
            if sought.is_at(&path, &done) {
                trace.places.push(Place::Done { path: escaped(&path) });
            }
        }
        for refused in refused_in(&failed)? {
            let came_as_it = sought.came_as(Some(&refused.reason.source.inbox), &refused.reason.source.path);
            if came_as_it || sought.is_at(&refused.path, &failed) || sought.is_new_at(&refused.path) {
                trace.places.push(Place::Failed { path: escaped(&refused.path), reason: refused.reason.into() });
            }
        }
        for refused in refused_articles_in(&failed)? {
            let source = &refused.reason.source;
            let came_as_it = sought.came_as(Some(&source.inbox), &source.path);
            if came_as_it || sought.is_named(&refused.note, &failed) || sought.begins_with(&refused.digest) {
                trace.places.push(Place::Failed { path: escaped(&refused.note), reason: refused.reason.into() });
            }
        }
    }
    Ok(trace)
}

/// The lines of one sink that speak of what is sought, which is told of their files.
fn lines_of(sink: &Path, sought: &mut Sought) -> Result<Vec<Line>> {
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
        item: u32,
        bytes: u64,
        digest: String,
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
        let Ok(Record { id, received_at, source, primary, replaces }) = serde_json::from_slice(&bytes) else {
            continue;
        };
        let Source { inbox, path, item, bytes, digest, inode } = source;
        if sought.has_digest(&id) || sought.has_digest(&digest) || sought.came_as(inbox.as_deref(), &path) {
            sought.know(bytes, &digest, &path, inode);
            let sink = escaped(sink);
            found.push(Line { sink, line, id, item, digest, received_at, inbox, path, inode, primary, replaces });
        }
    }
    Ok(found)
}

fn is_reason(path: &Path) -> bool {
    path.to_string_lossy().ends_with(REASON)
}

fn is_note(path: &Path) -> bool {
    path.to_string_lossy().ends_with(HELD)
}
