//! How many bytes a second each stage takes on this machine: `cargo bench`, with a part of a name to choose.

#![allow(clippy::expect_used, reason = "a measurement may fail in plain sight")]

#[path = "../pages/mod.rs"]
#[allow(dead_code, reason = "what a page is made of is looked at by tests")]
mod pages;
mod shapes;
mod stage;
mod text;

use std::hint::black_box;

use disputed::Limits;
use disputed::read::read;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

use pages::page::{LAYOUTS, Page};
use shapes::SHAPES;
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

/// Pages a second of 100 KB, layout by layout.
#[divan::bench(args = LAYOUTS.map(|(name, _)| name))]
fn layouts(bencher: Bencher<'_, '_>, layout: &str) {
    let (_, layout) = LAYOUTS.iter().find(|(name, _)| *name == layout).expect("a layout");
    let pages: Vec<Page> = (0..14).map(|seed| Page::new(*layout, seed)).collect();
    let mut next = pages.iter().cycle();
    let bencher = bencher.counter(ItemsCount::new(1_u32));
    bencher.bench_local(|| next.next().into_iter().for_each(|page| read_page(&page.html)));
}

/// The time for a page of a megabyte that was made to cost much.
#[divan::bench(args = SHAPES.map(|(name, ..)| name), sample_count = 5, sample_size = 1)]
fn shapes(bencher: Bencher<'_, '_>, shape: &str) {
    let page = shapes::page(SHAPES.iter().find(|(name, ..)| *name == shape).expect("a shape"));
    bencher.bench_local(|| read_page(&page));
}

fn read_page(page: &str) {
    drop(black_box(read(page.as_bytes(), "a.html", &Limits::default())));
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
