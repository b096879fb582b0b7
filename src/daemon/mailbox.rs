//! What the intake is told, until it looks: hints of the watcher, fates of the writer, wishes of the event loop.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::clock::wait;
use super::intake::{Fate, Intake, Key};
use super::watch::Hint;

/// Hints that wait at most; what comes on top is found by a look at everything.
const HINTS: usize = 16 * 1024;

/// Something to be done with the intake, on its own thread.
type Wish = Box<dyn FnOnce(&mut Intake) + Send>;

/// Where the mail waits.
#[derive(Default)]
pub(crate) struct Mailbox {
    mail: Mutex<Mail>,
    filled: Condvar,
}

/// All that has come in since the intake looked last.
#[derive(Default)]
pub(crate) struct Mail {
    pub(crate) hints: Vec<Hint>,
    /// Hints came faster than they were taken.
    pub(crate) lost_hints: bool,
    pub(crate) fates: Vec<(Key, Fate)>,
    /// With the fates: something that waits for the end of an embargo was outdated.
    pub(crate) wakes_held: bool,
    pub(crate) wishes: Vec<Wish>,
    /// There is nobody any more who could send some.
    pub(crate) is_last: bool,
    is_urgent: bool,
    is_waited_for: bool,
}

impl Mailbox {
    /// Something may have happened. This never waits: the watcher's thread must not.
    pub(crate) fn hint(&self, hint: Hint) {
        let mut mail = self.lock();
        match mail.hints.len() < HINTS {
            true => mail.hints.push(hint),
            false => mail.lost_hints = true,
        }
        self.urge(mail);
    }

    /// The pipeline has dealt with these; where `wakes_held`, what waits for the end of an embargo, these too, is to be looked
    /// at. Where that is not urgent, they wait for whatever comes next.
    pub(crate) fn deliver(&self, fates: Vec<(Key, Fate)>, wakes_held: bool, is_urgent: bool) {
        let mut mail = self.lock();
        mail.fates.extend(fates);
        mail.wakes_held |= wakes_held;
        if is_urgent || wakes_held {
            self.urge(mail);
        }
    }

    /// What waits is to be looked at now.
    pub(crate) fn wake(&self) {
        self.urge(self.lock());
    }

    /// Has something done with the intake.
    pub(crate) fn wish(&self, wish: impl FnOnce(&mut Intake) + Send + 'static) {
        let mut mail = self.lock();
        mail.wishes.push(Box::new(wish));
        self.urge(mail);
    }

    /// There is to be no more mail.
    pub(crate) fn close(&self) {
        let mut mail = self.lock();
        mail.is_last = true;
        self.urge(mail);
    }

    /// Waits for mail, or for that moment, and takes what there is.
    pub(crate) fn take(&self, until: Option<Instant>) -> Mail {
        let is_due = |mail: &Mail| mail.is_urgent || mail.is_last;
        let mut mail = wait(&self.filled, self.lock(), until, is_due, |mail| mail.is_waited_for = true);
        mail.is_waited_for = false;
        let is_last = mail.is_last;
        mem::replace(&mut *mail, Mail { is_last, ..Mail::default() })
    }

    fn urge(&self, mut mail: MutexGuard<Mail>) {
        mail.is_urgent = true;
        if mem::take(&mut mail.is_waited_for) {
            drop(mail);
            self.filled.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
