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

/// Judges with one vote each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Judge>", into = "Vec<Judge>")]
pub(crate) struct Jury {
    intercepts: Vec<f64>,
    /// Input by input, what it counts for each judge: so that all of them can be heard at once.
    coefficients: Vec<Vec<f64>>,
}

impl From<Vec<Judge>> for Jury {
    fn from(judges: Vec<Judge>) -> Jury {
        let inputs = judges.iter().map(|judge| judge.coefficients.len()).max().unwrap_or(0);
        let of = |input| judges.iter().map(|judge| judge.coefficients.get(input).copied().unwrap_or(0.0)).collect();
        Jury {
            intercepts: judges.iter().map(|judge| judge.intercept).collect(),
            coefficients: (0..inputs).map(of).collect(),
        }
    }
}

impl From<Jury> for Vec<Judge> {
    fn from(jury: Jury) -> Vec<Judge> {
        let judge =
            |(i, &intercept)| Judge { intercept, coefficients: jury.coefficients.iter().map(|c| c[i]).collect() };
        jury.intercepts.iter().enumerate().map(judge).collect()
    }
}

impl Jury {
    /// The mean of the judges' probabilities; a jury without judges has never seen a yes, and says no.
    pub(crate) fn probability(&self, inputs: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (i, intercepts) in self.intercepts.chunks(BENCH).enumerate() {
            let mut votes = [0.0; BENCH];
            let votes = &mut votes[..intercepts.len()];
            votes.copy_from_slice(intercepts);
            for (coefficients, input) in self.coefficients.iter().zip(inputs) {
                votes
                    .iter_mut()
                    .zip(&coefficients[i * BENCH..])
                    .for_each(|(vote, coefficient)| *vote += coefficient * input);
            }
            votes.iter_mut().for_each(|vote| *vote = logistic(*vote));
            sum += votes.iter().sum::<f64>();
        }
        sum / self.intercepts.len().max(1) as f64
    }
}

/// As many judges are heard at once.
const BENCH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_votes_counts() {
        let judge = |intercept| Judge { intercept, coefficients: vec![1.0, 0.0] };
        let judges = vec![judge(0.0), judge(1e9)];
        let jury = Jury::from(judges.clone());
        assert_eq!(jury.probability(&[0.0, 7.0]), 0.75);
        assert_eq!(Vec::from(jury), judges);
        let many = std::iter::repeat_n(judges, 20).flatten().collect::<Vec<_>>();
        assert_eq!(Jury::from(many).probability(&[0.0, 7.0]), 0.75, "however many there are");
        assert_eq!(Jury::default().probability(&[0.0]), 0.0);
    }
}
