//! Bytes to articles: decode, tell the format, extract the paragraphs. Pure: no disk, no clock.

mod limits;
mod input;
mod items;
mod window;
mod packed;
mod format;
mod decode;
mod plain;
mod html;
mod tidy;
mod tags;
mod layout;
mod marks;
mod markup;
mod body;
mod byline;
mod json;
mod xml;
mod mail;
mod warc;
mod markdown;
mod date;
mod sections;
mod language;

pub(crate) use date::seconds_since_1970;
pub use decode::{Decoded, decode};
pub use format::Format;
pub(crate) use input::begin;
pub use input::{Input, Stream};
pub use items::{Item, Reading};
use language::known_language;
pub use language::language;
pub use limits::Limits;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Code, Reject};
use items::Items;
use packed::{Meter, Packing};
use window::Window;
pub(crate) use window::reject_of;

/// Reads an input that holds one article.
///
/// `name` is the file's name, which decides between formats where the content does not.
///
/// # Errors
/// A [`Reject`] where the bytes hold no article, or more than one ([`read_each`] reads them), or cost more than the limits
/// allow. A panic in a parser is one, too.
///
/// ```
/// use disputed::read::{Format, Limits, read};
/// let bytes = b"Talks resume\n\n16 July 2018\n\nEnvoys met on Monday.\n";
/// let reading = read(bytes, "talks.txt", &Limits::default())?;
/// assert_eq!(reading.format, Format::Plain);
/// assert_eq!(reading.article.title(), Some("Talks resume"));
/// assert_eq!(reading.article.details.published.as_deref(), Some("2018-07-16"));
/// # Ok::<(), disputed::Reject>(())
/// ```
pub fn read<'a>(bytes: &'a [u8], name: &str, limits: &Limits) -> Result<Reading<'a>, Reject> {
    Input::Bytes(bytes).size(name, limits)?;
    if let Some(whole) = guarded(|| whole(bytes, name, limits))?? {
        return Ok(whole);
    }
    let mut only = None;
    let mut count = 0;
    read_each(bytes, name, limits, &mut |item| {
        count += 1;
        only = Some(item.reading.map(|reading| Reading { article: reading.article.into_owned(), ..reading }));
    })?;
    match only {
        Some(reading) if count == 1 => reading,
        _ => Err(Reject::new(Code::Several, format!("the file holds {count} articles, where one was to be read"))),
    }
}

/// Reads an input of any number of articles, and hands each to `visit` in the order in which they stand.
///
/// # Errors
/// A [`Reject`] where the input as a whole can be read no further. What was visited before stands; an article that cannot
/// be read by itself is visited as such.
///
/// ```
/// use disputed::read::{Limits, read_each};
/// let lines = b"{\"title\":\"Talks resume\",\"text\":\"Envoys met.\"}\n{\"title\":\"Rain\",\"text\":\"It fell.\"}\n";
/// let mut titles = Vec::new();
/// read_each(lines, "day.jsonl", &Limits::default(), &mut |item| {
///     titles.extend(item.reading.iter().filter_map(|reading| reading.article.title().map(String::from)));
/// })?;
/// assert_eq!(titles, ["Talks resume", "Rain"]);
/// # Ok::<(), disputed::Reject>(())
/// ```
pub fn read_each<'i>(
    input: impl Into<Input<'i>>,
    name: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(Item<'_>),
) -> Result<(), Reject> {
    let mut input = input.into();
    let size = input.size(name, limits)?;
    read_each_of(input, size, name, limits, visit)
}

