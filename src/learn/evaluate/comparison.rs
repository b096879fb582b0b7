//! Whether one model does better than another, or was only luckier with these articles.

use serde::Serialize;

use super::answers::Answers;
use super::bootstrap::{Interval, resamples};
use super::count::{Count, overall};
use super::random::Random;
use super::tally::Tally;

/// Two models on the same articles, over the topics that both know.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{Answers, Document, Labelled};
/// let text = "NATO allies argued about defence spending again.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec!["nato".into()] }], false)];
/// let answers = Answers::new(&Model::shipped()?, &gold);
/// let comparison = answers.compare(&answers);
/// assert_eq!((comparison.macro_f1.difference, comparison.macro_f1.p), (0.0, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The id of the model.
    pub model: String,
    /// The id of the one that it is held against.
    pub against: String,
    /// The topics that both know, in the order of the first.
    pub topics: Vec<String>,
    /// The mean F1 over these topics.
    pub macro_f1: Difference,
    /// The F1 over all pairs of paragraph and these topics.
    pub micro_f1: Difference,
}

/// How a figure of the two models differs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The model's, from 0 to 1.
    pub model: f64,
    /// The other's.
    pub against: f64,
    /// The first less the second.
    pub difference: f64,
    /// Where the difference would lie in 95 of 100 cases: both are measured on the same resamples of articles.
    pub interval: Interval,
    /// How often chance alone would make a difference as large, of either sign: in 9,999 rounds each article's answers are
    /// swapped between the two, or not, by the toss of a coin (approximate randomisation; Noreen 1989, Yeh 2000). From
    /// 0.0001 to 1.
    pub p: f64,
}

const ROUNDS: usize = 9_999;

/// Any number; it is not that of the resamples.
const SEED: u64 = 2000;

/// Macro-F1 and micro-F1.
type Both = [f64; 2];

pub(super) fn compare(model: &Answers, against: &Answers) -> Comparison {
    let topics: Vec<String> = model.topics.iter().filter(|topic| against.topics.contains(topic)).cloned().collect();
    let sides = Sides::new(model, against, &topics);
    let (first, second) = (sides.figures(|_| (1, 0)), sides.figures(|_| (0, 1)));
    let observed = less(first, second);
    let (resampled, p) = (sides.resampled(), sides.p(observed));
    let difference = |i: usize| Difference {
        model: first[i],
        against: second[i],
        difference: observed[i],
        interval: Interval::new(resampled.iter().map(|both| both[i]).collect()),
        p: p[i],
    };
    let (macro_f1, micro_f1) = (difference(0), difference(1));
    Comparison { model: model.model.clone(), against: against.model.clone(), topics, macro_f1, micro_f1 }
}

fn less(a: Both, b: Both) -> Both {
    [a[0] - b[0], a[1] - b[1]]
}

/// The counts of both models.
struct Sides {
    topics: usize,
    /// An article's counts by topic: the one model's and the other's.
    articles: Vec<[Vec<Count>; 2]>,
}

impl Sides {
    fn new(model: &Answers, against: &Answers, topics: &[String]) -> Sides {
        let counts = |answers: &Answers| {
            let place = |topic: &String| answers.topics.iter().position(|known| known == topic);
            let places: Vec<usize> = topics.iter().filter_map(place).collect();
            let of_article = |tally: Tally| places.iter().map(|&place| tally.topics[place]).collect::<Vec<Count>>();
            answers.tallies().into_iter().map(of_article).collect::<Vec<_>>()
        };
        let articles = counts(model).into_iter().zip(counts(against)).map(|(ours, theirs)| [ours, theirs]).collect();
        Sides { topics: topics.len(), articles }
    }

    /// The figures where each article counts so many times with the one's answers, and so many times with the other's.
    fn figures(&self, times: impl Fn(usize) -> (usize, usize)) -> Both {
        let mut sums = vec![Count::default(); self.topics];
        for (article, [ours, theirs]) in self.articles.iter().enumerate() {
            let (of_ours, of_theirs) = times(article);
            for (sum, (our, their)) in sums.iter_mut().zip(ours.iter().zip(theirs)) {
                sum.add_times(our, of_ours);
                sum.add_times(their, of_theirs);
            }
        }
        overall(&sums).into()
    }

    /// The differences in the resamples.
    fn resampled(&self) -> Vec<Both> {
        let difference = |times: Vec<usize>| {
            less(self.figures(|article| (times[article], 0)), self.figures(|article| (0, times[article])))
        };
        resamples(self.articles.len()).map(difference).collect()
    }

    /// How often chance makes differences as large, the observed one counted as one more round.
    fn p(&self, observed: Both) -> [f64; 2] {
        let mut random = Random::new(SEED);
        let mut as_large = [1; 2];
        for _ in 0..ROUNDS {
            let swapped: Vec<bool> = self.articles.iter().map(|_| random.coin()).collect();
            let one = self.figures(|article| if swapped[article] { (0, 1) } else { (1, 0) });
            let other = self.figures(|article| if swapped[article] { (1, 0) } else { (0, 1) });
            let chance = less(one, other);
            (0..2).for_each(|i| as_large[i] += usize::from(chance[i].abs() >= observed[i].abs()));
        }
        as_large.map(|rounds| rounds as f64 / (ROUNDS + 1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn a_model_is_as_good_as_itself() {
        let some = answers(&[&["a:a", "b:a"], &["c:c"], &["a:"]]);
        let comparison = compare(&some, &some);
        let point = Interval { low: 0.0, high: 0.0 };
        for d in [comparison.macro_f1, comparison.micro_f1] {
            assert_eq!((d.model, d.difference, d.interval, d.p), (d.against, 0.0, point, 1.0));
        }
    }

    #[test]
    fn who_is_always_right_differs_from_who_is_always_wrong() {
        let right: &[&str] = &["a:a", "b:b", "c:c"];
        let wrong: &[&str] = &["a:b", "b:c", "c:a"];
        let comparison = compare(&answers(&[right; 12]), &answers(&[wrong; 12]));
        let d = comparison.micro_f1;
        assert_eq!((d.model, d.against, d.difference), (1.0, 0.0, 1.0));
        assert_eq!(d.interval, Interval { low: 1.0, high: 1.0 });
        // Only if all twelve are swapped, or none, chance does as well: twice in 4096.
        assert!((0.0002..0.0015).contains(&d.p), "{d:?}");
        // Of one article nothing can be said.
        assert_eq!(compare(&answers(&[right]), &answers(&[wrong])).micro_f1.p, 1.0);
    }

    #[test]
    fn only_topics_that_both_know_are_compared() {
        let ours = answers(&[&["a:a", "b:", "c:c"]]);
        let mut theirs = ours.clone();
        theirs.topics = ["c", "x", "a"].map(String::from).to_vec();
        theirs.articles[0].paragraphs.iter_mut().for_each(|paragraph| paragraph.topics.swap(0, 2));
        let comparison = compare(&ours, &theirs);
        assert_eq!(comparison.topics, ["a", "c"]);
        assert_eq!((comparison.macro_f1.model, comparison.macro_f1.against), (1.0, 1.0));
    }
}
