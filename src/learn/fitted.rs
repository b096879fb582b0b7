//! Weights and judges, fitted to the corpus: for text that none of them has seen, and for each fold by the others.

use super::corpus::Corpus;
use super::counts::Counts;
use super::judges::{self, Trained};
use super::samples::Samples;
use super::{figures, profile};
use crate::error::Result;
use crate::model::{Judges, Profile, Weights, Words};

/// What the unlabelled text adds to the counts of each class, the last of all: by the fold that its teacher has not seen;
/// the last teacher has seen all.
pub(super) type Beliefs = Vec<Vec<Vec<f64>>>;

/// A whole fit.
pub(super) struct Fitted {
    /// By the fold that they have not seen; the last have seen all.
    weights: Vec<Weights>,
    pub(super) trained: Trained,
    /// The probability from which a topic is given.
    pub(super) threshold: f64,
}

impl Fitted {
    /// Fits everything; `step` is called once for each fit of weights.
    pub(super) fn new(
        corpus: &Corpus,
        samples: &Samples,
        counts: &Counts,
        beliefs: Option<&Beliefs>,
        mut step: impl FnMut(),
    ) -> Result<Fitted> {
        let mut weights = Vec::with_capacity(samples.folds + 1);
        for fold in (0..samples.folds).map(Some).chain([None]) {
            step();
            let beliefs = beliefs.and_then(|beliefs| beliefs.get(fold.unwrap_or(samples.folds)));
            let counts = fold.map_or_else(|| counts.all(), |fold| counts.without(fold));
            weights.push(counts.weights(beliefs.map(Vec::as_slice))?);
        }
        // Judges must learn from scores as they are on unseen text, so every part is scored by a fit of the others.
        let scores: Vec<Vec<f64>> = samples.all.iter().map(|s| weights[s.fold].scores(&s.features)).collect();
        let trained = judges::train(corpus, samples, &scores);
        let threshold = figures::expected_f1_threshold(samples, &trained.probabilities);
        Ok(Fitted { weights, trained, threshold })
    }

    /// Weights and judges who have not seen the fold, or who have seen all.
    pub(super) fn without(&self, fold: Option<usize>) -> (&Weights, Judges) {
        (&self.weights[fold.unwrap_or(self.weights.len() - 1)], self.trained.judges(fold))
    }

    /// What the corpus looks like to it, as far as labels go.
    pub(super) fn profile(&self, samples: &Samples) -> Profile {
        let words = vec![Words::default(); samples.all.len()];
        let Trained { probabilities, boilerplate, .. } = &self.trained;
        profile::profile(samples, &words, boilerplate, probabilities, self.threshold)
    }

    /// Cross-validated macro-F1 on the corpus.
    pub(super) fn macro_f1(&self, corpus: &Corpus, samples: &Samples) -> f64 {
        self.macro_f1_of(corpus, samples, &self.trained.probabilities)
    }

    /// The same of other probabilities.
    pub(super) fn macro_f1_of(&self, corpus: &Corpus, samples: &Samples, probabilities: &[Vec<f64>]) -> f64 {
        let figures = figures::figures(corpus, samples, probabilities, &self.trained.boilerplate, self.threshold);
        figures.get("macro_f1").copied().unwrap_or_default()
    }
}
