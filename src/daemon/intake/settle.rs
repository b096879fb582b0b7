//! Decides when a file is whole. Pure: what was seen and the time come in as arguments.

use std::collections::{BTreeSet, HashMap};
use std::fs::Metadata;
use std::hash::Hash;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// What a look at the file said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) bytes: u64,
    pub(crate) modified: SystemTime,
    /// It was given its name after it was written: it was linked in, so no close will follow.
    pub(crate) linked: bool,
}

/// What a look at a file's metadata says.
pub(crate) fn look_of(metadata: &Metadata) -> Look {
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let changed = (metadata.ctime(), metadata.ctime_nsec()) > (metadata.mtime(), metadata.mtime_nsec());
    // A write moves both times alike; a name that is given or taken later moves ctime alone.
    let linked = metadata.nlink() > 1 || metadata.len() > 0 && changed;
    Look { bytes: metadata.len(), modified, linked }
}

/// Why we look at the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It appeared under this name, and its writer may still be at work.
    Created,
    /// Its writer closed it.
    Closed,
    /// It was renamed in.
    Renamed,
    /// A scan or a timer found it.
    Found,
}

/// Files that may still be written to, each with what was last seen of it.
pub(crate) struct Settle<K> {
    quiet: Duration,
    waiting: HashMap<K, Waiting>,
    /// The same files by when they fall due.
    by_due: BTreeSet<(SystemTime, K)>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    look: Look,
    since: SystemTime,
    writer: Writer,
    due: SystemTime,
}

/// What is known of who writes to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    Unknown,
    /// Its creation was seen and its close was not: somebody holds it open.
    HasItOpen,
    /// He closed it at this time, and nobody has written to it since.
    Closed(SystemTime),
}

/// A writer that has been silent for this many quiet times is taken to be gone: a close event can be lost.
const PATIENCE: u32 = 30;

/// Who has written a file under its own name may set its time and its mode by that name after the close, as rsync does
/// with `--inplace`: for so long the name stays. What is renamed in has all that already.
const LEAVE: Duration = Duration::from_millis(20);

/// Without a quiet time a file that is held open would be taken while it is empty.
const LEAST: Duration = Duration::from_millis(100);

/// A longer quiet time is as good as none at all, and sums of it with a date would overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

impl<K: Ord + Hash + Clone> Settle<K> {
    pub(crate) fn new(quiet: Duration) -> Settle<K> {
        Settle { quiet: quiet.min(LONGEST), waiting: HashMap::new(), by_due: BTreeSet::new() }
    }

    /// Goes on with another quiet time; who waits already waits out the old one.
    pub(crate) fn set_quiet(&mut self, quiet: Duration) {
        self.quiet = quiet.min(LONGEST);
    }

    /// How long a writer may be silent before he is taken to be gone.
    pub(crate) fn patience(&self) -> Duration {
        self.quiet.max(LEAST) * PATIENCE
    }

    /// Whether the file can be read now; where not, it is kept and named again by [`Settle::due`].
    pub(crate) fn ready(&mut self, key: &K, sign: Sign, look: Look, now: SystemTime) -> bool {
        let before = self.waiting.get(key).copied();
        let since = before.filter(|w| w.look == look).map_or(now, |w| w.since.min(now));
        let writer = match sign {
            Sign::Created if !look.linked => Writer::HasItOpen,
            Sign::Created | Sign::Renamed => Writer::Unknown,
            Sign::Closed => Writer::Closed(now),
            Sign::Found => before.map_or(Writer::Unknown, |w| w.writer_at(look, now)),
        };
        // A time stamp in the future says nothing; what counts then is how long we have seen it unmoved.
        let still_since = if look.modified <= now { look.modified.min(since) } else { since };
        // An entry may come first and its data later, so an empty file has to wait even when it was closed.
        let has_data = look.bytes > 0;
        let due = match writer {
            Writer::Closed(closed) if has_data => closed + LEAVE,
            Writer::HasItOpen => still_since + self.patience(),
            Writer::Closed(_) | Writer::Unknown => still_since + self.quiet,
        };
        // The close may have been before this look already, and is heard of next.
        let due = if sign == Sign::Created { due.max(now + LEAVE) } else { due };
        self.forget(key);
        if sign == Sign::Renamed && has_data || due <= now {
            return true;
        }
        self.waiting.insert(key.clone(), Waiting { look, since, writer, due });
        self.by_due.insert((due, key.clone()));
        false
    }

