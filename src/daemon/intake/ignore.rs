//! Names that are never articles: what producers use while they write, and what hides on purpose.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::daemon::inbox::HELD;

/// The rule that a file or folder name is ignored by, or `None` where it may be an article.
///
/// The list is what rsync, FTP servers, browsers, editors and NFS leave while they work; a name that is later renamed
/// to a good one is read then.
pub(crate) fn ignored_by(name: &OsStr) -> Option<&'static str> {
    const SUFFIXES: [(&str, &str); 10] = [
        (".tmp", "*.tmp"),
        (".part", "*.part"),
        (".partial", "*.partial"),
        (".filepart", "*.filepart"),
        (".crdownload", "*.crdownload"),
        (".opdownload", "*.opdownload"),
        (".aria2", "*.aria2"),
        (".swp", "*.swp"),
        // What we write beside a file under embargo: in embargo/, and in any folder where files are kept.
        (HELD, "*.held.json"),
        ("~", "*~"),
    ];
    let name = name.as_bytes();
    if name.starts_with(b".") {
        return Some("hidden");
    }
    if name.starts_with(b"#") && name.ends_with(b"#") {
        return Some("#*#");
    }
    // As in report.tmp1234, where a program numbers what it writes.
    let after_dot = name.iter().rposition(|&b| b == b'.').map_or(&b""[..], |dot| &name[dot + 1..]);
    let number = after_dot.strip_prefix(b"tmp").unwrap_or_default();
    if (1..=12).contains(&number.len()) && number.iter().all(u8::is_ascii_alphanumeric) {
        return Some("*.tmp*");
    }
    SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix.as_bytes())).map(|&(_, rule)| rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_making_are_ignored_by_rule() {
        assert_eq!(ignored_by(OsStr::new(".a.txt.Xy12Zq")), Some("hidden"));
        assert_eq!(ignored_by(OsStr::new("a.txt.filepart")), Some("*.filepart"));
        assert_eq!(ignored_by(OsStr::new("a.txt~")), Some("*~"));
        assert_eq!(ignored_by(OsStr::new("a.txt.tmp1234")), Some("*.tmp*"));
        assert_eq!(ignored_by(OsStr::new("#a.txt#")), Some("#*#"));
        assert_eq!(ignored_by(OsStr::new("a.txt.held.json")), Some("*.held.json"));
        for name in ["a.txt", "held.json", "a.held.txt", "tmp1234.txt", "a.tmp.txt", "#1.txt", "tmp"] {
            assert_eq!(ignored_by(OsStr::new(name)), None, "{name}");
        }
    }
}
