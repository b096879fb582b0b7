//! The corpus as training sees it: paragraphs as features and labels, document by document.

use std::ops::Range;

use super::corpus::Corpus;
use super::names::BOILERPLATE;
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
    documents: Vec<Range<usize>>,
    /// How many parts they are in.
    pub(super) folds: usize,
    pub(super) topics: usize,
    /// Whether the judges of topics learn from articles only: where there are any, single paragraphs, which have no
    /// context, would teach them to mistrust it.
    articles_only: bool,
}

impl Samples {
    pub(super) fn of(corpus: &Corpus, vocabulary: &Vocabulary) -> Samples {
        let (mut all, mut documents) = (Vec::new(), Vec::new());
        for document in &corpus.documents {
            let paragraphs = document.paragraphs.len();
            documents.push(all.len()..all.len() + paragraphs);
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
        let folds = all.iter().map(|s: &Sample| s.fold + 1).max().unwrap_or(0);
        Samples { all, documents, folds, topics: corpus.topics.len(), articles_only }
    }

    /// Where each document stands among all.
    pub(super) fn documents(&self) -> &[Range<usize>] {
        &self.documents
    }

    /// The part of all paragraphs that carry each label: the topics, boilerplate, and as the last none.
    pub(super) fn label_shares(&self) -> Vec<f64> {
        let part = |of: &dyn Fn(&Sample) -> bool| {
            self.all.iter().filter(|sample| of(sample)).count() as f64 / self.all.len().max(1) as f64
        };
        let mut shares: Vec<f64> = (0..=self.topics).map(|class| part(&|sample| sample.labels[class])).collect();
        shares.push(part(&|sample| !sample.labels.contains(&true)));
        shares
    }

    /// Whether the judges of topics learn from this paragraph, and the figures count it.
    pub(super) fn counts(&self, sample: &Sample) -> bool {
        sample.in_article || !self.articles_only
    }
}
