//! What holds for whatever a crash, a disk or a person leaves of the sink and its mark.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{env, process, thread};

use super::Log;
use super::mark::{Mark, MarkFile};
use super::mend::start_of_last_batches;
use crate::record::Delivered;

/// The bytes of a mark file: what is read is written, and read again; what is not is kept beside it. The same holds for a
/// mark of that content whose seal fits.
pub(crate) fn mark_file(input: &[u8]) {
    let folder = Scratch::new();
    check_mark(input, &folder.0);
    if let Some(sealed) = serde_json::from_slice::<Mark>(input).ok().and_then(|mark| mark.sealed().ok()) {
        check_mark(&sealed, &folder.0);
        let (_, mark) = open_mark(&folder.0);
        let sink = write(&folder.0.join("sink"), input);
        assert!(mark.is_none_or(|mark| mark.offset <= input.len() as u64 || !mark.fits(&sink, mark.inode)));
    }
}

fn check_mark(input: &[u8], folder: &Path) {
    write(&folder.join("mark"), input);
    let (file, mark) = open_mark(folder);
    match mark {
        Some(mark) => {
            file.write(&mark).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(open_mark(folder).1, Some(mark), "a mark comes back as it was written");
        }
        None if input.is_empty() => {}
        None => assert_eq!(read(&folder.join("mark.damaged")), input, "a damaged mark is kept"),
    }
}

fn open_mark(folder: &Path) -> (MarkFile, Option<Mark>) {
    MarkFile::open(folder).unwrap_or_else(|e| panic!("{e}"))
}

/// An offset on a line of its own, and a sink that has its mark there; without an offset that fits it has none. Nothing before the
/// mark changes, what comes after it is whole records and white space, and to mend it twice is to mend it once.
pub(crate) fn sink_tail(input: &[u8]) {
    let (offset, before) = input.split_at(memchr::memchr(b'\n', input).map_or(0, |at| at + 1));
    let offset = std::str::from_utf8(offset).ok().and_then(|offset| offset.trim().parse::<usize>().ok());
    // A mark stands behind a line, or behind what was blanked.
    let is_ours =
        |offset: &usize| offset.checked_sub(1).is_none_or(|last| matches!(before.get(last), Some(b'\n' | b' ')));
    let offset = offset.filter(is_ours).map(|offset| offset as u64);
    let folder = Scratch::new();
    let path = folder.0.join("sink");
    let sink = write(&path, before);
    let inode = sink.metadata().map(|metadata| metadata.ino()).unwrap_or_default();
    let mark = offset.and_then(|offset| Mark::at(&sink, inode, offset).ok());
    if let Some(mark) = &mark {
        open_mark(&folder.0).0.write(mark).unwrap_or_else(|e| panic!("{e}"));
    }
    let from = mark.map_or(0, |mark| mark.offset);
    let from = if from > 0 { Ok(from) } else { start_of_last_batches(&sink, &path) };
    let from = from.ok().and_then(|from| usize::try_from(from).ok()).unwrap_or_default();
    drop(sink);

    let Ok((log, delivered)) = Log::open(&path, &folder.0) else {
        assert!(offset.is_none_or(|offset| offset == 0), "a sink with its mark is ours");
        assert_eq!(read(&path), before, "what is not ours is left alone");
        return;
    };
    drop(log);
    let mended = read(&path);
    check_mended(before, &mended, from, &delivered);

    let (mut log, again) = Log::open(&path, &folder.0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((read(&path), again), (mended.clone(), delivered), "what is mended needs no mending");
    log.append(b"{}\n").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read(&path), [&mended[..], b"{}\n"].concat(), "lines go on at its end");
    log.begin().unwrap_or_else(|e| panic!("{e}"));
    drop(log);
    let (_, after) = Log::open(&path, &folder.0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(after, [], "what is marked is not looked at again");
}

fn check_mended(before: &[u8], mended: &[u8], from: usize, delivered: &[Delivered]) {
    assert_eq!(before.len(), mended.len(), "a sink never shrinks");
    assert_eq!(before[..from], mended[..from], "nothing before the mark changes");
    assert!(before.iter().zip(mended).all(|(was, is)| was == is || *is == b' '), "nothing but blanks is written");
    let tail = &mended[from..];
    let lines = tail.split(|byte| *byte == b'\n').filter(|line| line.iter().any(|byte| *byte != b' '));
    let left: Vec<_> = lines.map(Delivered::parse).collect();
    assert_eq!(left, delivered.iter().cloned().map(Some).collect::<Vec<_>>(), "whole records are left, and no others");
    let end = tail.iter().rposition(|byte| *byte != b' ');
    assert!(end.is_none_or(|end| tail[end] == b'\n'), "the last record has its line feed");
}

/// A folder for the length of one call.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        let folder = env::temp_dir().join(format!("disputed-{}-{:?}", process::id(), thread::current().id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        Scratch(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, bytes: &[u8]) -> File {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
    let written = file.and_then(|file| file.write_all_at(bytes, 0).map(|()| file));
    written.unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
