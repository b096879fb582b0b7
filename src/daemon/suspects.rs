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
use super::trial::Said;
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
            if let Some(suspect) = held_in(&file, slot).map_err(Error::io("read", &path))?
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

    /// What a worker has in hand.
    pub(crate) fn held_by(&self, worker: usize) -> Option<PathBuf> {
        Some(unescaped(&held_in(&self.file, worker as u64).ok()??.path))
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
        let trial = match run_apart(reader, inbox, path, terms, &self.answer, stop) {
            Ok((End::Itself(status), said)) if status.success() => Ok(Trial::Answered(said)),
            Ok((End::Overlong, said)) => {
                let longest = terms.config.longest.as_secs_f64();
                let message = format!("it takes more than {longest} seconds, which is the limit of an article");
                cut_off(said, Reject::new(Code::TooSlow, message))
            }
            Ok((End::Itself(status), said)) => match death(status) {
                Some(death) if !stop.is_wished() => Ok(Trial::Refused(Reject::new(
                    Code::KilledReader,
                    format!("the process that read it ended by {death}; so did an earlier run with it in hand"),
                ))),
                _ => refused(said, path),
            },
            Err(error) => Err(error),
        };
        trial.unwrap_or_else(|error| {
            tracing::error!(%error, reader = %reader.display(), "cannot try it in a process of its own");
            Trial::Inconclusive
        })
    }
}

/// What stands in a slot.
fn held_in(file: &File, slot: u64) -> io::Result<Option<Suspect>> {
    let mut bytes = vec![0; SLOT as usize];
    let read = file.read_at(&mut bytes, slot * SLOT)?;
    let line = bytes[..read].split(|&b| b == b'\n').next().unwrap_or_default();
    Ok(serde_json::from_slice(line).ok())
}

/// How the trial of an input ended.
pub(crate) enum Trial {
    /// It was read.
    Answered(Said),
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
) -> io::Result<(End, Said)> {
    /// How long the program may take until it has its model, and says so by a line feed.
    const TO_START: Duration = Duration::from_secs(60);
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
    // Its lines, or what the file is refused for. The file is gone when all have closed it.
    let answers = File::options().read(true).write(true).create(true).truncate(true).open(answer)?;
    std::fs::remove_file(answer)?;
    let (stdout, stderr) = (answers.try_clone()?, answers.try_clone()?);
    let mut child = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn()?;
    // Each article has the whole time: as long as the answer grows, the process comes on.
    let (mut waited, mut said) = (Duration::ZERO, 0);
    let end = loop {
        if let Some(status) = child.try_wait()? {
            break End::Itself(status);
        }
        let length = answers.metadata()?.len();
        if length > said {
            (said, waited) = (length, Duration::ZERO);
        }
        let longest = if said == 0 { TO_START } else { terms.config.longest };
        if waited >= longest || stop.grace_is_over() {
            child.kill()?;
            let status = child.wait()?;
            break if waited >= longest && said > 0 { End::Overlong } else { End::Itself(status) };
        }
        std::thread::sleep(LOOK_UP);
        waited += LOOK_UP;
    };
    Ok((end, Said::new(answers)?))
}

/// How a process ended that read an input.
enum End {
    Itself(ExitStatus),
    /// It was ended, because an article took too long.
    Overlong,
}

/// What a process said of an input before it was ended, which may have been in the middle of a line.
fn cut_off(said: Said, reject: Reject) -> io::Result<Trial> {
    let (start, tail) = said.tail(2 * SLOT)?;
    let end = memchr::memrchr(b'\n', &tail).map_or(start, |at| start + at as u64 + 1);
    Ok(ended(said, end, reject))
}

/// What a process said of an input before it named what it refuses it for.
fn refused(said: Said, path: &Path) -> io::Result<Trial> {
    let refusal = format!("disputed: {}: ", path.display());
    let (start, tail) = said.tail(2 * SLOT)?;
    let at = memchr::memmem::rfind(&tail, refusal.as_bytes());
    let reject = at.and_then(|at| tail.get(at + refusal.len()..));
    Ok(match (at, reject.and_then(|reject| Reject::parse(&String::from_utf8_lossy(reject)))) {
        (Some(at), Some(reject)) => ended(said, start + at as u64, reject),
        _ => Trial::Inconclusive,
    })
}

/// The articles that stand before the end of what can be read keep their lines.
fn ended(said: Said, length: u64, reject: Reject) -> Trial {
    let said = said.cut(length, reject.clone());
    if said.is_empty() { Trial::Refused(reject) } else { Trial::Answered(said) }
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
