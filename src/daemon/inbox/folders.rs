//! Folders that files are moved into, whose names outlive a power cut.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::moves::loop_over_names;
use crate::daemon::paths::is_gone;
use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};

/// The folders whose names are known to be durable: with a name that is not, a power cut would take all that was moved
/// into the folder. One that stands already may have been made by a run that was killed before it could sync.
#[derive(Debug)]
pub(crate) struct DurableFolders {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    folders: HashSet<PathBuf>,
    /// The folder of each path that one was made for: a name that a file had taken is numbered.
    made: HashMap<PathBuf, PathBuf>,
}

/// Past this they start to learn anew, rather than to grow for ever.
const MOST: usize = 10_000;

impl DurableFolders {
    /// Knows these from the start.
    pub(crate) fn knowing<'p>(folders: impl IntoIterator<Item = &'p Path>) -> DurableFolders {
        let folders = folders.into_iter().map(Path::to_path_buf).collect();
        DurableFolders { known: Mutex::new(Known { folders, made: HashMap::new() }) }
    }

    /// Makes the folders of an input in a subfolder, and each of their names durable. Nobody looks whether one that was
    /// made before still stands: a move into it tells, and asks to [`DurableFolders::look_again`].
    pub(crate) fn make(&self, target: &Path, below: &Path) -> Result<PathBuf> {
        let whole = target.join(below);
        if let Some(made) = self.lock().made.get(&whole) {
            return Ok(made.clone());
        }
        self.make_with_parents(target)?;
        let mut folder = target.to_path_buf();
        for part in below {
            // A file may have left under the name that is a folder's now.
            let made = loop_over_names(part, |name| {
                let made = folder.join(name);
                match std::fs::create_dir(&made) {
                    Err(e) if e.kind() == io::ErrorKind::AlreadyExists && is_folder(&made)? => Ok(made),
                    Err(e) => Err(e),
                    Ok(()) => {
                        self.forget(&made);
                        Ok(made)
                    }
                }
            });
            let made = made.map_err(Error::io("make the folder", folder.join(part)))?;
            self.sync(&made)?;
            folder = made;
        }
        let mut known = self.lock();
        if known.made.len() == MOST {
            known.made.clear();
        }
        known.made.insert(whole, folder.clone());
        Ok(folder)
    }

    /// Some folder that was made has gone: what is asked for next is looked for, and made anew where it is missing.
    pub(crate) fn look_again(&self) {
        self.lock().made.clear();
    }

    /// Makes a folder and those above it, where somebody has cleared them away or nobody needed them yet.
    fn make_with_parents(&self, folder: &Path) -> Result<()> {
        if !is_folder(folder).map_err(Error::io("look at the folder", folder))? {
            self.make_with_parents(folder_of(folder))?;
            std::fs::create_dir(folder).map_err(Error::io("make the folder", folder))?;
            self.forget(folder);
        }
        self.sync(folder)
    }

    fn sync(&self, folder: &Path) -> Result<()> {
        if self.lock().folders.contains(folder) {
            return Ok(());
        }
        sync_folder(folder_of(folder))?;
        let mut known = self.lock();
        if known.folders.len() == MOST {
            known.folders.clear();
        }
        known.folders.insert(folder.to_path_buf());
        Ok(())
    }

    fn forget(&self, folder: &Path) {
        self.lock().folders.remove(folder);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a folder stands there, or a link to one. What cannot be looked at is an error, and no folder that is missing.
fn is_folder(path: &Path) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(e) if is_gone(&e) => Ok(false),
        Err(e) => Err(e),
    }
}
