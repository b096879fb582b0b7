//! The features that the model knows: words, and pairs of words that stand side by side.

use std::collections::HashMap;
use std::ops::Range;

use super::reader::{Reader, Tokens};
use super::table::Table;
use super::tokens::{END, Folded, START, WordFinder};

/// How many words a text has, and how many of them the model does not know; repetitions count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    /// All of them.
    pub total: usize,
    /// Those among them that are not in the model's vocabulary.
    pub unknown: usize,
}

/// Words by number, pairs by the numbers of their words. Features are numbered words first, then pairs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vocabulary {
    words: Vec<String>,
    pairs: Vec<[u32; 2]>,
    short: Table<[u64; 2]>,
    long: HashMap<String, u32>,
    pair_ids: Table<[u32; 2]>,
    /// The marks of the two ends of a text.
    start: Word,
    end: Word,
}

/// A word of a text: its number, and in the two highest bits whether it is the first or the second of any pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Word(u32);

impl Word {
    const FIRST: u32 = 1 << 31;
    const SECOND: u32 = 1 << 30;

    /// One that is not known is in no pair, and has the one number that no word has.
    const UNKNOWN: Word = Word(Word::SECOND - 1);

    pub(super) fn number(self) -> u32 {
        self.0 & !(Word::FIRST | Word::SECOND)
    }

    pub(super) fn is_known(self) -> bool {
        self != Word::UNKNOWN
    }

    /// Whether a word like this one may be known as a pair with one like the next: most that cannot need not be looked up.
    pub(super) fn may_pair(self, next: Word) -> bool {
        (self.0 >> 31 & next.0 >> 30 & 1) == 1
    }
}

impl Vocabulary {
    /// Words without repetition; pairs of word numbers, the first word's number first. `None` where a
    /// word or pair stands twice, a pair names no word, or there are a thousand million words.
    pub(crate) fn new(words: Vec<String>, pairs: Vec<[u32; 2]>) -> Option<Vocabulary> {
        let count = u32::try_from(words.len()).ok().filter(|&count| count < Word::UNKNOWN.0)?;
        let mut entries: Vec<Word> = (0..count).map(Word).collect();
        for &[first, second] in &pairs {
            entries.get_mut(first as usize)?.0 |= Word::FIRST;
            entries.get_mut(second as usize)?.0 |= Word::SECOND;
        }
        let (mut short, mut long) = (Vec::with_capacity(words.len()), HashMap::new());
        for (word, &Word(entry)) in words.iter().zip(&entries) {
            match Folded::of(word) {
                Folded::Short(word) => short.push((word, entry)),
                Folded::Long(word) if long.insert(word.to_string(), entry).is_none() => {}
                Folded::Long(_) => return None,
            }
        }
        let short = Table::new(short.into_iter())?;
        let ids = count..count.checked_add(u32::try_from(pairs.len()).ok()?)?;
        let pair_ids = Table::new(pairs.iter().copied().zip(ids))?;
        let (start, end) = (Word::UNKNOWN, Word::UNKNOWN);
        let mut vocabulary = Vocabulary { words, pairs, short, long, pair_ids, start, end };
        vocabulary.start = vocabulary.word(Folded::of(START));
        vocabulary.end = vocabulary.word(Folded::of(END));
        Some(vocabulary)
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    pub(crate) fn pairs(&self) -> &[[u32; 2]] {
        &self.pairs
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len() + self.pairs.len()
    }

    #[inline]
    pub(super) fn word(&self, folded: Folded) -> Word {
        Word(
            match folded {
                Folded::Short(word) => self.short.get(word),
                Folded::Long(word) => self.long.get(word).copied(),
            }
            .unwrap_or(Word::UNKNOWN.0),
        )
    }

    /// The marks of the two ends of a text.
    pub(super) fn ends(&self) -> (Word, Word) {
        (self.start, self.end)
    }

    /// The table of pairs, by the numbers of their words.
    pub(super) fn pair_ids(&self) -> &Table<[u32; 2]> {
        &self.pair_ids
    }

    /// The distinct features of a text, in ascending order.
    pub(crate) fn features(&self, text: &str) -> Vec<u32> {
        let mut found = Reader::default().read(self, text).0.to_vec();
        found.sort_unstable();
        found
    }

    /// Calls `visit` with every occurrence of a feature, and where it stands: words first, and then pairs. Tells how many
    /// words there were.
    pub(crate) fn visit(&self, text: &str, mut visit: impl FnMut(u32, Range<usize>)) -> Words {
        let mut tokens = Tokens::default();
        let count = tokens.take(self, text);
        let ends = |at| std::iter::once(at..at);
        let spans: Vec<Range<usize>> =
            ends(0).chain(WordFinder::default().words(text)).chain(ends(text.len())).collect();
        let words = tokens.all().iter().zip(&spans).filter(|(word, _)| word.is_known());
        words.for_each(|(word, span)| visit(word.number(), span.clone()));
        tokens.pairs().iter().for_each(|&(pair, i)| visit(pair, spans[i as usize].start..spans[i as usize + 1].end));
        count
    }

    /// The feature as text, for a person.
    pub(crate) fn text(&self, feature: u32) -> String {
        let word = |id: u32| self.words.get(id as usize).map_or("", String::as_str);
        match (feature as usize).checked_sub(self.words.len()).and_then(|i| self.pairs.get(i)) {
            Some(&[first, second]) => format!("{} {}", word(first), word(second)),
            None => word(feature).to_string(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::model) fn vocabulary() -> Vocabulary {
        let words = ["$", "^", "deal", "nuclear", "the"].map(String::from).to_vec();
        Vocabulary::new(words, vec![[3, 2], [2, 0]]).expect("numbers within the words")
    }

    #[test]
    fn a_text_is_its_distinct_words_and_pairs() {
        let v = vocabulary();
        assert_eq!(v.features("The nuclear deal, the deal"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(v.features("Nuclear unknown deal."), [0, 1, 2, 3, 6], "an unknown word breaks a pair");
        assert_eq!((v.text(5), v.text(3)), ("nuclear deal".into(), "nuclear".into()));
    }

    #[test]
    fn a_word_may_be_long() {
        let words = ["$", "counterintelligence", "counterintelligences", "the"].map(String::from).to_vec();
        let v = Vocabulary::new(words, vec![[3, 1]]).expect("no repetition");
        assert_eq!(v.features("The counterintelligence"), [0, 1, 3, 4]);
        assert_eq!(Vocabulary::new(vec!["counterintelligence".into(); 2], vec![]), None);
    }

    #[test]
    fn numbers_that_are_no_words_are_refused() {
        assert_eq!(Vocabulary::new(vec!["a".into()], vec![[0, 1]]), None);
        assert_eq!(Vocabulary::new(vec!["a".into(), "a".into()], vec![]), None);
        assert_eq!(Vocabulary::new(vec!["a".into()], vec![[0, 0], [0, 0]]), None);
    }
}
