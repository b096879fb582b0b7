//! A folder of its own for each test, and the program as its user starts it.

pub(crate) mod disk;
pub(crate) mod ledger;
pub(crate) mod strace;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::Value;

/// How long anything may take before a test fails: far more than it ever does, and less than the daemon's own slow scan,
/// which would make good for an event that was lost.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A temporary folder with an inbox in it.
pub(crate) struct Dir {
    root: tempfile::TempDir,
}

impl Dir {
    pub(crate) fn new() -> Dir {
        Dir::within(&std::env::temp_dir())
    }

    /// A temporary folder in this one.
    pub(crate) fn within(folder: &Path) -> Dir {
        let dir = Dir { root: tempfile::tempdir_in(folder).expect("a temporary folder") };
        fs::create_dir(dir.inbox()).expect("an inbox");
        dir
    }

    pub(crate) fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.path().canonicalize().expect("a folder").join(below)
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.path("inbox")
    }

    pub(crate) fn sink(&self) -> PathBuf {
        self.path("sink.jsonl")
    }

    /// Writes a file in place.
    pub(crate) fn write(&self, below: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::File::create(&path).and_then(|mut file| file.write_all(bytes.as_ref())).expect("a written file");
        path
    }

    /// Writes a file in the inbox that looks as if it had stood there for an hour.
    pub(crate) fn drop_old(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(Path::new("inbox").join(name), bytes);
        age(&path, Duration::from_secs(3600));
        path
    }

    /// Drops a file as a careful producer does: under another name, then renamed.
    pub(crate) fn drop_by_rename(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let part = self.write(format!("inbox/.{name}.part"), bytes);
        fs::rename(part, self.inbox().join(name)).expect("a rename");
    }

    /// `disputed run` over this folder's inbox into its sink.
    pub(crate) fn run(&self) -> Disputed {
        disputed(["run"]).arg("--inbox").arg(self.inbox()).arg("--sink").arg(self.sink())
    }

    /// `disputed run --once` as a user without root's powers, for whom a mode is a mode. The caller must be root, and must
    /// have let that user in.
    pub(crate) fn run_as_nobody(&self) -> Output {
        let program = self.path("disputed");
        fs::copy(env!("CARGO_BIN_EXE_disputed"), &program).expect("a copy that everyone can reach");
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(program)
            .args(["run", "--once", "--inbox"]);
        let command = command.arg(self.inbox()).arg("--sink").arg(self.sink()).current_dir(self.path("."));
        command.output().expect("setpriv")
    }

    /// Has an earlier run died with this file in hand.
    pub(crate) fn suspect(&self, path: &Path) {
        let meta = fs::metadata(path).expect("a file");
        let ctime = UNIX_EPOCH + Duration::new(meta.ctime() as u64, meta.ctime_nsec() as u32);
        let ctime = humantime::format_rfc3339_nanos(ctime).to_string();
        let suspect = serde_json::json!({ "path": path, "inode": meta.ino(), "ctime": ctime });
        self.write("inbox/.disputed/in-hand", format!("{suspect}\n"));
    }

    /// The records in the sink, each valid against the schema.
    pub(crate) fn records(&self) -> Vec<Value> {
        records(&fs::read(self.sink()).unwrap_or_default())
    }

    /// How many lines the sink has by now.
    pub(crate) fn count(&self) -> usize {
        fs::read(self.sink()).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count()
    }

    /// The names in a folder, sorted; none where there is no folder.
    pub(crate) fn names(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(below)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        // The house's own, but for what is looked for there.
        names.retain(|name| name != ".disputed" && name != "embargo");
        names.sort();
        names
    }

    pub(crate) fn reason(&self, name: &str) -> Value {
        let path = self.inbox().join("failed").join(name);
        serde_json::from_slice(&fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
    }
}

/// The digest of these bytes, as records carry it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("b3:{}", blake3::hash(bytes))
}

/// Sets a file's times back.
pub(crate) fn age(path: &Path, by: Duration) {
    let file = fs::File::options().write(true).open(path).expect("a file");
    file.set_modified(std::time::SystemTime::now() - by).expect("its time");
}

/// Lines to records; each must be valid against the schema and end in a line feed.
pub(crate) fn records(bytes: &[u8]) -> Vec<Value> {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| {
        let schema = serde_json::from_str(disputed::RECORD_SCHEMA).expect("JSON");
        jsonschema::validator_for(&schema).expect("a schema")
    });
    assert!(bytes.is_empty() || bytes.ends_with(b"\n"), "the last line has no line feed");
    let lines = bytes.split_inclusive(|&b| b == b'\n');
    lines
        .map(|line| {
            assert!(line.len() <= 48 * 1024, "a line of {} bytes", line.len());
            let record = serde_json::from_slice(line).expect("a JSON line");
            if let Err(e) = schema.validate(&record) {
                panic!("{} at {}: {record}", e, e.instance_path());
            }
            record
        })
        .collect()
}

