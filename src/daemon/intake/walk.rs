//! What stands in an inbox, each entry with the rule that it is ignored by, if any.

use std::fs::Metadata;
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

/// Visits every entry below a folder; `enter` is told of each folder before it is listed. Links are not followed, and
/// what is mounted below is left alone, because nothing can be renamed out of it. Returns whether all was seen, as far as
/// another look could see more: a folder that is closed to us stays closed.
pub(crate) fn walk(
    folder: &Path,
    is_own: impl Fn(&Path) -> bool,
    mut enter: impl FnMut(&Path),
    mut visit: impl FnMut(PathBuf, Entry),
) -> bool {
    let home = match std::fs::metadata(folder) {
        Ok(metadata) => metadata.dev(),
        Err(e) => return e.kind() == std::io::ErrorKind::NotFound,
    };
    let (mut folders, mut seen) = (vec![folder.to_path_buf()], true);
    while let Some(folder) = folders.pop() {
        enter(&folder);
        let entries = std::fs::read_dir(&folder).and_then(|entries| entries.collect::<std::io::Result<Vec<_>>>());
        let entries = match entries {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => {
                tracing::warn!(folder = %folder.display(), error = %e, "cannot list the folder; its files wait");
                seen &= e.kind() == std::io::ErrorKind::PermissionDenied;
                continue;
            }
        };
        for entry in entries {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                seen = false;
                continue;
            };
            if kind.is_dir() && is_own(&path) {
                continue;
            }
            if let Some(rule) = ignored_by(&entry.file_name()) {
                visit(path, Entry::Ignored(rule));
            } else if kind.is_symlink() {
                visit(path, Entry::Ignored(SYMLINK));
            } else if !kind.is_file() && !kind.is_dir() {
                visit(path, Entry::Ignored(SPECIAL));
            } else {
                match entry.metadata() {
                    Ok(metadata) if metadata.is_file() => visit(path, Entry::File(metadata)),
                    Ok(metadata) if metadata.dev() == home => folders.push(path),
                    Ok(_) => visit(path, Entry::Ignored(ELSEWHERE)),
                    Err(e) => seen &= e.kind() == std::io::ErrorKind::NotFound,
                }
            }
        }
    }
    seen
}
