//! What others do while a batch is on its way from the sink to done/, at the very call where it hurts.
//!
//! strace stops the daemon behind a call, the producer does his worst, and the daemon goes on.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::support::strace::{Call, Target, attached, calls, can_trace, ended, traced};
use crate::support::{Daemon, Dir, TARIFFS, age, wait_for};

const NATO: &str = "NATO allies meet\n\nNATO allies spoke of defence spending and of Article 5.\n";

/// A daemon that was stopped behind a call, while it moves `a.txt`.
struct Stopped {
    dir: Dir,
    daemon: Daemon,
    strace: Child,
}

/// Where the daemon is stopped: each is behind the call on that path, in the words of [`Target`].
const BETWEEN_SYNC_AND_LOOK: (&str, &str) = ("fdatasync", "{}/sink.jsonl");
const BETWEEN_LOOK_AND_RENAME: (&str, &str) = ("statx", "{}/inbox/done");
const BETWEEN_RENAME_AND_LOOK: (&str, &str) = ("renameat2", "{}/inbox/a.txt");

impl Stopped {
    /// Drops [`TARIFFS`] as `a.txt`, and stops at the call; `more` are further options for strace.
    fn at((call, path): (&str, &str), more: &[&str]) -> Stopped {
        let dir = Dir::new();
        let daemon = dir.run().args(["--quiet", "0"]).start();
        let target = Target { call: call.into(), path: Some(path.into()), nth: 1 };
        let mut options = target.options(&dir, "signal=SIGSTOP");
        options.extend(more.iter().map(|option| option.replace("{}", &dir.path("").display().to_string())));
        let log = dir.path("strace.log");
        let strace = attached(daemon.id(), &log, &options);
        dir.drop_by_rename("a.txt", TARIFFS);
        wait_for("the stop", || {
            let said = fs::read_to_string(&log).unwrap_or_default();
            said.contains("stopped by SIGSTOP").then_some(())
        });
        assert_eq!(dir.records().len(), 1, "its line is durable");
        Stopped { dir, daemon, strace }
    }

    /// Lets it go on until so many lines stand and the inbox is empty, then ends it.
    fn go_on(self, lines: usize) -> Dir {
        let Stopped { dir, daemon, strace } = self;
        daemon.signal("CONT");
        wait_for("all to leave", || {
            let standing = fs::read(dir.sink()).expect("a sink").iter().filter(|&&b| b == b'\n').count();
            (standing >= lines && dir.names("inbox") == ["done", "failed"]).then_some(())
        });
        daemon.stop();
        ended(strace);
        dir
    }
}

fn done(dir: &Dir, name: &str) -> String {
    fs::read_to_string(dir.inbox().join("done").join(name)).expect("a file")
}

/// The records' replaced ones and topics.
fn said(records: &[Value]) -> Vec<(Option<&str>, Option<&str>)> {
    records.iter().map(|r| (r["replaces"].as_str(), r["primary"].as_str())).collect()
}

#[test]
fn a_file_that_is_replaced_before_its_rename_is_read_again() {
    if !can_trace() {
        return;
    }
    for place in [BETWEEN_SYNC_AND_LOOK, BETWEEN_LOOK_AND_RENAME] {
        let stopped = Stopped::at(place, &[]);
        stopped.dir.drop_by_rename("a.txt", NATO);
        let dir = stopped.go_on(2);
        let records = dir.records();
        assert_eq!(said(&records), [(None, Some("trade")), (records[0]["id"].as_str(), Some("nato"))], "{place:?}");
        assert_eq!((dir.names("inbox/done"), done(&dir, "a.txt")), (vec!["a.txt".into()], NATO.into()), "{place:?}");
    }
}

#[test]
fn a_file_that_is_written_over_before_its_rename_is_read_again() {
    if !can_trace() {
        return;
    }
    for place in [BETWEEN_SYNC_AND_LOOK, BETWEEN_LOOK_AND_RENAME] {
        let stopped = Stopped::at(place, &[]);
        stopped.dir.write("inbox/a.txt", NATO);
        let dir = stopped.go_on(2);
        let records = dir.records();
        assert_eq!(said(&records), [(None, Some("trade")), (records[0]["id"].as_str(), Some("nato"))], "{place:?}");
        assert_eq!((dir.names("inbox/done"), done(&dir, "a.txt")), (vec!["a.txt".into()], NATO.into()), "{place:?}");
    }
}

