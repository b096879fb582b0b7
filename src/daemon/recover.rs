//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::arrival;
use super::begun::Begun;
use super::inbox::{Claim, Committed, Inbox, Lines, Moves, escaped, unescaped};
use super::intake::{Entry as Found, Key, Walk};
use super::item_set::ItemSet;
use super::kept::{Kept, Version};
use crate::error::{Error, Result};
use crate::record::Delivered;
use crate::story::Entry;

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass.
pub(crate) fn recover(
    inboxes: &[Inbox],
    delivered: &[Delivered],
    kept: &Kept,
    stays: &mut HashMap<Key, Version>,
    begun: &mut Begun,
) -> Result<()> {
    let mut recovery = Recovery { inboxes, stays, begun, moves: Moves::default() };
    let lines = Lines::new(delivered);
    let mut missing = HashMap::new();
    for (delivery, items) in by_file(delivered) {
        let of_delivery = |inbox: &Inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str());
        let Some(at) = inboxes.iter().position(of_delivery) else { continue };
        let (inbox, path) = (&inboxes[at], unescaped(delivery.path()));
        inbox.note_move(&path, &mut recovery.moves);
        match standing(inbox, &path, delivery)? {
            Some(claim) => recovery.deal_with(at, claim, delivery, items)?,
            None if inbox.take_back(delivery, &lines, &mut recovery.moves)? => {}
            None => missing.entry(delivery.version().0).or_insert_with(Vec::new).push((delivery, items)),
        }
    }
    recovery.deal_with_renamed(&missing)?;
    recovery.moves.sync()?;
    kept.remember(inboxes, recovery.stays.iter())?;
    inboxes.iter().try_for_each(Inbox::send_on)
}

/// The version of a file that lines speak of, where it stands under this name.
fn standing(inbox: &Inbox, path: &Path, delivery: &Delivered) -> Result<Option<Claim>> {
    let whole = || inbox.root().join(path);
    // Its bytes are read only where it may be that version: by now a file of any size may stand there, or one that we
    // may not read. What cannot even be looked at may be that version, and the mark must not pass it.
    let claim = match inbox.claim_unreadable(path).map_err(Error::io("look at", whole()))? {
        Some(standing) if is_version(&standing, delivery) => inbox.claim(path).map_err(Error::io("open", whole()))?,
        // It may be closed to us since then.
        Some(standing) if may_be_version(&standing, delivery) => inbox.claim(path).unwrap_or(None),
        _ => None,
    };
    let digest = claim.as_ref().map(Claim::digest).transpose().map_err(Error::io("read", whole()))?;
    Ok(claim.filter(|_| digest.as_deref() == Some(delivery.digest())))
}

/// A recovery under way.
struct Recovery<'r> {
    inboxes: &'r [Inbox],
    stays: &'r mut HashMap<Key, Version>,
    begun: &'r mut Begun,
    moves: Moves,
}

impl Recovery<'_> {
    /// Lets a file go that its line speaks of all of; of another the articles that have lines are remembered.
    fn deal_with(&mut self, at: usize, mut claim: Claim, delivery: &Delivered, items: ItemSet) -> Result<()> {
        let key = Key { inbox: at, path: claim.path.as_path().into() };
        let (path, id) = (escaped(&claim.path), delivery.digest().to_string());
        if !delivery.is_whole_file() {
            tracing::info!(path, "lines of it stand since before a crash; reading the rest of it");
            let version = Version { begun: Some(items), ..Version::whole(claim.identity, id) };
            let noted = self.begun.of(&claim.identity).map(|(_, noted)| noted);
            let version = version.going_on_from(self.stays.get(&key)).going_on_from(noted);
            self.begun.note(&key, &version);
            self.stays.insert(key, version);
            return Ok(());
        }
        tracing::info!(path, "its line stands since before a crash; letting it go");
        if self.inboxes[at].finish(&mut claim, &id, false, &mut self.moves)? == Committed::Kept {
            self.stays.insert(key, Version::whole(claim.identity, id));
        }
        Ok(())
    }

    /// The same for files, by their inodes, that stand neither where they were read nor where they would have gone: they may
    /// be called otherwise by now.
    fn deal_with_renamed(&mut self, missing: &HashMap<Option<u64>, Vec<(&Delivered, ItemSet)>>) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        for (at, inbox) in self.inboxes.iter().enumerate() {
            let mut walk = Walk::new(inbox.root());
            while let Some((path, entry)) = walk.next(|folder| inbox.exits().own(folder), |_| ()) {
                let Found::File(metadata) = entry else { continue };
                let of_file = missing.get(&Some(metadata.ino()));
                let Ok(below) = path.strip_prefix(inbox.root()) else { continue };
                for (delivery, items) in of_file.into_iter().flatten() {
                    if let Some(claim) = standing(inbox, below, delivery)? {
                        self.deal_with(at, claim, delivery, items.clone())?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What the lines that were delivered tell of their articles: a kill may have come before it was remembered.
pub(crate) fn told(inboxes: &[Inbox], delivered: &[Delivered]) -> Vec<Entry> {
    let tell = |delivery: &Delivered| {
        let inbox = inboxes.iter().find(|inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str()))?;
        let told = arrival::told(delivery, &inbox.place_of(&unescaped(delivery.path())))?;
        Some(if inbox.is_embargo() { told.after_embargo() } else { told })
    };
    delivered.iter().filter_map(tell).collect()
}

/// The deliveries of each file together: one that speaks of it, and the articles that have lines.
fn by_file(delivered: &[Delivered]) -> Vec<(&Delivered, ItemSet)> {
    let mut places = HashMap::new();
    let mut files: Vec<(&Delivered, Vec<u32>)> = Vec::new();
    for delivery in delivered {
        let at = *places
            .entry((delivery.inbox(), delivery.path(), delivery.digest(), delivery.version()))
            .or_insert(files.len());
        match files.get_mut(at) {
            Some((_, items)) => items.push(delivery.item()),
            None => files.push((delivery, vec![delivery.item()])),
        }
    }
    files.into_iter().map(|(delivery, items)| (delivery, items.into_iter().collect())).collect()
}

fn is_version(standing: &Claim, delivery: &Delivered) -> bool {
    delivery.version() == (Some(standing.identity.inode), Some(standing.identity.ctime_text().as_str()))
}

/// Whether it is the same file with the same number of bytes: a mode, a link or a time that was set since is no change.
/// The inode of a file that was removed goes to the next one, but that one is younger than the line.
fn may_be_version(standing: &Claim, delivery: &Delivered) -> bool {
    let (inode, ctime) = delivery.version();
    let is_same_file = inode == Some(standing.identity.inode) && standing.identity.bytes == delivery.bytes();
    is_same_file && standing.identity.born_text().is_some_and(|born| Some(born.as_str()) <= ctime)
}
