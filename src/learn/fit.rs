//! The naive Bayes fit: counts of one class against the rest, to a weight for every feature. The one home of linfa.
//!
//! Multinomial naive Bayes knows its data only through the sum of each class, so linfa is given one summed row a class
//! instead of one row a paragraph: the fitted log-probabilities are the same, and a dense matrix has two rows.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::MultinomialNb;
use ndarray::{Array1, Array2};
use serde_json::Value;

use crate::error::{Error, Result};

/// Pseudo-counts of the prior, as a part of all counts. Each feature has a share of them as large as its share of the
/// whole corpus, so that a feature without evidence has the same probability in both classes (Monroe, Colaresi and Quinn
/// 2008, "Fightin' Words", section 3.3).
pub(super) const PRIOR: f64 = 0.02;

/// The weight of every feature: its log-odds d between class and rest, shrunk by their variance v to d³ / (d² + v), so
/// that what few paragraphs say counts for little. A feature that does not occur has the weight 0.
///
/// `class` and `all` are the numbers of paragraphs with each feature, in the class and altogether; parts of paragraphs
/// where it is not certain what they are about.
pub(super) fn weights(class: &[f64], all: &[f64]) -> Result<Vec<f64>> {
    let seen: Vec<usize> = (0..all.len()).filter(|&f| all[f] > 0.0).collect();
    let prior = |f: usize| PRIOR * all[f];
    let inside: Vec<f64> = seen.iter().map(|&f| class[f] + prior(f)).collect();
    let outside: Vec<f64> = seen.iter().map(|&f| (all[f] - class[f]).max(0.0) + prior(f)).collect();
    let [log_inside, log_outside] = log_probabilities(&inside, &outside)?;
    let mut weights = vec![0.0; all.len()];
    for (i, &f) in seen.iter().enumerate() {
        weights[f] = shrunk(log_inside[i] - log_outside[i], 1.0 / inside[i] + 1.0 / outside[i]);
    }
    Ok(weights)
}

/// d³ / (d² + v), and 0 for d = 0 whatever the variance.
fn shrunk(d: f64, v: f64) -> f64 {
    if d == 0.0 { 0.0 } else { d * d * d / (d * d + v) }
}

