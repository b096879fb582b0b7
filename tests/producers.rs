//! The producers of the field as they really write, a thousand files each: every file whole, once, and none set aside.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Daemon, Dir, TARIFFS, digest, installed, wait_for};

/// How many files each producer drops.
pub(crate) const FILES: usize = 1000;

/// A producer's pause: longer than the quiet time that nobody has set.
pub(crate) const PAUSE: Duration = Duration::from_millis(2500);

/// The name and the text of a file. No two are alike, and every hundredth takes several writes.
pub(crate) fn article(n: usize) -> (String, String) {
    let paragraph = format!("Dispatch {n} of the day spoke of the tariffs on steel and of the answer to them.\n\n");
    (format!("{n:04}.txt"), format!("{TARIFFS}\n") + &paragraph.repeat(if n.is_multiple_of(100) { 2000 } else { 1 }))
}

/// Sends all files with a producer of its own ways, past a daemon with default settings.
fn deliver(producer: &str, outbox: &Path, send: impl FnOnce(&Path, &Path)) {
    fs::create_dir_all(outbox).expect("a folder");
    for (name, text) in (0..FILES).map(article) {
        File::create(outbox.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("a written file");
    }
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    send(outbox, &dir.inbox());
    assert_each_once(producer, &dir, daemon, started);
}

/// Waits until so many have left. Each hundred has a deadline of its own: a slow machine is no defect.
pub(crate) fn wait_for_files(dir: &Dir, count: usize) {
    let done = dir.inbox().join("done");
    for goal in (100..count).step_by(100).chain([count]) {
        wait_for(&format!("{goal} of {count} files"), || (fs::read_dir(&done).ok()?.count() >= goal).then_some(()));
    }
}

/// Holds the sink and done/ against what was sent, and says how long it took.
pub(crate) fn assert_each_once(producer: &str, dir: &Dir, daemon: Daemon, started: Instant) {
    wait_for_files(dir, FILES);
    let taken = started.elapsed();
    daemon.stop();
    let (records, failed) = (dir.records(), dir.names("inbox/failed"));
    eprintln!(
        "{producer:<36} {FILES:>5} files {:>5} lines {:>2} failed {:>6.1} s",
        records.len(),
        failed.len(),
        taken.as_secs_f64()
    );
    let sent: BTreeSet<_> = (0..FILES).map(article).map(|(name, text)| (name, digest(text.as_bytes()))).collect();
    let string = |value: &Value| value.as_str().expect("a string").to_string();
    let read: BTreeSet<_> =
        records.iter().map(|r| (string(&r["source"]["path"]), string(&r["source"]["digest"]))).collect();
    assert_eq!(failed, [""; 0], "{producer}");
    assert_eq!(read.difference(&sent).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{producer}: not so sent");
    assert_eq!((records.len(), read.len()), (FILES, FILES), "{producer}: each has one line");
    for (name, text) in (0..FILES).map(article) {
        let kept = fs::read_to_string(dir.inbox().join("done").join(&name)).expect("a file in done/");
        assert!(kept == text, "{producer}: done/{name} has {} bytes of {}", kept.len(), text.len());
    }
    assert_eq!(dir.names("inbox"), ["done", "failed"], "{producer}");
    assert_eq!(dir.names("inbox/done").len(), FILES, "{producer}");
}

/// Runs a shell script on the outbox, $1, and the inbox, $2.
pub(crate) fn sh(script: &str) -> impl FnOnce(&Path, &Path) {
    move |outbox, inbox| {
        let status = Command::new("sh").args(["-ec", script, "sh"]).arg(outbox).arg(inbox).status().expect("sh");
        assert!(status.success(), "{script}: {status}");
    }
}

#[test]
fn a_copy_a_move_and_a_download_are_read_whole_and_once() {
    let scripts = [
        ("mv", "mv \"$1\"/* \"$2\"/"),
        ("cp", "cp \"$1\"/* \"$2\"/"),
        ("cp -p", "cp -p \"$1\"/* \"$2\"/"),
        ("tar -x", "tar -C \"$1\" -c . | tar -C \"$2\" -x"),
        ("ln, rm", "ln \"$1\"/* \"$2\"/; rm -r \"$1\""),
        ("curl -o", "curl -s \"file://$1/[0000-0999].txt\" -o \"$2/#1.txt\""),
        ("rsync -a", "rsync -a \"$1\"/ \"$2\"/"),
        ("rsync --inplace", "rsync --inplace -r \"$1\"/ \"$2\"/"),
        ("rsync --delay-updates", "rsync --delay-updates -a \"$1\"/ \"$2\"/"),
    ];
    for (producer, script) in scripts {
        let tool = producer.split(' ').next().expect("a word").trim_end_matches(',');
        if installed(tool) {
            let dir = Dir::new();
            deliver(producer, &dir.path("outbox"), sh(script));
        }
    }
}

#[test]
fn a_move_from_another_file_system_is_read_whole_and_once() {
    let (here, memory) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir_in("/dev/shm"));
    let device = |folder: &Path| fs::metadata(folder).expect("a folder").dev();
    match memory {
        Ok(memory) if device(memory.path()) != device(here.path()) => {
            deliver("mv from another file system", memory.path(), sh("mv \"$1\"/* \"$2\"/"));
        }
        _ => eprintln!("skipped: /dev/shm is no file system of its own"),
    }
}

/// An SSH server on the loopback interface, with keys of its own; it ends with the test.
struct Sshd {
    child: Child,
    /// How a client gets in.
    options: String,
}

impl Sshd {
    fn start(dir: &Dir) -> Option<Sshd> {
        if !["sshd", "sftp", "scp"].into_iter().all(installed) {
            return None;
        }
        // Started by root it locks itself up in this folder, which else the system's service makes.
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").expect("a folder");
        }
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen").args(["-qt", "ed25519", "-N", "", "-f"]).arg(dir.path(key)).status();
            assert!(made.expect("ssh-keygen").success());
        }
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let (host, user, here) = (dir.path("host"), dir.path("user"), dir.path("."));
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}.pub\nPidFile none\nStrictModes no\n\
             UsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n",
            host.display(),
            user.display()
        );
        let config = dir.write("sshd_config", config);
        let log = File::create(dir.path("sshd.log")).expect("a log");
        // It starts itself anew for each client, and wants to know by which path.
        let mut child = Command::new("sh");
        child.args(["-c", "exec \"$(command -v sshd)\" -D -e -f \"$1\"", "sh"]).arg(config).stderr(log);
        let mut child = child.current_dir(here).spawn().expect("sh");
        let started = wait_for("the SSH server", || {
            let ended = child.try_wait().expect("a child").map(|_| false);
            ended.or_else(|| TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(true))
        });
        let options = format!(
            "-q -F none -P {port} -i {} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no \
             -o UserKnownHostsFile=/dev/null",
            user.display()
        );
        if !started {
            eprintln!("skipped: {}", fs::read_to_string(dir.path("sshd.log")).expect("a log"));
        }
        started.then_some(Sshd { child, options })
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_upload_over_ssh_is_read_whole_and_once() {
    let dir = Dir::new();
    let Some(server) = Sshd::start(&dir) else { return };
    let scp = format!("scp {} \"$1\"/* 127.0.0.1:\"$2\"/", server.options);
    deliver("scp", &dir.path("scp"), sh(&scp));
    let sftp = format!("echo \"put $1/* $2/\" | sftp {} -b - 127.0.0.1 > /dev/null", server.options);
    deliver("sftp", &dir.path("sftp"), sh(&sftp));
}