#[test]
fn a_file_that_is_taken_away_before_its_rename_keeps_its_line() {
    if !can_trace() {
        return;
    }
    for place in [BETWEEN_SYNC_AND_LOOK, BETWEEN_LOOK_AND_RENAME] {
        let stopped = Stopped::at(place, &[]);
        fs::remove_file(stopped.dir.inbox().join("a.txt")).expect("a file");
        let dir = stopped.go_on(1);
        assert_eq!((dir.records().len(), dir.names("inbox/done").len()), (1, 0), "{place:?}");
        dir.run().arg("--once").succeed();
        assert_eq!(dir.records().len(), 1, "{place:?}");
    }
}

#[test]
fn a_folder_that_gives_way_to_a_file_of_its_name_stalls_nothing() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    let wire = dir.inbox().join("wire");
    fs::create_dir(&wire).expect("a folder");
    let daemon = dir.run().args(["--quiet", "0"]).start();
    let (call, path) = BETWEEN_SYNC_AND_LOOK;
    let target = Target { call: call.into(), path: Some(path.into()), nth: 1 };
    let log = dir.path("strace.log");
    let strace = attached(daemon.id(), &log, &target.options(&dir, "signal=SIGSTOP"));
    fs::rename(dir.write("part", TARIFFS), wire.join("a.txt")).expect("a rename");
    wait_for("the stop", || fs::read_to_string(&log).ok()?.contains("stopped by SIGSTOP").then_some(()));
    fs::rename(&wire, dir.path("elsewhere")).expect("a rename");
    dir.drop_by_rename("wire", NATO);
    daemon.signal("CONT");
    wait_for("the file in its place", || dir.names("inbox/done").contains(&"wire.1".to_string()).then_some(()));
    daemon.stop();
    ended(strace);
    assert_eq!(said(&dir.records()), [(None, Some("trade")), (None, Some("nato"))]);
}

