//! Text to tokens: the words of a paragraph, folded so that forms of one word meet, and marks for its two ends.

use std::ops::Range;

/// The tokeniser's name and version, as the model file carries them: weights fit only the tokens they were made of.
pub(crate) const TOKENIZER: &str = "words-en/1";

/// The tokens that stand before the first word and after the last.
const START: &str = "^";
const END: &str = "$";

/// Calls `visit` with each token of the text and where in the text it stands, in order.
///
/// A word is a run of letters and digits, with apostrophes inside; all else separates. It is put in lower case, and
/// a possessive `'s` and a plural `s` are cut off.
pub(crate) fn tokens(text: &str, mut visit: impl FnMut(&str, Range<usize>)) {
    let mut folded = String::new();
    visit(START, 0..0);
    let mut rest = 0;
    while let Some(span) = next_word(text, rest) {
        rest = span.end;
        fold(&text[span.clone()], &mut folded);
        visit(&folded, span);
    }
    visit(END, text.len()..text.len());
}

/// The first word that starts at `from` or after it.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let mut chars =
        text.get(from..)?.char_indices().map(|(at, c)| (from + at, c)).skip_while(|(_, c)| !c.is_alphanumeric());
    let (start, first) = chars.next()?;
    let mut end = start + first.len_utf8();
    let mut apostrophe = false;
    for (at, c) in chars {
        if c.is_alphanumeric() {
            end = at + c.len_utf8();
            apostrophe = false;
        } else if is_apostrophe(c) && !apostrophe {
            // It belongs to the word only if a letter follows, so the end stays where it is.
            apostrophe = true;
        } else {
            break;
        }
    }
    Some(start..end)
}

fn is_apostrophe(c: char) -> bool {
    c == '\'' || c == '\u{2019}'
}

/// The form under which a word is looked up.
fn fold(word: &str, folded: &mut String) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        tokens(text, |token, _| all.push(token.to_string()));
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

    proptest! {
        #[test]
        fn spans_are_slices_in_order(text in any::<String>()) {
            let mut end = 0;
            tokens(&text, |token, span| {
                assert!(span.start >= end, "{span:?} after {end}");
                assert!(text.get(span.clone()).is_some());
                assert!(!token.is_empty());
                end = span.end;
            });
            prop_assert_eq!(end, text.len());
        }
    }
}
