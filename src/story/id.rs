//! How an article is named.

use std::fmt;

/// The id of an article: the BLAKE3 digest of its bytes, which records write as `b3:` and 64 hexadecimal digits.
///
/// ```
/// use disputed::story::Id;
/// let text = "b3:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// assert_eq!(Id::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
/// assert_eq!(Id::parse(&format!("{text}#2")), Id::parse(text));
/// assert_eq!(Id::parse("b3:0011"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 32]);

/// What stands before the digits.
const PREFIX: &str = "b3:";

impl Id {
    /// The id that is written like this; `None` where it is no id. Digits may be capitals. A number after `#`, by which
    /// records tell articles of the same bytes in one file, is not kept: the first of them is as good.
    pub fn parse(text: &str) -> Option<Id> {
        let digits = text.strip_prefix(PREFIX)?;
        let (digits, number) = digits.split_once('#').unwrap_or((digits, "0"));
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty();
        let digest = is_number.then(|| blake3::Hash::from_hex(digits).ok())??;
        Some(Id(*digest.as_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", blake3::Hash::from_bytes(self.0))
    }
}

/// The id of a story: the first 16 hexadecimal digits of the id of its first article.
///
/// ```
/// use disputed::story::{Id, StoryId};
/// assert_eq!(StoryId::from(Id([0xab; 32])).to_string(), "abababababababab");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoryId(pub(super) [u8; 8]);

impl From<Id> for StoryId {
    fn from(Id([a, b, c, d, e, f, g, h, ..]): Id) -> StoryId {
        StoryId([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_refused() {
        let digits = "0a".repeat(32);
        assert_eq!(Id::parse(&format!("b3:{digits}")), Some(Id([10; 32])));
        assert_eq!(Id::parse(&format!("b3:{}#17", digits.to_uppercase())), Some(Id([10; 32])));
        let wrong =
            [digits.clone(), format!("b3:{digits}0"), format!("b3:{digits}#"), format!("b3:{digits}#x"), String::new()];
        assert_eq!(wrong.map(|text| Id::parse(&text)), [None; 5]);
    }
}
