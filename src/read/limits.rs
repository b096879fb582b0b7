//! What an input may cost at most.

/// What an input may cost at most; more is a [`Reject`](crate::Reject).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one input file, and of each article in it. Default 16 MiB.
    pub bytes: u64,
    /// Open elements in an HTML page. Default 256; the extractor's time grows with the square of the depth.
    pub depth: usize,
    /// Articles in one file. Default 100,000.
    pub items: usize,
    /// Paragraphs of one article. Default 200,000; a book has a few thousand.
    pub paragraphs: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        // As many paragraphs as there may be elements in a page. Each costs far more than its bytes once it is judged:
        // sixteen megabytes of them would take four gigabytes.
        Limits { bytes: 16 << 20, depth: 256, items: 100_000, paragraphs: 200_000 }
    }
}
