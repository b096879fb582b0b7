//! The naive Bayes score of a paragraph: the sum of its features' log-odds weights, over the root of their number.

/// One weight of 1 is this many units: weights are stored in fixed point, so that sums are exact in any order.
pub(crate) const UNIT: f64 = 4096.0;

/// Weights of every feature for every class (the topics, then boilerplate), feature by feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    classes: usize,
    /// So many lanes for each feature, the last of them filled up with zeros: whole lanes are added at once.
    lanes: Vec<[i16; LANE]>,
}

/// Numbers that are added at once.
const LANE: usize = 16;

/// As many features' weights fit a sum of 32 bits, whatever they are.
const BLOCK: usize = 1 << 16;

impl Weights {
    /// `units` holds `classes` weights for each feature, in [`UNIT`]s. `None` where that does not come out even.
    pub(crate) fn new(classes: usize, units: &[i16]) -> Option<Weights> {
        if classes == 0 || !units.len().is_multiple_of(classes) {
            return None;
        }
        let mut lanes = Vec::with_capacity(units.len() / classes * classes.div_ceil(LANE));
        for chunk in units.chunks(classes).flat_map(|row| row.chunks(LANE)) {
            let mut lane = [0; LANE];
            lane[..chunk.len()].copy_from_slice(chunk);
            lanes.push(lane);
        }
        Some(Weights { classes, lanes })
    }

    /// The weights that it was made of.
    pub(crate) fn units(&self) -> impl Iterator<Item = i16> {
        self.lanes
            .chunks(self.lanes_a_feature())
            .flat_map(|lanes| lanes.as_flattened().iter().copied().take(self.classes))
    }

    /// How many features there are.
    pub(crate) fn len(&self) -> usize {
        self.lanes.len() / self.lanes_a_feature()
    }

    /// The weights of one feature, in [`UNIT`]s; none for a number that is no feature.
    pub(crate) fn of(&self, feature: u32) -> &[i16] {
        let (lanes, first) = (self.lanes_a_feature(), feature as usize * self.lanes_a_feature());
        let row = self.lanes.get(first..first + lanes).unwrap_or(&[]);
        row.as_flattened().get(..self.classes).unwrap_or(&[])
    }

    fn lanes_a_feature(&self) -> usize {
        self.classes.div_ceil(LANE)
    }

    /// The score of each class for a paragraph with these distinct features.
    ///
    /// Dividing by the root of their number keeps long paragraphs, whose words repeat one piece of evidence, from
    /// drowning short ones.
    pub(crate) fn scores(&self, features: &[u32]) -> Vec<f64> {
        let mut scores = vec![0.0; self.classes];
        self.score(features, &mut scores);
        scores
    }

    /// As [`Weights::scores`], into memory that is at hand.
    pub(crate) fn score(&self, features: &[u32], scores: &mut [f64]) {
        let (scale, lanes_a_feature) = (scale(features.len()), self.lanes_a_feature());
        for (lane, scores) in scores.chunks_mut(LANE).enumerate() {
            let mut sums = [0i64; LANE];
            for block in features.chunks(BLOCK) {
                let mut sums_of_block = [0i32; LANE];
                for &feature in block {
                    let Some(weights) = self.lanes.get(feature as usize * lanes_a_feature + lane) else { continue };
                    sums_of_block.iter_mut().zip(weights).for_each(|(sum, &weight)| *sum += i32::from(weight));
                }
                sums.iter_mut().zip(sums_of_block).for_each(|(sum, of_block)| *sum += i64::from(of_block));
            }
            scores.iter_mut().zip(sums).for_each(|(score, sum)| *score = sum as f64 * scale);
        }
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
        let weights = Weights::new(2, &[4096, -2048, 8192, 0, 0, 4096, 12288, 4096]).expect("four features");
        assert_eq!(weights.scores(&[0, 1, 2, 3]), [3.0, 0.75]);
        assert_eq!(weights.scores(&[]), [0.0, 0.0]);
        assert_eq!(weights.scores(&[9]), [0.0, 0.0]);
    }

    #[test]
    fn any_number_of_classes_and_features_is_summed_without_overflow() {
        let units: Vec<i16> = (0..40).flat_map(|feature| (0..11).map(move |class| feature * 100 - class)).collect();
        let weights = Weights::new(11, &units).expect("forty features");
        assert_eq!((weights.len(), weights.units().collect::<Vec<_>>()), (40, units.clone()));
        assert_eq!((weights.of(7), weights.of(40)), (&units[77..88], &[][..]));
        assert_eq!(weights.scores(&[1])[10], 90.0 / UNIT);
        let least = Weights::new(1, &[i16::MIN]).expect("one feature");
        assert_eq!(least.scores(&vec![0; 4 * BLOCK]), [-8.0 * 512.0]);
        assert_eq!((Weights::new(2, &[0; 3]), Weights::new(0, &[])), (None, None));
    }

    #[test]
    fn weights_are_rounded_and_never_wrap() {
        assert_eq!([1.0, -0.5, 0.0001, 1e9, -1e9, f64::NAN].map(to_units), [4096, -2048, 0, i16::MAX, i16::MIN, 0]);
    }
}
