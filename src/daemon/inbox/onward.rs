//! What becomes of files that have left through the leaving folder: they go where they belong, or go away.
//!
//! Every step can be done again after a crash: at each start, and after each batch, everything that stands in the
//! leaving folder goes on, whoever put it there.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::claim::Identity;
use super::moves::{Moves, is_orphan, loop_over_names, rename_new, stands};
use super::name::{REASON, unescaped, with_suffix};
use super::refusal::Refusal;
use super::{Inbox, place};
use crate::daemon::paths::{files_below, open_plainly};
use crate::durable::{folder_of, sync_folder, sync_names, write_own};
use crate::error::{Error, Result};
use crate::record::digest_of;

impl Inbox {
    /// Sends everything in the leaving folder on.
    ///
    /// # Errors
    /// What stands in the way; another try goes on where this one ended.
    pub(crate) fn send_on(&self) -> Result<()> {
        let exits = self.exits();
        for (path, _) in files_in(&exits.leaving().join("deleted"))? {
            std::fs::remove_file(&path).or_else(gone).map_err(Error::io("delete", &path))?;
        }
        for (path, below) in files_in(&exits.leaving().join("done"))? {
            self.carry(&path, ("move to the done folder", exits.done()), &below, None)?;
        }
        self.send_refused_on()?;
        for folder in ["deleted", "done", "failed", "reasons", ""] {
            remove_empty(&exits.leaving().join(folder));
        }
        Ok(())
    }

    /// Moves back what an earlier run has left on its way out, where no line tells whether it was read: on standard output
    /// it is better read twice than not at all.
    pub(crate) fn take_all_back(&self) -> Result<()> {
        for door in ["deleted", "done"] {
            for (path, below) in files_in(&self.exits().leaving().join(door))? {
                bring_back(&self.root().join(below), &path)?;
            }
        }
        Ok(())
    }

    /// A refused file goes on with its reason. One that is not the file that its reason speaks of was moved in its
    /// place, and goes back to be read.
    fn send_refused_on(&self) -> Result<()> {
        let exits = self.exits();
        for (path, below) in files_in(&exits.door_of_failed())? {
            let name = below.file_name().unwrap_or_default();
            let reason = exits.reasons().join(below.with_file_name(with_suffix(name, REASON)));
            let reason = match std::fs::read(&reason) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
                bytes => bytes.map_err(Error::io("read", &reason))?,
            };
            let identity = Identity::at(&path).map_err(Error::io("look at", &path))?;
            let refusal: Option<Refusal> = serde_json::from_slice(&reason).ok();
            match refusal.filter(|refusal| refusal.speaks_of(&identity)) {
                Some(refusal) => {
                    // It leaves under the name that it came under, whatever number it got on the way.
                    let came_as = unescaped(&refusal.source.path);
                    let below = below.with_file_name(came_as.file_name().unwrap_or(name));
                    self.carry(&path, ("move to the failed folder", exits.failed()), &below, Some(&reason))?;
                }
                None => {
                    tracing::warn!(path = %path.display(), "it was moved before it was read; reading it now");
                    bring_back(&self.root().join(&below), &path)?;
                }
            }
        }
        for (reason, _) in files_in(&exits.reasons())? {
            std::fs::remove_file(&reason).or_else(gone).map_err(Error::io("remove", &reason))?;
        }
        Ok(())
    }

    /// Carries a file to where it belongs, under the first name that is free, with its reason beside it where it has one,
    /// and makes that durable. `doing` is what an error is told of.
    fn carry(
        &self,
        from: &Path,
        (doing, target): (&'static str, &Path),
        below: &Path,
        reason: Option<&[u8]>,
    ) -> Result<()> {
        let folder = self.folders.make(target, below.parent().unwrap_or(Path::new("")))?;
        let carried = loop_over_names(below.file_name().unwrap_or(OsStr::new("input")), |name| {
            let to = folder.join(name);
            if stands(&to)? {
                return if equal(from, &to)? { std::fs::remove_file(from) } else { Err(Errno::EXIST.into()) };
            }
            if let Some(reason) = reason {
                // Both names have to be free, and the reason must be there, durably, before the file is.
                let beside = folder.join(with_suffix(name, REASON));
                if is_orphan(&beside)? {
                    std::fs::remove_file(&beside)?;
                }
                write_own(&beside, reason, rename_new)?;
            }
            carry_file(from, &to)
        });
        carried.map_err(Error::io(doing, from))?;
        sync_folder(&folder)?;
        sync_folder(folder_of(from))
    }
}

