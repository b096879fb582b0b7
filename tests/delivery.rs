//! What a sink promises: nothing lost, nothing twice.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::support::disk::Disk;
use crate::support::{Dir, TARIFFS, content, disputed, records, wait_for};

#[test]
fn a_name_that_is_taken_is_not_overwritten() {
    let dir = Dir::new();
    for text in [TARIFFS, "Another text\n\nIt came under the same name.\n", "A third\n\nSo did this one.\n"] {
        dir.drop_old("a.txt", text);
        dir.run().arg("--once").succeed();
    }
    assert_eq!(dir.names("inbox/done"), ["a.1.txt", "a.2.txt", "a.txt"]);
    assert_eq!(fs::read_to_string(dir.inbox().join("done/a.txt")).expect("a file"), TARIFFS);
    assert_eq!(dir.records().len(), 3);
}

#[test]
fn the_same_bytes_dropped_again_are_a_delivery_of_their_own_with_the_same_id() {
    let dir = Dir::new();
    for _ in 0..2 {
        dir.drop_old("a.txt", TARIFFS);
        dir.run().arg("--once").succeed();
    }
    let records = dir.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["id"], records[1]["id"]);
    assert_ne!(records[0]["source"], records[1]["source"]);
}

/// As after a crash between the sync of the sink and the rename into done/: the line stands, the file is still there.
fn crashed_before_the_rename() -> Dir {
    let dir = Dir::new();
    dir.drop_old("first.txt", TARIFFS);
    dir.run().arg("--once").succeed();
    let mark = fs::read(dir.inbox().join(".disputed/mark")).expect("a mark");
    let path = dir.drop_old("a.txt", TARIFFS);
    let standing = fs::metadata(&path).expect("a file");
    dir.run().arg("--once").succeed();
    // The line is made to speak of the file as it will stand after being moved back: a rename moves ctime.
    let done = dir.inbox().join("done/a.txt");
    fs::rename(&done, &path).expect("a rename");
    let moved = fs::metadata(&path).expect("a file");
    assert_eq!(standing.ino(), moved.ino());
    let ctime = |m: &fs::Metadata| {
        let since = std::time::Duration::new(m.ctime() as u64, m.ctime_nsec() as u32);
        humantime::format_rfc3339_nanos(std::time::SystemTime::UNIX_EPOCH + since).to_string()
    };
    let text = fs::read_to_string(dir.sink()).expect("a sink");
    let text = text.replace(&ctime(&standing), &ctime(&moved));
    fs::File::create(dir.sink()).and_then(|mut f| f.write_all(text.as_bytes())).expect("a sink");
    fs::File::create(dir.inbox().join(".disputed/mark")).and_then(|mut f| f.write_all(&mark)).expect("a mark");
    dir
}

#[test]
fn a_line_that_stands_is_not_written_again() {
    let dir = crashed_before_the_rename();
    let before = fs::read(dir.sink()).expect("a sink");
    dir.run().arg("--once").succeed();
    assert_eq!(fs::read(dir.sink()).expect("a sink"), before);
    assert_eq!(dir.names("inbox/done"), ["a.txt", "first.txt"]);
}

#[test]
fn without_its_mark_a_line_that_stands_is_not_written_again() {
    for damage in [None, Some(&b""[..]), Some(&[0; 512]), Some(b"garbage")] {
        let dir = crashed_before_the_rename();
        let before = fs::read(dir.sink()).expect("a sink");
        let mark = dir.inbox().join(".disputed/mark");
        match damage {
            None => fs::remove_file(&mark).expect("no mark"),
            Some(bytes) => fs::File::create(&mark).and_then(|mut f| f.write_all(bytes)).expect("a bad mark"),
        }
        dir.run().arg("--once").succeed();
        assert_eq!(fs::read(dir.sink()).expect("a sink"), before, "{damage:?}");
        assert_eq!(dir.names("inbox/done"), ["a.txt", "first.txt"], "{damage:?}");
    }
}

