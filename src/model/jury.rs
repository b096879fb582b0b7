//! A jury: several judges of one question, each trained on another register of writing, whose mean is the probability.
//!
//! One judge trained on everything is too sure of itself on a register that it has not seen; judges that disagree
//! there say so in their mean.

use serde::{Deserialize, Serialize};

use super::exp::logistic;

/// A logistic regression over a few inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judge {
    pub(crate) intercept: f64,
    pub(crate) coefficients: Vec<f64>,
}

impl Judge {
    /// The log-odds that this judge gives.
    pub(crate) fn log_odds(&self, inputs: &[f64]) -> f64 {
        self.intercept + self.coefficients.iter().zip(inputs).map(|(c, x)| c * x).sum::<f64>()
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
        mean_probability(self.judges.iter().map(|judge| judge.log_odds(inputs)))
    }
}

/// The mean of the probabilities with these log-odds, and 0 where there are none.
pub(crate) fn mean_probability(mut log_odds: impl Iterator<Item = f64>) -> f64 {
    /// As many are worked out at once.
    const BENCH: usize = 16;
    let (mut sum, mut count) = (0.0, 0usize);
    loop {
        let mut votes = [0.0; BENCH];
        let seated = votes.iter_mut().zip(&mut log_odds).map(|(vote, log_odds)| *vote = log_odds).count();
        let votes = &mut votes[..seated];
        votes.iter_mut().for_each(|vote| *vote = logistic(*vote));
        votes.iter().for_each(|vote| sum += vote);
        count += seated;
        if seated < BENCH {
            return sum / count.max(1) as f64;
        }
    }
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
