//! What it takes to know a story again: microseconds an article, and bytes of resident memory a story.
//!
//! usage: stories ARTICLES, which is the size of the window; a quarter more is taken in, so that the oldest fall out.
//! Every tenth article repeats an earlier one with its tail cut.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "it fails, prints and looks at the clock in plain sight"
)]

use std::env::args;
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use disputed::story::{Entry, Id, Reach, Signature, Stories};

fn main() -> ExitCode {
    let Some(articles) = args().nth(1).and_then(|number| number.parse().ok()) else {
        eprintln!("usage: stories ARTICLES");
        return ExitCode::FAILURE;
    };
    let count = articles + articles / 4;
    // Filled before memory is measured, and with something, so that it is there.
    let mut times = vec![[1u32; 3]; count];
    let before = resident();
    let mut stories = Stories::new(Reach { articles, age: Duration::MAX });
    let (mut bytes, mut repeats, mut found) = (0, 0, 0);
    let now = SystemTime::UNIX_EPOCH;
    let mut text = String::new();
    for (n, times) in times.iter_mut().enumerate() {
        // Far and near ones in turn, and none that is a repeat itself.
        let back = n / 10 * 7919 % (n.min(articles) / 10).max(1);
        let earlier = (n % 10 == 9).then(|| n - 1 - back * 10);
        write(earlier.unwrap_or(n), if earlier.is_some() { 2_700 } else { 4_096 }, &mut text);
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        let started = Instant::now();
        let signature = Signature::of(paragraphs);
        let signed = Instant::now();
        let answer = stories.find(&signature, now);
        let answered = Instant::now();
        let entry = Entry::new(id(n), answer.map_or(id(n).into(), |earlier| earlier.story), now, signature);
        stories.remember(&entry);
        *times = [signed - started, answered - signed, answered.elapsed()].map(|time| time.as_nanos() as u32);
        bytes += text.len();
        repeats += usize::from(earlier.is_some());
        found += usize::from(answer.is_some() && earlier.is_some());
        assert!(answer.is_none() || earlier.is_some(), "article {n} repeats nothing");
    }
    let taken = resident() - before;
    println!("{count} articles of {} bytes, of which {} are remembered", bytes / count, stories.len());
    println!("microseconds an article, median and ninety-ninth hundredth:");
    println!("  signature {}", quantiles(times.iter().map(|times| times[0])));
    println!("  find      {}", quantiles(times.iter().map(|times| times[1])));
    println!("  remember  {}", quantiles(times.iter().map(|times| times[2])));
    println!("  together  {}", quantiles(times.iter().map(|times| times.iter().sum())));
    println!("resident: {:.1} MB, {} bytes a story", taken as f64 / 1e6, taken / stories.len());
    println!("{found} of {repeats} repeats found, nothing else");
    ExitCode::SUCCESS
}

/// What is robust against others on the same machine.
fn quantiles(nanoseconds: impl Iterator<Item = u32>) -> String {
    let mut all: Vec<u32> = nanoseconds.collect();
    all.sort_unstable();
    let [median, worst] = [all.len() / 2, all.len() * 99 / 100].map(|at| f64::from(all[at]) / 1e3);
    format!("{median:.1} {worst:.1}")
}

fn id(n: usize) -> Id {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&(n as u64).to_le_bytes());
    Id(id)
}

/// The n-th article, or as much of its beginning: made-up words, the short ones often, as in a language.
fn write(n: usize, bytes: usize, text: &mut String) {
    const SYLLABLES: [&str; 16] =
        ["ka", "ro", "mi", "ten", "sal", "du", "ver", "po", "lin", "ga", "shu", "be", "nor", "ti", "fa", "wo"];
    text.clear();
    let mut state = n as u64;
    let mut words = 0;
    while text.len() < bytes {
        // SplitMix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let length = (bits & 15).trailing_zeros().min(3) as usize + 1;
        (0..length).for_each(|i| text.push_str(SYLLABLES[(bits >> (4 + 4 * i)) as usize & 15]));
        words += 1;
        text.push_str(if words % 40 == 0 { ".\n\n" } else { " " });
    }
}

/// Bytes of memory that are in use by this process, as the kernel counts them.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("kilobytes") * 1024
}
