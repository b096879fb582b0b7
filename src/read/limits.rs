//! What an input may cost at most.

/// What an input may cost at most; more is a [`Reject`](crate::Reject).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one input file, and of each article in it. Default 16 MiB.
    pub bytes: u64,
    /// Bytes that all that is compressed in one file may expand to, together. Default 1 GiB. Mailboxes, web archives and JSON
    /// lines are read as they are expanded, so this is time and not memory.
    pub expanded: u64,
    /// How many times its own size a file may expand to, counted from 8 MiB on: small texts may repeat themselves. Default 100;
    /// news shrinks to a fifth, and bombs to a thousandth or less.
    pub ratio: u64,
    /// Compressed files and archives within each other. Default 3: one, in one, in one.
    pub nesting: usize,
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
        Limits {
            bytes: 16 << 20,
            expanded: 1 << 30,
            ratio: 100,
            nesting: 3,
            depth: 256,
            items: 100_000,
            paragraphs: 200_000,
        }
    }
}
