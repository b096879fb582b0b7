//! Refused files that are put back.

use std::fs;
use std::path::PathBuf;

use crate::support::strace::can_trace;
use crate::support::{Dir, Disputed, TARIFFS, disputed, wait_for};

fn retry(dir: &Dir) -> Disputed {
    disputed(["retry", "--inbox"]).arg(dir.inbox())
}

#[test]
fn refused_files_can_be_tried_again() {
    let dir = Dir::new();
    let text = TARIFFS.repeat(2);
    dir.drop_old("wire/long.txt", &text);
    dir.drop_old("wire/longer.txt", &text);
    let limited = || dir.run().args(["--once", "--max-bytes", "100"]).succeed();
    limited();
    assert_eq!(dir.names("inbox/failed/wire").len(), 4);
    let moved = retry(&dir).arg("long.txt").succeed();
    assert_eq!(PathBuf::from(String::from_utf8(moved).expect("text").trim()), dir.inbox().join("wire/long.txt"));
    assert_eq!(dir.names("inbox/failed/wire"), ["longer.txt", "longer.txt.reason.json"]);
    let daemon = dir.run().start();
    wait_for("the first", || (dir.names("inbox/done/wire") == ["long.txt"]).then_some(()));
    // A running daemon reads it at once.
    retry(&dir).succeed();
    wait_for("the second", || (dir.names("inbox/done/wire") == ["long.txt", "longer.txt"]).then_some(()));
    daemon.stop();
    assert_eq!((dir.records().len(), dir.names("inbox/failed/wire")), (2, Vec::<String>::new()));
    let said = retry(&dir).arg("long.txt").fail(66);
    assert!(said.contains("long.txt"), "{said}");
}

#[test]
fn what_is_refused_again_while_it_is_put_back_keeps_its_reason() {
    let dir = Dir::new();
    let daemon = dir.run().args(["--max-bytes", "10"]).start();
    dir.drop_by_rename("a.txt", TARIFFS);
    for round in 0..200 {
        wait_for(&format!("refusal {round}"), || {
            let moved = String::from_utf8(retry(&dir).succeed()).expect("text");
            (moved.trim() == dir.inbox().join("a.txt").to_str().expect("text")).then_some(())
        });
    }
    wait_for("the last", || (dir.names("inbox/failed") == ["a.txt", "a.txt.reason.json"]).then_some(()));
    daemon.stop();
}

#[test]
fn what_cannot_be_put_back_keeps_its_reason() {
    let dir = Dir::new();
    dir.drop_old("wire/a.txt", TARIFFS);
    dir.run().args(["--once", "--max-bytes", "10"]).succeed();
    let refused = ["a.txt", "a.txt.reason.json"];
    assert_eq!(dir.names("inbox/failed/wire"), refused);
    fs::remove_dir_all(dir.inbox().join("wire")).expect("an empty folder");
    let in_the_way = dir.write("inbox/wire", "no folder");
    assert!(retry(&dir).fail(74).contains("wire"));
    assert_eq!(dir.names("inbox/failed/wire"), refused);
    fs::remove_file(in_the_way).expect("a file");
    retry(&dir).succeed();
    assert_eq!((dir.names("inbox/failed/wire"), dir.names("inbox/wire")), (vec![], vec!["a.txt".to_string()]));
}

#[test]
fn a_retry_that_is_killed_is_ended_by_the_next() {
    if !can_trace() {
        return;
    }
    for (call, nth) in [("rename", 1), ("renameat2", 1), ("fsync", 1), ("fsync", 2), ("unlink", 1)] {
        let dir = Dir::new();
        dir.drop_old("a.txt", TARIFFS);
        let refuse = || dir.run().args(["--once", "--max-bytes", "10"]).succeed();
        refuse();
        let inject = format!("--inject={call}:signal=SIGKILL:when={nth}");
        let killed = retry(&dir).under("strace", ["-f".into(), "-o".into(), "/dev/null".into(), inject]).output();
        assert!(!killed.status.success(), "{call} {nth} is never called");
        retry(&dir).succeed();
        assert_eq!(dir.names("inbox"), ["a.txt", "done", "failed"], "{call} {nth}");
        refuse();
        retry(&dir).succeed();
        assert_eq!(dir.names("inbox"), ["a.txt", "done", "failed"], "{call} {nth}");
        assert_eq!(dir.names("inbox/failed"), Vec::<String>::new(), "{call} {nth}");
    }
}
