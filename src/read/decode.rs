//! Bytes to text: the charset, the line ends, and what was no text at all.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Code, Reject};

/// A text, and what it was decoded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text without byte order mark. Every line ends in LF alone: CRLF and CR are made LF, so that a span means
    /// the same whichever system the file comes from.
    /// It borrows the bytes where they are UTF-8 with line feeds alone.
    pub text: Cow<'a, str>,
    /// The charset's WHATWG name in lower case.
    pub charset: &'static str,
    /// How many byte sequences became U+FFFD.
    pub replaced: usize,
}

/// Decodes a file: what the file itself says about its charset comes before any guess.
///
/// # Errors
/// A [`Reject`] where the bytes are no text: where they start like a format that is none, or hold a NUL.
///
/// ```
/// use disputed::read::decode;
/// let decoded = decode(b"Entente \xe0 Gen\xe8ve\r\n")?;
/// assert_eq!((&*decoded.text, decoded.charset, decoded.replaced), ("Entente à Genève\n", "windows-1252", 0));
/// # Ok::<(), disputed::Reject>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Reject> {
    decode_as(bytes, None)
}

/// Decodes what came with the name of a charset, which comes before what it says itself, and after what its bytes say.
pub(super) fn decode_as<'a>(bytes: &'a [u8], label: Option<&str>) -> Result<Decoded<'a>, Reject> {
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Reject::new(Code::Binary, format!("the file is no text: it starts like {kind}")));
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| (encoding_of(bytes, label), 0));
    let body = bytes.split_at(mark).1;
    let (text, malformed) = encoding.decode_without_bom_handling(body);
    if let Some(at) = text.find('\0') {
        let before = text.split_at(at).0;
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        // Only a NUL byte decodes to NUL in all other charsets, so there the first one in the file is it.
        let byte =
            if wide { mark + 2 * before.encode_utf16().count() } else { bytes.iter().take_while(|b| **b != 0).count() };
        return Err(Reject::new(Code::Binary, format!("the file is no text: byte {byte} is NUL")));
    }
    let replaced = match malformed {
        false => 0,
        true if encoding == UTF_8 => broken_sequences(body),
        true => text.matches('\u{fffd}').count(),
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text };
    Ok(Decoded { text, charset: name_of(encoding), replaced })
}

/// The name in records of a charset that is called like this.
pub(super) fn charset(label: &str) -> Option<&'static str> {
    Encoding::for_label(label.as_bytes()).map(name_of)
}

fn name_of(encoding: &'static Encoding) -> &'static str {
    let known = CHARSETS.split_ascii_whitespace().find(|name| name.eq_ignore_ascii_case(encoding.name()));
    known.unwrap_or(encoding.name())
}

/// The charset of bytes without byte order mark.
fn encoding_of(bytes: &[u8], label: Option<&str>) -> &'static Encoding {
    if let Some(wide) = wide(bytes) {
        return wide;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let named = label.and_then(|label| Encoding::for_label_no_replacement(label.as_bytes()));
    // The bytes have just shown that a declaration of UTF-8 is not the whole truth; they are judged like all others.
    match named.into_iter().chain(declared(bytes)).find(|encoding| *encoding != UTF_8) {
        Some(encoding) => encoding,
        _ if sound_sequences(bytes) >= broken_sequences(bytes) => UTF_8,
        _ => guess(bytes),
    }
}

/// UTF-16 without a mark: in its first kilobyte half of the characters or more are Latin, whose other byte is NUL.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, odd_byte) = bytes.get(..1024).unwrap_or(bytes).as_chunks::<2>();
    let big = pairs.iter().filter(|pair| pair[0] == 0).count();
    let little = pairs.iter().filter(|pair| pair[1] == 0).count();
    match (big, little) {
        _ if !odd_byte.is_empty() => None,
        (0, little) if 2 * little > pairs.len() => Some(UTF_16LE),
        (big, 0) if 2 * big > pairs.len() => Some(UTF_16BE),
        _ => None,
    }
}

