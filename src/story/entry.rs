//! What is remembered of an article, and its bytes.

use std::time::{Duration, SystemTime};

use super::guid::Guid;
use super::id::{Id, StoryId};
use super::signature::{KEYS, Signature};
use super::sketch::Sketch;
use crate::article::Status;

/// What is remembered of an article.
///
/// ```
/// use std::time::SystemTime;
/// use disputed::Status;
/// use disputed::story::{Entry, Guid, Id, Signature};
/// let words: Vec<String> = (0..100).map(|n| format!("word{n}")).collect();
/// let signature = Signature::of([words.join(" ").as_str()]);
/// let entry = Entry::new(Id([7; 32]), Id([1; 32]).into(), SystemTime::UNIX_EPOCH, signature);
/// let entry = entry.known_as(Guid::of("urn:example:1", ""), Some(2), Status::Usable);
/// assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) id: Id,
    pub(super) story: StoryId,
    pub(super) signature: Signature,
    /// Seconds since 1970. They end in 2106.
    pub(super) at: u32,
    /// Nought where its publisher gives it none.
    guid: u64,
    /// Nought where its publisher counts none.
    version: u32,
    status: Status,
    embargo: Embargo,
}

/// What an article has to do with an embargo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Embargo {
    /// Nothing that is known.
    #[default]
    Without,
    /// It is not out yet.
    Waits,
    /// It, or its file, was met before and has waited since: what it says is no newer than it was then.
    Over,
}

/// The bytes of an entry before its checksum.
const BODY: usize = 168;
const CHECKSUM: usize = 8;

/// By their numbers in an entry.
const STATUSES: [Status; 3] = [Status::Usable, Status::Withheld, Status::Canceled];

/// By their numbers, above those of the statuses.
const EMBARGOES: [Embargo; 3] = [Embargo::Without, Embargo::Waits, Embargo::Over];
const ABOVE: u32 = 1 << 8;

impl Entry {
    /// How many bytes an entry has in a journal.
    pub const BYTES: usize = BODY + CHECKSUM;

    /// An article that came at some time, with the story that it belongs to: that of the article that it was found to
    /// repeat, or itself. Of the time whole seconds from 1970 to 2106 are kept.
    pub fn new(id: Id, story: StoryId, at: SystemTime, signature: Signature) -> Entry {
        Entry {
            id,
            story,
            signature,
            at: seconds(at),
            guid: 0,
            version: 0,
            status: Status::Usable,
            embargo: Embargo::Without,
        }
    }

    /// The same, as its publisher knows it: by a name, in a version of it, and with its status there.
    #[must_use]
    pub fn known_as(self, guid: Guid, version: Option<u32>, status: Status) -> Entry {
        Entry { guid: guid.0, version: version.unwrap_or(0), status, ..self }
    }

    /// The same, as one that is under embargo: it is remembered only for what its publisher says of it until it is out.
    #[must_use]
    pub fn waiting(self) -> Entry {
        Entry { embargo: Embargo::Waits, ..self }
    }

    /// The same, as one that was met before and has waited since, for itself or with its file: nothing that waits is outdated
    /// by it.
    #[must_use]
    pub fn after_embargo(self) -> Entry {
        Entry { embargo: Embargo::Over, ..self }
    }

    /// The article.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The story that it belongs to.
    pub fn story(&self) -> StoryId {
        self.story
    }

    /// What its publisher knows it by, where there is something.
    pub fn guid(&self) -> Option<Guid> {
        (self.guid != 0).then_some(Guid(self.guid))
    }

    /// Which version of it this is, where its publisher counts them.
    pub fn version(&self) -> Option<u32> {
        Some(self.version).filter(|version| *version != 0)
    }

    /// Whether it is out.
    pub(super) fn is_out(&self) -> bool {
        self.status == Status::Usable && !self.waits()
    }

    /// Whether it waits to be out.
    pub fn waits(&self) -> bool {
        self.embargo == Embargo::Waits
    }

    /// Whether it was met before.
    pub(super) fn has_waited(&self) -> bool {
        self.embargo == Embargo::Over
    }

    /// Whether it is of a version before that of the other, as their publisher counts them. What is canceled is so for good.
    pub(super) fn is_older_than(&self, other: &Entry) -> bool {
        self.status != Status::Canceled && is_before(self.version(), other.version())
    }

    /// Whether it is out, or was taken back.
    pub fn status(&self) -> Status {
        self.status
    }

    /// When it came, in whole seconds.
    pub fn at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.at.into())
    }

    /// What is kept of its text.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The entry as it is appended to a journal: numbers of fixed width, the lowest byte first, and a checksum.
    pub fn to_bytes(&self) -> [u8; Entry::BYTES] {
        let Signature { words, sketch, keys, phrases } = &self.signature;
        let ids = self.id.0.into_iter().chain(self.story.0);
        let longs =
            [words].into_iter().chain(sketch.words()).chain([&self.guid]).flat_map(|number| number.to_le_bytes());
        let status = &(u32::from(self.status as u8) + ABOVE * u32::from(self.embargo as u8));
        let shorts = keys.iter().chain([phrases, &self.at, &self.version, status]);
        let shorts = shorts.flat_map(|number| number.to_le_bytes());
        let body = ids.chain(longs).chain(shorts);
        let mut bytes = [0; Entry::BYTES];
        bytes.iter_mut().zip(body).for_each(|(to, byte)| *to = byte);
        let (body, end) = bytes.split_at_mut(BODY);
        end.copy_from_slice(&checksum(body));
        bytes
    }

    /// The entry that these bytes are; `None` where they are damaged.
    pub fn from_bytes(bytes: &[u8; Entry::BYTES]) -> Option<Entry> {
        let (mut rest, end) = bytes.split_at(BODY);
        if end != checksum(rest) {
            return None;
        }
        let id = Id(take(&mut rest)?);
        let story = StoryId(take(&mut rest)?);
        let words = u64::from_le_bytes(take(&mut rest)?);
        let mut sketch = [0; 8];
        for word in &mut sketch {
            *word = u64::from_le_bytes(take(&mut rest)?);
        }
        let guid = u64::from_le_bytes(take(&mut rest)?);
        let mut keys = [0; KEYS];
        for key in &mut keys {
            *key = u32::from_le_bytes(take(&mut rest)?);
        }
        let phrases = u32::from_le_bytes(take(&mut rest)?);
        let at = u32::from_le_bytes(take(&mut rest)?);
        let version = u32::from_le_bytes(take(&mut rest)?);
        let number = u32::from_le_bytes(take(&mut rest)?);
        let status = STATUSES.into_iter().find(|status| u32::from(*status as u8) == number % ABOVE)?;
        let embargo = EMBARGOES.into_iter().find(|embargo| u32::from(*embargo as u8) == number / ABOVE)?;
        let signature = Signature { words, sketch: Sketch::from_words(sketch), keys, phrases };
        Some(Entry { id, story, signature, at, guid, version, status, embargo })
    }
}

/// Whether one version comes before another, where their publisher counts both.
pub(super) fn is_before(one: Option<u32>, other: Option<u32>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one < other)
}

/// Whole seconds since 1970, as an entry keeps them.
pub(super) fn seconds(time: SystemTime) -> u32 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = [0; CHECKSUM];
    sum.iter_mut().zip(blake3::hash(body).as_bytes()).for_each(|(to, &byte)| *to = byte);
    sum
}
