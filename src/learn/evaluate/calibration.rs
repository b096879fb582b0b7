//! Whether probabilities mean what they say.

use serde::Serialize;

use super::answers::Answers;

/// Whether probabilities mean what they say; all from 0 to 1, and the nearer to 0 the better.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "The tariffs on steel and aluminium drew retaliation from Brussels.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec!["trade".into()] }], false)];
/// let calibration = evaluate(&Model::shipped()?, &gold).calibration;
/// let surest = calibration.bins.last().map(|bin| (bin.frequency, bin.count));
/// assert_eq!(surest, Some((1.0, 1)));
/// assert!(calibration.brier < calibration.base_brier + 0.1);
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: over pairs of paragraph and topic that were answered with 0.05 or more, in ten bins
    /// of equal count, the mean distance between probability and frequency (Naeini, Cooper and Hauskrecht 2015, with
    /// bins of equal count for equal width).
    pub ece: f64,
    /// The mean squared error of the probabilities over all pairs (Brier 1950).
    pub brier: f64,
    /// The same for one who always answers with the topic's base rate in these articles.
    pub base_brier: f64,
    /// The bins of `ece`, the smallest probability first. With fewer than ten pairs some are empty and left out.
    pub bins: Vec<Bin>,
}

/// Pairs of paragraph and topic that were answered with nearly the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// The mean of the probabilities that were told.
    pub probability: f64,
    /// The part of the pairs that are true.
    pub frequency: f64,
    /// How many pairs there are.
    pub count: usize,
}

const BINS: usize = 10;

/// What is less probable says nothing on a label that anyone would give.
const ANSWERED: f64 = 0.05;

impl Calibration {
    pub(super) fn new(answers: &Answers, reliability: &Reliability) -> Calibration {
        let squares = answers.paragraphs().flat_map(|paragraph| &paragraph.topics).map(|pair| {
            let off = pair.probability - truth(pair.carries);
            off * off
        });
        let (paragraphs, topics) = (answers.paragraphs().count(), answers.topics.len());
        let brier = squares.sum::<f64>() / (paragraphs * topics).max(1) as f64;
        let base = |topic: usize| {
            let carry = answers.paragraphs().filter(|paragraph| paragraph.topics[topic].carries).count();
            let rate = carry as f64 / paragraphs.max(1) as f64;
            rate * (1.0 - rate)
        };
        let base_brier = (0..topics).map(base).sum::<f64>() / topics.max(1) as f64;
        let bins = reliability.sums(|_| 1).into_iter().filter(|sum| sum.count > 0).map(|sum| sum.bin()).collect();
        Calibration { ece: reliability.ece(|_| 1), brier, base_brier, bins }
    }
}

fn truth(carries: bool) -> f64 {
    f64::from(u8::from(carries))
}

/// The pairs that were answered, in the order of their probabilities.
pub(super) struct Reliability {
    pairs: Vec<Told>,
    /// How many of them each article has.
    answered: Vec<usize>,
}

struct Told {
    article: usize,
    probability: f64,
    carries: bool,
}

/// What is summed up of the pairs in one bin.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    off: f64,
    probability: f64,
    true_ones: usize,
    count: usize,
}

impl Sum {
    fn bin(&self) -> Bin {
        let count = self.count as f64;
        Bin { probability: self.probability / count, frequency: self.true_ones as f64 / count, count: self.count }
    }
}

impl Reliability {
    pub(super) fn new(answers: &Answers) -> Reliability {
        let (mut pairs, mut answered) = (Vec::new(), vec![0; answers.articles.len()]);
        for (article, answer) in answers.articles.iter().enumerate() {
            let told = answer.paragraphs.iter().flat_map(|p| &p.topics).filter(|pair| pair.probability >= ANSWERED);
            pairs.extend(told.map(|p| Told { article, probability: p.probability, carries: p.carries }));
            answered[article] = pairs.len() - answered.iter().sum::<usize>();
        }
        pairs.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        Reliability { pairs, answered }
    }

    /// The bins where each article counts so many times.
    fn sums(&self, times: impl Fn(usize) -> usize) -> [Sum; BINS] {
        let all: usize = self.answered.iter().enumerate().map(|(article, pairs)| pairs * times(article)).sum();
        let (mut sums, mut bin, mut before) = ([Sum::default(); BINS], 0, 0);
        for told in &self.pairs {
            for _ in 0..times(told.article) {
                while before >= all * (bin + 1) / BINS && bin + 1 < BINS {
                    bin += 1;
                }
                before += 1;
                let sum = &mut sums[bin];
                sum.off += told.probability - truth(told.carries);
                sum.probability += told.probability;
                sum.true_ones += usize::from(told.carries);
                sum.count += 1;
            }
        }
        sums
    }

    /// Expected calibration error, where each article counts so many times.
    pub(super) fn ece(&self, times: impl Fn(usize) -> usize) -> f64 {
        let sums = self.sums(times);
        let all: usize = sums.iter().map(|sum| sum.count).sum();
        sums.iter().map(|sum| sum.off.abs()).sum::<f64>() / all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    /// One topic, a hundred paragraphs, of which every fourth carries it.
    fn told(probability: f64) -> Calibration {
        let mut answers = answers(&[&["a:a"; 100]]);
        answers.topics.truncate(1);
        for (i, paragraph) in answers.articles[0].paragraphs.iter_mut().enumerate() {
            paragraph.topics.truncate(1);
            paragraph.topics[0].probability = probability;
            paragraph.topics[0].carries = i % 4 == 0;
        }
        Calibration::new(&answers, &Reliability::new(&answers))
    }

    #[test]
    fn calibration_of_honest_and_of_boastful_answers() {
        let honest = told(0.25);
        assert!(honest.ece < 0.06, "{honest:?}");
        assert_eq!((honest.brier, honest.base_brier), (0.1875, 0.1875));
        assert!(honest.bins.iter().all(|bin| (bin.probability, bin.count) == (0.25, 10)), "{honest:?}");
        assert!((told(1.0).ece - 0.75).abs() < 0.01);
        let unanswered = told(0.04);
        assert_eq!((unanswered.ece, unanswered.bins), (0.0, vec![]));
    }

    #[test]
    fn an_article_that_counts_twice_is_two_articles() {
        let once = answers(&[&["a:a", "b:a", ":c"], &["b:b", "ab:c"], &["a:a", "a:a", "b:b"]]);
        let twice = answers(&[&["a:a", "b:a", ":c"], &["b:b", "ab:c"], &["b:b", "ab:c"]]);
        let times = [1, 2, 0];
        assert_eq!(Reliability::new(&once).ece(|i| times[i]), Reliability::new(&twice).ece(|_| 1));
    }
}
