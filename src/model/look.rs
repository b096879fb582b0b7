//! How a paragraph looks, whatever its words are: how many there are, how they are written, how they end.

use super::bits::Bits;

/// What there is to see in a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Words, parted by white space.
    pub(super) words: usize,
    /// Those among them that begin with a capital, also behind a quotation mark or a bracket.
    pub(super) capitalised: usize,
    /// Full stops with a blank after them.
    pub(super) stops: usize,
    /// Whether it ends as a sentence does.
    pub(super) ends: bool,
}

/// Looks at text after text with the same memory.
#[derive(Debug, Default)]
pub(crate) struct Looker {
    /// The bytes that are no white space.
    words: Bits,
    /// The bytes that may begin white space beyond ASCII.
    others: Bits,
}

impl Looker {
    pub(super) fn look(&mut self, text: &str) -> Look {
        let Looker { words, others } = self;
        let bytes = text.as_bytes();
        words.mark(bytes, |byte| !(byte == b' ' || byte.wrapping_sub(b'\t') < 5));
        others.mark(bytes, |byte| byte == 0xc2 || byte.wrapping_sub(0xe1) < 3);
        for at in others.ones() {
            let c = text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| c.is_whitespace());
            (at..at + c.map_or(0, char::len_utf8)).for_each(|at| words.remove(at));
        }
        let mut look = Look { words: 0, capitalised: 0, stops: 0, ends: ends_as_sentence(text) };
        for word in words.runs() {
            look.words += 1;
            look.capitalised += usize::from(is_capitalised(text, word.start));
            look.stops += usize::from(bytes[word.end - 1] == b'.' && bytes.get(word.end) == Some(&b' '));
        }
        look
    }
}

/// A capital at the start of the word that begins there, also behind one character that is no letter.
fn is_capitalised(text: &str, start: usize) -> bool {
    match text.as_bytes()[start] {
        first if first.is_ascii_uppercase() => true,
        first if first.is_ascii_lowercase() => false,
        _ => {
            let mut chars = text.get(start..).unwrap_or_default().chars();
            let is_upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
            let first = chars.next();
            is_upper(first) || (first.is_some_and(|c| !c.is_alphabetic()) && is_upper(chars.next()))
        }
    }
}

fn ends_as_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(['"', '\'', '”', '’', ')', ']', ' ']);
    end.ends_with(['.', '!', '?', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, word for word and letter for letter.
    fn slowly(text: &str) -> Look {
        let is_upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
        let is_capitalised = |word: &&str| {
            let (first, second) = (word.chars().next(), word.chars().nth(1));
            is_upper(first) || !first.is_some_and(char::is_alphabetic) && is_upper(second)
        };
        Look {
            words: text.split_whitespace().count(),
            capitalised: text.split_whitespace().filter(is_capitalised).count(),
            stops: text.matches(". ").count(),
            ends: ends_as_sentence(text),
        }
    }

    #[test]
    fn a_look_counts_words_capitals_and_stops() {
        let look = Looker::default().look("“It is over. Go,” (Éva) said.");
        assert_eq!(look, Look { words: 6, capitalised: 3, stops: 1, ends: true });
    }

    proptest! {
        #[test]
        fn it_sees_what_the_slow_look_sees(
            text in prop_oneof![any::<String>(), "[aBÉé.“ (\u{a0}\u{2003}\u{3000}\u{85}\t\n—]{0,150}"],
        ) {
            prop_assert_eq!(Looker::default().look(&text), slowly(&text));
        }
    }
}
