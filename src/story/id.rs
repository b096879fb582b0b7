//! How an article is named.

use std::fmt;

/// The id of an article: the BLAKE3 digest of its bytes, which records write as `b3:` and 64 hexadecimal digits.
///
/// ```
/// use disputed::story::Id;
/// let text = "b3:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// assert_eq!(Id::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
/// assert_eq!(Id::parse("b3:0011"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 32]);

/// What stands before the digits.
const PREFIX: &str = "b3:";

impl Id {
    /// The id that is written like this; `None` where it is no id. Digits may be capitals.
    pub fn parse(text: &str) -> Option<Id> {
        blake3::Hash::from_hex(text.strip_prefix(PREFIX)?).ok().map(|hash| Id(*hash.as_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", blake3::Hash::from_bytes(self.0))
    }
}
