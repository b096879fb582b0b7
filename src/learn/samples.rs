//! The corpus as training sees it: paragraphs as features and labels, document by document.

use std::ops::Range;

use super::corpus::{BOILERPLATE, Corpus};
use crate::model::{Vocabulary, is_opening};

/// A paragraph as training sees it.
pub(super) struct Sample {
    pub(super) fold: usize,
    pub(super) in_article: bool,
    /// The first of several, which is never boilerplate.
    pub(super) opening: bool,
    pub(super) features: Vec<u32>,
    /// For each topic, and last for boilerplate, whether it has that label.
    pub(super) labels: Vec<bool>,
}

impl Sample {
    pub(super) fn is_boilerplate(&self) -> bool {
        self.labels.last() == Some(&true)
    }
}

/// All paragraphs, document by document.
pub(super) struct Samples {
    pub(super) all: Vec<Sample>,
    pub(super) topics: usize,
    /// Whether the judges of topics learn from articles only: where there are any, single paragraphs, which have no
    /// context, would teach them to mistrust it.
    articles_only: bool,
}

impl Samples {
    pub(super) fn of(corpus: &Corpus, vocabulary: &Vocabulary) -> Samples {
        let mut all = Vec::new();
        for document in &corpus.documents {
            let paragraphs = document.paragraphs.len();
            for (i, paragraph) in document.paragraphs.iter().enumerate() {
                let labels = corpus
                    .topics
                    .iter()
                    .map(String::as_str)
                    .chain([BOILERPLATE])
                    .map(|label| paragraph.has(label))
                    .collect();
                let features = vocabulary.features(&paragraph.text);
                let opening = is_opening(i, paragraphs);
                all.push(Sample { fold: document.fold, in_article: paragraphs > 1, opening, features, labels });
            }
        }
        let articles_only = all.iter().any(|s| s.in_article);
        Samples { all, topics: corpus.topics.len(), articles_only }
    }

    /// Whether the judges of topics learn from this paragraph, and the figures count it.
    pub(super) fn counts(&self, sample: &Sample) -> bool {
        sample.in_article || !self.articles_only
    }
}

/// Calls `visit` with each document's paragraphs and where they stand among all.
pub(super) fn by_document<'a>(corpus: &'a Corpus, mut visit: impl FnMut(&[&'a str], Range<usize>)) {
    let mut start = 0;
    for document in &corpus.documents {
        let texts: Vec<&str> = document.paragraphs.iter().map(|p| p.text.as_str()).collect();
        visit(&texts, start..start + texts.len());
        start += texts.len();
    }
}