/// The charsets that a document declares in its first four kilobytes: in an XML declaration, and in the first `<meta>` of
/// a web page that has one.
fn declared(bytes: &[u8]) -> impl Iterator<Item = &'static Encoding> {
    let head = bytes.get(..4096).unwrap_or(bytes).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let declaration = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    let in_xml = declaration.and_then(|declaration| named(declaration, "encoding"));
    let metas = head.split("<meta").skip(1).filter_map(|rest| rest.split('>').next());
    let in_page = metas.filter_map(|meta| named(meta, "charset")).next();
    [in_xml, in_page].into_iter().flatten()
}

/// The charset that a tag in small letters gives under this key.
fn named(tag: &str, key: &str) -> Option<&'static Encoding> {
    let label = tag.split_once(key)?.1.trim_start().strip_prefix('=')?;
    let label = label.trim_start().trim_start_matches(['"', '\'']);
    let label = label.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '/')).next()?;
    match Encoding::for_label_no_replacement(label.as_bytes())? {
        // A declaration that could be read byte by byte cannot stand in UTF-16; the standard takes it for UTF-8.
        wide if wide == UTF_16LE || wide == UTF_16BE => Some(UTF_8),
        other => Some(other),
    }
}

/// How many characters beyond ASCII the well-formed UTF-8 in it has.
fn sound_sequences(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().filter(|c| !c.is_ascii()).count()).sum()
}

/// How many U+FFFD a UTF-8 decoder writes for it.
fn broken_sequences(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count()
}

/// The charset that the bytes look like, for text that is not UTF-8.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess.output_encoding() == guess { guess } else { WINDOWS_1252 }
}

/// The starts of files that people take for text, or that would decode to nonsense without a single NUL.
const MAGIC: [(&[u8], &str); 7] = [
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
];

