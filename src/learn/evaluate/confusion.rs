//! Which label was taken for which.

use serde::Serialize;

use super::answers::{Answer, Answers};
use crate::learn::names::BOILERPLATE;

/// Which label was taken for which.
///
/// A label that is right and was given counts in its own row and column. A missed label counts in its row, shared out
/// evenly among the labels that the same paragraph was wrongly given; where there are none, in the column `other`. So a
/// label's row always sums to how many paragraphs carry it. Labels wrongly given where none was missed count in the row
/// `other`, as does, in its own column, a paragraph that has no label and was given none.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "The tariffs on steel and aluminium drew retaliation from Brussels.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec!["iran".into()] }], false)];
/// let confusion = evaluate(&Model::shipped()?, &gold).confusion;
/// assert_eq!(confusion.count("iran", "trade"), Some(1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    /// The topics in the model's order, then `other`, which stands for no label, then `boilerplate`.
    pub labels: Vec<String>,
    /// A row a label that is right, a column a label that was given; in paragraphs, of which some are shared out.
    pub counts: Vec<Vec<f64>>,
}

/// No label.
const OTHER: &str = "other";

impl Confusion {
    pub(super) fn new(answers: &Answers) -> Confusion {
        let labels: Vec<String> =
            answers.topics.iter().map(String::as_str).chain([OTHER, BOILERPLATE]).map(String::from).collect();
        let mut confusion = Confusion { counts: vec![vec![0.0; labels.len()]; labels.len()], labels };
        answers.paragraphs().for_each(|paragraph| confusion.add(paragraph));
        confusion
    }

    /// How many paragraphs with the one label were given the other.
    pub fn count(&self, gold: &str, given: &str) -> Option<f64> {
        let place = |label: &str| self.labels.iter().position(|l| l == label);
        self.counts.get(place(gold)?)?.get(place(given)?).copied()
    }

    fn add(&mut self, paragraph: &Answer) {
        let other = paragraph.topics.len();
        let (mut right, mut missed, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for (i, pair) in paragraph.labels().enumerate() {
            // Boilerplate stands behind `other`.
            let place = if i < other { i } else { i + 1 };
            match (pair.carries, pair.given) {
                (true, true) => right.push(place),
                (true, false) => missed.push(place),
                (false, true) => wrong.push(place),
                (false, false) => {}
            }
        }
        if right.is_empty() && missed.is_empty() && wrong.is_empty() {
            right.push(other);
        }
        right.into_iter().for_each(|label| self.counts[label][label] += 1.0);
        // What stands in for the side that has nothing.
        let (missed, wrong) = match (missed.is_empty(), wrong.is_empty()) {
            (true, true) => return,
            (true, false) => return wrong.into_iter().for_each(|label| self.counts[other][label] += 1.0),
            (false, true) => (missed, vec![other]),
            (false, false) => (missed, wrong),
        };
        let share = 1.0 / wrong.len() as f64;
        for label in missed {
            wrong.iter().for_each(|&taken| self.counts[label][taken] += share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn each_label_of_a_paragraph_finds_its_place() {
        // a, b, c, other, boilerplate
        let cell = |told: &str| {
            let confusion = Confusion::new(&answers(&[&[told]]));
            let cells = confusion.counts.iter().enumerate().flat_map(|(gold, row)| {
                row.iter().enumerate().filter(|(_, n)| **n > 0.0).map(move |(given, n)| (gold, given, *n))
            });
            cells.collect::<Vec<_>>()
        };
        assert_eq!(cell(":"), [(3, 3, 1.0)]);
        assert_eq!(cell("ab:ab"), [(0, 0, 1.0), (1, 1, 1.0)]);
        assert_eq!(cell("a:"), [(0, 3, 1.0)]);
        assert_eq!(cell(":ab"), [(3, 0, 1.0), (3, 1, 1.0)]);
        assert_eq!(cell("a:b"), [(0, 1, 1.0)]);
        assert_eq!(cell("a:bc"), [(0, 1, 0.5), (0, 2, 0.5)]);
        assert_eq!(cell("ab:c"), [(0, 2, 1.0), (1, 2, 1.0)]);
        assert_eq!(cell("ab:a"), [(0, 0, 1.0), (1, 3, 1.0)]);
        assert_eq!(cell("a:ab"), [(0, 0, 1.0), (3, 1, 1.0)]);
        assert_eq!(cell("-:-"), [(4, 4, 1.0)]);
        assert_eq!(cell("-:"), [(4, 3, 1.0)]);
        assert_eq!(cell("-:a"), [(4, 0, 1.0)]);
        assert_eq!(cell("a:-"), [(0, 4, 1.0)]);
        assert_eq!(cell(":-"), [(3, 4, 1.0)]);
    }
}
