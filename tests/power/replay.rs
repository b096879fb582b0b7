//! A state of the disk, made real: the same files, under the names and with the bytes that the power cut left.
//!
//! Records and marks speak of inodes, and of when an inode last changed. So a state is made of the very files that the
//! traced run worked on: those that it does not show are parked elsewhere on the same file system, not removed, and no
//! inode is ever another. Only change times cannot be put back, as each rename moves them. Where a state says that a
//! file was renamed that is right: its change time is later than its line says. Where it says that a rename was lost,
//! the line is made to name the change time that the file has now; that text has a fixed width.
//!
//! A mark holds a digest of the lines before it, so it would no longer fit the changed line. As long as the daemon keeps
//! its promises there is no such state: no mark is past a line whose file is in the inbox. If there is one the mark is
//! sealed anew, so that the daemon believes it, as it would have believed the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::crash::State;
use super::disk::Node;

/// Which file it is, and when it last changed, in nanoseconds since 1970.
pub(super) type Version = (u64, u64);

pub(super) fn version(path: &Path) -> Version {
    let metadata = fs::symlink_metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (metadata.ino(), metadata.ctime() as u64 * 1_000_000_000 + metadata.ctime_nsec() as u64)
}

/// Everything below a folder, folders before what is in them.
pub(super) fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|e| e.expect("an entry").path()).collect();
    found.sort();
    let below: Vec<_> = found.iter().filter(|path| path.is_dir()).flat_map(|path| walk(path)).collect();
    found.extend(below);
    found
}

/// The stage that all states of one run are played on.
pub(super) struct Stage<'a> {
    pub(super) root: &'a Path,
    /// Where files are that a state does not show.
    pub(super) cellar: &'a Path,
    /// The file of each node; what was removed in the run has none.
    pub(super) inodes: BTreeMap<Node, u64>,
    /// What inputs were when they were dropped.
    pub(super) versions: BTreeMap<Node, Version>,
    pub(super) is_folder: &'a [bool],
}