/// The names of all charsets that web pages may use, as records spell them.
const CHARSETS: &str = "utf-8 utf-16le utf-16be windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 \
    windows-1256 windows-1257 windows-1258 windows-874 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 \
    iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u \
    ibm866 macintosh x-mac-cyrillic gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr x-user-defined";

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1251};
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str, usize) {
        let Decoded { text, charset, replaced } = decode(bytes).unwrap();
        (text.into_owned(), charset, replaced)
    }

    fn wide(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn line_ends_become_lf() {
        assert_eq!(decoded(b"One\r\n\r\ntwo\rthree\n"), ("One\n\ntwo\nthree\n".into(), "utf-8", 0));
    }

    #[test]
    fn a_mark_decides_and_goes() {
        assert_eq!(decoded(b"\xef\xbb\xbfOne"), ("One".into(), "utf-8", 0));
        assert_eq!(decoded(&wide("\u{feff}Zażółć", u16::to_le_bytes)), ("Zażółć".into(), "utf-16le", 0));
        assert_eq!(decoded(&wide("\u{feff}Zażółć", u16::to_be_bytes)), ("Zażółć".into(), "utf-16be", 0));
        assert_eq!(decoded(b"\xff\xfeO\0\0\xd8x\0"), ("O\u{fffd}x".into(), "utf-16le", 1));
    }

    #[test]
    fn utf_16_shows_without_a_mark() {
        assert_eq!(decoded(&wide("Talks resume.", u16::to_le_bytes)), ("Talks resume.".into(), "utf-16le", 0));
        assert_eq!(decoded(&wide("Talks resume.", u16::to_be_bytes)), ("Talks resume.".into(), "utf-16be", 0));
    }

    #[test]
    fn legacy_charsets_are_guessed() {
        let text = "Переговоры продолжаются в Женеве, и стороны снова говорят о перемирии.";
        assert_eq!(decoded(&WINDOWS_1251.encode(text).0), (text.into(), "windows-1251", 0));
        let text = "Le président a déclaré que l’accord était « très proche ».";
        assert_eq!(decoded(&WINDOWS_1252.encode(text).0), (text.into(), "windows-1252", 0));
        let text = "交渉は月曜日にジュネーブで再開された。";
        assert_eq!(decoded(&SHIFT_JIS.encode(text).0), (text.into(), "shift_jis", 0));
        assert_eq!(decoded(b"He said \x93no\x94."), ("He said “no”.".into(), "windows-1252", 0));
    }

    #[test]
    fn a_page_declares_its_charset() {
        let page = |meta: &str| [b"<html><head>", meta.as_bytes(), b"<p>\xcf\xee\xea\xe0"].concat();
        for meta in
            ["<meta charset=windows-1251>", "<META HTTP-EQUIV='Content-Type' content='text/html; Charset = cp1251'>"]
        {
            let (text, charset, replaced) = decoded(&page(meta));
            assert_eq!((text.ends_with("<p>Пока"), charset, replaced), (true, "windows-1251", 0), "{meta}");
        }
        // Where the declaration is of no use, the bytes speak.
        assert_eq!(decoded(b"<meta charset='utf-8'><p>caf\xe9 cr\xe8me").1, "windows-1252");
        assert_eq!(decoded("<meta charset=koi8-r><p>Пока".as_bytes()).1, "utf-8");
    }

    #[test]
    fn an_xml_declaration_declares_the_charset_of_its_document() {
        let document = |declaration: &str| [declaration.as_bytes(), b"<rss><title>\xcf\xee\xea\xe0"].concat();
        for declaration in [
            "<?xml version=\"1.0\" encoding=\"windows-1251\"?>",
            " <?xml version='1.0' encoding = 'CP1251' standalone='yes'?>",
        ] {
            let (text, charset, replaced) = decoded(&document(declaration));
            assert_eq!((text.ends_with("Пока"), charset, replaced), (true, "windows-1251", 0), "{declaration}");
        }
        // It comes before a page that the document quotes, unless the bytes show that it is wrong.
        let quoted = b"<?xml version='1.0' encoding='koi8-r'?><rss>&lt;<meta charset=windows-1251>\xf0\xcf\xcb\xc1";
        assert_eq!(decoded(quoted).1, "koi8-r");
        let page = b"<?xml version='1.0' encoding='utf-8'?><html><meta charset=windows-1251>\xcf\xee\xea\xe0";
        assert_eq!(decoded(page).1, "windows-1251");
        assert_eq!(decoded("<?xml version='1.0' encoding='koi8-r'?><p>Пока".as_bytes()).1, "utf-8");
        assert_eq!(decoded(b"<?xml version='1.0'?><p encoding='koi8-r'>caf\xe9 cr\xe8me").1, "windows-1252");
        assert_eq!(decoded(b"Say <?xml encoding='koi8-r'?> for caf\xe9 cr\xe8me").1, "windows-1252");
    }

    #[test]
    fn nearly_utf_8_stays_utf_8_and_is_counted() {
        assert_eq!(
            decoded(b"caf\xc3\xa9 \xe2\x80 \xff cr\xc3\xa8me"),
            ("café \u{fffd} \u{fffd} crème".into(), "utf-8", 2)
        );
    }

    #[test]
    fn a_nul_is_no_text() {
        let message = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
        assert_eq!(message(b"abc\0def\0\0"), "the file is no text: byte 3 is NUL (binary)");
        assert_eq!(message(b"\xff\xfea\0b\0\0\0"), "the file is no text: byte 6 is NUL (binary)");
        assert_eq!(message(b"%PDF-1.4\n"), "the file is no text: it starts like a PDF document (binary)");
    }

    proptest! {
        #[test]
        fn utf_8_is_kept_as_it_is(text in "[^\0\r\u{feff}]*") {
            prop_assume!(!MAGIC.iter().any(|(magic, _)| text.as_bytes().starts_with(magic)));
            prop_assert_eq!(decode(text.as_bytes()).unwrap(), Decoded { text: Cow::Borrowed(&text), charset: "utf-8", replaced: 0 });
        }
    }
}
