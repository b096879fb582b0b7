//! An input in hand: its descriptor, and what tells this version of it from the next.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::record::digest;

/// What no producer sets and every change moves: tells one version of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    /// Nanoseconds since 1970.
    pub(super) ctime: i128,
    pub(super) bytes: u64,
    pub(super) mtime: i128,
}

/// An input in hand: the descriptor it was opened by stays with it until it is committed.
#[derive(Debug)]
pub(super) struct Claim {
    /// Relative to the inbox.
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    pub(super) file: File,
}

/// The device and the inode: which file a name stands for.
pub(super) fn place(m: &Metadata) -> (u64, u64) {
    (m.dev(), m.ino())
}

impl Identity {
    pub(super) fn of(file: &File) -> io::Result<Identity> {
        Ok(Identity::from(&file.metadata()?))
    }

    pub(super) fn from(m: &Metadata) -> Identity {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Identity {
            device: m.dev(),
            inode: m.ino(),
            ctime: nanoseconds(m.ctime(), m.ctime_nsec()),
            bytes: m.len(),
            mtime: nanoseconds(m.mtime(), m.mtime_nsec()),
        }
    }

    /// The change time in UTC with nanoseconds, as records carry it.
    pub(super) fn ctime_text(&self) -> String {
        let since_1970 = Duration::from_nanos(u64::try_from(self.ctime).unwrap_or(0));
        humantime::format_rfc3339_nanos(SystemTime::UNIX_EPOCH + since_1970).to_string()
    }

    /// Whether it is the same file, and written to by nobody since.
    pub(super) fn same_version(&self, other: &Identity) -> bool {
        let version = |i: &Identity| (i.device, i.inode, i.bytes, i.mtime);
        version(self) == version(other)
    }
}

impl Claim {
    /// The bytes, or `None` where the file changed while it was read. At most `limit` + 1 bytes are read.
    pub(super) fn read(&self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.identity.bytes.min(limit)).unwrap_or(0) + 1);
        (&self.file).take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        let whole = self.identity.bytes > limit || bytes.len() as u64 == self.identity.bytes;
        Ok((whole && self.identity.same_version(&Identity::of(&self.file)?)).then_some(bytes))
    }

    /// Whether the bytes that were read, whose digest is the record's id, are no longer what the file holds. A changed
    /// mode or a new link moves ctime alone; reading again tells that from a change.
    pub(super) fn changed(&self, id: &str) -> io::Result<bool> {
        let now = Identity::of(&self.file)?;
        if now == self.identity {
            return Ok(false);
        }
        if !self.identity.same_version(&now) {
            return Ok(true);
        }
        let mut bytes = vec![0; usize::try_from(now.bytes).unwrap_or(0)];
        Ok(self.file.read_exact_at(&mut bytes, 0).is_err() || digest(&bytes) != id)
    }
}