    /// The files whose time has come to be looked at again, oldest first.
    pub(crate) fn due(&self, now: SystemTime) -> Vec<K> {
        self.by_due.iter().take_while(|(due, _)| *due <= now).map(|(_, key)| key.clone()).collect()
    }

    /// When the next file falls due.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.by_due.first().map(|(due, _)| *due)
    }

    /// When this file falls due, where it waits.
    pub(crate) fn due_of(&self, key: &K) -> Option<SystemTime> {
        self.waiting.get(key).map(|w| w.due)
    }

    pub(crate) fn forget(&mut self, key: &K) {
        if let Some(waiting) = self.waiting.remove(key) {
            self.by_due.remove(&(waiting.due, key.clone()));
        }
    }

    /// The kernel dropped events: closes may be among them, so nothing counts as held open any more.
    pub(crate) fn events_lost(&mut self) {
        self.by_due.clear();
        for (key, waiting) in &mut self.waiting {
            if waiting.writer == Writer::HasItOpen {
                waiting.writer = Writer::Unknown;
                waiting.due = waiting.since + self.quiet;
            }
            self.by_due.insert((waiting.due, key.clone()));
        }
    }
}

impl Waiting {
    /// What is known of the writer still, now that the file looks like this.
    fn writer_at(&self, look: Look, now: SystemTime) -> Writer {
        match self.writer {
            Writer::Closed(closed) => {
                // A write moves the modification time to its own; one that is set is mostly older.
                let is_unwritten = look == self.look || look.bytes == self.look.bytes && look.modified <= closed;
                if is_unwritten { Writer::Closed(closed.min(now)) } else { Writer::Unknown }
            }
            writer => writer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_secs(2);

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000 + milliseconds)
    }

    fn look(bytes: u64, modified: SystemTime) -> Look {
        Look { bytes, modified, linked: false }
    }

    #[test]
    fn a_rename_is_enough() {
        let mut settle = Settle::new(QUIET);
        assert!(settle.ready(&"a", Sign::Renamed, look(5, at(0)), at(1)));
        assert_eq!(settle.next_due(), None);
    }

