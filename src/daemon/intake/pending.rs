//! The inputs that are not dealt with, each with what it waits for, and the count of all that were.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime};

use super::job::{ATTEMPTS, Job, Key, Past};
use super::settle::Sign;

/// What has come in so far, and what became of it. A version that is read again counts anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) seen: u64,
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) vanished: u64,
    /// Entries that the last scan left alone, by rule.
    pub(crate) ignored: BTreeMap<&'static str, u64>,
    /// How often the kernel lost events and everything was looked at again.
    pub(crate) overflows: u64,
}

/// How long an input that could not be read waits for its second try.
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// What cannot even be set aside is tried for ever, after so many doublings (51 s) at most.
const DOUBLINGS: u32 = 8;

/// The inputs that are not dealt with.
#[derive(Default)]
pub(crate) struct Pending {
    inputs: HashMap<Key, Input>,
    retries: BTreeSet<(SystemTime, Key)>,
    pub(crate) tally: Tally,
}

/// An input that is not dealt with.
pub(crate) struct Input {
    since: SystemTime,
    past: Option<Box<Past>>,
    pub(crate) stage: Stage,
}

impl Input {
    /// What there is to say of it before, to say more.
    pub(crate) fn past(&mut self) -> &mut Past {
        self.past.get_or_insert_default()
    }

    fn attempts(&self) -> u32 {
        self.past.as_ref().map_or(0, |past| past.attempts)
    }
}

/// What an input waits for.
pub(crate) enum Stage {
    /// To be whole.
    Settling,
    /// To be worked: it is queued, or in the pipeline's hands. A sign that comes meanwhile may be of another file.
    InHand(Option<Sign>),
    /// To be tried again.
    Retrying,
    /// For the end of an embargo.
    Held,
}

impl Pending {
    /// The input under this key, counted where it is new.
    pub(crate) fn track(&mut self, key: &Key, now: SystemTime) -> &mut Input {
        match self.inputs.entry(key.clone()) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                self.tally.seen += 1;
                let fresh = Input { since: now, past: None, stage: Stage::Settling };
                slot.insert(fresh)
            }
        }
    }

    /// The input under this key, where there is one.
    pub(crate) fn get(&mut self, key: &Key) -> Option<&mut Input> {
        self.inputs.get_mut(key)
    }

    /// Whether an input is neither in hand nor waiting for a retry that is still to come.
    pub(crate) fn is_free(&self, key: &Key) -> bool {
        self.inputs.get(key).is_none_or(|input| matches!(input.stage, Stage::Settling))
    }

    /// Forgets an input that is dealt with.
    pub(crate) fn end(&mut self, key: &Key) {
        /// Room for so many is kept.
        const KEPT: usize = 1024;
        self.inputs.remove(key);
        if self.inputs.is_empty() {
            // The memory of a long backlog goes with it.
            self.inputs.shrink_to(KEPT);
        }
    }

    /// Nothing that could be read stands there any more. What is in the pipeline's hands is for the pipeline to say.
    pub(crate) fn vanish(&mut self, key: &Key) {
        let Some(input) = self.inputs.get(key) else { return };
        match input.stage {
            Stage::InHand(_) => return,
            Stage::Retrying | Stage::Held => self.retries.retain(|(_, retry)| retry != key),
            Stage::Settling => {}
        }
        self.end(key);
        self.tally.vanished += 1;
    }

    /// Lets an input that could not be read wait, longer from try to try.
    pub(crate) fn retry(&mut self, key: Key, now: SystemTime) {
        if let Some(input) = self.inputs.get_mut(&key)
            && matches!(input.stage, Stage::Settling)
        {
            input.past().attempts += 1;
            input.stage = Stage::Retrying;
            let due = now + FIRST_RETRY * 2u32.pow((input.attempts() - 1).min(DOUBLINGS));
            self.retries.insert((due, key));
        }
    }

    /// Lets an input wait for the end of its embargo.
    pub(crate) fn hold(&mut self, key: Key, until: SystemTime) {
        if let Some(input) = self.inputs.get_mut(&key) {
            input.stage = Stage::Held;
            self.retries.insert((until, key));
        }
    }

    /// An input that waits for the end of its embargo does so no more; whether it did.
    pub(crate) fn release(&mut self, key: &Key) -> bool {
        let Some(input) = self.inputs.get_mut(key).filter(|input| matches!(input.stage, Stage::Held)) else {
            return false;
        };
        input.stage = Stage::Settling;
        self.retries.retain(|(_, retry)| retry != key);
        true
    }

    /// What is under embargo is due now: some of it may have been taken back.
    pub(crate) fn wake_held(&mut self, now: SystemTime) {
        let Pending { inputs, retries, .. } = self;
        let is_held = |key: &Key| inputs.get(key).is_some_and(|input| matches!(input.stage, Stage::Held));
        *retries = std::mem::take(retries)
            .into_iter()
            .map(|(due, key)| (if is_held(&key) { due.min(now) } else { due }, key))
            .collect();
    }

    /// An input that is handed on within the house counts where it is met next.
    pub(crate) fn hand_on(&mut self, key: &Key) {
        self.end(key);
        self.tally.seen -= 1;
    }

    /// An input whose next try is due; it counts as in hand from now on.
    pub(crate) fn take_due(&mut self, now: SystemTime) -> Option<Key> {
        if self.next_due().is_none_or(|due| due > now) {
            return None;
        }
        let (_, key) = self.retries.pop_first()?;
        if let Some(input) = self.inputs.get_mut(&key) {
            input.stage = Stage::InHand(None);
        }
        Some(key)
    }

    /// When the next try is due.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.retries.first().map(|(due, _)| *due)
    }

    /// The job that this input is.
    pub(crate) fn job(&self, key: Key) -> Job {
        let past = self.inputs.get(&key).and_then(|input| input.past.clone());
        Job { key, past }
    }

    /// Whether all that is left has been tried as often as anything is.
    pub(crate) fn is_given_up(&self) -> bool {
        let given_up = |input: &Input| match input.stage {
            Stage::Retrying => input.attempts() >= ATTEMPTS,
            Stage::Held => true,
            Stage::Settling | Stage::InHand(_) => false,
        };
        self.inputs.len() == self.retries.len() && self.inputs.values().all(given_up)
    }

    /// How many there are but for those under embargo, and since when the oldest of them has been known.
    pub(crate) fn count(&self) -> (usize, Option<SystemTime>) {
        let waiting = || self.inputs.values().filter(|input| !matches!(input.stage, Stage::Held));
        (waiting().count(), waiting().map(|input| input.since).min())
    }

    /// How many are under embargo.
    pub(crate) fn held(&self) -> usize {
        self.inputs.values().filter(|input| matches!(input.stage, Stage::Held)).count()
    }
}
