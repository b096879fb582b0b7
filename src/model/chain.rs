//! How a topic runs through an article: a mixture of two-state Markov chains, one a way of treating a topic.
//!
//! An article has a topic as its thread, or in passing, or not at all, or not at all although its words come near. In
//! each of these ways a paragraph is on the topic or off it, and being on tends to last: by much in a thread, by little
//! in passing. From the scores of all paragraphs follow, by Bayes' rule, which way it is and which paragraphs are on; a
//! document without a thread, such as an index page, is one in which every topic passes. Time grows with the number of
//! paragraphs.

use std::array::from_fn;

use serde::{Deserialize, Serialize};

use super::exp::exp;
use super::rows::Rows;

/// What each paragraph's evidence is raised to. Paragraphs of one article share their words, so together they say less
/// than as many independent ones would. Found by cross-validation on the corpus.
pub(crate) const TEMPER: f64 = 0.65;

/// A normal distribution of scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Normal {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

impl Normal {
    /// The log-density, but for the constant that all normal distributions share.
    fn log_density(&self) -> Quadratic {
        let (mean, precision) = (self.mean, 1.0 / (self.deviation * self.deviation));
        Quadratic([-0.5 * mean * mean * precision - libm::log(self.deviation), mean * precision, -0.5 * precision])
    }
}

/// A polynomial of the second degree, by its coefficients, the constant first.
#[derive(Debug, Clone, Copy)]
struct Quadratic([f64; 3]);

impl Quadratic {
    fn at(&self, x: f64) -> f64 {
        let [constant, slope, curve] = self.0;
        (curve * x + slope) * x + constant
    }

    /// The sum of its values, from the sums of so many weights, of the weighted places, and of their weighted squares.
    fn sum(&self, [weights, places, squares]: [f64; 3]) -> f64 {
        let [constant, slope, curve] = self.0;
        constant * weights + slope * places + curve * squares
    }
}

/// One way in which an article may treat a topic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Treatment {
    /// The part of all pairs of article and topic that are of this kind.
    pub(crate) share: f64,
    /// The probability that the first paragraph is on the topic.
    pub(crate) starts: f64,
    /// The probability that a paragraph is on the topic after one that is off it.
    pub(crate) enters: f64,
    /// The probability that a paragraph is on the topic after one that is on it.
    pub(crate) stays: f64,
    /// The scores of paragraphs that are off the topic.
    pub(crate) off: Normal,
    /// The scores of paragraphs that are on it.
    pub(crate) on: Normal,
}

impl Treatment {
    /// What a score says for being on rather than off the topic: the log of the ratio of densities; and where that is
    /// lowest. A score below counts as this one: the wider of two normal distributions wins far out on both sides, and
    /// more evidence against a topic must never speak for it.
    fn log_ratio(&self) -> (Quadratic, f64) {
        let (on, off) = (self.on.log_density(), self.off.log_density());
        let log_ratio = Quadratic(from_fn(|i| on.0[i] - off.0[i]));
        let [_, slope, curve] = log_ratio.0;
        (log_ratio, if curve > 0.0 { -0.5 * slope / curve } else { f64::NEG_INFINITY })
    }
}

/// As many treatments are tried side by side, because each step of one has to wait for the step before.
const SIDE: usize = 4;

/// A number for each of them.
type Lanes = [f64; SIDE];

/// Treatments that are ready to be tried on a topic.
struct Trial {
    /// Where there are fewer than [`SIDE`], the last ones have no share.
    log_share: Lanes,
    off: [Quadratic; SIDE],
    log_ratio: [Quadratic; SIDE],
    lowest: Lanes,
    starts: Lanes,
    enters: Lanes,
    stays: Lanes,
}

impl Trial {
    fn new(treatments: &[Treatment]) -> Trial {
        let of = |i: usize| treatments.get(i).or(treatments.first()).copied();
        let lanes = |number: fn(&Treatment) -> f64| from_fn(|i| of(i).map_or(0.5, |t| number(&t)));
        let log_ratio: [_; SIDE] = from_fn(|i| of(i).map_or((Quadratic([0.0; 3]), 0.0), |t| t.log_ratio()));
        Trial {
            log_share: from_fn(|i| treatments.get(i).map_or(f64::NEG_INFINITY, |t| libm::log(t.share))),
            off: from_fn(|i| of(i).map_or(Quadratic([0.0; 3]), |t| t.off.log_density())),
            log_ratio: log_ratio.map(|(log_ratio, _)| log_ratio),
            lowest: log_ratio.map(|(_, lowest)| lowest),
            starts: lanes(|t| t.starts),
            enters: lanes(|t| t.enters),
            stays: lanes(|t| t.stays),
        }
    }

