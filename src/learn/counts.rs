//! In how many paragraphs each feature stands, and the weights that follow.

use super::fit;
use super::samples::Samples;
use crate::error::{Error, Result};
use crate::model::{Weights, to_units};

/// In how many paragraphs of each fold each feature stands: with each label, and altogether.
pub(super) struct Counts {
    features: usize,
    /// By fold, then by class; the last class is all paragraphs.
    folds: Vec<Vec<Vec<u32>>>,
}

impl Counts {
    pub(super) fn of(samples: &Samples, features: usize) -> Counts {
        let mut folds = vec![vec![vec![0; features]; samples.topics + 2]; samples.folds];
        for sample in &samples.all {
            let classes = &mut folds[sample.fold];
            let labels = sample.labels.iter().chain([&true]);
            for (class, _) in classes.iter_mut().zip(labels).filter(|(_, has)| **has) {
                sample.features.iter().for_each(|&f| class[f as usize] += 1);
            }
        }
        Counts { features, folds }
    }

    pub(super) fn all(&self) -> Summed {
        self.sum(|_| true)
    }

    pub(super) fn without(&self, fold: usize) -> Summed {
        self.sum(|f| f != fold)
    }

    fn sum(&self, of: impl Fn(usize) -> bool) -> Summed {
        let mut sum = vec![vec![0; self.features]; self.folds[0].len()];
        for (_, fold) in self.folds.iter().enumerate().filter(|(f, _)| of(*f)) {
            for (sum, counts) in sum.iter_mut().flatten().zip(fold.iter().flatten()) {
                *sum += counts;
            }
        }
        Summed(sum)
    }
}

/// Counts by class; the last is of all paragraphs.
pub(super) struct Summed(Vec<Vec<u32>>);

impl Summed {
    /// In how many paragraphs each feature stands.
    pub(super) fn paragraphs(&self) -> &[u32] {
        self.0.last().map_or(&[], Vec::as_slice)
    }

    /// The weights that follow, if unlabelled text is counted as well: `beliefs` are its counts by class, the last of all.
    pub(super) fn weights(&self, beliefs: Option<&[Vec<f64>]>) -> Result<Weights> {
        let count = |class: usize| -> Vec<f64> {
            let labelled = self.0[class].iter().map(|&n| f64::from(n));
            match beliefs {
                Some(beliefs) => labelled.zip(&beliefs[class]).map(|(n, m)| n + m).collect(),
                None => labelled.collect(),
            }
        };
        let last = self.0.len().checked_sub(1).ok_or(Error::Internal("naive Bayes fit"))?;
        let all = count(last);
        let fitted = (0..last).map(|class| fit::weights(&count(class), &all)).collect::<Result<Vec<_>>>()?;
        // Fixed point, before anything is learned from it: the last bits of a logarithm differ between machines.
        let units: Vec<i16> = (0..all.len()).flat_map(|f| fitted.iter().map(move |class| to_units(class[f]))).collect();
        Weights::new(last, &units).ok_or(Error::Internal("naive Bayes fit"))
    }
}
