//! The pure straight line: bytes, a model and limits in; records or refusals out.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use crate::article::{Article, Details, Status};
use crate::error::{Code, Reject};
use crate::model::{Judgement, Model};
use crate::read::{Input, Item, Limits, Reading, begin, read_each, read_each_of, reject_of, seconds_since_1970};
use crate::record::{Record, Source, digest, digest_of};

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

/// Reads an input of one article, labels its paragraphs and makes its record. No disk, no clock: the same arguments give
/// the same record.
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
/// A [`Reject`] where the bytes hold no article, or more than one ([`label_each`] labels them), or cost more than the limits
/// allow.
pub fn label(
    bytes: &[u8],
    origin: Origin,
    model: &Model,
    limits: &Limits,
    received_at: SystemTime,
) -> Result<Record, Reject> {
    let mut records = Vec::new();
    label_each(bytes, origin, model, limits, received_at, &mut |labelled| {
        records.push(match labelled {
            Labelled::Article { record, .. } => Ok(record),
            Labelled::Notice { reject, .. } | Labelled::Held { reject, .. } | Labelled::Refused(reject) => Err(reject),
        });
    })?;
    match records.len() {
        1 => records.remove(0),
        count => {
            Err(Reject::new(Code::Several, format!("the file holds {count} articles, where one was to be labelled")))
        }
    }
}

/// What comes of one article of an input.
#[derive(Debug)]
pub enum Labelled<'a> {
    /// It is labelled.
    Article {
        /// Its record.
        record: Record,
        /// What the record was made of.
        judgement: Judgement,
        /// The article itself.
        article: Article<'a>,
    },
    /// Its publisher takes an article back by it, and names that by its GUID.
    Notice {
        /// A record without paragraphs or topics, which says what is taken back.
        record: Record,
        /// The notice itself, whose status is not [`Status::Usable`].
        article: Article<'a>,
        /// What it is to who remembers no earlier articles.
        reject: Reject,
    },
    /// It is not to be published before a time that is still to come.
    Held {
        /// That time.
        until: SystemTime,
        /// The article itself.
        article: Article<'a>,
        /// The id that its record will have.
        id: String,
        /// The digest of the input's bytes.
        digest: String,
        /// What it is to who waits for nothing.
        reject: Reject,
    },
    /// There is no record of it.
    Refused(Reject),
}

/// As [`label()`], of an input of any number of articles: hands what comes of each to `visit`, in the order in which they
/// stand. A record's `item` counts the articles that were refused, too. A stream is read twice, because every record carries
/// the digest of all of it.
///
/// # Errors
/// A [`Reject`] where the input as a whole can be read no further; what was visited before stands.
pub fn label_each<'i>(
    input: impl Into<Input<'i>>,
    origin: Origin,
    model: &Model,
    limits: &Limits,
    received_at: SystemTime,
    visit: &mut dyn FnMut(Labelled<'_>),
) -> Result<(), Reject> {
    let mut input = input.into();
    let size = input.size(&origin.path, limits)?;
    let (whole, digest_of_file) = match &mut input {
        Input::Bytes(bytes) => (Some(*bytes), digest(bytes)),
        Input::Stream(stream) => (None, digest_of(begin(&mut **stream, size)?).map_err(reject_of)?),
    };
    let (mut item, mut ids) = (0, Ids::default());
    read_each_of(input, size, &origin.path, limits, &mut |Item { bytes, reading }| {
        let is_whole = whole.is_some_and(|whole| std::ptr::eq(whole, bytes));
        let id = if is_whole { digest_of_file.clone() } else { ids.of(bytes) };
        let number = item;
        item += 1;
        let Reading { article, format, charset, replaced } = match reading {
            Ok(reading) => reading,
            Err(reject) => return visit(Labelled::Refused(reject)),
        };
        let source = Source {
            inbox: origin.inbox.clone(),
            path: origin.path.clone(),
            item: number,
            bytes: size,
            digest: digest_of_file.clone(),
            inode: origin.inode,
            ctime: origin.ctime.clone(),
            format: format.as_str(),
            charset,
            replaced,
        };
        let record = |id, article: &Article, judgement: &Judgement| {
            Record::new(id, source, received_at, article, judgement, model.topics(), model.id())
        };
        visit(match (article.details.status, embargo(&article.details, received_at)) {
            (Status::Usable, None) => {
                let judgement = model.judge(&article);
                Labelled::Article { record: record(id, &article, &judgement), judgement, article }
            }
            (Status::Usable, Some((until, text))) => {
                let message = format!("its publisher holds it under embargo until {text}");
                let reject = Reject::new(Code::Withheld, message);
                Labelled::Held { until, id, digest: digest_of_file.clone(), article, reject }
            }
            (status, _) => {
                let reject = withheld(status);
                match article.details.guid {
                    Some(_) => {
                        Labelled::Notice { record: record(id, &article, &Judgement::default()), article, reject }
                    }
                    None => Labelled::Refused(reject),
                }
            }
        });
    })
}

/// Whether an article stands in an input that is not to be published yet. Nothing is labelled.
pub(crate) fn is_held<'i>(input: impl Into<Input<'i>>, name: &str, limits: &Limits, now: SystemTime) -> bool {
    let mut is_held = false;
    // What cannot be read to its end is found out by who reads it.
    let _ = read_each(input, name, limits, &mut |item| {
        let details = item.reading.as_ref().ok().map(|reading| &reading.article.details);
        is_held |= details.is_some_and(|it| it.status == Status::Usable && embargo(it, now).is_some());
    });
    is_held
}

/// The end of its embargo, where that is still to come, and as its publisher wrote it. An embargo whose end is before 1970
/// has ended.
fn embargo(details: &Details, now: SystemTime) -> Option<(SystemTime, String)> {
    let text = details.embargoed.as_deref()?;
    let seconds = u64::try_from(seconds_since_1970(text)?).ok()?;
    let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    (until > now).then(|| (until, text.to_string()))
}

/// The refusal of an article that its publisher gives this status.
pub(crate) fn withheld(status: Status) -> Reject {
    Reject::new(Code::Withheld, format!("its publisher gives its status as {}", status.as_str()))
}

/// The ids of the articles of one file: digests of their bytes, with a number behind where the same bytes come again. Half of
/// a digest tells them apart, and a file may have a hundred thousand.
#[derive(Default)]
struct Ids(HashMap<u128, u32>);

impl Ids {
    fn of(&mut self, bytes: &[u8]) -> String {
        let id = digest(bytes);
        let half = id.get(3..35).and_then(|digits| u128::from_str_radix(digits, 16).ok());
        let count = self.0.entry(half.unwrap_or_default()).or_insert(0);
        *count += 1;
        if *count == 1 { id } else { format!("{id}#{}", *count - 1) }
    }
}
