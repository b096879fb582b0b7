//! Hostile inputs by name, each through a running daemon, between two ordinary articles: what becomes of it is exactly what
//! the table says, the ordinary ones have their lines, and the daemon stays small.

mod inputs;

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::support::{Dir, TARIFFS, records, wait_for};

/// What becomes of a hostile input.
struct Hostile {
    name: &'static str,
    make: fn(&Path),
    /// Its articles that have lines.
    records: usize,
    end: End,
}

enum End {
    /// It goes to done/, and these of its articles are refused, or the rest behind them.
    Done(&'static [(u64, &'static str)]),
    /// It goes to failed/ for this.
    Failed(&'static str),
}

const HOSTILE: [Hostile; 18] = [
    // What is declared is not expanded, and nothing is fetched.
    Hostile { name: "laughs.xml", make: inputs::billion_laughs, records: 1, end: End::Done(&[]) },
    Hostile { name: "bomb.txt.gz.gz", make: inputs::gzip_bomb, records: 0, end: End::Failed("ratio") },
    // The names of members are names, and nothing is written to them.
    Hostile { name: "slip.zip", make: inputs::zip_slip, records: 5, end: End::Done(&[]) },
    Hostile { name: "deep.json", make: inputs::deep_json, records: 0, end: End::Failed("too-deep") },
    Hostile { name: "lists.json", make: inputs::deep_lists, records: 0, end: End::Failed("too-deep") },
    Hostile { name: "deep.html", make: inputs::deep_html, records: 0, end: End::Failed("too-deep") },
    Hostile { name: "lengths.warc", make: inputs::warc_lengths, records: 2, end: End::Done(&[(1, "malformed")]) },
    // Its last message is all that is left of the file.
    Hostile {
        name: "endless.mbox",
        make: inputs::endless_mailbox,
        records: 1,
        end: End::Done(&[(1, "too-many-words")]),
    },
    // A message at a time, whatever is attached to them.
    Hostile { name: "large.mbox", make: inputs::large_mailbox, records: 40, end: End::Done(&[]) },
    Hostile { name: "lies.html", make: inputs::charset_lies, records: 1, end: End::Done(&[]) },
    Hostile { name: "nul.txt", make: inputs::nuls, records: 0, end: End::Failed("binary") },
    Hostile { name: "sparse.txt", make: inputs::two_gigabytes, records: 0, end: End::Failed("too-large") },
    Hostile { name: "many.rss", make: inputs::many_items, records: 100_000, end: End::Done(&[]) },
    Hostile { name: "line.jsonl", make: inputs::long_line, records: 0, end: End::Failed("too-large") },
    Hostile { name: "line.jsonl.gz", make: inputs::packed_line, records: 1, end: End::Done(&[(0, "too-large")]) },
    // Nothing says that they hold lines, and the first line is longer than may be held to find out.
    Hostile { name: "line.json", make: inputs::long_line, records: 0, end: End::Failed("too-large") },
    Hostile { name: "line.json.gz", make: inputs::packed_line, records: 0, end: End::Failed("too-large") },
    Hostile { name: "attributes.xml", make: inputs::attributes, records: 1, end: End::Done(&[]) },
];

/// Resident memory that a daemon takes at most, in KiB.
const MEMORY: u64 = 64 << 10;

#[test]
fn hostile_inputs_are_read_or_refused_in_time_and_in_little_memory_and_nothing_else_is_lost() {
    let mut wrong = Vec::new();
    for hostile in HOSTILE {
        let start = Instant::now();
        let (told, kibibytes) = told(&hostile);
        eprintln!("{kibibytes:7} KiB {:6.2} s {}", start.elapsed().as_secs_f64(), hostile.name);
        let expected = expected(&hostile);
        if told != expected || kibibytes > MEMORY {
            wrong.push(format!("{}: {told}\nand not {expected}\nwithin {kibibytes} KiB", hostile.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What has become of it and of its neighbours, and the peak of the daemon's resident memory in KiB.
fn told(hostile: &Hostile) -> (String, u64) {
    let dir = Dir::new();
    let daemon = dir.run().arg("--no-text").start();
    dir.drop_by_rename("before.txt", TARIFFS);
    let part = dir.path("inbox").join(".hostile.part");
    (hostile.make)(&part);
    fs::rename(part, dir.inbox().join(hostile.name)).expect("a rename");
    dir.drop_by_rename("after.txt", TARIFFS);
    wait_for(hostile.name, || (dir.names("inbox") == ["done", "failed"]).then_some(()));
    let kibibytes = peak(daemon.id());
    daemon.stop();
    let lines = fs::read(dir.sink()).expect("a sink");
    let of = |name: &str| {
        let marker = format!("\"path\":\"{name}\"");
        let lines = lines.split_inclusive(|byte| *byte == b'\n');
        lines.filter(|line| memchr::memmem::find(line, marker.as_bytes()).is_some()).collect::<Vec<_>>()
    };
    // Of a hundred thousand lines a hundredth is held against the schema.
    let lines_of = of(hostile.name);
    lines_of.iter().step_by(1 + lines_of.len() / 1000).for_each(|line| drop(records(line)));
    let neighbours = of("before.txt").len() + of("after.txt").len();
    let slipped = [dir.path("slip.txt"), dir.path("inbox/slip.txt"), dir.path("../slip.txt")];
    assert!(!slipped.iter().any(|path| path.exists()), "{}: a name was written to", hostile.name);
    let (done, failed) = (dir.names("inbox/done"), dir.names("inbox/failed"));
    let is_reason = |name: &&String| [".reason.json", ".articles.json"].iter().any(|end| name.ends_with(end));
    let reasons: Vec<Value> = failed.iter().filter(is_reason).map(|name| dir.reason(name)).collect();
    let mut articles: Vec<(u64, String)> = Vec::new();
    let mut files: Vec<String> = Vec::new();
    for reason in &reasons {
        match reason["articles"].as_array() {
            Some(all) => articles.extend(all.iter().map(|article| {
                (article["item"].as_u64().expect("a number"), article["code"].as_str().expect("a code").to_string())
            })),
            None => files.push(reason["code"].as_str().expect("a code").to_string()),
        }
    }
    let is_failed = failed.iter().any(|name| name == hostile.name);
    let told = format!(
        "{} lines, {neighbours} beside; done: {done:?}; failed: {is_failed} for {files:?}; articles: {articles:?}",
        lines_of.len()
    );
    (told, kibibytes)
}

fn expected(hostile: &Hostile) -> String {
    let mut done = vec!["after.txt", "before.txt"];
    let (is_failed, files, articles) = match hostile.end {
        End::Done(articles) => {
            done.push(hostile.name);
            (false, vec![], articles)
        }
        End::Failed(code) => (true, vec![code], &[][..]),
    };
    done.sort_unstable();
    let lines = hostile.records;
    format!("{lines} lines, 2 beside; done: {done:?}; failed: {is_failed} for {files:?}; articles: {articles:?}")
}

/// The most memory that a process has had in hand, in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}
