//! What the lines of a batch have to do with earlier ones, which only the writer knows: the order of lines is his.

use std::time::SystemTime;

use super::delivery::{Batch, Held, Line, Related, Verdict};
use super::memory::Memory;
use crate::article::Status;
use crate::error::{Code, Reject};
use crate::label::withheld;
use crate::record::{NearDuplicate, Relation, Withdrawn};
use crate::story::{Arrival, Entry, Signature, Telling};

/// What a batch says of articles that came before it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    /// Whether something is taken back.
    pub(crate) takes_back: bool,
    /// Whether something is outdated that waits for the end of an embargo.
    pub(crate) outdates: bool,
}

/// Says in each line what it has to do with earlier ones, and strikes out what must not go out; with `drops`, also what an
/// earlier line says word by word.
pub(crate) fn relate(batch: &mut Batch, memory: &mut Option<Memory>, drops: bool, now: SystemTime) -> Word {
    let outdated = |memory: &Option<Memory>| memory.as_ref().map_or(0, Memory::outdated);
    let before = outdated(memory);
    let mut relations = Relations { memory, drops, now, takes_back: false };
    batch.relate(&mut relations);
    Word { takes_back: relations.takes_back, outdates: outdated(relations.memory) > before }
}

struct Relations<'m> {
    memory: &'m mut Option<Memory>,
    drops: bool,
    now: SystemTime,
    takes_back: bool,
}

impl Related for Relations<'_> {
    fn judge(&mut self, line: &mut Line) -> Verdict {
        let Line { arrival, replaced, entry, waited, .. } = line;
        let Some(arrival) = arrival else {
            return Verdict::Stands(Relation { replaces: replaced.take(), ..Relation::default() });
        };
        self.takes_back |= arrival.status != Status::Usable;
        let Some(memory) = self.memory else {
            return verdict(Telling::of(arrival, None, || None), arrival, replaced.take(), false);
        };
        let telling = memory.tell(arrival, self.now);
        if let Telling::Article { repeats, .. } = telling {
            if *waited && arrival.guid.is_some_and(|guid| memory.is_outdated(arrival.id, guid)) {
                return Verdict::Barred(outdated());
            }
            if let Some(found) = repeats.filter(|found| self.drops && found.is_exact()) {
                tracing::info!(id = %arrival.id, of = %found.id, "every word of it is in an earlier article; it has no line");
                return Verdict::Repeats;
            }
        }
        *entry = telling.entry(arrival, self.now);
        if *waited {
            *entry = entry.take().map(Entry::after_embargo);
        }
        entry.iter().for_each(|entry| memory.remember(entry));
        verdict(telling, arrival, replaced.take(), true)
    }

    fn bars(&mut self, held: &mut Held) -> Option<Reject> {
        let memory = self.memory.as_mut()?;
        let (guid, id) = held.key.zip(held.id)?;
        if memory.status(guid, self.now) == Some(Status::Canceled) {
            return Some(withheld(Status::Canceled));
        }
        // What is met again is no newer word than it was.
        if !held.waited || !memory.has_waited(id) {
            let waits = Entry::new(id, id.into(), self.now, Signature::default());
            let waits = waits.known_as(guid, held.version, Status::Usable).waiting();
            memory.remember(held.entry.insert(waits));
        }
        memory.is_outdated(id, guid).then(outdated)
    }
}

/// What becomes of a line. Stories are told where they are remembered.
fn verdict(telling: Telling, arrival: &Arrival, replaced: Option<String>, remembers: bool) -> Verdict {
    let relation = match telling {
        Telling::Article { story, repeats, replaces } => Relation {
            replaces: replaces.map(|id| id.to_string()).or(replaced),
            story: remembers.then(|| story.to_string()),
            near_duplicate: repeats
                .map(|found| NearDuplicate { of: found.id.to_string(), similarity: found.similarity }),
            withdrawn: None,
        },
        Telling::Withdrawal(of) => {
            let withdrawn = Withdrawn { status: arrival.status.as_str(), id: of.map(|id| id.to_string()) };
            Relation { withdrawn: Some(withdrawn), ..Relation::default() }
        }
        Telling::Barred(status) => return Verdict::Barred(withheld(status)),
    };
    Verdict::Stands(relation)
}

/// The refusal of an article that its publisher has spoken of while it was under embargo.
fn outdated() -> Reject {
    Reject::new(Code::Withheld, "its publisher sent newer word of it while it was under embargo")
}
