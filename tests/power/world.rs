//! A folder in which everything that happens is known, and what must be true of it after any power cut.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::crash::{Law, crashes};
use super::disk::{Disk, Node, Step, content};
use super::replay::{Stage, Version, version, walk};
use super::trace::STRACE;
use crate::support::{Dir, Disputed, TARIFFS, wait_for};

/// What was wrong after a restart, and the states after which it was.
pub(super) type Wrong = BTreeMap<Vec<String>, Vec<String>>;

/// A temporary folder whose every change is in the model.
pub(super) struct World {
    pub(super) dir: Dir,
    /// Outside of it: logs, and files that a state does not show.
    cellar: tempfile::TempDir,
    pub(super) disk: Disk,
    versions: BTreeMap<Node, Version>,
    /// The file of each node that has one after the last run.
    inodes: BTreeMap<Node, u64>,
    articles: Vec<Vec<u8>>,
    refused: Vec<Vec<u8>>,
}

impl World {
    pub(super) fn new() -> World {
        // Thousands of syncs would take minutes, and say nothing: whether they hold is for the model to say.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let dir = Dir::within(&folder);
        let disk = Disk::of(&dir.path(""));
        let cellar = tempfile::tempdir_in(folder).expect("a temporary folder");
        let (versions, inodes) = (BTreeMap::new(), BTreeMap::new());
        World { dir, cellar, disk, versions, inodes, articles: Vec::new(), refused: Vec::new() }
    }

    /// One article was delivered; then came a batch, with all that one can hold. Returns after which step that began.
    pub(super) fn with_a_batch() -> (World, usize) {
        let attempt = |_| {
            let mut world = World::new();
            world.article("a.txt");
            world.run();
            for name in ["a.txt", "sub/b.txt", "c.txt"] {
                world.article(name);
            }
            world.refused("bad.txt", b"");
            let from = world.disk.steps.len();
            world.run();
            // Only where two lines were written at once can the disk keep the second and lose the first.
            let mut steps = world.disk.steps[from..].iter().map(|timed| &timed.step);
            let is_batch = steps.any(|step| matches!(step, Step::Write(_, _, bytes) if lines_of_records(bytes) > 1));
            is_batch.then_some((world, from))
        };
        (0..5).find_map(attempt).expect("two lines that were written at once")
    }

    /// A producer drops an article; no two are alike.
    pub(super) fn article(&mut self, name: &str) {
        let text = format!("{TARIFFS}\nThe {}th of its kind is {name}.\n", self.articles.len());
        self.input(name, text.as_bytes());
        self.articles.push(text.into_bytes());
    }

    /// A producer drops what will be refused.
    pub(super) fn refused(&mut self, name: &str, bytes: &[u8]) {
        self.input(name, bytes);
        self.refused.push(bytes.to_vec());
    }

    fn input(&mut self, name: &str, bytes: &[u8]) {
        let path = self.dir.drop_old(name, bytes);
        self.disk.take_in(&path);
        let node = self.disk.node(&path).expect("an input");
        self.versions.insert(node, version(&path));
    }

    /// Runs the daemon over what is there.
    pub(super) fn run(&mut self) {
        self.traced().arg("--once").succeed();
        self.follow();
    }

    /// The daemon, whose log is [`World::follow`]ed.
    fn traced(&mut self) -> Disputed {
        self.disk.start_anew();
        let log = ["-o".to_string(), self.cellar.path().join("log").display().to_string()];
        self.dir.run().args(["--quiet", "0"]).under("strace", STRACE.map(String::from).into_iter().chain(log))
    }

    fn follow(&mut self) {
        let log = fs::read_to_string(self.cellar.path().join("log"));
        self.disk.follow(&log.expect("a log"));
        let inode = |path: PathBuf| Some((self.disk.node(&path)?, version(&path).0));
        self.inodes = walk(&self.disk.root).into_iter().filter_map(inode).collect();
    }

