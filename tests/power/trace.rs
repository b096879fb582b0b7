//! What a program did to the disk: a log of strace, read back into calls.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Options of strace that make its log exact: every thread, descriptors with their paths, strings whole and in
/// hexadecimal, so that nothing in them can be taken for the log's own punctuation. `-D` keeps the program our own child.
///
/// Each thread's first write at an offset is held up, so that the lines behind the first one gather in one batch.
pub(super) const STRACE: [&str; 9] = [
    "-D",
    "-f",
    "-y",
    "-xx",
    "-s",
    "1000000000",
    "-e",
    "trace=%file,%desc",
    "--inject=pwrite64:delay_enter=100000:when=1",
];

/// One call that has returned.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    /// What it returned; below zero where it failed.
    pub(super) result: i64,
    /// The lines of the log at which it began and ended.
    pub(super) began: usize,
    pub(super) ended: usize,
}

/// Reads a log as it grows.
#[derive(Debug, Default)]
pub(super) struct Reader {
    lines: usize,
    read: usize,
    /// By thread: a call that another thread's line has cut in two, and where it began.
    cut: HashMap<String, (String, usize)>,
}

impl Reader {
    /// The calls that have returned since the last look at the same log.
    pub(super) fn read(&mut self, log: &str) -> Vec<Call> {
        let end = log.rfind('\n').map_or(0, |at| at + 1);
        let fresh = &log[self.read..end];
        self.read = end;
        fresh.lines().filter_map(|line| self.line(line)).collect()
    }

    /// The next log starts.
    pub(super) fn start_anew(&mut self) {
        self.read = 0;
        self.cut.clear();
    }

    fn line(&mut self, line: &str) -> Option<Call> {
        self.lines += 1;
        let (thread, line) = line.split_once(' ')?;
        let line = line.trim_start();
        if let Some(start) = line.strip_suffix(" <unfinished ...>") {
            self.cut.insert(thread.to_string(), (start.to_string(), self.lines));
            return None;
        }
        if let Some(rest) = line.strip_prefix("<... ") {
            let (start, began) = self.cut.remove(thread)?;
            let (_, rest) = rest.split_once(" resumed>")?;
            return self.call(&(start + rest), began);
        }
        self.call(line, self.lines)
    }

    fn call(&self, line: &str, began: usize) -> Option<Call> {
        // A signal or an end is no call.
        let (call, result) = line.rsplit_once(" = ")?;
        let (name, args) = call.trim_end().strip_suffix(')')?.split_once('(')?;
        let number = result.split([' ', '<']).next()?;
        let result = number.parse().ok().or_else(|| i64::from_str_radix(number.strip_prefix("0x")?, 16).ok());
        Some(Call { name: name.to_string(), args: split(args), result: result.unwrap_or(-1), began, ended: self.lines })
    }
}

/// Arguments are parted by commas, but not within braces.
fn split(args: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in args.chars() {
        depth += i32::from("{[".contains(c)) - i32::from("}]".contains(c));
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_string()).collect()
}

impl Call {
    /// A string among the arguments.
    pub(super) fn bytes(&self, at: usize) -> Vec<u8> {
        let text = self.args[at].strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        hexadecimal(text.unwrap_or_else(|| panic!("no whole string at {at}: {self:?}")))
    }

    /// The bytes of all parts of a scattered write.
    pub(super) fn gathered(&self, at: usize) -> Vec<u8> {
        self.args[at]
            .split("iov_base=\"")
            .skip(1)
            .flat_map(|part| hexadecimal(part.split('"').next().unwrap_or("")))
            .collect()
    }

    pub(super) fn number(&self, at: usize) -> u64 {
        self.args[at].parse().unwrap_or_else(|_| panic!("no number at {at}: {self:?}"))
    }

    /// A descriptor and the path that it was opened by, or has now.
    pub(super) fn descriptor(&self, at: usize) -> Option<(i64, PathBuf)> {
        described(self.args.get(at)?)
    }

    /// A path that is relative to the descriptor before it.
    pub(super) fn path_at(&self, at: usize) -> PathBuf {
        let (_, folder) = self.descriptor(at).unwrap_or_else(|| panic!("no folder at {at}: {self:?}"));
        folder.join(OsStr::from_bytes(&self.bytes(at + 1)))
    }

    /// Whether some path or descriptor among the arguments lies in this folder; a bare path is taken to be whole. What is
    /// written may read like a path, and is none.
    pub(super) fn touches(&self, root: &Path) -> bool {
        let looked_at = if self.name.contains("write") { 1 } else { self.args.len() };
        let is_below = |at: usize| {
            let arg = &self.args[at];
            let whole = || arg.starts_with('"').then(|| PathBuf::from(OsStr::from_bytes(&self.bytes(at))));
            self.descriptor(at).map(|(_, path)| path).or_else(whole).is_some_and(|path| path.starts_with(root))
        };
        (0..looked_at).any(is_below)
    }
}

/// `3</tmp/a>` to 3 and its path; the current folder has no number.
fn described(arg: &str) -> Option<(i64, PathBuf)> {
    let (number, path) = arg.strip_suffix('>')?.split_once('<')?;
    let path = hexadecimal(path);
    Some((number.parse().unwrap_or(-1), PathBuf::from(OsStr::from_bytes(&path))))
}

/// `\x61\x62` to `ab`. What is not written so stands for itself, as in `pipe:[1]`.
fn hexadecimal(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(digits, 16));
        bytes.extend(rest.as_bytes());
    }
    bytes
}
