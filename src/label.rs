//! The pure straight line: bytes, a model and limits in; a record or a refusal out.

use std::time::SystemTime;

use crate::error::Reject;
use crate::model::{Judgement, Model};
use crate::read::{Limits, Reading, read};
use crate::record::{Record, Source, digest};

/// How an input is known to its readers: where it came from, and which version of it.
///
/// The default is an input without a name or a place, such as standard input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The drop folder, where there is one.
    pub inbox: Option<String>,
    /// The path, escaped; its end tells HTML from text where the content does not.
    pub path: String,
    /// The inode, where known.
    pub inode: Option<u64>,
    /// The inode's change time, in UTC with nanoseconds, where known.
    pub ctime: Option<String>,
}

/// Reads an input, labels its paragraphs and makes its record. No disk, no clock: the same arguments give the same
/// record.
///
/// ```
/// use std::time::SystemTime;
/// use disputed::{Limits, Model, Origin, label};
///
/// let model = Model::shipped()?;
/// let text = "Tariffs on steel\n\nBrussels answered the new import duties on steel with tariffs of its own.\n";
/// let record = label(text.as_bytes(), Origin::default(), &model, &Limits::default(), SystemTime::UNIX_EPOCH)?;
/// let line: serde_json::Value = serde_json::from_slice(&record.line())?;
/// assert_eq!(line["primary"], "trade");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A [`Reject`] where the bytes hold no article, or cost more than the limits allow.
pub fn label(
    bytes: &[u8],
    origin: Origin,
    model: &Model,
    limits: &Limits,
    received_at: SystemTime,
) -> Result<Record, Reject> {
    label_and_judge(bytes, origin, model, limits, received_at).map(|(record, _)| record)
}

/// As [`label`], with the judgement that the record was made of.
pub(crate) fn label_and_judge(
    bytes: &[u8],
    origin: Origin,
    model: &Model,
    limits: &Limits,
    received_at: SystemTime,
) -> Result<(Record, Judgement), Reject> {
    let Reading { article, format, charset, replaced } = read(bytes, &origin.path, limits)?;
    let judgement = model.judge(&article);
    let source = Source {
        inbox: origin.inbox,
        path: origin.path,
        item: 0,
        bytes: bytes.len() as u64,
        digest: digest(bytes),
        inode: origin.inode,
        ctime: origin.ctime,
        format: format.as_str(),
        charset,
        replaced,
    };
    let record = Record::new(source, received_at, &article, &judgement, model.topics(), model.id());
    Ok((record, judgement))
}
