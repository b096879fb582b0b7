//! How an input leaves its inbox: by one rename that overwrites nothing, and a look at what arrived.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::claim::{Claim, Identity};
use super::moves::{Moves, loop_over_names, rename_new, stands, write_synced};
use super::name::{REASON, numbered, unescaped, with_suffix};
use super::{Inbox, back_to};
use crate::daemon::config::After;
use crate::durable::folder_of;
use crate::error::{Error, Result};
use crate::record::{Delivered, digest};

/// How a commit ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It has left the inbox, and stands here now.
    Left(PathBuf),
    /// It stays where it is, as was asked for.
    Kept,
    /// Its producer changed it since it was read: it stays, to be read again.
    Changed,
    /// Its producer took it away.
    Vanished,
}

/// Why a file was refused, as it is written beside the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) when: String,
    pub(crate) attempts: u32,
    pub(crate) model: String,
    pub(crate) next: String,
    pub(crate) source: Refused,
}

/// Which file a reason speaks of: it may bear another name by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The inbox that it came from, escaped as in records.
    pub(crate) inbox: String,
    /// The path in the inbox, escaped as in records.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) inode: u64,
    /// In UTC with nanoseconds.
    pub(crate) mtime: String,
}

/// The files that the last lines of a sink speak of.
pub(crate) struct Lines<'a> {
    /// By the inbox, the inode and the number of bytes.
    files: HashSet<(Option<&'a str>, Option<u64>, u64)>,
    digests: HashSet<&'a str>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(delivered: &'a [Delivered]) -> Lines<'a> {
        Lines {
            files: delivered.iter().map(|d| (d.inbox(), d.version().0, d.bytes())).collect(),
            digests: delivered.iter().map(Delivered::digest).collect(),
        }
    }
}

impl Refused {
    pub(crate) fn new(inbox: String, path: String, identity: &Identity) -> Refused {
        Refused { inbox, path, bytes: identity.bytes, inode: identity.inode, mtime: identity.mtime_text() }
    }
}