/// The same, of an input whose size is known and allowed.
pub(crate) fn read_each_of(
    input: Input,
    size: u64,
    name: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(Item<'_>),
) -> Result<(), Reject> {
    let meter = Meter::new(size, limits);
    let mut items = Items::new(limits, &meter, visit);
    let mut each = |mut window: Window| guarded(|| each(&mut window, name, limits.nesting, &mut items))?;
    match input {
        Input::Bytes(bytes) => each(Window::of(bytes)),
        Input::Stream(mut stream) => each(Window::over(&mut begin(&mut *stream, size)?)),
    }?;
    if items.count() == 0 {
        return Err(Reject::new(Code::NoText, "there is no article in the file"));
    }
    Ok(())
}

/// Reads whatever it is: what is packed, which may be so for `nesting` times, and what holds records as they come; all else
/// whole.
fn each(input: &mut Window, name: &str, nesting: usize, items: &mut Items) -> Result<(), Reject> {
    if let Some(packing) = Packing::of(input.ahead(HEAD)) {
        return packed::each(packing, input, name, nesting, items);
    }
    match Format::of_bytes(input.ahead(HEAD), name) {
        Some(Format::Warc) => warc::each(input, items),
        Some(Format::Mbox) => mail::mbox::each(input, items),
        Some(Format::Mail) => {
            let limits = items.limits();
            let message = input.rest(limits.bytes)?;
            items.only(message, || mail::read(message, Format::Mail, limits))
        }
        _ if input.is_stream() && json::is_lines(input, name, items.limits()) => json::each_line_of(input, items),
        _ => document(input.rest(items.limits().bytes)?, name, items),
    }
}

/// Reads a file that is told by its text.
fn document(bytes: &[u8], name: &str, items: &mut Items) -> Result<(), Reject> {
    let limits = items.limits();
    let decoded = decode_some(bytes)?;
    match Format::of(&decoded.text, name) {
        format @ (Format::Plain | Format::Html) => items.only(bytes, || parse(format, decoded, limits)),
        Format::Markdown => items.only(bytes, || markdown::read(&decoded)),
        Format::JsonLines => json::each_line(&decoded, items),
        format @ (Format::Nitf | Format::NewsmlG2 | Format::Rss | Format::Atom) => {
            xml::each(format, bytes, &decoded, items)
        }
        _ => json::each(&decoded, items),
    }
}

/// What a file is read as, where it is not packed and holds a text.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn format_of(bytes: &[u8], name: &str) -> Option<Format> {
    if Packing::of(bytes).is_some() {
        return None;
    }
    Format::of_bytes(bytes, name).or_else(|| Some(Format::of(&decode_some(bytes).ok()?.text, name)))
}

/// Whether a file is read one article after the other, however long it is.
fn is_stream(input: &mut Window, name: &str, limits: &Limits) -> bool {
    if let Some(packing) = Packing::of(input.ahead(HEAD)) {
        return packing != Packing::Zip;
    }
    let format = Format::of_bytes(input.ahead(HEAD), name);
    matches!(format, Some(Format::Warc | Format::Mbox)) || json::is_lines(input, name, limits)
}

/// How much of a file tells what it is.
const HEAD: usize = 32 << 10;

/// Reads a text or a page, which is one article; nothing where it may be several.
fn whole<'a>(bytes: &'a [u8], name: &str, limits: &Limits) -> Result<Option<Reading<'a>>, Reject> {
    if Packing::of(bytes).is_some() || Format::of_bytes(bytes, name).is_some() {
        return Ok(None);
    }
    let decoded = decode_some(bytes)?;
    match Format::of(&decoded.text, name) {
        format @ (Format::Plain | Format::Html) => parse(format, decoded, limits)?.finish(limits).map(Some),
        _ => Ok(None),
    }
}

/// Decodes what is more than white space.
fn decode_some(bytes: &[u8]) -> Result<Decoded<'_>, Reject> {
    let decoded = decode(bytes)?;
    if is_blank(&decoded.text) {
        let message = if bytes.is_empty() { "the file holds no bytes" } else { "the file holds only white space" };
        return Err(Reject::new(Code::Empty, message));
    }
    Ok(decoded)
}

/// Reads a text or a page.
fn parse<'a>(format: Format, decoded: Decoded<'a>, limits: &Limits) -> Result<Reading<'a>, Reject> {
    let Decoded { text, charset, replaced } = decoded;
    let article = match format {
        Format::Html => html::read(&text, limits.depth)?,
        _ => plain::read(text),
    };
    Ok(Reading { article, format, charset, replaced })
}

/// Runs code of others over bytes of others: its panic condemns the input, not us.
fn guarded<T>(parse: impl FnOnce() -> T) -> Result<T, Reject> {
    catch_unwind(AssertUnwindSafe(parse)).map_err(|panic| {
        let message = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        Reject::new(Code::ParserPanic, format!("a parser panicked: {}", message.unwrap_or("without a message")))
    })
}

/// Whether a reader would see nothing there.
fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

/// White space, and the characters of no width that editors and web pages leave between words.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A subject's code with the scheme that it is of, where it does not name one itself.
fn with_scheme(scheme: &str, code: &str) -> String {
    if code.contains(':') || scheme.is_empty() { code.into() } else { format!("{scheme}:{code}") }
}

