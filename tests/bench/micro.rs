//! How many bytes a second each stage takes on this machine: `cargo bench`, with a part of a name to choose.

#![allow(clippy::expect_used, reason = "a measurement may fail in plain sight")]

mod stage;
mod text;

use divan::Bencher;
use divan::counter::BytesCount;

use stage::{STAGES, Work};
use text::Text;

fn main() {
    divan::main();
}

#[divan::bench(args = names())]
fn ascii(bencher: Bencher<'_, '_>, stage: &str) {
    measure(bencher, stage, "ascii");
}

#[divan::bench(args = names())]
fn unicode(bencher: Bencher<'_, '_>, stage: &str) {
    measure(bencher, stage, "unicode");
}

fn names() -> impl Iterator<Item = &'static str> {
    STAGES.iter().map(|(name, _)| *name)
}

/// The articles of a set in turn, one an iteration.
fn measure(bencher: Bencher<'_, '_>, stage: &str, set: &str) {
    let (_, work) = STAGES.iter().find(|(name, _)| *name == stage).expect("a stage");
    let works: Vec<Work> = Text::set(set).iter().map(work).collect();
    let bytes: usize = works.iter().map(|work| work.bytes).sum();
    let mut next = works.iter().cycle();
    let bencher = bencher.counter(BytesCount::new(bytes / works.len()));
    bencher.bench_local(|| next.next().into_iter().for_each(Work::run));
}