/// Moves a file back into the inbox, where it came from, without overwriting what may stand there by now; where it is
/// then.
pub(crate) fn back_to(home: &Path, stray: &Path, moves: &mut Moves) -> Result<PathBuf> {
    let (folder, name) = (folder_of(home), home.file_name().unwrap_or(OsStr::new("input")));
    std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let back = loop_over_names(name, |name| {
        let back = folder.join(name);
        carry_file(stray, &back).map(|()| back)
    });
    moves.record(folder, folder_of(stray));
    back.map_err(Error::io("move back", stray))
}

/// As [`back_to`], durably, for who moves one file and not a batch.
pub(crate) fn bring_back(home: &Path, stray: &Path) -> Result<PathBuf> {
    let mut moves = Moves::default();
    let back = back_to(home, stray, &mut moves)?;
    moves.sync()?;
    Ok(back)
}

/// Moves a file without overwriting: by a rename, or to another file system by a copy under a dot name that is synced
/// before it is renamed and the first file removed.
fn carry_file(from: &Path, to: &Path) -> io::Result<()> {
    match rename_new(from, to) {
        Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {}
        other => return other,
    }
    // Named by the path that it is copied from: what a crash left of a copy is made anew, and no other daemon's is in the
    // way. Inodes are the same on many disks, and a disk's number changes.
    let name = blake3::hash(from.as_os_str().as_encoded_bytes()).to_hex();
    let copy = to.with_file_name(format!(".disputed-copy-{}", &name[..16]));
    let made = copy_synced(from, &copy).and_then(|()| rename_new(&copy, to));
    if made.is_err() {
        // It is ours, and of no use; that it cannot be removed is the lesser news.
        let _ = std::fs::remove_file(&copy);
    }
    made?;
    sync_names(folder_of(to))?;
    std::fs::remove_file(from)
}

/// Copies bytes, mode and modification time, and makes them durable. Who owns the copy is ours to say.
fn copy_synced(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = open_plainly(from)?;
    let metadata = source.metadata()?;
    // What stands under this name is what a crash left of another copy.
    std::fs::remove_file(to).or_else(gone)?;
    let mut target = File::create_new(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_permissions(metadata.permissions())?;
    target.set_modified(metadata.modified()?)?;
    target.sync_all()
}

/// Whether both hold the same bytes and are of the same time: a copy that was made before a crash, or an earlier
/// delivery of the same file.
fn equal(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (open_plainly(a)?, open_plainly(b)?);
    let (of_a, of_b) = (a.metadata()?, b.metadata()?);
    if place(&of_a).0 == place(&of_b).0 || !of_b.is_file() {
        // A rename leaves nothing behind, so on one file system there are no copies.
        return Ok(false);
    }
    if (of_a.len(), of_a.modified()?) != (of_b.len(), of_b.modified()?) {
        return Ok(false);
    }
    Ok(digest_of(a)? == digest_of(b)?)
}

/// Every file below a folder, with its path in it.
fn files_in(root: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let files = files_below(root, |_| false)?.into_iter();
    Ok(files
        .filter_map(|path| path.strip_prefix(root).map(Path::to_path_buf).ok().map(|below| (path, below)))
        .collect())
}

/// Removes the empty folders below, and this one where it is empty then.
fn remove_empty(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    // One that is not empty has to stay, and one that is and does not go does no harm.
    let _ = std::fs::remove_dir(folder);
}

/// What has gone already needs no removal.
pub(super) fn gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
