//! Names and files that survive a power cut.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    sync_names(folder).map_err(Error::io("sync the folder", folder))
}

/// As [`sync_folder`], for who has a step of his own to name.
pub(crate) fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes bytes to a file that was just made, and makes them durable.
pub(crate) fn write_synced(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// The folder that a file stands in.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// Writes a file so that its name means the old bytes or the new, never half: beside it, synced, renamed over it, and
/// the folder synced. A reader who has the old one open keeps it.
///
/// # Errors
/// An [`Error::Io`] that names the file. The old one stands then, unless it is the folder that could not be synced: the
/// new one may stand already, and a power cut may undo it.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by(path, &std::process::id().to_string(), bytes, rename_over).map_err(Error::io("write", path))
}

/// As [`replace_file`], for who writes this file alone: what a crash left beside it goes with the next try.
pub(crate) fn replace_own(path: &Path, bytes: &[u8]) -> Result<()> {
    write_own(path, bytes, rename_over).map_err(Error::io("write", path))
}

/// As [`replace_own`], for who has a step of his own to name, and whose `rename` may refuse to replace what stands there.
pub(crate) fn write_own(
    path: &Path,
    bytes: &[u8],
    rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    let digest = blake3::hash(name.as_encoded_bytes()).to_hex();
    write_by(path, digest.split_at(8).0, bytes, rename)
}

/// Renames, and replaces what stands there.
pub(crate) fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "to replace what stands there is the purpose")]
    std::fs::rename(from, to)
}

fn write_by(
    path: &Path,
    mark: &str,
    bytes: &[u8],
    rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    // A name may be as long as a file system takes, and has room for no more.
    let name: String = path.file_name().unwrap_or_default().to_string_lossy().chars().take(40).collect();
    let beside = folder_of(path).join(format!(".{name}.{mark}.tmp"));
    let written = File::create(&beside).and_then(|file| write_synced(file, bytes));
    let renamed = written.and_then(|()| rename(&beside, path));
    if renamed.is_err() {
        // What is left of a failed write is of no use; that it cannot be removed is the lesser news.
        let _ = std::fs::remove_file(&beside);
    }
    renamed?;
    sync_names(folder_of(path))
}
