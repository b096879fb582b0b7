//! Paths as they stand: without links, which may change while we run.

use std::path::{Path, PathBuf};

/// A path without links, as far as it exists.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let standing = standing(path);
    let root = standing.canonicalize().unwrap_or_else(|_| standing.to_path_buf());
    match path.strip_prefix(standing) {
        Ok(rest) if rest != Path::new("") => root.join(rest),
        Ok(_) => root,
        Err(_) => root.join(path),
    }
}

/// The nearest part of the path that is there.
pub(crate) fn standing(path: &Path) -> &Path {
    path.ancestors().find(|part| part.exists()).unwrap_or(Path::new("."))
}
