//! One drop folder: finds out what stands there, claims an input by its descriptor, and lets it go.

mod bytes;
mod claim;
mod exits;
mod folders;
mod leave;
mod refusal;
mod embargo;
mod strays;
mod moves;
mod name;
mod onward;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::clock::moment;
use super::lock::lock;
use super::paths::is_gone;
use crate::error::{Error, Result};
use folders::DurableFolders;

pub use claim::origin;
pub use name::escaped;
pub use refusal::RefusedArticle;

pub(crate) use bytes::Stream;
pub(crate) use claim::{Claim, Identity, holds, place};
pub(crate) use embargo::embargo_of;
pub(crate) use exits::Exits;
pub(crate) use leave::Committed;
pub(crate) use moves::{Moves, loop_over_names, rename_new};
pub(crate) use name::{ARTICLES, HELD, REASON, is_numbered, unescaped, with_suffix};
pub(crate) use onward::{back_to, bring_back};
pub(crate) use refusal::{Refusal, Refused};
pub(crate) use strays::Lines;

/// A drop folder with the ways out of it.
#[derive(Debug)]
pub(crate) struct Inbox {
    root: PathBuf,
    exits: Exits,
    folders: DurableFolders,
    /// The folder itself: inputs are opened from here, so that no path leads out of it.
    folder: RwLock<File>,
    leavable: Mutex<Leavable>,
}

/// Folders that files could be moved out of a moment ago.
#[derive(Debug)]
struct Leavable {
    since: Instant,
    folders: HashSet<PathBuf>,
}

impl Inbox {
    /// Opens the folder and locks it against a second daemon. The paths are without links, and the folders are there, with
    /// durable names.
    pub(crate) fn open(root: &Path, exits: Exits) -> Result<Inbox> {
        let folder = File::open(root).map_err(Error::io("open the inbox", root))?;
        lock(&folder, root)?;
        let folders = DurableFolders::knowing([exits.done(), exits.failed()].into_iter().chain(exits.embargo()));
        let leavable = Mutex::new(Leavable { since: moment(), folders: HashSet::new() });
        Ok(Inbox { root: root.to_path_buf(), exits, folders, folder: RwLock::new(folder), leavable })
    }

    /// Goes on in the folder that now has the inbox's name, where it was removed and made again or something was
    /// mounted over it.
    pub(crate) fn follow(&self) -> Result<()> {
        let now = std::fs::metadata(&self.root).map_err(Error::io("look at the inbox", &self.root))?;
        if self.folder().metadata().is_ok_and(|before| place(&before) == place(&now)) {
            return Ok(());
        }
        let folder = File::open(&self.root).map_err(Error::io("open the inbox", &self.root))?;
        lock(&folder, &self.root)?;
        *self.folder.write().unwrap_or_else(PoisonError::into_inner) = folder;
        tracing::warn!(inbox = %self.root.display(), "the inbox was replaced by another folder; going on in that one");
        Ok(())
    }

    fn folder(&self) -> RwLockReadGuard<'_, File> {
        self.folder.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder itself, without links in its path.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn exits(&self) -> &Exits {
        &self.exits
    }

    /// Whether a file may be moved away, as far as its own side of the move is concerned. This is asked before its line
    /// is written: a line whose file can never leave would stand in everybody's way.
    ///
    /// # Errors
    /// What a rename would say.
    pub(crate) fn can_leave(&self, path: &Path) -> io::Result<()> {
        /// So long an answer is taken for granted: where it is no longer true, the move itself says so.
        const FRESH: Duration = Duration::from_millis(50);
        if self.exits.are_too_deep_for(path) {
            return Err(Errno::NAMETOOLONG.into());
        }
        let below = path.parent().unwrap_or(Path::new(""));
        let mut leavable = self.leavable.lock().unwrap_or_else(PoisonError::into_inner);
        if leavable.since.elapsed() > FRESH {
            *leavable = Leavable { since: moment(), folders: HashSet::new() };
        }
        if !leavable.folders.contains(below) && self.can_be_renamed(path)? {
            leavable.folders.insert(below.to_path_buf());
        }
        Ok(())
    }

    /// What [`Inbox::can_leave`] asks of the disk; whether the answer is that of every file in the folder.
    fn can_be_renamed(&self, path: &Path) -> io::Result<bool> {
        let from = self.root.join(path);
        let folder = from.parent().unwrap_or(&self.root);
        match rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::NOSYS) => {}
            Err(errno) => return Err(errno.into()),
        }
        let Ok(folder) = std::fs::metadata(folder) else { return Ok(false) };
        // A subvolume is no mount, and still nothing can be renamed out of it.
        if self.folder().metadata().is_ok_and(|root| root.dev() != folder.dev()) {
            return Err(Errno::XDEV.into());
        }
        // In a sticky folder, such as /tmp, only the owners of the file and of the folder may rename.
        let us = rustix::process::geteuid();
        let sticky = folder.mode() & Mode::SVTX.bits() != 0 && !us.is_root() && folder.uid() != us.as_raw();
        if sticky && from.symlink_metadata().is_ok_and(|file| file.uid() != us.as_raw()) {
            return Err(Errno::PERM.into());
        }
        Ok(!sticky)
    }

    /// Whether the version that was claimed stands under its name still, as far as a look at the name tells.
    pub(crate) fn still_holds(&self, claim: &Claim) -> bool {
        match Identity::at(&self.root.join(&claim.path)) {
            Ok(now) => claim.identity.same_version(&now),
            Err(e) => !is_gone(&e),
        }
    }

    /// Opens an input without following a link, without leaving the inbox and without waiting for a FIFO's writer.
    /// `None` where nothing that can be read stands there: gone, a folder, a link, a device.
    ///
    /// # Errors
    /// What the system says of a file that is there and cannot be opened.
    pub(crate) fn claim(&self, path: &Path) -> io::Result<Option<Claim>> {
        let how = OFlags::RDONLY | OFlags::NONBLOCK;
        // That it was read by us is worth no write of its inode; only its owner may leave the time of access alone.
        match self.open_input(path, how | OFlags::NOATIME) {
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => self.open_input(path, how),
            opened => opened,
        }
    }

    /// As [`Inbox::claim`], for a file that cannot be read: good for moving it, not for its bytes.
    pub(crate) fn claim_unreadable(&self, path: &Path) -> io::Result<Option<Claim>> {
        self.open_input(path, OFlags::PATH)
    }

    fn open_input(&self, path: &Path, how: OFlags) -> io::Result<Option<Claim>> {
        let how = how | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Nothing that is mounted below an inbox can be renamed out of it.
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        let file = match rustix::fs::openat2(&*self.folder(), path, how, Mode::empty(), inside) {
            Ok(fd) => File::from(fd),
            // A link (LOOP), a socket or a device without a driver (NXIO), a path out of the inbox (XDEV).
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO | Errno::XDEV) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let metadata = file.metadata()?;
        let claim = Claim { path: path.to_path_buf(), identity: Identity::from(&metadata), file, moved_to: None };
        Ok(metadata.is_file().then_some(claim))
    }
}
