//! The articles that are remembered, and the question whether one of them tells the same story.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use super::entry::{Entry, seconds};
use super::guid::Guid;
use super::id::{Id, StoryId};
use super::signature::{KEYS, Signature};
use super::table::{self, Table};
use super::waiting::Waiting;
use crate::article::Status;

/// How far memory reaches, by number and by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// How many articles are remembered, from 1 to 16,777,215; others are taken for the nearest. Each takes 219 bytes.
    pub articles: usize,
    /// How long an article is remembered.
    pub age: Duration,
}

impl Default for Reach {
    /// 100,000 articles, which take 22 MB, and seven days.
    fn default() -> Reach {
        Reach { articles: 100_000, age: Duration::from_secs(7 * 24 * 60 * 60) }
    }
}

/// The articles that are remembered: the newest by the order in which they were remembered.
///
/// Memory is reserved for all at once and taken as they come. An answer takes some microseconds and looks at no more than
/// 128 of them, however alike they are.
///
/// ```
/// use std::time::SystemTime;
/// use disputed::story::{Entry, Id, Reach, Signature, Stories};
///
/// let sentence = |n: u32| format!("Report {n} says that {} of {} lorries waited at gate {}. ", n * 7, n * 9, n * 5);
/// let first: String = (0..20).map(sentence).collect();
/// let again: String = (3..20).map(sentence).collect();
/// let now = SystemTime::UNIX_EPOCH;
/// let mut stories = Stories::new(Reach::default());
/// let signature = Signature::of([first.as_str()]);
/// assert_eq!(stories.find(&signature, now), None);
/// stories.remember(&Entry::new(Id([1; 32]), Id([1; 32]).into(), now, signature));
///
/// let signature = Signature::of([again.as_str()]);
/// let found = stories.find(&signature, now).expect("the same story");
/// assert_eq!((found.id, found.story, found.is_exact()), (Id([1; 32]), Id([1; 32]).into(), false));
/// assert!(found.similarity > 0.8);
/// ```
#[derive(Debug)]
pub struct Stories {
    reach: Reach,
    /// A ring once it is full.
    entries: Vec<Entry>,
    /// Where the next goes.
    next: usize,
    table: Table,
    /// Where the newest article with a publisher's name stands.
    guids: HashMap<u64, u32>,
    waiting: Waiting,
}

/// An earlier article that tells the same story.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The earlier article.
    pub id: Id,
    /// The story that it belongs to, whose first article may be forgotten by now.
    pub story: StoryId,
    /// How much of the shorter text stands in the longer, from 0.67 to 1; see [`Signature::similarity`].
    pub similarity: f64,
}

impl Found {
    /// Whether all words are the same, in the same order; case and punctuation may differ.
    pub fn is_exact(&self) -> bool {
        self.similarity >= 1.0
    }
}

impl Stories {
    /// Nothing is remembered yet.
    pub fn new(reach: Reach) -> Stories {
        let articles = reach.articles.clamp(1, table::MOST);
        let entries = Vec::with_capacity(articles);
        Stories {
            reach: Reach { articles, ..reach },
            entries,
            next: 0,
            table: Table::new(articles, KEYS),
            guids: HashMap::new(),
            waiting: Waiting::default(),
        }
    }

    /// The article that is most like this one of those that tell the same story: two thirds of the shorter text stand in
    /// the longer, which has three times as many phrases at most. Of equals it is the earliest, or of
    /// very many the earliest of the newest sixteen.
    ///
    /// It is looked for under eight keys. Each of them is shared by two texts with a probability that is the part of both
    /// that is in both, so that of texts with half in common one in 256 is missed.
    pub fn find(&self, signature: &Signature, now: SystemTime) -> Option<Found> {
        let keys = signature.keys.iter().filter(|&&key| key != 0);
        let places = keys.flat_map(|&key| self.table.get(key).map(move |place| (key, place)));
        let alike = places.filter_map(|(key, place)| {
            let entry = self.entries.get(place)?;
            // What stood in that place may have been overwritten, and another key may fall into the same bucket.
            let is_asked = entry.signature.keys.contains(&key) && self.is_in_reach(entry, now);
            let likeness = is_asked.then(|| signature.compare(&entry.signature))?;
            (likeness.is_same_story() && !self.was_taken_back(entry)).then_some((likeness, self.order(place), entry))
        });
        let best = alike.max_by(|(one, first, _), (other, second, _)| {
            one.resemblance.total_cmp(&other.resemblance).then(second.cmp(first))
        });
        best.map(|(likeness, _, entry)| Found { id: entry.id, story: entry.story, similarity: likeness.similarity })
    }