    /// Writes the probability that each paragraph is on the topic, if it is treated so; returns the log-likelihood of all
    /// scores and of being treated so. `sums` are those that [`Quadratic::sum`] asks for.
    fn run(&self, scores: &[f64], weights: &[f64], sums: [f64; 3], on: &mut [Lanes], ratios: &mut [Lanes]) -> Lanes {
        /// Beyond this evidence is certainty, and its exponential still far from overflow.
        const CERTAIN: f64 = 300.0;
        let Trial { enters, stays, .. } = self;
        for ((ratios, &score), &weight) in ratios.iter_mut().zip(scores).zip(weights) {
            let log_ratio = |k: usize| self.log_ratio[k].at(score.max(self.lowest[k]));
            *ratios = from_fn(|k| exp((weight * log_ratio(k)).clamp(-CERTAIN, CERTAIN)));
        }
        // Forwards: what the paragraphs up to this one say of it.
        let mut log_likelihood: Lanes = from_fn(|k| self.log_share[k] + self.off[k].sum(sums));
        let (mut scale, mut expected) = ([1.0; SIDE], self.starts);
        for (on, ratio) in on.iter_mut().zip(&*ratios) {
            for k in 0..SIDE {
                let norm = expected[k] * ratio[k] + (1.0 - expected[k]);
                scale[k] *= norm;
                on[k] = expected[k] * ratio[k] / norm;
                expected[k] = on[k] * stays[k] + (1.0 - on[k]) * enters[k];
            }
            if scale.iter().any(|scale| !(1e-100..=1e100).contains(scale)) {
                // A logarithm now and then, in place of one a paragraph.
                log_likelihood.iter_mut().zip(scale).for_each(|(sum, scale)| *sum += libm::log(scale));
                scale = [1.0; SIDE];
            }
        }
        // Backwards: what the paragraphs after it say, as the ratio of their likelihoods if it is on and if it is off.
        let mut after = [1.0; SIDE];
        for (on, ratio) in on.iter_mut().zip(&*ratios).rev() {
            for k in 0..SIDE {
                let (yes, no) = (on[k] * after[k], 1.0 - on[k]);
                on[k] = yes / (yes + no);
                let next = ratio[k] * after[k];
                after[k] = (stays[k] * next + 1.0 - stays[k]) / (enters[k] * next + 1.0 - enters[k]);
            }
        }
        from_fn(|k| log_likelihood[k] + libm::log(scale[k]))
    }
}

/// The ways in which articles treat topics: the same for all topics, whose scores are scaled alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Chains {
    pub(crate) treatments: Vec<Treatment>,
}

/// What the chains say of one article.
pub(crate) struct Threads {
    /// By paragraph and topic, the probability that the paragraph is on the topic. 0 for those that are left out.
    pub(crate) on: Rows,
    /// By topic and treatment, the probability that the article treats the topic so.
    pub(crate) treated: Rows,
}

impl Chains {
    /// `scores` has a row for each paragraph, with its score for each topic, scaled; `part[i]` is the probability that
    /// paragraph i is part of the article. One with no part is passed over, as if it did not stand there.
    pub(crate) fn threads(&self, scores: &Rows, part: &[f64]) -> Threads {
        let kept: Vec<usize> = (0..part.len()).filter(|&i| part[i] > 0.0).collect();
        let weights: Vec<f64> = kept.iter().map(|&i| part[i] * TEMPER).collect();
        let trials: Vec<Trial> = self.treatments.chunks(SIDE).map(Trial::new).collect();
        let mut on = Rows::zeros(part.len(), scores.width());
        let mut treated = Rows::zeros(scores.width(), self.treatments.len());
        // Of the topic in hand: a run for each trial, one after the other.
        let mut runs = vec![[0.0; SIDE]; trials.len() * kept.len()];
        let (mut own, mut ratios) = (vec![0.0; kept.len()], vec![[0.0; SIDE]; kept.len()]);
        for topic in 0..scores.width() {
            let mut sums = [0.0; 3];
            for ((own, &i), &weight) in own.iter_mut().zip(&kept).zip(&weights) {
                *own = scores.row(i)[topic];
                let terms = [weight, weight * *own, weight * *own * *own];
                sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            }
            let shares = treated.row_mut(topic);
            for (i, (trial, shares)) in trials.iter().zip(shares.chunks_mut(SIDE)).enumerate() {
                let run = &mut runs[i * kept.len()..(i + 1) * kept.len()];
                let log_joint = trial.run(&own, &weights, sums, run, &mut ratios);
                shares.copy_from_slice(&log_joint[..shares.len()]);
            }
            normalise(shares);
            for (k, &i) in kept.iter().enumerate() {
                let runs = runs[k..].iter().step_by(kept.len());
                let parts = runs.zip(shares.chunks(SIDE)).flat_map(|(run, shares)| run.iter().zip(shares));
                // Shares add up to 1 but for rounding.
                on.row_mut(i)[topic] = parts.map(|(on, share)| on * share).sum::<f64>().min(1.0);
            }
        }
        Threads { on, treated }
    }

