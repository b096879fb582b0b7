//! Producers that come back to a file: they close it twice, set its times, go on writing, save it again.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::producers::{FILES, PAUSE, article, assert_each_once, wait_for_files};
use crate::support::{Dir, digest, wait_for};

/// Drops all files with `write`, and calls `then` on each a little later: while it waits, while it is worked, or once it
/// has left.
fn come_back(dir: &Dir, write: impl Fn(&Path, &str), mut then: impl FnMut(&Path, &str)) {
    const LATEST: usize = 50;
    for now in 0..FILES + LATEST {
        if now < FILES {
            let (name, text) = article(now);
            write(&dir.inbox().join(name), &text);
        }
        for n in (now.saturating_sub(LATEST)..FILES.min(now + 1)).filter(|n| n + n % LATEST == now) {
            let (name, text) = article(n);
            then(&dir.inbox().join(name), &text);
        }
    }
}

fn write(path: &Path, text: &str) {
    File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a written file");
}

fn halves(text: &str) -> (&str, &str) {
    text.split_at(text.len() / 2)
}

/// The records that speak of this path, in the order of the sink, each as its digest and what it replaces.
fn readings(records: &[Value], path: &str) -> Vec<(String, Option<String>)> {
    let string = |value: &Value| value.as_str().map(String::from);
    let of_path = records.iter().filter(|record| record["source"]["path"] == path);
    of_path.map(|r| (string(&r["source"]["digest"]).expect("a digest"), string(&r["replaces"]))).collect()
}

/// What stands in done/ under this name and its numbers, one behind the other.
fn kept(dir: &Dir, name: &str) -> String {
    let numbered = (0..).map(|n| if n == 0 { name.to_string() } else { name.replace(".txt", &format!(".{n}.txt")) });
    numbered.map_while(|name| fs::read_to_string(dir.inbox().join("done").join(name)).ok()).collect()
}

/// The producers of these tests have gone: what they left is worked to the end.
fn work_the_rest(dir: &Dir) {
    wait_for("an empty inbox", || (dir.names("inbox") == ["done", "failed"]).then_some(()));
    assert_eq!(dir.names("inbox/failed"), [""; 0]);
}

#[test]
fn a_file_that_is_opened_and_closed_once_more_is_read_once() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    come_back(&dir, write, |path, _| drop(File::options().write(true).open(path)));
    assert_each_once("Samba: closed twice", &dir, daemon, started);
}

#[test]
fn times_that_are_set_after_the_close_make_no_second_line() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    come_back(&dir, write, |path, _| {
        if let Ok(file) = File::options().write(true).open(path) {
            file.set_modified(SystemTime::now() - Duration::from_secs(3600)).expect("its time");
        }
    });
    assert_each_once("Samba, unzip: times set after close", &dir, daemon, started);
}

#[test]
fn what_is_appended_after_the_first_half_has_left_is_a_file_of_its_own() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    for (name, text) in (0..FILES).map(article) {
        write(&dir.inbox().join(name), halves(&text).0);
    }
    wait_for_files(&dir, FILES);
    sleep(PAUSE);
    for (name, text) in (0..FILES).map(article) {
        let file = File::options().append(true).create(true).open(dir.inbox().join(name));
        file.and_then(|mut file| file.write_all(halves(&text).1.as_bytes())).expect("the second half");
    }
    wait_for_files(&dir, 2 * FILES);
    let seconds = started.elapsed().as_secs_f64();
    daemon.stop();
    let records = dir.records();
    eprintln!("closed, paused, appended: {FILES} files, {} lines, {seconds:.1} s", records.len());
    assert_eq!((records.len(), dir.names("inbox/failed").len()), (2 * FILES, 0));
    for (name, text) in (0..FILES).map(article) {
        let (first, second) = halves(&text);
        let expected = [first, second].map(|half| (digest(half.as_bytes()), None));
        assert_eq!(readings(&records, &name), expected, "{name}");
        assert!(kept(&dir, &name) == text, "{name}");
    }
}

/// Closes each file after its first half, and appends the second as soon as that may be.
fn append_at_once() -> Dir {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let first_half = |path: &Path, text: &str| write(path, halves(text).0);
    come_back(&dir, first_half, |path, text| {
        let file = File::options().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(halves(text).1.as_bytes())).expect("the second half");
    });
    work_the_rest(&dir);
    daemon.stop();
    // What was appended last may have been found by the look back that comes with the stop.
    dir.run().args(["--once"]).succeed();
    dir
}

#[test]
fn what_is_appended_while_the_first_half_is_worked_stands_in_done() {
    let dir = append_at_once();
    for (name, text) in (0..FILES).map(article) {
        assert!(kept(&dir, &name) == text, "{name}");
    }
}

