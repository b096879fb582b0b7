//! E-mail to articles: single messages and mailboxes. The only home of mail-parser.

mod cost;
mod letter;
pub(super) mod mbox;
mod soft_break;

use std::borrow::Cow;

use mail_parser::{Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::body::below;
use super::format::ends_in;
use super::{Format, Limits, Reading, date, decode, html, on_one_line};
use crate::article::Details;
use crate::error::{Code, Reject};

/// Whether a file is a message: it opens with a header field, and its name or its other fields say that they are those of
/// e-mail.
pub(super) fn is_message(head: &[u8], name: &str) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    if lines.next().and_then(field).is_none() {
        return false;
    }
    if ends_in(name, &["eml"]) {
        return true;
    }
    let lines = head.split(|byte| *byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
    let (mut is_from, mut is_sent) = (false, false);
    for line in lines.filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t")) {
        let Some(field) = field(line) else { break };
        is_from |= field.eq_ignore_ascii_case(b"From");
        is_sent |= SENT.iter().any(|known| field.eq_ignore_ascii_case(known));
    }
    is_from && is_sent
}

/// Fields that no writer of a plain text would open it with.
const SENT: [&[u8]; 4] = [b"Message-ID", b"Received", b"MIME-Version", b"DKIM-Signature"];

/// The name of the field that a line begins.
fn field(line: &[u8]) -> Option<&[u8]> {
    /// The longest name that one would think of.
    const LONGEST: usize = 60;
    let end = line.iter().take(LONGEST).position(|byte| *byte == b':')?;
    let name = line.get(..end)?.trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

/// The article that a message is.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<Reading<'static>, Reject> {
    cost::check(bytes)?;
    let parser = MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::Subject)
        .header_address(HeaderName::From)
        .header_id(HeaderName::MessageId)
        .header_raw(HeaderName::Date)
        .default_header_ignore();
    let bytes = soft_break::ended(bytes);
    let message = parser.parse(bytes.as_ref());
    let message = message.ok_or_else(|| Reject::new(Code::Malformed, "the e-mail has no header"))?;
    let mut body = Body::of(&message, limits);
    let mut carrier = &message;
    // What was forwarded as an attachment, with nothing said about it.
    while body.paragraphs.is_empty() {
        let forwarded = carrier.attachments().find_map(|part| match &part.body {
            PartType::Message(message) => Some(message),
            _ => None,
        });
        let Some(forwarded) = forwarded else { break };
        carrier = forwarded;
        body = Body::of(carrier, limits);
    }
    if body.paragraphs.is_empty() {
        return Err(Reject::new(Code::NoText, "the e-mail has no text of its own"));
    }
    let title = carrier.subject().map(subject).filter(|title| !super::is_blank(title));
    let mut article = below(title.as_deref(), body.paragraphs.iter().map(|text| (text.as_str(), false)));
    article.details = Details {
        byline: byline(carrier),
        published: carrier.header_raw(HeaderName::Date).and_then(date::moment_or_day),
        guid: carrier.message_id().map(on_one_line).filter(|id| !id.is_empty()),
        ..Details::default()
    };
    Ok(Reading { article, format, charset: body.charset, replaced: body.replaced })
}

/// The subject without what it gathered on its way.
fn subject(text: &str) -> String {
    const CARRIED: [&str; 7] = ["re:", "fwd:", "fw:", "aw:", "wg:", "tr:", "rv:"];
    let text = on_one_line(text);
    let mut rest = text.as_str();
    while let Some(prefix) =
        CARRIED.iter().find(|known| rest.get(..known.len()).is_some_and(|it| it.eq_ignore_ascii_case(known)))
    {
        rest = rest.get(prefix.len()..).unwrap_or_default().trim_start();
    }
    rest.into()
}

