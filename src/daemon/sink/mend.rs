//! A sink as an earlier run left it: whether it is ours, what its last lines speak of, and what a crash tore.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{LARGEST_BATCH, LARGEST_PART};
use crate::error::{Error, Result};
use crate::record::Delivered;

/// What every record begins with.
const START: &[u8] = b"{\"schema\":";

/// Reads the lines of a sink from `from` on, and blanks what is no whole record: white space is allowed before the next
/// one. Returns whom the lines speak of, and where they end.
pub(crate) fn mend(file: &File, path: &Path, from: u64) -> Result<(Vec<Delivered>, u64)> {
    let mut tail = read_from(file, path, from)?;
    let (mut delivered, mut torn) = (Vec::new(), 0);
    for line in tail.split_inclusive_mut(|&b| b == b'\n') {
        let whole = line.ends_with(b"\n");
        match Delivered::parse(line) {
            Some(delivery) if whole && line.trim_ascii_start().starts_with(START) => delivered.push(delivery),
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
pub(crate) fn start_of_last_batches(file: &File, path: &Path) -> Result<u64> {
    let size = file.metadata().map_err(Error::io("look at the sink", path))?.len();
    let Some(start) = size.checked_sub(2 * (LARGEST_BATCH + LARGEST_PART) as u64).filter(|&start| start > 0) else {
        return Ok(0);
    };
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

/// Finds out whether the sink can be ours, as far as that shows without a lock or a write.
pub(crate) fn probe(path: &Path) -> Result<()> {
    let file = match File::options().read(true).write(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.map_err(Error::io("open the sink", path))?,
    };
    regular(&file, path)?;
    refuse_others(&file, path)
}

pub(crate) fn regular(file: &File, path: &Path) -> Result<Metadata> {
    let metadata = file.metadata().map_err(Error::io("look at the sink", path))?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    Err(Error::Config(format!("the sink {} is no regular file; use `-` for a pipe", path.display())))
}

/// What is no sink of ours must not be mended: what we would take for torn lines is what somebody wrote.
pub(crate) fn refuse_others(file: &File, path: &Path) -> Result<()> {
    if holds_records(file, path)? {
        return Ok(());
    }
    let path = path.display();
    Err(Error::Config(format!("the sink {path} holds something else than records; name another file")))
}

/// Whether the file starts like a record, or like what a crash leaves of one.
pub(crate) fn holds_records(file: &File, path: &Path) -> Result<bool> {
    let read = file.metadata().and_then(|metadata| {
        let mut start = vec![0; usize::try_from(metadata.len()).unwrap_or(usize::MAX).min(2 * LARGEST_BATCH)];
        file.read_exact_at(&mut start, 0).map(|()| start)
    });
    let start = read.map_err(Error::io("read back the sink", path))?;
    let lines = start.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_start).filter(|line| !line.is_empty());
    for line in lines {
        let hole = line.iter().position(|&b| b == 0);
        if !starts_as(&line[..hole.unwrap_or(line.len())], START) {
            return Ok(false);
        }
        // A power cut may keep any part of a batch and lose any other: a line with a hole is ours if it is nothing but
        // text beside it, and the next one decides.
        if hole.is_none() || line.iter().any(|b| (1..b' ').contains(b)) {
            return Ok(hole.is_none());
        }
    }
    Ok(true)
}

/// Whether this is the start, or as much of it as there is room for.
fn starts_as(bytes: &[u8], start: &[u8]) -> bool {
    bytes.starts_with(start) || start.starts_with(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_that_was_mended_is_ours_the_next_time() {
        let source = r#""id":"b3:0","source":{"path":"a.txt","item":0,"bytes":1,"digest":"b3:0"}}"#;
        let record = format!("{{\"schema\":1,{source}\n");
        let torn = "{\"schema\":1,\"id\n";
        // Nothing of ours begins like this, and it says all that is read back of a record.
        let other = format!("{{{source}\n");
        for (sink, left) in [(format!("{torn}{other}"), 0), (format!("{torn}{other}{record}{other}"), 1)] {
            let (file, path) = (tempfile::tempfile().expect("a temporary file"), Path::new("sink"));
            file.write_all_at(sink.as_bytes(), 0).expect("room for it");
            assert!(holds_records(&file, path).expect("a sink"), "{sink}");
            let (delivered, end) = mend(&file, path, 0).expect("a sink");
            assert_eq!((delivered.len(), end), (left, sink.len() as u64), "{sink}");
            assert!(holds_records(&file, path).expect("a sink"), "{sink}");
        }
    }
}