#[test]
fn a_torn_line_is_blanked_and_its_article_written_whole() {
    let whole = {
        let dir = crashed_before_the_rename();
        fs::read(dir.sink()).expect("a sink")
    };
    let second = 1 + whole.iter().position(|&b| b == b'\n').expect("two lines");
    for cut in [second + 1, second + 40, whole.len() - 2, whole.len() - 1] {
        let dir = crashed_before_the_rename();
        fs::File::options().write(true).open(dir.sink()).and_then(|f| f.set_len(cut as u64)).expect("a cut");
        dir.run().arg("--once").succeed();
        let records = dir.records();
        assert_eq!(records.len(), 2, "cut at {cut}");
        assert_eq!(records[1]["source"]["path"], "a.txt", "cut at {cut}");
        assert_eq!(content(&records[0]), content(&records[1]), "cut at {cut}: the same bytes");
        let size = fs::metadata(dir.sink()).expect("a sink").len();
        assert!(size >= whole.len() as u64, "the sink never shrinks");
        assert_eq!(dir.names("inbox/done"), ["a.txt", "first.txt"], "cut at {cut}");
    }
}

#[test]
fn a_second_daemon_is_refused() {
    let dir = Dir::new();
    let other = Dir::new();
    let daemon = dir.run().start();
    let said = dir.run().arg("--once").fail(78);
    assert!(said.contains("in use by another disputed"), "{said}");
    let said = disputed(["run", "--once", "--inbox"]).arg(other.inbox()).arg("--sink").arg(dir.sink()).fail(78);
    assert!(said.contains("sink.jsonl is in use"), "{said}");
    daemon.stop();
    dir.run().arg("--once").succeed();
}

#[test]
fn a_rotated_sink_is_followed() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the first line", || (dir.names("inbox/done").len() == 1).then_some(()));
    fs::rename(dir.sink(), dir.path("sink.jsonl.1")).expect("a rename");
    dir.drop_by_rename("b.txt", TARIFFS);
    wait_for("the second line", || (dir.names("inbox/done").len() == 2).then_some(()));
    fs::rename(dir.sink(), dir.path("sink.jsonl.2")).expect("a rename");
    daemon.signal("HUP");
    wait_for("a new sink", || dir.sink().exists().then_some(()));
    daemon.stop();
    for (name, path) in [("sink.jsonl.1", "a.txt"), ("sink.jsonl.2", "b.txt")] {
        let records = records(&fs::read(dir.path(name)).expect("a generation"));
        assert_eq!((records.len(), &records[0]["source"]["path"]), (1, &path.into()), "{name}");
    }
    assert_eq!(dir.records().len(), 0);
}

