//! The same wire story again: near-duplicates of articles, known by a small [`Signature`] of their texts.
//!
//! ```text
//! paragraphs ─► Signature ─► Stories::tell ─► Telling: its story, the article that it repeats or replaces
//!                    └─► Entry ─► Stories::remember, and journal (bytes)
//! ```
//!
//! It remembers as well what publishers know their articles by ([`Guid`]): which version came last, and whether it was
//! taken back.
//!
//! Two articles tell the same story where two thirds of the phrases of the shorter stand in the longer, which is three
//! times as long at most. Both are estimated from a sketch of 64 bytes (min-wise hashing, Broder 1997) with a standard
//! error of about 0.05, and an article is looked up by eight hashes of phrases, so that no answer looks at many. The room
//! has no disk and no clock: times are arguments, and what outlives the program is bytes.
//!
//! Of a thousand real articles that were cut by two fifths, put in another order and respelt, under another headline,
//! more than 990 were found again among 1,856, and no other one was (`tests/story.rs`).
//!
//! What it does not know: a story told in other words; a text of fewer than about 100 words, but for its exact
//! repeats; the same text in another language. A form that is filled in anew is the same story where fewer than one word in fifteen is another.

mod words;
mod sketch;
mod signature;
mod id;
mod guid;
mod entry;
pub mod journal;
mod table;
mod waiting;
mod window;
mod telling;

pub use entry::Entry;
pub use guid::Guid;
pub use id::{Id, StoryId};
pub use signature::Signature;
pub use telling::{Arrival, Telling};
pub use window::{Found, Reach, Stories};
