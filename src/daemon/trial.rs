//! What a process that tries an input apart says of its articles, and what the daemon makes of that.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::arrival::{arrival, held};
use super::delivery::Held;
use super::inbox::{Claim, Inbox, RefusedArticle, Stream};
use crate::error::{Code, Reject};
use crate::label::{Labelled, Origin};
use crate::record::{Delivered, LINE_LIMIT, json_line};
use crate::story::{Arrival, Entry, Guid, Id};

/// What follows the line of an article: what is asked of earlier ones.
#[derive(Serialize, Deserialize)]
struct Asks {
    /// An entry of the memory of stories that says it.
    arrival: Vec<u8>,
    guid: Option<String>,
}

/// What stands in the place of the line of an article that is under embargo.
#[derive(Serialize, Deserialize)]
struct Waits {
    item: u32,
    /// Seconds since 1970.
    until: u64,
    title: Option<String>,
    guid: Option<String>,
    version: Option<u32>,
    id: String,
    digest: String,
}

/// What a process that tries an input apart is to say of its article of that number: lines for the daemon that asks.
/// Records are without paragraphs' texts unless `text`.
pub fn answer(labelled: Labelled<'_>, item: u32, text: bool) -> Vec<u8> {
    let (record, article, verdicts) = match labelled {
        Labelled::Article { record, judgement, article } => (record, article, judgement.paragraphs),
        Labelled::Notice { record, article, .. } => (record, article, Vec::new()),
        Labelled::Held { until, article, id, digest, .. } => {
            let Held { title, guid, version, .. } = held(&id, until, &article, "");
            let until = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
            return json_line(&Waits { item, until, title, guid, version, id, digest });
        }
        Labelled::Refused(Reject { code, message }) => {
            return json_line(&RefusedArticle { item, code: code.as_str().into(), message });
        }
    };
    let asks = arrival(&record, &article, &verdicts, "").map(|arrival| {
        let Arrival { id, signature, guid, version, status } = arrival;
        let entry = Entry::new(id, id.into(), SystemTime::UNIX_EPOCH, signature);
        let entry = guid.map_or(entry.clone(), |guid| entry.known_as(guid, version, status));
        Asks { arrival: entry.to_bytes().into(), guid: article.details.guid.clone() }
    });
    let mut lines = if text { record } else { record.without_text() }.line();
    lines.extend(asks.iter().flat_map(json_line));
    lines
}

/// What such a process says of one article.
pub(crate) enum Answer {
    Line(Delivered, Vec<u8>, Option<Box<Arrival>>),
    /// It is under embargo. Second: the digest of the input.
    Held(Held, String),
    Refused(Reject),
}

/// All that such a process has said: it may be more than is to be in memory, and stays in its file.
pub(crate) struct Said {
    file: File,
    /// What stands behind it is no answer.
    length: u64,
    /// Why there is no more, where that is not the end of the input.
    pub(crate) end: Result<(), Reject>,
}

impl Said {
    pub(crate) fn new(file: File) -> io::Result<Said> {
        let length = file.metadata()?.len();
        Ok(Said { file, length, end: Ok(()) })
    }

    /// The last bytes, at most so many, and where they begin.
    pub(crate) fn tail(&self, most: u64) -> io::Result<(u64, Vec<u8>)> {
        let start = self.length.saturating_sub(most);
        let mut tail = vec![0; usize::try_from(self.length - start).unwrap_or(usize::MAX)];
        self.file.read_exact_at(&mut tail, start)?;
        Ok((start, tail))
    }

    /// The same up to there, which is not the end of the input.
    pub(crate) fn cut(self, length: u64, reject: Reject) -> Said {
        Said { length, end: Err(reject), ..self }
    }

    /// Whether there is no answer: the first line feed says that the process had its model.
    pub(crate) fn is_empty(&self) -> bool {
        self.length <= 1
    }

    /// Whether it speaks of anything that is under embargo; `None` where not all of it is whole and of this version of the
    /// input.
    pub(crate) fn holds(&self, inbox: &Inbox, claim: &Claim) -> Option<bool> {
        let mut holds = false;
        self.each(inbox, claim, &mut |answer| holds |= matches!(answer, Answer::Held(..))).map(|()| holds)
    }

    /// Calls `visit` with one answer after the other, up to the first that is not whole or speaks of another version of the
    /// input: `None` where there is one.
    pub(crate) fn each(&self, inbox: &Inbox, claim: &Claim, visit: &mut dyn FnMut(Answer)) -> Option<()> {
        let place = &inbox.place_of(&claim.path);
        let Origin { inbox, path, inode, ctime } = claim.identity.origin(Some(inbox.root()), &claim.path);
        let is_of_claim = |delivered: &Delivered| {
            delivered.inbox() == inbox.as_deref()
                && delivered.path() == path
                && delivered.version() == (inode, ctime.as_deref())
        };
        let mut lines = BufReader::new(Stream::of(&self.file).take(self.length));
        let mut last = None;
        loop {
            let mut line = Vec::new();
            lines.read_until(b'\n', &mut line).ok()?;
            if line.is_empty() {
                last.into_iter().for_each(visit);
                return Some(());
            }
            line.ends_with(b"\n").then_some(())?;
            let answer = if line.trim_ascii().is_empty() {
                continue;
            } else if let Some(delivered) = Delivered::parse(&line).filter(|_| line.len() <= LINE_LIMIT) {
                is_of_claim(&delivered).then_some(Answer::Line(delivered, line, None))?
            } else if let Ok(asks) = serde_json::from_slice::<Asks>(&line) {
                let Some(Answer::Line(_, _, arrival)) = &mut last else { return None };
                *arrival = Some(Box::new(asks.arrival(place)?));
                continue;
            } else if let Ok(waits) = serde_json::from_slice::<Waits>(&line) {
                waits.held(place)?
            } else {
                let RefusedArticle { code, message, .. } = serde_json::from_slice(&line).ok()?;
                Answer::Refused(Reject::new(Code::parse(&code)?, message))
            };
            last.replace(answer).into_iter().for_each(&mut *visit);
        }
    }
}

impl Asks {
    fn arrival(self, place: &str) -> Option<Arrival> {
        let entry = Entry::from_bytes(self.arrival.as_slice().try_into().ok()?)?;
        Some(Arrival {
            id: entry.id(),
            signature: entry.signature().clone(),
            guid: self.guid.map(|guid| Guid::of(&guid, place)),
            version: entry.version(),
            status: entry.status(),
        })
    }
}

impl Waits {
    fn held(self, place: &str) -> Option<Answer> {
        let Waits { item, until, title, guid, version, id, digest } = self;
        let until = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(until))?;
        let key = guid.as_deref().map(|guid| Guid::of(guid, place));
        Some(Answer::Held(
            Held { item, until, title, guid, key, id: Id::parse(&id), version, waited: false, entry: None },
            digest,
        ))
    }
}
