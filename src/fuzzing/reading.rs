//! What holds for whatever is read, in whatever format: of the article, of a refusal, and of the line in the sink.

use std::io::Cursor;
use std::ops::Range;
use std::sync::LazyLock;
use std::time::SystemTime;

use serde_json::Value;

use crate::article::{Article, Status};
use crate::error::{Code, Reject};
use crate::label::{Labelled, Origin, label_each};
use crate::model::Model;
use crate::read::{self, Format, Input, Limits, Reading, format_of, language, read_each};
use crate::record::{Delivered, LINE_LIMIT};

/// Bytes of any charset and any packing.
pub fn decode(input: &[u8]) {
    if let Ok(decoded) = read::decode(input) {
        let text = &*decoded.text;
        assert!(!text.contains(['\r', '\0']), "lines end in LF, and there is no NUL");
        assert!(decoded.replaced <= input.len() && decoded.replaced <= text.matches('\u{fffd}').count());
        assert_eq!(decoded.charset, decoded.charset.to_ascii_lowercase());
        // What was a byte order mark is none once more.
        if let Some(again) = read::decode(text.as_bytes()).ok().filter(|_| !text.starts_with('\u{feff}')) {
            assert_eq!((&*again.text, again.charset, again.replaced), (text, "utf-8", 0), "text stays as it is");
        }
        assert!(language(text).is_none_or(|code| code.len() == 2));
    }
    if format_of(input, "a").is_none_or(|format| matches!(format, Format::Plain | Format::Markdown)) {
        let _ = articles(input, "a");
    }
}

/// A web page.
pub fn html(input: &[u8]) {
    of_format(input, "a.html", &[Format::Html]);
}

/// JSON and JSON lines, whatever kind of article they hold.
pub fn json(input: &[u8]) {
    of_format(input, "a.json", &[Format::Json, Format::JsonLines]);
}

/// NITF and NewsML-G2.
pub fn xml(input: &[u8]) {
    of_format(input, "a.xml", &[Format::Nitf, Format::NewsmlG2]);
}

/// RSS and Atom.
pub fn feed(input: &[u8]) {
    of_format(input, "a.xml", &[Format::Rss, Format::Atom]);
}

/// A message or a mailbox.
pub fn mail(input: &[u8]) {
    of_format(input, "a.eml", &[Format::Mail, Format::Mbox]);
}

/// A web archive.
pub fn warc(input: &[u8]) {
    of_format(input, "a.warc", &[Format::Warc]);
}

/// Other formats have targets of their own.
fn of_format(input: &[u8], name: &str, formats: &[Format]) {
    let Some(format) = format_of(input, name).filter(|format| formats.contains(format)) else { return };
    let read = articles(input, name);
    if matches!(format, Format::Mail | Format::Mbox | Format::Warc) {
        // These may be read a part at a time.
        let (items, end) = read_all(Input::Stream(Box::new(Cursor::new(input))), name);
        assert_eq!((items, end), read);
    }
}

