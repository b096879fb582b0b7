//! A web archive (WARC 1.0 and 1.1, ISO 28500) to articles: what servers answered (`response`), what was fetched otherwise
//! (`resource`), and the text that was made of it (`conversion`, as in WET files). Other records hold none.

mod fields;
mod http;

use fields::Fields;
use http::Media;

use super::items::{Item, Items};
use super::window::Window;
use super::{Format, Limits, Reading, decode, is_blank, json, mail, packed, parse, xml};
use crate::error::{Code, Reject};

/// What a file begins with that is a web archive.
pub(super) fn opens(bytes: &[u8]) -> bool {
    bytes.starts_with(b"WARC/1.") || bytes.starts_with(b"WARC/0.")
}

/// What stands between two records, and the start of the second.
const NEXT: &[u8] = b"\r\n\r\nWARC/1.";

/// Bytes of a record's header, at most.
const HEADER: usize = 64 << 10;

/// The articles of an archive.
///
/// A record whose length is wrong is refused by itself, and reading goes on where the next one shows.
pub(super) fn each(input: &mut Window, items: &mut Items) -> Result<(), Reject> {
    // How far a record's length has led: up to there, once it was wrong, no length is trusted across what looks like the start
    // of a record, so that no byte is read again and again.
    let mut doubted = 0;
    loop {
        while matches!(input.ahead(1), [b'\r' | b'\n', ..]) {
            input.skip(1);
        }
        if input.seen().is_empty() {
            return input.whole();
        }
        match record(input, items, &mut doubted) {
            Ok((header, end)) => {
                let (header, block) =
                    input.seen().get(..end).and_then(|all| all.split_at_checked(header)).unwrap_or_default();
                articles(&Fields(header), block, items)?;
                input.skip(end);
            }
            Err(reject) => {
                input.whole()?;
                // Films and the like are too large, and no loss.
                if reject.code != Code::TooLarge || is_of_use(input) {
                    items.add(&[], || Err(reject))?;
                }
                input.skip(1);
                input.skip_to(NEXT);
            }
        }
    }
}

/// Where the header of the record that is ahead ends, and where its block does.
fn record(input: &mut Window, items: &Items, doubted: &mut u64) -> Result<(usize, usize), Reject> {
    let most = usize::try_from(items.limits().bytes).unwrap_or(usize::MAX);
    let malformed = |message: &str| Reject::new(Code::Malformed, format!("the record is no WARC: {message}"));
    let header = match input.find(b"\r\n\r\n", 0, HEADER) {
        Some(at) if opens(input.seen()) => at + 4,
        _ => return Err(malformed("it has no header")),
    };
    let fields = Fields(input.seen().get(..header).unwrap_or_default());
    let length = fields.get("Content-Length").and_then(|length| length.parse::<u64>().ok());
    let length = length.ok_or_else(|| malformed("it does not say how long it is"))?;
    if length > most as u64 {
        return Err(Reject::new(Code::TooLarge, format!("the record holds {length} bytes; the limit is {most}")));
    }
    let end = header + usize::try_from(length).unwrap_or(most);
    // Of what was read for a record that was wrong, only as much is trusted as holds no start of another.
    let position = input.position();
    let known = usize::try_from(doubted.saturating_sub(position)).unwrap_or(usize::MAX);
    let known = input.seen().get(header - 4..end.min(known).max(header)).unwrap_or_default();
    let is_doubtful = memchr::memmem::find(known, NEXT).is_some();
    if !is_doubtful {
        /// Line ends after a block: two, and some more where a writer was generous.
        const AFTER: usize = 16;
        let seen = input.ahead(end + AFTER);
        *doubted = (*doubted).max(position + seen.len().min(end + AFTER) as u64);
        let after = seen.get(end..);
        let is_next = |after: &[u8]| after.is_empty() || b"WARC/".starts_with(after) || after.starts_with(b"WARC/");
        if after.is_some_and(|after| after.starts_with(b"\r\n\r\n") || is_next(after.trim_ascii_start())) {
            return Ok((header, end));
        }
    }
    Err(malformed(&format!("it is not {length} bytes long, as it says")))
}

