//! An input in hand: its descriptor, and what tells this version of it from the next.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

use super::bytes::{Bytes, Stream};
use super::name::escaped;
use crate::label::Origin;
use crate::record::digest_of;

/// What no producer sets and every change moves: tells one version of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// Nanoseconds since 1970.
    pub(crate) ctime: i128,
    pub(crate) bytes: u64,
    pub(crate) mtime: i128,
    /// When the file was made; nothing where the file system does not know. The inode of one that was removed goes to the
    /// next.
    pub(crate) born: Option<i128>,
}

/// An input in hand: the descriptor it was opened by stays with it until it is committed.
#[derive(Debug)]
pub(crate) struct Claim {
    /// Relative to the inbox.
    pub(crate) path: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) file: File,
    /// Where it was moved to on its way out, or what stood in its place was: a look at it is to follow.
    pub(crate) moved_to: Option<PathBuf>,
}

/// The device and the inode: which file a name stands for.
pub(crate) fn place(m: &Metadata) -> (u64, u64) {
    (m.dev(), m.ino())
}

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Identity> {
        Ok(Identity::from(&file.metadata()?))
    }

    /// Of what stands under this name itself, not of where a link leads.
    pub(crate) fn at(path: &Path) -> io::Result<Identity> {
        Ok(Identity::from(&path.symlink_metadata()?))
    }

    pub(crate) fn from(m: &Metadata) -> Identity {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Identity {
            device: m.dev(),
            inode: m.ino(),
            ctime: nanoseconds(m.ctime(), m.ctime_nsec()),
            bytes: m.len(),
            mtime: nanoseconds(m.mtime(), m.mtime_nsec()),
            born: m
                .created()
                .ok()
                .and_then(|born| born.duration_since(SystemTime::UNIX_EPOCH).ok())
                .map(nanoseconds_of),
        }
    }

    /// When it was written to last.
    pub(crate) fn modified(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::try_from(self.mtime).unwrap_or(0))
    }

    /// The change time in UTC with nanoseconds, as records carry it.
    pub(crate) fn ctime_text(&self) -> String {
        time_text(self.ctime)
    }

    /// When the file was made, written in the same way.
    pub(crate) fn born_text(&self) -> Option<String> {
        self.born.map(time_text)
    }

    /// The modification time, written in the same way.
    pub(crate) fn mtime_text(&self) -> String {
        time_text(self.mtime)
    }

    /// See [`origin`].
    pub(crate) fn origin(&self, inbox: Option<&Path>, path: &Path) -> Origin {
        Origin {
            inbox: inbox.map(escaped),
            path: escaped(path),
            inode: Some(self.inode),
            ctime: Some(self.ctime_text()),
        }
    }

    /// Whether it is the same file, and no longer or shorter: what of it has changed, if anything, only its bytes tell.
    pub(crate) fn same_size(&self, other: &Identity) -> bool {
        (self.device, self.inode, self.bytes) == (other.device, other.inode, other.bytes)
    }

    /// Whether it is the same file, and written to by nobody since.
    pub(crate) fn same_version(&self, other: &Identity) -> bool {
        let version = |i: &Identity| (i.device, i.inode, i.bytes, i.mtime);
        version(self) == version(other)
    }
}

/// How the records of a file tell where it came from, and which version of it: by its path in an inbox, or as it was
/// given, and by its metadata.
///
/// ```
/// use std::path::Path;
/// let file = std::fs::File::open("tests/articles/tariffs.txt")?;
/// let origin = disputed::daemon::origin(Some(Path::new("/srv/wire")), Path::new("tariffs.txt"), &file.metadata()?);
/// assert_eq!((origin.inbox.as_deref(), origin.path.as_str()), (Some("/srv/wire"), "tariffs.txt"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn origin(inbox: Option<&Path>, path: &Path, metadata: &Metadata) -> Origin {
    Identity::from(metadata).origin(inbox, path)
}

fn nanoseconds_of(since_1970: Duration) -> i128 {
    i128::try_from(since_1970.as_nanos()).unwrap_or(0)
}

fn time_text(nanoseconds: i128) -> String {
    let since_1970 = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0));
    humantime::format_rfc3339_nanos(SystemTime::UNIX_EPOCH + since_1970).to_string()
}

impl Claim {
    /// Reads the bytes into memory, or leaves them where they are if there are more than `most`; nothing where there are more
    /// or fewer than there were. Whether others have taken their place is asked later, before anything comes of it.
    pub(crate) fn read<'b>(&self, most: u64, memory: &'b mut Vec<u8>) -> io::Result<Option<Bytes<'b>>> {
        let expected = self.identity.bytes;
        if expected > most {
            return self.file.try_clone().map(|file| Some(Bytes::InFile(file)));
        }
        memory.clear();
        // One byte more than there is tells that it grew, and no second call has to tell that it ended.
        memory.reserve(usize::try_from(expected).unwrap_or(usize::MAX).saturating_add(1));
        while memory.len() as u64 <= expected {
            let at = memory.len() as u64;
            match rustix::io::pread(&self.file, rustix::buffer::spare_capacity(memory), at) {
                Ok(0) => break,
                Ok(_) if memory.len() as u64 == expected => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok((memory.len() as u64 == expected).then_some(Bytes::InMemory(memory)))
    }

    /// The digest of what the file holds.
    pub(crate) fn digest(&self) -> io::Result<String> {
        digest_of(Stream::of(&self.file))
    }

    /// Whether the bytes that were read, whose digest is the record's id, are no longer what the file holds. A changed
    /// mode or a new link moves ctime alone, and a time that is set moves mtime; reading again tells that from a change.
    pub(crate) fn changed(&self, id: &str) -> io::Result<bool> {
        let now = Identity::of(&self.file)?;
        Ok(now != self.identity && !(self.identity.same_size(&now) && holds(&self.file, now.bytes, id)))
    }
}

/// Whether the file has this many bytes and this digest.
pub(crate) fn holds(file: &File, bytes: u64, id: &str) -> bool {
    digest_of(Stream::of(file).take(bytes)).is_ok_and(|digest| digest == id)
}
