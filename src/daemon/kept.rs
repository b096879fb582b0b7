//! The memory of inputs that stay in their inbox although there is a line of them, because that is asked for or because
//! there is more to read in them: one file for all.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::begun::Begun;
use super::inbox::{Identity, Inbox, escaped, unescaped};
use super::intake::Key;
use super::item_set::ItemSet;
use super::paths::is_gone;
use crate::durable::{folder_of, replace_own, sync_folder};
use crate::error::{Error, Result};
use crate::record::json_line;

/// The file in the state folder that a line is added to for every input that stays.
pub(crate) struct Kept {
    path: PathBuf,
    end: Mutex<End>,
}

/// Where the next line goes.
struct End {
    /// Open from the first input on that stays.
    file: Option<File>,
    /// How much of the file is whole: what a failed write left after it is written over.
    at: u64,
}

/// A version of a file that there are lines of, and that stands in its inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) identity: Identity,
    /// The digest of its bytes.
    pub(crate) id: String,
    /// The articles that are dealt with, where these may not be all: they have their lines, or were refused.
    pub(crate) begun: Option<ItemSet>,
    /// Whether some were refused, so that it is not deleted: nothing else has them.
    pub(crate) has_refused: bool,
}

impl Version {
    /// One whose articles are all dealt with.
    pub(crate) fn whole(identity: Identity, id: String) -> Version {
        Version { identity, id, begun: None, has_refused: false }
    }

    /// The same version, as one that nothing is known of any more: it is read as if for the first time.
    pub(crate) fn forgotten(identity: Identity, id: String) -> Version {
        Version { begun: Some(ItemSet::default()), ..Version::whole(identity, id) }
    }

    fn is_forgotten(&self) -> bool {
        self.begun.as_ref().is_some_and(ItemSet::is_empty)
    }

    /// Whether all that is dealt with in the other is dealt with in this one.
    pub(crate) fn covers(&self, other: &Version) -> bool {
        match (&self.begun, &other.begun) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => ours.and(theirs) == *ours,
        }
    }

    /// This version of the file, where what is dealt with in the other is dealt with too.
    #[must_use]
    pub(crate) fn and(&self, other: &Version) -> Version {
        let begun = self.begun.as_ref().zip(other.begun.as_ref()).map(|(ours, theirs)| ours.and(theirs));
        Version { begun, has_refused: self.has_refused || other.has_refused, ..self.clone() }
    }

    /// This version of the file, where what an earlier reading of the same bytes dealt with is dealt with too.
    #[must_use]
    pub(crate) fn going_on_from(self, earlier: Option<&Version>) -> Version {
        match earlier.filter(|earlier| earlier.id == self.id && earlier.begun.is_some()) {
            Some(earlier) => self.and(earlier),
            None => self,
        }
    }

    /// Whether this is the file, and all of it has lines.
    pub(crate) fn is_done_with(&self, file: &Identity) -> bool {
        self.begun.is_none() && self.identity.same_version(file)
    }
}

/// One line: a version of a file.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    inbox: String,
    path: String,
    inode: u64,
    bytes: u64,
    /// Nanoseconds since 1970.
    mtime: i128,
    /// When the file was made, where that is known: the same.
    #[serde(default)]
    born: Option<i128>,
    id: String,
    /// The articles that are dealt with; all where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<ItemSet>,
    /// Whether some of them were refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    refused: bool,
}