#[test]
fn what_is_no_change_while_a_daemon_runs_is_none_after_it_was_killed() {
    if !can_trace() {
        return;
    }
    type Change = fn(&Path);
    let changes: [(Change, usize); 5] = [
        (|path| fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode"), 1),
        (|path| age(path, Duration::from_secs(60)), 1),
        (|path| fs::hard_link(path, path.with_extension("txt~")).expect("a link"), 1),
        (|path| write_over(path, TARIFFS), 1),
        // Another file with the same bytes is a second delivery, and may well get the inode of the first.
        (|path| fs::remove_file(path).map(|()| write_over(path, TARIFFS)).expect("a file"), 2),
    ];
    for (i, (change, lines)) in changes.into_iter().enumerate() {
        let Stopped { dir, mut daemon, strace } = Stopped::at(BETWEEN_SYNC_AND_LOOK, &[]);
        daemon.signal("KILL");
        daemon.wait();
        ended(strace);
        change(&dir.inbox().join("a.txt"));
        dir.run().args(["--once", "--quiet", "0"]).succeed();
        assert_eq!((dir.records().len(), dir.names("inbox/done")), (lines, vec!["a.txt".to_string()]), "change {i}");
    }
}

fn write_over(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a written file");
}

#[test]
fn a_file_that_comes_behind_the_rename_is_a_delivery_of_its_own() {
    if !can_trace() {
        return;
    }
    for text in [NATO, TARIFFS] {
        let stopped = Stopped::at(BETWEEN_RENAME_AND_LOOK, &[]);
        stopped.dir.drop_by_rename("a.txt", text);
        let dir = stopped.go_on(2);
        let records = dir.records();
        assert_eq!((records.len(), &records[1]["replaces"]), (2, &Value::Null));
        assert_eq!(dir.names("inbox/done"), ["a.1.txt", "a.txt"]);
        assert_eq!((done(&dir, "a.txt"), done(&dir, "a.1.txt")), (TARIFFS.into(), text.into()));
    }
}

#[test]
fn a_file_that_was_moved_in_the_place_of_another_is_read_after_a_crash() {
    if !can_trace() {
        return;
    }
    // The look at what arrived tells that it is another; the next rename would be the one back.
    let back =
        ["--inject=renameat2:signal=SIGKILL:when=2", "--trace=statx,renameat2", "--trace-path={}inbox/done/a.txt"];
    let Stopped { dir, mut daemon, strace } = Stopped::at(BETWEEN_LOOK_AND_RENAME, &back);
    dir.drop_by_rename("a.txt", NATO);
    daemon.signal("CONT");
    assert_eq!(daemon.wait(), (None, Some(9)));
    ended(strace);
    assert_eq!((dir.names("inbox"), done(&dir, "a.txt")), (vec!["done".into(), "failed".into()], NATO.into()));
    dir.run().args(["--once", "--quiet", "0"]).succeed();
    assert_eq!(dir.records().iter().map(|r| r["primary"].as_str()).collect::<Vec<_>>(), [Some("trade"), Some("nato")]);
    assert_eq!((dir.names("inbox/done"), done(&dir, "a.txt")), (vec!["a.txt".into()], NATO.into()));
}

#[test]
fn a_file_that_is_renamed_after_a_crash_has_its_line() {
    if !can_trace() {
        return;
    }
    let Stopped { dir, mut daemon, strace } = Stopped::at(BETWEEN_LOOK_AND_RENAME, &[]);
    daemon.signal("KILL");
    assert_eq!(daemon.wait(), (None, Some(9)));
    ended(strace);
    fs::rename(dir.path("inbox/a.txt"), dir.path("inbox/b.txt")).expect("a rename");
    dir.run().args(["--once", "--quiet", "0"]).succeed();
    assert_eq!((dir.records().len(), dir.names("inbox/done")), (1, vec!["b.txt".to_string()]));
    // Another file is read, whatever inode it has.
    dir.drop_old("a.txt", TARIFFS);
    dir.run().args(["--once", "--quiet", "0"]).succeed();
    assert_eq!((dir.records().len(), dir.names("inbox/done")), (2, vec!["a.txt".to_string(), "b.txt".into()]));
}

#[test]
fn a_file_that_was_written_to_before_its_rename_is_read_after_a_crash() {
    if !can_trace() {
        return;
    }
    // The look at what arrived tells that it is another; the next rename would be the one back.
    let back =
        ["--inject=renameat2:signal=SIGKILL:when=2", "--trace=statx,renameat2", "--trace-path={}inbox/done/a.txt"];
    let Stopped { dir, mut daemon, strace } = Stopped::at(BETWEEN_LOOK_AND_RENAME, &back);
    let file = fs::File::options().append(true).open(dir.inbox().join("a.txt"));
    file.and_then(|mut file| file.write_all(NATO.as_bytes())).expect("an append");
    daemon.signal("CONT");
    assert_eq!(daemon.wait(), (None, Some(9)));
    ended(strace);
    assert_eq!(
        (dir.names("inbox"), done(&dir, "a.txt")),
        (vec!["done".into(), "failed".into()], TARIFFS.to_string() + NATO)
    );
    dir.run().args(["--once", "--quiet", "0"]).succeed();
    let bytes = |record: &Value| record["source"]["bytes"].as_u64();
    let both = [TARIFFS.len(), TARIFFS.len() + NATO.len()].map(|bytes| Some(bytes as u64));
    assert_eq!(dir.records().iter().map(bytes).collect::<Vec<_>>(), both);
    assert_eq!((dir.names("inbox/done"), done(&dir, "a.txt")), (vec!["a.txt".into()], TARIFFS.to_string() + NATO));
}

#[test]
fn the_same_file_dropped_again_after_a_crash_before_the_mark_is_a_second_delivery() {
    if !can_trace() {
        return;
    }
    for (call, path) in [("fsync", "{}/inbox/done"), ("fsync", "{}/inbox"), ("pwrite64", "{}/inbox/.disputed/mark")] {
        let dir = Dir::new();
        let mut daemon = dir.run().args(["--quiet", "0"]).start();
        let target = Target { call: call.into(), path: Some(path.into()), nth: 1 };
        let strace = attached(daemon.id(), &dir.path("log"), &target.options(&dir, "signal=SIGKILL"));
        dir.drop_by_rename("a.txt", TARIFFS);
        assert_eq!(daemon.wait(), (None, Some(9)));
        ended(strace);
        assert_eq!(
            (dir.names("inbox/done"), dir.records().len()),
            (vec!["a.txt".into()], 1),
            "killed behind the rename"
        );
        dir.drop_by_rename("a.txt", TARIFFS);
        dir.run().args(["--once", "--quiet", "0"]).succeed();
        let records = dir.records();
        assert_eq!((records.len(), &records[1]["replaces"]), (2, &Value::Null), "{call} {path}");
        assert_eq!(records[0]["id"], records[1]["id"]);
        assert_eq!(dir.names("inbox/done"), ["a.1.txt", "a.txt"], "{call} {path}");
    }
}

#[test]
fn two_inboxes_with_the_same_name_and_bytes_survive_a_crash_before_the_mark() {
    if !can_trace() {
        return;
    }
    let (mut kills, mut nth) = (0, 0_usize);
    loop {
        nth += 1;
        let dir = Dir::new();
        dir.drop_old("a.txt", TARIFFS);
        dir.write("second/a.txt", TARIFFS);
        let run = || dir.run().args(["--once", "--quiet", "0", "--inbox"]).arg(dir.path("second"));
        // Behind every rename, and behind the last.
        let call = if nth % 2 == 1 { "renameat2" } else { "fsync" };
        let target = Target { call: call.into(), path: None, nth: nth.div_ceil(2) };
        let options = target.options(&dir, "signal=SIGKILL");
        let status = traced(run().command(), &dir.path("log"), &options).status().expect("strace");
        run().succeed();
        let mut inboxes: Vec<String> = dir.records().iter().map(|r| r["source"]["inbox"].to_string()).collect();
        inboxes.sort();
        let expected = ["inbox", "second"].map(|inbox| format!("{:?}", dir.path(inbox)));
        assert_eq!(inboxes, expected, "killed at {call} {}", target.nth);
        for inbox in ["inbox", "second"] {
            assert_eq!(dir.names(inbox), ["done", "failed"], "killed at {call} {}", target.nth);
            assert_eq!(dir.names(&format!("{inbox}/done")), ["a.txt"], "killed at {call} {}", target.nth);
        }
        if status.success() && call == "fsync" {
            break;
        }
        kills += i32::from(!status.success());
    }
    assert!(kills >= 4, "two renames and a few syncs were met: {kills}");
}

/// Where in the calls the first one stands that is meant, behind `from`.
fn position(calls: &[Call], from: usize, name: &str, file: &str) -> Option<usize> {
    let is_it = |call: &Call| call.name == name && call.files.first().is_some_and(|first| first.as_os_str() == file);
    calls.iter().skip(from).position(is_it).map(|at| from + at)
}

/// No kill shows a sync that is missing, and a power cut cannot be had here: but what was synced, and when, the log says.
#[test]
fn what_must_be_durable_first_is_synced_first() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    dir.drop_old("a.txt", TARIFFS);
    dir.drop_old("wire/b.txt", NATO);
    dir.drop_old("bad.txt", "");
    let log = dir.path("strace.log");
    let mut run = dir.run().args(["--once", "--quiet", "0"]);
    let options = ["--trace=%file,%desc".to_string()];
    assert!(traced(run.command(), &log, &options).status().expect("strace").success());
    // Within a thread the order of the log is that of the work, and the start is over before the writer begins.
    let calls: Vec<Call> =
        calls(&log, &dir).into_iter().filter(|call| call.role == "start" || call.role == "writer").collect();
    let at = |from, name: &str, file: &str| position(&calls, from, name, file);

    let line = at(0, "pwrite64", "sink.jsonl").expect("a line");
    let name = at(0, "fsync", "").expect("a sync of the folder of the sink");
    assert!(name < line, "the name of a new sink is durable before there is a line in it");
    let is_note = |call: &Call| call.files[1].extension().is_some_and(|extension| extension == "json");
    let is_move = |call: &Call| call.name == "renameat2" && !is_note(call);
    let renames: Vec<usize> = (0..calls.len()).filter(|&i| is_move(&calls[i])).collect();
    assert_eq!(renames.len(), 4, "a refused file goes through the leaving folder");
    for (i, rename) in renames.into_iter().map(|i| (i, &calls[i])) {
        let context = &rename.line;
        let (from, to) = (rename.files[0].as_path(), rename.files[1].as_path());
        let folder = |file: &std::path::Path| file.parent().expect("a folder").display().to_string();
        if to.starts_with("inbox/done") {
            let written =
                (0..i).rev().find(|&w| calls[w].name == "pwrite64" && calls[w].files[0].ends_with("sink.jsonl"));
            let synced = at(written.expect("a line"), "fdatasync", "sink.jsonl");
            assert!(synced.is_some_and(|synced| synced < i), "its line is durable: {context}");
        } else {
            let beside =
                if to.starts_with("inbox/failed") { "inbox/failed" } else { "inbox/.disputed/leaving/reasons" };
            let reason = format!("{beside}/bad.txt.reason.json");
            let named =
                (0..i).find(|&n| calls[n].name.starts_with("rename") && calls[n].files[1] == Path::new(&reason));
            let named = named.unwrap_or_else(|| panic!("no reason before {context}"));
            let written = calls[named].files[0].display().to_string();
            let synced = at(at(0, "write", &written).expect("a reason"), "fsync", &written);
            assert!(synced.is_some_and(|synced| synced < named), "its reason is durable: {context}");
            let synced = at(named, "fsync", beside);
            assert!(synced.is_some_and(|synced| synced < i), "and so is the name of the reason: {context}");
        }
        if let Some(made) = at(0, "mkdir", &folder(to)).filter(|made| *made < i) {
            let synced = at(made, "fsync", &folder(to.parent().expect("a folder")));
            assert!(
                folder(to) == "inbox/done" || folder(to) == "inbox/failed" || synced.is_some_and(|synced| synced < i)
            );
        }
        let target = at(i, "fsync", &folder(to)).expect("a sync of where it went");
        let source = at(i, "fsync", &folder(from)).expect("a sync of where it came from");
        assert!(target < source, "never in neither folder: {context}");
        if !from.starts_with("inbox/.disputed") {
            let mark = at(i, "pwrite64", "inbox/.disputed/mark").expect("a mark");
            assert!(source < mark, "the mark passes only what has left for good: {context}");
        }
    }
}

/// As on a file system that knows no such rename: every call of it is refused.
#[test]
fn where_a_rename_cannot_be_told_not_to_overwrite_nothing_is_overwritten() {
    if !can_trace() {
        return;
    }
    let dir = Dir::new();
    for text in [TARIFFS, NATO] {
        dir.drop_old("a.txt", text);
        dir.drop_old("bad.txt", "");
        let mut run = dir.run().args(["--once", "--quiet", "0"]);
        let options = ["--trace=renameat2".to_string(), "--inject=renameat2:error=EINVAL".to_string()];
        let status = traced(run.command(), &dir.path("log"), &options).status().expect("strace");
        assert!(status.success());
    }
    let refused = std::fs::read_to_string(dir.path("log")).expect("a log").matches("INJECTED").count();
    assert!(refused >= 3, "the rename was refused {refused} times");
    assert_eq!((done(&dir, "a.txt"), done(&dir, "a.1.txt")), (TARIFFS.into(), NATO.into()));
    assert_eq!(dir.names("inbox/failed"), ["bad.1.txt", "bad.1.txt.reason.json", "bad.txt", "bad.txt.reason.json"]);
    assert_eq!(dir.records().len(), 2);
}