#[test]
fn standard_output_carries_lines_only_and_files_leave_after_them() {
    let dir = Dir::new();
    let mut daemon = disputed(["run", "--inbox"]).arg(dir.inbox()).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    assert_eq!(records(&daemon.line())[0]["source"]["path"], "a.txt");
    wait_for("the move", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    daemon.stop();
}

#[test]
fn a_reader_who_is_stuck_does_not_keep_us_from_stopping() {
    let dir = Dir::new();
    // More than a pipe holds, so that the writer has to wait.
    let long = format!("Tariffs\n\n{}", "Trade officials answered the tariffs on steel.\n\n".repeat(300));
    for n in 0..40 {
        dir.drop_old(format!("{n:02}.txt"), &long);
    }
    let daemon = disputed(["run", "--inbox"]).arg(dir.inbox()).start();
    // The pipe is full when the daemon's writer is asleep over it, and the files that it took have stopped leaving.
    let pipe = || fs::read_to_string(format!("/proc/{}/io", daemon.id())).expect("a process");
    let mut before = (String::new(), 0);
    wait_for("a full pipe", || {
        let now = pipe().lines().find(|l| l.starts_with("wchar")).expect("a count").to_string();
        before.1 = if now == before.0 { before.1 + 1 } else { 0 };
        before.0 = now;
        (before.1 > 200).then_some(())
    });
    daemon.stop();
    let left = dir.names("inbox").iter().filter(|name| name.ends_with(".txt")).count();
    let done = dir.names("inbox/done").len();
    assert_eq!(left + done, 40, "nothing is lost");
    assert!(left > 0, "what was not taken has stayed");
}

#[test]
fn a_reader_who_is_gone_ends_the_daemon_and_nothing_is_lost() {
    let dir = Dir::new();
    let mut daemon = disputed(["run", "--inbox"]).arg(dir.inbox()).start();
    drop(daemon.stdout.take());
    dir.drop_by_rename("a.txt", TARIFFS);
    assert_eq!(daemon.wait(), (Some(74), None), "{}", daemon.log());
    assert!(dir.inbox().join("a.txt").exists());
}

#[test]
fn a_full_disk_pauses_intake_and_loses_nothing() {
    let dir = Dir::new();
    let Some(disk) = Disk::mount(&dir, "size=64k") else { return };
    let (sink, filler) = (disk.at.join("sink.jsonl"), disk.at.join("filler"));
    fs::File::create(&filler).and_then(|mut f| f.write_all(&[b'x'; 60 * 1024])).expect("a full disk");
    let daemon = disputed(["run", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(&sink).start();
    for n in 0..20 {
        dir.drop_by_rename(&format!("{n:02}.txt"), TARIFFS);
    }
    daemon.wait_for_log("intake pauses until this works");
    fs::remove_file(&filler).expect("space");
    wait_for("all to be done", || (dir.names("inbox/done").len() == 20).then_some(()));
    daemon.stop();
    let written = records(&fs::read(&sink).expect("a sink"));
    // Nobody has a file on it open any more.
    assert!(Command::new("umount").arg(&disk.at).status().expect("umount").success());
    let mut paths: Vec<String> = written.iter().map(|r| r["source"]["path"].to_string()).collect();
    paths.sort();
    paths.dedup();
    assert_eq!((written.len(), paths.len()), (20, 20));
}

/// How many of each name there are in the sink, and in done/ and failed/ together with the inbox.
fn assert_each_exactly_once(dir: &Dir, count: usize) {
    let mut paths: Vec<String> = dir.records().iter().map(|r| r["source"]["path"].to_string()).collect();
    paths.sort();
    let lines = paths.len();
    paths.dedup();
    assert_eq!((lines, paths.len()), (count, count), "each once in the sink");
    assert_eq!(dir.names("inbox/done").len(), count, "each once in done/");
    assert_eq!(dir.names("inbox"), ["done", "failed"]);
}

#[test]
fn a_stop_in_the_middle_of_a_backlog_is_clean() {
    let dir = Dir::new();
    (0..500).for_each(|n| drop(dir.drop_old(format!("{n:03}.txt"), TARIFFS)));
    let daemon = dir.run().start();
    wait_for("the first moves", || (!dir.names("inbox/done").is_empty()).then_some(()));
    daemon.stop();
    let done = dir.names("inbox/done").len();
    assert_eq!(dir.records().len(), done, "what was taken was finished");
    dir.run().arg("--once").succeed();
    assert_each_exactly_once(&dir, 500);
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_doubled() {
    let dir = Dir::new();
    let mut kills = 0;
    for round in 0..10 {
        (0..60).for_each(|n| drop(dir.drop_old(format!("{round}-{n:02}.txt"), format!("{TARIFFS}\n{round} {n}\n"))));
        let before = dir.names("inbox/done").len();
        let mut daemon = dir.run().start();
        // Each round is killed a little later in its work.
        wait_for("some moves", || (dir.names("inbox/done").len() > before + round * 4).then_some(()));
        daemon.signal("KILL");
        kills += i32::from(daemon.wait() == (None, Some(9)));
    }
    dir.run().arg("--once").succeed();
    assert_eq!(kills, 10);
    assert_each_exactly_once(&dir, 600);
}

#[test]
fn a_done_folder_that_was_cleared_away_is_made_anew() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    fs::remove_dir(dir.inbox().join("done")).expect("an empty folder");
    dir.drop_by_rename("a.txt", TARIFFS);
    wait_for("the file", || (dir.names("inbox/done") == ["a.txt"]).then_some(()));
    daemon.stop();
    assert_each_exactly_once(&dir, 1);
}

#[test]
fn a_sink_that_was_rotated_while_we_were_down_is_read_back() {
    let dir = crashed_before_the_rename();
    fs::rename(dir.sink(), dir.path("sink.jsonl.1")).expect("a rename");
    dir.run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 0, "the line stands in the older generation");
    assert_eq!(records(&fs::read(dir.path("sink.jsonl.1")).expect("a generation")).len(), 2);
    assert_eq!(dir.names("inbox/done"), ["a.txt", "first.txt"]);
}

#[test]
fn the_file_of_somebody_else_is_no_sink() {
    let dir = Dir::new();
    let notes = dir.write("notes.txt", "my precious notes\n");
    let said = disputed(["run", "--once", "--inbox"]).arg(dir.inbox()).arg("--sink").arg(&notes).fail(78);
    assert!(said.contains("holds something else than records"), "{said}");
    assert_eq!(fs::read_to_string(notes).expect("the notes"), "my precious notes\n");
    // Nor is it where a mark speaks of its inode: one at the start of a file fits any.
    dir.run().arg("--once").succeed();
    fs::File::options().write(true).open(dir.sink()).and_then(|mut f| f.write_all(b"precious\n")).expect("a sink");
    let said = dir.run().arg("--once").fail(78);
    assert!(said.contains("holds something else than records"), "{said}");
    assert_eq!(fs::read_to_string(dir.sink()).expect("the notes"), "precious\n");
}

#[test]
fn names_that_were_files_and_became_folders_do_not_keep_us_from_starting() {
    let dir = Dir::new();
    for path in ["sub", "sub/x/a.txt"] {
        dir.drop_old(path, TARIFFS);
        dir.run().arg("--once").succeed();
    }
    fs::remove_file(dir.inbox().join(".disputed/mark")).expect("no mark");
    dir.run().arg("--once").succeed();
    assert_eq!(dir.records().len(), 2);
    assert_eq!(dir.names("inbox/done/sub.1/x"), ["a.txt"]);
}

#[test]
fn an_input_that_was_moved_before_it_was_read_is_moved_back() {
    let dir = crashed_before_the_rename();
    // As after a crash between the rename and the look at what arrived: a producer had put another file in its place.
    let text = "NATO allies meet\n\nNATO allies spoke of defence spending and of Article 5.\n";
    let other = dir.write("inbox/.a.txt.part", text);
    fs::remove_file(dir.inbox().join("a.txt")).expect("replaced");
    fs::rename(other, dir.inbox().join("done/a.txt")).expect("a rename");
    dir.run().arg("--once").succeed();
    let records = dir.records();
    assert_eq!((records.len(), records[2]["primary"].as_str()), (3, Some("nato")));
    assert_eq!(dir.names("inbox/done"), ["a.txt", "first.txt"]);
}

#[test]
fn a_huge_file_under_a_delivered_name_is_refused_as_any_other() {
    let dir = crashed_before_the_rename();
    let path = dir.inbox().join("a.txt");
    fs::remove_file(&path).expect("replaced");
    fs::File::create(&path).and_then(|f| f.set_len(3 << 30)).expect("a sparse file");
    crate::support::age(&path, std::time::Duration::from_secs(60));
    dir.run().arg("--once").succeed();
    assert_eq!(dir.reason("a.txt.reason.json")["code"], "too-large");
}

#[test]
fn logs_that_nobody_takes_stop_nothing() {
    let dir = Dir::new();
    dir.drop_old("a.txt", TARIFFS);
    dir.drop_old("bad.txt", "");
    let full = fs::File::options().write(true).open("/dev/full").expect("a device");
    let status = dir.run().arg("--once").command().stderr(full).status().expect("the program starts");
    assert!(status.success(), "{status}");
    assert_eq!((dir.records().len(), dir.names("inbox/failed").len()), (1, 2));
}

#[test]
fn a_reason_that_a_crash_left_alone_is_replaced() {
    for left in ["", "{\n  \"code\": \"emp"] {
        let dir = Dir::new();
        dir.write("inbox/failed/a.txt.reason.json", left);
        dir.drop_old("a.txt", "");
        dir.run().arg("--once").succeed();
        assert_eq!(dir.names("inbox/failed"), ["a.txt", "a.txt.reason.json"]);
        assert_eq!(dir.reason("a.txt.reason.json")["code"], "empty");
    }
    let dir = Dir::new();
    dir.write("inbox/failed/a.txt.reason.json", "somebody's file");
    dir.drop_old("a.txt", "");
    dir.run().arg("--once").succeed();
    assert_eq!(dir.names("inbox/failed"), ["a.1.txt", "a.1.txt.reason.json", "a.txt.reason.json"]);
}
