//! What becomes of a file after its line: moved here or to another file system, deleted, kept; and of one that kills its
//! reader, or whose writer went on.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::answers::status;
use crate::support::disk::Disk;
use crate::support::{Dir, TARIFFS, age, disputed, records, wait_for};

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).and_then(|m| m.modified()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn done_and_failed_may_be_on_another_file_system() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=4m") else { return };
    let run = || dir.run().arg("--done").arg(disk.at.join("done")).arg("--failed").arg(disk.at.join("failed"));
    let dropped = dir.drop_old("wire/a.txt", TARIFFS);
    let time = modified(&dropped);
    dir.drop_old("wire/bad.txt", "");
    run().arg("--once").succeed();
    assert_eq!(fs::read_to_string(disk.at.join("done/wire/a.txt")).expect("the file"), TARIFFS);
    assert_eq!(modified(&disk.at.join("done/wire/a.txt")), time);
    assert_eq!(dir.names("disk/failed/wire"), ["bad.txt", "bad.txt.reason.json"]);
    assert_eq!(dir.names("inbox"), ["wire"]);
    assert_eq!(fs::read_dir(dir.inbox().join(".disputed/leaving")).map_or(0, Iterator::count), 0);
    // The same name with other bytes, or of another time, is another file.
    dir.drop_old("wire/a.txt", TARIFFS);
    run().arg("--once").succeed();
    assert_eq!(dir.names("disk/done/wire"), ["a.1.txt", "a.txt"]);
    assert_eq!(dir.records().len(), 2);
}

#[test]
fn what_was_copied_before_a_crash_is_not_copied_again() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=4m") else { return };
    let run = || dir.run().arg("--once").arg("--done").arg(disk.at.join("done"));
    dir.drop_old("first.txt", TARIFFS);
    run().succeed();
    // As after a crash between the copy and the removal, in the middle of a copy, and before it.
    let leaving = |name: &str| dir.drop_old(format!(".disputed/leaving/done/{name}"), TARIFFS);
    for name in ["copied.txt", "fresh.txt"] {
        leaving(name);
    }
    let copy = disk.at.join("done/copied.txt");
    fs::copy(dir.inbox().join(".disputed/leaving/done/copied.txt"), &copy).expect("a copy");
    let time = modified(&dir.inbox().join(".disputed/leaving/done/copied.txt"));
    fs::File::options().write(true).open(&copy).and_then(|f| f.set_modified(time)).expect("its time");
    run().succeed();
    assert_eq!(dir.names("disk/done"), ["copied.txt", "first.txt", "fresh.txt"]);
    assert_eq!(dir.names("inbox/.disputed/leaving"), [""; 0]);
}

#[test]
fn a_full_done_folder_pauses_intake_and_loses_nothing() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=64k") else { return };
    let filler = disk.at.join("filler");
    fs::create_dir(disk.at.join("done")).expect("a folder");
    let full = fs::File::create(&filler).and_then(|mut f| f.write_all(&[b'x'; 64 * 1024]));
    assert!(full.is_err() || fs::write(disk.at.join("more"), "x").is_err(), "the disk is full");
    let daemon = dir.run().arg("--done").arg(disk.at.join("done")).start();
    for n in 0..5 {
        dir.drop_by_rename(&format!("{n}.txt"), TARIFFS);
    }
    daemon.wait_for_log("intake pauses until this works");
    let said = disputed(["status", "--inbox"]).arg(dir.inbox()).fail(75);
    assert!(said.contains("paused"), "{said}");
    fs::remove_file(&filler).expect("space");
    wait_for("all to be done", || (dir.names("disk/done").len() == 5).then_some(()));
    daemon.stop();
    assert_eq!((dir.records().len(), dir.names("inbox")), (5, vec!["failed".to_string()]));
}