impl Refusal {
    /// Whether this is the file that was refused.
    pub(crate) fn speaks_of(&self, file: &Identity) -> bool {
        let Refused { bytes, inode, ref mtime, .. } = self.source;
        (bytes, inode, mtime) == (file.bytes, file.inode, &file.mtime_text())
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        // Strings and numbers: writing them to memory cannot fail.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

impl Inbox {
    /// Lets a finished input go. `id` is the digest of the bytes that were read.
    ///
    /// # Errors
    /// What stands in the way; another try goes on where this one ended.
    pub(crate) fn finish(&self, claim: &mut Claim, id: &str, moves: &mut Moves) -> Result<Committed> {
        let changed =
            |claim: &Claim| claim.changed(id).map_err(Error::io("look again at", self.root.join(&claim.path)));
        if claim.moved_to.is_none() && changed(claim)? {
            return Ok(Committed::Changed);
        }
        if self.exits.after() == After::Keep {
            return Ok(Committed::Kept);
        }
        let is_what_was_read = |claim: &Claim, arrived: &Identity| {
            let is_same = claim.identity.same_version(arrived);
            Ok(is_same || claim.identity.same_size(arrived) && !changed(claim)?)
        };
        match self.leave(claim, &self.exits.door_of_done(), None, is_what_was_read, moves) {
            // Something is mounted in done/ where this file belongs.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::CrossesDevices => {
                self.leave(claim, &self.exits.leaving().join("done"), None, is_what_was_read, moves)
            }
            left => left,
        }
    }

    /// Lets a refused input go, with its reason beside it: written and synced before the move.
    ///
    /// # Errors
    /// As of [`Inbox::finish`].
    pub(crate) fn refuse(&self, claim: &mut Claim, reason: &Refusal, moves: &mut Moves) -> Result<Committed> {
        let now = Identity::of(&claim.file).map_err(Error::io("look again at", self.root.join(&claim.path)))?;
        if claim.moved_to.is_none() && !claim.identity.same_version(&now) {
            return Ok(Committed::Changed);
        }
        let is_what_was_read = |claim: &Claim, arrived: &Identity| Ok(claim.identity.same_version(arrived));
        self.leave(claim, &self.exits.door_of_failed(), Some(&reason.json()), is_what_was_read, moves)
    }

    /// Moves the input out by `door`, and looks at what arrived there: a producer may have put another file in its place
    /// meanwhile, and then that goes back.
    fn leave(
        &self,
        claim: &mut Claim,
        door: &Path,
        reason: Option<&[u8]>,
        is_what_was_read: impl Fn(&Claim, &Identity) -> Result<bool>,
        moves: &mut Moves,
    ) -> Result<Committed> {
        let to = match &claim.moved_to {
            Some(to) => to.clone(),
            None => match self.move_out(claim, door, reason)? {
                Some(to) => claim.moved_to.insert(to).clone(),
                None => return Ok(Committed::Vanished),
            },
        };
        let home = self.root.join(&claim.path);
        moves.record(folder_of(&to), folder_of(&home));
        let arrived = match to.symlink_metadata() {
            // Somebody was quick to collect it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Committed::Left(to)),
            arrived => Identity::from(&arrived.map_err(Error::io("look at", &to))?),
        };
        if is_what_was_read(claim, &arrived)? {
            return Ok(Committed::Left(to));
        }
        back_to(&home, &to, moves)?;
        claim.moved_to = None;
        Ok(Committed::Changed)
    }

    /// Renames the input into `door` under the first free name; `None` where it has gone.
    fn move_out(&self, claim: &Claim, door: &Path, reason: Option<&[u8]>) -> Result<Option<PathBuf>> {
        let (from, below) = (self.root.join(&claim.path), claim.path.parent().unwrap_or(Path::new("")));
        let folder = self.folders.make(door, below)?;
        let reasons = reason.map(|_| self.folders.make(&self.exits.reasons(), below)).transpose()?;
        let name = claim.path.file_name().unwrap_or(OsStr::new("input"));
        let moved = loop_over_names(name, |name| {
            let to = folder.join(name);
            if let (Some(reason), Some(reasons)) = (reason, &reasons) {
                if stands(&to)? {
                    return Err(Errno::EXIST.into());
                }
                // The reason is durable, with its name, before its file can follow.
                write_synced(&reasons.join(with_suffix(name, REASON)), reason)?;
                File::open(reasons)?.sync_all()?;
            }
            rename_new(&from, &to).map(|()| to)
        });
        match moved {
            Ok(to) => Ok(Some(to)),
            // Where it is still there, it is the target that has gone meanwhile: another try makes that anew.
            Err(e)
                if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
                    && !stands(&from).map_err(Error::io("look at", &from))? =>
            {
                Ok(None)
            }
            Err(e) => Err(Error::Io { doing: "move out of the inbox", path: from, source: e }),
        }
    }

    /// Notes the folders that an input's move touches, for one that an earlier run may not have come to sync.
    pub(crate) fn note_move(&self, path: &Path, moves: &mut Moves) {
        let below = path.parent().unwrap_or(Path::new(""));
        moves.record(&self.exits.door_of_done().join(below), &self.root.join(below));
    }

    /// Moves back what an earlier run moved out in the place of the input that it had read, and was cut short before it
    /// saw that: under the name of that input, of which this line speaks, stands another file, which came there later than
    /// the input came to the inbox, or the input itself with another number of bytes; and no line speaks of it.
    pub(crate) fn take_back(&self, delivery: &Delivered, lines: &Lines, moves: &mut Moves) -> Result<()> {
        let path = unescaped(delivery.path());
        let folder = self.exits.door_of_done().join(path.parent().unwrap_or(Path::new("")));
        let Some(name) = path.file_name() else { return Ok(()) };
        let (inode, ctime) = delivery.version();
        let mut stray = None;
        for at in (0..).map(|taken| folder.join(numbered(name, taken))) {
            let Ok(metadata) = at.symlink_metadata() else { break };
            // Where a file of that name left, a folder may stand now, with all that left from it.
            if !metadata.is_file() {
                continue;
            }
            let identity = Identity::from(&metadata);
            let has_line = lines.files.contains(&(delivery.inbox(), Some(identity.inode), identity.bytes));
            if has_line && inode == Some(identity.inode) {
                return Ok(());
            }
            // What is as old as the input has been there before it.
            if Some(identity.ctime_text().as_str()) <= ctime {
                stray = None;
                continue;
            }
            // Where the folders were restored from a backup or copied to another disk, their files have other inodes and
            // later times, and the same bytes.
            let bytes = std::fs::read(&at).map_err(Error::io("read", &at))?;
            let digest = digest(&bytes);
            if digest == delivery.digest() {
                return Ok(());
            }
            stray = (!has_line && !lines.digests.contains(digest.as_str())).then_some(at);
        }
        let Some(stray) = stray else { return Ok(()) };
        tracing::warn!(path = %stray.display(), "it was moved before it was read; reading it now");
        back_to(&self.root.join(path), &stray, moves).map(drop)
    }
}
