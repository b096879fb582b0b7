//! What the lines of a batch have to do with earlier ones, which only the writer knows: the order of lines is his.

use std::time::SystemTime;

use super::delivery::{Batch, Line, Verdict};
use super::memory::Memory;
use crate::article::Status;
use crate::label::withheld;
use crate::record::{NearDuplicate, Relation, Withdrawn};
use crate::story::{Arrival, Telling};

/// Says in each line what it has to do with earlier ones, and strikes out what must not go out; with `drops`, also what an
/// earlier line says word by word. Tells whether anything was taken back.
pub(crate) fn relate(batch: &mut Batch, memory: &mut Option<Memory>, drops: bool, now: SystemTime) -> bool {
    let mut takes_back = false;
    batch.relate(|line| {
        let Line { arrival, replaced, entry, .. } = line;
        let Some(arrival) = arrival else {
            return Verdict::Stands(Relation { replaces: replaced.take(), ..Relation::default() });
        };
        takes_back |= arrival.status != Status::Usable;
        let Some(memory) = memory else {
            return verdict(Telling::of(arrival, None, || None), arrival, replaced.take(), false);
        };
        let telling = memory.tell(arrival, now);
        if let Telling::Article { repeats: Some(found), .. } = telling
            && drops
            && found.is_exact()
        {
            tracing::info!(id = %arrival.id, of = %found.id, "every word of it is in an earlier article; it has no line");
            return Verdict::Repeats;
        }
        memory.remember(entry.insert(telling.entry(arrival, now)));
        verdict(telling, arrival, replaced.take(), true)
    });
    if let Some(memory) = memory {
        batch.bar_held(|held| match memory.status(held.key?, now)? {
            Status::Canceled => Some(withheld(Status::Canceled)),
            Status::Usable | Status::Withheld => None,
        });
    }
    takes_back
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
