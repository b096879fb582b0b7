//! How files come in: what is read, when, and what is left alone.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::{Dir, TARIFFS, wait_for};

#[test]
fn what_is_there_is_worked_and_moved() {
    let dir = Dir::new();
    dir.drop_old("a.txt", TARIFFS);
    dir.drop_old("wire/today/b.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    let mut paths: Vec<String> =
        dir.records().iter().map(|r| r["source"]["path"].as_str().expect("a path").to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["a.txt", "wire/today/b.txt"]);
    assert_eq!(dir.names("inbox/done"), ["a.txt", "wire"]);
    assert_eq!(dir.names("inbox/done/wire/today"), ["b.txt"]);
    assert_eq!(dir.names("inbox/wire/today"), [""; 0]);
    assert_eq!(dir.names("inbox/failed"), [""; 0]);
}

#[test]
fn once_waits_for_a_young_file_to_settle() {
    let dir = Dir::new();
    dir.write("inbox/a.txt", TARIFFS);
    dir.run().args(["--once", "--quiet", "0.2"]).succeed();
    assert_eq!(dir.records().len(), 1);
}

#[test]
fn a_dropped_file_is_read_at_once_whatever_the_quiet_time() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "3600"]).start();
    dir.drop_by_rename("renamed.txt", TARIFFS);
    wait_for("the renamed file", || (dir.names("inbox/done") == ["renamed.txt"]).then_some(()));
    dir.write("inbox/written.txt", TARIFFS);
    wait_for("the written file", || (dir.names("inbox/done") == ["renamed.txt", "written.txt"]).then_some(()));
    daemon.stop();
    assert_eq!(dir.records().len(), 2);
}

#[test]
fn a_writer_that_pauses_is_waited_for() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0.05"]).start();
    let (first, rest) = TARIFFS.split_at(TARIFFS.len() / 2);
    let mut file = fs::File::create(dir.inbox().join("slow.txt")).expect("a file");
    std::io::Write::write_all(&mut file, first.as_bytes()).expect("written");
    // A later file that comes and goes proves that the daemon has looked at the slow one, and let it be.
    dir.write("inbox/quick.txt", TARIFFS);
    wait_for("the quick file", || dir.names("inbox/done").contains(&"quick.txt".to_string()).then_some(()));
    assert!(dir.inbox().join("slow.txt").exists());
    std::io::Write::write_all(&mut file, rest.as_bytes()).expect("written");
    drop(file);
    wait_for("the slow file", || dir.names("inbox/done").contains(&"slow.txt".to_string()).then_some(()));
    daemon.stop();
    let records = dir.records();
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|r| r["source"]["bytes"] == TARIFFS.len()));
}

#[test]
fn a_tree_that_appears_is_read_whole() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0.05"]).start();
    dir.write("inbox/a/b/c/made.txt", TARIFFS);
    dir.write("outside/d/moved.txt", TARIFFS);
    fs::rename(dir.path("outside"), dir.inbox().join("tree")).expect("a rename");
    wait_for("both", || (dir.names("inbox/done/a/b/c") == ["made.txt"]).then_some(()));
    wait_for("both", || (dir.names("inbox/done/tree/d") == ["moved.txt"]).then_some(()));
    // The folders are watched by now: what comes later is seen too.
    dir.write("inbox/a/b/c/later.txt", TARIFFS);
    wait_for("the later one", || dir.names("inbox/done/a/b/c").contains(&"later.txt".to_string()).then_some(()));
    daemon.stop();
    assert_eq!(dir.records().len(), 3);
}

