//! The file that is looked for: what was asked, and what the lines that speak of it tell.

use std::collections::{BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::daemon::inbox::{escaped, is_numbered, unescaped};
use crate::daemon::paths::open_plainly;
use crate::record::digest_of;

/// A file that is looked for by its name, its path, or a digest.
pub(super) struct Sought<'a> {
    wanted: &'a str,
    /// The files that lines speak of, by their number of bytes: a digest is taken of those only that may be one of them.
    known: HashMap<u64, BTreeSet<Known>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    digest: String,
    /// Where it stood in its inbox.
    path: PathBuf,
    inode: Option<u64>,
}

impl Sought<'_> {
    pub(super) fn new(wanted: &str) -> Sought<'_> {
        Sought { wanted, known: HashMap::new() }
    }

    /// Learns from a line what the file is known by.
    pub(super) fn know(&mut self, bytes: u64, digest: &str, path: &str, inode: Option<u64>) {
        let known = Known { digest: digest.to_string(), path: unescaped(path), inode };
        self.known.entry(bytes).or_default().insert(known);
    }

    /// Whether this digest, or id, is the wanted one.
    pub(super) fn has_digest(&self, digest: &str) -> bool {
        self.is_by_digest() && digest.starts_with(self.wanted)
    }

    /// Whether the digest of what is sought begins so.
    pub(super) fn begins_with(&self, start: &str) -> bool {
        let is_wanted = self.has_digest(start) || self.is_by_digest() && self.wanted.starts_with(start);
        is_wanted || self.known.values().flatten().any(|known| known.digest.starts_with(start))
    }

    /// Whether a file of this path in this inbox is what was asked for.
    pub(super) fn came_as(&self, inbox: Option<&str>, path: &str) -> bool {
        let whole = self.wanted.strip_suffix(path).and_then(|inbox| inbox.strip_suffix('/'));
        let name = path.rsplit('/').next().unwrap_or_default();
        [path, name].contains(&self.wanted) || whole == Some(inbox.unwrap_or_default())
    }

    /// Whether this file has the wanted name, or its path here is the wanted one.
    pub(super) fn is_named(&self, path: &Path, root: &Path) -> bool {
        let below = path.strip_prefix(root).unwrap_or(path);
        let name = path.file_name().map(|name| escaped(Path::new(name)));
        [escaped(below), escaped(path)].contains(&self.wanted.to_string()) || name.as_deref() == Some(self.wanted)
    }

    /// Whether this file, which stands below `root` where it stood in its inbox, has the wanted name or is one that lines
    /// speak of. It may have left under a number, and be another's copy; its inode may be another's by now.
    pub(super) fn is_at(&self, path: &Path, root: &Path) -> bool {
        self.is_named(path, root) || self.is_known(path, path.strip_prefix(root).unwrap_or(path))
    }

    /// Whether this file has the wanted digest, where no line tells of it.
    pub(super) fn is_new_at(&self, path: &Path) -> bool {
        self.is_by_digest() && self.known.is_empty() && file_digest(path).is_some_and(|digest| self.has_digest(&digest))
    }

    fn is_known(&self, path: &Path, below: &Path) -> bool {
        let Some((of_size, inode)) =
            path.symlink_metadata().ok().and_then(|m| Some((self.known.get(&m.len())?, m.ino())))
        else {
            return false;
        };
        let may_be = |known: &&Known| self.is_by_digest() || known.inode == Some(inode) || left_as(&known.path, below);
        let digests: Vec<&str> = of_size.iter().filter(may_be).map(|known| known.digest.as_str()).collect();
        !digests.is_empty() && file_digest(path).is_some_and(|digest| digests.contains(&digest.as_str()))
    }

    fn is_by_digest(&self) -> bool {
        self.wanted.starts_with("b3:")
    }
}

/// Whether what came as `path` may have left as `below`: its name, and those of its folders, may have got a number.
fn left_as(path: &Path, below: &Path) -> bool {
    let (came, left) = (path.iter(), below.iter());
    path.iter().count() == below.iter().count() && came.zip(left).all(|(came, left)| is_numbered(left, came))
}

/// The digest of what a file holds; nothing where it cannot be read.
fn file_digest(path: &Path) -> Option<String> {
    let is_file = path.symlink_metadata().is_ok_and(|m| m.is_file());
    is_file.then(|| open_plainly(path).and_then(digest_of).ok()).flatten()
}
