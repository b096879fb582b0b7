//! Why a file was refused, and which file that was: what stands beside it in failed/.

use serde::{Deserialize, Serialize};

use super::claim::Identity;

/// Why a file was refused, as it is written beside the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) when: String,
    pub(crate) attempts: u32,
    pub(crate) model: String,
    pub(crate) next: String,
    /// The articles that were refused, where the others of their file have lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) articles: Vec<RefusedArticle>,
    pub(crate) source: Refused,
}

/// One article of a file, and why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RefusedArticle {
    /// Its number in the file, from 0.
    pub(crate) item: u32,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Which file a reason speaks of: it may bear another name by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// The inbox that it came from, escaped as in records.
    pub(crate) inbox: String,
    /// The path in the inbox, escaped as in records.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) inode: u64,
    /// In UTC with nanoseconds.
    pub(crate) mtime: String,
}

impl Refused {
    pub(crate) fn new(inbox: String, path: String, identity: &Identity) -> Refused {
        Refused { inbox, path, bytes: identity.bytes, inode: identity.inode, mtime: identity.mtime_text() }
    }
}

impl Refusal {
    /// Whether this is the file that was refused.
    pub(crate) fn speaks_of(&self, file: &Identity) -> bool {
        let Refused { bytes, inode, ref mtime, .. } = self.source;
        (bytes, inode, mtime) == (file.bytes, file.inode, &file.mtime_text())
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        // Strings and numbers: writing them to memory cannot fail.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