/// The log-probability of every feature in each of two classes, as linfa fits them to one summed row a class. The
/// prior is in the rows already, so linfa's own smoothing is off.
fn log_probabilities(inside: &[f64], outside: &[f64]) -> Result<[Vec<f64>; 2]> {
    let bug = || Error::Internal("naive Bayes fit");
    if inside.is_empty() {
        return Ok([Vec::new(), Vec::new()]);
    }
    let rows = inside.iter().chain(outside).copied().collect();
    let rows = Array2::from_shape_vec((2, inside.len()), rows).map_err(|_| bug())?;
    let dataset = DatasetBase::new(rows, Array1::from_vec(vec![0usize, 1]));
    let model = MultinomialNb::<f64, usize>::params().alpha(0.0).fit(&dataset).map_err(|_| bug())?;
    // The fitted table is private; its serialised form is the one way to it.
    let fitted = serde_json::to_value(&model).map_err(|_| bug())?;
    let table = |class: &str| {
        let table = fitted["class_info"][class]["feature_log_prob"]["data"].as_array()?;
        table.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>().filter(|table| table.len() == inside.len())
    };
    Ok([table("0").ok_or_else(bug)?, table("1").ok_or_else(bug)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::traits::Predict;
    use proptest::prelude::*;

    /// Our own fit, written as the formula reads.
    fn by_hand(counts: &[f64]) -> Vec<f64> {
        let sum: f64 = counts.iter().sum();
        counts.iter().map(|c| libm::log(c / sum)).collect()
    }

    proptest! {
        #[test]
        fn linfa_and_the_formula_agree(
            counts in prop::collection::vec((0.01f64..5000.0, 0.01f64..5000.0), 1..200),
            text in prop::collection::vec(0u8..4, 200),
        ) {
            let (inside, outside): (Vec<f64>, Vec<f64>) = counts.iter().copied().unzip();
            let fitted = log_probabilities(&inside, &outside).expect("a fit");
            for (ours, theirs) in [(by_hand(&inside), &fitted[0]), (by_hand(&outside), &fitted[1])] {
                for (a, b) in ours.iter().zip(theirs) {
                    prop_assert!((a - b).abs() <= 1e-9, "{a} and {b}");
                }
            }
            // The same arg max as linfa's own prediction, with the equal priors that one row a class gives it.
            let text: Vec<f64> = text[..counts.len()].iter().map(|&n| f64::from(n)).collect();
            let score = |table: &[f64]| -> f64 { table.iter().zip(&text).map(|(l, n)| l * n).sum() };
            let difference = score(&fitted[0]) - score(&fitted[1]);
            prop_assume!(difference.abs() > 1e-6);
            let rows = Array2::from_shape_vec((2, counts.len()), [inside, outside].concat()).expect("two rows");
            let dataset = DatasetBase::new(rows, Array1::from_vec(vec![0usize, 1]));
            let model = MultinomialNb::<f64, usize>::params().alpha(0.0).fit(&dataset).expect("a fit");
            let predicted = model.predict(&Array2::from_shape_vec((1, text.len()), text).expect("one row"));
            prop_assert_eq!(predicted[0] == 0, difference > 0.0);
        }
    }

    #[test]
    fn one_summed_row_a_class_fits_as_all_rows_do() {
        let rows = Array2::from_shape_vec((4, 3), vec![1., 0., 2., 3., 1., 0., 0., 5., 1., 2., 2., 2.]).expect("4 × 3");
        let dataset = DatasetBase::new(rows, Array1::from_vec(vec![0usize, 0, 1, 1]));
        let model = MultinomialNb::<f64, usize>::params().alpha(1.0).fit(&dataset).expect("a fit");
        let fitted = serde_json::to_value(&model).expect("a value");
        let summed = log_probabilities(&[5.0, 2.0, 3.0], &[3.0, 8.0, 4.0]).expect("a fit");
        for (class, ours) in ["0", "1"].iter().zip(&summed) {
            let theirs = fitted["class_info"][class]["feature_log_prob"]["data"].as_array().expect("a table").iter();
            for (a, b) in ours.iter().zip(theirs) {
                assert!((a - b.as_f64().expect("a number")).abs() <= 1e-12);
            }
        }
    }

    /// From scikit-learn 1.9.1: `MultinomialNB(alpha=0.5).fit([[3, 0, 1, 2], [1, 4, 0, 7]], [0, 1]).feature_log_prob_`.
    #[test]
    fn scikit_learn_fits_the_same_table() {
        let theirs = [
            [-0.826678573184, -2.77258872224, -1.673976433572, -1.163150809806],
            [-2.233592221507, -1.134979932839, -3.332204510175, -0.624154309073],
        ];
        let ours = log_probabilities(&[3.5, 0.5, 1.5, 2.5], &[1.5, 4.5, 0.5, 7.5]).expect("a fit");
        for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
            assert!((ours - theirs).abs() <= 1e-9, "{ours} and {theirs}");
        }
    }

    #[test]
    fn evidence_counts_by_how_much_of_it_there_is() {
        let weights = weights(&[9.0, 1.0, 0.0, 50.0, 0.0], &[10.0, 1.0, 10.0, 100.0, 0.0]).expect("a fit");
        assert!(weights[0] > 0.0 && weights[2] < 0.0, "{weights:?}");
        assert!(weights[1] < weights[0], "one paragraph says less than nine: {weights:?}");
        assert_eq!(weights[4], 0.0);
    }

    #[test]
    fn shrinking_keeps_the_sign_and_never_grows() {
        assert_eq!((shrunk(0.0, 1.0), shrunk(0.0, 0.0)), (0.0, 0.0));
        assert_eq!((shrunk(2.0, 0.0), shrunk(-1.0, 1.0)), (2.0, -0.5));
    }
}