#[test]
fn a_disk_with_room_for_a_few_lines_at_a_time_gets_them_all() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=1m") else { return };
    let (inbox, sink, filler) = (disk.at.join("inbox"), disk.at.join("sink.jsonl"), disk.at.join("filler"));
    fs::create_dir(&inbox).expect("a folder");
    fs::write(&filler, [b'x'; 16 * 1024]).expect("a file in the way");
    let daemon = disputed(["run", "--inbox"]).arg(&inbox).arg("--sink").arg(&sink).start();
    daemon.signal("STOP");
    let (mut dropped, part) = (0, inbox.join(".part"));
    // Until neither a line nor another file has room.
    while fs::write(&part, format!("{dropped}\n\n{TARIFFS}")).is_ok() {
        fs::rename(&part, inbox.join(format!("{dropped}.txt"))).expect("a rename");
        dropped += 1;
    }
    daemon.signal("CONT");
    daemon.wait_for_log("intake pauses until this works");
    // There is room for a few lines, far from all; a consumer collects what is done, and so makes room for more.
    fs::remove_file(&filler).expect("the file in the way");
    let mut collected = 0;
    wait_for("all lines", || {
        for done in fs::read_dir(inbox.join("done")).expect("a folder").flatten() {
            fs::remove_file(done.path()).expect("a file that is done");
            collected += 1;
        }
        (collected == dropped).then_some(())
    });
    daemon.stop();
    let records = records(&fs::read(&sink).expect("a sink"));
    let mut paths: Vec<String> = records.iter().map(|r| r["source"]["path"].to_string()).collect();
    paths.sort();
    paths.dedup();
    assert_eq!((records.len(), paths.len()), (dropped, dropped));
}

#[test]
fn files_may_be_deleted_after_their_line() {
    let dir = Dir::new();
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.drop_old("bad.txt", "");
    // As after a crash between the move and the removal.
    dir.drop_old(".disputed/leaving/deleted/earlier.txt", TARIFFS);
    dir.run().args(["--once", "--after", "delete"]).succeed();
    assert_eq!((dir.names("inbox/wire"), dir.names("inbox/done")), (vec![], vec![]));
    assert_eq!(dir.names("inbox/failed"), ["bad.txt", "bad.txt.reason.json"]);
    assert!(!dir.inbox().join(".disputed/leaving").exists());
    assert_eq!(dir.records().len(), 1);
}

#[test]
fn files_may_stay_after_their_line_and_are_not_read_again() {
    let dir = Dir::new();
    let path = dir.drop_old("a.txt", TARIFFS);
    let run = || dir.run().args(["--after", "keep"]);
    let daemon = run().start();
    wait_for("the line", || (dir.records().len() == 1).then_some(()));
    dir.drop_by_rename("b.txt", TARIFFS);
    wait_for("the second line", || (dir.records().len() == 2).then_some(()));
    wait_for("the count", || (status(&dir)["done"] == 2).then_some(()));
    daemon.stop();
    run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 2, "they are remembered");
    let scan = disputed(["scan", "--explain"]).arg(dir.inbox()).arg("--inbox").arg(dir.inbox()).succeed();
    assert!(String::from_utf8_lossy(&scan).starts_with("kept: its line stands\ta.txt"));

    fs::File::options().append(true).open(&path).and_then(|mut f| f.write_all(b"\nIt goes on.\n")).expect("more");
    age(&path, std::time::Duration::from_secs(60));
    run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 3, "a version that has changed is another");
    assert_eq!(dir.names("inbox"), ["a.txt", "b.txt", "done", "failed"]);

    fs::remove_file(dir.inbox().join(".disputed/kept.jsonl")).expect("the memory");
    fs::remove_file(dir.inbox().join(".disputed/mark")).expect("the mark");
    run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 3, "the end of the sink knows them too");
}

