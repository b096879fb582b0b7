//! `disputed corpus convert`: labelled paragraphs from one format to another.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use disputed::learn::{Dataset, Format, Written};
use disputed::{Error, Result, replace_file};

use crate::print::print;

pub(crate) fn convert(from: &Path, to: &Path, format: Format) -> Result<()> {
    let dataset = Dataset::read(from)?;
    let export = dataset.export(format)?;
    for sentence in dataset.conflicts().iter().chain(dataset.left_out()).chain(&export.lost) {
        tracing::warn!("{sentence}");
    }
    if fs::symlink_metadata(to).is_ok() {
        let taken = io::Error::new(io::ErrorKind::AlreadyExists, "it is there already; name another, or remove it");
        return Err(Error::io("write", to)(taken));
    }
    match export.written {
        Written::File(bytes) => replace_file(to, &bytes)?,
        Written::Folder(files) => write_folder(to, &files).map_err(Error::io("write", to))?,
    }
    let paragraphs: usize = dataset.documents().map(|document| document.paragraphs.len()).sum();
    print(format!("{}: {paragraphs} paragraphs\n", to.display()))
}

/// Writes the files beside, and then gives their folder its name: it is there whole or not at all.
fn write_folder(to: &Path, files: &[(PathBuf, Vec<u8>)]) -> io::Result<()> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = to.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    fs::create_dir(&beside)?;
    let write = |(path, bytes): &(PathBuf, Vec<u8>)| {
        let path = beside.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        File::create_new(path)?.write_all(bytes)
    };
    #[expect(clippy::disallowed_methods, reason = "a folder takes the place of none but an empty one")]
    let written = files.iter().try_for_each(write).and_then(|()| fs::rename(&beside, to));
    if written.is_err() {
        // What is left of a failed write is of no use; that it cannot be removed is the lesser news.
        let _ = fs::remove_dir_all(&beside);
    }
    written
}
