//! What a record has to do with earlier ones: the end of its line, which is known last.

use serde::Serialize;

use super::write_line;

/// What a record has to do with earlier ones, which is known last: it stands at the end of the line.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Relation {
    /// The earlier record in whose place this one stands: its id, or the digest of a file of several articles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<String>,
    /// The story that it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) story: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) near_duplicate: Option<NearDuplicate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) withdrawn: Option<Withdrawn>,
}

/// An earlier article that tells the same story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct NearDuplicate {
    pub(crate) of: String,
    #[serde(serialize_with = "hundredths")]
    pub(crate) similarity: f64,
}

/// An article that its publisher has taken back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Withdrawn {
    pub(crate) status: &'static str,
    /// Its record, where that is remembered.
    pub(crate) id: Option<String>,
}

impl Relation {
    /// Adds it to the line that `lines` ends with, which has room for it.
    pub(crate) fn write(&self, lines: &mut Vec<u8>) {
        const END: &[u8] = b"}\n";
        if *self == Relation::default() || !lines.ends_with(END) {
            return;
        }
        lines.truncate(lines.len() - END.len());
        let comma = lines.len();
        write_line(self, lines);
        // Where its own object opens, that of the line goes on.
        lines[comma] = b',';
    }

    /// So many bytes it takes at most: two ids with a number behind each, a story, and the names of all.
    pub(crate) const ROOM: usize = 384;
}

/// Of a figure with a standard error of a twentieth.
fn hundredths<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1e2).round() / 1e2)
}
