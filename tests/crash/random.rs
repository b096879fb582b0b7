//! Killed at random times, while a producer goes on dropping.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::Dir;
use crate::support::ledger::Ledger;

/// A row of numbers that looks like chance, and is the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Drops files for as long as it is told to, in every way that a producer has, under names that come again and again.
fn feed(dir: &Dir, go_on: &AtomicBool, mut chance: Chance) -> Ledger {
    let mut ledger = Ledger::default();
    let mut standing = Vec::new();
    while go_on.load(Ordering::Relaxed) {
        let name = format!("{}.txt", chance.below(60));
        let path = ["", "", "wire/", "wire/today/"][chance.below(4) as usize].to_string() + &name;
        let place = dir.inbox().join(&path);
        standing.retain(|place: &std::path::PathBuf| place.exists());
        // A daemon that is killed all the time gets less done than a producer can drop.
        if standing.len() >= 40 || place.exists() {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        let bytes = if chance.below(10) == 0 { ledger.refused(&path) } else { ledger.article(&path) };
        if chance.below(2) == 0 {
            dir.write(format!("inbox/{path}"), bytes);
        } else {
            let part = dir.write("inbox/.part", bytes);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::rename(part, &place).expect("a rename");
        }
        standing.push(place);
    }
    ledger
}

/// `CRASH_ROUNDS=5000 cargo test --test integration crash::random -- --nocapture` does more of them;
/// `CRASH_SEED` repeats a row.
#[test]
fn killed_at_random_times() {
    let rounds = number("CRASH_ROUNDS").unwrap_or(250);
    let seed = number("CRASH_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("CRASH_SEED={seed}");
    let mut chance = Chance(seed);
    for first in (0..rounds).step_by(250) {
        let dir = Dir::new();
        let run = |quiet| dir.run().args(["--log", "error", "--quiet", quiet]);
        // How long a start takes here and now, to be killed before its end as well as after it.
        let started = Instant::now();
        dir.run().start().stop();
        let longest = (3 * started.elapsed().as_micros() as u64).min(200_000);
        let go_on = AtomicBool::new(true);
        let (mut working, mut moved, mut last_size) = (0, 0, 0);
        let ledger = std::thread::scope(|scope| {
            let feeder = scope.spawn(|| feed(&dir, &go_on, Chance(seed + first)));
            let these = (rounds - first).min(250);
            for round in 0..these {
                let mut daemon = run("0.5").command().stderr(Stdio::null()).spawn().expect("the program starts");
                std::thread::sleep(Duration::from_micros(chance.below(longest)));
                daemon.kill().expect("a running daemon");
                let status = daemon.wait().expect("a child");
                assert_eq!(status.signal(), Some(9), "it runs until it is killed, in round {round}");
                let (before, size) = (last_size, fs::metadata(dir.sink()).map_or(0, |m| m.len()));
                assert!(size >= before, "the sink shrank from {before} to {size} in round {round}");
                let done = dir.names("inbox/done").len() + dir.names("inbox/done/wire").len();
                working += u64::from(dir.names("inbox").iter().any(|name| name.ends_with(".txt")));
                moved += u64::from(size > before && done > 0);
                last_size = size;
            }
            go_on.store(false, Ordering::Relaxed);
            let ledger = feeder.join().expect("the feeder");
            eprintln!("{these} kills, {working} with work in hand, {moved} after new lines, {} inputs", ledger.len());
            assert!(working * 2 > these && moved * 5 > these, "the kills did not meet the work");
            ledger
        });
        run("0").arg("--once").succeed();
        if let Err(what) = ledger.verdict(&dir) {
            panic!("CRASH_SEED={seed}: {what}\n{}", ledger.scene(&dir));
        }
    }
}
