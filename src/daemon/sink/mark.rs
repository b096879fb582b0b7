//! The mark: up to where the sink's records belong to inputs that have left the inbox.

use std::fs::File;
use std::io;
use std::os::unix::fs::{DirEntryExt, FileExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};

/// A place in a sink, known by the sink's inode and by the digest of what stands before the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    version: u32,
    pub(crate) inode: u64,
    pub(crate) offset: u64,
    /// BLAKE3 of the [`TAIL`] bytes before the offset, or of all where there are fewer.
    tail: String,
}

/// How much of the sink before a mark its digest covers.
const TAIL: u64 = 4096;

/// The mark file is written in place in one call, so it has a fixed size; what is short is filled with spaces.
const SIZE: usize = 512;

#[derive(Serialize, Deserialize)]
struct Sealed {
    mark: Mark,
    seal: String,
}

impl Mark {
    /// The mark at `offset` of a sink.
    pub(crate) fn at(sink: &File, inode: u64, offset: u64) -> io::Result<Mark> {
        let start = offset.saturating_sub(TAIL);
        let mut before = vec![0; usize::try_from(offset - start).unwrap_or(0)];
        sink.read_exact_at(&mut before, start)?;
        Ok(Mark { version: 1, inode, offset, tail: blake3::hash(&before).to_string() })
    }

    /// Whether this mark was made of this sink, as it stands now.
    pub(crate) fn fits(&self, sink: &File, inode: u64) -> bool {
        self.inode == inode && Mark::at(sink, inode, self.offset).is_ok_and(|now| now == *self)
    }

    /// The sink that this mark was made of, where it was renamed within its folder.
    ///
    /// # Errors
    /// What cannot be looked for may be there: its lines must not be written a second time.
    pub(crate) fn find_beside(&self, sink: &Path) -> io::Result<Option<(PathBuf, File)>> {
        for entry in std::fs::read_dir(folder_of(sink))? {
            let entry = entry?;
            if entry.ino() != self.inode || !entry.file_type()?.is_file() {
                continue;
            }
            let file = match File::options().read(true).write(true).open(entry.path()) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let fits = file.metadata()?.len() >= self.offset && Mark::at(&file, self.inode, self.offset)? == *self;
            return Ok(fits.then(|| (entry.path(), file)));
        }
        Ok(None)
    }

    /// The bytes of a mark file.
    pub(super) fn sealed(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(&Sealed { mark: self.clone(), seal: self.seal() })?;
        bytes.resize(SIZE - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }

    fn seal(&self) -> String {
        blake3::hash(format!("{} {} {} {}", self.version, self.inode, self.offset, self.tail).as_bytes()).to_string()
    }
}

/// The file that the mark is kept in.
#[derive(Debug)]
pub(crate) struct MarkFile {
    path: PathBuf,
    file: File,
}

impl MarkFile {
    /// Opens the file in the state folder and reads the mark that it holds. A damaged one is kept under another name,
    /// for a person to look at, and counts as lost.
    pub(crate) fn open(state: &Path) -> Result<(MarkFile, Option<Mark>)> {
        let path = state.join("mark");
        let mark = match std::fs::read(&path) {
            // A start that failed made the file and wrote nothing.
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => match parse(&bytes) {
                Some(mark) => Some(mark),
                None => {
                    keep_damaged(&path)?;
                    None
                }
            },
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(Error::io("read the mark", &path)(e)),
        };
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(Error::io("open the mark", &path))?;
        Ok((MarkFile { path, file }, mark))
    }

    /// Makes the mark durable, and its name: without it nobody would look for a sink that was rotated while we were down.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(Error::io("sync the mark", &self.path))?;
        sync_folder(folder_of(&self.path))
    }

    /// Writes the mark in one call and without a sync: an old mark after a power cut only means more to read back.
    pub(crate) fn write(&self, mark: &Mark) -> Result<()> {
        let bytes = mark.sealed().map_err(|e| Error::io("write", &self.path)(e.into()))?;
        self.file.write_all_at(&bytes, 0).map_err(Error::io("write the mark", &self.path))
    }
}

fn parse(bytes: &[u8]) -> Option<Mark> {
    // What is longer than a mark would keep its end when the next one is written over it.
    if bytes.len() > SIZE {
        return None;
    }
    let sealed: Sealed = serde_json::from_slice(bytes).ok()?;
    (sealed.mark.version == 1 && sealed.seal == sealed.mark.seal()).then_some(sealed.mark)
}

fn keep_damaged(path: &Path) -> Result<()> {
    let kept = path.with_extension("damaged");
    tracing::warn!(path = %path.display(), kept = %kept.display(), "the mark is damaged; the sink's end is read back instead");
    // Replacing an older damaged mark is right: the newest is the one to look at.
    #[expect(clippy::disallowed_methods, reason = "an older damaged mark may be overwritten")]
    std::fs::rename(path, &kept).map_err(Error::io("put aside", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    fn sink(bytes: &[u8]) -> (File, u64) {
        let file = tempfile::tempfile().expect("a temporary file");
        file.write_all_at(bytes, 0).expect("room for it");
        let inode = file.metadata().expect("an open file").ino();
        (file, inode)
    }

    #[test]
    fn a_mark_comes_back_as_it_was_written() {
        let state = tempfile::tempdir().expect("a folder");
        let (sink, inode) = sink(b"{}\n{}\n");
        let (file, none) = MarkFile::open(state.path()).expect("no mark yet");
        assert_eq!(none, None);
        for offset in [6, 3] {
            let mark = Mark::at(&sink, inode, offset).expect("within the sink");
            file.write(&mark).expect("room for it");
            let (_, read) = MarkFile::open(state.path()).expect("a good mark");
            assert_eq!(read, Some(mark));
        }
    }

    #[test]
    fn a_mark_fits_only_the_sink_that_it_was_made_of() {
        let (first, inode) = sink(b"{\"a\":1}\n");
        let mark = Mark::at(&first, inode, 8).expect("within the sink");
        assert!(mark.fits(&first, inode));
        assert!(!mark.fits(&first, inode + 1), "another file");
        first.write_all_at(b"{\"b\"", 0).expect("room for it");
        assert!(!mark.fits(&first, inode), "other bytes");
        first.set_len(4).expect("shorter");
        assert!(!mark.fits(&first, inode), "shorter than the mark");
    }

    #[test]
    fn a_damaged_mark_is_lost_but_kept() {
        let (sink, inode) = sink(b"{}\n");
        let sealed = Mark::at(&sink, inode, 3).and_then(|mark| Ok(mark.sealed()?)).expect("a mark");
        let longer = [&b" ".repeat(SIZE)[..], &sealed].concat();
        for damage in [&[0; 512][..], b"{\"mark\":", b"garbage", &longer] {
            let state = tempfile::tempdir().expect("a folder");
            File::create(state.path().join("mark")).and_then(|f| f.write_all_at(damage, 0)).expect("written");
            let (_, mark) = MarkFile::open(state.path()).expect("damage is no error");
            assert_eq!(mark, None);
            assert_eq!(std::fs::read(state.path().join("mark.damaged")).expect("kept"), damage);
        }
    }
}
