//! Bytes to an [`Article`]: decode, tell the format, extract the paragraphs. Pure: no disk, no clock.

mod decode;
mod format;
mod plain;
mod html;
mod tidy;
mod tags;
mod markup;
mod date;
mod sections;
mod language;

pub use decode::{Decoded, decode};
pub use format::Format;
pub use language::language;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::article::Article;
use crate::error::{Code, Reject};

/// What an input may cost at most; more is a [`Reject`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one input file. Default 16 MiB.
    pub bytes: u64,
    /// Open elements in an HTML page. Default 256; the extractor's time grows with the square of the depth.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 16 << 20, depth: 256 }
    }
}

/// What was read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The article, which borrows the bytes where they are UTF-8 with line feeds alone.
    pub article: Article<'a>,
    /// The format that it was read as.
    pub format: Format,
    /// The charset that it was decoded from, by its WHATWG name in lower case.
    pub charset: &'static str,
    /// How many byte sequences were no text in that charset and became U+FFFD.
    pub replaced: usize,
}

/// Reads one input.
///
/// `name` is the file's name, which decides between formats where the content does not.
///
/// # Errors
/// A [`Reject`] where the bytes hold no article, or cost more than the limits allow. A panic in a parser is one, too:
/// this is the one place where panics are caught.
///
/// ```
/// use disputed::read::{Format, Limits, read};
/// let bytes = b"Talks resume\n\n16 July 2018\n\nEnvoys met on Monday.\n";
/// let reading = read(bytes, "talks.txt", &Limits::default())?;
/// assert_eq!(reading.format, Format::Plain);
/// assert_eq!(reading.article.title(), Some("Talks resume"));
/// assert_eq!(reading.article.published.as_deref(), Some("2018-07-16"));
/// # Ok::<(), disputed::Reject>(())
/// ```
pub fn read<'a>(bytes: &'a [u8], name: &str, limits: &Limits) -> Result<Reading<'a>, Reject> {
    if bytes.len() as u64 > limits.bytes {
        return Err(Reject::too_large(bytes.len() as u64, limits.bytes));
    }
    guarded(|| parse(bytes, name, limits))?
}

/// As many as there may be elements in a page; a book has a few thousand.
const PARAGRAPHS: usize = 200_000;

fn parse<'a>(bytes: &'a [u8], name: &str, limits: &Limits) -> Result<Reading<'a>, Reject> {
    let decoded = decode(bytes)?;
    if is_blank(&decoded.text) {
        let message = if bytes.is_empty() { "the file holds no bytes" } else { "the file holds only white space" };
        return Err(Reject::new(Code::Empty, message));
    }
    let format = Format::of(&decoded.text, name);
    let mut article = match format {
        Format::Plain => plain::read(decoded.text),
        Format::Html => html::read(&decoded.text, limits.depth)?,
    };
    // Each costs far more than its bytes once it is judged: sixteen megabytes of them would take four gigabytes.
    if article.spans().len() > PARAGRAPHS {
        return Err(Reject::new(Code::TooLarge, format!("the text has more than {PARAGRAPHS} paragraphs")));
    }
    article.language = language(article.text());
    let starts = sections::starts(&article.paragraphs().collect::<Vec<_>>());
    let article = article.with_sections(starts);
    Ok(Reading { article, format, charset: decoded.charset, replaced: decoded.replaced })
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