    #[test]
    fn who_has_closed_a_file_has_a_moment_to_set_its_time() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Created, look(0, at(0)), at(0)));
        assert!(!settle.ready(&"a", Sign::Closed, look(5, at(1)), at(2)));
        assert_eq!(settle.next_due(), Some(at(22)));
        let with_its_time_set = Look { linked: true, ..look(5, SystemTime::UNIX_EPOCH) };
        assert!(!settle.ready(&"a", Sign::Found, with_its_time_set, at(21)));
        settle.events_lost();
        assert_eq!(settle.due(at(22)), vec!["a"]);
        assert!(settle.ready(&"a", Sign::Found, with_its_time_set, at(22)));
        assert_eq!(settle.next_due(), None);
    }

    #[test]
    fn who_has_closed_a_file_before_its_creation_is_looked_at_has_that_moment_too() {
        let mut settle = Settle::new(QUIET);
        let with_its_time_set = Look { linked: true, ..look(5, SystemTime::UNIX_EPOCH) };
        assert!(!settle.ready(&"a", Sign::Created, with_its_time_set, at(0)));
        assert_eq!(settle.next_due(), Some(at(20)));
        assert!(!settle.ready(&"a", Sign::Closed, with_its_time_set, at(1)));
        assert!(settle.ready(&"a", Sign::Found, with_its_time_set, at(21)));
    }

    #[test]
    fn a_moment_begins_with_the_last_close_and_a_rename_ends_it() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Closed, look(5, at(0)), at(3000)), "the last write was long before");
        assert!(!settle.ready(&"a", Sign::Closed, look(5, at(0)), at(3019)));
        assert!(!settle.ready(&"a", Sign::Found, look(5, at(0)), at(3038)));
        assert!(settle.ready(&"a", Sign::Renamed, look(5, at(0)), at(3038)));
    }

    #[test]
    fn what_is_written_to_after_a_close_waits_for_the_next() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Closed, look(5, at(0)), at(0)));
        assert!(!settle.ready(&"a", Sign::Found, look(9, at(10)), at(20)));
        assert_eq!(settle.next_due(), Some(at(2010)));
        assert!(!settle.ready(&"a", Sign::Closed, look(9, at(10)), at(30)));
        assert!(settle.ready(&"a", Sign::Found, look(9, at(10)), at(50)));
    }

    #[test]
    fn an_empty_file_waits_for_its_data_even_when_closed() {
        let mut settle = Settle::new(QUIET);
        for sign in [Sign::Renamed, Sign::Closed] {
            assert!(!settle.ready(&"a", sign, look(0, at(0)), at(1)));
            assert_eq!(settle.next_due(), Some(at(2000)));
        }
        assert!(settle.ready(&"a", Sign::Found, look(0, at(0)), at(2000)));
    }

    #[test]
    fn what_a_scan_finds_waits_out_the_quiet_time() {
        let mut settle = Settle::new(QUIET);
        assert!(settle.ready(&"old", Sign::Found, look(5, at(0)), at(2000)));
        assert!(!settle.ready(&"young", Sign::Found, look(5, at(1500)), at(2000)));
        assert_eq!(settle.due(at(3499)), Vec::<&str>::new());
        assert_eq!(settle.due(at(3500)), vec!["young"]);
        assert!(!settle.ready(&"young", Sign::Found, look(9, at(3400)), at(3500)), "it grew meanwhile");
        assert!(settle.ready(&"young", Sign::Found, look(9, at(3400)), at(5400)));
    }

    #[test]
    fn a_writer_that_pauses_is_waited_for_until_it_closes() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Created, look(5, at(0)), at(0)));
        assert!(!settle.ready(&"a", Sign::Found, look(5, at(0)), at(3000)), "no close was seen");
        assert!(!settle.ready(&"a", Sign::Closed, look(9, at(3500)), at(3500)));
        assert!(settle.ready(&"a", Sign::Found, look(9, at(3500)), at(3520)));
    }

    #[test]
    fn a_writer_that_stays_silent_is_given_up() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Created, look(5, at(0)), at(0)));
        assert!(settle.ready(&"a", Sign::Found, look(5, at(0)), at(60_000)));
    }

    #[test]
    fn after_lost_events_the_quiet_time_decides() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Created, look(5, at(0)), at(0)));
        settle.events_lost();
        assert!(settle.ready(&"a", Sign::Found, look(5, at(0)), at(2000)));
    }

    #[test]
    fn a_linked_file_has_no_writer_to_wait_for() {
        let mut settle = Settle::new(QUIET);
        let linked = Look { linked: true, ..look(5, at(0)) };
        assert!(!settle.ready(&"a", Sign::Created, linked, at(1000)));
        assert!(settle.ready(&"a", Sign::Found, linked, at(2000)));
    }

    #[test]
    fn a_time_stamp_in_the_future_counts_from_when_it_was_first_seen() {
        let mut settle = Settle::new(QUIET);
        assert!(!settle.ready(&"a", Sign::Found, look(5, at(900_000)), at(0)));
        assert!(settle.ready(&"a", Sign::Found, look(5, at(900_000)), at(2000)));
    }
}
