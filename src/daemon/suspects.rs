//! Inputs that a run died over: the state folder names what is in hand, and what was in hand at an unclean end is tried in
//! a process of its own, one at a time, before it is read again.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::inbox::{Identity, escaped, unescaped};
use super::paths::is_gone;
use super::reload::Terms;
use super::stop::Stop;
use crate::error::{Code, Error, Reject, Result};
use crate::record::json_line;

/// A version of a file, by its path, inode and change time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Suspect {
    path: String,
    inode: u64,
    ctime: String,
}

/// What earlier runs died over, and where this one names what it has in hand.
pub(crate) struct Suspects {
    /// One slot a worker. It is written without a sync: a process that dies takes nothing from the kernel's memory.
    file: File,
    left: Mutex<HashSet<Suspect>>,
    /// Held while one is tried.
    trial: Mutex<()>,
    /// Where the line of one that is tried is written.
    answer: PathBuf,
}

/// Room for the longest path, escaped.
const SLOT: u64 = 32 * 1024;

/// More workers than there are slots for are never started.
pub(crate) const SLOTS: usize = 8;

impl Suspects {
    /// Reads what was in hand when the run before ended.
    pub(crate) fn open(state: &Path) -> Result<Suspects> {
        let path = state.join("in-hand");
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(Error::io("open", &path))?;
        let mut left = HashSet::new();
        for slot in 0..SLOTS as u64 {
            let mut bytes = vec![0; SLOT as usize];
            let read = file.read_at(&mut bytes, slot * SLOT).map_err(Error::io("read", &path))?;
            let line = bytes[..read].split(|&b| b == b'\n').next().unwrap_or_default();
            if let Ok(suspect) = serde_json::from_slice::<Suspect>(line)
                && suspect.stands()
            {
                tracing::warn!(path = suspect.path, "an earlier run ended with it in hand; trying it apart");
                left.insert(suspect);
            }
        }
        // Whoever dies from here on dies over something else.
        file.set_len(0).map_err(Error::io("clear", &path))?;
        Ok(Suspects { file, left: Mutex::new(left), trial: Mutex::new(()), answer: state.join("tried.jsonl") })
    }

    /// Names an input in a worker's slot while its bytes are in the worker's hands. That it cannot be named, as on a full
    /// disk, is no reason to leave it.
    pub(crate) fn hold(&self, worker: usize, path: &Path, identity: &Identity) {
        let _ = self.file.write_all_at(&json_line(&Suspect::new(path, identity)), worker as u64 * SLOT);
    }

    /// The worker has come through, and has nothing in hand any more. While one input follows the other, the next one says
    /// so: what has left and stands in the slot still is no suspect.
    pub(crate) fn release(&self, worker: usize) {
        let _ = self.file.write_all_at(b"\n", worker as u64 * SLOT);
    }

    /// Whether an earlier run died with this version of the input in hand. It is asked once.
    pub(crate) fn is_suspect(&self, path: &Path, identity: &Identity) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        !left.is_empty() && left.remove(&Suspect::new(path, identity))
    }

    /// Reads and labels an input in a process of its own, with the terms in force. One at a time: what fills the memory
    /// must not do so beside another.
    pub(crate) fn try_apart(&self, inbox: &Path, path: &Path, terms: &Terms, stop: &Stop) -> Trial {
        let Some(reader) = terms.config.reader.as_deref() else { return Trial::Inconclusive };
        let _alone = self.trial.lock().unwrap_or_else(PoisonError::into_inner);
        match run_apart(reader, inbox, path, terms, &self.answer, stop) {
            Ok((status, said)) if status.success() => Trial::Lines(said),
            Ok((status, said)) => match death(status) {
                Some(death) if !stop.is_wished() => Trial::Refused(Reject::new(
                    Code::KilledReader,
                    format!("the process that read it ended by {death}; so did an earlier run with it in hand"),
                )),
                // It is said of the path, which nobody needs to hear again.
                _ => {
                    let said = String::from_utf8_lossy(&said);
                    let said = said.rsplit_once(&format!("{}: ", path.display())).map_or("", |(_, refusal)| refusal);
                    Reject::parse(said).map_or(Trial::Inconclusive, Trial::Refused)
                }
            },
            Err(error) => {
                tracing::error!(%error, reader = %reader.display(), "cannot try it in a process of its own");
                Trial::Inconclusive
            }
        }
    }
}

/// How the trial of an input ended.
pub(crate) enum Trial {
    /// It was labelled, and these are its lines.
    Lines(Vec<u8>),
    /// It was refused, or the process died.
    Refused(Reject),
    /// It is gone, or it could not be tried.
    Inconclusive,
}

impl Suspect {
    fn new(path: &Path, identity: &Identity) -> Suspect {
        Suspect { path: escaped(path), inode: identity.inode, ctime: identity.ctime_text() }
    }

    /// Whether that version of the file is where it was. Where that cannot be told, it may be.
    fn stands(&self) -> bool {
        let path = unescaped(&self.path);
        match Identity::at(&path) {
            Ok(identity) => *self == Suspect::new(&path, &identity),
            Err(error) => !is_gone(&error),
        }
    }
}

/// Has `disputed classify` read the file. The answer goes through a file: a pipe would have to be emptied meanwhile.
fn run_apart(
    reader: &Path,
    inbox: &Path,
    path: &Path,
    terms: &Terms,
    answer: &Path,
    stop: &Stop,
) -> io::Result<(ExitStatus, Vec<u8>)> {
    /// A file that takes this long would hold a worker for ever.
    const LONGEST: Duration = Duration::from_secs(60);
    const LOOK_UP: Duration = Duration::from_millis(5);
    let mut command = Command::new(reader);
    command.arg("classify").arg("--apart").arg("--inbox").arg(inbox);
    let limits = &terms.config.limits;
    for (option, most) in [
        ("--max-bytes", limits.bytes),
        ("--max-expanded", limits.expanded),
        ("--max-ratio", limits.ratio),
        ("--max-nesting", limits.nesting as u64),
        ("--max-items", limits.items as u64),
        ("--max-paragraphs", limits.paragraphs as u64),
        ("--max-words", limits.words as u64),
    ] {
        command.arg(option).arg(most.to_string());
    }
    command.args(terms.config.model.iter().flat_map(|model| [Path::new("--model"), model.as_path()]));
    command.args((!terms.config.text).then_some("--no-text"));
    command.args(["--log", "off", "--"]).arg(path).env_clear();
    // Its lines, or what the file is refused for.
    let answers = File::create(answer)?;
    let mut child = command.stdin(Stdio::null()).stdout(answers.try_clone()?).stderr(answers).spawn()?;
    let mut waited = Duration::ZERO;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if waited >= LONGEST || stop.grace_is_over() {
            child.kill()?;
            break child.wait()?;
        }
        std::thread::sleep(LOOK_UP);
        waited += LOOK_UP;
    };
    let said = std::fs::read(answer)?;
    std::fs::remove_file(answer)?;
    Ok((status, said))
}

/// How a process died, where it did not end by itself and was not asked to.
fn death(status: ExitStatus) -> Option<String> {
    /// SIGHUP, SIGINT and SIGTERM are for everybody in the service.
    const ASKED: [i32; 3] = [1, 2, 15];
    /// What a panic that nobody catches ends with.
    const PANIC: i32 = 101;
    match (status.signal(), status.code()) {
        (Some(signal), _) if !ASKED.contains(&signal) => Some(format!("signal {signal}")),
        (_, Some(PANIC)) => Some("a panic".into()),
        _ => None,
    }
}
