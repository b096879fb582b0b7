//! embargo/: an inbox in an inbox, in which files wait whose articles are not to be published yet.
//!
//! A file with such an article goes there before any line of it is written, and has all its lines from there: what is due
//! at once, the rest as it becomes due. Beside it stands NAME.held.json, which says what is still to come. That is for
//! people: the file itself says it to us, at each start.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Inbox;
use super::claim::Claim;
use super::leave::Committed;
use super::moves::{Moves, stands};
use super::name::{HELD, escaped, unescaped, with_suffix};
use super::onward::gone;
use crate::daemon::config::After;
use crate::daemon::delivery::Held;
use crate::daemon::paths::files_below;
use crate::durable::{folder_of, replace_own};
use crate::error::{Error, Result};

/// The embargo/ of an inbox.
pub(crate) fn embargo_of(inbox: &Path) -> PathBuf {
    inbox.join("embargo")
}

/// What stands beside a file that waits.
#[derive(Serialize, Deserialize)]
struct Note {
    /// The file's path in embargo/, escaped as in records.
    path: String,
    /// When it is read again, in UTC.
    next: String,
    /// What is still to come.
    articles: Vec<Waiting>,
}

#[derive(Serialize, Deserialize)]
struct Waiting {
    item: u32,
    until: String,
    title: Option<String>,
    guid: Option<String>,
}

impl Inbox {
    /// Whether what is under embargo waits here.
    pub(crate) fn holds(&self) -> bool {
        self.exits.embargo().is_none()
    }

    /// Whether it is the embargo/ of another inbox.
    pub(crate) fn is_embargo(&self) -> bool {
        self.holds() && self.exits.after() != After::Keep
    }

    /// The folder that a file came in, for what is unique there: from embargo/ it is the one that it waits for.
    pub(crate) fn place_of(&self, path: &Path) -> String {
        let home = if self.is_embargo() { folder_of(&self.root) } else { &self.root };
        escaped(folder_of(&home.join(path)))
    }

    /// Moves a file to embargo/.
    ///
    /// # Errors
    /// As of [`Inbox::finish`].
    pub(crate) fn embargo(&self, claim: &mut Claim, moves: &mut Moves) -> Result<Committed> {
        let Some(door) = self.exits.embargo() else { return Ok(Committed::Kept) };
        self.leave_as_read(claim, door, None, moves)
    }

    /// Notes beside a file what of it is still to come.
    ///
    /// # Errors
    /// What stands in the way.
    pub(crate) fn note_held(&self, path: &Path, held: &[Held]) -> Result<()> {
        /// So many are named.
        const NAMED: usize = 1000;
        let text = |time| humantime::format_rfc3339_seconds(time).to_string();
        let waiting = held.iter().take(NAMED).map(|held| Waiting {
            item: held.item,
            until: text(held.until),
            title: held.title.clone(),
            guid: held.guid.clone(),
        });
        let next = held.iter().map(|held| held.until).min().map(text).unwrap_or_default();
        let note = Note { path: escaped(path), next, articles: waiting.collect() };
        // Strings and numbers: writing them to memory cannot fail.
        let mut json = serde_json::to_vec_pretty(&note).unwrap_or_default();
        json.push(b'\n');
        // Whoever looks at it sees the old one or the new one.
        replace_own(&self.beside(path), &json)
    }

    /// Removes what was noted beside a file that has left.
    ///
    /// # Errors
    /// What stands in the way.
    pub(crate) fn forget_held(&self, path: &Path) -> Result<()> {
        if !self.holds() {
            return Ok(());
        }
        let note = self.beside(path);
        std::fs::remove_file(&note).or_else(gone).map_err(Error::io("remove", &note))
    }

    /// Removes the notes whose files have left, and what a crash left of one that was being written.
    ///
    /// # Errors
    /// An [`Error::Io`] where the folder cannot be read.
    pub(crate) fn forget_stray_notes(&self) -> Result<()> {
        for path in files_below(&self.root, |_| false)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_stray = match name.ends_with(HELD) {
                true => {
                    let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
                    let note = serde_json::from_slice::<Note>(&bytes).ok();
                    let file = note.map(|note| self.root.join(unescaped(&note.path)));
                    !file.map_or(Ok(true), |file| stands(&file)).map_err(Error::io("look for the file of", &path))?
                }
                false => name.starts_with('.') && name.contains(&format!("{HELD}.")) && name.ends_with(".tmp"),
            };
            if is_stray {
                std::fs::remove_file(&path).or_else(gone).map_err(Error::io("remove", &path))?;
            }
        }
        Ok(())
    }

    fn beside(&self, path: &Path) -> PathBuf {
        let name = path.file_name().unwrap_or(OsStr::new("input"));
        self.root.join(path.with_file_name(with_suffix(name, HELD)))
    }
}
