//! The memory of inputs that stay in their inbox although they are done with: one file for all of them.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::inbox::{Identity, Inbox, escaped, unescaped};
use super::intake::Key;
use crate::durable::{folder_of, replace_file, sync_folder};
use crate::error::{Error, Result};

/// The file in the state folder that a line is added to for every input that stays.
pub(crate) struct Kept {
    path: PathBuf,
    /// Open from the first input on that stays.
    file: Option<File>,
    /// How much of the file is whole: what a failed write left after it is written over.
    end: u64,
}

/// One line: a version of a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct Line {
    inbox: String,
    path: String,
    device: u64,
    inode: u64,
    bytes: u64,
    /// Nanoseconds since 1970.
    mtime: i128,
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

impl Kept {
    /// Reads the file and writes it anew without what has gone meanwhile. What is no whole line in it is left out: then
    /// its input is read again.
    pub(crate) fn open(state: &Path, inboxes: &[Inbox]) -> Result<(Kept, HashMap<Key, Identity>)> {
        let path = file_in(state);
        let mut kept = HashMap::new();
        for line in read(state)? {
            let Some(inbox) = inboxes.iter().position(|inbox| escaped(inbox.root()) == line.inbox) else { continue };
            let below = unescaped(&line.path);
            let standing = inboxes[inbox].root().join(&below).symlink_metadata().map(|m| Identity::from(&m));
            if let Ok(standing) = standing
                && line.is_of(&standing)
            {
                kept.insert(Key { inbox, path: Arc::from(below) }, standing);
            }
        }
        let mut whole = Vec::new();
        for (key, identity) in &kept {
            whole.extend(Line::new(&inboxes[key.inbox], &key.path, identity).json());
        }
        if path.exists() {
            replace_file(&path, &whole)?;
        }
        Ok((Kept { path, file: None, end: whole.len() as u64 }, kept))
    }

    /// Remembers inputs, durably.
    ///
    /// # Errors
    /// What the system says; nothing counts as remembered then, and it may be tried again.
    pub(crate) fn remember<'a>(
        &mut self,
        inboxes: &[Inbox],
        inputs: impl Iterator<Item = (&'a Key, &'a Identity)>,
    ) -> Result<()> {
        let lines: Vec<u8> =
            inputs.flat_map(|(key, identity)| Line::new(&inboxes[key.inbox], &key.path, identity).json()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let file = File::options().create(true).truncate(false).write(true).open(&self.path);
                let file = file.map_err(Error::io("open", &self.path))?;
                sync_folder(folder_of(&self.path))?;
                none.insert(file)
            }
        };
        let written = file.write_all_at(&lines, self.end).and_then(|()| file.sync_data());
        written.map_err(Error::io("write to", &self.path))?;
        self.end += lines.len() as u64;
        Ok(())
    }
}

impl Line {
    fn new(inbox: &Inbox, path: &Path, identity: &Identity) -> Line {
        let &Identity { device, inode, bytes, mtime, .. } = identity;
        Line { inbox: escaped(inbox.root()), path: escaped(path), device, inode, bytes, mtime }
    }

    pub(crate) fn is_at(&self, inbox: &Path, path: &Path) -> bool {
        self.path == escaped(path) && self.inbox == escaped(inbox)
    }

    /// Whether it speaks of this version of the file.
    pub(crate) fn is_of(&self, file: &Identity) -> bool {
        (self.device, self.inode, self.bytes, self.mtime) == (file.device, file.inode, file.bytes, file.mtime)
    }

    fn json(&self) -> Vec<u8> {
        // Strings and numbers: writing them to memory cannot fail.
        let mut json = serde_json::to_vec(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