#[test]
fn a_name_in_the_making_is_read_under_its_last_name_once() {
    type Names = fn(&str) -> String;
    let producers: [(&str, Names); 4] = [
        ("WinSCP: .filepart", |name| format!("{name}.filepart")),
        ("ProFTPD: .in.NAME.", |name| format!(".in.{name}.")),
        ("GNOME editor: .goutputstream-", |name| format!(".goutputstream-{}", &name[..4])),
        ("browser: .crdownload", |name| format!("{name}.crdownload")),
    ];
    for (producer, name_in_the_making) in producers {
        let dir = Dir::new();
        deliver(producer, &dir.path("outbox"), |outbox, inbox| {
            for (name, _) in (0..FILES).map(article) {
                let part = inbox.join(name_in_the_making(&name));
                fs::copy(outbox.join(&name), &part).expect("a copy");
                fs::rename(part, inbox.join(&name)).expect("a rename");
            }
        });
    }
}

#[test]
fn a_thousand_writers_that_pause_are_waited_for() {
    if raise_descriptor_limit() < 2 * FILES as u64 {
        eprintln!("skipped: no {FILES} files can be held open here");
        return;
    }
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    let mut open: Vec<(File, String)> = (0..FILES)
        .map(article)
        .map(|(name, text)| (File::create(dir.inbox().join(name)).expect("a file"), text))
        .collect();
    let mut rest: Vec<usize> = vec![0; FILES];
    for round in 1..=3 {
        for ((file, text), from) in open.iter_mut().zip(&mut rest) {
            let to = text.len() * round / 3;
            file.write_all(&text.as_bytes()[*from..to]).expect("a piece");
            *from = to;
        }
        if round < 3 {
            sleep(PAUSE);
            assert_eq!(dir.names("inbox/done"), [""; 0], "none is taken before its writer closes it");
        }
    }
    drop(open);
    assert_each_once("held open, written in three rounds", &dir, daemon, started);
}

fn raise_descriptor_limit() -> u64 {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
    limit.current.unwrap_or(u64::MAX)
}
