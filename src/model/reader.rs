//! Texts to features: word by word would be simpler, and step by step is several times as fast.

use super::bits::Bits;
use super::tokens::{Folded, WordFinder};
use super::vocabulary::{Vocabulary, Word, Words};

/// A text taken apart.
///
/// It is done step by step for the whole text, and not word by word, because each step by itself is a loop in which the
/// machine seldom has to guess what comes next.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    finder: WordFinder,
    /// For folding.
    memory: String,
    /// The mark of the start, the words, and the mark of the end.
    all: Vec<Word>,
    /// The places in `all` where a pair may begin.
    likely: Vec<u32>,
    /// The pairs, and where in `all` they begin.
    pairs: Vec<(u32, u32)>,
}

impl Tokens {
    /// Takes a text apart, and counts its words.
    pub(super) fn take(&mut self, vocabulary: &Vocabulary, text: &str) -> Words {
        let Tokens { finder, memory, all, likely, pairs } = self;
        all.clear();
        let (start, end) = vocabulary.ends();
        all.push(start);
        all.extend(finder.words(text).map(|span| vocabulary.word(Folded::new(text, span, memory))));
        let words = &all[1..];
        let count = Words { total: words.len(), unknown: words.iter().filter(|word| !word.is_known()).count() };
        all.push(end);

        let pair = |at: usize| [all[at].number(), all[at + 1].number()];
        // Every place is written, and only those that are likely are kept: so there is no branch to guess.
        likely.clear();
        likely.resize(all.len(), 0);
        let mut kept = 0;
        for at in 0..all.len() - 1 {
            likely[kept] = at as u32;
            kept += usize::from(all[at].may_pair(all[at + 1]) & vocabulary.pair_ids().may_hold(pair(at)));
        }
        pairs.clear();
        pairs.extend(likely[..kept].iter().filter_map(|&at| Some((vocabulary.pair_ids().get(pair(at as usize))?, at))));
        count
    }

    /// The mark of the start, the words, and the mark of the end.
    pub(super) fn all(&self) -> &[Word] {
        &self.all
    }

    /// The pairs, and where among all they begin.
    pub(super) fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }
}

/// Reads text after text with the same memory.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    tokens: Tokens,
    /// The features of the text in hand: as a set, and in the order in which they came.
    seen: Bits,
    found: Vec<u32>,
}

impl Reader {
    /// The distinct features of a text, in no order that means anything, and how many words it has.
    pub(crate) fn read(&mut self, vocabulary: &Vocabulary, text: &str) -> (&[u32], Words) {
        let Reader { tokens, seen, found } = self;
        // Taking out what the text before has left is cheaper than an empty set.
        found.drain(..).for_each(|feature| seen.remove(feature as usize));
        seen.make_room_below(vocabulary.len());
        let words = tokens.take(vocabulary, text);
        found.resize(tokens.all.len() + tokens.pairs.len(), 0);
        let mut kept = 0;
        let words_known = tokens.all.iter().filter(|word| word.is_known()).map(|word| word.number());
        for feature in words_known.chain(tokens.pairs.iter().map(|&(pair, _)| pair)) {
            found[kept] = feature;
            kept += usize::from(seen.insert(feature as usize));
        }
        found.truncate(kept);
        (found, words)
    }
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::tests::vocabulary;
    use super::*;

    #[test]
    fn words_are_counted_where_they_stand_and_the_ends_are_none() {
        let v = vocabulary();
        let mut reader = Reader::default();
        assert_eq!(reader.read(&v, "The deal: no deal, no nuclear deal.").1, Words { total: 7, unknown: 2 });
        assert_eq!(reader.read(&v, " — ").1, Words::default());
        let nothing = Vocabulary::new(Vec::new(), Vec::new()).expect("no words are no repetition");
        assert_eq!(nothing.visit("Deal", |_, _| ()), Words { total: 1, unknown: 1 }, "nor are they unknown");
    }

    #[test]
    fn a_reader_remembers_nothing() {
        let v = vocabulary();
        let mut reader = Reader::default();
        assert_eq!(reader.read(&v, "The nuclear deal, the deal").0, [1, 4, 3, 2, 0, 5, 6]);
        assert_eq!(reader.read(&v, "Deal the").0, [1, 2, 4, 0]);
        let larger = Vocabulary::new((0..100).map(|n| format!("w{n}")).collect(), Vec::new()).expect("no repetition");
        assert_eq!(reader.read(&larger, "w99 w2 w99").0, [99, 2]);
    }
}
