//! The program under strace: which file system calls it makes, and a signal or an error at any one of them.
//!
//! strace counts the calls of each thread for itself (`when=N`), and can be told to count those on one path alone (`-P`).
//! So a call is aimed at by its name, a path and a number; which call was hit, its log says.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::{Dir, installed, wait_for};

/// Calls that have a path or a descriptor and change nothing that could matter.
const NOISE: [&str; 13] = [
    "mmap", "munmap", "close", "fcntl", "ioctl", "lseek", "readlink", "getcwd", "poll", "ppoll", "epoll_", "inotify_",
    "dup",
];

/// Calls that answer a question, and give no descriptor.
const LOOKS: [&str; 3] = ["stat", "access", "getdents"];

/// Whether there is a strace here that may trace; a test that needs one says so and ends.
pub(crate) fn can_trace() -> bool {
    if !installed("strace") {
        return false;
    }
    let trial = ["-f", "-y", "-Y", "-o", "/dev/null", "-P", "/", "-e", "inject=openat:error=EIO:when=9", "true"];
    let allowed = Command::new("strace").args(trial).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    if !allowed {
        eprintln!("skipped: strace may not trace here, or is too old");
    }
    allowed
}

/// One call on a file of ours, as it was entered.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) thread: u32,
    /// The thread's name, without its number.
    pub(crate) role: String,
    pub(crate) name: String,
    /// Everything that strace would compare with the path that it was given: strings as they stand, and the paths of
    /// descriptors.
    words: Vec<String>,
    /// The files that it is about, below the folder of the test.
    pub(crate) files: Vec<PathBuf>,
    /// The whole line.
    pub(crate) line: String,
}

/// What is aimed at: the `nth` call of this name, by the first thread that comes so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    pub(crate) call: String,
    /// Only calls on this path count; the folder of the test is written as `{}`.
    pub(crate) path: Option<String>,
    pub(crate) nth: usize,
}

impl Target {
    /// The options that do `what` at this call.
    pub(crate) fn options(&self, dir: &Dir, what: &str) -> Vec<String> {
        let Target { call, path, nth } = self;
        let mut options = vec![format!("--trace={call}"), format!("--inject={call}:{what}:when={nth}")];
        options.extend(path.iter().map(|path| format!("--trace-path={}", path.replace("{}", &root_of(dir)))));
        options
    }

    /// The call that was hit: in the log of a run with [`Target::options`], which has no others.
    pub(crate) fn hit(&self, calls: &[Call]) -> Option<Call> {
        let mut counts = HashMap::new();
        let mut entered = calls.iter().filter(|call| call.name == self.call);
        entered.find(|call| add_one(&mut counts, call.thread) == self.nth).cloned()
    }
}

fn add_one<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: K) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count
}

fn root_of(dir: &Dir) -> String {
    dir.path("").display().to_string().trim_end_matches('/').to_string()
}

impl Call {
    /// What is done to what kind of file, by whom: `writer fsync done`. Where it only looks, the file does not matter.
    pub(crate) fn step(&self) -> String {
        let mut step = format!("{} {}", self.role, self.name);
        if self.looks() {
            return step;
        }
        for (i, file) in self.files.iter().enumerate() {
            let arrow = if i > 0 { " →" } else { "" };
            write!(step, "{arrow} {}", kind(file)).expect("memory");
        }
        step
    }

    /// Whether it was made by the process in which the daemon tries a suspect: it is started by the name /proc/self/exe,
    /// and until then it is a worker that makes calls of its own.
    pub(crate) fn is_of_trial(&self) -> bool {
        self.role == "exe" || ["execve", "dup2", "dup3"].contains(&self.name.as_str())
    }

    /// Whether it answers a question, and no more.
    pub(crate) fn looks(&self) -> bool {
        LOOKS.iter().any(|look| self.name.contains(look))
    }

    /// Whether it can change what stands on the disk.
    pub(crate) fn changes(&self) -> bool {
        let only_opens = self.name.starts_with("open") && !self.line.contains("O_CREAT");
        !(self.looks() || only_opens || self.name.contains("read") || self.name == "flock")
    }
}

/// A file of the test by its part in the protocol; numbers are left out, so that the next run has the same.
fn kind(file: &Path) -> String {
    let text = file.display().to_string();
    let is_file = text.ends_with(".txt");
    let parts: Vec<&str> = text.split('/').collect();
    match parts[..] {
        [""] => "sink's folder".into(),
        ["sink.jsonl"] => "sink".into(),
        ["inbox"] => "inbox".into(),
        ["inbox", ".disputed"] => "state".into(),
        ["inbox", ".disputed", name] => format!("state/{}", numberless(name)),
        ["inbox", ".disputed", name, ..] => format!("state/{}/…", numberless(name)),
        ["inbox", folder @ ("done" | "failed" | "embargo")] => folder.into(),
        ["inbox", "embargo", ".disputed", ..] => "embargo/state".into(),
        ["inbox", "embargo", ..] if text.ends_with(".held.json") => "note".into(),
        ["inbox", "embargo", ..] => "embargo/file".into(),
        ["inbox", "failed", ..] if text.ends_with(".reason.json") => "reason".into(),
        ["inbox", folder @ ("done" | "failed"), ..] => format!("{folder}/{}", if is_file { "file" } else { "folder" }),
        ["inbox", ..] => (if is_file { "input" } else { "inbox/folder" }).into(),
        _ => numberless(&text),
    }
}

fn numberless(name: &str) -> String {
    let mut short = String::new();
    for c in name.chars() {
        match c.is_ascii_digit() {
            true if short.ends_with('#') => {}
            true => short.push('#'),
            false => short.push(c),
        }
    }
    short
}

