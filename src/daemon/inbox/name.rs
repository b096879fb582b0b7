//! File names: written reversibly into JSON, and made anew where a name is taken or too long.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What Linux file systems take at most for one name, in bytes.
const LONGEST: usize = 255;

/// What the reason of a refused file is named by, after the file's own name.
pub(crate) const REASON: &str = ".reason.json";

/// What names the articles of a file in embargo/ that are still to come, after the file's own name.
pub(crate) const HELD: &str = ".held.json";

/// What names the refused articles of a file whose others have lines, after the file's own name and the start of its
/// digest.
pub(crate) const ARTICLES: &str = ".articles.json";

/// A path as text, reversibly: bytes that are no UTF-8 are written `\xHH`, and so is a backslash.
///
/// ```
/// use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};
/// use disputed::daemon::escaped;
/// assert_eq!(escaped(Path::new("wire/caf\u{e9}.txt")), "wire/caf\u{e9}.txt");
/// assert_eq!(escaped(Path::new(OsStr::from_bytes(b"caf\xe9\\.txt"))), r"caf\xe9\x5c.txt");
/// ```
pub fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', r"\x5c"));
        for byte in chunk.invalid() {
            text.push_str(&format!(r"\x{byte:02x}"));
        }
    }
    text
}

/// The path that [`escaped`] made this text of.
pub(crate) fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once(r"\x") {
        bytes.extend_from_slice(before.as_bytes());
        let (digits, after) = after.split_at_checked(2).unwrap_or((after, ""));
        bytes.extend(u8::from_str_radix(digits, 16));
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    PathBuf::from(OsString::from_vec(bytes))
}

/// The name with `suffix` after it, shortened by a digest of itself where the two together are too long.
pub(crate) fn with_suffix(name: &OsStr, suffix: &str) -> OsString {
    let mut bytes = name.as_bytes().to_vec();
    if bytes.len() + suffix.len() > LONGEST {
        let digest = blake3::hash(name.as_bytes()).to_hex();
        let mut keep = LONGEST - suffix.len() - 17;
        // A character that is cut in half would make an invalid name of a valid one.
        while keep > 0 && bytes[keep] & 0xC0 == 0x80 {
            keep -= 1;
        }
        bytes.truncate(keep);
        bytes.push(b'~');
        bytes.extend_from_slice(&digest.as_bytes()[..16]);
    }
    bytes.extend_from_slice(suffix.as_bytes());
    OsString::from_vec(bytes)
}

/// The name to try after `taken` attempts found theirs taken: `a.txt`, `a.1.txt`, `a.2.txt`, …
pub(crate) fn numbered(name: &OsStr, taken: u32) -> OsString {
    if taken == 0 {
        return name.to_os_string();
    }
    let path = Path::new(name);
    let (Some(stem), extension) = (path.file_stem(), path.extension()) else { return name.to_os_string() };
    let suffix = match extension.map(OsStr::to_str) {
        Some(Some(extension)) if extension.len() < 16 => format!(".{taken}.{extension}"),
        None => format!(".{taken}"),
        // An extension that is no text, or no extension at all but a long tail, stays where it is.
        Some(_) => return with_suffix(name, &format!(".{taken}")),
    };
    with_suffix(stem, &suffix)
}

/// Whether the name is the other one, or what [`numbered`] makes of that.
pub(crate) fn is_numbered(name: &OsStr, of: &OsStr) -> bool {
    let path = Path::new(name);
    let before_extension = path.file_stem().and_then(|stem| Path::new(stem).extension());
    let number = |part: Option<&OsStr>| part?.to_str()?.parse().ok();
    let numbers = [before_extension, path.extension()].into_iter().filter_map(number);
    name == of || numbers.into_iter().any(|taken| numbered(of, taken) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_stand_before_the_extension() {
        assert_eq!(numbered(OsStr::new("a.txt"), 0), "a.txt");
        assert_eq!(numbered(OsStr::new("a.txt"), 2), "a.2.txt");
        assert_eq!(numbered(OsStr::new("README"), 1), "README.1");
    }

    #[test]
    fn a_number_that_we_would_not_give_is_none() {
        for (name, of, is) in [
            ("a.txt", "a.txt", true),
            ("a.12.txt", "a.txt", true),
            ("a.2.txt", "a.2.txt", true),
            ("a.2.1.txt", "a.2.txt", true),
            ("README.1", "README", true),
            ("a.01.txt", "a.txt", false),
            ("a.+1.txt", "a.txt", false),
            ("a.1.txt", "a.html", false),
            ("a.1.1.txt", "a.txt", false),
            ("b.1.txt", "a.txt", false),
        ] {
            assert_eq!(is_numbered(OsStr::new(name), OsStr::new(of)), is, "{name} of {of}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_start_and_its_suffix() {
        let name = "é".repeat(125);
        let long = with_suffix(OsStr::new(&name), ".reason.json");
        let long = long.to_str().expect("still text");
        assert!(long.len() <= LONGEST && long.starts_with("éé") && long.ends_with(".reason.json"), "{long}");
    }

    proptest! {
        #[test]
        fn any_path_comes_back_from_its_escaped_form(bytes in prop::collection::vec(1u8.., 0..64)) {
            let path = Path::new(OsStr::from_bytes(&bytes));
            prop_assert_eq!(unescaped(&escaped(path)), path);
        }

        #[test]
        fn new_names_fit_and_differ(name in "[^/\u{0}]{1,80}(\\.[a-z]{1,4})?", taken in 1u32..1000) {
            let name = OsStr::new(&name);
            if name != "." && name != ".." {
                let next = numbered(name, taken);
                prop_assert!(next.len() <= LONGEST);
                prop_assert!(is_numbered(&next, name));
                prop_assert_ne!(next, name);
            }
        }
    }
}
