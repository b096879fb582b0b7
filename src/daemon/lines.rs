//! The lines of one input, as its articles come: handed over in parts where they are many, and no line twice.

use super::delivery::{Content, Delivery, Held, Line, Outcome, Read};
use super::handover::Worker as Place;
use super::inbox::{Claim, Identity};
use super::intake::{Fate, Job};
use super::item_set::ItemSet;
use super::kept::Version;
use super::sink::LARGEST_PART;
use crate::error::{Code, Reject};
use crate::record::{Delivered, LINE_LIMIT, Record, Relation};
use crate::story::Arrival;

/// What has come of an input so far.
pub(crate) struct Lines<'w> {
    job: &'w Job,
    identity: Identity,
    place: &'w Place,
    /// The lines that have not been handed over: their bytes, and what is known of each.
    bytes: &'w mut Vec<u8>,
    lines: Vec<Line>,
    /// So many bytes of them are handed over as a part.
    part: usize,
    /// The digest of the input's bytes, from its first line on.
    digest: Option<String>,
    refused: Vec<(u32, Reject)>,
    held: Vec<Held>,
    /// Whether anything in the input is under embargo, which is asked before a part of it goes out; none where that may
    /// wait here.
    is_held: Option<&'w dyn Fn() -> bool>,
    /// The input stands in embargo/, and has been met before.
    in_embargo: bool,
    /// The whole input goes to embargo/, and has its lines from there.
    is_embargoed: bool,
    /// How many articles there were, and how many of them have been handed over.
    items: u32,
    handed: u32,
    has_parts: bool,
    /// Nobody takes lines any more.
    is_stopped: bool,
}