    /// The same chains, where articles treat topics as often in each way as in these.
    pub(crate) fn with_shares_of(&self, others: &Chains) -> Chains {
        let mut chains = self.clone();
        chains.treatments.iter_mut().zip(&others.treatments).for_each(|(ours, theirs)| ours.share = theirs.share);
        chains
    }

    /// Whether every number is one that the formulas can bear.
    pub(crate) fn is_sound(&self) -> bool {
        let part = |p: f64| p > 0.0 && p < 1.0;
        let normal = |n: &Normal| n.mean.is_finite() && n.deviation.is_finite() && n.deviation > 0.0;
        let sound = |k: &Treatment| {
            [k.share, k.starts, k.enters, k.stays].into_iter().all(part) && normal(&k.off) && normal(&k.on)
        };
        !self.treatments.is_empty() && self.treatments.iter().all(sound)
    }
}

/// Makes log-weights shares of 1.
pub(crate) fn normalise(logs: &mut [f64]) {
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter_mut().for_each(|log| *log = exp(*log - highest));
    let sum: f64 = logs.iter().sum();
    logs.iter_mut().for_each(|weight| *weight /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn treatment(share: f64, [starts, enters, stays]: [f64; 3]) -> Treatment {
        let (off, on) = (Normal { mean: -0.2, deviation: 0.4 }, Normal { mean: 1.0, deviation: 1.0 });
        Treatment { share, starts, enters, stays, off, on }
    }

    fn chains() -> Chains {
        Chains { treatments: vec![treatment(0.8, [0.01, 0.02, 0.4]), treatment(0.2, [0.9, 0.3, 0.9])] }
    }

    fn on(scores: &[f64], part: &[f64]) -> Vec<f64> {
        let scores = Rows::of(&scores.iter().map(|&s| [s]).collect::<Vec<_>>());
        chains().threads(&scores, part).on.rows().map(|on| on[0]).collect()
    }

    fn log_density(normal: &Normal, x: f64) -> f64 {
        let z = (x - normal.mean) / normal.deviation;
        -0.5 * z * z - libm::log(normal.deviation)
    }

    fn log_ratio(k: &Treatment, score: f64) -> f64 {
        let (on, off) = (k.on.deviation * k.on.deviation, k.off.deviation * k.off.deviation);
        let score = if on > off { score.max((k.off.mean * on - k.on.mean * off) / (on - off)) } else { score };
        log_density(&k.on, score) - log_density(&k.off, score)
    }

    /// Bayes' rule over every way in which an article's paragraphs may be on or off.
    fn by_enumeration(scores: &[f64], part: &[f64]) -> Vec<f64> {
        let mut on = vec![0.0; scores.len()];
        let mut all = 0.0;
        for k in chains().treatments {
            for path in 0..1u32 << scores.len() {
                let is_on = |i: usize| path >> i & 1 == 1;
                let mut p = k.share;
                for i in 0..scores.len() {
                    let to_on = if i == 0 {
                        k.starts
                    } else if is_on(i - 1) {
                        k.stays
                    } else {
                        k.enters
                    };
                    p *= if is_on(i) { to_on } else { 1.0 - to_on };
                    let weight = part[i] * TEMPER;
                    p *= libm::exp(weight * log_density(&k.off, scores[i]));
                    p *= if is_on(i) { libm::exp(weight * log_ratio(&k, scores[i])) } else { 1.0 };
                }
                all += p;
                (0..scores.len()).filter(|&i| is_on(i)).for_each(|i| on[i] += p);
            }
        }
        on.into_iter().map(|p| p / all).collect()
    }

    #[test]
    fn a_paragraph_without_words_of_the_topic_inherits_it_in_a_thread_and_only_there() {
        let (thread, aside) = (on(&[1.5, 1.2, 0.1, 1.4, 1.3], &[1.0; 5]), on(&[1.5, -0.3, 0.1, -0.2, -0.3], &[1.0; 5]));
        assert!(thread[2] > 0.9 && aside[2] < 0.3, "{thread:?} and {aside:?}");
    }

    #[test]
    fn evidence_against_a_topic_never_speaks_for_it() {
        let k = treatment(0.5, [0.5; 3]);
        let (quadratic, lowest) = k.log_ratio();
        let log_ratio = |score: f64| quadratic.at(score.max(lowest));
        assert!(log_ratio(-1e9) <= log_ratio(-0.5) && log_ratio(-0.5) <= log_ratio(0.0));
        assert!(log_ratio(0.0) < log_ratio(1.0) && log_ratio(1.0) < log_ratio(1e9));
    }

    #[test]
    fn any_number_of_treatments_is_tried() {
        let all = |times| {
            let mut chains = Chains { treatments: chains().treatments.repeat(times) };
            chains.treatments.iter_mut().for_each(|treatment| treatment.share /= times as f64);
            chains.threads(&Rows::of(&[[1.5], [-0.3], [0.1]]), &[1.0, 0.5, 1.0])
        };
        let (two, six) = (all(1), all(3));
        assert_eq!((two.treated.width(), six.treated.width()), (2, 6));
        for (a, b) in two.on.rows().zip(six.on.rows()) {
            assert!((a[0] - b[0]).abs() < 1e-12, "{a:?} and {b:?}");
        }
    }

    #[test]
    fn no_paragraphs_have_no_threads() {
        assert_eq!(chains().threads(&Rows::default(), &[]).on.rows().len(), 0);
        assert_eq!(on(&[3.0], &[0.0]), [0.0]);
    }

    #[test]
    fn numbers_that_no_formula_bears_are_noticed() {
        assert!(chains().is_sound() && !Chains::default().is_sound());
        for broken in [0.0, 1.0, f64::NAN, -0.1] {
            let mut chains = chains();
            chains.treatments[0].stays = broken;
            assert!(!chains.is_sound(), "{broken}");
        }
        let mut flat = chains();
        flat.treatments[1].off.deviation = 0.0;
        assert!(!flat.is_sound());
    }

    proptest! {
        #[test]
        fn the_recursions_are_bayes_rule(
            article in prop::collection::vec((-2.0..3.0f64, 0.01..=1.0f64), 1..8),
        ) {
            let (scores, part): (Vec<f64>, Vec<f64>) = article.into_iter().unzip();
            for (fast, slow) in on(&scores, &part).into_iter().zip(by_enumeration(&scores, &part)) {
                prop_assert!((fast - slow).abs() < 1e-9, "{fast} and {slow}");
            }
        }

        #[test]
        fn probabilities_stay_probabilities(
            article in prop::collection::vec((any::<f64>().prop_filter("a score", |s| s.is_finite()), 0.0..=1.0f64), 0..40),
        ) {
            let (scores, part): (Vec<f64>, Vec<f64>) = article.into_iter().map(|(s, p)| (s.clamp(-1e6, 1e6), p)).unzip();
            prop_assert!(on(&scores, &part).into_iter().all(|p| (0.0..=1.0).contains(&p)));
        }

        #[test]
        fn what_has_no_part_changes_nothing(
            before in prop::collection::vec(-2.0..3.0f64, 0..6), score in -9.0..9.0f64,
            after in prop::collection::vec(-2.0..3.0f64, 0..6),
        ) {
            let without: Vec<f64> = before.iter().chain(&after).copied().collect();
            let with: Vec<f64> = before.iter().copied().chain([score]).chain(after).collect();
            let mut part = vec![1.0; with.len()];
            part[before.len()] = 0.0;
            let mut told = on(&with, &part);
            prop_assert_eq!(told.remove(before.len()), 0.0);
            prop_assert_eq!(told, on(&without, &vec![1.0; without.len()]));
        }
    }
}
