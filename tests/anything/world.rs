//! The real side: a daemon that runs or does not, what its operators do, and what stands there in the end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::account::{Account, Home, Standing};
use super::drops::Writer;
use super::{Plan, QUIET};
use crate::support::disk::Disk;
use crate::support::ledger::files;
use crate::support::{Daemon, Dir, Disputed, disputed, records};

/// One inbox with everything around it.
pub(crate) struct World {
    pub(super) dir: Dir,
    disk: Option<Disk>,
    home: Home,
    pub(crate) account: Account,
    /// What was done, and how it went.
    pub(crate) story: Vec<String>,
    daemon: Option<Daemon>,
    pub(super) writers: Vec<Writer>,
    /// How many lines stood when each run began.
    runs: Vec<usize>,
    /// How often what had left was forgotten: with the end of a run, or when it was collected.
    pub(super) forgotten: usize,
    /// The sink was renamed since the last start, or the mark was lost: both at once leave nothing to go by.
    rotated: bool,
    mark_is_lost: bool,
    sizes: BTreeMap<u64, u64>,
    counter: usize,
}

impl World {
    pub(crate) fn new(plan: &Plan) -> World {
        let dir = Dir::new();
        fs::create_dir(dir.path("out")).expect("a folder");
        let disk = plan.disk.then(|| Disk::mount(&dir, "size=512k")).flatten();
        World {
            dir,
            disk,
            home: plan.home,
            account: Account::new(plan.home),
            story: Vec::new(),
            daemon: None,
            writers: Vec::new(),
            runs: Vec::new(),
            forgotten: 0,
            rotated: false,
            mark_is_lost: false,
            sizes: BTreeMap::new(),
            counter: 0,
        }
    }

    pub(crate) fn say(&mut self, what: String) {
        self.story.push(what);
    }

    /// A number that no other content has.
    pub(crate) fn number(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }

    fn root(&self) -> PathBuf {
        self.disk.as_ref().map_or(self.dir.path(""), |disk| disk.at.clone())
    }

    fn sink(&self) -> PathBuf {
        self.root().join("sink.jsonl")
    }

    fn state(&self) -> PathBuf {
        self.disk.as_ref().map_or(self.dir.inbox().join(".disputed"), |disk| disk.at.join("state"))
    }

    fn command(&self, command: &str) -> Disputed {
        disputed([command]).arg("--inbox").arg(self.dir.inbox()).arg("--state").arg(self.state())
    }

    fn run(&mut self, quiet: &str) -> Disputed {
        self.unfill();
        self.runs.push(self.read_sinks().iter().filter(|&&b| b == b'\n').count());
        let after = match self.home {
            Home::Done => "move",
            Home::Inbox => "keep",
            Home::Nowhere => "delete",
            Home::Any => ["move", "keep", "delete"][self.runs.len() % 3],
        };
        self.command("run").arg("--sink").arg(self.sink()).args(["--after", after, "--quiet", quiet])
    }

    /// The daemon's counts must add up at any moment.
    pub(crate) fn ask(&self) -> Result<(), String> {
        if self.daemon.is_none() {
            return Ok(());
        }
        let said = self.command("status").args(["--format", "json"]).output();
        let status: disputed::daemon::Status =
            serde_json::from_slice(&said.stdout).map_err(|e| format!("{e}: {said:?}"))?;
        let parts =
            status.done + status.failed + status.vanished + status.pending + status.ignored.values().sum::<u64>();
        if status.seen == parts { Ok(()) } else { Err(format!("it does not add up: {status:?}")) }
    }

    pub(crate) fn hang_up(&self) {
        self.daemon.iter().for_each(|daemon| daemon.signal("HUP"));
    }

    pub(crate) fn rotate(&mut self) -> Option<()> {
        if self.mark_is_lost {
            return None;
        }
        let rotated = self.root().join(format!("sink.jsonl.{:04}", self.number()));
        fs::rename(self.sink(), rotated).ok()?;
        self.rotated = true;
        Some(())
    }

    pub(crate) fn lose_the_mark(&mut self) -> Option<()> {
        if self.daemon.is_some() || self.rotated {
            return None;
        }
        fs::remove_file(self.state().join("mark")).ok()?;
        self.mark_is_lost = true;
        Some(())
    }

    /// Takes done/ or failed/ away with all that is in it.
    pub(crate) fn collect(&mut self, folder: &str) -> Option<()> {
        let number = self.number();
        let to = self.dir.path(format!("{folder}-{number}"));
        fs::rename(self.dir.inbox().join(folder), to).ok()?;
        self.forgotten += 1;
        self.account.nobody_looks_back();
        Some(())
    }

    /// Leaves no room on the disk of the sink and the state.
    pub(crate) fn fill(&self) {
        if let Some(disk) = &self.disk {
            let mut file = File::options().append(true).create(true).open(disk.at.join("fill")).expect("a file");
            for size in [4096, 512, 1] {
                while file.write_all(&vec![0; size]).is_ok() {}
            }
        }
    }

    pub(crate) fn unfill(&self) {
        let _ = fs::remove_file(self.root().join("fill"));
    }

