//! How often a label was right, was missed, was wrong.

use serde::Serialize;

/// The figures of one label, each from 0 to 1 but the last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Of the paragraphs given the label, the part that carry it; 1 where none was given it.
    pub precision: f64,
    /// Of the paragraphs that carry the label, the part given it; 1 where none carries it.
    pub recall: f64,
    /// The harmonic mean of the two; 1 where none was given the label and none carries it.
    pub f1: f64,
    /// How many paragraphs carry the label.
    pub support: usize,
}

/// Figures over whole articles, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArticleFigures {
    /// The mean F1 over the topics.
    pub macro_f1: f64,
    /// The F1 over all pairs of article and topic.
    pub micro_f1: f64,
}

/// F1 of `both` right ones, where gold and answers have `either` members together; 1 where both are empty.
pub(in super::super) fn f1(both: usize, either: usize) -> f64 {
    if either == 0 { 1.0 } else { 2.0 * both as f64 / either as f64 }
}

/// How often a label was right, was missed, was wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    both: usize,
    gold: usize,
    given: usize,
}

impl Count {
    pub(super) fn add(&mut self, gold: bool, given: bool) {
        self.both += usize::from(gold && given);
        self.gold += usize::from(gold);
        self.given += usize::from(given);
    }

    /// Adds another count so many times.
    pub(super) fn add_times(&mut self, other: &Count, times: usize) {
        self.both += other.both * times;
        self.gold += other.gold * times;
        self.given += other.given * times;
    }

    pub(super) fn f1(&self) -> f64 {
        f1(self.both, self.gold + self.given)
    }

    pub(super) fn figures(&self) -> Figures {
        let part = |of: usize| if of == 0 { 1.0 } else { self.both as f64 / of as f64 };
        Figures { precision: part(self.given), recall: part(self.gold), f1: self.f1(), support: self.gold }
    }
}

/// Macro-F1, the mean over the labels, and micro-F1, that of all counts together.
pub(super) fn overall(counts: &[Count]) -> (f64, f64) {
    let sum: f64 = counts.iter().map(Count::f1).sum();
    let mut all = Count::default();
    counts.iter().for_each(|count| all.add_times(count, 1));
    (sum / counts.len().max(1) as f64, all.f1())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_label() {
        let mut count = Count::default();
        for (gold, given) in [(true, true), (true, false), (false, true), (true, true), (false, false)] {
            count.add(gold, given);
        }
        assert_eq!(count.figures(), Figures { precision: 2.0 / 3.0, recall: 2.0 / 3.0, f1: 2.0 / 3.0, support: 3 });
        let nothing = Figures { precision: 1.0, recall: 1.0, f1: 1.0, support: 0 };
        assert_eq!(Count::default().figures(), nothing);
        assert_eq!(overall(&[count, Count::default()]), ((2.0 / 3.0 + 1.0) / 2.0, 2.0 / 3.0));
    }
}
