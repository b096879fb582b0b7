//! One binary for all tests from outside: the program as its user starts it, exact input to exact output.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test may fail, and says why it skips"
)]

mod pages;
mod support;

// What comes out of it.
mod record;
mod formats;
mod same;
mod layouts;
mod classify;
// How files come in, and what becomes of them.
mod run;
mod delivery;
mod after;
mod rejects;
mod limits;
mod hostile;
mod overlong;
mod several;
mod relations;
mod embargo;
mod producers;
mod revisions;
mod watching;
mod crash;
mod torn;
mod meanwhile;
mod anything;
mod power;
// What people ask.
mod answers;
mod retry;
mod drift;
// The model, and how another takes its place.
mod train;
mod labels;
mod model;
mod oracle;
mod evaluation;
mod reload;
// What it is told, and how it is run.
mod settings;
mod shells;
mod deploy;
// The same story again.
mod story;
// Real news, where it is here.
mod realnews;
// The house itself.
mod house;