#[test]
fn what_is_appended_while_the_first_half_is_worked_is_read() {
    let dir = append_at_once();
    let records = dir.records();
    for (name, text) in (0..FILES).map(article) {
        let (first, second) = halves(&text);
        let readings = readings(&records, &name);
        let replaced: Vec<&String> = readings.iter().filter_map(|(_, replaces)| replaces.as_ref()).collect();
        let last: Vec<&String> = readings.iter().map(|(digest, _)| digest).filter(|d| !replaced.contains(d)).collect();
        let (whole, halves) = (digest(text.as_bytes()), [first, second].map(|half| digest(half.as_bytes())));
        assert!(last == [&whole] || last == [&halves[0], &halves[1]], "{name}: {readings:?}");
    }
}

/// Each of these files was taken with its first half while its writer, who was silent, held it open. Now he goes on.
fn assert_taken_back(dir: &Dir, mut writers: Vec<(File, usize)>) {
    wait_for_files(dir, writers.len());
    for (file, n) in &mut writers {
        file.write_all(halves(&article(*n).1).1.as_bytes()).expect("the second half");
    }
    let count = writers.len();
    drop(writers);
    let lines = || fs::read_to_string(dir.sink()).map_or(0, |sink| sink.lines().count());
    wait_for("the second readings", || (lines() == 2 * count).then_some(()));
    work_the_rest(dir);
    let records = dir.records();
    for (name, text) in (0..count).map(article) {
        let (first, whole) = (digest(halves(&text).0.as_bytes()), digest(text.as_bytes()));
        assert_eq!(readings(&records, &name), [(first.clone(), None), (whole, Some(first))], "{name}");
        assert!(kept(dir, &name) == text, "{name}");
    }
    assert_eq!((records.len(), dir.names("inbox/done").len()), (2 * count, count));
}

#[test]
fn a_writer_from_before_the_start_who_goes_on_after_a_pause_is_read_again() {
    let dir = Dir::new();
    let open = |n| {
        let (name, text) = article(n);
        let mut file = File::create(dir.inbox().join(name)).expect("a file");
        file.write_all(halves(&text).0.as_bytes()).expect("the first half");
        (file, n)
    };
    let writers = (0..100).map(open).collect();
    let daemon = dir.run().start();
    assert_taken_back(&dir, writers);
    daemon.stop();
}

#[test]
fn a_writer_who_opened_the_file_anew_just_before_it_left_is_read_again() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    daemon.signal("STOP");
    let open = |n| {
        let (name, text) = article(n);
        write(&dir.inbox().join(&name), halves(&text).0);
        (File::options().append(true).open(dir.inbox().join(name)).expect("the file"), n)
    };
    let writers = (0..100).map(open).collect();
    daemon.signal("CONT");
    assert_taken_back(&dir, writers);
    daemon.stop();
}

#[test]
fn a_writer_who_goes_on_just_before_a_stop_is_read_again_by_the_next_run() {
    let dir = Dir::new();
    let (name, text) = article(0);
    write(&dir.inbox().join(&name), halves(&text).0);
    let mut writer = File::options().append(true).open(dir.inbox().join(&name)).expect("the file");
    let daemon = dir.run().start();
    wait_for_files(&dir, 1);
    writer.write_all(halves(&text).1.as_bytes()).expect("the second half");
    drop(writer);
    daemon.stop();
    dir.run().args(["--once"]).succeed();
    let (first, whole) = (digest(halves(&text).0.as_bytes()), digest(text.as_bytes()));
    assert_eq!(readings(&dir.records(), &name), [(first.clone(), None), (whole, Some(first))]);
    assert!(kept(&dir, &name) == text);
}

#[test]
fn a_writer_who_pauses_in_a_folder_that_he_has_just_made_is_heard_out() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let place = |n: usize| Path::new(&n.to_string()).join(article(n).0);
    // The folder's watch may come after the file: then nobody knows that it is held open.
    let open = |n| {
        let path = dir.inbox().join(place(n));
        fs::create_dir(path.parent().expect("a folder")).expect("a new folder");
        let mut file = File::create(path).expect("a file");
        file.write_all(halves(&article(n).1).0.as_bytes()).expect("the first half");
        file
    };
    let writers: Vec<File> = (0..FILES).map(open).collect();
    sleep(PAUSE);
    for (n, mut file) in writers.into_iter().enumerate() {
        file.write_all(halves(&article(n).1).1.as_bytes()).expect("the second half");
    }
    let whole: Vec<(String, String)> =
        (0..FILES).map(|n| (place(n).to_string_lossy().into_owned(), digest(article(n).1.as_bytes()))).collect();
    // Nobody knew of some that they were held open: their first half was read, and then all.
    wait_for("the last reading of each", || {
        let records = dir.records();
        let last = |path: &str| readings(&records, path).pop().map(|(digest, _)| digest);
        whole.iter().all(|(path, digest)| last(path).as_ref() == Some(digest)).then_some(())
    });
    daemon.stop();
    let records = dir.records();
    for (path, _) in &whole {
        match readings(&records, path).as_slice() {
            [(_, None)] => {}
            [(first, None), (_, Some(replaces))] => assert_eq!(first, replaces, "{path}"),
            others => panic!("{path}: {others:?}"),
        }
    }
}

