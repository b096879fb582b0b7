//! What stands in an inbox, each entry with the rule that it is ignored by, if any.

use std::fs::{DirEntry, Metadata, ReadDir};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::ignore::ignored_by;

/// One entry of an inbox.
pub(crate) enum Entry {
    /// A regular file that may be an input.
    File(Metadata),
    /// Left alone, by this rule.
    Ignored(&'static str),
}

/// The rules for what is no file that can be read and moved.
pub(crate) const SYMLINK: &str = "symlink";
pub(crate) const SPECIAL: &str = "no regular file";
pub(crate) const ELSEWHERE: &str = "other file system";

/// A visit of every entry below a folder, one after the other. Links are not followed, and what is mounted below is left
/// alone, because nothing can be renamed out of it.
pub(crate) struct Walk {
    home: u64,
    folders: Vec<PathBuf>,
    /// What is being listed.
    listing: Option<(PathBuf, ReadDir)>,
    saw_all: bool,
}

impl Walk {
    pub(crate) fn new(folder: &Path) -> Walk {
        let walk = Walk { home: 0, folders: Vec::new(), listing: None, saw_all: true };
        match std::fs::metadata(folder) {
            Ok(metadata) => Walk { home: metadata.dev(), folders: vec![folder.to_path_buf()], ..walk },
            Err(e) => Walk { saw_all: e.kind() == io::ErrorKind::NotFound, ..walk },
        }
    }

    /// Whether all was seen so far, as far as another look could see more: a folder that is closed to us stays closed.
    pub(crate) fn saw_all(&self) -> bool {
        self.saw_all
    }

    /// The next entry. `enter` is told of each folder before it is listed.
    pub(crate) fn next(
        &mut self,
        is_own: impl Fn(&Path) -> bool,
        mut enter: impl FnMut(&Path),
    ) -> Option<(PathBuf, Entry)> {
        loop {
            let Some((folder, listing)) = &mut self.listing else {
                let folder = self.folders.pop()?;
                enter(&folder);
                match std::fs::read_dir(&folder) {
                    Ok(listing) => self.listing = Some((folder, listing)),
                    Err(error) => self.cannot_list(&folder, &error),
                }
                continue;
            };
            match listing.next() {
                None => self.listing = None,
                Some(Ok(entry)) => {
                    if let Some(seen) = self.look_at(&entry, &is_own) {
                        return Some((entry.path(), seen));
                    }
                }
                Some(Err(error)) => {
                    let folder = std::mem::take(folder);
                    self.listing = None;
                    self.cannot_list(&folder, &error);
                }
            }
        }
    }

    /// What an entry is; nothing where it is a folder, which is visited later, or has gone.
    fn look_at(&mut self, entry: &DirEntry, is_own: impl Fn(&Path) -> bool) -> Option<Entry> {
        let Ok(kind) = entry.file_type() else {
            self.saw_all = false;
            return None;
        };
        if kind.is_dir() && is_own(&entry.path()) {
            return None;
        }
        if let Some(rule) = ignored_by(&entry.file_name()) {
            return Some(Entry::Ignored(rule));
        }
        if kind.is_symlink() {
            return Some(Entry::Ignored(SYMLINK));
        }
        if !kind.is_file() && !kind.is_dir() {
            return Some(Entry::Ignored(SPECIAL));
        }
        match entry.metadata() {
            Ok(metadata) if metadata.is_file() => return Some(Entry::File(metadata)),
            Ok(metadata) if metadata.dev() == self.home => self.folders.push(entry.path()),
            Ok(_) => return Some(Entry::Ignored(ELSEWHERE)),
            Err(e) => self.saw_all &= e.kind() == io::ErrorKind::NotFound,
        }
        None
    }

    fn cannot_list(&mut self, folder: &Path, error: &io::Error) {
        if error.kind() != io::ErrorKind::NotFound {
            tracing::warn!(folder = %folder.display(), %error, "cannot list the folder; its files wait");
            self.saw_all &= error.kind() == io::ErrorKind::PermissionDenied;
        }
    }
}
