//! `disputed` labels news by the disputes that it is about: a library, and a daemon that watches a drop folder.
//!
//! ```text
//! inbox ─► claim ─► decode ─► article ─► paragraphs ─► scores ─► verdicts ─► record ─► line (durable) ─► commit
//!  daemon/inbox     read/…                              model/…               record    daemon/sink       daemon/inbox
//! ```
//!
//! The rooms, in reading order:
//!
//! - [`error`](Error): what stops us, and what condemns one input ([`Reject`]).
//! - [`nearest`](nearest()): what may have been meant by a misspelt name.
//! - [`article`](Article): text with its paragraphs marked.
//! - [`durable`](replace_file): files that survive a power cut.
//! - [`read`]: bytes to an article.
//! - [`model`]: paragraphs to verdicts.
//! - [`record`](Record): verdicts to a JSON line.
//! - [`label()`]: the pure straight line through the last three.
//! - [`story`]: articles that tell again what an earlier one told.
//! - [`learn`]: labelled paragraphs to a model, and a model to figures.
//! - [`daemon`]: everything with a disk or a clock.
//! - `fuzzing`: what must hold for every input; it is there for tests and fuzzers only.
//!
//! What holds everywhere:
//!
//! 1. The directory is the truth; file events are hints that shorten the wait.
//! 2. A file leaves its inbox only after its line is durable. No rename overwrites.
//! 3. In a file sink every line stands exactly once; on standard output at least once, with the same `id` on a repeat.
//! 4. `read`, `model`, `record`, `label` and `story` have no disk, clock, thread, environment or randomness
//!    (`Model::load` alone reads a file).
//! 5. A model is immutable and whole: an article is scored by one model, from first to last paragraph.
//! 6. A bad article is data, not an error of ours.
//! 7. Topics are data: they are what the corpus says. `boilerplate` is the one reserved label.
//! 8. The same corpus gives the same model, byte for byte; the same bytes and model give the same record.

mod error;
mod nearest;
mod article;
mod durable;
pub mod read;
pub mod model;
mod record;
mod label;
pub mod story;
pub mod learn;
pub mod daemon;
/// What must hold for every input, for those who look for one that breaks it.
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;

pub use article::{Article, Details, Status};
pub use durable::replace_file;
pub use error::{Code, Error, Reject, Result};
pub use label::{Labelled, Origin, label, label_each};
pub use model::Model;
pub use nearest::nearest;
pub use read::Limits;
pub use record::{LINE_LIMIT, RECORD_SCHEMA, Record, SCHEMA, Source};