    pub(crate) fn start(&mut self) {
        if self.daemon.is_none() {
            self.daemon = Some(self.run(QUIET).start());
            self.set_off();
        }
    }

    /// A run has begun: it has made a mark in a sink.
    fn set_off(&mut self) {
        (self.rotated, self.mark_is_lost) = (false, false);
    }

    pub(crate) fn stop(&mut self) {
        if let Some(daemon) = self.daemon.take() {
            let log = daemon.stop();
            self.say(log);
            self.forgotten += 1;
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal("KILL");
            assert_eq!(daemon.wait().1, Some(9), "it runs until it is killed: {}", daemon.log());
            self.say(daemon.log());
            self.forgotten += 1;
            self.account.nobody_looks_back();
        }
    }

    /// Works what is there, where no daemon runs.
    pub(crate) fn work_once(&mut self) {
        if self.daemon.is_none() {
            self.run("0").arg("--once").succeed();
            self.forgotten += 1;
            self.set_off();
        }
    }

    /// The same, killed after so long.
    pub(crate) fn kill_at_work(&mut self, after: Duration) {
        if self.daemon.is_none() {
            let mut run = self.run("0").arg("--once");
            let mut child = run.command().stderr(Stdio::null()).spawn().expect("the program starts");
            sleep(after);
            child.kill().expect("a child");
            child.wait().expect("a child");
            self.forgotten += 1;
            self.account.nobody_looks_back();
        }
    }

    /// What the daemon says, where one runs.
    pub(crate) fn log(&self) -> String {
        self.daemon.as_ref().map(Daemon::log).unwrap_or_default()
    }

    fn sinks(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root()).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut sinks: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().contains("/sink.jsonl.")).collect();
        sinks.sort();
        sinks.push(self.sink());
        sinks
    }

    fn read_sinks(&self) -> Vec<u8> {
        self.sinks().iter().flat_map(|path| fs::read(path).unwrap_or_default()).collect()
    }

    /// No sink is ever shorter than it was.
    pub(crate) fn watch_sinks(&mut self) -> Result<(), String> {
        for metadata in self.sinks().iter().filter_map(|path| path.metadata().ok()) {
            let before = self.sizes.insert(metadata.ino(), metadata.len()).unwrap_or(0);
            if metadata.len() < before {
                return Err(format!("a sink shrank from {before} to {}", metadata.len()));
            }
        }
        Ok(())
    }

    /// What stands there now; nothing while a line is being written.
    fn standing(&self) -> Option<Standing> {
        let sink = self.read_sinks();
        if !sink.is_empty() && !sink.ends_with(b"\n") {
            return None;
        }
        let run = |line| self.runs.iter().filter(|start| **start <= line).count();
        let lines = records(&sink).into_iter().enumerate().map(|(i, record)| (run(i), record)).collect();
        let root = self.dir.path("");
        let inode = |path: &Path| root.join(path).symlink_metadata().ok().map(|m| m.ino());
        let files = files(&root).into_iter().filter_map(|(path, bytes)| Some((path.clone(), (inode(&path)?, bytes))));
        Some(Standing { files: files.collect(), lines })
    }

    pub(crate) fn verdict(&self) -> Result<(), String> {
        let standing = self.standing().ok_or("the sink ends within a line")?;
        self.account.verdict(&standing)
    }

    /// Whether nothing moves and no line comes when the daemon is run again, and again without its mark.
    pub(crate) fn verdict_of_rest(&mut self) -> Result<(), String> {
        self.work_once();
        self.verdict()?;
        let lines = |world: &World| world.scene().into_iter().filter(|line| line.starts_with("line")).collect();
        // Where what becomes of files changes, what stayed may go now.
        let scene = |world: &World| -> Vec<_> { if world.home == Home::Any { lines(world) } else { world.scene() } };
        let before = scene(self);
        self.work_once();
        self.verdict().map_err(|e| format!("another run: {e}"))?;
        if scene(self) != before {
            return Err("another run changed something".into());
        }
        self.lose_the_mark();
        self.work_once();
        self.verdict().map_err(|e| format!("a run without a mark: {e}"))?;
        if scene(self) != before && !self.account.was_written_late() {
            return Err("a run without a mark changed something".into());
        }
        Ok(())
    }

    /// Everything that stands there, for who has to understand a failure.
    pub(crate) fn scene(&self) -> Vec<String> {
        let Some(Standing { files, lines }) = self.standing() else { return vec!["half a line".into()] };
        let source = |line: &serde_json::Value, key: &str| line["source"][key].to_string();
        let lines = lines.iter().map(|(run, line)| {
            let [path, digest, inode, ctime] = ["path", "digest", "inode", "ctime"].map(|key| source(line, key));
            format!("line of run {run}: {} {inode} {path} {ctime} replaces {}", &digest[1..10], line["replaces"])
        });
        let files = files.iter().filter(|(path, _)| !path.starts_with("inbox/.disputed") && !path.starts_with("disk"));
        let files = files.filter(|(path, _)| !path.to_string_lossy().starts_with("sink.jsonl"));
        let files = files.map(|(path, (inode, bytes))| {
            format!("{} {inode} {}", &crate::support::digest(bytes)[..9], path.display())
        });
        lines.chain(files).collect()
    }
}