#[test]
fn temporary_names_are_left_alone_until_they_are_renamed() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0.05"]).start();
    for name in [".a.txt.Xy12Zq", "b.txt.part", "c.txt.filepart", "d.txt~", "e.tmp", ".in.f.txt."] {
        dir.write(format!("inbox/{name}"), TARIFFS);
    }
    fs::rename(dir.inbox().join("c.txt.filepart"), dir.inbox().join("c.txt")).expect("a rename");
    wait_for("the renamed file", || (dir.names("inbox/done") == ["c.txt"]).then_some(()));
    daemon.stop();
    assert_eq!(dir.records().len(), 1);
    assert_eq!(dir.names("inbox").len(), 7, "five names, done and failed: {:?}", dir.names("inbox"));
}

#[test]
fn what_is_called_as_our_notes_are_is_left_alone_until_it_is_renamed() {
    let dir = Dir::new();
    dir.drop_old("wire/story.held.json", TARIFFS);
    dir.run().arg("--once").succeed();
    assert_eq!((dir.names("inbox/wire"), dir.records().len()), (vec!["story.held.json".to_string()], 0));
    let explained =
        crate::support::disputed(["scan", "--explain", "--inbox"]).arg(dir.inbox()).arg(dir.inbox()).succeed();
    assert_eq!(explained, b"ignored: *.held.json\twire/story.held.json\n");
    fs::rename(dir.path("inbox/wire/story.held.json"), dir.path("inbox/wire/story.txt")).expect("a rename");
    dir.run().arg("--once").succeed();
    assert_eq!((dir.names("inbox/wire").len(), dir.records().len()), (0, 1));
}

#[test]
fn what_is_no_file_is_left_alone() {
    let dir = Dir::new();
    fs::create_dir(dir.inbox().join("folder.txt")).expect("a folder");
    let secret = dir.write("secret.txt", TARIFFS);
    symlink(&secret, dir.inbox().join("link.txt")).expect("a link");
    symlink("nowhere", dir.inbox().join("dangling.txt")).expect("a link");
    symlink(dir.path("."), dir.inbox().join("up")).expect("a link");
    let fifo = Command::new("mkfifo").arg(dir.inbox().join("fifo.txt")).status().expect("mkfifo");
    assert!(fifo.success());
    let _socket = std::os::unix::net::UnixListener::bind(dir.inbox().join("socket.txt")).expect("a socket");
    dir.drop_old("a.txt", TARIFFS);
    dir.run().args(["--once", "--quiet", "0"]).succeed();
    assert_eq!(dir.records().len(), 1);
    let left = ["dangling.txt", "done", "failed", "fifo.txt", "folder.txt", "link.txt", "socket.txt", "up"];
    assert_eq!(dir.names("inbox"), left);
    assert!(secret.exists());
}

#[test]
fn several_inboxes_share_one_sink() {
    let dir = Dir::new();
    dir.drop_old("a.txt", TARIFFS);
    let second = dir.write("second/a.txt", TARIFFS);
    crate::support::age(&second, std::time::Duration::from_secs(60));
    dir.run().arg("--inbox").arg(dir.path("second")).arg("--once").succeed();
    let mut inboxes: Vec<String> = dir.records().iter().map(|r| r["source"]["inbox"].to_string()).collect();
    inboxes.sort();
    assert_eq!(inboxes.len(), 2);
    assert_ne!(inboxes[0], inboxes[1]);
    assert_eq!((dir.names("inbox/done"), dir.names("second/done")), (vec!["a.txt".into()], vec!["a.txt".into()]));
}

#[test]
fn oldest_files_come_first() {
    let dir = Dir::new();
    for (name, seconds) in [("c.txt", 300), ("a.txt", 100), ("b.txt", 200)] {
        let path = dir.write(format!("inbox/{name}"), TARIFFS);
        crate::support::age(&path, std::time::Duration::from_secs(seconds));
    }
    // With one thread to label, the order in the sink is the order of intake.
    let mut run = dir.run().arg("--once");
    let program = run.command().get_program().to_owned();
    let args: Vec<_> = run.command().get_args().map(ToOwned::to_owned).collect();
    let status =
        Command::new("taskset").args(["-c", "0"]).arg(program).args(args).stderr(std::process::Stdio::null()).status();
    assert!(status.expect("taskset").success());
    let paths: Vec<String> = dir.records().iter().map(|r| r["source"]["path"].to_string()).collect();
    assert_eq!(paths, ["\"c.txt\"", "\"b.txt\"", "\"a.txt\""]);
}

