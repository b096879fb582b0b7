//! What paragraphs looked like to a model, as counts, and how far two such profiles are apart.
//!
//! A stream drifts when it is no longer what the model learned from: other subjects, other words, another layout. No
//! label is needed to notice that. The verdicts on the stream are counted in the same bins as the verdicts on the
//! training paragraphs, and the two histograms are compared.

use serde::{Deserialize, Serialize};

use super::verdict::Verdict;

/// Bins of every histogram but the labels', whose number follows from the topics.
const BINS: usize = 10;

/// Per cent of unknown words up to which a paragraph falls into each bin but the last. Running text has few, so that is
/// where the bins are narrow.
const UNKNOWN_UP_TO: [usize; BINS - 1] = [0, 3, 6, 9, 12, 16, 20, 30, 50];

/// The log-odds up to which a score falls into the first bin; each next bin is one wide, and the last is open.
const LOWEST_SCORE: f64 = -4.0;

/// What is added to each bin before shares are taken: half a paragraph (Krichevsky and Trofimov 1981), so that an empty
/// bin has a logarithm, and so that it weighs the less the more paragraphs there are.
const HALF: f64 = 0.5;

/// Counts of paragraphs by what a model made of them.
///
/// Counting one is a few additions. All counts are of verdicts, none of labels by people, so that a profile of training
/// paragraphs and a profile of a stream compare like with like.
///
/// ```
/// use disputed::{Article, Model};
/// use disputed::model::Profile;
/// let model = Model::shipped()?;
/// let article = Article::from_paragraphs(["Tariffs on steel", "Brussels answered the tariffs with duties."], true);
/// let mut profile = Profile::new(model.topics().len());
/// profile.observe(&model.judge(&article).paragraphs);
/// let trade = model.topics().iter().position(|topic| topic == "trade");
/// assert_eq!(trade.map(|trade| profile.labels[trade]), Some(2));
/// assert_eq!((profile.articles, profile.paragraphs), (1, 2));
/// assert_eq!(profile.lengths[..4], [0, 1, 1, 0]); // three words, and six
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// How many articles were counted.
    pub articles: u64,
    /// How many paragraphs they had.
    pub paragraphs: u64,
    /// How many were given each topic, in the model's order; then how many none, then how many were boilerplate. One
    /// that was given two topics counts for both.
    pub labels: Vec<u64>,
    /// By the part of their words that the model does not know, in per cent: 0, up to 3, 6, 9, 12, 16, 20, 30, 50, more.
    pub unknown: [u64; BINS],
    /// Those that are not boilerplate by the log-odds of their most probable topic: below −4, from −4, −3, … 3, from 4.
    pub scores: [u64; BINS],
    /// By their words: up to 1, from 2, 4, 8, 16, 32, 64, 128, 256, 512.
    pub lengths: [u64; BINS],
}

impl Profile {
    /// Nothing counted yet, for a model with so many topics.
    pub fn new(topics: usize) -> Profile {
        Profile { labels: vec![0; topics + 2], ..Profile::default() }
    }

    /// Whether it is of a model with so many topics.
    pub(super) fn fits(&self, topics: usize) -> bool {
        self.labels.len() == topics + 2
    }

    /// Counts the paragraphs of one article.
    pub fn observe(&mut self, article: &[Verdict]) {
        self.articles += 1;
        article.iter().for_each(|verdict| self.count(verdict));
    }

