//! Runs one stage a given number of times, for a profiler to watch. Without arguments it names the stages.
//!
//! usage: stages STAGE ascii|unicode|FOLDER TIMES: prints how many bytes that was

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it fails, and prints, in plain sight"
)]

mod stage;
mod text;

use std::env::args;
use std::process::ExitCode;

use stage::{STAGES, Work};
use text::Text;

fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let [name, set, times] = arguments.as_slice() else {
        STAGES.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let (Some((_, work)), Ok(times)) = (STAGES.iter().find(|(stage, _)| stage == name), times.parse()) else {
        eprintln!("usage: stages STAGE ascii|unicode|FOLDER TIMES");
        return ExitCode::FAILURE;
    };
    let works: Vec<Work> = Text::set(set).iter().take(times).map(work).collect();
    let bytes = works.iter().cycle().take(times).map(|work| {
        work.run();
        work.bytes
    });
    println!("{}", bytes.sum::<usize>());
    ExitCode::SUCCESS
}
