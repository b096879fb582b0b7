//! How an input leaves its inbox: by one rename that overwrites nothing, and a look at what arrived.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::claim::{Claim, Identity};
use super::moves::{Moves, loop_over_names, rename_new, stands};
use super::name::{ARTICLES, REASON, with_suffix};
use super::refusal::Refusal;
use super::{Inbox, back_to};
use crate::daemon::config::After;
use crate::daemon::paths::is_gone;
use crate::durable::{folder_of, rename_over, replace_own, write_own};
use crate::error::{Error, Result};

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

impl Inbox {
    /// Lets a finished input go. `id` is the digest of the bytes that were read. Where some of its articles were refused it
    /// goes to done/ even if it was to be deleted: nothing else has these.
    ///
    /// # Errors
    /// What stands in the way; another try goes on where this one ended.
    pub(crate) fn finish(
        &self,
        claim: &mut Claim,
        id: &str,
        has_refused: bool,
        moves: &mut Moves,
    ) -> Result<Committed> {
        let committed = self.leave_as_asked(claim, id, has_refused, moves)?;
        self.end_hold(claim, committed)
    }

    fn leave_as_asked(&self, claim: &mut Claim, id: &str, has_refused: bool, moves: &mut Moves) -> Result<Committed> {
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
        let door = if has_refused { self.exits.door_of_kept() } else { self.exits.door_of_done() };
        match self.leave(claim, &door, None, is_what_was_read, moves) {
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
        let committed = self.leave_as_read(claim, &self.exits.door_of_failed(), Some(&reason.json()), moves)?;
        self.end_hold(claim, committed)
    }

    /// What is over does not wait for the end of an embargo.
    fn end_hold(&self, claim: &Claim, committed: Committed) -> Result<Committed> {
        if committed != Committed::Changed {
            self.forget_held(&claim.path)?;
        }
        Ok(committed)
    }

    /// Moves an input out by `door` if it is the version that was read, and not one that looks like it: there is no line
    /// of it that could be compared.
    pub(super) fn leave_as_read(
        &self,
        claim: &mut Claim,
        door: &Path,
        reason: Option<&[u8]>,
        moves: &mut Moves,
    ) -> Result<Committed> {
        let now = Identity::of(&claim.file).map_err(Error::io("look again at", self.root.join(&claim.path)))?;
        if claim.moved_to.is_none() && !claim.identity.same_version(&now) {
            return Ok(Committed::Changed);
        }
        let is_what_was_read = |claim: &Claim, arrived: &Identity| Ok(claim.identity.same_version(arrived));
        self.leave(claim, door, reason, is_what_was_read, moves)
    }

    /// Notes in failed/, durably, which articles of an input were refused, beside those that were noted before. Noting it
    /// again changes nothing.
    ///
    /// # Errors
    /// What stands in the way.
    pub(crate) fn note_articles(&self, path: &Path, id: &str, reason: Refusal) -> Result<()> {
        let below = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or(OsStr::new("input"));
        let start = id.trim_start_matches("b3:").get(..8).unwrap_or_default();
        let folder = self.folders.make(self.exits.failed(), below)?;
        let path = folder.join(with_suffix(name, &format!(".{start}{ARTICLES}")));
        let before = match std::fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            bytes => serde_json::from_slice(&bytes.map_err(Error::io("read", &path))?).ok(),
        };
        let reason = before.map_or(reason.clone(), |before| reason.after(before));
        replace_own(&path, &reason.json())
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
        let arrived = match Identity::at(&to) {
            // Somebody was quick to collect it.
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Committed::Left(to)),
            arrived => arrived.map_err(Error::io("look at", &to))?,
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
        let from = self.root.join(&claim.path);
        let failed = |source| Error::Io { doing: "move out of the inbox", path: from.clone(), source };
        match self.move_into(&from, claim, door, reason)? {
            Err(e) if is_gone(&e) => {}
            moved => return moved.map(Some).map_err(failed),
        }
        if !stands(&from).map_err(Error::io("look at", &from))? {
            return Ok(None);
        }
        // It is the folder that has gone: it is made anew, and where it goes again, that is an error.
        self.folders.look_again();
        self.move_into(&from, claim, door, reason)?.map(Some).map_err(failed)
    }

    /// One try of that; what the renaming itself says is for the caller to judge.
    fn move_into(&self, from: &Path, claim: &Claim, door: &Path, reason: Option<&[u8]>) -> Result<io::Result<PathBuf>> {
        let below = claim.path.parent().unwrap_or(Path::new(""));
        let folder = self.folders.make(door, below)?;
        let reasons = reason.map(|_| self.folders.make(&self.exits.reasons(), below)).transpose()?;
        let name = claim.path.file_name().unwrap_or(OsStr::new("input"));
        Ok(loop_over_names(name, |name| {
            let to = folder.join(name);
            if let (Some(reason), Some(reasons)) = (reason, &reasons) {
                if stands(&to)? {
                    return Err(Errno::EXIST.into());
                }
                // The reason is durable, with its name, before its file can follow.
                write_own(&reasons.join(with_suffix(name, REASON)), reason, rename_over)?;
            }
            rename_new(from, &to).map(|()| to)
        }))
    }
}
