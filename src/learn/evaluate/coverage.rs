//! Coverage against accuracy: how well the model does on what it is sure of.

use serde::Serialize;

use super::answers::{Answer, Answers};
use super::count::Count;

/// How well the model does where only its surest answers count, and the rest is left to a person (a point of the
/// risk-coverage curve of El-Yaniv and Wiener 2010).
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let labelled = |text: &str, label: &str| Labelled { text: text.into(), labels: vec![label.into()] };
/// let gold = [Document::new(vec![labelled("NATO allies argued about defence spending.", "nato")], false)];
/// let coverage = evaluate(&Model::shipped()?, &gold).coverage;
/// assert_eq!((coverage.len(), coverage[9].coverage, coverage[9].exact), (10, 1.0, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Level {
    /// The part of the paragraphs that count, in tenths: those with the least doubt.
    pub coverage: f64,
    /// How many they are.
    pub paragraphs: usize,
    /// The largest doubt among them: how many of the paragraph's labels, boilerplate among them, the model itself
    /// expects to be wrong, whether given or not.
    pub doubt: f64,
    /// The part of them whose labels are exactly the right ones.
    pub exact: f64,
    /// Their F1 over all pairs of paragraph and topic.
    pub micro_f1: f64,
}

const LEVELS: usize = 10;

/// The levels, the smallest coverage first; none where there is no paragraph.
pub(super) fn coverage(answers: &Answers) -> Vec<Level> {
    let mut paragraphs: Vec<(f64, &Answer)> = answers.paragraphs().map(|p| (doubt(p), p)).collect();
    paragraphs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let level = |tenths: usize| {
        let surest = &paragraphs[..(paragraphs.len() * tenths).div_ceil(LEVELS)];
        let exact = surest.iter().filter(|(_, p)| p.labels().all(|pair| pair.carries == pair.given)).count();
        let mut count = Count::default();
        surest.iter().flat_map(|(_, p)| &p.topics).for_each(|pair| count.add(pair.carries, pair.given));
        Some(Level {
            coverage: tenths as f64 / LEVELS as f64,
            paragraphs: surest.len(),
            doubt: surest.last()?.0,
            exact: exact as f64 / surest.len() as f64,
            micro_f1: count.f1(),
        })
    };
    (1..=LEVELS).filter_map(level).collect()
}

/// How many of its labels are expected to be wrong.
fn doubt(paragraph: &Answer) -> f64 {
    paragraph.labels().map(|pair| if pair.given { 1.0 - pair.probability } else { pair.probability }).sum()
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn the_surest_paragraphs_come_first() {
        // All are equally sure, in the order in which they stand: nine right ones, then a wrong one.
        let told: Vec<&str> = std::iter::repeat_n("a:a", 9).chain(["a:b"]).collect();
        let mut answers = answers(&[&told]);
        let levels = coverage(&answers);
        assert_eq!((levels.len(), levels[8].exact, levels[9].exact), (10, 1.0, 0.9));
        assert_eq!((levels[8].paragraphs, levels[8].micro_f1, levels[9].micro_f1), (9, 1.0, 0.9));
        assert!((levels[9].doubt - 0.4).abs() < 1e-12, "{levels:?}");
        // The wrong one was the surest.
        answers.articles[0].paragraphs[9].topics[1].probability = 1.0;
        let levels = coverage(&answers);
        assert_eq!((levels[0].exact, levels[0].micro_f1, levels[1].exact), (0.0, 0.0, 0.5));
        assert_eq!(coverage(&Answers { articles: vec![], ..answers }), []);
    }
}
