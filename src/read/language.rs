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
    if is_plainly_english(start) {
        return Some("en");
    }
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

/// The languages that a producer may name, by their codes of ISO 639-1.
const KNOWN: &str = "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id is it ja ka kk \
    km kn ko ku ky lo lt lv mk ml mn mr ms my nb ne nl nn no pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te tg th tk tl tr \
    uk ur uz vi xh yo zh zu";

/// The code of a language as a producer names it: `en`, `en-GB`, `EN_us`.
pub(super) fn known_language(named: &str) -> Option<&'static str> {
    let first = named.trim().split(['-', '_']).next()?;
    KNOWN.split_ascii_whitespace().find(|code| code.eq_ignore_ascii_case(first))
}

/// Whether one word in twelve of the start is one that English cannot do without and that the other languages lack.
///
/// That is so of nineteen in twenty English articles, and the careful answer costs as much as all that comes after it.
fn is_plainly_english(start: &str) -> bool {
    const GLANCE: usize = 1024;
    const FEWEST: usize = 40;
    const ENGLISH: [&[u8]; 10] = [b"the", b"to", b"and", b"that", b"with", b"from", b"by", b"this", b"have", b"which"];
    let glance = start.as_bytes().get(..GLANCE).unwrap_or(start.as_bytes());
    let words = glance.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let count = |(all, english), word: &[u8]| (all + 1, english + usize::from(ENGLISH.contains(&word)));
    let (all, english) = words.fold((0, 0), count);
    all >= FEWEST && english * 12 >= all
}

#[cfg(test)]
mod tests {
    use super::{is_plainly_english, language};

    #[test]
    fn a_glance_says_what_the_careful_answer_says() {
        let english = "The envoys met on Monday and agreed that nothing of this has to be written down by anybody. ";
        let german = "Die Gesandten trafen sich am Montag und kamen überein, dass nichts davon aufgeschrieben wird. ";
        let dutch = "De gezanten spraken maandag af of ze het wel of niet zouden opschrijven, en of dat nodig was. ";
        assert!(is_plainly_english(&english.repeat(3)) && !is_plainly_english(english), "it takes forty words");
        assert!(!is_plainly_english(&german.repeat(9)) && !is_plainly_english(&dutch.repeat(9)));
        let quoted =
            format!("{}“The terms of this deal have to be kept by the other side.” {}", german, german.repeat(3));
        assert_eq!(language(&quoted), Some("de"));
        assert_eq!(language(&dutch.repeat(9)), Some("nl"));
    }

    #[test]
    fn languages_are_told_apart() {
        assert_eq!(language("The envoys met on Monday and agreed on nothing."), Some("en"));
        assert_eq!(language("Die Gesandten trafen sich am Montag und einigten sich nicht."), Some("de"));
        assert_eq!(language("Посланники встретились в понедельник и ни о чём не договорились."), Some("ru"));
        assert_eq!(language("No deal 2018"), None);
        assert_eq!(language(&"é".repeat(5000)).map(str::len), Some(2), "cut between two characters");
    }
}
