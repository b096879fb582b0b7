//! Finds inputs and decides when each is ready. The directory is the truth; hints only say where to look first.

mod rounds;
mod scan;
mod ignore;
mod walk;
mod remote;
mod settle;
mod job;
mod pending;
mod late;

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub(crate) use ignore::ignored_by;
#[cfg(test)]
pub(crate) use job::Past;
pub(crate) use job::{Fate, Job, Key};
pub(crate) use late::Left;
pub(crate) use rounds::{Notice, start_intake};
pub(crate) use settle::{Look, Settle, Sign, look_of};
pub(crate) use walk::{Entry, Walk};

use super::delivery::Shared;
use super::inbox::{Identity, Inbox, bring_back};
use super::kept::Version;
use super::paths::is_gone;
use super::queue::Queue;
use super::watch::{Hint, Watch};
use crate::durable::folder_of;
use late::Late;
use pending::{Input, Pending, Stage};
use scan::Scan;

/// The inputs of all inboxes that are not dealt with.
pub(crate) struct Intake {
    shared: Arc<Shared>,
    /// The state folder, which may lie below an inbox and holds no input.
    state: PathBuf,
    watch: Watch,
    settle: Settle<Key>,
    pending: Pending,
    late: Late,
    /// What stays in the inbox although there is a line of it.
    kept: HashMap<Key, Version>,
    /// Where the workers take what is ready.
    queue: Arc<Queue>,
    scan: Option<Scan>,
    /// Whether the last scan saw everything.
    saw_all: bool,
}

impl Intake {
    pub(crate) fn new(
        shared: Arc<Shared>,
        state: PathBuf,
        watch: Watch,
        queue: Arc<Queue>,
        quiet: Duration,
        kept: HashMap<Key, Version>,
    ) -> Intake {
        Intake {
            shared,
            state,
            watch,
            settle: Settle::new(quiet),
            pending: Pending::default(),
            late: Late::new(),
            kept,
            queue,
            scan: None,
            saw_all: false,
        }
    }

    /// Watches the inboxes themselves; the folders in them follow with the first scan. What other machines do to a
    /// network file system raises no events here, so those are polled besides.
    pub(crate) fn watch_roots(&mut self) {
        let shared = Arc::clone(&self.shared);
        for inbox in shared.inboxes.iter() {
            if let Some(kind) = remote::kind_of(inbox.root()) {
                self.watch.poll_too(inbox.root(), kind);
            }
            self.watch.folder(inbox.root());
            // It tells when an inbox that was removed is made again.
            self.watch.folder(folder_of(inbox.root()));
        }
    }