    /// The newest version that is remembered of the article to which its publisher gives this name.
    pub fn known_as(&self, guid: Guid, now: SystemTime) -> Option<&Entry> {
        self.at_guid(guid).filter(|entry| self.is_in_reach(entry, now))
    }

    /// Whether an article has waited for the end of an embargo, and its publisher has sent newer word of it meanwhile: a
    /// later version, or that it is withheld or canceled.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use disputed::Status;
    /// use disputed::story::{Entry, Guid, Id, Reach, Signature, Stories};
    /// let (mut stories, now, guid) = (Stories::new(Reach::default()), SystemTime::UNIX_EPOCH, Guid::of("urn:example:1", ""));
    /// let version = |n: u8| {
    ///     let entry = Entry::new(Id([n; 32]), Id([n; 32]).into(), now, Signature::default());
    ///     entry.known_as(guid, Some(n.into()), Status::Usable)
    /// };
    /// stories.remember(&version(1).waiting());
    /// assert!(!stories.is_outdated(Id([1; 32]), guid));
    /// stories.remember(&version(2).waiting());
    /// assert!(stories.is_outdated(Id([1; 32]), guid));
    /// assert!(!stories.is_outdated(Id([2; 32]), guid));
    /// ```
    pub fn is_outdated(&self, id: Id, guid: Guid) -> bool {
        self.waiting.is_outdated(id, guid)
    }

    /// Whether an article is known to have waited for the end of an embargo, and not to be out.
    pub fn has_waited(&self, id: Id) -> bool {
        self.waiting.has_begun(id)
    }

    /// How many articles that waited have been outdated by newer word so far.
    pub fn outdated(&self) -> u64 {
        self.waiting.outdated()
    }

    /// Whether its publisher has taken back what is newest of it.
    fn was_taken_back(&self, entry: &Entry) -> bool {
        entry.guid().and_then(|guid| self.at_guid(guid)).is_some_and(|known| known.status() != Status::Usable)
    }

    fn at_guid(&self, guid: Guid) -> Option<&Entry> {
        self.entries.get(usize::try_from(*self.guids.get(&guid.0)?).ok()?)
    }

    /// Remembers an article, and forgets the oldest where the window is full. One that is under embargo takes no place in it.
    pub fn remember(&mut self, entry: &Entry) {
        if entry.waits() {
            let Reach { articles, age } = self.reach;
            let known = entry.guid().and_then(|guid| self.at_guid(guid));
            let is_older = known.is_some_and(|known| entry.is_older_than(known));
            return self.waiting.begin(entry, is_older, articles, age);
        }
        self.waiting.hear(entry);
        let place = self.next as u32;
        // What is forgotten for it is no newer version.
        let known =
            entry.guid().filter(|guid| self.guids.get(&guid.0) != Some(&place)).and_then(|guid| self.at_guid(guid));
        let newer = entry.guid().filter(|_| known.is_none_or(|known| !entry.is_older_than(known)));
        match self.entries.get_mut(self.next) {
            Some(oldest) => {
                let guid = oldest.guid().filter(|guid| self.guids.get(&guid.0) == Some(&place));
                guid.map(|guid| self.guids.remove(&guid.0));
                *oldest = entry.clone();
            }
            None => self.entries.push(entry.clone()),
        }
        newer.map(|guid| self.guids.insert(guid.0, place));
        entry.signature.keys.iter().filter(|&&key| key != 0).for_each(|&key| self.table.insert(key, self.next));
        self.next = (self.next + 1) % self.reach.articles;
    }

    /// What is remembered, the oldest first, without what is too old now: a journal of these is as good as the long one.
    pub fn entries(&self, now: SystemTime) -> impl Iterator<Item = &Entry> {
        let (newer, older) = self.entries.split_at(self.next.min(self.entries.len()));
        older.iter().chain(newer).filter(move |entry| self.is_in_reach(entry, now))
    }

    /// How many articles are remembered, with those that are too old but not yet overwritten.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn is_in_reach(&self, entry: &Entry, now: SystemTime) -> bool {
        u64::from(seconds(now)) <= u64::from(entry.at).saturating_add(self.reach.age.as_secs())
    }

    /// How many are older than the one in that place.
    fn order(&self, place: usize) -> usize {
        let length = self.entries.len().max(1);
        (place + length - self.next % length) % length
    }
}
