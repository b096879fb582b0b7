//! The model read slowly, letter by letter, in the most obvious way: what the fast ways are held against.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::vocabulary::Words;
use super::{Model, score};

/// Where the words of a text stand.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut rest = 0;
    while let Some(word) = next_word(text, rest) {
        rest = word.end;
        words.push(word);
    }
    words
}

/// The first word that starts at `from` or after it.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let mut chars = text[from..].char_indices().map(|(at, c)| (from + at, c)).skip_while(|(_, c)| !c.is_alphanumeric());
    let (start, first) = chars.next()?;
    let mut end = start + first.len_utf8();
    let mut apostrophe = false;
    for (at, c) in chars {
        if c.is_alphanumeric() {
            end = at + c.len_utf8();
            apostrophe = false;
        } else if matches!(c, '\'' | '\u{2019}') && !apostrophe {
            // It belongs to the word only if a letter follows, so the end stays where it is.
            apostrophe = true;
        } else {
            break;
        }
    }
    Some(start..end)
}

/// The form under which a word is looked up.
pub(super) fn fold(word: &str) -> String {
    let mut folded = word.replace('\u{2019}', "'").chars().flat_map(char::to_lowercase).collect::<String>();
    if let Some(owner) = folded.strip_suffix("'s") {
        folded = owner.to_string();
    }
    match folded.strip_suffix('s') {
        Some(one) if folded.chars().count() > 3 && !one.ends_with(['s', 'u', 'i']) => one.to_string(),
        _ => folded,
    }
}

/// The model's words and pairs by their text.
pub(super) struct Oracle<'m> {
    model: &'m Model,
    words: HashMap<&'m str, u32>,
    pairs: HashMap<[u32; 2], u32>,
}

impl Oracle<'_> {
    pub(super) fn new(model: &Model) -> Oracle<'_> {
        let (words, pairs) = (model.vocabulary.words(), model.vocabulary.pairs());
        Oracle {
            model,
            words: words.iter().map(String::as_str).zip(0..).collect(),
            pairs: pairs.iter().copied().zip(words.len() as u32..).collect(),
        }
    }

    /// The distinct features of a text, and how many words it has.
    pub(super) fn read(&self, text: &str) -> (BTreeSet<u32>, Words) {
        let spans = words(text);
        let folded = spans.iter().map(|span| fold(&text[span.clone()]));
        let tokens: Vec<String> = ["^".to_string()].into_iter().chain(folded).chain(["$".to_string()]).collect();
        let known: Vec<Option<u32>> = tokens.iter().map(|token| self.words.get(token.as_str()).copied()).collect();
        let mut features: BTreeSet<u32> = known.iter().copied().flatten().collect();
        features.extend(known.windows(2).filter_map(|two| self.pairs.get(&[two[0]?, two[1]?])));
        let inner = &known[1..known.len() - 1];
        (features, Words { total: inner.len(), unknown: inner.iter().filter(|word| word.is_none()).count() })
    }

    /// The score of each class.
    pub(super) fn scores(&self, text: &str) -> Vec<f64> {
        let (features, _) = self.read(text);
        let sum = |class: usize| features.iter().map(|&f| i64::from(self.model.weights.of(f)[class])).sum::<i64>();
        (0..=self.model.topics().len()).map(|class| sum(class) as f64 * score::scale(features.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::reader::Reader;
    use super::*;

    /// Whether both ways find the same in each of these texts, in the order in which one reader is given them.
    fn check<'t>(oracle: &Oracle, texts: impl IntoIterator<Item = &'t str>) {
        let mut reader = Reader::default();
        for text in texts {
            let (found, count) = reader.read(&oracle.model.vocabulary, text);
            let (features, counted) = oracle.read(text);
            let mut sorted = found.to_vec();
            sorted.sort_unstable();
            assert_eq!(sorted, features.into_iter().collect::<Vec<_>>(), "{text:?}");
            assert_eq!(count, counted, "{text:?}");
            assert_eq!(oracle.model.weights.scores(found), oracle.scores(text), "{text:?}");
            oracle.model.vocabulary.visit(text, |feature, span| {
                let stands = words(&text[span.clone()]).into_iter().map(|word| fold(&text[span.start..][word]));
                let ends = [(span.start == 0).then_some("^"), (span.end == text.len()).then_some("$")];
                let [start, end] = ends.map(|end| end.map(String::from));
                let stands = stands.collect::<Vec<_>>();
                let spoken = oracle.model.vocabulary.text(feature);
                let may_be = [&stands[..], &[start.as_slice(), &stands].concat(), &[&stands, end.as_slice()].concat()];
                assert!(may_be.iter().any(|tokens| tokens.join(" ") == spoken), "{spoken:?} at {span:?} of {text:?}");
            });
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_alike(
            texts in prop::collection::vec(prop_oneof![any::<String>(), "(the|US|Iran’s|nuclear|deals?|[a-zé'’ .]{0,9}| ){0,60}"], 1..4),
        ) {
            thread_local!(static MODEL: Model = Model::shipped().expect("the shipped model"));
            MODEL.with(|model| check(&Oracle::new(model), texts.iter().map(String::as_str)));
        }
    }
}
