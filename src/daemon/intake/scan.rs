//! A look at everything that is there, a slice at a time: what is announced meanwhile does not wait for its end.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::SystemTime;

use super::walk::{Entry, Walk};
use super::{Intake, Key, Sign, look_of};
use crate::daemon::inbox::Identity;

/// Entries that are visited before other work has its turn.
const SLICE: usize = 1000;

/// A scan under way.
pub(crate) struct Scan {
    /// The inboxes that are still to be walked.
    inboxes: Vec<usize>,
    walk: Option<(usize, Walk)>,
    /// What is ready, each with its modification time.
    found: Vec<(SystemTime, Key)>,
    ignored: BTreeMap<&'static str, u64>,
    /// What stays in its inbox by our memory, and was not met.
    missed: HashSet<Key>,
    /// The inboxes in which something stands.
    in_use: HashSet<usize>,
    saw_all: bool,
    /// Something happened that asks for another look, from the beginning.
    again: bool,
}

impl Scan {
    /// This stays, and stands there.
    pub(crate) fn met(&mut self, key: &Key) {
        self.missed.remove(key);
    }
}

impl Intake {
    /// Begins to look at everything that is there; where that is under way, there is another look after it.
    pub(crate) fn begin_scan(&mut self) {
        if let Some(scan) = &mut self.scan {
            scan.again = true;
            return;
        }
        if self.watch.polling().is_some() {
            // Not every close is heard of: nothing counts as held open.
            self.settle.events_lost();
        }
        self.scan = Some(Scan {
            inboxes: (0..self.shared.inboxes.len()).rev().collect(),
            walk: None,
            found: Vec::new(),
            ignored: BTreeMap::new(),
            missed: self.kept.keys().cloned().collect(),
            in_use: HashSet::new(),
            saw_all: true,
            again: false,
        });
    }

    /// Whether a scan is under way.
    pub(crate) fn is_scanning(&self) -> bool {
        self.scan.is_some()
    }

    /// Goes on with the scan that is under way; whether that was its last slice.
    pub(crate) fn scan_on(&mut self, now: SystemTime) -> bool {
        let Some(mut scan) = self.scan.take() else { return false };
        for _ in 0..SLICE {
            if !self.visit_next(&mut scan, now) {
                self.end_scan(scan);
                return !self.is_scanning();
            }
        }
        self.scan = Some(scan);
        false
    }

    /// Visits one entry, and counts what is ready as in hand at once; `false` after the last.
    fn visit_next(&mut self, scan: &mut Scan, now: SystemTime) -> bool {
        let Some((inbox, walk)) = &mut scan.walk else {
            let Some(inbox) = scan.inboxes.pop() else { return false };
            match self.shared.inboxes[inbox].follow() {
                Ok(()) => scan.walk = Some((inbox, Walk::new(self.shared.inboxes[inbox].root()))),
                Err(error) => {
                    tracing::warn!(%error, "the inbox is out of reach; looking again soon");
                    scan.saw_all = false;
                }
            }
            return true;
        };
        match self.next_of(*inbox, walk) {
            Some((key, Entry::File(metadata))) => {
                scan.in_use.insert(*inbox);
                scan.missed.remove(&key);
                let look = look_of(&metadata);
                if self.is_free(&key, &Identity::from(&metadata)) && self.is_ready(&key, Sign::Found, look, now) {
                    scan.found.push((look.modified, key));
                }
            }
            Some((_, Entry::Ignored(rule))) => *scan.ignored.entry(rule).or_insert(0) += 1,
            None => {
                scan.saw_all &= walk.saw_all();
                scan.walk = None;
            }
        }
        true
    }

    fn end_scan(&mut self, scan: Scan) {
        let Scan { mut found, ignored, missed, in_use, saw_all, again, .. } = scan;
        self.saw_all = saw_all;
        self.pending.tally.ignored = ignored;
        // What stayed and has gone since may come again. Where nothing stands any more, a disk may have been taken off.
        for key in missed.iter().filter(|_| saw_all) {
            if in_use.contains(&key.inbox) {
                self.kept.remove(key);
            }
            if self.pending.release(key) {
                self.pending.vanish(key);
                if let Err(error) = self.shared.inboxes[key.inbox].forget_held(&key.path) {
                    tracing::warn!(%error, "it says that something is under embargo which is there no more");
                }
            }
        }
        found.sort_unstable_by(|(a, x), (b, y)| (a, x.path.as_os_str()).cmp(&(b, y.path.as_os_str())));
        self.queue.add_backlog(found.into_iter().map(|(_, key)| self.pending.job(key)));
        if again {
            self.begin_scan();
        }
    }

    /// Looks at everything below a folder of an inbox at once.
    pub(crate) fn look_below(&mut self, inbox: usize, folder: &Path, now: SystemTime) {
        let mut walk = Walk::new(folder);
        let mut found = Vec::new();
        while let Some((key, entry)) = self.next_of(inbox, &mut walk) {
            if let Entry::File(metadata) = entry {
                found.push((key, metadata));
            }
        }
        // A tree that was renamed in is whole; one that is being made has its writers' closes to come.
        found.into_iter().for_each(|(key, metadata)| self.consider(key, Sign::Found, Ok(metadata), now));
    }

    /// The next entry of a walk in an inbox; every folder on the way is watched before it is listed, so that what appears
    /// meanwhile is announced.
    fn next_of(&mut self, inbox: usize, walk: &mut Walk) -> Option<(Key, Entry)> {
        let Intake { shared, state, watch, .. } = self;
        let inboxes = &shared.inboxes;
        let root = inboxes[inbox].root();
        let is_own = |path: &Path| path == state || inboxes.iter().any(|inbox| inbox.exits().own(path));
        let (path, entry) = walk.next(is_own, |folder| watch.folder(folder))?;
        let below = path.strip_prefix(root).unwrap_or(&path);
        Some((Key { inbox, path: below.into() }, entry))
    }
}