/// An item, and how the input ended.
type Read = (Vec<(Vec<u8>, Result<Reading<'static>, Reject>)>, Result<(), Reject>);

fn read_all(input: Input, name: &str) -> Read {
    let mut items = Vec::new();
    let end = read_each(input, name, &Limits::default(), &mut |item| {
        let reading = item.reading.map(|reading| Reading { article: reading.article.into_owned(), ..reading });
        items.push((item.bytes.to_vec(), reading));
    });
    (items, end)
}

/// Reads and labels every article.
fn articles(input: &[u8], name: &str) -> Read {
    let read = read_all(Input::Bytes(input), name);
    for (_, reading) in &read.0 {
        match reading {
            Ok(reading) => article(&reading.article),
            Err(reject) => refusal(reject),
        }
    }
    let origin = Origin { path: name.into(), ..Origin::default() };
    let mut count = 0;
    let end = label_each(input, origin, &MODEL, &Limits::default(), SystemTime::UNIX_EPOCH, &mut |labelled| {
        let same = read.0.get(count).map(|(_, reading)| reading.as_ref());
        match (labelled, same) {
            (Labelled::Article { record, article, .. }, Some(Ok(same))) => {
                assert_eq!(article, same.article);
                line(&record.line(), count, article.spans());
            }
            (Labelled::Notice { record, article, reject }, Some(Ok(same))) => {
                assert_eq!((&article, reject.code), (&same.article, Code::Withheld));
                line(&record.line(), count, &[]);
            }
            (Labelled::Held { article, reject, .. }, Some(Ok(same))) => {
                assert_eq!((&article, reject.code), (&same.article, Code::Withheld));
            }
            (Labelled::Refused(reject), Some(Ok(_))) => assert_eq!(reject.code, Code::Withheld),
            (Labelled::Refused(reject), Some(Err(same))) => assert_eq!(&reject, same),
            (labelled, same) => panic!("{labelled:?} came of {same:?}"),
        }
        count += 1;
    });
    assert_eq!((count, &end), (read.0.len(), &read.1), "the same bytes are read in the same way");
    end.err().iter().for_each(refusal);
    read
}

/// Its spans and sections are such that no later slice can fail, and what is said of it says something.
fn article(article: &Article) {
    let mut end = 0;
    for span in article.spans() {
        assert!(span.start >= end && span.start < span.end, "paragraphs stand in order");
        assert!(article.text().get(span.clone()).is_some_and(|text| !text.trim().is_empty()));
        end = span.end;
    }
    assert!(end > 0 || article.details.status != Status::Usable, "an article has a text, but a notice needs none");
    assert!(article.spans().len() <= Limits::default().paragraphs);
    let mut next = 0;
    for section in article.sections() {
        assert!(section.start == next && (section.end > next || end == 0), "sections follow each other");
        next = section.end;
    }
    assert_eq!(next, article.spans().len());
    let details = &article.details;
    let said = [&details.byline, &details.url, &details.guid, &details.version];
    assert!(said.into_iter().flatten().chain(&details.subjects).all(|said| !said.trim().is_empty()), "{details:?}");
}

/// A person reads it, and the process that asked for it.
fn refusal(reject: &Reject) {
    assert_ne!(reject.code, Code::ParserPanic, "{reject}");
    assert!(!reject.message.is_empty() && reject.message.len() <= 1000, "{} bytes", reject.message.len());
    assert_eq!(Reject::parse(&reject.to_string()).as_ref(), Some(reject));
}

/// It is valid, the sink knows it again, and it says of each paragraph where it stands.
fn line(line: &[u8], item: usize, spans: &[Range<usize>]) {
    assert!(line.len() <= LINE_LIMIT, "{} bytes", line.len());
    assert_eq!(memchr::memchr(b'\n', line), Some(line.len() - 1), "a record is one line");
    let delivered = Delivered::parse(line).map(|delivered| delivered.item() as usize);
    assert_eq!(delivered, Some(item));
    let record = valid(line);
    let told = record["paragraphs"].as_array().into_iter().flatten().map(|paragraph| paragraph["span"].clone());
    let told: Vec<Value> = told.collect();
    let whole: Vec<Value> = spans.iter().map(|span| serde_json::json!([span.start, span.end])).collect();
    assert!(told == whole || record["truncated"] == "paragraphs" && told.is_empty());
}

/// A line as JSON, with what of the schema an input might break.
pub(super) fn valid(line: &[u8]) -> Value {
    let record = std::str::from_utf8(line).ok().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let record = record.unwrap_or_default();
    let times = [&record["published"], &record["updated"]];
    assert!(times.into_iter().filter_map(Value::as_str).all(is_time), "{} {}", record["published"], record["updated"]);
    let paragraphs = record["paragraphs"].as_array().into_iter().flatten();
    let topics = paragraphs.chain([&record]).filter_map(|part| part["topics"].as_array()).flatten();
    for topic in topics {
        assert!(
            topic["probability"].as_f64().is_some_and(|probability| probability > 0.0 && probability < 1.0),
            "{topic}"
        );
        assert!(
            topic["topic"].as_str().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())),
            "{topic}"
        );
    }
    // All of it would take most of the time that there is to look for inputs, and is looked at where those are kept.
    #[cfg(test)]
    if let Err(error) = SCHEMA.validate(&record) {
        panic!("{error} at {}", error.instance_path());
    }
    record
}

/// A day, or a moment with its zone.
fn is_time(time: &str) -> bool {
    let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let zone = shape.strip_prefix("0000-00-00T00:00:00");
    shape == "0000-00-00" || zone.is_some_and(|zone| matches!(zone, "Z" | "+00:00" | "-00:00"))
}

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap_or_else(|e| panic!("{e}")));

#[cfg(test)]
static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::from_str(crate::record::RECORD_SCHEMA).unwrap_or_default();
    jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{e}"))
});
