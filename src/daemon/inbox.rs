//! One drop folder: claims an input by its descriptor, and moves it out without ever overwriting.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::claim::{Claim, Identity, place};
use super::lock::lock;
use super::moves::{Moves, is_orphan, loop_over_names, make_folders, rename_new, write_new};
use super::name::{numbered, with_suffix};
use crate::error::{Error, Result};

/// A drop folder with the two folders that its files leave for.
#[derive(Debug)]
pub(super) struct Inbox {
    root: PathBuf,
    done: PathBuf,
    failed: PathBuf,
    /// The folder itself: inputs are opened from here, so that no path leads out of it.
    folder: RwLock<File>,
}

/// How a commit ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Committed {
    /// It has left the inbox.
    Moved,
    /// Its producer changed it since it was read: it stays, to be read again.
    Changed,
    /// Its producer took it away.
    Vanished,
}

impl Inbox {
    /// Opens the folder and locks it against a second daemon. The paths are without links, and the folders are there.
    pub(super) fn open(root: &Path, done: PathBuf, failed: PathBuf) -> Result<Inbox> {
        let folder = File::open(root).map_err(Error::io("open the inbox", root))?;
        lock(&folder, root)?;
        Ok(Inbox { root: root.to_path_buf(), done, failed, folder: RwLock::new(folder) })
    }

