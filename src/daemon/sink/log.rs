//! The sink file: each line stands exactly once, and the file never shrinks.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::generations;
use super::mark::{Mark, MarkFile};
use super::mend::{holds_records, mend, refuse_others, regular, start_of_last_batches};
use crate::daemon::inbox::place;
use crate::daemon::lock::lock;
use crate::durable::{folder_of, sync_folder};
use crate::error::{Error, Result};
use crate::record::Delivered;

/// A sink file.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    inode: u64,
    /// Where the next batch goes: the end of what is durable.
    end: u64,
    marks: MarkFile,
    /// Truncation by others is said once.
    said_truncated: bool,
}

impl Log {
    /// Opens the sink and mends what a crash left at its end. Returns what was delivered after the mark: inputs whose
    /// line is durable, and which may still stand in the inbox.
    pub(crate) fn open(path: &Path, state: &Path) -> Result<(Log, Vec<Delivered>)> {
        let (marks, mark) = MarkFile::open(state)?;
        let (file, inode) = open_locked(path)?;
        let mut log = Log { path: path.to_path_buf(), file, inode, end: 0, marks, said_truncated: false };
        let mut delivered = Vec::new();
        let from = match mark {
            // The digest of no bytes fits every file, and inodes are used again: a mark at the start proves nothing.
            Some(mark) if mark.offset > 0 && mark.fits(&log.file, inode) => mark.offset,
            mark => {
                refuse_others(&log.file, path)?;
                // It may have been rotated while we were down, with lines whose inputs are still in the inbox.
                let elsewhere = mark.filter(|mark| mark.inode != inode);
                if let Some(mark) = elsewhere
                    && let Some((path, rotated)) = mark.find_beside(path).map_err(Error::io("look beside", path))?
                    && holds_records(&rotated, &path)?
                {
                    delivered = mend(&rotated, &path, mark.offset)?.0;
                }
                start_of_last_batches(&log.file, path)?
            }
        };
        let (more, end) = mend(&log.file, path, from)?;
        delivered.extend(more);
        log.end = end;
        Ok((log, delivered))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes lines at the end and makes them durable.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let size = self.file.metadata()?.len();
        if size < self.end {
            self.go_back_to(size);
        }
        match self.write(lines) {
            Ok(true) => {}
            // It was truncated under our hands, and the lines stand behind a hole: they go to its start.
            Ok(false) => {
                self.go_back_to(0);
                self.file.set_len(0)?;
                self.write(lines)?;
            }
            Err(e) => {
                // After a failed sync the pages may count as clean while the disk has them not: the same bytes have to
                // be written again, through a descriptor that has seen no error.
                self.refresh()?;
                return Err(e);
            }
        }
        self.end += lines.len() as u64;
        Ok(())
    }

    /// Writes and syncs; whether what stood before the lines still stands there.
    fn write(&self, lines: &[u8]) -> io::Result<bool> {
        self.file.write_all_at(lines, self.end)?;
        self.file.sync_data()?;
        let mut before = [b'\n'];
        if let Some(at) = self.end.checked_sub(1) {
            match self.file.read_exact_at(&mut before, at) {
                // It was truncated behind our lines: they stand in the copy, or were cut with what came after it.
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(true),
                read => read?,
            }
        }
        Ok(before != [0])
    }

    /// Goes on at the new end of a file that another program has truncated.
    fn go_back_to(&mut self, end: u64) {
        if !self.said_truncated {
            tracing::warn!(
                sink = %self.path.display(),
                "the sink was truncated by another program; lines between its copy and the cut may be missing \
                 (let logrotate rename it, not `copytruncate`)"
            );
        }
        self.said_truncated = true;
        self.end = end;
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
    pub(crate) fn mark(&self) -> Result<()> {
        // Somebody may have truncated it since we wrote: what is no longer there cannot be read back, ever.
        let end = self.end.min(self.size()?);
        let mark = Mark::at(&self.file, self.inode, end).map_err(Error::io("read back", &self.path))?;
        self.marks.write(&mark)
    }

    /// Goes on in a new file where this one was renamed or removed.
    pub(crate) fn reopen_if_moved(&mut self) -> Result<()> {
        if !self.has_moved()? {
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
        self.begin()
    }

    /// Marks the end of a sink that was just opened, durably: the mark is what a later start knows it by, under whatever
    /// name it may stand then. All inputs of its lines have to have left the inbox.
    pub(crate) fn begin(&self) -> Result<()> {
        self.mark()?;
        self.marks.sync()
    }

    /// Renames a sink that has reached this size, and goes on in a new file. All inputs of its lines have to be marked.
    pub(crate) fn rotate(&mut self, size: u64, now: std::time::SystemTime) -> Result<()> {
        if !self.has(size) {
            return Ok(());
        }
        // A try before this one may have renamed it and come no further, or somebody else has.
        if !self.has_moved()? {
            let kept = generations::rename(&self.path, now)?;
            tracing::info!(sink = %self.path.display(), kept = %kept.display(), "the sink has reached its size");
        }
        self.reopen_if_moved()
    }

    /// Whether it has reached this size.
    pub(crate) fn has(&self, size: u64) -> bool {
        self.end >= size.max(1)
    }

    /// Whether it has lost its name.
    pub(crate) fn has_moved(&self) -> Result<bool> {
        let own = self.file.metadata().map(|m| place(&m)).map_err(Error::io("look at the sink", &self.path))?;
        Ok(std::fs::metadata(&self.path).map_or(true, |now| place(&now) != own))
    }

    fn size(&self) -> Result<u64> {
        self.file.metadata().map(|m| m.len()).map_err(Error::io("look at the sink", &self.path))
    }
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
