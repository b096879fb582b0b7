//! The articles that are remembered: in memory, and in two journals in the state folder, of which the older is full.
//!
//! The writer alone asks and tells it, in the order of the lines, so that no line speaks of one that is not before it. What
//! is remembered of a line is written down after the line is durable, and synced before the mark passes it: a kill loses
//! nothing that matters, and a power cut at most what the last fifth of a second brought, whose repeats are not known then.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::article::Status;
use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};
use crate::story::{Arrival, Entry, Guid, Id, Reach, Stories, Telling, journal};

/// The articles that are remembered.
pub(crate) struct Memory {
    stories: Stories,
    /// How many entries make a journal full.
    most: usize,
    path: PathBuf,
    file: File,
    /// How much of the file is whole, and how many entries that is.
    at: u64,
    entries: usize,
    /// What is not written yet, and whether anything is not synced.
    pending: Vec<u8>,
    is_synced: bool,
}

impl Memory {
    /// Reads what an earlier run left in the state folder, and adds what its last lines `told`: it may have been killed
    /// after a line and before it remembered the article.
    ///
    /// # Errors
    /// What the disk says. A journal that cannot be read for what is in it is begun anew.
    pub(crate) fn open(state: &Path, reach: Reach, told: &[Entry]) -> Result<Memory> {
        let path = state.join("stories");
        let mut stories = Stories::new(reach);
        let word = |entry: &Entry| (entry.id(), entry.status() as u8);
        let mut unknown: HashSet<_> = told.iter().map(word).collect();
        let mut remember = |entry: Entry| {
            if !entry.waits() {
                unknown.remove(&word(&entry));
            }
            stories.remember(&entry);
        };
        load(&aside(&path), &mut remember)?;
        let whole = load(&path, &mut remember)?;
        let unknown: Vec<&Entry> = told.iter().filter(|entry| unknown.contains(&word(entry))).collect();
        unknown.iter().for_each(|entry| stories.remember(entry));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(Error::io("open", &path))?;
        // What was torn would stand behind what is written next.
        file.set_len(whole.bytes).map_err(Error::io("cut", &path))?;
        let pending = if whole.bytes == 0 { journal::HEADER.to_vec() } else { Vec::new() };
        sync_folder(state)?;
        let (most, entries) = (reach.articles.max(1), usize::try_from(whole.entries).unwrap_or(usize::MAX));
        let mut memory = Memory { stories, most, path, file, at: whole.bytes, entries, pending, is_synced: false };
        if !unknown.is_empty() {
            memory.note(unknown.into_iter());
            memory.sync()?;
        }
        Ok(memory)
    }

    /// What an article has to do with earlier ones.
    pub(crate) fn tell(&self, arrival: &Arrival, now: SystemTime) -> Telling {
        self.stories.tell(arrival, now)
    }

    /// What became of the article that a publisher gives this name, where that is remembered.
    pub(crate) fn status(&self, guid: Guid, now: SystemTime) -> Option<Status> {
        self.stories.known_as(guid, now).map(Entry::status)
    }

    /// Remembers an article for the next ones that come.
    pub(crate) fn remember(&mut self, entry: &Entry) {
        self.stories.remember(entry);
    }

    /// Whether an article is known to wait for the end of an embargo.
    pub(crate) fn has_waited(&self, id: Id) -> bool {
        self.stories.has_waited(id)
    }

    /// How many articles that were under embargo have been outdated by newer word so far.
    pub(crate) fn outdated(&self) -> u64 {
        self.stories.outdated()
    }

    /// Whether an article was under embargo, and its publisher has sent newer word of it meanwhile.
    pub(crate) fn is_outdated(&self, id: Id, guid: Guid) -> bool {
        self.stories.is_outdated(id, guid)
    }

