//! A model of the disk: every step that changed it, in order, and what each step changed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::trace::{Call, Reader};

/// A file or a folder, whatever it is called at the time: what an inode is to the kernel.
pub(super) type Node = usize;

/// A name in a folder.
pub(super) type Name = (Node, String);

/// One change, or one promise that changes are there to stay.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A new name: of a new file or folder, or a second one of an old.
    Name(Name, Node),
    /// From one name to another, which may have been taken.
    Rename(Name, Name, Node),
    /// A name is taken away.
    Remove(Name),
    /// Bytes at an offset.
    Write(Node, usize, Vec<u8>),
    /// A file gets this size.
    Size(Node, usize),
    /// What was done to this file, or to the names in this folder, survives.
    Sync(Node),
}

/// A step with its place in time.
#[derive(Debug, Clone)]
pub(super) struct Timed {
    pub(super) step: Step,
    /// A sync answers only for what had ended when it began.
    pub(super) began: usize,
    pub(super) ended: usize,
    /// What was there before us, and what a producer gives, is whole: its own power cuts are not ours.
    pub(super) is_given: bool,
    pub(super) says: String,
}

/// The root folder.
pub(super) const ROOT: Node = 0;

/// What happened below a folder.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) root: PathBuf,
    pub(super) steps: Vec<Timed>,
    /// Folders have no bytes.
    pub(super) is_folder: Vec<bool>,
    /// Each name as it would be without a power cut.
    names: BTreeMap<Name, Node>,
    open: HashMap<i64, (Node, u64)>,
    reader: Reader,
}

/// Calls that change nothing that a power cut could undo.
const HARMLESS: [&str; 38] = [
    "access",
    "chdir",
    "close",
    "dup",
    "dup2",
    "dup3",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_wait",
    "eventfd2",
    "execve",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fchdir",
    "fcntl",
    "flock",
    "fstat",
    "fstatfs",
    "getcwd",
    "getdents64",
    "inotify_add_watch",
    "inotify_init1",
    "ioctl",
    "lseek",
    "lstat",
    "newfstatat",
    "poll",
    "ppoll",
    "pread64",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "stat",
    "statfs",
    "statx",
];

impl Disk {
    /// The folder as it stands, which counts as durable.
    pub(super) fn of(root: &Path) -> Disk {
        let mut disk = Disk {
            root: root.to_path_buf(),
            steps: Vec::new(),
            is_folder: vec![true],
            names: BTreeMap::new(),
            open: HashMap::new(),
            reader: Reader::default(),
        };
        disk.take_up(root, ROOT);
        disk
    }

    fn take_up(&mut self, folder: &Path, node: Node) {
        let mut entries: Vec<_> =
            fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
        entries.sort();
        for path in entries {
            let below = self.give(&path, node);
            if path.is_dir() {
                self.take_up(&path, below);
            }
        }
    }

    fn give(&mut self, path: &Path, folder: Node) -> Node {
        let node = self.new_node(path.is_dir());
        self.push(Step::Name((folder, last(path)), node), true, (0, 0), path.display().to_string());
        if path.is_file() {
            let bytes = fs::read(path).expect("a file");
            self.push(Step::Write(node, 0, bytes), true, (0, 0), path.display().to_string());
        }
        node
    }

    /// A producer has put a file there, in a folder that we know or that is new as well.
    pub(super) fn take_in(&mut self, path: &Path) {
        let parent = path.parent().expect("a folder");
        if self.node(parent).is_none() {
            self.take_in(parent);
        }
        let folder = self.node(parent).expect("a folder that we know");
        self.give(path, folder);
    }

