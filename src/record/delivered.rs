//! What a line says of the delivery that it speaks of, for who reads lines back.

use serde::Deserialize;

/// The delivery that a line of a sink speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Delivered {
    /// The article's id, which stands beside all the rest.
    #[serde(skip)]
    id: String,
    inbox: Option<String>,
    path: String,
    item: u32,
    bytes: u64,
    digest: String,
    inode: Option<u64>,
    ctime: Option<String>,
    #[serde(skip)]
    news: News,
}

/// What a line says of its article that later ones may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) received_at: Option<String>,
    pub(crate) guid: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) withdrawn: Option<TakenBack>,
}

/// What a line says of the article that it takes back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct TakenBack {
    pub(crate) status: String,
    pub(crate) id: Option<String>,
}

impl Delivered {
    /// The article's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What the line says beside where the article came from.
    pub(crate) fn news(&self) -> &News {
        &self.news
    }

    /// The drop folder, escaped as in records.
    pub(crate) fn inbox(&self) -> Option<&str> {
        self.inbox.as_deref()
    }

    /// The path in it, escaped as in records.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Which article of the file.
    pub(crate) fn item(&self) -> u32 {
        self.item
    }

    /// Whether the article is all that its file holds: then its bytes are those of the file.
    pub(crate) fn is_whole_file(&self) -> bool {
        self.id == self.digest
    }

    /// How many bytes were read.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of the bytes that were read.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The inode and the change time of the file that was read.
    pub(crate) fn version(&self) -> (Option<u64>, Option<&str>) {
        (self.inode, self.ctime.as_deref())
    }

    /// What a line of a sink says, or `None` where it is no record.
    pub(crate) fn parse(line: &[u8]) -> Option<Delivered> {
        #[derive(Deserialize)]
        struct Line {
            id: String,
            received_at: Option<String>,
            guid: Option<String>,
            version: Option<String>,
            withdrawn: Option<TakenBack>,
            source: Delivered,
        }
        let Line { id, received_at, guid, version, withdrawn, source } = serde_json::from_slice(line).ok()?;
        Some(Delivered { id, news: News { received_at, guid, version, withdrawn }, ..source })
    }
}
