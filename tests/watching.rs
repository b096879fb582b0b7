//! Where the kernel says too little: a queue that overflows, watches that run out, folders that come and go.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::producers::{FILES, article, assert_each_once, sh, wait_for_files};
use crate::support::{Dir, Disputed, TARIFFS, wait_for};

fn drop_files(folder: &Path, numbers: std::ops::Range<usize>) {
    for (name, text) in numbers.map(article) {
        File::create(folder.join(name)).and_then(|mut file| file.write_all(text.as_bytes())).expect("a written file");
    }
}

/// Raises more events than the kernel's queue holds, of names that are no articles.
fn overflow(inbox: &Path) {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").expect("the length of the queue");
    for n in 0..=most.trim().parse::<u32>().expect("a number") {
        // Two equal events in a row would be one.
        let name = [".odd", ".even"][n as usize % 2];
        File::options().write(true).create(true).truncate(false).open(inbox.join(name)).expect("a file");
    }
    [".odd", ".even"].into_iter().for_each(|name| fs::remove_file(inbox.join(name)).expect("its name"));
}

#[test]
fn what_is_dropped_while_the_queue_overflows_is_read() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    // These are known to be held open; of their close nobody will hear.
    let mut open: Vec<File> = (0..100).map(|n| File::create(dir.inbox().join(article(n).0)).expect("a file")).collect();
    drop_files(&dir.inbox(), 100..200);
    wait_for_files(&dir, 100);
    daemon.signal("STOP");
    overflow(&dir.inbox());
    for (n, file) in open.iter_mut().enumerate() {
        file.write_all(article(n).1.as_bytes()).expect("a text");
    }
    drop(open);
    drop_files(&dir.inbox(), 200..FILES);
    daemon.signal("CONT");
    assert_each_once("queue overflown", &dir, daemon, started);
}

#[test]
fn what_comes_before_at_and_between_the_starts_is_read() {
    let dir = Dir::new();
    let started = Instant::now();
    drop_files(&dir.inbox(), 0..300);
    let inbox = dir.inbox();
    let producer = std::thread::spawn(move || drop_files(&inbox, 300..700));
    let daemon = dir.run().start();
    daemon.stop();
    producer.join().expect("a producer");
    drop_files(&dir.inbox(), 700..FILES);
    let daemon = dir.run().start();
    assert_each_once("before, at, between the starts", &dir, daemon, started);
}

/// The same daemon in a user namespace of its own, in which the kernel keeps to this limit: the machine keeps its own.
fn limited(mut run: Disputed, limit: &str, to: u32) -> Option<Disputed> {
    let script = format!("echo {to} > /proc/sys/user/{limit} && exec \"$@\"");
    let within = |program: &std::ffi::OsStr| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", &script, "sh"]).arg(program);
        command
    };
    if !within("true".as_ref()).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no user namespace can be made here");
        return None;
    }
    let mut command = within(run.command().get_program());
    command.args(run.command().get_args());
    *run.command() = command;
    Some(run)
}

fn assert_polling_was_said_once(log: &str) {
    assert_eq!(log.matches("polling instead").count(), 1, "{log}");
    assert!(!log.contains("No space left"), "{log}");
}

#[test]
fn without_watches_or_instances_the_daemon_polls_from_the_start() {
    for limit in ["max_inotify_watches", "max_inotify_instances"] {
        let dir = Dir::new();
        let Some(run) = limited(dir.run().args(["--quiet", "0.2"]), limit, 0) else { return };
        let daemon = run.start();
        assert_polling_was_said_once(&daemon.log());
        assert!(daemon.log().contains("polling"), "{}", daemon.log());
        let started = Instant::now();
        drop_files(&dir.inbox(), 0..FILES);
        assert_each_once(limit, &dir, daemon, started);
    }
}

#[test]
fn where_watches_run_out_at_the_first_scan_nothing_is_lost() {
    let dir = Dir::new();
    for n in 0..20 {
        fs::create_dir(dir.inbox().join(format!("{n:02}"))).expect("a folder");
    }
    let Some(run) = limited(dir.run(), "max_inotify_watches", 5) else { return };
    let daemon = run.start();
    daemon.wait_for_log("polling instead");
    for n in 0..20 {
        dir.write(format!("inbox/{n:02}/a.txt"), TARIFFS);
    }
    dir.write("inbox/late/a.txt", TARIFFS);
    wait_for("all", || (dir.records().len() == 21).then_some(()));
    assert_polling_was_said_once(&daemon.stop());
}

#[test]
fn where_watches_run_out_later_nothing_is_lost() {
    let dir = Dir::new();
    let Some(run) = limited(dir.run(), "max_inotify_watches", 5) else { return };
    let daemon = run.start();
    dir.write("inbox/first.txt", TARIFFS);
    wait_for("the first", || (dir.records().len() == 1).then_some(()));
    for n in 0..20 {
        dir.write(format!("inbox/{n:02}/a.txt"), TARIFFS);
    }
    daemon.wait_for_log("polling instead");
    dir.write("inbox/late.txt", TARIFFS);
    wait_for("all", || (dir.records().len() == 22).then_some(()));
    assert_polling_was_said_once(&daemon.stop());
}

