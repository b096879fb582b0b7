//! How far figures may be off: the bootstrap over whole articles.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::Answers;
use super::calibration::Reliability;
use super::count::Count;
use super::random::Random;
use super::tally::Tally;

/// Where a figure would lie in 95 of 100 cases, had other articles of the same kind been labelled.
///
/// It is a percentile interval (Efron 1979) over 1,000 resamples of whole articles, because paragraphs of one article
/// are no independent witnesses (Davison and Hinkley 1997, section 3.8). The seed is fixed: the same answers give the
/// same interval on any machine. Of a handful of articles it says little, and is too narrow.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let article = |label: &str| {
///     let text = "NATO allies argued about defence spending again.".to_string();
///     Document::new(vec![Labelled { text, labels: vec![label.into()] }], false)
/// };
/// let evaluation = evaluate(&Model::shipped()?, &[article("nato"), article("trade"), article("nato")]);
/// assert_eq!(evaluation.micro_f1, 2.0 / 3.0);
/// assert_eq!((evaluation.intervals.micro_f1.low, evaluation.intervals.micro_f1.high), (0.0, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// A fortieth of the resamples lie at or below.
    pub low: f64,
    /// A fortieth of the resamples lie above.
    pub high: f64,
}

/// The intervals of the figures of an [`Evaluation`](super::Evaluation).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Intervals {
    /// Of the mean F1 over the topics. As everywhere, the F1 of a topic is 1 in a resample without it.
    pub macro_f1: Interval,
    /// Of the F1 over all pairs of paragraph and topic.
    pub micro_f1: Interval,
    /// Of each topic's F1.
    pub topics: BTreeMap<String, Interval>,
    /// Of boilerplate's F1.
    pub boilerplate: Interval,
    /// Of the F1 over all pairs of article and topic.
    pub articles_micro_f1: Interval,
    /// Of the expected calibration error. Chance adds to it in every resample, so that a small error may lie below.
    pub ece: Interval,
    /// Of the Brier score.
    pub brier: Interval,
}

const RESAMPLES: usize = 1000;

/// Any number; it is the day on which the bootstrap was published.
const SEED: u64 = 1979;

impl Interval {
    /// The interval of a figure from its values in the resamples.
    pub(super) fn new(mut values: Vec<f64>) -> Interval {
        values.sort_by(f64::total_cmp);
        // The k-th smallest, as Efron and Tibshirani (1993, section 13.3) count: the 25th and the 975th of a thousand.
        let smallest = |k: usize| values.get(k.saturating_sub(1)).copied().unwrap_or(f64::NAN);
        Interval { low: smallest(values.len().div_ceil(40)), high: smallest(values.len() * 39 / 40) }
    }
}

/// Resamples of so many articles: how often each article is drawn.
pub(super) fn resamples(articles: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut random = Random::new(SEED);
    (0..RESAMPLES).map(move |_| {
        let mut times = vec![0; articles];
        (0..articles).for_each(|_| times[random.below(articles)] += 1);
        times
    })
}

pub(super) fn intervals(answers: &Answers, tallies: &[Tally], reliability: &Reliability) -> Intervals {
    // In the order in which they are taken out below.
    let figures = resamples(tallies.len()).map(|times| {
        let tally = Tally::sum(tallies, |article| times[article]);
        let (macro_f1, micro_f1) = tally.topics();
        let ece = reliability.ece(|article| times[article]);
        let overall = [macro_f1, micro_f1, tally.boilerplate.f1(), tally.articles().1, ece, tally.brier()];
        (overall, tally.topics.iter().map(Count::f1).collect::<Vec<f64>>())
    });
    let figures: Vec<_> = figures.collect();
    let [macro_f1, micro_f1, boilerplate, articles_micro_f1, ece, brier] =
        std::array::from_fn(|i| Interval::new(figures.iter().map(|(overall, _)| overall[i]).collect()));
    let topic = |topic: usize| Interval::new(figures.iter().filter_map(|(_, f1)| f1.get(topic).copied()).collect());
    let topics = answers.topics.iter().cloned().enumerate().map(|(i, name)| (name, topic(i))).collect();
    Intervals { macro_f1, micro_f1, topics, boilerplate, articles_micro_f1, ece, brier }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn an_interval_leaves_a_fortieth_out_at_either_end() {
        let values = (1..=1000).rev().map(f64::from).collect();
        assert_eq!(Interval::new(values), Interval { low: 25.0, high: 975.0 });
        assert!(Interval::new(vec![]).low.is_nan());
    }

    #[test]
    fn whole_articles_are_drawn_with_replacement() {
        let all: Vec<Vec<usize>> = resamples(5).collect();
        assert_eq!(all.len(), RESAMPLES);
        assert!(all.iter().all(|times| times.iter().sum::<usize>() == 5));
        let drawn: usize = all.iter().map(|times| times[0]).sum();
        assert!((900..1100).contains(&drawn), "{drawn}");
        assert!(resamples(0).all(|times| times.is_empty()));
    }

    #[test]
    fn intervals_of_one_article_are_points() {
        let answers = answers(&[&["a:a", "b:a", "-:"]]);
        let evaluation = answers.evaluation();
        let point = |value| Interval { low: value, high: value };
        assert_eq!(evaluation.intervals.micro_f1, point(evaluation.micro_f1));
        assert_eq!(evaluation.intervals.ece, point(evaluation.calibration.ece));
        assert_eq!(evaluation.intervals.boilerplate, point(0.0));
    }
}