#[test]
fn without_a_quiet_time_no_file_is_taken_while_it_is_written() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "0"]).start();
    for n in 0..50 {
        dir.write(format!("inbox/{n}.txt"), TARIFFS);
    }
    wait_for("all", || (dir.names("inbox/done").len() == 50).then_some(()));
    daemon.stop();
    assert_eq!((dir.records().len(), dir.names("inbox/failed").len()), (50, 0));
}

#[test]
fn any_number_is_a_quiet_time() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--quiet", "1e18"]).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the file", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    daemon.stop();
}

#[test]
fn a_folder_that_is_closed_to_us_stops_nothing_else() {
    if !crate::support::root() {
        return;
    }
    let dir = Dir::new();
    dir.drop_old("closed/a.txt", TARIFFS);
    dir.drop_old("locked/b.txt", TARIFFS);
    dir.drop_old("c.txt", TARIFFS);
    let mode = |below: &str, mode| {
        fs::set_permissions(dir.path(below), std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
    };
    for (below, bits) in [(".", 0o777), ("inbox", 0o777), ("inbox/closed", 0o555), ("inbox/locked", 0o700)] {
        mode(below, bits);
    }
    let run = || assert!(dir.run_as_nobody().status.success());
    run();
    assert_eq!((dir.names("inbox/done"), dir.records().len()), (vec!["c.txt".to_string()], 1));
    mode("inbox/closed", 0o777);
    mode("inbox/locked", 0o777);
    run();
    assert_eq!(
        (dir.names("inbox/done"), dir.records().len()),
        (["c.txt", "closed", "locked"].map(String::from).to_vec(), 3)
    );
}

#[test]
fn a_folder_may_bear_the_name_of_a_file_that_has_left() {
    let dir = Dir::new();
    dir.drop_old("wire", TARIFFS);
    dir.run().arg("--once").succeed();
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    assert_eq!(dir.names("inbox/done"), ["wire", "wire.1"]);
    assert_eq!(dir.names("inbox/done/wire.1"), ["a.txt"]);
}

#[test]
fn a_folder_that_took_the_name_of_another_is_watched() {
    let dir = Dir::new();
    fs::create_dir(dir.inbox().join("sub")).expect("a folder");
    let daemon = dir.run().start();
    dir.write("inbox/sub/first.txt", TARIFFS);
    wait_for("the first", || (dir.names("inbox/done/sub") == ["first.txt"]).then_some(()));
    fs::rename(dir.inbox().join("sub"), dir.path("archive")).expect("a rename");
    fs::create_dir(dir.inbox().join("sub")).expect("a folder");
    dir.write("inbox/sub/second.txt", TARIFFS);
    wait_for("the second", || dir.names("inbox/done/sub").contains(&"second.txt".to_string()).then_some(()));
    dir.write("inbox/sub/third.txt", TARIFFS);
    wait_for("the third", || dir.names("inbox/done/sub").contains(&"third.txt".to_string()).then_some(()));
    daemon.stop();
}

#[test]
fn few_descriptors_are_enough() {
    let dir = Dir::new();
    (0..300).for_each(|n| drop(dir.drop_old(format!("wire/{n:03}.txt"), TARIFFS)));
    let mut run = Command::new("prlimit");
    run.args(["--nofile=60", env!("CARGO_BIN_EXE_disputed"), "run", "--once", "--inbox"]).arg(dir.inbox());
    let output = run.arg("--sink").arg(dir.sink()).output().expect("prlimit");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("WARN"), "{said}");
    assert_eq!((dir.records().len(), dir.names("inbox/done/wire").len()), (300, 300));
}