impl<'w> Lines<'w> {
    /// Begins with the version of the input that this is. `batch` is what the writer gathers at most, in bytes.
    pub(crate) fn new(
        job: &'w Job,
        identity: Identity,
        place: &'w Place,
        bytes: &'w mut Vec<u8>,
        batch: usize,
        in_embargo: bool,
        is_held: Option<&'w dyn Fn() -> bool>,
    ) -> Lines<'w> {
        let part = batch.min(LARGEST_PART - LINE_LIMIT);
        let (digest, lines, refused) = (None, Vec::new(), Vec::new());
        Lines {
            job,
            identity,
            place,
            bytes,
            lines,
            part,
            digest,
            refused,
            held: Vec::new(),
            is_held,
            in_embargo,
            is_embargoed: false,
            items: 0,
            handed: 0,
            has_parts: false,
            is_stopped: false,
        }
    }

    /// Adds the next article, and what is asked about it of earlier ones.
    pub(crate) fn add(&mut self, record: Record, arrival: Option<Arrival>) {
        let earlier = self.earlier(record.digest_of_file());
        if !earlier.has_line {
            let start = self.bytes.len();
            record.write_line(self.bytes);
            self.note(start, earlier, arrival);
        }
        self.step();
    }

    /// Adds the next article, which another process has made a line of.
    pub(crate) fn add_line(&mut self, delivered: &Delivered, line: &[u8], arrival: Option<Arrival>) {
        self.items = delivered.item();
        let earlier = self.earlier(delivered.digest());
        if !earlier.has_line {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(line);
            self.note(start, earlier, arrival);
        }
        self.step();
    }

    /// Notes the line that was written from `start` on.
    fn note(&mut self, start: usize, Earlier { replaced, waited, .. }: Earlier, arrival: Option<Arrival>) {
        let length = self.bytes.len() - start;
        self.lines.push(Line { item: self.items, length, replaced, waited, arrival, entry: None });
    }

    /// Notes that the next article is under embargo; `digest` is that of the input.
    pub(crate) fn hold(&mut self, held: Held, digest: &str) {
        let Earlier { waited, .. } = self.earlier(digest);
        self.is_embargoed |= self.is_held.is_some();
        self.held.push(Held { item: self.items, waited, ..held });
        self.step();
    }

    /// Notes that the next article was refused, where an earlier reading has not.
    pub(crate) fn refuse(&mut self, reject: Reject) {
        let earlier = self.job.earlier().filter(|version| self.digest.as_ref() == Some(&version.id));
        if !earlier.and_then(|version| version.begun.as_ref()).is_some_and(|begun| begun.contains(self.items)) {
            self.refused.push((self.items, reject));
        }
        self.step();
    }

    /// The end of the input: of all of it, or where it could be read no further.
    pub(crate) fn end(self, claim: Claim, end: Result<(), Reject>) -> (Outcome, Vec<Line>) {
        if self.is_stopped {
            // Its other lines stay unwritten, and the next run goes on with them.
            return self.break_off();
        }
        if self.is_embargoed {
            self.bytes.clear();
            return (Outcome::Embargoed { claim, held: self.held }, Vec::new());
        }
        let Lines { digest, mut refused, items, has_parts, lines, held, .. } = self;
        let reject = match (digest, end) {
            (Some(id), end) => {
                // What came before the end of what can be read has its lines, and keeps them.
                let rest = |Reject { code, message }| {
                    Reject::new(code, format!("from here on nothing of it is read: {message}"))
                };
                refused.extend(end.err().map(|reject| (items, rest(reject))));
                return (Outcome::Read(Read { claim, id, refused, has_parts, items, held }), lines);
            }
            (None, Err(reject)) => reject,
            (None, Ok(())) => match refused.into_iter().next() {
                Some((_, only)) if items == 1 => only,
                Some((_, Reject { code, message })) => {
                    Reject::new(code, format!("none of its {items} articles can be read; of the first: {message}"))
                }
                None => Reject::new(Code::NoText, "there is no article in it"),
            },
        };
        (Outcome::Refused { claim, reject }, lines)
    }

    /// Leaves the input as it is, to be gone on with: what has been handed over has its lines.
    pub(crate) fn break_off(self) -> (Outcome, Vec<Line>) {
        self.bytes.clear();
        let begun = self.has_parts.then(|| self.begun());
        (Outcome::None(Fate::Unreadable(begun)), Vec::new())
    }

    /// The version of the input that parts were handed over of, and which of its articles are in them.
    fn begun(&self) -> Version {
        let begun = ItemSet::below_but(self.handed, self.held.iter().map(|held| held.item));
        let id = self.digest.clone().unwrap_or_default();
        // An earlier reading may have come further.
        Version { begun: Some(begun), ..Version::whole(self.identity, id) }.going_on_from(self.job.earlier())
    }

    /// What an earlier reading of this file has to do with the next article.
    fn earlier(&mut self, digest: &str) -> Earlier {
        self.digest.get_or_insert_with(|| digest.to_string());
        match self.job.earlier() {
            // Where only its times have changed, the lines that these would take the place of say the same.
            Some(version) if version.id == digest => Earlier {
                has_line: version.begun.as_ref().is_none_or(|begun| begun.contains(self.items)),
                replaced: None,
                waited: true,
            },
            other => {
                Earlier { has_line: false, replaced: other.map(|version| version.id.clone()), waited: self.in_embargo }
            }
        }
    }

    /// Hands over what there is where that is a part, and goes on to the next article.
    fn step(&mut self) {
        self.items += 1;
        if self.bytes.len() + self.lines.len() * Relation::ROOM <= self.part || self.is_stopped {
            return;
        }
        // It is asked once, for the answer takes a reading of its own.
        self.is_embargoed = self.is_embargoed || !self.has_parts && self.is_held.is_some_and(|is_held| is_held());
        if self.is_embargoed {
            self.bytes.clear();
            self.lines.clear();
            return;
        }
        self.handed = self.items;
        let (lines, refused) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.refused));
        let part = Delivery { job: self.job.clone(), content: Content::Part(self.begun(), refused), lines };
        self.is_stopped = !self.place.put(part, self.bytes);
        self.has_parts = true;
        self.bytes.clear();
    }
}

/// What an earlier reading of a file has to do with one of its articles.
struct Earlier {
    /// It has a line already.
    has_line: bool,
    /// The version that its line takes the place of a line of.
    replaced: Option<String>,
    /// It was met before: it has waited for the end of an embargo, or for the rest of its file.
    waited: bool,
}
