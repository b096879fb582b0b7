//! What a run that was cut short left half done: inputs whose line is durable, and which still stand in an inbox.

use super::inbox::{Inbox, Moves};
use super::name::{escaped, unescaped};
use crate::error::{Error, Result};
use crate::record::Delivered;

/// Lets every input go whose line is durable: it is not read again, because no second line may come of it. Then all
/// folders that the run before may have moved something through are synced, so that the mark can pass.
pub(super) fn recover(inboxes: &[Inbox], delivered: &[Delivered]) -> Result<()> {
    let mut moves = Moves::default();
    for delivery in delivered {
        let of_delivery = |inbox: &&Inbox| delivery.inbox() == Some(escaped(inbox.root()).as_str());
        let Some(inbox) = inboxes.iter().find(of_delivery) else { continue };
        let path = unescaped(delivery.path());
        inbox.note_move(&path, &mut moves);
        // What cannot be opened now is no longer the version that was read: its mode has changed, and so has its ctime.
        let Ok(Some(claim)) = inbox.claim(&path) else { continue };
        let read = claim.read(u64::MAX).map_err(Error::io("read", inbox.root().join(&path)))?;
        let digest = read.map(|bytes| format!("b3:{}", blake3::hash(&bytes))).unwrap_or_default();
        if delivery.is_of(claim.identity.inode, &claim.identity.ctime_text(), &digest) {
            tracing::info!(path = delivery.path(), "its line stands since before a crash; letting it go");
            inbox.finish(&claim, &digest, &mut moves)?;
        }
    }
    moves.sync()
}
