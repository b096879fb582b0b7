//! What the training paragraphs look like to a model that has not learned from them.
//!
//! A stream is unseen text, so what it is held against has to be unseen as well: a model is surer of its own training
//! paragraphs than of any other, and knows their every word that stands in two of them.

use super::corpus::Corpus;
use super::counts::Counts;
use super::samples::{Sample, Samples};
use super::vocabulary::FEWEST;
use crate::model::{Profile, Verdict, Vocabulary, Words};

/// The profile of the verdicts that follow from cross-fitted probabilities.
///
/// It counts the paragraphs that the judges learn from: where there are articles, single paragraphs are left out, because
/// no stream is made of them.
pub(super) fn profile(
    samples: &Samples,
    words: &[Words],
    boilerplate: &[f64],
    topics: &[Vec<f64>],
    threshold: f64,
) -> Profile {
    let mut profile = Profile::new(samples.topics);
    for range in samples.documents() {
        if samples.all[range.clone()].iter().all(|sample| samples.counts(sample)) {
            let verdict = |i: usize| Verdict::new(boilerplate[i], &topics[i], threshold, words[i]);
            profile.observe(&range.clone().map(verdict).collect::<Vec<Verdict>>());
        }
    }
    profile
}

/// The words of each paragraph, and how many of them a model of the other folds would not know.
pub(super) fn crossed_words(
    corpus: &Corpus,
    samples: &Samples,
    vocabulary: &Vocabulary,
    counts: &Counts,
) -> Vec<Words> {
    let known_without = |fold| -> Vec<bool> {
        let others = counts.without(fold);
        others.paragraphs().iter().take(vocabulary.words().len()).map(|&n| n >= FEWEST).collect()
    };
    let known: Vec<Vec<bool>> = (0..samples.folds).map(known_without).collect();
    let counted = |(text, sample): (&str, &Sample)| {
        let mut only_here = 0;
        let words = vocabulary.visit(text, |feature, span| {
            // Pairs, whose numbers follow those of the words, are no words; the marks of the two ends are empty.
            let unknown = known[sample.fold].get(feature as usize) == Some(&false) && !span.is_empty();
            only_here += usize::from(unknown);
        });
        Words { unknown: words.unknown + only_here, ..words }
    };
    corpus.texts().zip(&samples.all).map(counted).collect()
}

#[cfg(test)]
mod tests {
    use super::super::corpus::{Document, Labelled};
    use super::super::vocabulary::learn;
    use super::*;

    fn document(fold: usize, texts: &[&str]) -> Document {
        let labelled = |text: &&str| Labelled { text: text.to_string(), labels: vec!["space".into()] };
        Document { fold, ..Document::new(texts.iter().map(labelled).collect(), false) }
    }

    fn corpus(documents: Vec<Document>) -> Corpus {
        Corpus {
            documents,
            topics: vec!["space".into()],
            conflicts: Vec::new(),
            left_out: Vec::new(),
            digest: String::new(),
        }
    }

    #[test]
    fn a_word_that_only_its_own_fold_has_is_unknown() {
        let texts = ["orbit orbit rocket", "orbit rocket", "rocket", "rocket"];
        let corpus = corpus(vec![document(0, &texts[..2]), document(1, &texts[2..])]);
        let vocabulary = learn(texts.into_iter()).expect("a vocabulary");
        let samples = Samples::of(&corpus, &vocabulary);
        let counts = Counts::of(&samples, vocabulary.len());
        let words = crossed_words(&corpus, &samples, &vocabulary, &counts);
        let counted: Vec<(usize, usize)> = words.iter().map(|w| (w.total, w.unknown)).collect();
        // Both folds know rockets from the other one; orbits stand in the first alone.
        assert_eq!(counted, [(3, 2), (2, 1), (1, 0), (1, 0)]);
    }

    #[test]
    fn single_paragraphs_count_only_where_there_is_nothing_else() {
        let count = |documents: Vec<Document>| {
            let corpus = corpus(documents);
            let samples = Samples::of(&corpus, &learn([].into_iter()).expect("a vocabulary"));
            let all = samples.all.len();
            let words = vec![Words { total: 9, unknown: 1 }; all];
            profile(&samples, &words, &vec![0.1; all], &vec![vec![0.7]; all], 0.5)
        };
        let (single, article) = (document(0, &["a"]), document(1, &["b", "c"]));
        let mixed = count(vec![single.clone(), article]);
        assert_eq!((mixed.articles, mixed.paragraphs, mixed.labels), (1, 2, vec![2, 0, 0]));
        assert_eq!(count(vec![single]).labels, [1, 0, 0]);
    }
}
