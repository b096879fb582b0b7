//! The model in use, and how another takes its place between two articles.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::error::Result;
use crate::model::Model;

/// The model that the next article is scored by.
pub(super) struct ModelSlot {
    path: Option<PathBuf>,
    current: RwLock<Arc<Model>>,
    /// The version of the file that was looked at last.
    seen: Mutex<Option<Version>>,
}

/// Device, inode, size and change time.
type Version = (u64, u64, u64, i64, i64);

fn version(path: &Path) -> Option<Version> {
    let m = std::fs::metadata(path).ok()?;
    Some((m.dev(), m.ino(), m.len(), m.ctime(), m.ctime_nsec()))
}

impl ModelSlot {
    /// Loads the model of that file, or the shipped one.
    pub(super) fn load(path: Option<&Path>) -> Result<ModelSlot> {
        // Before it is loaded: a version that comes in between is another one then.
        let seen = Mutex::new(path.and_then(version));
        let model = match path {
            Some(path) => Model::load(path)?,
            None => Model::shipped()?,
        };
        Ok(ModelSlot { path: path.map(Path::to_path_buf), current: RwLock::new(Arc::new(model)), seen })
    }

    /// The model, whole: who holds it keeps it, whatever is loaded meanwhile.
    pub(super) fn current(&self) -> Arc<Model> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The model's file, where it is not the shipped one.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// As [`ModelSlot::reload`], where the file is another than the one that was looked at last.
    pub(super) fn reload_if_changed(&self) {
        let Some(path) = &self.path else { return };
        if *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != version(path) {
            self.reload();
        }
    }

    /// Takes the file's model if it is whole and passes its own self-test; else the one in use goes on.
    pub(super) fn reload(&self) {
        let Some(path) = &self.path else { return };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = version(path);
        let before = self.current();
        match Model::load(path) {
            Ok(model) if model.id() == before.id() => {}
            Ok(model) => {
                tracing::info!(before = before.id(), now = model.id(), "new model");
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(model);
            }
            Err(error) => {
                tracing::error!(%error, serving = before.id(), "the new model is refused; the old one goes on")
            }
        }
    }
}
