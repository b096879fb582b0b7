//! What a run that was cut short moved out of an inbox without having read it.

use std::collections::HashSet;
use std::path::Path;

use super::claim::Identity;
use super::moves::Moves;
use super::name::{numbered, unescaped};
use super::{Inbox, back_to};
use crate::daemon::paths::open_plainly;
use crate::error::{Error, Result};
use crate::record::{Delivered, digest_of};

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

impl Inbox {
    /// Notes the folders that an input's move touches, for one that an earlier run may not have come to sync.
    pub(crate) fn note_move(&self, path: &Path, moves: &mut Moves) {
        let below = path.parent().unwrap_or(Path::new(""));
        moves.record(&self.exits.door_of_done().join(below), &self.root.join(below));
    }

    /// Moves back what an earlier run moved out in the place of the input that it had read, and was cut short before it
    /// saw that: under the name of that input, of which this line speaks, stands another file, which came there later than
    /// the input came to the inbox, or the input itself with another number of bytes; and no line speaks of it. Returns
    /// whether the input stands where it went.
    pub(crate) fn take_back(&self, delivery: &Delivered, lines: &Lines, moves: &mut Moves) -> Result<bool> {
        let path = unescaped(delivery.path());
        let folder = self.exits.door_of_done().join(path.parent().unwrap_or(Path::new("")));
        let Some(name) = path.file_name() else { return Ok(false) };
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
                return Ok(true);
            }
            // What is as old as the input has been there before it.
            if Some(identity.ctime_text().as_str()) <= ctime {
                stray = None;
                continue;
            }
            // Where the folders were restored from a backup or copied to another disk, their files have other inodes and
            // later times, and the same bytes.
            let digest = open_plainly(&at).and_then(digest_of).map_err(Error::io("read", &at))?;
            if digest == delivery.digest() {
                return Ok(true);
            }
            stray = (!has_line && !lines.digests.contains(digest.as_str())).then_some(at);
        }
        let Some(stray) = stray else { return Ok(false) };
        tracing::warn!(path = %stray.display(), "it was moved before it was read; reading it now");
        back_to(&self.root.join(path), &stray, moves).map(|_| false)
    }
}