#[test]
fn who_held_a_file_open_when_watches_ran_out_is_waited_for_no_longer() {
    let dir = Dir::new();
    // The inbox, the folder that it stands in, embargo/, and three folders.
    let Some(run) = limited(dir.run(), "max_inotify_watches", 6) else { return };
    for n in 0..3 {
        fs::create_dir(dir.inbox().join(format!("{n:02}"))).expect("a folder");
    }
    let daemon = run.start();
    let mut open = File::create(dir.inbox().join("open.txt")).expect("a file");
    dir.write("inbox/first.txt", TARIFFS);
    wait_for("the first", || (dir.records().len() == 1).then_some(()));
    for n in 0..20 {
        fs::create_dir_all(dir.inbox().join(format!("{n:02}"))).expect("a folder");
    }
    daemon.wait_for_log("polling instead");
    open.write_all(TARIFFS.as_bytes()).expect("a text");
    drop(open);
    wait_for("the file", || (dir.records().len() == 2).then_some(()));
    assert_polling_was_said_once(&daemon.stop());
}

/// The lines of the sink, not looked into.
fn lines(dir: &Dir) -> usize {
    fs::read(dir.sink()).map_or(0, |sink| sink.iter().filter(|&&b| b == b'\n').count())
}

#[test]
fn of_a_thousand_trees_no_file_is_lost() {
    type Place = fn(usize) -> String;
    let alone: Place = |n| format!("{n}/b/c/f");
    let ways = [
        (
            "mkdir -p, cp",
            alone,
            "for n in $(seq 1000); do mkdir -p \"$2/$n/b/c\" && cp \"$1/1/b/c/f\" \"$2/$n/b/c/\"; done",
        ),
        ("mv of each tree", alone, "for n in $(seq 1000); do mv \"$1/$n\" \"$2/\"; done"),
        ("cp -r of large trees", |n| format!("{}/b/c/{n}", n % 10), "cp -r \"$1\"/* \"$2\"/"),
    ];
    for (way, place, script) in ways {
        let dir = Dir::new();
        let places = || (1..=FILES).map(place);
        places().for_each(|place| drop(dir.write(Path::new("outbox").join(place), TARIFFS)));
        let daemon = dir.run().start();
        let started = Instant::now();
        sh(script)(&dir.path("outbox"), &dir.inbox());
        for goal in (100..=FILES).step_by(100) {
            wait_for(&format!("{way}: {goal} files"), || (lines(&dir) >= goal).then_some(()));
        }
        daemon.stop();
        let seconds = started.elapsed().as_secs_f64();
        let (records, failed) = (dir.records(), dir.names("inbox/failed").len());
        eprintln!("{way:<36} {FILES:>5} files {:>5} lines {failed:>2} failed {seconds:>6.1} s", records.len());
        assert_eq!((records.len(), failed), (FILES, 0), "{way}");
        assert!(records.iter().all(|r| r["source"]["bytes"] == TARIFFS.len()), "{way}");
        let read: BTreeSet<_> = records.iter().filter_map(|r| r["source"]["path"].as_str().map(String::from)).collect();
        assert_eq!(read, places().collect(), "{way}");
        for place in places() {
            assert_eq!(fs::read_to_string(dir.inbox().join("done").join(&place)).expect("a file"), TARIFFS, "{way}");
            assert!(!dir.inbox().join(place).exists(), "{way}");
        }
    }
}

#[test]
fn a_folder_that_is_removed_with_what_waits_in_it_stops_nothing() {
    let dir = Dir::new();
    fs::create_dir_all(dir.inbox().join("sub/below")).expect("folders");
    let daemon = dir.run().start();
    for round in 1..=20 {
        let open: Vec<File> =
            (0..50).map(|n| File::create(dir.inbox().join(format!("sub/below/{n}.txt"))).expect("a file")).collect();
        dir.write("inbox/sub/below/empty.txt", "");
        fs::remove_dir_all(dir.inbox().join("sub")).expect("a folder that goes");
        drop(open);
        dir.write("inbox/sub/below/again.txt", TARIFFS);
        wait_for("the folder that came again", || (lines(&dir) == round).then_some(()));
        wait_for("its empty state", || dir.names("inbox/sub/below").is_empty().then_some(()));
    }
    let log = daemon.stop();
    assert_eq!(
        (dir.records().len(), dir.names("inbox/done/sub/below").len(), dir.names("inbox/failed").len()),
        (20, 20, 0)
    );
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
}

/// Removes the inbox under a running daemon, makes it again, and drops a file.
fn remove_and_make_again(dir: &Dir) {
    dir.write("inbox/first.txt", TARIFFS);
    wait_for("the first", || (dir.names("inbox/done") == ["first.txt"]).then_some(()));
    dir.write("inbox/empty.txt", "");
    fs::remove_dir_all(dir.inbox()).expect("an inbox that goes");
    fs::create_dir(dir.inbox()).expect("another inbox");
    dir.write("inbox/second.txt", TARIFFS);
    wait_for("the second", || (dir.names("inbox/done") == ["second.txt"]).then_some(()));
}

#[test]
fn an_inbox_that_is_made_again_is_followed_where_we_poll() {
    let dir = Dir::new();
    let Some(run) = limited(dir.run(), "max_inotify_watches", 0) else { return };
    let daemon = run.start();
    remove_and_make_again(&dir);
    // The state folder lay in it, and has gone with it: what was delivered must not be delivered again.
    daemon.stop();
    let again = dir.run().start();
    dir.write("inbox/third.txt", TARIFFS);
    wait_for("the third", || (dir.names("inbox/done") == ["second.txt", "third.txt"]).then_some(()));
    again.stop();
    let paths: Vec<_> = dir.records().iter().map(|r| r["source"]["path"].clone()).collect();
    assert_eq!(paths, ["first.txt", "second.txt", "third.txt"]);
}

#[test]
fn an_inbox_that_is_made_again_is_followed_at_once() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    remove_and_make_again(&dir);
    daemon.stop();
    assert_eq!(dir.records().len(), 2);
}