/// The record without what differs between deliveries of the same bytes.
pub(crate) fn content(record: &Value) -> Value {
    let mut content = record.clone();
    let object = content.as_object_mut().expect("an object");
    object.remove("received_at");
    object.remove("source");
    object.remove("story");
    object.remove("near_duplicate");
    content
}

/// A command line of the program under test.
pub(crate) struct Disputed {
    command: Command,
    input: Vec<u8>,
}

/// The program, with an environment that has no settings in it.
pub(crate) fn disputed<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Disputed {
    let mut command = Command::new(env!("CARGO_BIN_EXE_disputed"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DISPUTED_")) {
        command.env_remove(name);
    }
    command.env_remove("NOTIFY_SOCKET").env_remove("STATE_DIRECTORY");
    Disputed { command, input: Vec::new() }
}

impl Disputed {
    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Disputed {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Disputed {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Disputed {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Disputed {
        self.input = bytes.as_ref().to_vec();
        self
    }

    /// The underlying command, for what few tests need.
    pub(crate) fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// The same, started by another program, such as strace.
    pub(crate) fn under(mut self, program: &str, args: impl IntoIterator<Item = String>) -> Disputed {
        let mut command = Command::new(program);
        command.args(args).arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.command.get_current_dir().map(|folder| command.current_dir(folder));
        self.command = command;
        self
    }

    /// Runs to the end, whatever it is.
    pub(crate) fn output(mut self) -> Output {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that refuses its options never reads.
        let _ = child.stdin.take().expect("a pipe").write_all(&self.input);
        child.wait_with_output().expect("the program ends")
    }

    /// Runs to a success; what it printed.
    pub(crate) fn succeed(self) -> Vec<u8> {
        let output = self.output();
        assert!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Runs to a failure with this code; what it said.
    pub(crate) fn fail(self, code: i32) -> String {
        let output = self.output();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    /// Starts it, and waits until it says that it is ready.
    pub(crate) fn start(mut self) -> Daemon {
        let child = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program starts");
        let (log, stdout) = (child.stderr.take().expect("a pipe"), child.stdout.take().map(BufReader::new));
        let said = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let heard = std::sync::Arc::clone(&said);
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                heard.lock().expect("a lock").push_str(&(line + "\n"));
            }
        });
        let daemon = Daemon { child, stdout, said };
        daemon.wait_for_log("ready");
        daemon
    }
}

/// A running daemon; it is ended when the test ends.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) stdout: Option<BufReader<ChildStdout>>,
    said: std::sync::Arc<std::sync::Mutex<String>>,
}

impl Daemon {
    pub(crate) fn log(&self) -> String {
        self.said.lock().expect("a lock").clone()
    }

    pub(crate) fn wait_for_log(&self, text: &str) {
        wait_for(&format!("{text:?} in the log"), || self.log().contains(text).then_some(()));
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(status.expect("kill").success());
    }

    /// SIGTERM, and a clean end.
    pub(crate) fn stop(mut self) -> String {
        self.signal("TERM");
        let status = self.wait();
        assert_eq!(status, (Some(0), None), "{}", self.log());
        self.log()
    }

    /// Its exit code, or the signal that ended it.
    pub(crate) fn wait(&mut self) -> (Option<i32>, Option<i32>) {
        let status = wait_for("the end of the daemon", || self.child.try_wait().expect("a child"));
        (status.code(), status.signal())
    }

    pub(crate) fn is_gone(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Reads one line of standard output.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        let stdout = self.stdout.as_mut().expect("a pipe");
        let mut line = Vec::new();
        stdout.read_until(b'\n', &mut line).expect("a line");
        line
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until there is an answer; a test that waits too long fails and says for what.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = look() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The material that stands beside the project's root for its developers; a test that needs it says so and ends.
pub(crate) fn shared(below: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(below);
    let there = path.exists();
    if !there {
        eprintln!("skipped: ../shared/{below} is not here");
    }
    there.then_some(path)
}

/// Whether a program is installed; a test that needs one that is not says so and ends.
pub(crate) fn installed(program: &str) -> bool {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).output().expect("sh").status.success();
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// Whether we are root; a test that has to be says so and ends.
pub(crate) fn root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: not root");
    }
    root
}

/// An article on tariffs.
pub(crate) const TARIFFS: &str = "Brussels answers steel tariffs with duties of its own\n\n\
    The European Commission will put import duties on bourbon and motorcycles in answer to the tariffs on steel.\n\n\
    Trade officials said the retaliation followed the rules of the WTO, and that quotas were still on offer.\n";
