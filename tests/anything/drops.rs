//! What producers do to an inbox, each time noted in the account as far as it went.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};

use super::world::World;

/// A writer who needs longer between two calls has let others see what is between them.
const SLOW: Duration = Duration::from_millis(2);

/// A writer who has not closed his file.
pub(super) struct Writer {
    file: File,
    /// How often what had left had been forgotten when he began.
    forgotten: usize,
}

impl World {
    /// The path of a file in the inbox, its folders made; nothing where a file stands in their way.
    fn place(&self, name: &str) -> Option<PathBuf> {
        let path = self.dir.inbox().join(name);
        fs::create_dir_all(path.parent()?).is_ok().then_some(path)
    }

    /// The inodes that stand in the inbox below this path.
    fn inodes(&self, below: &Path) -> Vec<u64> {
        let ours = ["done", "failed", ".disputed"].map(|ours| self.dir.inbox().join(ours));
        let mut found = Vec::new();
        let mut open = vec![below.to_path_buf()];
        while let Some(path) = open.pop() {
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() && !ours.contains(&path) => {
                    open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
                }
                Ok(metadata) if metadata.is_file() => found.push(metadata.ino()),
                _ => {}
            }
        }
        found
    }

    fn inode_of(path: &Path) -> Option<u64> {
        path.symlink_metadata().ok().filter(|m| m.is_file()).map(|m| m.ino())
    }

    pub(crate) fn drop_by_rename(&mut self, name: &str, part: &str, bytes: Vec<u8>) -> Option<u64> {
        let (path, part) = (self.place(name)?, self.dir.write(Path::new("inbox").join(part), &bytes));
        let (inode, before) = (Self::inode_of(&part)?, Self::inode_of(&path));
        if fs::rename(&part, &path).is_err() {
            fs::remove_file(part).expect("a part that nobody else has touched");
            return None;
        }
        before.iter().for_each(|&before| self.account.taken(before));
        self.account.arrived(inode, bytes);
        Some(inode)
    }

    /// Opens the file anew, or the one that stands there; whether it is a new one.
    fn open(&self, name: &str, append: bool) -> Option<(File, bool)> {
        let path = self.place(name)?;
        for _ in 0..100 {
            let mut how = File::options();
            how.append(append).write(true);
            match how.clone().create_new(true).open(&path) {
                Ok(file) => return Some((file, true)),
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return None,
                Err(_) => {}
            }
            match how.truncate(!append).open(&path) {
                Ok(file) => return Some((file, false)),
                Err(e) if e.kind() != io::ErrorKind::NotFound => return None,
                Err(_) => {}
            }
        }
        None
    }

    pub(crate) fn write_in_place(&mut self, name: &str, bytes: Vec<u8>, append: bool) -> Option<u64> {
        let start = Instant::now();
        let (mut file, is_new) = self.open(name, append)?;
        file.write_all(&bytes).expect("room");
        let inode = file.metadata().expect("an open file").ino();
        drop(file);
        let slow = start.elapsed() > SLOW;
        if is_new {
            self.account.arrived(inode, bytes);
        } else {
            let before = append.then(|| self.account.bytes(inode)).flatten().unwrap_or_default();
            let late = !self.inodes(&self.dir.inbox()).contains(&inode);
            self.account.rewritten(inode, [before, &bytes].concat(), late);
        }
        if slow && (is_new || !append) {
            self.account.was_slow(inode);
        }
        Some(inode)
    }

    /// Writes the first half of a new file, and leaves it open.
    pub(crate) fn begin(&mut self, name: &str, bytes: Vec<u8>) -> Option<u64> {
        let path = self.place(name)?;
        let start = Instant::now();
        let mut file = File::options().append(true).create_new(true).open(path).ok()?;
        file.write_all(&bytes).expect("room");
        let slow = start.elapsed() > SLOW;
        let inode = file.metadata().expect("an open file").ino();
        self.account.begun(inode, bytes);
        if slow {
            self.account.was_slow(inode);
        }
        self.writers.push(Writer { file, forgotten: self.forgotten });
        Some(inode)
    }

    /// The writer who has waited longest writes the rest and closes his file.
    pub(crate) fn finish(&mut self, rest: &[u8]) -> Option<u64> {
        if self.writers.is_empty() {
            return None;
        }
        let Writer { mut file, forgotten } = self.writers.remove(0);
        file.write_all(rest).expect("room");
        let inode = file.metadata().expect("an open file").ino();
        drop(file);
        let late = !self.inodes(&self.dir.inbox()).contains(&inode);
        self.account.rewritten(inode, [self.account.bytes(inode)?, rest].concat(), late);
        if forgotten != self.forgotten {
            self.account.nobody_looks_back_at(inode);
        }
        Some(inode)
    }

    /// Renames a file or a folder within the inbox, over what may stand there.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Option<usize> {
        let (from, to) = (self.dir.inbox().join(from), self.place(to)?);
        let (moved, over) = (self.inodes(&from), self.inodes(&to));
        fs::rename(from, to).ok()?;
        over.iter().for_each(|&inode| self.account.taken(inode));
        moved.iter().for_each(|&inode| self.account.moved(inode));
        Some(moved.len())
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<u64> {
        let path = self.dir.inbox().join(name);
        let inode = Self::inode_of(&path)?;
        fs::remove_file(path).ok()?;
        self.account.taken(inode);
        Some(inode)
    }

    /// Moves a folder with files in as one.
    pub(crate) fn move_tree_in(&mut self, name: &str, contents: [(&str, Vec<u8>); 2]) -> Option<usize> {
        let number = self.number();
        let tree = self.dir.path(format!("out/tree-{number}"));
        let write = |(below, bytes): (&str, Vec<u8>)| {
            let path = self.dir.write(tree.join(below), &bytes);
            (Self::inode_of(&path), bytes)
        };
        let contents = contents.map(write);
        fs::rename(&tree, self.place(name)?).ok()?;
        contents.into_iter().for_each(|(inode, bytes)| self.account.arrived(inode.expect("a file"), bytes));
        Some(2)
    }

    /// Links a file in that has another name outside, which goes at once or stays.
    pub(crate) fn link(&mut self, name: &str, bytes: Vec<u8>, stays: bool) -> Option<u64> {
        let number = self.number();
        let (path, first) = (self.place(name)?, self.dir.path(format!("out/link-{number}")));
        self.dir.write(&first, &bytes);
        fs::hard_link(&first, path).ok()?;
        let inode = Self::inode_of(&first)?;
        self.account.arrived(inode, bytes);
        if !stays {
            fs::remove_file(first).expect("its first name");
        }
        Some(inode)
    }

    /// Takes the other names away of all files that were linked in.
    pub(crate) fn unlink(&self) {
        let links = fs::read_dir(self.dir.path("out")).expect("a folder").map(|entry| entry.expect("an entry").path());
        links.filter(|path| path.is_file()).for_each(|path| fs::remove_file(path).expect("a link"));
    }

    /// Removes the folders in the inbox that are empty.
    pub(crate) fn clear(&self) {
        for folder in ["wire/deep", "wire", "tree/deep", "tree"] {
            let _ = fs::remove_dir(self.dir.inbox().join(folder));
        }
    }

    /// Sets a file's modification time without opening it.
    pub(crate) fn touch(&mut self, name: &str, seconds: i64) -> Option<u64> {
        let path = self.dir.inbox().join(name);
        let inode = Self::inode_of(&path)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a date");
        let time = Timespec { tv_sec: now.as_secs() as i64 + seconds, tv_nsec: i64::from(now.subsec_nanos()) };
        let times = Timestamps { last_access: time, last_modification: time };
        utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        self.account.touched(inode, seconds < 0);
        Some(inode)
    }

    pub(crate) fn chmod(&self, name: &str) -> Option<u64> {
        let path = self.dir.inbox().join(name);
        let inode = Self::inode_of(&path)?;
        let mode = path.metadata().ok()?.mode() ^ 0o040;
        fs::set_permissions(path, Permissions::from_mode(mode)).ok()?;
        Some(inode)
    }

    /// Every producer ends what he has begun.
    pub(crate) fn finish_all(&mut self) {
        while !self.writers.is_empty() {
            let number = self.number();
            self.finish(format!("The last words, {number}.\n").as_bytes());
        }
    }
}