    /// Writes down what is to be remembered of lines that are durable now. Where that fails it is tried again later.
    pub(crate) fn note<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>) {
        let before = self.pending.len();
        for entry in entries {
            self.pending.extend_from_slice(&entry.to_bytes());
            self.entries += 1;
        }
        if self.pending.len() > before {
            // Whoever syncs it says what stands in the way.
            let _ = self.write();
        }
    }

    /// Makes durable what was written down, and goes on in a new journal where this one is full.
    ///
    /// # Errors
    /// What the disk says; it can be tried again.
    pub(crate) fn sync(&mut self) -> Result<()> {
        let written = self.write().and_then(|()| if self.is_synced { Ok(()) } else { self.file.sync_data() });
        written.map_err(Error::io("write to", &self.path))?;
        self.is_synced = true;
        if self.entries < self.most {
            return Ok(());
        }
        #[expect(clippy::disallowed_methods, reason = "of two journals the older has nothing of use any more")]
        std::fs::rename(&self.path, aside(&self.path)).map_err(Error::io("put aside", &self.path))?;
        self.file = File::create(&self.path).map_err(Error::io("make", &self.path))?;
        (self.at, self.entries, self.pending) = (0, 0, journal::HEADER.to_vec());
        sync_folder(folder_of(&self.path))
    }

    fn write(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.is_synced = false;
        self.file.write_all_at(&self.pending, self.at)?;
        self.at += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

/// The older journal.
fn aside(path: &Path) -> PathBuf {
    path.with_extension("1")
}

/// Remembers what stands in a journal, where there is one.
fn load(path: &Path, remember: impl FnMut(Entry)) -> Result<journal::Whole> {
    let file = match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(journal::Whole::default()),
        opened => opened.map_err(Error::io("open", path))?,
    };
    let is_short = |whole: &journal::Whole| file.metadata().is_ok_and(|is| is.len() > whole.bytes);
    match journal::read(BufReader::with_capacity(1 << 16, &file), remember) {
        Ok(whole) => {
            if is_short(&whole) {
                tracing::warn!(path = %path.display(), articles = whole.entries, "its end is torn; the rest is remembered");
            }
            Ok(whole)
        }
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            tracing::warn!(path = %path.display(), "not of this version; articles are remembered anew");
            Ok(journal::Whole::default())
        }
        Err(e) => Err(Error::io("read", path)(e)),
    }
}

#[cfg(test)]
mod tests {
    use crate::story::Signature;

    use super::*;

    fn entry(n: u8) -> Entry {
        let signature = Signature::of([format!("Flash number {n}.").as_str()]);
        Entry::new(Id([n; 32]), Id([n; 32]).into(), SystemTime::UNIX_EPOCH, signature)
    }

    fn known(memory: &Memory) -> Vec<u8> {
        let is_known = |n: &u8| memory.stories.find(entry(*n).signature(), SystemTime::UNIX_EPOCH).is_some();
        (0..20).filter(is_known).collect()
    }

    fn take(memory: &mut Memory, numbers: std::ops::Range<u8>) {
        for n in numbers {
            memory.remember(&entry(n));
            memory.note([entry(n)].iter());
        }
    }

    #[test]
    fn what_was_noted_is_known_to_the_next_run_whether_it_was_synced_or_not() {
        let state = tempfile::tempdir().expect("a folder");
        let reach = Reach { articles: 5, ..Reach::default() };
        let mut expected = Vec::new();
        for n in 0..12 {
            let mut memory = Memory::open(state.path(), reach, &[]).expect("a memory");
            assert_eq!(known(&memory), expected);
            take(&mut memory, n..n + 1);
            if n % 3 == 0 {
                memory.sync().expect("synced");
            }
            expected = (n.saturating_sub(4)..=n).collect();
            assert_eq!(known(&memory), expected);
        }
    }

    #[test]
    fn a_torn_end_is_cut_and_another_version_is_begun_anew() {
        let state = tempfile::tempdir().expect("a folder");
        let reach = Reach { articles: 5, ..Reach::default() };
        take(&mut Memory::open(state.path(), reach, &[]).expect("a memory"), 0..2);
        let path = state.path().join("stories");
        File::options().append(true).open(&path).and_then(|f| f.write_all_at(&[7; 100], 400)).expect("written");
        let mut memory = Memory::open(state.path(), reach, &[]).expect("a memory");
        assert_eq!(known(&memory), [0, 1]);
        take(&mut memory, 2..3);
        assert_eq!(known(&Memory::open(state.path(), reach, &[]).expect("a memory")), [0, 1, 2]);
        File::create(&path).and_then(|f| f.write_all_at(b"something else altogether", 0)).expect("written");
        let mut memory = Memory::open(state.path(), reach, &[]).expect("a memory");
        assert_eq!(known(&memory), Vec::<u8>::new());
        take(&mut memory, 3..4);
        assert_eq!(known(&Memory::open(state.path(), reach, &[]).expect("a memory")), [3]);
    }
}
