//! What an article has to do with those that came before it.

use std::time::SystemTime;

use super::entry::{Entry, is_before};
use super::guid::Guid;
use super::id::{Id, StoryId};
use super::signature::Signature;
use super::window::{Found, Stories};
use crate::article::Status;

/// An article that has just come.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The digest of its bytes.
    pub id: Id,
    /// What is kept of its text.
    pub signature: Signature,
    /// What its publisher knows it by, where there is something.
    pub guid: Option<Guid>,
    /// Which version of it this is, where its publisher counts them.
    pub version: Option<u32>,
    /// What its publisher has it be: out, or taken back.
    pub status: Status,
}

/// What it has to do with those that came before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Telling {
    /// It is to go out.
    Article {
        /// The story that it tells: its own, or that of the article that it repeats.
        story: StoryId,
        /// The article that it repeats, where there is one.
        repeats: Option<Found>,
        /// The article in whose place it stands: the version before.
        replaces: Option<Id>,
    },
    /// It takes an article back: this one, where it is remembered that it is out.
    Withdrawal(Option<Id>),
    /// It must not go out: its publisher has taken it back before, or holds it back and it was never out.
    Barred(Status),
}

impl Stories {
    /// What an article has to do with those that are remembered; [`Stories::remember`] it next, if it does go out.
    ///
    /// Whoever has canceled an article has done so for good. Who holds one back may release it later: by a version that is
    /// no older than the one that was held back.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use disputed::Status;
    /// use disputed::story::{Arrival, Guid, Id, Reach, Signature, Stories, Telling};
    ///
    /// let (mut stories, now) = (Stories::new(Reach::default()), SystemTime::UNIX_EPOCH);
    /// let version = |n: u8, text: &str| Arrival {
    ///     id: Id([n; 32]),
    ///     signature: Signature::of([text]),
    ///     guid: Some(Guid::of("urn:example:talks", "")),
    ///     version: Some(n.into()),
    ///     status: Status::Usable,
    /// };
    /// let mut take = |arrival: Arrival| {
    ///     let telling = stories.tell(&arrival, now);
    ///     telling.entry(&arrival, now).iter().for_each(|entry| stories.remember(entry));
    ///     telling
    /// };
    /// assert!(matches!(take(version(1, "Talks resume.")), Telling::Article { replaces: None, .. }));
    /// assert!(matches!(take(version(2, "Talks fail.")), Telling::Article { replaces: Some(Id([1, ..])), .. }));
    /// let kill = Arrival { status: Status::Canceled, ..version(3, "") };
    /// assert_eq!(take(kill), Telling::Withdrawal(Some(Id([2; 32]))));
    /// assert_eq!(take(version(4, "Talks go on.")), Telling::Barred(Status::Canceled));
    /// ```
    pub fn tell(&self, arrival: &Arrival, now: SystemTime) -> Telling {
        let known = arrival.guid.and_then(|guid| self.known_as(guid, now));
        Telling::of(arrival, known, || self.find(&arrival.signature, now))
    }
}

impl Telling {
    /// Of an article, from the newest version that is `known` of it, and from the article that it repeats.
    pub fn of(arrival: &Arrival, known: Option<&Entry>, repeats: impl FnOnce() -> Option<Found>) -> Telling {
        let out = known.filter(|known| known.status() == Status::Usable).map(Entry::id);
        // An older version may come late.
        let is_outdated = known.is_some_and(|known| is_before(arrival.version, known.version()));
        match (arrival.status, known.map(Entry::status)) {
            (Status::Canceled, _) => Telling::Withdrawal(out),
            (_, Some(Status::Canceled)) => Telling::Barred(Status::Canceled),
            (Status::Withheld, _) if out.is_some() && !is_outdated => Telling::Withdrawal(out),
            (Status::Withheld, _) => Telling::Barred(Status::Withheld),
            (_, Some(Status::Withheld)) if is_outdated => Telling::Barred(Status::Withheld),
            _ => {
                let repeats = repeats();
                let story = repeats.map_or(arrival.id.into(), |found| found.story);
                let replaces = out.filter(|id| *id != arrival.id && !is_outdated);
                Telling::Article { story, repeats, replaces }
            }
        }
    }

    /// What is to be remembered of the article, if anything.
    pub fn entry(&self, arrival: &Arrival, now: SystemTime) -> Option<Entry> {
        let Arrival { id, ref signature, guid, version, status } = *arrival;
        let (id, story, signature, status) = match *self {
            Telling::Article { story, .. } => (id, story, signature.clone(), status),
            // What was taken back may be written anew under another name, and is no repeat of what is no more.
            Telling::Withdrawal(of) => (of.unwrap_or(id), id.into(), Signature::default(), status),
            // Word that holds an article back is to be remembered; that one was barred by it changes nothing.
            Telling::Barred(barred) if status == barred => (id, id.into(), Signature::default(), barred),
            Telling::Barred(_) => return None,
        };
        let entry = Entry::new(id, story, now, signature);
        Some(match guid {
            Some(guid) => entry.known_as(guid, version, status),
            None => entry,
        })
    }
}