impl Stage<'_> {
    /// Makes the state real. Returns the bytes of its files, by path.
    pub(super) fn set(&mut self, state: &State) -> BTreeMap<PathBuf, Vec<u8>> {
        self.clear(state);
        let folders = state.names.iter().filter(|(_, node)| self.is_folder[**node]);
        folders.for_each(|(path, _)| fs::create_dir_all(self.root.join(path)).expect("a folder"));
        // Files that were never renamed have older change times than those that were.
        for renamed in [false, true] {
            let files = state.names.iter().filter(|(_, node)| !self.is_folder[**node]);
            let files: Vec<_> = files.filter(|(_, node)| state.renamed.contains(node) == renamed).collect();
            files.into_iter().for_each(|(path, &node)| self.place(state, path, node));
        }
        let bytes = self.patched(state);
        let mut by_path = BTreeMap::new();
        for (path, node) in &state.names {
            let Some(bytes) = bytes.get(node) else { continue };
            let whole = self.root.join(path);
            // An input is never written to: that would change what it is.
            if fs::read(&whole).expect("a file") != *bytes {
                fs::File::create(&whole)
                    .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
                    .expect("a file");
            }
            by_path.insert(path.clone(), bytes.clone());
        }
        by_path
    }

    /// Puts away what does not belong. What stands where it should is not touched: nothing may happen to its times.
    fn clear(&self, state: &State) {
        let inode_at = |path: &Path| fs::symlink_metadata(self.root.join(path)).ok().map(|m| m.ino());
        let stands =
            |path: &Path| state.names.get(path).is_some_and(|node| inode_at(path) == self.inodes.get(node).copied());
        let standing: BTreeSet<u64> =
            state.names.keys().filter(|path| stands(path)).filter_map(|p| inode_at(p)).collect();
        let known: BTreeSet<u64> = self.inodes.values().copied().collect();
        for whole in walk(self.root).iter().rev() {
            let path = whole.strip_prefix(self.root).expect("below the root");
            let inode = version(whole).0;
            if whole.is_dir() {
                if !state.names.contains_key(path) {
                    fs::remove_dir(whole).expect("an empty folder");
                }
            } else if !stands(path) {
                let parked = self.cellar.join(inode.to_string());
                let is_spare = standing.contains(&inode) || parked.exists() || !known.contains(&inode);
                if is_spare { fs::remove_file(whole) } else { fs::rename(whole, parked) }.expect("room for it");
            }
        }
    }

    fn place(&mut self, state: &State, path: &Path, node: Node) {
        let whole = self.root.join(path);
        if whole.exists() {
            return;
        }
        let parked =
            self.inodes.get(&node).map(|inode| self.cellar.join(inode.to_string())).filter(|path| path.exists());
        let others = state.names.iter().filter(|(_, other)| **other == node).map(|(path, _)| self.root.join(path));
        if let Some(other) = others.into_iter().find(|other| other.exists()) {
            fs::hard_link(other, whole).expect("a second name");
        } else if let Some(parked) = parked {
            fs::rename(parked, whole).expect("a rename");
        } else {
            assert!(!self.versions.contains_key(&node), "an input was destroyed: {}", path.display());
            fs::File::create(&whole).expect("a file");
            self.inodes.insert(node, version(&whole).0);
        }
    }

    /// The bytes of all files, in which the inputs that were never renamed are as old as they are now.
    fn patched(&self, state: &State) -> BTreeMap<Node, Vec<u8>> {
        let mut bytes = state.bytes.clone();
        for (path, node) in &state.names {
            let Some(&(inode, then)) = self.versions.get(node) else { continue };
            let (inode_now, now) = version(&self.root.join(path));
            assert_eq!(inode, inode_now, "another file: {}", path.display());
            if state.renamed.contains(node) || then == now {
                continue;
            }
            for (then, now) in [(text(then), text(now)), (then.to_string(), now.to_string())] {
                // Two files may have changed in the same instant: only what names this one speaks of it.
                let lines = bytes.values_mut().flat_map(|bytes| bytes.split_mut(|&b| b == b'\n'));
                let of_this = lines.filter(|line| find(line, inode.to_string().as_bytes()).is_some());
                of_this.for_each(|line| replace(line, then.as_bytes(), now.as_bytes()));
            }
        }
        let marks =
            state.bytes.iter().filter_map(|(node, before)| Some((*node, self.sealed_anew(state, before, &bytes)?)));
        let marks: Vec<_> = marks.collect();
        bytes.extend(marks);
        bytes
    }

    /// A mark that fitted its sink before the change, made to fit it afterwards.
    fn sealed_anew(&self, state: &State, mark: &[u8], patched: &BTreeMap<Node, Vec<u8>>) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(mark).ok()?;
        let sealed: Value = serde_json::from_str(text).ok()?;
        sealed.get("seal")?;
        let field =
            |name: &str| sealed["mark"][name].as_u64().unwrap_or_else(|| panic!("a mark of another kind: {text}"));
        let (version, inode, offset) = (field("version"), field("inode"), field("offset") as usize);
        let sink = self.inodes.iter().find(|(node, of)| **of == inode && state.bytes.contains_key(node))?.0;
        let tail = |bytes: &[u8]| Some(blake3::hash(bytes.get(offset.saturating_sub(4096)..offset)?).to_string());
        let (then, now) = (tail(&state.bytes[sink])?, tail(&patched[sink])?);
        if then == now || sealed["mark"]["tail"] != *then {
            return None;
        }
        let seal = |tail: &str| blake3::hash(format!("{version} {inode} {offset} {tail}").as_bytes()).to_string();
        assert_eq!(sealed["seal"], seal(&then), "marks are sealed in another way now, which this has to learn");
        let mark = json!({ "version": version, "inode": inode, "offset": offset, "tail": now });
        let mut anew = json!({ "mark": mark, "seal": seal(&now) }).to_string().into_bytes();
        anew.resize(text.len() - 1, b' ');
        anew.push(b'\n');
        Some(anew)
    }
}

/// A change time as records carry it.
fn text(nanoseconds: u64) -> String {
    humantime::format_rfc3339_nanos(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds)).to_string()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn replace(bytes: &mut [u8], then: &[u8], now: &[u8]) {
    assert_eq!(then.len(), now.len());
    while let Some(at) = find(bytes, then) {
        bytes[at..at + now.len()].copy_from_slice(now);
    }
}