/// The name of whoever it is from, or else the address.
fn byline(message: &Message) -> Option<String> {
    let from = message.from()?.first()?;
    let name = from.name().map(on_one_line).filter(|name| !name.is_empty());
    name.or_else(|| from.address().map(on_one_line)).filter(|name| !name.is_empty())
}

/// What a message says, and in which charset it was written.
struct Body {
    paragraphs: Vec<String>,
    charset: &'static str,
    replaced: usize,
}

impl Body {
    /// The plain text, where it is more than a stub that asks for a better reader; else the page, where that has more.
    fn of(message: &Message, limits: &Limits) -> Body {
        /// Words that a stub has at most.
        const STUB: usize = 40;
        let plain: Vec<_> = message.text_bodies().filter(|part| matches!(part.body, PartType::Text(_))).collect();
        let plain = Body::written(message, &plain, letter::of_text);
        if plain.words(STUB + 1) > STUB {
            return plain;
        }
        let page: Vec<_> = message.html_bodies().filter(|part| matches!(part.body, PartType::Html(_))).collect();
        let read = |page: &str| html::read(page, limits.depth).map(|page| letter::of_page(&page)).unwrap_or_default();
        let page = Body::written(message, &page, |page| read(&letter::without_title(page)));
        let body = if page.words(usize::MAX) > plain.words(usize::MAX) { page } else { plain };
        if !body.paragraphs.is_empty() {
            return body;
        }
        // The parser gives up on a part whose end is missing, and leaves its text as it was sent.
        let is_cut_off = |part: &&MessagePart| {
            let is_attached = part.content_disposition().is_some_and(|content| content.is_attachment());
            let is_encoded = part.content_transfer_encoding().is_some_and(|word| word.eq_ignore_ascii_case("base64"));
            part.is_encoding_problem && !is_attached && !is_encoded && matches!(part.body, PartType::Text(_))
        };
        let cut_off: Vec<_> = message.parts.iter().filter(is_cut_off).take(1).collect();
        Body::written(message, &cut_off, |text| match Format::of(text, "") {
            Format::Html => read(&letter::without_title(text)),
            _ => letter::of_text(text),
        })
    }

    fn written(message: &Message, parts: &[&MessagePart], paragraphs: impl Fn(&str) -> Vec<String>) -> Body {
        let mut body = Body { paragraphs: Vec::new(), charset: "utf-8", replaced: 0 };
        for part in parts {
            let (text, charset) = text_of(message, part);
            let text = without(without(text, "\r\n", "\n"), "\0", "");
            body.charset = charset;
            body.replaced += text.matches('\u{fffd}').count();
            body.paragraphs.extend(paragraphs(&text));
        }
        body
    }

    /// How many words there are; they are counted up to `most`.
    fn words(&self, most: usize) -> usize {
        self.paragraphs.iter().flat_map(|paragraph| paragraph.split_whitespace()).take(most).count()
    }
}

/// The text with something else in the place of each of these, which most texts have none of: a message may be large, and is
/// not copied without need.
fn without<'t>(text: Cow<'t, str>, these: &str, else_: &str) -> Cow<'t, str> {
    if text.contains(these) { text.replace(these, else_).into() } else { text }
}

/// The text of a part, and its charset. Where none is named and it is no UTF-8, the bytes speak for themselves.
fn text_of<'m>(message: &'m Message, part: &'m MessagePart) -> (Cow<'m, str>, &'static str) {
    let text = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_ref(),
        _ => "",
    };
    let named = part.content_type().and_then(|content| content.attribute("charset"));
    if let Some(charset) = named.and_then(decode::charset) {
        return (text.into(), charset);
    }
    let raw = message.raw_message().get(part.offset_body as usize..part.offset_end as usize);
    if let Some(raw) = raw.filter(|_| part.encoding == Encoding::None && text.contains('\u{fffd}'))
        && let Ok(decoded) = decode::decode(raw)
    {
        return (decoded.text.into_owned().into(), decoded.charset);
    }
    (text.into(), "utf-8")
}

#[cfg(test)]
mod tests;