    /// Runs the daemon; while it sleeps the sink is rotated and the articles are dropped, and then it goes on.
    pub(super) fn rotate_beside_a_daemon(&mut self, names: &[&str]) -> usize {
        let before = self.dir.names("inbox/done").len();
        let daemon = self.traced().start();
        daemon.signal("STOP");
        // What it does after this has not been read from its log, and so it follows in the model, too.
        self.follow();
        self.disk.rename(&self.dir.sink(), &self.dir.path("sink.jsonl.1"));
        names.iter().for_each(|name| self.article(name));
        let from = self.disk.steps.len();
        daemon.signal("HUP");
        daemon.signal("CONT");
        let all = before + names.len();
        wait_for("the batch", || (self.dir.names("inbox/done").len() == all).then_some(()));
        daemon.stop();
        // The tracer ends a little later than what it traces.
        wait_for("the end of the log", || {
            let log = fs::read_to_string(self.cellar.path().join("log")).expect("a log");
            let last = log.trim_end().lines().last()?;
            last.contains("+++ exited").then_some(())
        });
        self.follow();
        from
    }

    /// Makes the state real in which all lines are there, and as few files as possible have left the inbox. What is in
    /// the folder then is where everything begins.
    pub(super) fn cut_after_the_lines(&mut self, from: usize, law: Law) {
        let sink = self.disk.node(&self.dir.sink()).expect("a sink");
        let whole = content(Vec::new(), &self.disk.steps, sink);
        let cuts = crashes(&self.disk, from, law).0.into_iter().map(|crash| crash.state);
        let with_lines = cuts.filter(|state| state.bytes.get(&sink) == Some(&whole));
        let state = with_lines.min_by_key(|state| state.renamed.len()).expect("a state with all lines");
        self.stage().set(&state);
        self.disk = Disk::of(&self.dir.path(""));
        let inputs = walk(&self.dir.inbox()).into_iter().filter(|path| path.is_file());
        self.versions = inputs.map(|path| (self.disk.node(&path).expect("a file"), version(&path))).collect();
    }

