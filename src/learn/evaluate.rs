//! How well a model does on labelled articles.

use std::collections::BTreeMap;

use serde::Serialize;

use super::corpus::{BOILERPLATE, Document};
use crate::article::Article;
use crate::model::{Judgement, Model, probability};

/// The figures of one label.
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

/// Figures over whole articles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArticleFigures {
    /// The mean F1 over the topics.
    pub macro_f1: f64,
    /// The F1 over all pairs of article and topic.
    pub micro_f1: f64,
}

/// Whether probabilities mean what they say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: over pairs of paragraph and topic that were answered with 0.05 or more, in ten bins
    /// of equal count, the mean distance between probability and frequency.
    pub ece: f64,
    /// The mean squared error of the probabilities over all pairs (Brier 1950).
    pub brier: f64,
    /// The same for one who always answers with the topic's base rate in these articles.
    pub base_brier: f64,
}

/// A model measured on labelled articles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many paragraphs there were.
    pub paragraphs: usize,
    /// The mean F1 over the model's topics.
    pub macro_f1: f64,
    /// The F1 over all pairs of paragraph and topic.
    pub micro_f1: f64,
    /// Each topic's figures.
    pub topics: BTreeMap<String, Figures>,
    /// Boilerplate's figures.
    pub boilerplate: Figures,
    /// Figures over whole articles.
    pub articles: ArticleFigures,
    /// Whether probabilities mean what they say.
    pub calibration: Calibration,
}

/// Measures a model on labelled articles.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "The tariffs on steel and aluminium drew retaliation from Brussels.".to_string();
/// let article = Document::new(vec![Labelled { text, labels: vec!["trade".into()] }], false);
/// let evaluation = evaluate(&Model::shipped()?, &[article]);
/// assert_eq!((evaluation.paragraphs, evaluation.macro_f1), (1, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
pub fn evaluate(model: &Model, gold: &[Document]) -> Evaluation {
    let topics = model.topics().len();
    let mut counts = vec![Count::default(); topics];
    let mut article_counts = vec![Count::default(); topics];
    let mut boilerplate = Count::default();
    let mut pairs = Vec::new();
    for document in gold {
        let article = Article::from_paragraphs(document.paragraphs.iter().map(|p| p.text.as_str()), document.titled);
        let judgement = model.judge(&article);
        for (verdict, paragraph) in judgement.paragraphs.iter().zip(&document.paragraphs) {
            boilerplate.add(paragraph.has(BOILERPLATE), verdict.boilerplate);
            for (topic, name) in model.topics().iter().enumerate() {
                let (carries, given) = (paragraph.has(name), verdict.topics.contains(&topic));
                counts[topic].add(carries, given);
                let answered = if verdict.boilerplate { 0.0 } else { probability(verdict.log_odds[topic]) };
                pairs.push((topic, answered, carries));
            }
        }
        for (topic, name) in model.topics().iter().enumerate() {
            article_counts[topic].add(document.is_about(name), is_given(&judgement, topic));
        }
    }
    let (macro_f1, micro_f1) = overall(&counts);
    let articles = overall(&article_counts);
    Evaluation {
        paragraphs: gold.iter().map(|d| d.paragraphs.len()).sum(),
        macro_f1,
        micro_f1,
        topics: model.topics().iter().cloned().zip(counts.iter().map(Count::figures)).collect(),
        boilerplate: boilerplate.figures(),
        articles: ArticleFigures { macro_f1: articles.0, micro_f1: articles.1 },
        calibration: calibration(pairs, topics),
    }
}

fn is_given(judgement: &Judgement, topic: usize) -> bool {
    judgement.topics.iter().any(|t| t.topic == topic)
}

/// F1 of `both` right ones, where gold and answers have `either` members together; 1 where both are empty.
pub(super) fn f1(both: usize, either: usize) -> f64 {
    if either == 0 { 1.0 } else { 2.0 * both as f64 / either as f64 }
}

/// How often a label was right, was missed, was wrong.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    both: usize,
    gold: usize,
    given: usize,
}

impl Count {
    fn add(&mut self, gold: bool, given: bool) {
        self.both += usize::from(gold && given);
        self.gold += usize::from(gold);
        self.given += usize::from(given);
    }

    fn figures(&self) -> Figures {
        let part = |of: usize| if of == 0 { 1.0 } else { self.both as f64 / of as f64 };
        Figures {
            precision: part(self.given),
            recall: part(self.gold),
            f1: f1(self.both, self.gold + self.given),
            support: self.gold,
        }
    }
}

/// Macro-F1 and micro-F1.
fn overall(counts: &[Count]) -> (f64, f64) {
    let sum: f64 = counts.iter().map(|c| f1(c.both, c.gold + c.given)).sum();
    let both = counts.iter().map(|c| c.both).sum();
    let either = counts.iter().map(|c| c.gold + c.given).sum();
    (sum / counts.len().max(1) as f64, f1(both, either))
}

/// From (topic, probability, truth) of every pair.
fn calibration(mut pairs: Vec<(usize, f64, bool)>, topics: usize) -> Calibration {
    const BINS: usize = 10;
    const ANSWERED: f64 = 0.05;
    let truth = |carries: bool| f64::from(u8::from(carries));
    let all = pairs.len().max(1) as f64;
    let brier = pairs.iter().map(|&(_, p, y)| (p - truth(y)) * (p - truth(y))).sum::<f64>() / all;
    let base = |topic: usize| {
        let of_topic: Vec<f64> = pairs.iter().filter(|pair| pair.0 == topic).map(|&(_, _, y)| truth(y)).collect();
        let rate = of_topic.iter().sum::<f64>() / of_topic.len().max(1) as f64;
        rate * (1.0 - rate)
    };
    let base_brier = (0..topics).map(base).sum::<f64>() / topics.max(1) as f64;

    pairs.retain(|&(_, p, _)| p >= ANSWERED);
    pairs.sort_by(|a, b| a.1.total_cmp(&b.1));
    let answered = pairs.len();
    let bin = |b: usize| &pairs[answered * b / BINS..answered * (b + 1) / BINS];
    let off = |bin: &[(usize, f64, bool)]| (bin.iter().map(|&(_, p, y)| p - truth(y)).sum::<f64>()).abs();
    let ece = (0..BINS).map(|b| off(bin(b))).sum::<f64>() / answered.max(1) as f64;
    Calibration { ece, brier, base_brier }
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
    }

    #[test]
    fn calibration_of_honest_and_of_boastful_answers() {
        let honest: Vec<_> = (0..100).map(|i| (0, 0.25, i % 4 == 0)).collect();
        let c = calibration(honest, 1);
        assert!(c.ece < 0.06, "{c:?}");
        assert_eq!((c.brier, c.base_brier), (0.1875, 0.1875));
        let boastful: Vec<_> = (0..100).map(|i| (0, 1.0, i % 4 == 0)).collect();
        assert!((calibration(boastful, 1).ece - 0.75).abs() < 0.01);
        let unanswered = vec![(0, 0.04, true); 3];
        assert_eq!(calibration(unanswered, 1).ece, 0.0);
    }
}
