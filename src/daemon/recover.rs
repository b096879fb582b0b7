//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use std::collections::HashMap;

use super::inbox::{Claim, Committed, Identity, Inbox, Moves, escaped, unescaped};
use super::intake::Key;
use super::kept::Kept;
use crate::error::{Error, Result};
use crate::record::{Delivered, digest};

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass.
pub(crate) fn recover(
    inboxes: &[Inbox],
    delivered: &[Delivered],
    kept: &mut Kept,
    stays: &mut HashMap<Key, Identity>,
) -> Result<()> {
    let mut moves = Moves::default();
    for delivery in delivered {
        let of_delivery = |inbox: &Inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str());
        let Some(at) = inboxes.iter().position(of_delivery) else { continue };
        let (inbox, path) = (&inboxes[at], unescaped(delivery.path()));
        inbox.note_move(&path, &mut moves);
        let whole = inbox.root().join(&path);
        // Its bytes are read only where it is that version: by now a file of any size may stand there, or one that we
        // may not read. What cannot even be looked at may be that version, and the mark must not pass it.
        let standing = inbox.claim_unreadable(&path).map_err(Error::io("look at", &whole))?;
        let is_version = |claim: Claim| {
            delivery.version() == (Some(claim.identity.inode), Some(claim.identity.ctime_text().as_str()))
        };
        if !standing.is_some_and(is_version) {
            let name = |d: &Delivered| (d.inbox().map(String::from), d.path().to_string());
            let has_line = |inode| delivered.iter().any(|d| name(d) == name(delivery) && d.version().0 == Some(inode));
            inbox.take_back(&path, delivery.version(), has_line, &mut moves)?;
            continue;
        }
        let Some(mut claim) = inbox.claim(&path).map_err(Error::io("open", &whole))? else { continue };
        let read = claim.read(claim.identity.bytes).map_err(Error::io("read", &whole))?;
        if read.is_some_and(|bytes| digest(&bytes) == delivery.digest()) {
            tracing::info!(path = delivery.path(), "its line stands since before a crash; letting it go");
            if inbox.finish(&mut claim, delivery.digest(), &mut moves)? == Committed::Kept {
                stays.insert(Key { inbox: at, path: path.into() }, claim.identity);
            }
        }
    }
    moves.sync()?;
    kept.remember(inboxes, stays.iter())?;
    inboxes.iter().try_for_each(Inbox::send_on)
}
