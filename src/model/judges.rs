//! All that is decided after the words of each paragraph were weighed.

use serde::{Deserialize, Serialize};

use super::boilerplate::{Boilerplate, SURE};
use super::chain::Chains;
use super::context::topic_inputs;
use super::jury::Jury;
use super::rows::Rows;

/// The judges of an article, in the order in which they are heard.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judges {
    /// Which paragraphs are no part of the article.
    pub(crate) boilerplate: Boilerplate,
    /// The score that a paragraph on each topic has on average: scores are divided by it.
    pub(crate) scale: Vec<f64>,
    /// How each topic runs through the article.
    pub(crate) chains: Chains,
    /// Whether a paragraph is on a topic, all things considered.
    pub(crate) topics: Jury,
}

/// An article as its words alone make it, paragraph by paragraph.
pub(crate) struct Weighed {
    /// The score of each topic, scaled: a paragraph on the topic has 1 on average.
    pub(crate) scores: Rows,
    /// The score of boilerplate.
    pub(crate) of_boilerplate: Vec<f64>,
    /// The probability that it is no part of the article.
    pub(crate) boilerplate: Vec<f64>,
}

impl Judges {
    /// What follows from the scores of an article's paragraphs: each row has those of the topics and, as the last, of
    /// boilerplate. `furniture` says which are proved to be that.
    pub(crate) fn weigh(&self, texts: &[&str], scores_of_all: &Rows, furniture: &[bool]) -> Weighed {
        let topics = scores_of_all.width().saturating_sub(1);
        let of_boilerplate: Vec<f64> = scores_of_all.rows().map(|row| row[topics]).collect();
        let boilerplate = self.boilerplate.probabilities(texts, &of_boilerplate, furniture);
        let mut scores = Rows::zeros(texts.len(), topics);
        for (scores, all) in scores.rows_mut().zip(scores_of_all.rows()) {
            scores.copy_from_slice(&all[..topics]);
            scaled(scores, &self.scale);
        }
        Weighed { scores, of_boilerplate, boilerplate }
    }

    /// The probability of each topic for each paragraph.
    pub(crate) fn probabilities(&self, Weighed { scores, boilerplate, .. }: &Weighed) -> Rows {
        let threads = self.chains.threads(scores, &parts(boilerplate));
        let (mut probabilities, mut judged) = (threads.on, Vec::with_capacity(scores.width()));
        for ((scores, row), boilerplate) in scores.rows().zip(probabilities.rows_mut()).zip(boilerplate) {
            judged.clear();
            judged
                .extend(topic_inputs(scores, row).map(|inputs| self.topics.probability(&inputs) * (1.0 - boilerplate)));
            row.copy_from_slice(&judged);
        }
        probabilities
    }
}

/// Scores in units of what a paragraph on the topic has on average.
pub(crate) fn scaled(scores: &mut [f64], scale: &[f64]) {
    scores.iter_mut().zip(scale).for_each(|(score, scale)| *score /= scale);
}

/// To what part each paragraph belongs to the article: not at all where that is sure.
pub(crate) fn parts(boilerplate: &[f64]) -> Vec<f64> {
    boilerplate.iter().map(|&p| if p >= SURE { 0.0 } else { 1.0 - p }).collect()
}
