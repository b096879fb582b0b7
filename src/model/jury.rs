//! A jury: several judges of one question, each trained on another register of writing, whose mean is the probability.
//!
//! One judge trained on everything is too sure of itself on a register that it has not seen; judges that disagree
//! there say so in their mean.

use serde::{Deserialize, Serialize};

use super::verdict::probability;

/// A logistic regression over a few inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judge {
    pub(crate) intercept: f64,
    pub(crate) coefficients: Vec<f64>,
}

impl Judge {
    /// The probability that this judge gives.
    pub(crate) fn probability(&self, inputs: &[f64]) -> f64 {
        let sum: f64 = self.coefficients.iter().zip(inputs).map(|(c, x)| c * x).sum();
        probability(self.intercept + sum)
    }
}

/// Judges with one vote each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Jury {
    pub(crate) judges: Vec<Judge>,
}

impl Jury {
    /// The mean of the judges' probabilities; a jury without judges has never seen a yes, and says no.
    pub(crate) fn probability(&self, inputs: &[f64]) -> f64 {
        mean(self.judges.iter().map(|judge| judge.probability(inputs)))
    }
}

/// The mean of the votes, and 0 where there are none.
pub(crate) fn mean(votes: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = votes.fold((0.0, 0usize), |(sum, count), vote| (sum + vote, count + 1));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_votes_counts() {
        let judge = |intercept| Judge { intercept, coefficients: vec![1.0, 0.0] };
        let jury = Jury { judges: vec![judge(0.0), judge(1e9)] };
        assert_eq!(jury.probability(&[0.0, 7.0]), 0.75);
        assert_eq!(Jury::default().probability(&[0.0]), 0.0);
    }
}
