//! Puts refused files back into their inbox.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::daemon::config::Config;
use crate::daemon::inbox::{
    ARTICLES, REASON, Refusal, bring_back, embargo_of, escaped, rename_new, unescaped, with_suffix,
};
use crate::daemon::paths::{files_below, resolved};
use crate::durable::rename_over;
use crate::error::{Error, Result};

/// Moves files from failed/ back into the inbox that they came from, and removes their reasons. `names` are their names,
/// or their paths below failed/ or below the inbox; all where there are none. A running daemon reads them again at
/// once. Returns where each stands now.
///
/// # Errors
/// An [`Error::Io`] where a file cannot be moved, or where a name is not in failed/.
pub fn retry(config: &Config, names: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut moved = Vec::new();
    let mut wanted: Vec<&Path> = names.iter().map(PathBuf::as_path).collect();
    for inbox in config.standing_inboxes()? {
        let failed = resolved(&config.failed_of(&inbox));
        for refused in refused_in(&failed)? {
            let below = refused.path.strip_prefix(&failed).unwrap_or(&refused.path);
            let source = &refused.reason.source;
            let came_as = unescaped(&source.path);
            // Whoever may write to failed/ must not have us put his file anywhere else.
            let leads_out = !came_as.components().all(|part| matches!(part, Component::Normal(_)));
            let came_from_it = [inbox.clone(), embargo_of(&inbox)].iter().any(|from| source.inbox == escaped(from));
            if leads_out || !came_from_it {
                continue;
            }
            let is = |name: &Path| name == below || name == came_as || Some(name.as_os_str()) == below.file_name();
            if !names.is_empty() && !names.iter().any(|name| is(name)) {
                continue;
            }
            wanted.retain(|name| !is(name));
            moved.push(refused.put_back(&inbox.join(&came_as))?);
        }
    }
    match wanted.first() {
        None => Ok(moved),
        Some(name) => Err(Error::io("find among the refused", name)(std::io::ErrorKind::NotFound.into())),
    }
}

/// A file in failed/ with its reason.
pub(crate) struct RefusedFile {
    pub(crate) path: PathBuf,
    pub(crate) reason: Refusal,
}

impl RefusedFile {
    /// Moves it to its home, or to a free name beside that, and removes its reason.
    ///
    /// The reason steps aside before the file moves: a daemon may refuse the file again at once, and the reason that
    /// stands here then is the new one.
    fn put_back(&self, home: &Path) -> Result<PathBuf> {
        let (reason, aside) = (reason_of(&self.path), reason_aside_of(&self.path));
        // What stands there already is of an earlier try, which ended in between.
        match rename_over(&reason, &aside) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            moved => moved.map_err(Error::io("move aside", &reason))?,
        }
        let back = bring_back(home, &self.path).inspect_err(|_| {
            // The file stays, and so does its reason; where that does not come back, the next try finds it all the same.
            let _ = rename_new(&aside, &reason);
        })?;
        std::fs::remove_file(&aside).map_err(Error::io("remove", &aside))?;
        Ok(back)
    }
}

/// Where the reason of a refused file stands.
fn reason_of(refused: &Path) -> PathBuf {
    refused.with_file_name(with_suffix(refused.file_name().unwrap_or_default(), REASON))
}

/// Where that stands while the file is put back: hidden, and no reason to whoever looks for one.
fn reason_aside_of(refused: &Path) -> PathBuf {
    let mut hidden = OsString::from(".");
    hidden.push(refused.file_name().unwrap_or_default());
    refused.with_file_name(with_suffix(&hidden, ".retried"))
}

/// The reason that stands there, if one does.
fn read_reason(path: &Path) -> Option<Refusal> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Every refused file below failed/, in the order of their paths; none where there is no such folder.
pub(crate) fn refused_in(failed: &Path) -> Result<Vec<RefusedFile>> {
    let with_reason = |path: PathBuf| {
        let reason = read_reason(&reason_of(&path)).or_else(|| read_reason(&reason_aside_of(&path)))?;
        Some(RefusedFile { path, reason })
    };
    Ok(files_below(failed, |_| false)?.into_iter().filter_map(with_reason).collect())
}

/// A note in failed/ of refused articles, whose file went on.
pub(crate) struct RefusedInPart {
    pub(crate) note: PathBuf,
    /// The beginning of the digest of the file.
    pub(crate) digest: String,
    pub(crate) reason: Refusal,
}

/// Every such note below failed/, in the order of their paths.
pub(crate) fn refused_articles_in(failed: &Path) -> Result<Vec<RefusedInPart>> {
    let read = |note: PathBuf| {
        let name = escaped(Path::new(note.file_name()?));
        let digest = format!("b3:{}", name.strip_suffix(ARTICLES)?.rsplit('.').next()?);
        let reason = read_reason(&note)?;
        (!reason.articles.is_empty()).then_some(RefusedInPart { note, digest, reason })
    };
    Ok(files_below(failed, |_| false)?.into_iter().filter_map(read).collect())
}
