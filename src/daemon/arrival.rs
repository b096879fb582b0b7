//! What of an article tells what it has to do with earlier ones.

use std::time::SystemTime;

use super::delivery::Held;
use crate::article::{Article, Status};
use crate::model::Verdict;
use crate::record::{Delivered, News, Record};
use crate::story::{Arrival, Entry, Guid, Id, Signature};

/// Of an article with the verdicts on its paragraphs, which is none on a notice that takes one back. `place` is the folder
/// that it came in.
pub(crate) fn arrival(record: &Record, article: &Article, verdicts: &[Verdict], place: &str) -> Option<Arrival> {
    let details = &article.details;
    Some(Arrival {
        id: Id::parse(record.id())?,
        signature: signature(article, verdicts),
        guid: details.guid.as_deref().map(|guid| Guid::of(guid, place)),
        version: details.version.as_deref().and_then(number),
        status: details.status,
    })
}

/// What a line says that was written before: what its publisher knows the article by, and whether it was taken back. Of its
/// text a line keeps too little. Nothing where its publisher gives it no name.
pub(crate) fn told(delivered: &Delivered, place: &str) -> Option<Entry> {
    let News { received_at, guid, version, withdrawn } = delivered.news();
    let at = humantime::parse_rfc3339(received_at.as_deref()?).ok()?;
    let guid = Guid::of(guid.as_deref()?, place);
    let taken_back = withdrawn.as_ref();
    let id = taken_back.and_then(|withdrawn| withdrawn.id.as_deref()).unwrap_or(delivered.id());
    let status = taken_back.map_or(Some(Status::Usable), |withdrawn| Status::parse(&withdrawn.status))?;
    let id = Id::parse(id)?;
    Some(Entry::new(id, id.into(), at, Signature::default()).known_as(
        guid,
        version.as_deref().and_then(number),
        status,
    ))
}

fn number(version: &str) -> Option<u32> {
    version.trim().parse().ok()
}

/// Of an article of that id that is under embargo until then.
pub(crate) fn held(id: &str, until: SystemTime, article: &Article, place: &str) -> Held {
    let guid = article.details.guid.clone();
    let key = guid.as_deref().map(|guid| Guid::of(guid, place));
    let version = article.details.version.as_deref().and_then(number);
    Held {
        item: 0,
        until,
        title: article.title().map(String::from),
        guid,
        key,
        id: Id::parse(id),
        version,
        waited: false,
        entry: None,
    }
}

/// The story is what is neither title nor boilerplate.
fn signature(article: &Article, verdicts: &[Verdict]) -> Signature {
    let first = usize::from(article.title().is_some());
    let tells = |i: usize| i >= first && verdicts.get(i).is_some_and(|verdict| !verdict.boilerplate);
    let body = article.paragraphs().enumerate().filter(|(i, _)| tells(*i));
    let beside = article.paragraphs().enumerate().filter(|(i, _)| !tells(*i));
    beside.fold(Signature::of(body.map(|(_, text)| text)), |signature, (_, text)| signature.beside(text))
}
