//! What of an article tells what it has to do with earlier ones.

use std::time::SystemTime;

use super::delivery::Held;
use crate::article::Article;
use crate::model::Verdict;
use crate::record::Record;
use crate::story::{Arrival, Guid, Id, Signature};

/// Of an article with the verdicts on its paragraphs, which is none on a notice that takes one back. `place` is the folder
/// that it came in.
pub(crate) fn arrival(record: &Record, article: &Article, verdicts: &[Verdict], place: &str) -> Option<Arrival> {
    let details = &article.details;
    Some(Arrival {
        id: Id::parse(record.id())?,
        signature: signature(article, verdicts),
        guid: details.guid.as_deref().map(|guid| Guid::of(guid, place)),
        version: details.version.as_deref().and_then(|version| version.trim().parse().ok()),
        status: details.status,
    })
}

/// Of an article that is under embargo until then.
pub(crate) fn held(until: SystemTime, article: &Article, place: &str) -> Held {
    let guid = article.details.guid.clone();
    let key = guid.as_deref().map(|guid| Guid::of(guid, place));
    Held { item: 0, until, title: article.title().map(String::from), guid, key }
}

/// The story is what is neither title nor boilerplate.
fn signature(article: &Article, verdicts: &[Verdict]) -> Signature {
    let first = usize::from(article.title().is_some());
    let tells = |i: usize| i >= first && verdicts.get(i).is_some_and(|verdict| !verdict.boilerplate);
    let body = article.paragraphs().enumerate().filter(|(i, _)| tells(*i));
    let beside = article.paragraphs().enumerate().filter(|(i, _)| !tells(*i));
    beside.fold(Signature::of(body.map(|(_, text)| text)), |signature, (_, text)| signature.beside(text))
}