    fn count(&mut self, verdict: &Verdict) {
        let topics = self.labels.len().saturating_sub(2);
        let other = if verdict.boilerplate { topics + 1 } else { topics };
        let given = if verdict.topics.is_empty() { std::slice::from_ref(&other) } else { &verdict.topics };
        for &label in given {
            if let Some(count) = self.labels.get_mut(label) {
                *count += 1;
            }
        }
        let best = verdict.log_odds.iter().copied().reduce(f64::max);
        if let Some(best) = best.filter(|_| !verdict.boilerplate) {
            // `as` saturates, and makes 0 of what is no number.
            self.scores[((best - LOWEST_SCORE).floor() + 1.0).clamp(0.0, (BINS - 1) as f64) as usize] += 1;
        }
        let words = verdict.words.total.max(1);
        let unknown = UNKNOWN_UP_TO.iter().position(|most| verdict.words.unknown * 100 <= most * words);
        self.unknown[unknown.unwrap_or(BINS - 1)] += 1;
        self.lengths[(words.ilog2() as usize).min(BINS - 1)] += 1;
        self.paragraphs += 1;
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Profile) -> Profile {
        let add = |to: &mut [u64], from: &[u64]| to.iter_mut().zip(from).for_each(|(a, b)| *a = a.saturating_add(*b));
        add(&mut self.labels, &other.labels);
        add(&mut self.unknown, &other.unknown);
        add(&mut self.scores, &other.scores);
        add(&mut self.lengths, &other.lengths);
        self.articles = self.articles.saturating_add(other.articles);
        self.paragraphs = self.paragraphs.saturating_add(other.paragraphs);
        self
    }

    /// How far this profile is from another one of the same model. It is as far from this one.
    ///
    /// ```
    /// use disputed::Model;
    /// let model = Model::shipped()?;
    /// let shift = model.profile().shift_from(model.profile());
    /// assert_eq!((shift.labels, shift.over(0.0)), (0.0, vec![]));
    /// # Ok::<(), disputed::Error>(())
    /// ```
    pub fn shift_from(&self, other: &Profile) -> Shift {
        Shift {
            labels: stability_index(&self.labels, &other.labels),
            unknown: stability_index(&self.unknown, &other.unknown),
            scores: stability_index(&self.scores, &other.scores),
            lengths: stability_index(&self.lengths, &other.lengths),
        }
    }
}

/// How far two profiles are apart: the population stability index of each histogram, from 0 up, without a unit.
///
/// Credit scoring, where the index comes from, calls a population stable below 0.1, looks closer from there to 0.25, and
/// builds the model anew above that (Siddiqi 2006, *Credit Risk Scorecards*).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Of the labels that were given: other subjects, or another mix of them.
    pub labels: f64,
    /// Of the part of unknown words: other words for the same subjects, or other subjects.
    pub unknown: f64,
    /// Of the most probable topic's log-odds: the model is surer, or less sure.
    pub scores: f64,
    /// Of the words a paragraph: another layout, or another kind of text.
    pub lengths: f64,
}

impl Shift {
    /// Above this a shift is worth watching.
    pub const WATCH: f64 = 0.1;

    /// Above this the model should be trained anew.
    pub const RETRAIN: f64 = 0.25;

    /// The names of the histograms whose index is above the limit.
    pub fn over(&self, limit: f64) -> Vec<&'static str> {
        let all =
            [("labels", self.labels), ("unknown", self.unknown), ("scores", self.scores), ("lengths", self.lengths)];
        all.into_iter().filter(|&(_, index)| index > limit).map(|(name, _)| name).collect()
    }
}

