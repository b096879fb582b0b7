//! The naive Bayes score of a paragraph: the sum of its features' log-odds weights, over the root of their number.

/// One weight of 1 is this many units: weights are stored in fixed point, so that sums are exact in any order.
pub(crate) const UNIT: f64 = 4096.0;

/// Weights of every feature for every class (the topics, then boilerplate), feature by feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    classes: usize,
    units: Vec<i16>,
}

impl Weights {
    /// `units` holds `classes` weights for each feature, in [`UNIT`]s. `None` where that does not come out even.
    pub(crate) fn new(classes: usize, units: Vec<i16>) -> Option<Weights> {
        (classes > 0 && units.len().is_multiple_of(classes)).then_some(Weights { classes, units })
    }

    pub(crate) fn units(&self) -> &[i16] {
        &self.units
    }

    /// The weights of one feature, in [`UNIT`]s; none for a number that is no feature.
    pub(crate) fn of(&self, feature: u32) -> &[i16] {
        let start = feature as usize * self.classes;
        self.units.get(start..start + self.classes).unwrap_or(&[])
    }

    /// The score of each class for a paragraph with these distinct features.
    ///
    /// Dividing by the root of their number keeps long paragraphs, whose words repeat one piece of evidence, from
    /// drowning short ones.
    pub(crate) fn scores(&self, features: &[u32]) -> Vec<f64> {
        let mut sums = vec![0i64; self.classes];
        for &feature in features {
            for (sum, &weight) in sums.iter_mut().zip(self.of(feature)) {
                *sum += i64::from(weight);
            }
        }
        let scale = scale(features.len());
        sums.into_iter().map(|sum| sum as f64 * scale).collect()
    }
}

/// What one unit of weight adds to the score of a paragraph with this many distinct features.
pub(crate) fn scale(features: usize) -> f64 {
    1.0 / (UNIT * (features.max(1) as f64).sqrt())
}

/// The nearest fixed-point weight; what no 16 bits hold is cut off, far beyond any log-odds that counts can give.
pub(crate) fn to_units(weight: f64) -> i16 {
    // `as` saturates at the ends of i16 and makes 0 of what is no number.
    (weight * UNIT).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_sum_over_the_root_of_the_number_of_features() {
        let weights = Weights::new(2, vec![4096, -2048, 8192, 0, 0, 4096, 12288, 4096]).expect("four features");
        assert_eq!(weights.scores(&[0, 1, 2, 3]), [3.0, 0.75]);
        assert_eq!(weights.scores(&[]), [0.0, 0.0]);
        assert_eq!(weights.scores(&[9]), [0.0, 0.0]);
    }

    #[test]
    fn weights_are_rounded_and_never_wrap() {
        assert_eq!([1.0, -0.5, 0.0001, 1e9, -1e9, f64::NAN].map(to_units), [4096, -2048, 0, i16::MAX, i16::MIN, 0]);
    }
}
