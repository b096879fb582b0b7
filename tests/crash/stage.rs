//! The scenes of a crash: what the daemon finds, what it is given, and how it is played under strace.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;

use crate::support::ledger::{Ledger, sink};
use crate::support::strace::{Call, Target, aims, attached, calls, ended, traced};
use crate::support::{Dir, wait_for};

/// What the daemon finds or is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scene {
    /// Inputs, and nothing of an earlier run.
    Fresh,
    /// Inputs whose names are taken in done/ and failed/, and a mark.
    Again,
    /// The same, and an earlier run was killed in the middle of its moves.
    Recovery,
    /// The same, and the sink was rotated before anybody restarted the daemon.
    Rotated,
    /// A daemon that runs, and inputs that are renamed in one after the other.
    Live,
    /// The same, and the sink is rotated between two of them.
    LiveRotated,
}

impl Scene {
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Scene::Live | Scene::LiveRotated)
    }
}

pub(crate) const SCENES: [Scene; 6] =
    [Scene::Fresh, Scene::Again, Scene::Recovery, Scene::Rotated, Scene::Live, Scene::LiveRotated];

/// What an input is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Article,
    Several,
    Refused,
    Held,
    /// It waits, and never comes out.
    Killed,
    /// The notice that says so.
    Kill,
}

const NAMES: [(&str, Kind); 7] = [
    ("a.txt", Kind::Article),
    ("wire/b.txt", Kind::Article),
    ("bad.txt", Kind::Refused),
    ("many.txt", Kind::Several),
    ("wire/killed.txt", Kind::Killed),
    ("held.txt", Kind::Held),
    ("kill.txt", Kind::Kill),
];

/// A file of several articles is written in parts of so many bytes, and the largest is read as it comes.
const IN_PARTS: [&str; 4] = ["--batch", "4096", "--max-bytes", "1500"];

/// One scene in a folder of its own.
pub(crate) struct Stage {
    scene: Scene,
    pub(crate) dir: Dir,
    pub(crate) ledger: Ledger,
}

/// How a traced run ended, and what it had done.
pub(crate) struct Ending {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) calls: Vec<Call>,
}

impl Stage {
    pub(crate) fn new(scene: Scene) -> Stage {
        let mut stage = Stage { scene, dir: Dir::new(), ledger: Ledger::default() };
        if scene == Scene::Fresh {
            stage.drop_inputs();
            return stage;
        }
        if stage.scene.is_live() {
            fs::create_dir(stage.dir.path("inbox/wire")).expect("a folder");
            return stage;
        }
        stage.drop_inputs();
        stage.must(stage.restart(), "the run before");
        stage.drop_inputs();
        if scene != Scene::Again {
            let middle = Target { call: "renameat2".into(), path: None, nth: 2 };
            let ending = stage.run_traced(&middle.options(&stage.dir, "signal=SIGKILL"));
            assert_eq!(ending.signal, Some(9), "the scene is one after a kill");
        }
        if scene == Scene::Rotated {
            stage.rotate();
        }
        stage
    }

    fn rotate(&self) {
        fs::rename(self.dir.sink(), self.dir.path("sink.jsonl.1")).expect("a rename");
    }

    fn drop_inputs(&mut self) {
        for (path, kind) in NAMES {
            let bytes = self.bytes_of(path, kind);
            self.dir.drop_old(path, bytes);
        }
    }

    fn bytes_of(&mut self, path: &str, kind: Kind) -> Vec<u8> {
        match kind {
            Kind::Article => self.ledger.article(path),
            Kind::Several => self.ledger.several(path),
            Kind::Refused => self.ledger.refused(path),
            Kind::Held => self.ledger.held(path),
            Kind::Killed => self.ledger.killed(path),
            Kind::Kill => self.ledger.kill(path),
        }
    }

    /// As [`Stage::drop_inputs`], by renames.
    fn rename_inputs(&mut self) {
        for (i, (path, kind)) in NAMES.into_iter().enumerate() {
            if i == 2 && self.scene == Scene::LiveRotated {
                self.rotate();
            }
            let bytes = self.bytes_of(path, kind);
            let part = self.dir.write("inbox/.part", bytes);
            fs::rename(part, self.dir.inbox().join(path)).expect("a rename");
        }
    }

