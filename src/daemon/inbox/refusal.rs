//! Why a file was refused, and which file that was: what stands beside it in failed/.

use serde::{Deserialize, Serialize};

use super::claim::Identity;
use crate::daemon::clock::now;
use crate::error::Reject;

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
pub struct RefusedArticle {
    /// Its number in the file, from 0.
    pub item: u32,
    /// The stable word for why.
    pub code: String,
    /// What was found.
    pub message: String,
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

/// So many refused articles of a file are named; a file with more has one mistake that all of them share.
const NAMED: usize = 1000;

impl Refusal {
    /// Why a file was refused, now.
    pub(crate) fn new(reject: &Reject, source: Refused, attempts: u32, model: &str) -> Refusal {
        Refusal {
            code: reject.code.as_str().into(),
            message: reject.message.clone(),
            when: humantime::format_rfc3339_millis(now()).to_string(),
            attempts,
            model: model.into(),
            next: reject.code.next_step().into(),
            articles: Vec::new(),
            source,
        }
    }

    /// The same for some articles of the file, whose others have lines.
    #[must_use]
    pub(crate) fn with_articles(self, refused: &[(u32, Reject)]) -> Refusal {
        let named = refused.iter().take(NAMED).map(|(item, Reject { code, message })| RefusedArticle {
            item: *item,
            code: code.as_str().into(),
            message: message.clone(),
        });
        let next = "send what is told of again, by itself: the file was let go".into();
        Refusal { articles: named.collect(), next, ..self }.counted()
    }

    /// The same with the articles that were noted before.
    #[must_use]
    pub(crate) fn after(mut self, before: Refusal) -> Refusal {
        self.articles.retain(|article| before.articles.iter().all(|known| known.item != article.item));
        self.articles.splice(..0, before.articles);
        self.articles.sort_by_key(|article| article.item);
        self.articles.truncate(NAMED);
        Refusal { code: before.code, ..self }.counted()
    }

    fn counted(self) -> Refusal {
        let count = match self.articles.len() {
            NAMED => format!("{NAMED} or more"),
            count => count.to_string(),
        };
        let message = format!("what is told of {count} of its articles has no lines; all others have theirs");
        Refusal { message, ..self }
    }

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
