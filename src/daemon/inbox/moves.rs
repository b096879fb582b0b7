//! Moves that never overwrite, and that a batch makes durable together.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;

use super::claim::place;
use super::name::{REASON, numbered};
use crate::daemon::paths::is_gone;
use crate::durable::sync_folder;
use crate::error::{Error, Result};

/// The folders that a batch of moves touched, to be synced together.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    targets: BTreeSet<PathBuf>,
    sources: BTreeSet<PathBuf>,
}

impl Moves {
    pub(crate) fn record(&mut self, target: &Path, source: &Path) {
        // Most of a batch comes from one folder and goes to one: look before making a copy of the path.
        if !self.targets.contains(target) {
            self.targets.insert(target.to_path_buf());
        }
        if !self.sources.contains(source) {
            self.sources.insert(source.to_path_buf());
        }
    }

    /// Whether anything was moved to somewhere below this folder.
    pub(crate) fn lead_to(&self, folder: &Path) -> bool {
        self.targets.iter().any(|target| target.starts_with(folder))
    }

    /// Syncs where files went, then where they came from: a power cut in between may show a file twice, never not at all.
    pub(crate) fn sync(&self) -> Result<()> {
        self.targets.iter().chain(&self.sources).try_for_each(|folder| match sync_folder(folder) {
            // A producer may clear his folder away as soon as it is empty, and put a file where one above it was. In
            // done/, too, a file may stand where the inbox has a folder: then the folder got a number.
            Err(Error::Io { source, .. }) if is_gone(&source) => Ok(()),
            other => other,
        })
    }
}

/// Calls `take` with the name, then with a numbered one for as long as the name is taken.
pub(crate) fn loop_over_names<T>(name: &OsStr, mut take: impl FnMut(&OsStr) -> io::Result<T>) -> io::Result<T> {
    let mut taken = 0;
    loop {
        match take(&numbered(name, taken)) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => taken += 1,
            other => return other,
        }
    }
}

/// Renames without overwriting; where the file system cannot, the name is taken by an empty file of ours first, and
/// renamed over. A second link and the removal of the first name would remove what a producer put there in between.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) => {
            let ours = place(&File::create_new(to)?.metadata()?);
            let moved = rustix::fs::renameat(CWD, from, CWD, to);
            // Over a network a rename may have happened although it failed: only what is still ours is removed.
            if moved.is_err() && to.symlink_metadata().is_ok_and(|now| place(&now) == ours) {
                std::fs::remove_file(to)?;
            }
            Ok(moved?)
        }
        other => Ok(other?),
    }
}

/// Whether something stands under this name. One that cannot be looked at is neither free nor gone.
pub(crate) fn stands(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        // No file can have a name that is too long, such as that of the reason of a long name.
        Err(e) if is_gone(&e) || e.kind() == io::ErrorKind::InvalidFilename => Ok(false),
        Err(e) => Err(e),
    }
}

/// Whether this is a reason that a crash left before its file could follow: it starts like one, as far as the disk kept
/// its start, and it is no refused input of that name, which would have a reason of its own.
pub(crate) fn is_orphan(reason: &Path) -> io::Result<bool> {
    const START: &[u8] = b"{\n  \"code\": \"";
    if stands(&reason.with_added_extension(&REASON[1..]))? {
        return Ok(false);
    }
    let bytes = match std::fs::read(reason) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        bytes => bytes?,
    };
    let kept = bytes.split(|&b| b == 0).next().unwrap_or_default();
    Ok(kept.starts_with(START) || START.starts_with(kept))
}
