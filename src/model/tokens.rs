//! Text to tokens: where the words of a paragraph stand, and their folded form, in which forms of one word meet.
//!
//! A word is a run of letters and digits, with apostrophes inside; all else separates. It is put in lower case, and a
//! possessive `'s` and a plural `s` are cut off.

use std::ops::Range;

use super::bits::Bits;

/// The tokeniser's name and version, as the model file carries them: weights fit only the tokens they were made of.
pub(crate) const TOKENIZER: &str = "words-en/1";

/// The tokens that stand before the first word and after the last.
pub(super) const START: &str = "^";
pub(super) const END: &str = "$";

/// Calls `visit` with each token of the text, in order.
pub(crate) fn tokens(text: &str, mut visit: impl FnMut(&str)) {
    let mut folded = String::new();
    visit(START);
    for span in WordFinder::default().words(text) {
        fold(&text[span], &mut folded);
        visit(&folded);
    }
    visit(END);
}

/// Finds words; its memory is used again from text to text.
#[derive(Debug, Clone, Default)]
pub(super) struct WordFinder {
    /// The bytes of words.
    words: Bits,
    /// The bytes that begin what no comparison of bytes tells: apostrophes, and characters beyond ASCII.
    others: Bits,
}

impl WordFinder {
    /// Where the words of a text stand, in order.
    pub(super) fn words(&mut self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let WordFinder { words, others } = self;
        words.mark(text.as_bytes(), |byte| byte.is_ascii_alphanumeric());
        others.mark(text.as_bytes(), |byte| byte == b'\'' || byte >= FIRST_OF_SEVERAL);
        for at in others.ones() {
            let mut rest = text.get(at..).unwrap_or_default().chars();
            let Some(c) = rest.next() else { continue };
            // What stands before is marked by now, and what comes after may not be.
            let mut is_inside = || at > 0 && words.contains(at - 1) && rest.next().is_some_and(char::is_alphanumeric);
            if if is_apostrophe(c) { is_inside() } else { is_letter_or_digit(c) } {
                (at..at + c.len_utf8()).for_each(|at| _ = words.insert(at));
            }
        }
        words.runs()
    }
}

/// The lowest byte that begins a character of several bytes.
const FIRST_OF_SEVERAL: u8 = 0xc0;

fn is_letter_or_digit(c: char) -> bool {
    // Dashes and quotation marks are most of what is beyond ASCII in English; there is no letter among them.
    !('\u{2000}'..='\u{206f}').contains(&c) && c.is_alphanumeric()
}

fn is_apostrophe(c: char) -> bool {
    c == '\'' || c == '\u{2019}'
}

/// The form under which a word is looked up.
pub(super) fn fold(word: &str, folded: &mut String) {
    folded.clear();
    folded.extend(word.chars().map(|c| if is_apostrophe(c) { '\'' } else { c }).flat_map(char::to_lowercase));
    if folded.ends_with("'s") {
        folded.truncate(folded.len() - 2);
    }
    let plural = folded.ends_with('s') && !["ss", "us", "is"].iter().any(|end| folded.ends_with(end));
    if plural && folded.chars().count() > 3 {
        folded.pop();
    }
}

/// A folded word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded<'a> {
    /// Its bytes, the first in the lowest place of the first number, with zeros up to sixteen.
    Short([u64; 2]),
    /// One of more than sixteen bytes, which are rare.
    Long(&'a str),
}

/// The longest word that is folded as a number, in bytes.
const SHORT: usize = size_of::<u128>();

impl<'a> Folded<'a> {
    /// Folds the word that stands there in the text; `memory` is for the few that are long or not all ASCII.
    #[inline]
    pub(super) fn new(text: &str, word: Range<usize>, memory: &'a mut String) -> Folded<'a> {
        if let Some(short) = fold_short(text.as_bytes(), &word) {
            return Folded::short(short);
        }
        fold(text.get(word).unwrap_or_default(), memory);
        Folded::of(memory)
    }

    /// A word that is folded already.
    pub(super) fn of(folded: &str) -> Folded<'_> {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..folded.len()) {
            Some(start) => {
                start.copy_from_slice(folded.as_bytes());
                Folded::short(u128::from_le_bytes(bytes))
            }
            None => Folded::Long(folded),
        }
    }

    fn short(bytes: u128) -> Folded<'static> {
        Folded::Short([bytes as u64, (bytes >> 64) as u64])
    }
}

