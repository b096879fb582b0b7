//! The features that the model knows: words, and pairs of words that stand side by side.

use std::collections::HashMap;
use std::ops::Range;

use super::tokens::tokens;

/// How many words a text has, and how many of them the model does not know; repetitions count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    /// All of them.
    pub total: usize,
    /// Those among them that are not in the model's vocabulary.
    pub unknown: usize,
}

/// Words by number, pairs by the numbers of their words. Features are numbered words first, then pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vocabulary {
    words: Vec<String>,
    pairs: Vec<(u32, u32)>,
    word_ids: HashMap<String, u32>,
    pair_ids: HashMap<(u32, u32), u32>,
}

impl Vocabulary {
    /// Words without repetition; pairs of word numbers, the first word's number first. `None` where a
    /// word or pair stands twice, or a pair names no word.
    pub(crate) fn new(words: Vec<String>, pairs: Vec<(u32, u32)>) -> Option<Vocabulary> {
        let count = u32::try_from(words.len()).ok()?;
        let word_ids: HashMap<String, u32> = words.iter().cloned().zip(0..).collect();
        let pair_ids: HashMap<(u32, u32), u32> = pairs.iter().copied().zip(count..).collect();
        let sound = word_ids.len() == words.len()
            && pair_ids.len() == pairs.len()
            && pairs.iter().all(|&(a, b)| a < count && b < count);
        sound.then_some(Vocabulary { words, pairs, word_ids, pair_ids })
    }

    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    pub(crate) fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len() + self.pairs.len()
    }

    /// The distinct features of a text, in ascending order.
    pub(crate) fn features(&self, text: &str) -> Vec<u32> {
        self.read(text).0
    }

    /// As [`Vocabulary::features`], with the words that were counted on the way.
    pub(crate) fn read(&self, text: &str) -> (Vec<u32>, Words) {
        let mut found = Vec::new();
        let words = self.visit(text, |feature, _| found.push(feature));
        found.sort_unstable();
        found.dedup();
        (found, words)
    }

    /// Calls `visit` with every occurrence of a feature, and where it stands; tells how many words there were.
    pub(crate) fn visit(&self, text: &str, mut visit: impl FnMut(u32, Range<usize>)) -> Words {
        let mut before: Option<(u32, usize)> = None;
        let mut words = Words::default();
        tokens(text, |token, span| {
            let word = self.word_ids.get(token).copied();
            // The marks of the two ends are empty, and no words.
            words.total += usize::from(!span.is_empty());
            words.unknown += usize::from(!span.is_empty() && word.is_none());
            if let Some(word) = word {
                visit(word, span.clone());
                if let Some((first, start)) = before
                    && let Some(&pair) = self.pair_ids.get(&(first, word))
                {
                    visit(pair, start..span.end);
                }
            }
            before = word.map(|word| (word, span.start));
        });
        words
    }

    /// The feature as text, for a person.
    pub(crate) fn text(&self, feature: u32) -> String {
        let word = |id: u32| self.words.get(id as usize).map_or("", String::as_str);
        match (feature as usize).checked_sub(self.words.len()).and_then(|i| self.pairs.get(i)) {
            Some(&(first, second)) => format!("{} {}", word(first), word(second)),
            None => word(feature).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let words = ["$", "^", "deal", "nuclear", "the"].map(String::from).to_vec();
        Vocabulary::new(words, vec![(3, 2), (2, 0)]).expect("numbers within the words")
    }

    #[test]
    fn a_text_is_its_distinct_words_and_pairs() {
        let v = vocabulary();
        assert_eq!(v.features("The nuclear deal, the deal"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(v.features("Nuclear unknown deal."), [0, 1, 2, 3, 6], "an unknown word breaks a pair");
        assert_eq!((v.text(5), v.text(3)), ("nuclear deal".into(), "nuclear".into()));
    }

    #[test]
    fn words_are_counted_where_they_stand_and_the_ends_are_none() {
        let v = vocabulary();
        assert_eq!(v.read("The deal: no deal, no nuclear deal.").1, Words { total: 7, unknown: 2 });
        assert_eq!(v.read(" — ").1, Words::default());
        assert_eq!(Vocabulary::default().read("Deal").1, Words { total: 1, unknown: 1 }, "nor are they unknown");
    }

    #[test]
    fn numbers_that_are_no_words_are_refused() {
        assert_eq!(Vocabulary::new(vec!["a".into()], vec![(0, 1)]), None);
        assert_eq!(Vocabulary::new(vec!["a".into(), "a".into()], vec![]), None);
    }
}
