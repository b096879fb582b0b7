//! Articles that wait for the end of an embargo, and which of them their publishers have spoken of since.

use std::collections::HashMap;
use std::time::Duration;

use super::entry::{Entry, is_before};
use super::guid::Guid;
use super::id::Id;

/// Articles that wait for the end of an embargo: of each, only what its publisher said last may go out.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// By what a publisher calls an article: the version of it that may go out when it is due.
    newest: HashMap<u64, Version>,
    /// All that have begun to wait and are not out, by half of their ids, and when they began.
    begun: HashMap<u64, u32>,
    /// How many are outdated by newer word.
    outdated: u64,
}

#[derive(Debug)]
struct Version {
    id: u64,
    number: Option<u32>,
}

impl Waiting {
    /// Whether an article has waited, and its publisher has sent newer word of it meanwhile.
    pub(super) fn is_outdated(&self, id: Id, guid: Guid) -> bool {
        let id = half(id);
        self.begun.contains_key(&id) && self.newest.get(&guid.0).is_none_or(|version| version.id != id)
    }

    /// How many have been outdated by newer word so far.
    pub(super) fn outdated(&self) -> u64 {
        self.outdated
    }

    /// Whether an article has begun to wait, and is not out.
    pub(super) fn has_begun(&self, id: Id) -> bool {
        self.begun.contains_key(&half(id))
    }

    /// Notes that an article begins to wait; `is_older` than what is known of it already, as its publisher
    /// counts. At most so many wait, and so long: of more than that no newer word is known.
    pub(super) fn begin(&mut self, entry: &Entry, is_older: bool, most: usize, age: Duration) {
        let (id, Some(guid)) = (half(entry.id), entry.guid()) else { return };
        if self.begun.len() >= most && !self.has_begun(entry.id) {
            self.begun.retain(|_, at| u64::from(entry.at) <= u64::from(*at).saturating_add(age.as_secs()));
            let Waiting { newest, begun, .. } = self;
            newest.retain(|_, version| begun.contains_key(&version.id));
        }
        if self.begun.len() < most || self.has_begun(entry.id) {
            self.begun.insert(id, entry.at);
            if !is_older && !self.newest.get(&guid.0).is_some_and(|waits| waits.is_newer_than(entry)) {
                let before = self.newest.insert(guid.0, Version { id, number: entry.version() });
                self.outdated += u64::from(before.is_some_and(|before| before.id != id));
            }
        }
    }

    /// Notes what a publisher said of an article otherwise: by that what waits is outdated, unless it is newer, or that was
    /// said before.
    pub(super) fn hear(&mut self, entry: &Entry) {
        if self.begun.is_empty() {
            return;
        }
        let id = half(entry.id);
        if entry.is_out() {
            self.begun.remove(&id);
        }
        let Some(guid) = entry.guid() else { return };
        let outdates = |waits: &Version| !entry.has_waited() && !waits.is_newer_than(entry);
        if self.newest.get(&guid.0).is_some_and(|waits| waits.id == id || outdates(waits)) {
            let waited = self.newest.remove(&guid.0);
            self.outdated += u64::from(waited.is_some_and(|waited| waited.id != id));
        }
    }
}

impl Version {
    /// Whether it is a later one, as its publisher counts.
    fn is_newer_than(&self, entry: &Entry) -> bool {
        is_before(entry.version(), self.number)
    }
}

fn half(Id([a, b, c, d, e, f, g, h, ..]): Id) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
