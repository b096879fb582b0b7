//! Finds inputs and decides when each is ready. The directory is the truth; hints only say where to look first.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::ignore::ignored_by;
use super::inbox::Inbox;
use super::settle::{Look, Settle, Sign};
use super::watch::{Hint, Watch};

/// An input by its place: which inbox, and the path in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) inbox: usize,
    pub(super) path: PathBuf,
}

/// An input that is ready to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) key: Key,
    /// How often it could not be read before, and whether this try is the last.
    pub(super) attempts: u32,
    pub(super) last_try: bool,
    /// The record that an earlier version of this file gave, where it changed before it could be moved.
    pub(super) replaces: Option<String>,
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has left the inbox, or its producer took it back.
    Gone,
    /// It changed while it was in hand; the record of what was read, where one was written.
    Changed(Option<String>),
    /// It could not be read, which may heal.
    Unreadable,
}

/// The files of all inboxes that are not yet in hand.
pub(super) struct Intake {
    inboxes: Arc<[Inbox]>,
    /// The state folder, which may lie below an inbox and holds no input.
    state: PathBuf,
    watch: Watch,
    settle: Settle<Key>,
    busy: HashSet<Key>,
    /// Signs that came for a busy file: it may have been replaced.
    again: HashMap<Key, Sign>,
    attempts: HashMap<Key, (u32, SystemTime)>,
    replaces: HashMap<Key, String>,
    /// What scans found, oldest first, and what events announced: taken in turn, so that neither waits for the other.
    backlog: VecDeque<Key>,
    arrivals: VecDeque<Key>,
    arrival_next: bool,
}

/// A file that cannot be read is tried this often, after 0.2 s, 0.4 s, 0.8 s, 1.6 s and 3.2 s, before it is set aside.
const ATTEMPTS: u32 = 6;
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// What cannot even be set aside is tried for ever, after so many doublings (51 s) at most.
const DOUBLINGS: u32 = 8;

impl Intake {
    pub(super) fn new(inboxes: Arc<[Inbox]>, state: PathBuf, watch: Watch, quiet: Duration) -> Intake {
        Intake {
            inboxes,
            state,
            watch,
            settle: Settle::new(quiet),
            busy: HashSet::new(),
            again: HashMap::new(),
            attempts: HashMap::new(),
            replaces: HashMap::new(),
            backlog: VecDeque::new(),
            arrivals: VecDeque::new(),
            arrival_next: true,
        }
    }

    /// Watches the inboxes themselves; the folders in them follow with the first scan.
    pub(super) fn watch_roots(&mut self) {
        for inbox in self.inboxes.iter() {
            self.watch.folder(inbox.root());
        }
    }

    /// Looks at everything that is there. Watches come first, so that what appears meanwhile is announced.
    pub(super) fn scan(&mut self, now: SystemTime) {
        let mut found = Vec::new();
        for inbox in 0..self.inboxes.len() {
            if let Err(error) = self.inboxes[inbox].follow() {
                tracing::warn!(%error, "the inbox is out of reach; looking again soon");
                continue;
            }
            let root = self.inboxes[inbox].root().to_path_buf();
            self.walk(inbox, root, &mut |key, metadata| found.push((key, look_of(&metadata))));
        }
        found.sort_by(|(a, x), (b, y)| (x.modified, &a.path).cmp(&(y.modified, &b.path)));
        for (key, look) in found {
            if self.is_free(&key) && self.settle.ready(&key, Sign::Found, look, now) {
                let key = self.taken(key);
                self.backlog.push_back(key);
            }
        }
    }

