//! Pages in the manner of ten well-known layouts.
//!
//! Each page is made of a seed, and says of every word whether it is the article's. Seeds below [`HELD_OUT`] are for whoever
//! works on the extraction; the bars hold for others.

pub(crate) mod chance;
pub(crate) mod words;
pub(crate) mod furniture;
pub(crate) mod story;
pub(crate) mod page;
pub(crate) mod sites;

/// The first seed that nothing was ever tuned on.
pub(crate) const HELD_OUT: usize = 1000;
