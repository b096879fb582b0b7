//! Files that have lines and are not done with, whatever they are called by now.
//!
//! A file of many articles may be renamed while it is read, or go to embargo/ after an earlier version of it had lines. It
//! is met under its new name then by who knows nothing of its lines. The writer, through whose hands all lines go, does.

use std::collections::HashMap;

use super::inbox::Identity;
use super::intake::{Job, Key};
use super::kept::Version;

/// Versions of files that have lines and are not done with.
#[derive(Debug, Default)]
pub(crate) struct Begun {
    /// By what stays with a file when it is renamed: its inode, and when it was made.
    files: HashMap<(u64, i128), (Option<Key>, Version)>,
}

impl Begun {
    /// Notes that there are lines of this version of the file under this name. Where a file system does not tell when a file
    /// was made, its inode may be another's by now, and nothing is noted.
    pub(crate) fn note(&mut self, key: &Key, version: &Version) {
        self.put(Some(key.clone()), version);
    }

    /// The same of an earlier run: nobody has it in hand.
    pub(crate) fn note_left(&mut self, version: &Version) {
        self.put(None, version);
    }

    fn put(&mut self, key: Option<Key>, version: &Version) {
        /// More are files that were taken away while they were read, one after the other.
        const MOST: usize = 10_000;
        let Some(file) = file(&version.identity) else { return };
        let before = self.files.get(&file).filter(|(_, before)| before.id == version.id);
        let has_refused = version.has_refused || before.is_some_and(|(_, before)| before.has_refused);
        if self.files.len() >= MOST {
            self.files.clear();
        }
        self.files.insert(file, (key, Version { has_refused, ..version.clone() }));
    }

    /// The file is done with.
    pub(crate) fn forget(&mut self, identity: &Identity) {
        if !self.files.is_empty() {
            file(identity).map(|file| self.files.remove(&file));
        }
    }

    /// What is noted of a file.
    pub(crate) fn of(&self, identity: &Identity) -> Option<&(Option<Key>, Version)> {
        if self.files.is_empty() { None } else { self.files.get(&file(identity)?) }
    }

    /// What a job does not know of the lines that its file has under another name, with what it knows. Where both names
    /// `stand`, the file has two, and each has lines of its own.
    pub(crate) fn unknown_to(
        &self,
        job: &Job,
        identity: &Identity,
        stand: impl FnOnce([&Key; 2]) -> bool,
    ) -> Option<Version> {
        let (key, version) = self.of(identity).filter(|(key, _)| key.as_ref() != Some(&job.key))?;
        let unknown = match job.earlier() {
            // That it knows of another version is the newer word.
            Some(known) if known.id != version.id || known.covers(version) => return None,
            Some(known) => known.and(version),
            None => version.clone(),
        };
        let has_two_names = key.as_ref().is_some_and(|key| stand([key, &job.key]));
        (!has_two_names).then_some(unknown)
    }
}

fn file(identity: &Identity) -> Option<(u64, i128)> {
    Some((identity.inode, identity.born?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::intake::Past;
    use super::super::item_set::ItemSet;
    use super::*;

    const FILE: Identity = Identity { device: 1, inode: 7, ctime: 3, bytes: 100, mtime: 2, born: Some(1) };

    fn job(path: &str, earlier: Option<Version>) -> Job {
        let past = earlier.map(|earlier| Box::new(Past { attempts: 0, earlier: Some(earlier) }));
        Job { key: Key { inbox: 0, path: Path::new(path).into() }, past }
    }

    fn version(id: &str, items: std::ops::Range<u32>) -> Version {
        Version { begun: Some(items.collect::<ItemSet>()), ..Version::whole(FILE, id.into()) }
    }

    #[test]
    fn who_does_not_know_of_all_lines_is_told_and_then_goes_on() {
        let mut begun = Begun::default();
        begun.note(&job("a", None).key, &version("b3:1", 0..5));
        let told = |earlier| begun.unknown_to(&job("b", earlier), &FILE, |_| false);
        assert_eq!(told(None), Some(version("b3:1", 0..5)));
        assert_eq!(told(Some(version("b3:1", 3..8))), Some(version("b3:1", 0..8)));
        for knows in [version("b3:1", 0..5), version("b3:1", 0..9), version("b3:2", 0..1)] {
            assert_eq!(told(Some(knows)), None);
        }
        assert_eq!(told(Some(Version::whole(FILE, "b3:1".into()))), None);
    }

    #[test]
    fn the_same_name_another_name_that_stands_and_another_file_are_let_be() {
        let mut begun = Begun::default();
        begun.note(&job("a", None).key, &version("b3:1", 0..5));
        assert_eq!(begun.unknown_to(&job("a", None), &FILE, |_| false), None);
        assert_eq!(begun.unknown_to(&job("b", None), &FILE, |_| true), None);
        for other in
            [Identity { inode: 8, ..FILE }, Identity { born: Some(2), ..FILE }, Identity { born: None, ..FILE }]
        {
            assert_eq!(begun.unknown_to(&job("b", None), &other, |_| false), None);
        }
        begun.forget(&FILE);
        assert_eq!(begun.unknown_to(&job("b", None), &FILE, |_| false), None);
    }
}