#[test]
fn a_file_that_stays_and_looks_like_another_version_for_a_moment_is_waited_for_no_longer() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--after", "keep"]).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the count", || (status(&dir)["done"] == 1).then_some(()));
    let path = dir.inbox().join("a.txt");
    let time = modified(&path);
    // As of `rsync --inplace`: the same bytes once more, and then the time that they had.
    fs::File::options().write(true).open(&path).and_then(|mut f| f.write_all(TARIFFS.as_bytes())).expect("the same");
    std::thread::sleep(std::time::Duration::from_millis(8));
    fs::File::open(&path).and_then(|file| file.set_modified(time)).expect("its time");
    dir.drop_by_rename("b.txt", TARIFFS);
    wait_for("the second line", || (dir.records().len() == 2).then_some(()));
    wait_for("nothing that waits", || (status(&dir)["pending"] == 0).then_some(()));
    daemon.stop();
    assert_eq!(dir.records().len(), 2);
}

#[test]
fn what_stays_is_remembered_while_the_next_line_is_lingered_for() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--after", "keep", "--linger", "2"]).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the line", || (dir.records().len() == 1).then_some(()));
    dir.drop_by_rename("b.txt", TARIFFS);
    let memory = dir.inbox().join(".disputed/kept.jsonl");
    wait_for("its memory", || (fs::metadata(&memory).ok()?.len() > 0).then_some(()));
    assert_eq!(dir.records().len(), 1);
    daemon.stop();
}

#[test]
fn what_stays_is_remembered_where_the_reader_is_gone_before_the_next_line() {
    let dir = Dir::new();
    let run = || disputed(["run", "--after", "keep", "--sink", "-"]).arg("--inbox").arg(dir.inbox());
    let mut daemon = run().start();
    dir.drop_by_rename("a.txt", TARIFFS);
    assert_eq!(records(&daemon.line()).len(), 1);
    drop(daemon.stdout.take());
    dir.drop_by_rename("b.txt", TARIFFS);
    assert_eq!(daemon.wait(), (Some(74), None), "{}", daemon.log());
    let paths: Vec<_> = records(&run().arg("--once").succeed()).iter().map(|r| r["source"]["path"].clone()).collect();
    assert_eq!(paths, ["b.txt"]);
}

#[test]
fn a_run_that_ends_waits_for_room_for_what_is_on_its_way() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=64k") else { return };
    let (failed, filler) = (disk.at.join("failed"), disk.at.join("filler"));
    fs::create_dir(&failed).expect("a folder");
    let full = fs::File::create(&filler).and_then(|mut f| f.write_all(&[b'x'; 64 * 1024]));
    assert!(full.is_err() || fs::write(disk.at.join("more"), "x").is_err(), "the disk is full");
    // The first has left when the second is refused, and is looked back at while that one waits.
    age(&dir.write("inbox/a.txt", TARIFFS), std::time::Duration::from_millis(50));
    let bad = fs::File::create(dir.inbox().join("bad.txt")).expect("a file");
    bad.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(60)).expect("a time to come");
    let mut daemon = dir.run().args(["--once", "--quiet", "0.1"]).arg("--failed").arg(&failed).start();
    daemon.wait_for_log("intake pauses until this works");
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!daemon.is_gone(), "{}", daemon.log());
    fs::remove_file(&filler).expect("space");
    assert_eq!(daemon.wait(), (Some(0), None), "{}", daemon.log());
    assert_eq!(dir.names("disk/failed"), ["bad.txt", "bad.txt.reason.json"]);
}