    /// Plays the scene under strace with these options.
    pub(crate) fn run_traced(&mut self, options: &[String]) -> Ending {
        let log = self.dir.path("strace.log");
        let (code, signal) = if self.scene.is_live() {
            let mut daemon = self.dir.run().args(["--quiet", "0"]).args(IN_PARTS).start();
            let strace = attached(daemon.id(), &log, options);
            self.rename_inputs();
            let stands = |path: &str| self.dir.inbox().join(path).exists();
            // What has left is done when it has gone on to where it belongs.
            let waits = |path: &str| self.dir.path(format!("inbox/embargo/{path}.held.json")).exists();
            let is_worked = |path: &str, kind: Kind| match kind {
                Kind::Held => waits(path),
                Kind::Killed => {
                    let waits = format!("embargo/{path}");
                    !stands(path) && !stands(&waits) && !self.is_leaving("inbox/embargo", path)
                }
                _ => !stands(path) && !self.is_leaving("inbox", path),
            };
            let works = || NAMES.iter().any(|(path, kind)| !is_worked(path, *kind));
            wait_for("the end of the daemon or of its work", || (daemon.is_gone() || !works()).then_some(()));
            if !daemon.is_gone() {
                daemon.signal("TERM");
            }
            let status = daemon.wait();
            ended(strace);
            status
        } else {
            let mut run = self.dir.run().args(["--once", "--quiet", "0"]).args(IN_PARTS);
            let status = traced(run.command(), &log, options).status().expect("strace");
            (status.code(), status.signal())
        };
        let calls = calls(&log, &self.dir);
        // strace makes it with the first line.
        let _ = fs::remove_file(log);
        Ending { code, signal, calls }
    }

    /// Whether a file of this path is on its way out of an inbox.
    fn is_leaving(&self, inbox: &str, path: &str) -> bool {
        let leaving = self.dir.path(inbox).join(".disputed/leaving");
        ["done", "failed", "deleted"].iter().any(|door| leaving.join(door).join(path).exists())
    }

    /// Restarts without strace, and gives what does not hold then.
    pub(crate) fn restart(&self) -> Result<(), String> {
        let before = sink(&self.dir).len();
        let output = self.dir.run().args(["--once", "--quiet", "0"]).args(IN_PARTS).output();
        if !output.status.success() {
            return Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        let after = sink(&self.dir).len();
        if after < before {
            return Err(format!("the sink shrank from {before} to {after}"));
        }
        self.ledger.verdict(&self.dir)
    }

    /// Fails with what was found wrong.
    pub(crate) fn must(&self, verdict: Result<(), String>, context: &str) {
        if let Err(what) = verdict {
            panic!("{context}: {what}\n{}", self.ledger.scene(&self.dir));
        }
    }
}

/// Every call that some scene makes, by its step, with the ways to aim at each.
pub(crate) fn discover(scenes: &[Scene]) -> BTreeMap<String, Vec<(Scene, Call, Vec<Target>)>> {
    let mut steps: BTreeMap<String, Vec<(Scene, Call, Vec<Target>)>> = BTreeMap::new();
    let mut missed = BTreeMap::new();
    for &scene in scenes {
        let mut stage = Stage::new(scene);
        let ending = stage.run_traced(&[]);
        stage.must(stage.ledger.verdict(&stage.dir), "the reference");
        let (reached, unreached) = aims(&ending.calls, &stage.dir);
        assert!(reached.len() > 20, "{scene:?}: the log was not understood");
        let unreached = unreached.into_iter().filter(|call| !call.is_of_trial());
        missed.extend(unreached.map(|call| (call.step(), call)));
        for (call, targets) in reached.into_iter().filter(|(call, _)| !call.is_of_trial()) {
            steps.entry(call.step()).or_default().push((scene, call, targets));
        }
    }
    missed.retain(|step, _| !steps.contains_key(step));
    eprintln!("out of reach: {:?}", missed.keys());
    // A look at the disk is as good as the next call that changes something.
    let changing: Vec<&Call> = missed.values().filter(|call| call.changes()).collect();
    assert!(changing.is_empty(), "no aim reaches {changing:#?}");
    steps
}