/// As vim does: a probe of what it may do here, the old text aside, the new one under its name.
fn save_with_vim(path: &Path, text: &str) {
    let (folder, name) = (path.parent().expect("a folder"), path.file_name().expect("a name").to_string_lossy());
    let (swap, probe) = (folder.join(format!(".{name}.swp")), folder.join("4913"));
    let backup = folder.join(format!("{name}~"));
    write(&swap, "b0VIM 9.0");
    drop(File::create_new(&probe).expect("a name that vim takes for free"));
    fs::remove_file(&probe).expect("the probe, which nobody has touched");
    let aside = fs::rename(path, &backup).is_ok();
    write(path, text);
    if aside {
        fs::remove_file(&backup).expect("the backup, which nobody has touched");
    }
    fs::remove_file(&swap).expect("the swap file, which nobody has touched");
}

/// As GTK's editors do: the whole text beside it, then over it.
fn save_with_gedit(path: &Path, text: &str) {
    let beside = path.with_file_name(format!(".goutputstream-{}", &digest(text.as_bytes())[3..9]));
    write(&beside, text);
    fs::rename(beside, path).expect("a rename");
}

#[test]
fn an_edited_file_is_read_as_it_was_saved_and_its_backup_never() {
    type Save = fn(&Path, &str);
    for (editor, save) in [("vim", save_with_vim as Save), ("gedit", save_with_gedit)] {
        let dir = Dir::new();
        for (name, text) in (0..FILES).map(article) {
            write(&dir.inbox().join(name), &text.replace("Dispatch", "Draft"));
        }
        // What stood there at the start waits for so long that every draft meets its editor.
        let daemon = dir.run().args(["--quiet", "3600"]).start();
        let started = Instant::now();
        for (name, text) in (0..FILES).map(article) {
            save(&dir.inbox().join(name), &text);
        }
        assert_each_once(&format!("{editor}: saved over a draft"), &dir, daemon, started);
    }
}

#[test]
fn the_probes_of_an_editor_are_no_articles() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    for (name, text) in (1..FILES).map(article) {
        save_with_vim(&dir.inbox().join(name), &text);
    }
    // No close tells of a linked file, so it is read when the quiet time is over, and for the last probe it is over then.
    let (name, text) = article(0);
    write(&dir.path("last"), &text);
    fs::hard_link(dir.path("last"), dir.inbox().join(name)).expect("a link");
    assert_each_once("vim: new files", &dir, daemon, started);
}

#[test]
fn of_two_saves_in_a_row_the_last_is_read_and_the_first_is_no_loss() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let draft = |text: &str| text.replace("Dispatch", "Draft");
    come_back(&dir, |path, text| save_with_gedit(path, &draft(text)), save_with_gedit);
    work_the_rest(&dir);
    daemon.stop();
    let records = dir.records();
    let mut replaced = 0;
    for (name, text) in (0..FILES).map(article) {
        let (first, last) = (digest(draft(&text).as_bytes()), digest(text.as_bytes()));
        match readings(&records, &name).as_slice() {
            // The first was saved over before it was read, or while its line was on the way.
            [(only, None)] => assert!(*only == last && kept(&dir, &name) == text, "{name}"),
            [(one, None), (two, Some(replaces))] => {
                assert_eq!([one, two, replaces], [&first, &last, &first], "{name}");
                assert!(kept(&dir, &name) == text, "{name}");
                replaced += 1;
            }
            [(one, None), (two, None)] => {
                assert_eq!([one, two], [&first, &last], "{name}");
                assert!(kept(&dir, &name) == draft(&text) + &text, "{name}");
            }
            others => panic!("{name}: {others:?}"),
        }
    }
    eprintln!("saved twice: {FILES} files, {} lines, of them {replaced} replace another", records.len());
}

#[test]
fn a_temporary_name_that_no_rule_knows_makes_no_second_line() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    for (name, text) in (0..FILES).map(article) {
        let beside = dir.inbox().join(format!("{name}.tmp1234"));
        write(&beside, &text);
        fs::rename(beside, dir.inbox().join(name)).expect("a file that nobody has touched");
    }
    assert_each_once("f.tmp1234, then renamed", &dir, daemon, started);
}

#[test]
fn a_file_that_was_linked_in_is_read_when_the_quiet_time_is_over() {
    let dir = Dir::new();
    let daemon = dir.run().start();
    let started = Instant::now();
    fs::create_dir(dir.path("tmp")).expect("a folder");
    for (name, text) in (0..FILES).map(article) {
        write(&dir.path("tmp").join(name), &text);
    }
    for (name, _) in (0..FILES).map(article) {
        let first = dir.path("tmp").join(&name);
        fs::hard_link(&first, dir.inbox().join(name)).expect("a link");
        fs::remove_file(first).expect("its first name");
    }
    assert_each_once("maildir: linked, then unlinked", &dir, daemon, started);
}