#[test]
fn a_sink_is_rotated_by_its_size_and_no_line_is_lost() {
    let dir = Dir::new();
    (0..300).for_each(|n| drop(dir.drop_old(format!("{n:03}.txt"), TARIFFS)));
    dir.run().args(["--once", "--rotate", "20000", "--batch", "5000"]).succeed();
    let sinks = fs::read_dir(dir.path(".")).expect("a folder").map(|e| e.expect("an entry").path());
    let sinks: Vec<PathBuf> = sinks.filter(|p| p.to_string_lossy().contains("sink.jsonl")).collect();
    assert!(sinks.len() > 5, "{sinks:?}");
    let mut paths = Vec::new();
    for sink in sinks {
        let bytes = fs::read(&sink).expect("a sink");
        assert!(bytes.len() < 40_000, "{} has {} bytes", sink.display(), bytes.len());
        paths.extend(records(&bytes).iter().map(|r| r["source"]["path"].to_string()));
    }
    paths.sort();
    assert_eq!(paths.len(), 300);
    paths.dedup();
    assert_eq!(paths.len(), 300);
    let trace = disputed(["trace", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(dir.sink()).arg("000.txt").succeed();
    assert!(String::from_utf8_lossy(&trace).contains("line    "));
}

#[test]
fn a_writer_who_goes_on_after_his_file_has_left_is_heard_out() {
    let dir = Dir::new();
    let (first, rest) = TARIFFS.split_at(TARIFFS.find("\n\nTrade").expect("a paragraph"));
    let mut file = fs::File::create(dir.inbox().join("a.txt")).expect("a file");
    file.write_all(first.as_bytes()).expect("the first half");
    let daemon = dir.run().args(["--quiet", "0.1"]).start();
    wait_for("the first half", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    file.write_all(rest.as_bytes()).expect("the second half");
    drop(file);
    wait_for("the whole", || (dir.records().len() == 2).then_some(()));
    wait_for("its move", || (dir.names("inbox") == ["done", "failed"]).then_some(()));
    daemon.stop();
    let records = dir.records();
    assert_eq!(records[1]["replaces"], records[0]["id"]);
    assert_eq!(records[1]["source"]["bytes"], TARIFFS.len());
    assert_eq!(dir.names("inbox/done"), ["a.txt"]);
}

#[test]
fn a_file_that_kills_its_reader_is_set_aside_after_a_second_death() {
    let dir = Dir::new();
    // More than the process may have memory for, when the page is parsed.
    dir.drop_old("killer.txt", "<html><body><p>".to_string() + &"&".repeat(40_000_000));
    dir.drop_old("good.txt", TARIFFS);
    let run = || {
        let mut limited = Command::new("prlimit");
        limited.arg("--as=400000000").arg(env!("CARGO_BIN_EXE_disputed"));
        limited.args(["run", "--once", "--max-bytes", "100000000", "--inbox"]);
        limited.arg(dir.inbox()).arg("--sink").arg(dir.sink()).output().expect("prlimit")
    };
    let first = run();
    assert!(first.status.code().is_none(), "it died: {}", String::from_utf8_lossy(&first.stderr));
    let in_hand = fs::read_to_string(dir.inbox().join(".disputed/in-hand")).expect("what was in hand");
    assert!(in_hand.contains("killer.txt"), "{in_hand}");
    let second = run();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(second.status.success(), "{said}");
    assert!(said.contains("an earlier run ended with it in hand"), "{said}");
    assert_eq!(dir.names("inbox/failed"), ["killer.txt", "killer.txt.reason.json"]);
    assert_eq!(dir.reason("killer.txt.reason.json")["code"], "killed-reader");
    assert_eq!((dir.records().len(), dir.names("inbox/done")), (1, vec!["good.txt".to_string()]));
}

#[test]
fn a_file_that_was_in_hand_when_somebody_killed_the_daemon_is_innocent() {
    let dir = Dir::new();
    let path = dir.drop_old("a.txt", TARIFFS);
    // It may be done before the kill.
    let suspect = || path.exists().then(|| dir.suspect(&path));
    for _ in 0..3 {
        suspect();
        let mut daemon = dir.run().args(["--once", "--quiet", "0"]).start();
        daemon.signal("KILL");
        daemon.wait();
    }
    suspect();
    dir.run().arg("--once").succeed();
    assert_eq!((dir.records().len(), dir.names("inbox/done")), (1, vec!["a.txt".to_string()]));
    assert_eq!(dir.names("inbox/failed"), [""; 0]);
}
