//! What a crash or a power cut may leave of the last batch and of the mark, byte by byte.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::support::{Dir, records};

/// A batch of two lines that stand in the sink, and whose inputs are still in the inbox: as after a crash between the
/// sync of the sink and the first rename. It can be put back as often as one likes.
struct Batch {
    dir: Dir,
    /// What stood before the batch, and the mark of then.
    before: Vec<u8>,
    mark: Vec<u8>,
    /// The lines of the batch, each with the time that its input had when it was written.
    lines: Vec<(String, u8)>,
}

const NAMES: [&str; 2] = ["a.txt", "b.txt"];

impl Batch {
    fn new() -> Batch {
        let dir = Dir::new();
        dir.drop_old("first.txt", "Tariffs on steel\n");
        let mut batch = Batch { dir, before: Vec::new(), mark: Vec::new(), lines: Vec::new() };
        batch.run();
        batch.before = batch.sink();
        batch.mark = fs::read(batch.mark_path()).expect("a mark");
        NAMES.iter().for_each(|name| drop(batch.dir.drop_old(name, text(name))));
        let times = batch.times();
        batch.run();
        let lines = String::from_utf8(batch.sink()).expect("text");
        let lines = lines[batch.before.len()..].split_inclusive('\n');
        for line in lines {
            let i = u8::from(!line.contains(r#""path":"a.txt""#));
            let time = &times[usize::from(i)];
            assert!(line.contains(time));
            batch.lines.push((line.replace(time, "TIME"), i));
        }
        assert_eq!(batch.lines.len(), 2);
        batch
    }

    fn run(&self) {
        self.dir.run().args(["--once", "--quiet", "0", "--no-text"]).succeed();
    }

    fn sink(&self) -> Vec<u8> {
        fs::read(self.dir.sink()).expect("a sink")
    }

    fn mark_path(&self) -> PathBuf {
        self.dir.path("inbox/.disputed/mark")
    }

    /// When each input last changed, as records say it.
    fn times(&self) -> [String; 2] {
        NAMES.map(|name| {
            let metadata = fs::metadata(self.dir.inbox().join(name)).expect("an input");
            let since_1970 = Duration::new(metadata.ctime() as u64, metadata.ctime_nsec() as u32);
            humantime::format_rfc3339_nanos(SystemTime::UNIX_EPOCH + since_1970).to_string()
        })
    }

    /// Puts the inputs back, and gives the batch as it would have been written of them: a rename moves ctime.
    fn rewound(&self) -> Vec<u8> {
        for name in NAMES {
            let done = self.dir.inbox().join("done").join(name);
            if done.exists() {
                fs::rename(done, self.dir.inbox().join(name)).expect("a rename");
            }
        }
        let times = self.times();
        self.lines
            .iter()
            .map(|(line, i)| line.replace("TIME", &times[usize::from(*i)]))
            .collect::<String>()
            .into_bytes()
    }

    /// Makes the sink end in these bytes, and the mark be this one.
    fn set(&self, tail: &[u8], mark: Option<&[u8]>) {
        let sink = File::options().write(true).open(self.dir.sink()).expect("a sink");
        let start = self.before.len() as u64;
        sink.set_len(start).and_then(|()| sink.write_all_at(tail, start)).expect("a tail");
        match mark {
            None => fs::remove_file(self.mark_path()).expect("no mark"),
            Some(bytes) => {
                let file = File::create(self.mark_path()).expect("a mark");
                file.write_all_at(bytes, 0).expect("a mark");
            }
        }
    }

    /// Runs, and sees to it that each of the three stands once, in a sink that has kept what was whole, and its size.
    fn check(&self, tail: &[u8], kept: usize, context: &str) {
        self.run();
        let sink = self.sink();
        assert!(sink.len() >= self.before.len() + tail.len(), "{context}: the sink shrank");
        assert!(sink.starts_with(&[&self.before, &tail[..kept]].concat()), "{context}: a whole line has changed");
        let mut paths: Vec<String> = records(&sink).iter().map(|r| r["source"]["path"].to_string()).collect();
        paths.sort();
        assert_eq!(paths, [r#""a.txt""#, r#""b.txt""#, r#""first.txt""#], "{context}");
        assert_eq!(self.dir.names("inbox"), ["done", "failed"], "{context}");
        assert_eq!(self.dir.names("inbox/done"), ["a.txt", "b.txt", "first.txt"], "{context}");
        for name in NAMES {
            let bytes = fs::read_to_string(self.dir.inbox().join("done").join(name)).expect("a file");
            assert_eq!(bytes, text(name), "{context}");
        }
    }
}

fn text(name: &str) -> String {
    format!("Tariffs {name}\n")
}

/// How much of the bytes is whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1)
}

#[test]
fn the_last_batch_may_be_cut_at_every_byte() {
    let play = |first: usize, step: usize| {
        let batch = Batch::new();
        let length = batch.rewound().len();
        for cut in (first..=length).step_by(step) {
            let mut tail = batch.rewound();
            tail.truncate(cut);
            batch.set(&tail, Some(&batch.mark));
            batch.check(&tail, whole(&tail), &format!("cut at {cut}"));
            // A power cut may also keep the size, and lose the bytes.
            if cut % 16 == 1 || length - cut < 2 {
                let mut tail = batch.rewound();
                tail[cut..].fill(0);
                batch.set(&tail, Some(&batch.mark));
                batch.check(&tail, whole(&tail), &format!("zeros from {cut}"));
            }
        }
    };
    std::thread::scope(|scope| [0, 1].map(|first| drop(scope.spawn(move || play(first, 2)))));
}

#[test]
fn a_power_cut_may_keep_the_second_line_and_lose_the_first() {
    let batch = Batch::new();
    let first = 1 + batch.rewound().iter().position(|&b| b == b'\n').expect("two lines");
    for (from, to) in [(0, first), (0, first - 1), (0, first / 2), (first / 2, first - 1), (first - 2, first + 1)] {
        let mut tail = batch.rewound();
        tail[from..to].fill(0);
        batch.set(&tail, Some(&batch.mark));
        batch.check(&tail, 0, &format!("zeros from {from} to {to}"));
    }
}

#[test]
fn whatever_is_left_of_the_mark_nothing_is_lost_and_nothing_doubled() {
    let batch = Batch::new();
    let good = batch.mark.clone();
    let text = String::from_utf8(good.clone()).expect("JSON");
    let newer = text.replacen(r#""version":1"#, r#""version":2"#, 1);
    assert_ne!(newer, text, "the mark has no version any more");
    let old = {
        // The mark of the first start: at the beginning of the sink.
        let dir = Dir::new();
        dir.run().arg("--once").succeed();
        fs::read(dir.path("inbox/.disputed/mark")).expect("a mark")
    };
    let marks: [(&str, Option<&[u8]>); 9] = [
        ("as it was", Some(&good)),
        ("missing", None),
        ("empty", Some(b"")),
        ("of another sink", Some(&old)),
        ("zeroed", Some(&[0; 512])),
        ("garbage", Some(&[0xa5; 512])),
        ("cut", Some(&good[..100])),
        ("cut by one", Some(&good[..good.len() - 1])),
        ("of a newer version", Some(newer.as_bytes())),
    ];
    for (what, mark) in marks {
        let length = batch.rewound().len();
        for cut in [0, 1, length / 3, length / 2 + 20, length - 1, length] {
            let tail = batch.rewound()[..cut].to_vec();
            batch.set(&tail, mark);
            batch.check(&tail, whole(&tail), &format!("a mark that is {what}, and a cut at {cut}"));
        }
        // What was damaged is kept for a person to look at.
        let is_damaged = what == "zeroed" || what == "garbage" || what == "cut" || what == "of a newer version";
        let kept = fs::read_dir(batch.dir.path("inbox/.disputed")).expect("the state").flatten();
        let kept = kept.filter(|entry| fs::read(entry.path()).ok().as_deref() == mark).count();
        assert!(!is_damaged || kept == 1, "a mark that is {what} is not kept");
    }
}

#[test]
fn a_reason_may_be_cut_at_every_byte() {
    let whole = {
        let dir = Dir::new();
        dir.drop_old("a.txt", "");
        dir.run().arg("--once").succeed();
        fs::read(dir.path("inbox/failed/a.txt.reason.json")).expect("a reason")
    };
    // The reason stands before its file does, so a crash may leave it alone; a power cut may keep its size and no bytes.
    let cuts = (0..whole.len()).map(|cut| whole[..cut].to_vec());
    for left in cuts.chain([vec![0; whole.len()], whole.clone()]) {
        let dir = Dir::new();
        dir.write("inbox/failed/a.txt.reason.json", &left);
        dir.drop_old("a.txt", "");
        dir.run().arg("--once").succeed();
        let left = String::from_utf8_lossy(&left);
        assert_eq!(dir.names("inbox/failed"), ["a.txt", "a.txt.reason.json"], "what was left: {left:?}");
        assert_eq!(dir.reason("a.txt.reason.json")["code"], "empty", "what was left: {left:?}");
    }
}
