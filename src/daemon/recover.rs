//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use std::collections::HashMap;

use super::inbox::{Claim, Committed, Inbox, Lines, Moves, escaped, unescaped};
use super::intake::Key;
use super::kept::{Kept, Version};
use crate::error::{Error, Result};
use crate::record::{Delivered, digest};

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass.
pub(crate) fn recover(
    inboxes: &[Inbox],
    delivered: &[Delivered],
    kept: &Kept,
    stays: &mut HashMap<Key, Version>,
) -> Result<()> {
    let mut moves = Moves::default();
    let lines = Lines::new(delivered);
    for delivery in delivered {
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
        let mut bytes = Vec::new();
        let read = claim.as_ref().map(|claim| claim.read(claim.identity.bytes, &mut bytes)).transpose();
        let is_whole = read.map_err(Error::io("read", &whole))?.unwrap_or(false);
        if let Some(mut claim) = claim
            && is_whole
            && digest(&bytes) == delivery.digest()
        {
            tracing::info!(path = delivery.path(), "its line stands since before a crash; letting it go");
            if inbox.finish(&mut claim, delivery.digest(), &mut moves)? == Committed::Kept {
                let version = Version { identity: claim.identity, id: delivery.digest().into() };
                stays.insert(Key { inbox: at, path: path.into() }, version);
            }
            continue;
        }
        inbox.take_back(delivery, &lines, &mut moves)?;
    }
    moves.sync()?;
    kept.remember(inboxes, stays.iter())?;
    inboxes.iter().try_for_each(Inbox::send_on)
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
