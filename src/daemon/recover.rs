//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use super::claim::Claim;
use super::inbox::Inbox;
use super::moves::Moves;
use super::name::{escaped, unescaped};
use crate::error::{Error, Result};
use crate::record::{Delivered, digest};

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass.
pub(super) fn recover(inboxes: &[Inbox], delivered: &[Delivered]) -> Result<()> {
    let mut moves = Moves::default();
    for delivery in delivered {
        let of_delivery = |inbox: &&Inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str());
        let Some(inbox) = inboxes.iter().find(of_delivery) else { continue };
        let path = unescaped(delivery.path());
        inbox.note_move(&path, &mut moves);
        let whole = inbox.root().join(&path);
        // Its bytes are read only where it is that version: by now a file of any size may stand there, or one that we
        // may not read. What cannot even be looked at may be that version, and the mark must not pass it.
        let standing = inbox.claim_unreadable(&path).map_err(Error::io("look at", &whole))?;
        let is_version = |claim: Claim| {
            delivery.version() == (Some(claim.identity.inode), Some(claim.identity.ctime_text().as_str()))
        };
        if !standing.is_some_and(is_version) {
            let has_line =
                |inode| delivered.iter().any(|d| d.path() == delivery.path() && d.version().0 == Some(inode));
            inbox.take_back(&path, delivery.version(), has_line, &mut moves)?;
            continue;
        }
        let Some(claim) = inbox.claim(&path).map_err(Error::io("open", &whole))? else { continue };
        let read = claim.read(claim.identity.bytes).map_err(Error::io("read", &whole))?;
        if read.is_some_and(|bytes| digest(&bytes) == delivery.digest()) {
            tracing::info!(path = delivery.path(), "its line stands since before a crash; letting it go");
            inbox.finish(&claim, delivery.digest(), &mut moves)?;
        }
    }
    moves.sync()
}