    /// Looks where events say that something happened.
    pub(super) fn look_at(&mut self, hints: Vec<Hint>, now: SystemTime) {
        for hint in hints {
            let (path, sign) = match hint {
                Hint::Created(path) => (path, Sign::Created),
                Hint::Finished(path) => (path, Sign::Finished),
                Hint::Rescan => {
                    self.settle.events_lost();
                    self.scan(now);
                    continue;
                }
            };
            let Some(key) = self.key_of(&path) else { continue };
            match std::fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() && !self.is_excluded(key.inbox, &path) => {
                    let mut found = Vec::new();
                    self.walk(key.inbox, path, &mut |key, metadata| found.push((key, metadata)));
                    // A tree that was renamed in is whole; one that is being made has its writers' closes to come.
                    found.into_iter().for_each(|(key, metadata)| self.consider(key, Sign::Found, &metadata, now));
                }
                Ok(metadata) => self.consider(key, sign, &metadata, now),
                Err(_) => self.forget(&key),
            }
        }
    }

    /// Takes back what the pipeline has dealt with.
    pub(super) fn settle_fates(&mut self, fates: Vec<(Key, Fate)>, now: SystemTime) {
        for (key, fate) in fates {
            self.busy.remove(&key);
            let mut sign = self.again.remove(&key);
            match fate {
                Fate::Gone => {
                    // The sign may have been of the version that has just left: for another it proves nothing.
                    sign = sign.map(|_| Sign::Found);
                    self.forget(&key);
                }
                Fate::Changed(id) => {
                    self.attempts.remove(&key);
                    self.replaces.extend(id.map(|id| (key.clone(), id)));
                    sign = sign.or(Some(Sign::Found));
                }
                Fate::Unreadable => {
                    let attempts = self.attempts.get(&key).map_or(1, |&(attempts, _)| attempts + 1);
                    let due = now + FIRST_RETRY * 2u32.pow((attempts - 1).min(DOUBLINGS));
                    self.attempts.insert(key, (attempts, due));
                    continue;
                }
            }
            if let Some(sign) = sign {
                self.look_again(key, sign, now);
            }
        }
    }

    /// Looks again at the files whose time has come.
    pub(super) fn look_at_due(&mut self, now: SystemTime) {
        for key in self.settle.due(now) {
            self.look_again(key, Sign::Found, now);
        }
        let retries = self.attempts.iter().filter(|(key, (_, due))| *due <= now && !self.busy.contains(key));
        for key in retries.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            let key = self.taken(key);
            self.backlog.push_back(key);
        }
    }

    /// The next job, where one is ready.
    pub(super) fn next(&mut self) -> Option<Job> {
        let (first, second) = if self.arrival_next {
            (&mut self.arrivals, &mut self.backlog)
        } else {
            (&mut self.backlog, &mut self.arrivals)
        };
        let key = first.pop_front().or_else(|| second.pop_front())?;
        self.arrival_next = !self.arrival_next;
        let attempts = self.attempts.get(&key).map_or(0, |&(attempts, _)| attempts);
        let replaces = self.replaces.get(&key).cloned();
        Some(Job { attempts, last_try: attempts + 1 >= ATTEMPTS, replaces, key })
    }

    /// When something waits for its time: that time.
    pub(super) fn next_due(&self) -> Option<SystemTime> {
        let retries = self.attempts.iter().filter(|(key, _)| !self.busy.contains(key)).map(|(_, &(_, due))| due);
        retries.chain(self.settle.next_due()).min()
    }

    /// Whether nothing is known that is not dealt with, as far as it can be.
    pub(super) fn is_idle(&self) -> bool {
        let given_up = |&(attempts, _): &(u32, SystemTime)| attempts >= ATTEMPTS;
        self.busy.is_empty() && self.settle.is_empty() && self.attempts.values().all(given_up)
    }

    /// Whether only scans find anything.
    pub(super) fn is_polling(&self) -> bool {
        self.watch.is_polling()
    }

    /// Watches a folder that is no inbox, such as the model's.
    pub(super) fn watch_also(&mut self, folder: &Path) {
        self.watch.folder(folder);
    }

    fn look_again(&mut self, key: Key, sign: Sign, now: SystemTime) {
        match std::fs::symlink_metadata(self.path_of(&key)) {
            Ok(metadata) => self.consider(key, sign, &metadata, now),
            Err(_) => self.forget(&key),
        }
    }

    fn consider(&mut self, key: Key, sign: Sign, metadata: &Metadata, now: SystemTime) {
        if !metadata.is_file() || self.is_excluded(key.inbox, &self.path_of(&key)) {
            return self.forget(&key);
        }
        if self.busy.contains(&key) {
            self.again.insert(key, sign);
        } else if self.is_free(&key) && self.settle.ready(&key, sign, look_of(metadata), now) {
            let key = self.taken(key);
            self.arrivals.push_back(key);
        }
    }

    /// Not in hand, and not waiting for a retry that is still to come.
    fn is_free(&self, key: &Key) -> bool {
        !self.busy.contains(key) && !self.attempts.contains_key(key)
    }

    fn taken(&mut self, key: Key) -> Key {
        self.busy.insert(key.clone());
        key
    }

    fn forget(&mut self, key: &Key) {
        self.settle.forget(key);
        self.attempts.remove(key);
        self.replaces.remove(key);
    }

    fn path_of(&self, key: &Key) -> PathBuf {
        self.inboxes[key.inbox].root().join(&key.path)
    }

    fn key_of(&self, path: &Path) -> Option<Key> {
        let under = |(inbox, i): (usize, &Inbox)| {
            path.strip_prefix(i.root()).ok().map(|path| Key { inbox, path: path.to_path_buf() })
        };
        self.inboxes.iter().enumerate().find_map(under)
    }

    /// Whether some part of the path below the inbox is ignored or our own.
    fn is_excluded(&self, inbox: usize, path: &Path) -> bool {
        let root = self.inboxes[inbox].root();
        path.ancestors()
            .take_while(|part| *part != root)
            .any(|part| part.file_name().is_some_and(|n| ignored_by(n).is_some()) || self.is_no_input(part))
    }

    fn is_no_input(&self, path: &Path) -> bool {
        path == self.state || self.inboxes.iter().any(|inbox| inbox.is_own(path))
    }

    /// Visits every regular file below the folder that may be an input. Links are not followed.
    fn walk(&mut self, inbox: usize, folder: PathBuf, visit: &mut impl FnMut(Key, Metadata)) {
        let root = self.inboxes[inbox].root().to_path_buf();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            self.watch.folder(&folder);
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => {
                    tracing::warn!(folder = %folder.display(), error = %e, "cannot list the folder; its files wait");
                    continue;
                }
            };
            for entry in entries.flatten() {
                if ignored_by(&entry.file_name()).is_some() {
                    continue;
                }
                let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
                if kind.is_dir() {
                    if !self.is_no_input(&path) {
                        folders.push(path);
                    }
                } else if kind.is_file()
                    && let (Ok(below), Ok(metadata)) = (path.strip_prefix(&root), entry.metadata())
                {
                    visit(Key { inbox, path: below.to_path_buf() }, metadata);
                }
            }
        }
    }
}

fn look_of(metadata: &Metadata) -> Look {
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Look { bytes: metadata.len(), modified, linked: metadata.nlink() > 1 }
}