    fn stage(&self) -> Stage<'_> {
        Stage {
            root: &self.disk.root,
            cellar: self.cellar.path(),
            inodes: self.inodes.clone(),
            versions: self.versions.clone(),
            is_folder: &self.disk.is_folder,
        }
    }

    /// Plays every state that a power cut after so many steps, or more, may leave; what was wrong after it.
    pub(super) fn play(&self, what: &str, from: usize, law: Law) -> Wrong {
        self.play_until(what, from, law, |_| false)
    }

    /// Plays until something is wrong that is wrong enough.
    pub(super) fn play_until(&self, what: &str, from: usize, law: Law, enough: impl Fn(&str) -> bool) -> Wrong {
        let (crashes, cuts) = crashes(&self.disk, from, law);
        let (mut stage, mut wrong, mut played) = (self.stage(), Wrong::new(), 0);
        // The last first: where something is missing, it is missed most at the end.
        for crash in crashes.iter().rev() {
            let before = stage.set(&crash.state);
            let problems = self.restart(&before);
            played += 1;
            let is_enough = problems.iter().any(|problem| enough(problem));
            if !problems.is_empty() {
                wrong.entry(problems).or_default().push(crash.says.clone());
            }
            if is_enough {
                break;
            }
        }
        let count: usize = wrong.values().map(Vec::len).sum();
        let all = crashes.len();
        eprintln!("{what}: power lost at {cuts} places, {played} of {all} states played, {count} wrong");
        wrong
    }

    /// Starts the daemon plainly; what is wrong afterwards.
    fn restart(&self, before: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
        let output = self.dir.run().args(["--once", "--quiet", "0"]).output();
        let mut wrong = Vec::new();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            wrong.push(format!("{}: {}", output.status, said.trim_end().lines().last().unwrap_or_default()));
        }
        wrong.extend(self.wrong_in_sinks(before));
        wrong.extend(self.wrong_in_folders());
        wrong
    }

    fn wrong_in_sinks(&self, before: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
        let (mut wrong, mut lines) = (Vec::new(), BTreeMap::<String, usize>::new());
        for path in fs::read_dir(self.dir.path("")).expect("a folder").map(|e| e.expect("an entry").path()) {
            if path.is_dir() {
                continue;
            }
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = fs::read(&path).expect("a sink");
            for line in bytes.split_inclusive(|&b| b == b'\n') {
                match serde_json::from_slice::<Value>(line) {
                    Ok(line) if line["id"].is_string() => *lines.entry(line["id"].to_string()).or_default() += 1,
                    _ => wrong.push(format!("no record in {name}: {:.60}", String::from_utf8_lossy(line))),
                }
            }
            if !bytes.is_empty() && !bytes.ends_with(b"\n") {
                wrong.push(format!("no line feed at the end of {name}"));
            }
            let before = before.get(Path::new(&name)).map_or(&b""[..], |bytes| bytes);
            if bytes.len() < before.len() {
                wrong.push(format!("{name} shrank from {} to {} bytes", before.len(), bytes.len()));
            }
            let mut at = 0;
            for line in before.split_inclusive(|&b| b == b'\n') {
                let is_whole = line.ends_with(b"\n") && serde_json::from_slice::<Value>(line).is_ok();
                if is_whole && bytes.get(at..at + line.len()) != Some(line) {
                    wrong.push(format!("a line that stood in {name} at {at} was changed"));
                }
                at += line.len();
            }
        }
        for article in &self.articles {
            let id = Value::from(format!("b3:{}", blake3::hash(article))).to_string();
            match lines.remove(&id).unwrap_or(0) {
                1 => {}
                n => wrong.push(format!("{n} lines of {}", label(article))),
            }
        }
        wrong.extend(lines.keys().map(|id| format!("a line of nothing: {id}")));
        wrong
    }

    fn wrong_in_folders(&self) -> Vec<String> {
        let inbox = self.dir.inbox();
        let (done, failed) = (inbox.join("done"), inbox.join("failed"));
        let files = |folder: &Path| walk(folder).into_iter().filter(|path| path.is_file()).collect::<Vec<_>>();
        let is_reason = |path: &PathBuf| path.to_string_lossy().ends_with(".reason.json");
        let mut wrong = Vec::new();
        for path in files(&inbox) {
            let is_own = [&done, &failed, &inbox.join(".disputed")].iter().any(|own| path.starts_with(own));
            if !is_own {
                wrong.push(format!("{} is in the inbox", path.display()));
            }
        }
        let (reasons, refused): (Vec<_>, Vec<_>) = files(&failed).into_iter().partition(is_reason);
        for (folder, found, expected) in [("done", &files(&done), &self.articles), ("failed", &refused, &self.refused)]
        {
            let mut found: Vec<Vec<u8>> = found.iter().map(|path| fs::read(path).expect("a file")).collect();
            for input in expected {
                let count = found.iter().filter(|bytes| *bytes == input).count();
                found.retain(|bytes| bytes != input);
                if count != 1 {
                    wrong.push(format!("{count} times in {folder}/: {}", label(input)));
                }
            }
            wrong.extend(found.iter().map(|bytes| format!("in {folder}/, and not dropped: {}", label(bytes))));
        }
        for path in &refused {
            let beside = path.with_added_extension("reason.json");
            let reason = fs::read(&beside).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            if !reason.is_some_and(|reason| reason["code"].is_string()) {
                wrong.push(format!("no reason beside {}", path.display()));
            }
        }
        if reasons.len() != refused.len() {
            wrong.push(format!("{} reasons of {} refused: {reasons:?}", reasons.len(), refused.len()));
        }
        wrong
    }
}

/// How many lines a write to a sink has; none for a write to another file.
fn lines_of_records(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"{\"schema\":") { bytes.iter().filter(|&&b| b == b'\n').count() } else { 0 }
}

/// Enough of an input to know it by.
fn label(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    format!("{:?}", text.trim_end().lines().last().unwrap_or_default())
}
