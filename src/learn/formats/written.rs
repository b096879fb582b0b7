//! What came of writing labelled texts down, and what got lost on the way.

use std::path::PathBuf;

use crate::learn::corpus::Document;

/// Labelled texts in some format, not yet on a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The bytes.
    pub written: Written,
    /// What the format cannot carry, as sentences for a person.
    pub lost: Vec<String>,
}

/// The bytes of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// One file.
    File(Vec<u8>),
    /// Files by their paths in a folder.
    Folder(Vec<(PathBuf, Vec<u8>)>),
}

/// Counts of what a format cannot carry.
#[derive(Default)]
pub(super) struct Lost {
    articles: usize,
    /// Texts whose white space changed.
    pub(super) white_space: usize,
    /// Texts whose labels have lost their order.
    pub(super) orders: usize,
}

impl Lost {
    /// Counts the articles, for a format that knows of none.
    pub(super) fn articles(&mut self, documents: &[Document]) {
        self.articles = documents.iter().filter(|document| document.is_article()).count();
    }

    /// A text without white space at its ends.
    pub(super) fn trimmed(&mut self, text: &str) -> String {
        let trimmed = text.trim();
        self.white_space += usize::from(trimmed != text);
        trimmed.to_string()
    }

    /// A text as a single line.
    pub(super) fn one_line(&mut self, text: &str) -> String {
        let line = text.trim().replace(['\n', '\r'], " ");
        self.white_space += usize::from(line != text);
        line
    }

    pub(super) fn sentences(&self) -> Vec<String> {
        let counts = [
            ("articles whose paragraphs stand by themselves now, without an order", self.articles),
            ("texts that lose line breaks, or white space at their ends", self.white_space),
            ("texts that lose the order of their labels, of which the first is the most important", self.orders),
        ];
        counts.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}: {n}")).collect()
    }
}