    /// Somebody else renames, and syncs nothing.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) {
        fs::rename(from, to).expect("a rename");
        let (from, to) = (self.name(from), self.name(to));
        let node = self.names[&from];
        let says = format!("somebody renames {} to {}", from.1, to.1);
        self.push(Step::Rename(from, to, node), false, (0, 0), says);
    }

    /// What the log says, as far as it was not yet read.
    pub(super) fn follow(&mut self, log: &str) {
        for call in self.reader.read(log) {
            self.call(&call);
        }
    }

    /// Another program begins, with a log of its own.
    pub(super) fn start_anew(&mut self) {
        self.reader.start_anew();
        self.open.clear();
    }

    fn call(&mut self, call: &Call) {
        let at = (call.began, call.ended);
        if call.result < 0 || !call.touches(&self.root) {
            return;
        }
        match call.name.as_str() {
            "open" | "openat" | "openat2" | "creat" => self.open(call),
            "mkdir" => self.make_folder(&whole_path(call, 0), at),
            "mkdirat" => self.make_folder(&call.path_at(0), at),
            "rename" => self.move_name(&whole_path(call, 0), &whole_path(call, 1), at),
            "renameat" | "renameat2" => self.move_name(&call.path_at(0), &call.path_at(2), at),
            "link" => self.link(&whole_path(call, 0), &whole_path(call, 1), at),
            "linkat" => self.link(&call.path_at(0), &call.path_at(2), at),
            "unlink" | "rmdir" => self.remove(&whole_path(call, 0), at),
            "unlinkat" => self.remove(&call.path_at(0), at),
            "write" => self.write(call, call.bytes(1), None),
            "writev" => self.write(call, call.gathered(1), None),
            "pwrite64" => self.write(call, call.bytes(1), Some(call.number(3))),
            "pwritev" | "pwritev2" => self.write(call, call.gathered(1), Some(call.number(3))),
            "ftruncate" => {
                let node = self.file(call);
                self.push(
                    Step::Size(node, call.number(1) as usize),
                    false,
                    at,
                    format!("a new size: {}", call.number(1)),
                );
            }
            "fsync" | "fdatasync" => {
                let node = self.file(call);
                let path = call.descriptor(0).map(|(_, path)| path).unwrap_or_default();
                self.push(Step::Sync(node), false, at, format!("sync {}", self.short(&path)));
            }
            "mmap" if !call.args[3].contains("MAP_SHARED") => {}
            name if HARMLESS.contains(&name) => {}
            name => panic!("the model does not know what {name} does to a disk: {call:?}"),
        }
    }

    fn open(&mut self, call: &Call) {
        let bare = call.name == "open" || call.name == "creat";
        let path = if bare { whole_path(call, 0) } else { call.path_at(0) };
        let flags = if call.name == "creat" { "O_CREAT|O_TRUNC" } else { &call.args[if bare { 1 } else { 2 }] };
        assert!(!flags.contains("O_TMPFILE"), "the model knows no files without names: {call:?}");
        let at = (call.began, call.ended);
        let node = match self.node(&path) {
            Some(node) => {
                if flags.contains("O_TRUNC") {
                    self.push(Step::Size(node, 0), false, at, format!("empty {}", self.short(&path)));
                }
                node
            }
            None => {
                assert!(flags.contains("O_CREAT"), "opened, and not there: {call:?}");
                let (name, node) = (self.name(&path), self.new_node(false));
                self.push(Step::Name(name, node), false, at, format!("make {}", self.short(&path)));
                node
            }
        };
        self.open.insert(call.result, (node, if flags.contains("O_APPEND") { u64::MAX } else { 0 }));
    }

    fn make_folder(&mut self, path: &Path, at: (usize, usize)) {
        let (name, node) = (self.name(path), self.new_node(true));
        self.push(Step::Name(name, node), false, at, format!("make the folder {}", self.short(path)));
    }

    fn move_name(&mut self, from: &Path, to: &Path, at: (usize, usize)) {
        let node = self.node(from).unwrap_or_else(|| panic!("renamed, and not there: {}", from.display()));
        let says = format!("rename {} to {}", self.short(from), self.short(to));
        self.push(Step::Rename(self.name(from), self.name(to), node), false, at, says);
    }

    fn link(&mut self, old: &Path, new: &Path, at: (usize, usize)) {
        let node = self.node(old).unwrap_or_else(|| panic!("linked, and not there: {}", old.display()));
        self.push(Step::Name(self.name(new), node), false, at, format!("link {}", self.short(new)));
    }

    fn remove(&mut self, path: &Path, at: (usize, usize)) {
        self.push(Step::Remove(self.name(path)), false, at, format!("remove {}", self.short(path)));
    }

    fn write(&mut self, call: &Call, mut bytes: Vec<u8>, offset: Option<u64>) {
        bytes.truncate(call.result as usize);
        let (number, path) = call.descriptor(0).unwrap_or_else(|| panic!("no descriptor: {call:?}"));
        let (node, cursor) = self.open[&number];
        let size = self.size(node);
        let offset = offset.unwrap_or(cursor).min(if cursor == u64::MAX { size } else { u64::MAX });
        if call.name == "write" || call.name == "writev" {
            self.open.insert(number, (node, if cursor == u64::MAX { cursor } else { offset + bytes.len() as u64 }));
        }
        let says = format!("write {} bytes at {offset} of {}", bytes.len(), self.short(&path));
        self.push(Step::Write(node, offset as usize, bytes), false, (call.began, call.ended), says);
    }

    fn size(&self, node: Node) -> u64 {
        content(Vec::new(), &self.steps, node).len() as u64
    }

    fn file(&self, call: &Call) -> Node {
        let (number, _) = call.descriptor(0).unwrap_or_else(|| panic!("no descriptor: {call:?}"));
        self.open[&number].0
    }

    fn new_node(&mut self, is_folder: bool) -> Node {
        self.is_folder.push(is_folder);
        self.is_folder.len() - 1
    }

    fn push(&mut self, step: Step, is_given: bool, (began, ended): (usize, usize), says: String) {
        perform(&mut self.names, &step);
        self.steps.push(Timed { step, is_given, began, ended, says });
    }

    fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// What has this path, as long as there is no power cut.
    pub(super) fn node(&self, path: &Path) -> Option<Node> {
        let below = path.strip_prefix(&self.root).ok()?;
        let step = |node, part: &std::ffi::OsStr| self.names.get(&(node, part.to_string_lossy().into_owned())).copied();
        below.iter().try_fold(ROOT, step)
    }

    fn name(&self, path: &Path) -> Name {
        let folder = path.parent().and_then(|parent| self.node(parent));
        (folder.unwrap_or_else(|| panic!("no such folder: {}", path.display())), last(path))
    }
}

fn last(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn whole_path(call: &Call, at: usize) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(&call.bytes(at)))
}

/// Does to the names what the step does.
pub(super) fn perform(names: &mut BTreeMap<Name, Node>, step: &Step) {
    match step {
        Step::Name(name, node) => drop(names.insert(name.clone(), *node)),
        Step::Rename(from, to, node) => {
            names.remove(from);
            names.insert(to.clone(), *node);
        }
        Step::Remove(name) => drop(names.remove(name)),
        Step::Write(..) | Step::Size(..) | Step::Sync(_) => {}
    }
}

/// A file after these steps; what nobody wrote is zero.
pub(super) fn content<'a>(mut bytes: Vec<u8>, steps: impl IntoIterator<Item = &'a Timed>, file: Node) -> Vec<u8> {
    for timed in steps {
        match &timed.step {
            Step::Write(node, offset, written) if *node == file => {
                bytes.resize(bytes.len().max(offset + written.len()), 0);
                bytes[*offset..offset + written.len()].copy_from_slice(written);
            }
            Step::Size(node, size) if *node == file => bytes.resize(*size, 0),
            _ => {}
        }
    }
    bytes
}
