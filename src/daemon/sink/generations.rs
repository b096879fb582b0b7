//! The files that a sink becomes when it is rotated, by us or by others.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::daemon::inbox::{loop_over_names, rename_new};
use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};

/// Renames a sink to a name that tells the second of its end, as in `labels.jsonl.20261122T101500Z`, and makes that
/// durable. Numbers that move on from file to file, as logrotate gives them, would be renames that a crash cuts short.
pub(crate) fn rename(sink: &Path, now: SystemTime) -> Result<PathBuf> {
    let second = humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
    let mut name = sink.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(second);
    let renamed = loop_over_names(&name, |name| {
        let kept = folder_of(sink).join(name);
        rename_new(sink, &kept).map(|()| kept)
    });
    let kept = renamed.map_err(Error::io("rotate", sink))?;
    sync_folder(folder_of(sink))?;
    Ok(kept)
}

/// The sink and what it was rotated to, oldest first: every file in its folder whose name is the sink's with something
/// after it. Compressed ones are among them.
pub(crate) fn of(sink: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder_of(sink);
    let name = sink.file_name().unwrap_or_default().as_bytes();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("list the folder", folder))? {
        let entry = entry.map_err(Error::io("list the folder", folder))?;
        let rest = entry.file_name();
        let Some(rest) = rest.as_bytes().strip_prefix(name) else { continue };
        if !matches!(rest.first(), None | Some(b'.' | b'-')) {
            continue;
        }
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            found.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}
