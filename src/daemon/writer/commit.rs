//! What becomes of inputs whose lines are durable: they leave, wait for the rest of their articles, or are looked at again.

use std::sync::Arc;

use super::{SETTLE_AFTER, Writer};
use crate::daemon::clock::moment;
use crate::daemon::delivery::{Content, Delivery, Outcome, Read, Shared};
use crate::daemon::inbox::{Committed, Identity, Moves, Refusal, Refused, escaped};
use crate::daemon::intake::{Fate, Job, Key, Left};
use crate::daemon::item_set::ItemSet;
use crate::daemon::kept::Version;
use crate::error::{Reject, Result};

impl Writer {
    /// Lets the inputs of a durable batch go, and tells what became of each; `None` where a stop came before that.
    pub(super) fn let_go(&mut self, batch: impl Iterator<Item = Delivery>) -> Result<Option<Vec<(Key, Fate)>>> {
        let mut moves = std::mem::take(&mut self.unsettled.moves);
        let mut fates = Vec::with_capacity(batch.size_hint().0);
        for Delivery { job, content, .. } in batch {
            let outcome = match content {
                Content::Last(outcome) => outcome,
                Content::Part(version, refused) => {
                    let Some(version) = self.note_part(&job, version, &refused)? else { return Ok(None) };
                    self.unsettled.remember(job.key, version);
                    continue;
                }
                Content::Void => continue,
            };
            let Some(fate) = self.commit(&job, outcome, &mut moves)? else { return Ok(None) };
            match &fate {
                Fate::Kept(version) | Fate::Changed(Some(version)) | Fate::Held(version, _) => {
                    self.unsettled.remember(job.key.clone(), version.clone());
                }
                _ => {}
            }
            fates.push((job.key, fate));
        }
        self.unsettled.moves = moves;
        self.unsettled.due.get_or_insert_with(|| moment() + SETTLE_AFTER);
        Ok(Some(fates))
    }

    /// Notes which articles of a part were refused, and that its file has lines; `None` where a stop came before that.
    fn note_part(&mut self, job: &Job, version: Version, refused: &[(u32, Reject)]) -> Result<Option<Version>> {
        if !self.note_refused(job, &version, refused)? {
            return Ok(None);
        }
        let has_refused = !refused.is_empty() || self.has_refused(job, &version);
        let version = Version { has_refused, ..version };
        self.begun.note(&job.key, &version);
        Ok(Some(version))
    }

    /// Whether earlier articles of this version of a file were refused.
    fn has_refused(&self, job: &Job, version: &Version) -> bool {
        let noted = self.begun.of(&version.identity).map(|(_, version)| version);
        noted.into_iter().chain(job.earlier()).any(|known| known.id == version.id && known.has_refused)
    }

    /// Notes in failed/ which articles of a file were refused; `false` where a stop came before that.
    fn note_refused(&self, job: &Job, version: &Version, refused: &[(u32, Reject)]) -> Result<bool> {
        let Some((_, first)) = refused.first() else { return Ok(true) };
        let inbox = &self.shared.inboxes[job.key.inbox];
        let reason = self.reason(job, &version.identity, first).with_articles(refused);
        let path = inbox.root().join(&job.key.path);
        tracing::warn!(
            path = %path.display(), digest = version.id, code = %first.code, reason = reason.message, "refused in part"
        );
        let noted = self
            .shared
            .pause
            .insist(&self.shared.stop, || inbox.note_articles(&job.key.path, &version.id, reason.clone()))?;
        Ok(noted.is_some())
    }

    fn reason(&self, job: &Job, identity: &Identity, reject: &Reject) -> Refusal {
        let inbox = &self.shared.inboxes[job.key.inbox];
        let source = Refused::new(escaped(inbox.root()), escaped(&job.key.path), identity);
        Refusal::new(reject, source, job.attempts() + 1, self.shared.in_force.terms().model.id())
    }

