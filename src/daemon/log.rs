//! The sink file: each line stands exactly once, and the file never shrinks.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::claim::place;
use super::lock::lock;
use super::mark::{Mark, MarkFile};
use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};
use crate::record::Delivered;

/// What the writer gathers at most before it writes, in bytes; one line may be longer.
pub(super) const BATCH: usize = 1 << 20;

/// A sink file.
pub(super) struct Log {
    path: PathBuf,
    file: File,
    inode: u64,
    /// Where the next batch goes: the end of what is durable.
    end: u64,
    marks: MarkFile,
}

impl Log {
    /// Opens the sink and mends what a crash left at its end. Returns what was delivered after the mark: inputs whose
    /// line is durable, and which may still stand in the inbox.
    pub(super) fn open(path: &Path, state: &Path) -> Result<(Log, Vec<Delivered>)> {
        let (marks, mark) = MarkFile::open(state)?;
        let (file, inode) = open_locked(path)?;
        let mut log = Log { path: path.to_path_buf(), file, inode, end: 0, marks };
        let mut delivered = Vec::new();
        let from = match mark {
            // The digest of no bytes fits every file, and inodes are used again: a mark at the start proves nothing.
            Some(mark) if mark.offset > 0 && mark.fits(&log.file, inode) => mark.offset,
            mark => {
                refuse_others(&log.file, path)?;
                // It may have been rotated while we were down, with lines whose inputs are still in the inbox.
                let elsewhere = mark.filter(|mark| mark.inode != inode);
                if let Some((mark, (path, rotated))) = elsewhere.and_then(|m| Some((m.offset, m.find_beside(path)?)))
                    && holds_records(&rotated, &path)?
                {
                    delivered = mend(&rotated, &path, mark)?.0;
                }
                start_of_last_batches(&log.file, path)?
            }
        };
        let (more, end) = mend(&log.file, path, from)?;
        delivered.extend(more);
        log.end = end;
        Ok((log, delivered))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes lines at the end and makes them durable.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        if size < self.end {
            tracing::warn!(
                sink = %self.path.display(),
                "the sink was truncated by another program; lines between its copy and the cut may be missing \
                 (let logrotate rename it, not `copytruncate`)"
            );
            self.end = size;
        }
        let written = self.file.write_all_at(lines, self.end).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.end += lines.len() as u64;
                Ok(())
            }
            Err(e) => {
                // After a failed sync the pages may count as clean while the disk has them not: the same bytes have to
                // be written again, through a descriptor that has seen no error.
                self.refresh()?;
                Err(e)
            }
        }
    }

    /// Opens the same file once more. The lock goes over: the old descriptor is closed before the new one takes it.
    fn refresh(&mut self) -> io::Result<()> {
        let fresh = File::options().read(true).write(true).open(&self.path)?;
        if fresh.metadata()?.ino() == self.inode {
            self.file = fresh;
            // It was free for a moment: where another daemon has it now, that is said.
            lock(&self.file, &self.path).map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Notes that the inputs of all lines so far have left the inbox.
    pub(super) fn mark(&self) -> Result<()> {
        // Somebody may have truncated it since we wrote: what is no longer there cannot be read back, ever.
        let end = self.end.min(self.size()?);
        let mark = Mark::at(&self.file, self.inode, end).map_err(Error::io("read back", &self.path))?;
        self.marks.write(&mark)
    }

    /// Goes on in a new file where this one was renamed or removed.
    pub(super) fn reopen_if_moved(&mut self) -> Result<()> {
        let own = self.file.metadata().map(|m| place(&m)).map_err(Error::io("look at the sink", &self.path))?;
        if std::fs::metadata(&self.path).is_ok_and(|now| place(&now) == own) {
            return Ok(());
        }
        let (file, inode) = open_locked(&self.path)?;
        refuse_others(&file, &self.path)?;
        let (_, end) = mend(&file, &self.path, start_of_last_batches(&file, &self.path)?)?;
        // A batch that failed half-way is written anew in the new file: what the old one has of it must not stand twice.
        let failed = self.size()?.saturating_sub(self.end);
        if failed > 0 {
            let blank = vec![b' '; usize::try_from(failed).unwrap_or(0)];
            let written = self.file.write_all_at(&blank, self.end).and_then(|()| self.file.sync_data());
            written.map_err(Error::io("mend", &self.path))?;
        }
        (self.file, self.inode, self.end) = (file, inode, end);
        tracing::info!(sink = %self.path.display(), "the sink was rotated; going on in the new file");
        self.mark()
    }

    fn size(&self) -> Result<u64> {
        self.file.metadata().map(|m| m.len()).map_err(Error::io("look at the sink", &self.path))
    }
}

/// Finds out whether the sink can be ours, as far as that shows without a lock or a write.
pub(super) fn probe(path: &Path) -> Result<()> {
    let file = match File::options().read(true).write(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.map_err(Error::io("open the sink", path))?,
    };
    regular(&file, path)?;
    refuse_others(&file, path)
}

fn regular(file: &File, path: &Path) -> Result<Metadata> {
    let metadata = file.metadata().map_err(Error::io("look at the sink", path))?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    Err(Error::Config(format!("the sink {} is no regular file; use `-` for a pipe", path.display())))
}

/// What is no sink of ours must not be mended: what we would take for torn lines is what somebody wrote.
fn refuse_others(file: &File, path: &Path) -> Result<()> {
    if holds_records(file, path)? {
        return Ok(());
    }
    let path = path.display();
    Err(Error::Config(format!("the sink {path} holds something else than records; name another file")))
}

/// Whether the file starts like a record, or like what a crash leaves of one.
fn holds_records(file: &File, path: &Path) -> Result<bool> {
    const START: &[u8] = b"{\"schema\":";
    let read = file.metadata().and_then(|metadata| {
        let mut start = vec![0; usize::try_from(metadata.len()).unwrap_or(usize::MAX).min(2 * BATCH)];
        file.read_exact_at(&mut start, 0).map(|()| start)
    });
    let start = read.map_err(Error::io("read back the sink", path))?;
    let mut start = start.into_iter().skip_while(|b| matches!(b, b' ' | b'\n' | 0));
    Ok(START.iter().all(|&expected| start.next().is_none_or(|found| found == expected)))
}

/// Opens the sink for us alone; the name of a new one is made durable at once.
fn open_locked(path: &Path) -> Result<(File, u64)> {
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(Error::io("open the sink", path))?;
    lock(&file, path)?;
    let metadata = regular(&file, path)?;
    sync_folder(folder_of(path))?;
    Ok((file, metadata.ino()))
}

/// Reads the lines of a sink from `from` on, and blanks what is no whole record: white space is allowed before the next
/// one. Returns whom the lines speak of, and where they end.
fn mend(file: &File, path: &Path, from: u64) -> Result<(Vec<Delivered>, u64)> {
    let mut tail = read_from(file, path, from)?;
    let (mut delivered, mut torn) = (Vec::new(), 0);
    for line in tail.split_inclusive_mut(|&b| b == b'\n') {
        let whole = line.ends_with(b"\n");
        match Delivered::parse(line) {
            Some(delivery) if whole => delivered.push(delivery),
            _ if line.iter().all(|&b| b == b' ') => {}
            _ => {
                torn += line.len();
                line.fill(b' ');
            }
        }
    }
    let mut written = Ok(());
    if torn > 0 {
        tracing::warn!(sink = %path.display(), bytes = torn, "a torn line at the end of the sink was blanked");
        written = file.write_all_at(&tail, from);
    }
    // Lines that a killed process left in memory count as durable from here on, so they have to be.
    written.and_then(|()| file.sync_data()).map_err(Error::io("mend", path))?;
    Ok((delivered, from + tail.len() as u64))
}

/// Where to read from without a mark to go by: inputs of the last two batches at most can still be in the inbox.
fn start_of_last_batches(file: &File, path: &Path) -> Result<u64> {
    let size = file.metadata().map_err(Error::io("look at the sink", path))?.len();
    let Some(start) = size.checked_sub(2 * BATCH as u64).filter(|&start| start > 0) else { return Ok(0) };
    let tail = read_from(file, path, start)?;
    let newline = tail.iter().position(|&b| b == b'\n');
    Ok(newline.map_or(start, |at| start + at as u64 + 1))
}

fn read_from(file: &File, path: &Path, start: u64) -> Result<Vec<u8>> {
    let read = file.metadata().and_then(|metadata| {
        let mut bytes = vec![0; usize::try_from(metadata.len().saturating_sub(start)).unwrap_or(0)];
        file.read_exact_at(&mut bytes, start).map(|()| bytes)
    });
    read.map_err(Error::io("read back the sink", path))
}
