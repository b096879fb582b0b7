//! A jury: several judges of one question, each trained on another register of writing, whose mean is the probability.
//!
//! One judge trained on everything is too sure of itself on a register that it has not seen; judges that disagree
//! there say so in their mean.

use std::array::from_fn;

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
    judges: usize,
    benches: Vec<Bench>,
}

/// As many judges are heard at once.
const SEATS: usize = 4;

/// Judges side by side. An empty seat has an intercept of minus infinity, and so a vote of 0.
#[derive(Debug, Clone, PartialEq)]
struct Bench {
    intercepts: [f64; SEATS],
    /// What each input counts for each of them.
    coefficients: Vec<[f64; SEATS]>,
}

impl From<Vec<Judge>> for Jury {
    fn from(judges: Vec<Judge>) -> Jury {
        let bench = |judges: &[Judge]| {
            let inputs = judges.iter().map(|judge| judge.coefficients.len()).max().unwrap_or(0);
            let coefficient = |seat: usize, input: usize| Some(*judges.get(seat)?.coefficients.get(input)?);
            Bench {
                intercepts: from_fn(|seat| judges.get(seat).map_or(f64::NEG_INFINITY, |judge| judge.intercept)),
                coefficients: (0..inputs).map(|i| from_fn(|seat| coefficient(seat, i).unwrap_or(0.0))).collect(),
            }
        };
        Jury { judges: judges.len(), benches: judges.chunks(SEATS).map(bench).collect() }
    }
}

impl From<Jury> for Vec<Judge> {
    fn from(Jury { judges, benches }: Jury) -> Vec<Judge> {
        let judge = |i: usize| {
            let (Bench { intercepts, coefficients }, seat) = (&benches[i / SEATS], i % SEATS);
            Judge { intercept: intercepts[seat], coefficients: coefficients.iter().map(|all| all[seat]).collect() }
        };
        (0..judges).map(judge).collect()
    }
}

impl Jury {
    /// The mean of the judges' probabilities; a jury without judges has never seen a yes, and says no.
    pub(crate) fn probability(&self, inputs: &[f64]) -> f64 {
        let mut votes = [0.0; SEATS];
        for Bench { intercepts, coefficients } in &self.benches {
            let mut log_odds = *intercepts;
            for (coefficients, input) in coefficients.iter().zip(inputs) {
                log_odds.iter_mut().zip(coefficients).for_each(|(sum, coefficient)| *sum += coefficient * input);
            }
            votes.iter_mut().zip(log_odds.map(logistic)).for_each(|(sum, vote)| *sum += vote);
        }
        votes.iter().sum::<f64>() / self.judges.max(1) as f64
    }
}

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