    /// Lets one input go; `None` where a stop came before that.
    fn commit(&mut self, job: &Job, outcome: Outcome, moves: &mut Moves) -> Result<Option<Fate>> {
        let shared = Arc::clone(&self.shared);
        let Shared { inboxes, pause, stop, .. } = &*shared;
        let inbox = &inboxes[job.key.inbox];
        match outcome {
            Outcome::None(Fate::Vanished) => {
                let forgotten = pause.insist(stop, || inbox.forget_held(&job.key.path))?;
                Ok(forgotten.map(|()| Fate::Vanished))
            }
            Outcome::None(fate) => Ok(Some(fate)),
            Outcome::Embargoed { mut claim, .. } => {
                let Some(committed) = pause.insist(stop, || inbox.embargo(&mut claim, moves))? else { return Ok(None) };
                Ok(Some(match committed {
                    Committed::Left(place) => {
                        // The lines that there are of it are its own there, too.
                        if let Some(earlier) = job.earlier() {
                            self.begun.note(&job.key, &Version { identity: claim.identity, ..earlier.clone() });
                        }
                        Fate::Embargoed(place)
                    }
                    // It waits where it is, which is looked at again.
                    Committed::Kept | Committed::Changed => Fate::Changed(None),
                    Committed::Vanished => Fate::Vanished,
                }))
            }
            Outcome::Read(Read { mut claim, id, refused, held, items, has_parts }) => {
                let version = Version::whole(claim.identity, id);
                if !self.note_refused(job, &version, &refused)? {
                    return Ok(None);
                }
                let has_refused = !refused.is_empty() || self.has_refused(job, &version);
                if let Some(until) = held.iter().map(|held| held.until).min() {
                    if pause.insist(stop, || inbox.note_held(&claim.path, &held))?.is_none() {
                        return Ok(None);
                    }
                    let begun = Some(ItemSet::below_but(items, held.iter().map(|held| held.item)));
                    let version = Version { begun, has_refused, ..version };
                    self.begun.note(&job.key, &version);
                    return Ok(Some(Fate::Held(version, until)));
                }
                let finished = pause.insist(stop, || inbox.finish(&mut claim, &version.id, has_refused, moves))?;
                let Some(committed) = finished else { return Ok(None) };
                match committed {
                    Committed::Left(_) => {
                        self.begun.forget(&version.identity);
                        // Should somebody put it back, it is read as if for the first time.
                        if has_parts || job.earlier().is_some() {
                            let forgotten = Version::forgotten(version.identity, version.id.clone());
                            self.unsettled.remember(job.key.clone(), forgotten);
                        }
                    }
                    Committed::Kept if !has_parts => self.begun.forget(&version.identity),
                    // Its lines are out, whatever it is called by now.
                    Committed::Changed | Committed::Vanished | Committed::Kept => self.begun.note(&job.key, &version),
                }
                Ok(Some(match committed {
                    Committed::Left(place) if !place.starts_with(inbox.exits().leaving()) => {
                        let Version { identity, id, .. } = version;
                        Fate::Done(Some(Left { key: job.key.clone(), place, identity, id }))
                    }
                    Committed::Left(_) | Committed::Vanished => Fate::Done(None),
                    Committed::Kept => Fate::Kept(version),
                    Committed::Changed => Fate::Changed(Some(version)),
                }))
            }
            Outcome::Refused { mut claim, reject } => {
                let path = inbox.root().join(&claim.path);
                tracing::warn!(path = %path.display(), code = %reject.code, reason = reject.message, "refused");
                let reason = self.reason(job, &claim.identity, &reject);
                let committed = pause.insist(stop, || inbox.refuse(&mut claim, &reason, moves))?;
                self.begun.forget(&claim.identity);
                Ok(committed.map(|committed| match committed {
                    Committed::Left(_) | Committed::Kept => Fate::Failed,
                    Committed::Changed => Fate::Changed(None),
                    Committed::Vanished => Fate::Vanished,
                }))
            }
        }
    }
}