/// Every call that a log tells of, in the order in which they were entered.
pub(crate) fn calls(log: &Path, dir: &Dir) -> Vec<Call> {
    let text = String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned();
    text.lines().filter_map(|line| parse(line, &root_of(dir))).collect()
}

/// `17519<writer> fsync(14</tmp/x/inbox>) = 0`
fn parse(line: &str, root: &str) -> Option<Call> {
    let (thread, rest) = line.split_once('<')?;
    let (role, rest) = rest.split_once("> ")?;
    let (name, rest) = rest.trim_start().split_once('(')?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    // What stands after the sign is the answer.
    let arguments = rest.rsplit_once(" = ").map_or(rest, |(arguments, _)| arguments);
    let is_data = ["read", "write", "send", "recv"].iter().any(|data| name.contains(data)) && name != "readlink";
    let (mut words, mut files, mut folder) = (Vec::new(), Vec::new(), None);
    let mut before = ' ';
    let mut at = arguments.char_indices();
    while let Some((i, c)) = at.next() {
        // A descriptor is a number with its path behind it.
        let end = match c {
            '<' if before.is_ascii_digit() || before == 'D' => arguments[i + 1..].find('>'),
            '"' => arguments[i + 1..].find('"'),
            _ => None,
        };
        before = c;
        let Some(end) = end else { continue };
        let word = &arguments[i + 1..i + 1 + end];
        at.by_ref().find(|&(j, _)| j == i + 1 + end);
        if c == '"' && is_data {
            break;
        }
        if c == '<' {
            folder = below(word, root);
            files.extend(folder.clone());
        } else if !word.is_empty() {
            if word.starts_with('/') {
                files.extend(below(word, root));
            } else if let Some(folder) = folder.take() {
                files.pop();
                files.push(folder.join(word));
            }
        }
        words.push(word.to_string());
    }
    let role = match role.split(['-', ' ']).next() {
        Some("disputed") => "start",
        Some("tokio") => "intake",
        role => role.unwrap_or_default(),
    };
    let (role, name) = (role.to_string(), name.to_string());
    Some(Call { thread: thread.parse().ok()?, role, name, words, files, line: line.to_string() })
}

fn below(path: &str, root: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix(root)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| PathBuf::from(rest.trim_matches('/')))
}

/// Every call of a reference run that can be aimed at, each with the step that it is, and with all the ways to aim at
/// it: the daemon's own calls on files of the test, from the first that makes or opens one. Second: the calls that no
/// aim reaches.
pub(crate) fn aims(log: &[Call], dir: &Dir) -> (Vec<(Call, Vec<Target>)>, Vec<Call>) {
    let opens =
        |call: &Call| ["open", "mkdir"].iter().any(|open| call.name.starts_with(open)) && !call.files.is_empty();
    let begin = log.iter().position(opens).unwrap_or(log.len());
    let of_protocol = |call: &Call| !call.files.is_empty() && !NOISE.iter().any(|noise| call.name.starts_with(noise));
    // Aimed at with a path, a call is the first whose thread comes to that number of calls on that path.
    let mut first: BTreeMap<Target, usize> = BTreeMap::new();
    let mut counts = HashMap::new();
    for (i, call) in log.iter().enumerate() {
        let mut paths: Vec<Option<String>> = call.words.iter().filter(|w| !w.is_empty()).cloned().map(Some).collect();
        paths.push(None);
        paths.sort();
        paths.dedup();
        for path in paths {
            let nth = add_one(&mut counts, (call.thread, call.name.clone(), path.clone()));
            let path = path.map(|path| path.replace(&root_of(dir), "{}"));
            first.entry(Target { call: call.name.clone(), path, nth }).or_insert(i);
        }
    }
    let mut aims: BTreeMap<usize, Vec<Target>> = BTreeMap::new();
    for (target, i) in first {
        // A path in the folder of the test is the surest: nothing else has it.
        let sure = target.path.as_ref().is_some_and(|path| path.contains("{}"));
        let targets = aims.entry(i).or_default();
        targets.insert(if sure { 0 } else { targets.len() }, target);
    }
    let ours = log.iter().enumerate().skip(begin).filter(|(_, call)| of_protocol(call));
    let (mut reached, mut missed) = (Vec::new(), Vec::new());
    for (i, call) in ours {
        match aims.remove(&i) {
            Some(targets) => reached.push((call.clone(), targets)),
            None => missed.push(call.clone()),
        }
    }
    (reached, missed)
}

/// The options of every traced run: threads and descriptors by name, and no limit to what is traced but what follows.
pub(crate) fn strace(log: &Path, options: &[String]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-Y", "-o"]).arg(log);
    if options.is_empty() {
        strace.arg("--trace=%file,%desc,%network");
    }
    strace.args(options);
    strace
}

/// Traces what `command` would run, to its end.
pub(crate) fn traced(command: &Command, log: &Path, options: &[String]) -> Command {
    let mut strace = strace(log, options);
    strace.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace
}

/// Traces a process that runs already, from now on; it has told when this returns.
pub(crate) fn attached(process: u32, log: &Path, options: &[String]) -> Child {
    let mut strace = strace(log, options);
    strace.args([OsStr::new("-p"), OsStr::new(&process.to_string())]).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = strace.spawn().expect("strace");
    let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    assert!(line.contains("attached"), "{line}");
    // Somebody has to read what it says later.
    std::thread::spawn(move || said.lines().map_while(Result::ok).count());
    child
}

/// Waits for strace's own end, which comes with that of its tracee.
pub(crate) fn ended(mut strace: Child) {
    wait_for("the end of strace", || strace.try_wait().expect("a child"));
}
