//! Paths as they stand: without links, which may change while we run; and what stands there.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::error::{Error, Result};

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

/// Whether the error says that nothing stands under a name: nor does anything below a file, where a folder was.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Opens a file to read it, neither through a link nor waiting for a FIFO's writer.
pub(crate) fn open_plainly(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32).open(path)
}

/// Every file below a folder, in the order of their paths, without those in folders that are left out; none where there
/// is no folder.
pub(crate) fn files_below(root: &Path, is_left_out: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(e) if is_gone(&e) => continue,
            entries => entries.map_err(Error::io("list the folder", &folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(Error::io("list the folder", &folder))?;
            let (path, is_folder) = (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir()));
            match is_folder {
                true if is_left_out(&path) => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    Ok(files)
}
