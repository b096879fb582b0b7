//! The language of a text. The only home of whichlang.

use whichlang::{Lang, detect_language};

/// How much of a text is looked at, in bytes: its first paragraphs say as much as all of it.
const ENOUGH: usize = 2048;

/// How many letters there must be for an answer at all.
const FEWEST: usize = 24;

/// The language as a two-letter code of ISO 639-1, or `None` where the text is too short to tell.
///
/// Sixteen languages are told apart; a text in another gets the code of the one it looks most like.
///
/// ```
/// use disputed::read::language;
/// assert_eq!(language("The envoys met on Monday and agreed on nothing."), Some("en"));
/// assert_eq!(language("Talks"), None);
/// ```
pub fn language(text: &str) -> Option<&'static str> {
    let start = &text[..text.floor_char_boundary(ENOUGH)];
    if start.chars().filter(|c| c.is_alphabetic()).take(FEWEST).count() < FEWEST {
        return None;
    }
    Some(match detect_language(start) {
        Lang::Ara => "ar",
        Lang::Cmn => "zh",
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Hin => "hi",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
    })
}

#[cfg(test)]
mod tests {
    use super::language;

    #[test]
    fn languages_are_told_apart() {
        assert_eq!(language("The envoys met on Monday and agreed on nothing."), Some("en"));
        assert_eq!(language("Die Gesandten trafen sich am Montag und einigten sich nicht."), Some("de"));
        assert_eq!(language("Посланники встретились в понедельник и ни о чём не договорились."), Some("ru"));
        assert_eq!(language("No deal 2018"), None);
        assert_eq!(language(&"é".repeat(5000)).map(str::len), Some(2), "cut between two characters");
    }
}