/// As [`fold`], of a short word of ASCII, all bytes at once.
#[inline]
fn fold_short(text: &[u8], word: &Range<usize>) -> Option<u128> {
    /// What small letters have and capitals lack; figures and apostrophes have it too.
    const SMALL: u8 = 0x20;
    const ALL_SMALL: u128 = u128::from_le_bytes([SMALL; SHORT]);
    const BEYOND_ASCII: u128 = u128::from_le_bytes([0x80; SHORT]);
    let bytes = match text.get(word.start..word.start + SHORT) {
        Some(bytes) => u128::from_le_bytes(bytes.try_into().ok()?),
        // It is one of the last words, and sixteen bytes would reach beyond the end.
        None if word.len() <= SHORT => {
            text.get(word.clone())?.iter().rev().fold(0, |bytes, &byte| bytes << 8 | u128::from(byte))
        }
        None => return None,
    };
    let mut length = word.len();
    let folded = (bytes | ALL_SMALL) & UP_TO.get(length)?;
    if folded & BEYOND_ASCII != 0 {
        return None;
    }
    let last = |length: usize| text.get(word.start + length - 1).map(|byte| byte | SMALL);
    if last(length) == Some(b's') {
        if length > 2 && last(length - 1) == Some(b'\'') {
            length -= 2;
        }
        if length > 3 && last(length) == Some(b's') && !matches!(last(length - 1), Some(b's' | b'u' | b'i')) {
            length -= 1;
        }
    }
    Some(folded & UP_TO.get(length)?)
}

/// By a number of bytes, a mask of so many of the lowest.
const UP_TO: [u128; SHORT + 1] = {
    let (mut masks, mut length) = ([0; SHORT + 1], 1);
    while length <= SHORT {
        masks[length] = u128::MAX >> (8 * (SHORT - length));
        length += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use super::super::oracle;
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        tokens(text, |token| all.push(token.to_string()));
        all
    }

    #[test]
    fn words_are_folded_and_ends_are_marked() {
        assert_eq!(of("The US-led talks"), ["^", "the", "us", "led", "talk", "$"]);
        assert_eq!(of("Moscow\u{2019}s envoys' 60 visas"), ["^", "moscow", "envoy", "60", "visa", "$"]);
        assert_eq!(of("Don't press 'less', U.S. crisis"), ["^", "don't", "press", "less", "u", "s", "crisis", "$"]);
        assert_eq!(of("its gas was"), ["^", "its", "gas", "was", "$"], "short words keep their s");
        assert_eq!(of(""), ["^", "$"]);
        assert_eq!(of("ÇA VA"), ["^", "ça", "va", "$"]);
        assert_eq!(of("a''b c' 'd"), ["^", "a", "b", "c", "d", "$"]);
    }

    /// What words are made of, so that their rules meet often.
    const PIECES: &str = "[asSuUiI'9\u{2019} .éÉ\u{130}\u{301}\u{2014}жs]{0,40}";

    proptest! {
        #[test]
        fn words_are_those_of_the_slow_reading(text in prop_oneof![any::<String>(), PIECES, "\\PC{0,200}"]) {
            let words: Vec<_> = WordFinder::default().words(&text).collect();
            prop_assert_eq!(&words, &oracle::words(&text));
            let mut memory = String::new();
            for word in words {
                let slow = oracle::fold(&text[word.clone()]);
                prop_assert_eq!(Folded::new(&text, word, &mut memory), Folded::of(&slow), "{}", slow);
            }
        }

        #[test]
        fn what_was_found_before_changes_nothing(first in PIECES, text in PIECES) {
            let mut finder = WordFinder::default();
            _ = finder.words(&first).count();
            prop_assert_eq!(finder.words(&text).collect::<Vec<_>>(), oracle::words(&text));
        }
    }
}