/// Subjects as they stand in one field: some producers part them by semicolons. One behind an `&` may end a reference that was
/// escaped twice.
fn parted(subjects: &str) -> impl Iterator<Item = String> {
    let ends: &[char] = if subjects.contains('&') { &[] } else { &[';'] };
    subjects.split(ends).map(on_one_line).filter(|subject| !is_blank(subject))
}

/// The text with each run of white space made one space.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(bytes: &[u8]) -> Code {
        read(bytes, "a.txt", &Limits::default()).unwrap_err().code
    }

    #[test]
    fn nothing_to_read_is_empty() {
        assert_eq!(code(b""), Code::Empty);
        assert_eq!(code(b" \r\n\t\n"), Code::Empty);
        assert_eq!(code("\u{feff}".as_bytes()), Code::Empty);
        assert_eq!(code("\u{200b}\u{3000}\n\u{a0}".as_bytes()), Code::Empty);
        assert_eq!(code(b"\xff\xfe"), Code::Empty);
    }

    #[test]
    fn a_panic_in_a_parser_condemns_its_input_only() {
        let reject = guarded(|| -> () { panic!("at tag 7") }).unwrap_err();
        assert_eq!((reject.code, reject.message.as_str()), (Code::ParserPanic, "a parser panicked: at tag 7"));
        assert_eq!(guarded(|| 7), Ok(7));
    }

    #[test]
    fn one_byte_over_the_limit_is_too_large() {
        let limits = Limits { bytes: 5, ..Limits::default() };
        assert!(read(b"Talks", "a.txt", &limits).is_ok());
        let reject = read(b"Talks.", "a.txt", &limits).unwrap_err();
        assert_eq!(reject.to_string(), "the file holds 6 bytes; the limit is 5 (too-large)");
    }

    #[test]
    fn a_binary_file_says_where() {
        let reject = read(b"Talks\r\n\0", "a.txt", &Limits::default()).unwrap_err();
        assert_eq!(reject.to_string(), "the file is no text: byte 7 is NUL (binary)");
    }

    /// Whatever came in, the spans must be such that no later slice can fail.
    fn check(reading: &Reading) -> Result<(), TestCaseError> {
        let mut end = 0;
        for span in reading.article.spans() {
            prop_assert!(span.start >= end && span.start < span.end);
            prop_assert!(reading.article.text().get(span.clone()).is_some_and(|text| !is_blank(text)));
            end = span.end;
        }
        prop_assert!(!reading.article.spans().is_empty());
        Ok(())
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, name in "[a-z]{0,3}(\\.html?|\\.txt)?") {
            if let Ok(reading) = read(&bytes, &name, &Limits::default()) {
                check(&reading)?;
            }
        }

        #[test]
        fn any_text_has_sound_spans(text in "[\\PC \n\u{200b}\u{3000}]{0,200}") {
            if let Ok(reading) = read(text.as_bytes(), "a.txt", &Limits::default()) {
                check(&reading)?;
            }
        }

        #[test]
        fn any_soup_of_tags_is_read_or_refused(
            soup in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..60),
        ) {
            let page = soup.concat();
            let limits = Limits { depth: 16, ..Limits::default() };
            let first = read(page.as_bytes(), "a.html", &limits);
            if let Ok(reading) = &first {
                check(reading)?;
                prop_assert!(!reading.article.text().contains("leak"));
            }
            prop_assert_eq!(first, read(page.as_bytes(), "a.html", &limits));
        }
    }

    const SOUP: [&str; 40] = [
        "<html>",
        "<body>",
        "<p>",
        "</p>",
        "<div class='main'>",
        "</div>",
        "<b>",
        "</b>",
        "<a href='#'>",
        "</a>",
        "<span>",
        "</span>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<ul>",
        "<li>",
        "</ul>",
        "<h1>",
        "</h1>",
        "<br>",
        "<script>leak</script>",
        "<style>leak</style>",
        "<!-- leak -->",
        "<svg><path/>leak</svg>",
        "<select>",
        "<button>",
        "</button>",
        "<form>",
        "</form>",
        "<title>Talks</title>",
        "&amp;",
        "&#xD800;",
        " < ",
        "Envoys met.",
        "The delegations talked for nine hours, and then, as before, they parted. ",
        "<img src='a.png'>",
        "<blockquote>",
    ];
}