    /// Goes on in the folder that now has the inbox's name, where it was removed and made again or something was
    /// mounted over it.
    pub(super) fn follow(&self) -> Result<()> {
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

    /// Whether a file may be moved away, as far as its own side of the move is concerned. This is asked before its line
    /// is written: a line whose file can never leave would stand in everybody's way.
    ///
    /// # Errors
    /// What a rename would say.
    pub(super) fn can_leave(&self, path: &Path) -> io::Result<()> {
        /// What Linux takes for a path, with its NUL; a number and `.reason.json` come on top of the name.
        const LONGEST: usize = 4096 - 64;
        if self.done.join(path).as_os_str().len().max(self.failed.join(path).as_os_str().len()) > LONGEST {
            return Err(Errno::NAMETOOLONG.into());
        }
        let from = self.root.join(path);
        let folder = from.parent().unwrap_or(&self.root);
        match rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::NOSYS) => {}
            Err(errno) => return Err(errno.into()),
        }
        let Ok(folder) = std::fs::metadata(folder) else { return Ok(()) };
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
        Ok(())
    }

    /// Notes the folders that an input's move touches, for one that an earlier run may not have come to sync.
    pub(super) fn note_move(&self, path: &Path, moves: &mut Moves) {
        let below = path.parent().unwrap_or(Path::new(""));
        moves.record(&self.done.join(below), &self.root.join(below));
    }

    /// Moves back what an earlier run moved to done/ in the place of the input that it had read, and was cut short
    /// before it saw that: under the name of that input, of `version`, stands another file, which came there later than
    /// the input came to the inbox, and of which no line speaks.
    pub(super) fn take_back(
        &self,
        path: &Path,
        version: (Option<u64>, Option<&str>),
        has_line: impl Fn(u64) -> bool,
        moves: &mut Moves,
    ) -> Result<()> {
        let below = path.parent().unwrap_or(Path::new(""));
        let (folder, home) = (self.done.join(below), self.root.join(below));
        let Some(name) = path.file_name() else { return Ok(()) };
        let mut stray = None;
        for at in (0..).map(|taken| folder.join(numbered(name, taken))) {
            let Ok(metadata) = at.symlink_metadata() else { break };
            if version.0 == Some(metadata.ino()) {
                return Ok(());
            }
            let is_stray =
                !has_line(metadata.ino()) && Some(Identity::from(&metadata).ctime_text().as_str()) > version.1;
            stray = is_stray.then_some(at);
        }
        let Some(stray) = stray else { return Ok(()) };
        std::fs::create_dir_all(&home).map_err(Error::io("make the folder", &home))?;
        loop_over_names(name, |name| rename_new(&stray, &home.join(name))).map_err(Error::io("move back", &stray))?;
        tracing::warn!(path = %stray.display(), "it was moved before it was read; reading it now");
        moves.record(&home, &folder);
        Ok(())
    }

    /// The folder itself, without links in its path.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether this folder, somewhere below the inbox, is one of our own.
    pub(super) fn is_own(&self, folder: &Path) -> bool {
        folder == self.done || folder == self.failed
    }

    /// Opens an input without following a link, without leaving the inbox and without waiting for a FIFO's writer.
    /// `None` where nothing that can be read stands there: gone, a folder, a link, a device.
    ///
    /// # Errors
    /// What the system says of a file that is there and cannot be opened.
    pub(super) fn claim(&self, path: &Path) -> io::Result<Option<Claim>> {
        self.open_input(path, OFlags::RDONLY | OFlags::NONBLOCK)
    }

    /// As [`Inbox::claim`], for a file that cannot be read: good for moving it, not for its bytes.
    pub(super) fn claim_unreadable(&self, path: &Path) -> io::Result<Option<Claim>> {
        self.open_input(path, OFlags::PATH)
    }

    fn open_input(&self, path: &Path, how: OFlags) -> io::Result<Option<Claim>> {
        let how = how | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Nothing that is mounted below an inbox can be renamed into done/.
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        let file = match rustix::fs::openat2(&*self.folder(), path, how, Mode::empty(), inside) {
            Ok(fd) => File::from(fd),
            // A link (LOOP), a socket or a device without a driver (NXIO), a path out of the inbox (XDEV).
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO | Errno::XDEV) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let metadata = file.metadata()?;
        let claim = Claim { path: path.to_path_buf(), identity: Identity::from(&metadata), file };
        Ok(metadata.is_file().then_some(claim))
    }

    /// Moves a finished input to done/. `id` is the digest of the bytes that were read.
    pub(super) fn finish(&self, claim: &Claim, id: &str, moves: &mut Moves) -> Result<Committed> {
        let path = self.root.join(&claim.path);
        if claim.changed(id).map_err(Error::io("look again at", &path))? {
            return Ok(Committed::Changed);
        }
        self.leave(claim, &self.done, None, moves)
    }

    /// Moves a refused input to failed/, with its reason beside it: written and synced before the move.
    pub(super) fn refuse(&self, claim: &Claim, reason: &[u8], moves: &mut Moves) -> Result<Committed> {
        let now = Identity::of(&claim.file).map_err(Error::io("look again at", self.root.join(&claim.path)))?;
        if !claim.identity.same_version(&now) {
            return Ok(Committed::Changed);
        }
        self.leave(claim, &self.failed, Some(reason), moves)
    }

    /// Renames the input into `target` under the first free name. The file that arrives there is compared with the
    /// one that was read: a producer may have replaced it in between, and then it goes back.
    fn leave(&self, claim: &Claim, target: &Path, reason: Option<&[u8]>, moves: &mut Moves) -> Result<Committed> {
        let from = self.root.join(&claim.path);
        let folder = make_folders(target, claim.path.parent().unwrap_or(Path::new("")))?;
        let name = claim.path.file_name().unwrap_or(OsStr::new("input"));
        let to = loop_over_names(name, |name| {
            let to = folder.join(name);
            let beside = folder.join(with_suffix(name, ".reason.json"));
            if let Some(reason) = reason {
                // Both names have to be free, and the reason must be there before the file is.
                if to.symlink_metadata().is_ok() {
                    return Err(Errno::EXIST.into());
                }
                if is_orphan(&beside) {
                    std::fs::remove_file(&beside)?;
                }
                write_new(&beside, reason)?;
            }
            let moved = rename_new(&from, &to);
            if moved.is_err() && reason.is_some() {
                std::fs::remove_file(&beside)?;
            }
            moved.map(|()| to)
        });
        let to = match to {
            Ok(to) => to,
            // Where it is still there, it is the target that has gone meanwhile: another try makes that anew.
            Err(e) if e.kind() == io::ErrorKind::NotFound && from.symlink_metadata().is_err() => {
                return Ok(Committed::Vanished);
            }
            Err(e) => return Err(Error::Io { doing: "move out of the inbox", path: from, source: e }),
        };
        moves.record(&folder, from.parent().unwrap_or(&self.root));
        let arrived = std::fs::symlink_metadata(&to).map_err(Error::io("look at", &to))?;
        if claim.identity.same_version(&Identity::from(&arrived)) {
            return Ok(Committed::Moved);
        }
        let home = from.parent().unwrap_or(&self.root);
        loop_over_names(name, |name| rename_new(&to, &home.join(name))).map_err(Error::io("move back", &to))?;
        if reason.is_some() {
            let beside = with_suffix(to.file_name().unwrap_or(name), ".reason.json");
            std::fs::remove_file(folder.join(&beside)).map_err(Error::io("remove", &beside))?;
        }
        Ok(Committed::Changed)
    }
}