/// The lines of the file in that state folder; what is no whole line in it is left out.
pub(crate) fn read(state: &Path) -> Result<Vec<Line>> {
    let path = file_in(state);
    let bytes = match std::fs::read(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        bytes => bytes.map_err(Error::io("read", &path))?,
    };
    Ok(bytes.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

fn file_in(state: &Path) -> PathBuf {
    state.join("kept.jsonl")
}

/// So many files that were begun, and do not stand where they did, are remembered from run to run.
const MOST_ELSEWHERE: usize = 1000;

impl Kept {
    /// Reads the file and writes it anew without what has gone meanwhile; what had been begun of that may stand under
    /// another name. What is no whole line in it is left out: then its input is read again.
    pub(crate) fn open(state: &Path, inboxes: &[Inbox]) -> Result<(Kept, HashMap<Key, Version>, Begun)> {
        let path = file_in(state);
        let (mut kept, mut begun) = (HashMap::new(), Begun::default());
        let (mut whole, mut gone, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
        for line in read(state)? {
            let Some(inbox) = inboxes.iter().position(|inbox| escaped(inbox.root()) == line.inbox) else {
                // Its inbox may be watched again by the next run.
                whole.extend(json_line(&line));
                continue;
            };
            let below = unescaped(&line.path);
            match Identity::at(&inboxes[inbox].root().join(&below)) {
                Ok(standing) if line.is_at(&standing) || line.is_earlier(&standing) => {
                    let identity = line.identity(&standing);
                    let version = line.version(identity);
                    let key = Key { inbox, path: Arc::from(below) };
                    begun.forget(&standing);
                    if version.begun.is_some() && !version.is_forgotten() {
                        // It may be renamed before it is read on.
                        begun.note(&key, &version);
                    }
                    kept.insert(key, version);
                }
                Ok(_) => {
                    line.note_begun(&mut begun);
                    elsewhere.push(line);
                }
                Err(e) if is_gone(&e) => {
                    line.note_begun(&mut begun);
                    gone.push((inbox, line));
                }
                // What cannot be looked at has not gone.
                Err(e) => return Err(Error::io("look at", inboxes[inbox].root().join(&below))(e)),
            }
        }
        // Where nothing of an inbox stands, its disk may not have been mounted yet.
        for (inbox, line) in gone {
            if kept.keys().any(|key| key.inbox == inbox) {
                elsewhere.push(line);
            } else {
                whole.extend(json_line(&line));
            }
        }
        // What was begun may stand under another name, which is found out when it is read. Most of these were taken away.
        let is_last = |line: &Line| begun.of(&line.left()).is_some_and(|(_, last)| last.begun == line.items);
        elsewhere.retain(is_last);
        let oldest = elsewhere.len().saturating_sub(MOST_ELSEWHERE);
        whole.extend(elsewhere.iter().skip(oldest).flat_map(json_line));
        kept.retain(|_, version| !version.is_forgotten());
        for (key, version) in &kept {
            whole.extend(json_line(&Line::new(&inboxes[key.inbox], &key.path, version)));
        }
        if path.exists() {
            replace_own(&path, &whole)?;
        }
        let end = End { file: None, at: whole.len() as u64 };
        Ok((Kept { path, end: Mutex::new(end) }, kept, begun))
    }

    /// Remembers inputs, durably.
    ///
    /// # Errors
    /// What the system says; nothing counts as remembered then, and it may be tried again.
    pub(crate) fn remember<'a>(
        &self,
        inboxes: &[Inbox],
        inputs: impl Iterator<Item = (&'a Key, &'a Version)>,
    ) -> Result<()> {
        let lines: Vec<u8> =
            inputs.flat_map(|(key, version)| json_line(&Line::new(&inboxes[key.inbox], &key.path, version))).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let End { file, at } = &mut *end;
        let file = match file {
            Some(file) => file,
            none => {
                let file = File::options().create(true).truncate(false).write(true).open(&self.path);
                let file = file.map_err(Error::io("open", &self.path))?;
                sync_folder(folder_of(&self.path))?;
                none.insert(file)
            }
        };
        let written = file.write_all_at(&lines, *at).and_then(|()| file.sync_data());
        written.map_err(Error::io("write to", &self.path))?;
        *at += lines.len() as u64;
        Ok(())
    }
}

impl Line {
    fn new(inbox: &Inbox, path: &Path, version: &Version) -> Line {
        let Version { identity, id, begun: items, has_refused: refused } = version.clone();
        let Identity { inode, bytes, mtime, born, .. } = identity;
        Line { inbox: escaped(inbox.root()), path: escaped(path), inode, bytes, mtime, born, id, items, refused }
    }

    pub(crate) fn is_in(&self, inbox: &Path) -> bool {
        self.inbox == escaped(inbox)
    }

    /// The path in the inbox, escaped as in records.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether it speaks of this version of the file, and all of it has lines. A disk has another device number after a
    /// restart of the machine.
    pub(crate) fn is_of(&self, file: &Identity) -> bool {
        self.is_at(file) && self.items.is_none()
    }

    /// The same, whether all of it has lines or not.
    fn is_at(&self, file: &Identity) -> bool {
        (self.inode, self.bytes, self.mtime) == (file.inode, file.bytes, file.mtime)
    }

    /// Whether it speaks of another version of the same file: somebody has gone on to write to it.
    fn is_earlier(&self, file: &Identity) -> bool {
        self.inode == file.inode && self.born.is_some() && self.born == file.born && !self.is_at(file)
    }

    /// Notes what had been begun of a file that does not stand where it did.
    fn note_begun(&self, begun: &mut Begun) {
        let version = self.clone().version(self.left());
        if version.is_forgotten() {
            begun.forget(&version.identity);
        } else if version.begun.is_some() {
            begun.note_left(&version);
        }
    }

    /// What it says of the file, wherever that stands now.
    fn left(&self) -> Identity {
        let Line { inode, bytes, mtime, born, .. } = *self;
        Identity { device: 0, inode, ctime: 0, bytes, mtime, born }
    }

    fn version(self, identity: Identity) -> Version {
        Version { identity, id: self.id, begun: self.items, has_refused: self.refused }
    }

    /// Which version it speaks of, of the file that stands there now.
    fn identity(&self, standing: &Identity) -> Identity {
        Identity { bytes: self.bytes, mtime: self.mtime, ..*standing }
    }
}