/// The population stability index of two histograms: Σ (a − e) · ln(a / e) over their bins, where a and e are the bin's
/// shares of each, half a paragraph added to every count.
///
/// It is 0 for equal shares, finite, never negative, and the same both ways: Jeffreys' divergence, in nats. Two samples
/// of one population are about (bins − 1) · (1 / n + 1 / m) apart (Yurdakul and Naranjo 2020) if their members are
/// independent. Topics of paragraphs of one article are not: for them n and m are more like numbers of articles.
fn stability_index(actual: &[u64], expected: &[u64]) -> f64 {
    let bins = actual.len().max(expected.len());
    let shares = |counts: &[u64]| {
        let all: f64 = counts.iter().map(|&n| n as f64).sum::<f64>() + HALF * bins as f64;
        let counts = (0..bins).map(|bin| counts.get(bin).map_or(0.0, |&n| n as f64));
        counts.map(|n| (n + HALF) / all).collect::<Vec<f64>>()
    };
    let term = |(a, e): (f64, f64)| (a - e) * (libm::log(a) - libm::log(e));
    shares(actual).into_iter().zip(shares(expected)).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::Words;
    use super::*;
    use proptest::prelude::*;

    fn verdict(topics: &[usize], best: f64, total: usize, unknown: usize) -> Verdict {
        let words = Words { total, unknown };
        let log_odds = vec![-9.0, best];
        Verdict { boilerplate: false, boilerplate_log_odds: -5.0, log_odds, topics: topics.into(), words }
    }

    #[test]
    fn a_paragraph_counts_once_in_each_histogram_and_for_each_label() {
        let mut profile = Profile::new(2);
        profile.observe(&[verdict(&[1, 0], 9.21, 1000, 1000), verdict(&[], -4.0, 33, 1)]);
        let boilerplate = Verdict { boilerplate: true, ..verdict(&[], -9.0, 0, 0) };
        profile.observe(&[verdict(&[], -4.1, 100, 3), boilerplate]);
        assert_eq!((profile.articles, profile.paragraphs), (2, 4));
        assert_eq!(profile.labels, [1, 1, 2, 1]);
        assert_eq!(profile.unknown, [1, 1, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(profile.scores, [1, 1, 0, 0, 0, 0, 0, 0, 0, 1], "boilerplate has no score");
        assert_eq!(profile.lengths, [1, 0, 0, 0, 0, 1, 1, 0, 0, 1]);
        let twice = profile.clone().and(&profile);
        assert_eq!((twice.articles, twice.paragraphs, twice.labels), (4, 8, vec![2, 2, 4, 2]));
    }

    #[test]
    fn the_index_is_the_sum_that_the_book_gives() {
        // Shares of 0.75 and 0.25 against 0.25 and 0.75, once the halves are added.
        let expected = 2.0 * 0.5 * libm::log(3.0);
        assert!((stability_index(&[7, 2], &[2, 7]) - expected).abs() < 1e-12);
        assert_eq!(stability_index(&[7, 2], &[7, 2]), 0.0);
        assert_eq!(stability_index(&[], &[]), 0.0);
    }

    #[test]
    fn only_what_is_above_the_limit_is_named() {
        let shift = Shift { labels: 0.26, unknown: 0.25, scores: 0.0, lengths: 1.0 };
        assert_eq!(shift.over(Shift::RETRAIN), ["labels", "lengths"]);
        assert_eq!(shift.over(Shift::WATCH), ["labels", "unknown", "lengths"]);
    }

    proptest! {
        #[test]
        fn the_index_is_a_distance_in_all_but_the_triangle(
            a in prop::collection::vec(any::<u64>(), 0..20),
            b in prop::collection::vec(prop_oneof![0..9u64, any::<u64>()], 0..20),
        ) {
            let index = stability_index(&a, &b);
            prop_assert!(index.is_finite() && index >= 0.0, "{index}");
            prop_assert_eq!(index, stability_index(&b, &a));
            prop_assert_eq!(stability_index(&a, &a), 0.0);
        }

        #[test]
        fn every_verdict_is_counted(
            boilerplate in any::<bool>(), best in any::<f64>(), total in 0..100_000usize, part in 0.0..=1.0f64,
            topics in prop::collection::btree_set(0..2usize, 0..=2),
        ) {
            let unknown = (total as f64 * part) as usize;
            let topics: Vec<usize> = if boilerplate { Vec::new() } else { topics.into_iter().collect() };
            let mut profile = Profile::new(2);
            profile.observe(&[Verdict { boilerplate, ..verdict(&topics, best, total, unknown) }]);
            let sum = |counts: &[u64]| counts.iter().sum::<u64>();
            prop_assert_eq!(profile.paragraphs, 1);
            prop_assert_eq!(sum(&profile.labels), topics.len().max(1) as u64);
            prop_assert_eq!(sum(&profile.scores), u64::from(!boilerplate));
            prop_assert_eq!((sum(&profile.unknown), sum(&profile.lengths)), (1, 1));
        }
    }
}
