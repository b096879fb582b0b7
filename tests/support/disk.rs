//! A small file system of its own, for what happens when it is full or another one than the inbox's.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Dir, root};

/// A folder on another file system than the temporary ones; it is unmounted with this.
pub(crate) struct Disk {
    pub(crate) at: PathBuf,
}

impl Disk {
    /// `None` where nothing can be mounted, which is said.
    pub(crate) fn mount(dir: &Dir, options: &str) -> Option<Disk> {
        if !root() {
            return None;
        }
        let at = dir.path("disk");
        fs::create_dir(&at).expect("a folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&at).status();
        if !mounted.expect("mount").success() {
            eprintln!("skipped: no file system can be mounted here");
            return None;
        }
        Some(Disk { at })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a test that fails leaves files open on it.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