/// Whether the record that is ahead would be read if it were sound.
fn is_of_use(input: &mut Window) -> bool {
    let header = input.find(b"\r\n\r\n", 0, HEADER).map_or(0, |at| at + 4);
    let start = input.ahead(header + HEADER);
    let (header, block) = start.split_at_checked(header).unwrap_or_default();
    answer(&Fields(header), block).is_some_and(|answer| answer.media().is_some())
}

/// What a record brings, where that was found.
fn answer<'a>(fields: &Fields<'a>, block: &'a [u8]) -> Option<http::Answer<'a>> {
    let kind = fields.get("WARC-Type").unwrap_or_default();
    let media = fields.get("Content-Type").unwrap_or_default();
    let is = |known: &str| kind.eq_ignore_ascii_case(known);
    let answer = match () {
        () if is("response") && media.to_ascii_lowercase().starts_with("application/http") => http::Answer::of(block),
        () if is("response") || is("resource") || is("conversion") => Some(http::Answer::plain(media, block)),
        () => None,
    };
    answer.filter(http::Answer::is_found)
}

/// The articles in one record, which most often is one or none.
fn articles(fields: &Fields, block: &[u8], items: &mut Items) -> Result<(), Reject> {
    let (limits, meter) = (items.limits(), items.meter());
    let Some(answer) = answer(fields, block) else { return Ok(()) };
    let Some(media) = answer.media() else { return Ok(()) };
    if matches!(media, Media::Page | Media::Text) {
        return items.add(block, || {
            let body = answer.body(meter, limits)?;
            let text = decode::decode_as(&body, answer.charset())?;
            if is_blank(&text.text) {
                return Err(Reject::new(Code::Empty, "the page holds only white space"));
            }
            let format = if media == Media::Page { Format::Html } else { Format::Plain };
            let Reading { article, format, charset, replaced } = parse(format, text, limits)?;
            Ok(described(Reading { article: article.into_owned(), format, charset, replaced }, fields))
        });
    }
    let mut stopped = Ok(());
    let mut visit = |item: Item| {
        if stopped.is_ok() {
            let Item { bytes, reading } = item;
            stopped = items.add(bytes, || reading.map(|reading| described(reading, fields)));
        }
    };
    let inner = &mut Items::new(limits, meter, &mut visit);
    let read = answer.body(meter, limits).and_then(|body| {
        if media == Media::Mail {
            return inner.only(&body, || mail::read(&body, Format::Mail, limits));
        }
        let text = decode::decode_as(&body, answer.charset())?;
        match Format::of(&text.text, "") {
            format @ (Format::Nitf | Format::NewsmlG2 | Format::Rss | Format::Atom) => {
                xml::each(format, &body, &text, inner)
            }
            // Maps of sites and the like.
            _ if media == Media::Xml => Ok(()),
            _ => json::each(&text, inner),
        }
    });
    stopped?;
    read.or_else(|reject| items.add(block, || Err(reject)))
}

/// The reading with what the record says of it. When it was fetched says nothing of when it was published.
fn described<'a>(reading: Reading<'a>, fields: &Fields) -> Reading<'a> {
    let Reading { mut article, charset, replaced, .. } = reading;
    let bare = |value: &str| Some(value.trim_matches(['<', '>'])).filter(|value| !is_blank(value)).map(String::from);
    let details = &mut article.details;
    details.url = details.url.take().or_else(|| fields.get("WARC-Target-URI").and_then(bare));
    if details.url.is_none() && details.guid.is_none() {
        details.guid = fields.get("WARC-Record-ID").and_then(bare);
    }
    Reading { article, format: Format::Warc, charset, replaced }
}

#[cfg(test)]
mod tests;
