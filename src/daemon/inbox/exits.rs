//! The ways out of an inbox: where its files are renamed to, and where they go from there.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::daemon::config::After;

/// The ways out of one inbox.
///
/// A rename is the one step that takes a file out of an inbox whole, and it works within one file system only. So what
/// cannot be renamed to where it belongs is renamed into a *leaving* folder in the inbox first, and goes on from there:
/// done/ on another file system, files that are to be deleted, and refused files, which are looked at once more before
/// they lie in failed/ for good.
#[derive(Debug, Clone)]
pub(crate) struct Exits {
    after: After,
    done: PathBuf,
    failed: PathBuf,
    /// Where files wait whose articles are under embargo; none where they wait in place.
    embargo: Option<PathBuf>,
    leaving: PathBuf,
    /// Whether a file can be renamed straight into done/.
    done_is_near: bool,
}

/// What Linux takes for a path, with its NUL; a number and `.reason.json` come on top of the name.
const LONGEST: usize = 4096 - 64;

impl Exits {
    /// The folders are there.
    pub(crate) fn new(root: &Path, after: After, done: PathBuf, failed: PathBuf) -> Exits {
        let device = |folder: &Path| std::fs::metadata(folder).map(|m| m.dev()).ok();
        let done_is_near = device(root) == device(&done);
        Exits { after, done, failed, embargo: None, leaving: root.join(".disputed/leaving"), done_is_near }
    }

    /// The same with a folder for what is under embargo.
    #[must_use]
    pub(crate) fn with_embargo(self, embargo: PathBuf) -> Exits {
        Exits { embargo: Some(embargo), ..self }
    }

    /// Where files wait whose articles are under embargo; none where they wait in place.
    pub(crate) fn embargo(&self) -> Option<&Path> {
        self.embargo.as_deref()
    }

    /// What becomes of a file whose line is durable.
    pub(crate) fn after(&self) -> After {
        self.after
    }

    /// Where finished files are in the end.
    pub(crate) fn done(&self) -> &Path {
        &self.done
    }

    /// Where refused files are in the end, each with its reason.
    pub(crate) fn failed(&self) -> &Path {
        &self.failed
    }

    /// The folder in the inbox that files leave through.
    pub(crate) fn leaving(&self) -> &Path {
        &self.leaving
    }

    /// Where finished files are renamed to.
    pub(crate) fn door_of_done(&self) -> PathBuf {
        match self.after {
            After::Delete => self.leaving.join("deleted"),
            After::Move => self.door_of_kept(),
            After::Keep => self.leaving.join("done"),
        }
    }

    /// Where finished files are renamed to that may not be deleted.
    pub(crate) fn door_of_kept(&self) -> PathBuf {
        if self.done_is_near { self.done.clone() } else { self.leaving.join("done") }
    }

    /// Where refused files are renamed to.
    pub(crate) fn door_of_failed(&self) -> PathBuf {
        self.leaving.join("failed")
    }

    /// Where their reasons wait for them: apart, so that nobody has to guess which is which.
    pub(crate) fn reasons(&self) -> PathBuf {
        self.leaving.join("reasons")
    }

    /// Whether this folder, somewhere below the inbox, is one of our own.
    pub(crate) fn own(&self, folder: &Path) -> bool {
        folder == self.done || folder == self.failed || self.embargo.as_deref() == Some(folder)
    }

    /// Whether the path below one of the folders would be longer than a path can be.
    pub(crate) fn are_too_deep_for(&self, path: &Path) -> bool {
        let deleted = self.leaving.as_os_str().len() + "/deleted".len();
        let folders = [self.done.as_os_str().len(), self.failed.as_os_str().len(), deleted];
        folders.into_iter().any(|folder| folder + "/".len() + path.as_os_str().len() > LONGEST)
    }
}