    /// Looks where events say that something happened, and at everything where some were lost.
    pub(crate) fn look_at(&mut self, hints: Vec<Hint>, lost: bool, now: SystemTime) {
        if lost {
            self.look_at_all();
        }
        for hint in hints {
            let (path, sign) = match hint {
                Hint::Created(path) => (path, Sign::Created),
                Hint::Closed(path) => (path, Sign::Closed),
                Hint::Renamed(path) => (path, Sign::Renamed),
                Hint::Rescan => {
                    self.look_at_all();
                    continue;
                }
            };
            if self.shared.inboxes.iter().any(|inbox| inbox.root() == path) {
                // It was made anew, or something is mounted there.
                self.begin_scan();
                continue;
            }
            let Some(key) = self.key_of(&path) else { continue };
            match std::fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() && !self.is_excluded(key.inbox, &path) => {
                    self.look_below(key.inbox, &path, now);
                }
                looked => self.consider(key, sign, looked, now),
            }
        }
    }

    /// Events were lost.
    fn look_at_all(&mut self) {
        tracing::warn!("events came faster than they were taken; looking at everything");
        self.pending.tally.overflows += 1;
        self.settle.events_lost();
        self.begin_scan();
    }

    /// Takes back what the pipeline has dealt with.
    pub(crate) fn settle_fates(&mut self, fates: Vec<(Key, Fate)>, now: SystemTime) {
        for (key, fate) in fates {
            let Some(input) = self.pending.get(&key) else { continue };
            let Stage::InHand(again) = std::mem::replace(&mut input.stage, Stage::Settling) else { continue };
            // A sign that came meanwhile may be of the version that has just left: for another it proves nothing.
            let mut sign = again.map(|_| Sign::Found);
            match fate {
                Fate::Done(left) => {
                    self.pending.tally.done += 1;
                    self.pending.end(&key);
                    self.kept.remove(&key);
                    self.remember(left, now);
                }
                Fate::Kept(version) => {
                    self.pending.tally.done += 1;
                    self.pending.end(&key);
                    if let Some(scan) = &mut self.scan {
                        scan.met(&key);
                    }
                    self.kept.insert(key.clone(), version);
                }
                Fate::Embargoed(place) => {
                    self.pending.hand_on(&key);
                    if let Some(key) = self.key_of(&place) {
                        self.look_again(key, Sign::Renamed, now);
                    }
                }
                Fate::Held(version, until) => {
                    self.pending.track(&key, now).past().earlier = Some(version.clone());
                    self.kept.insert(key.clone(), version);
                    self.pending.hold(key.clone(), until);
                }
                Fate::Failed => {
                    self.pending.tally.failed += 1;
                    self.pending.end(&key);
                    self.kept.remove(&key);
                }
                Fate::Vanished => self.pending.vanish(&key),
                Fate::Changed(None) => sign = again.or(Some(Sign::Found)),
                Fate::Changed(Some(version)) => {
                    // The version that was read is done with; what stands there now is another.
                    self.pending.tally.done += 1;
                    self.pending.end(&key);
                    self.pending.track(&key, now).past().earlier = Some(version);
                    sign = again.or(Some(Sign::Found));
                }
                Fate::Unreadable(begun) => {
                    if begun.is_some() {
                        self.pending.track(&key, now).past().earlier = begun;
                    }
                    self.pending.retry(key, now);
                    continue;
                }
            }
            if let Some(sign) = sign {
                self.look_again(key, sign, now);
            }
        }
    }

    /// Looks again at the files whose time has come.
    pub(crate) fn look_at_due(&mut self, now: SystemTime) {
        for key in self.settle.due(now) {
            self.look_again(key, Sign::Found, now);
        }
        while let Some(key) = self.pending.take_due(now) {
            self.queue.add_backlog([self.pending.job(key)].into_iter());
        }
        let written = self.late.written_since(now, self.settle.patience());
        self.take_back(written, now);
    }

    /// Looks once more at all files that have left a little while ago, for there will be no later.
    pub(crate) fn look_back(&mut self, now: SystemTime) {
        let written = self.late.written_at_all();
        self.take_back(written, now);
    }

    /// Takes back files that were written to after they had left, because their writer had them open still.
    fn take_back(&mut self, written: Vec<Left>, now: SystemTime) {
        for left in written {
            let home = self.path_of(&left.key);
            let version = Version::whole(left.identity, left.id);
            let remembered = self.shared.kept.remember(&self.shared.inboxes, [(&left.key, &version)].into_iter());
            if let Err(error) = remembered {
                tracing::warn!(%error, "a run that is started before it is read again will not know what that replaces");
            }
            match bring_back(&home, &left.place) {
                Ok(back) => {
                    tracing::info!(path = %home.display(), "its writer went on after it had left; reading it again");
                    let Some(key) = self.key_of(&back) else { continue };
                    self.pending.track(&key, now).past().earlier = Some(version);
                    self.look_again(key, Sign::Found, now);
                }
                Err(error) => {
                    tracing::error!(%error, place = %left.place.display(), "it was written to after it had left: \
                        move it back into the inbox to have it read again")
                }
            }
        }
    }

    /// When something waits for its time: that time.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        [self.pending.next_due(), self.settle.next_due(), self.late.next_due()].into_iter().flatten().min()
    }

    /// Whether nothing is known that is not dealt with, as far as it can be.
    pub(crate) fn is_idle(&self) -> bool {
        self.pending.is_given_up()
    }

    /// Whether the last scan saw everything; another may see more.
    pub(crate) fn saw_all(&self) -> bool {
        self.saw_all
    }

    /// Why only scans can be relied on, where that is so.
    pub(crate) fn polling(&self) -> Option<&str> {
        self.watch.polling()
    }

    /// Watches a folder that is no inbox, such as the model's.
    pub(crate) fn watch_also(&mut self, folder: &Path) {
        self.watch.folder(folder);
    }

    /// Looks again at all that is under embargo: some of it may have been taken back.
    pub(crate) fn wake_held(&mut self, now: SystemTime) {
        self.pending.wake_held(now);
    }

    pub(crate) fn set_quiet(&mut self, quiet: Duration) {
        self.settle.set_quiet(quiet);
    }

    pub(crate) fn pending(&self) -> &Pending {
        &self.pending
    }

    fn look_again(&mut self, key: Key, sign: Sign, now: SystemTime) {
        let looked = std::fs::symlink_metadata(self.path_of(&key));
        self.consider(key, sign, looked, now);
    }

    fn consider(&mut self, key: Key, sign: Sign, looked: io::Result<Metadata>, now: SystemTime) {
        let metadata = match looked {
            Ok(metadata) => metadata,
            Err(e) if is_gone(&e) => return self.vanish(&key),
            // What cannot be looked at has not gone.
            Err(_) => {
                self.settle.forget(&key);
                self.pending.track(&key, now);
                return self.pending.retry(key, now);
            }
        };
        if !metadata.is_file() || self.is_excluded(key.inbox, &self.path_of(&key)) {
            return self.vanish(&key);
        }
        let identity = Identity::from(&metadata);
        if let Some(Input { stage: Stage::InHand(again), .. }) = self.pending.get(&key) {
            *again = Some(sign);
        } else if self.stays(&key, &identity) {
            // It looked like another version for a moment, and nothing is left to wait for.
            self.settle.forget(&key);
            self.pending.vanish(&key);
        } else if self.is_free(&key, &identity) && self.is_ready(&key, sign, look_of(&metadata), now) {
            self.queue.add_arrival(self.pending.job(key));
        }
    }

    /// Not in hand, not waiting for a time that is still to come, and no version that is done with and stays. What has been
    /// written to does not wait for the end of an embargo any longer.
    fn is_free(&mut self, key: &Key, identity: &Identity) -> bool {
        if !self.kept.get(key).is_some_and(|kept| kept.identity.same_version(identity)) {
            self.pending.release(key);
        }
        self.pending.is_free(key) && !self.stays(key, identity)
    }

    /// Whether this version is done with, and stays.
    fn stays(&self, key: &Key, identity: &Identity) -> bool {
        self.kept.get(key).is_some_and(|kept| kept.is_done_with(identity))
    }

    /// Whether the input can be read now; then it counts as in hand.
    fn is_ready(&mut self, key: &Key, sign: Sign, look: Look, now: SystemTime) -> bool {
        let ready = self.settle.ready(key, sign, look, now);
        let input = self.pending.track(key, now);
        if let Some(kept) = self.kept.get(key) {
            // Another version of a file that has stayed, or one that is not finished.
            input.past().earlier.get_or_insert_with(|| kept.clone());
        }
        if ready {
            input.stage = Stage::InHand(None);
        }
        ready
    }

    /// Nothing that could be read stands there any more.
    fn vanish(&mut self, key: &Key) {
        self.settle.forget(key);
        self.kept.remove(key);
        self.pending.vanish(key);
    }

    /// Remembers a file whose writer may have it open still, unless it is so old that he must have finished.
    fn remember(&mut self, left: Option<Left>, now: SystemTime) {
        let Some(left) = left else { return };
        if left.identity.modified() + self.settle.patience() > now {
            self.late.remember(left, now, self.settle.patience());
        }
    }

    fn path_of(&self, key: &Key) -> PathBuf {
        self.shared.inboxes[key.inbox].root().join(&key.path)
    }

    fn key_of(&self, path: &Path) -> Option<Key> {
        let under = |(inbox, i): (usize, &Inbox)| {
            path.strip_prefix(i.root()).ok().map(|path| Key { inbox, path: Arc::from(path) })
        };
        // embargo/ is an inbox in an inbox.
        self.shared.inboxes.iter().enumerate().filter_map(under).min_by_key(|key| key.path.as_os_str().len())
    }

    /// Whether some part of the path below the inbox is ignored or our own.
    fn is_excluded(&self, inbox: usize, path: &Path) -> bool {
        let root = self.shared.inboxes[inbox].root();
        path.ancestors()
            .take_while(|part| *part != root)
            .any(|part| part.file_name().is_some_and(|n| ignored_by(n).is_some()) || self.is_own(part))
    }

    fn is_own(&self, path: &Path) -> bool {
        path == self.state || self.shared.inboxes.iter().any(|inbox| inbox.exits().own(path))
    }
}
