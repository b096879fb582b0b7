//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use std::collections::HashMap;

use super::arrival;
use super::begun::Begun;
use super::inbox::{Claim, Committed, Identity, Inbox, Lines, Moves, escaped, unescaped};
use super::intake::Key;
use super::item_set::ItemSet;
use super::kept::{Kept, Version};
use crate::error::{Error, Result};
use crate::record::Delivered;
use crate::story::Entry;

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass. What stands
/// neither where it was read nor where it would have gone is noted among what was begun.
pub(crate) fn recover(
    inboxes: &[Inbox],
    delivered: &[Delivered],
    kept: &Kept,
    stays: &mut HashMap<Key, Version>,
    begun: &mut Begun,
) -> Result<()> {
    let mut moves = Moves::default();
    let lines = Lines::new(delivered);
    for (delivery, items) in by_file(delivered) {
        let of_delivery = |inbox: &Inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str());
        let Some(at) = inboxes.iter().position(of_delivery) else { continue };
        let (inbox, path) = (&inboxes[at], unescaped(delivery.path()));
        inbox.note_move(&path, &mut moves);
        let whole = inbox.root().join(&path);
        // Its bytes are read only where it may be that version: by now a file of any size may stand there, or one that we
        // may not read. What cannot even be looked at may be that version, and the mark must not pass it.
        let standing = inbox.claim_unreadable(&path).map_err(Error::io("look at", &whole))?;
        let claim = match standing {
            Some(standing) if is_version(&standing, delivery) => {
                inbox.claim(&path).map_err(Error::io("open", &whole))?
            }
            // It may be closed to us since then.
            Some(standing) if may_be_version(&standing, delivery) => inbox.claim(&path).unwrap_or(None),
            _ => None,
        };
        let digest = claim.as_ref().map(Claim::digest).transpose().map_err(Error::io("read", &whole))?;
        let Some(mut claim) = claim.filter(|_| digest.as_deref() == Some(delivery.digest())) else {
            if !inbox.take_back(delivery, &lines, &mut moves)? {
                note_told(begun, delivery, items);
            }
            continue;
        };
        let (key, id) = (Key { inbox: at, path: path.into() }, delivery.digest().to_string());
        if !delivery.is_whole_file() {
            tracing::info!(path = delivery.path(), "lines of it stand since before a crash; reading the rest of it");
            let version = Version { begun: Some(items), ..Version::whole(claim.identity, id) };
            let version = version.going_on_from(stays.get(&key));
            stays.insert(key, version);
            continue;
        }
        tracing::info!(path = delivery.path(), "its line stands since before a crash; letting it go");
        if inbox.finish(&mut claim, &id, false, &mut moves)? == Committed::Kept {
            stays.insert(key, Version::whole(claim.identity, id));
        }
    }
    moves.sync()?;
    kept.remember(inboxes, stays.iter())?;
    inboxes.iter().try_for_each(Inbox::send_on)
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

/// Notes what the lines of a file tell that is not where it was: it may be called otherwise by now.
fn note_told(begun: &mut Begun, delivery: &Delivered, items: ItemSet) {
    let (Some(inode), Some(ctime)) = delivery.version() else { return };
    let identity = Identity { device: 0, inode, ctime: 0, bytes: delivery.bytes(), mtime: 0, born: None };
    let version = Version::whole(identity, delivery.digest().into());
    begun.note_told(ctime, Version { begun: (!delivery.is_whole_file()).then_some(items), ..version });
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
