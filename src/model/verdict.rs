//! What the model says of an article and of each of its paragraphs.

use std::ops::Range;

use super::exp::{ln, logistic};
use super::vocabulary::Words;

/// The verdict on one paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether it is no part of the article: a byline, a share prompt, a related headline. Such a paragraph has no topics.
    pub boilerplate: bool,
    /// The log-odds that it is boilerplate; in natural logarithms, as all log-odds here.
    pub boilerplate_log_odds: f64,
    /// The calibrated log-odds of each of the model's topics, in their order.
    pub log_odds: Vec<f64>,
    /// The topics that it carries, as indices into the model's topics; the most probable first.
    pub topics: Vec<usize>,
    /// Its words.
    pub words: Words,
}

impl Verdict {
    /// The verdict that follows from the probabilities that it is boilerplate and that it is on each topic, where a topic
    /// is given from a threshold up.
    pub(crate) fn new(boilerplate: f64, probabilities: &[f64], threshold: f64, words: Words) -> Verdict {
        let is_boilerplate = boilerplate >= 0.5;
        let mut topics: Vec<usize> =
            (0..probabilities.len()).filter(|&t| !is_boilerplate && probabilities[t] >= threshold).collect();
        topics.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
        let mut log_odds_of_all = probabilities.to_vec();
        log_odds_of_all.iter_mut().for_each(|p| *p = log_odds(*p));
        Verdict {
            boilerplate: is_boilerplate,
            boilerplate_log_odds: log_odds(boilerplate),
            log_odds: log_odds_of_all,
            topics,
            words,
        }
    }
}

/// A topic of the article as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleTopic {
    /// Its index among the model's topics.
    pub topic: usize,
    /// The mean probability over the paragraphs that carry it.
    pub probability: f64,
    /// The part of the paragraphs that are not boilerplate which carry it, from 0 to 1.
    pub share: f64,
    /// The paragraphs that carry it, by their index.
    pub paragraphs: Vec<usize>,
}

/// The verdict on an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// One verdict a paragraph, in order.
    pub paragraphs: Vec<Verdict>,
    /// The article's topics, the largest share first: those on at least a fifth of its paragraphs that are not
    /// boilerplate, and those of its title.
    pub topics: Vec<ArticleTopic>,
    /// The articles that a page runs together; none where it is one article.
    pub sections: Vec<Section>,
    /// Why a person should look, where one should.
    pub review: Option<ReviewReason>,
}

/// One of several articles in a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its paragraphs, by their index in the page; the first is its title.
    pub paragraphs: Range<usize>,
    /// Its topics, by the same rule as those of an article.
    pub topics: Vec<ArticleTopic>,
}

/// Why a person should look at an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewReason {
    /// Too much of it was decided by a narrow margin: more labels a paragraph are expected to be wrong than the model's
    /// training allows.
    Doubt,
    /// It is in another language than the model's, and was given no topics.
    Language,
}

impl ReviewReason {
    /// As records name it.
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewReason::Doubt => "doubt",
            ReviewReason::Language => "language",
        }
    }
}

/// The part of an article's paragraphs that a topic has to be on to be a topic of the article.
const ARTICLE_SHARE: f64 = 0.2;

/// The probability with these log-odds: the logistic function, without overflow at either end.
///
/// ```
/// assert_eq!(disputed::model::probability(0.0), 0.5);
/// assert_eq!(disputed::model::probability(1e6), 1.0);
/// assert_eq!(disputed::model::probability(-1e6), 0.0);
/// ```
pub fn probability(log_odds: f64) -> f64 {
    logistic(log_odds)
}

/// The natural logarithm of p / (1 − p), kept finite.
pub(super) fn log_odds(p: f64) -> f64 {
    /// No paragraph is certain to be on a topic, nor certain not to be: log-odds end here, at a probability of 0.0001.
    const CERTAIN: f64 = 9.21;
    let log_odds = ln(p / (1.0 - p));
    let log_odds = if log_odds > -CERTAIN { log_odds } else { -CERTAIN };
    if log_odds < CERTAIN { log_odds } else { CERTAIN }
}

/// The topics of an article, from the verdicts on its paragraphs.
pub(super) fn article_topics(verdicts: &[Verdict], titled: bool, topics: usize) -> Vec<ArticleTopic> {
    let content = verdicts.iter().filter(|v| !v.boilerplate).count();
    let mut found: Vec<ArticleTopic> = (0..topics)
        .filter_map(|topic| {
            let paragraphs: Vec<usize> =
                verdicts.iter().enumerate().filter(|(_, v)| v.topics.contains(&topic)).map(|(i, _)| i).collect();
            let share = paragraphs.len() as f64 / content.max(1) as f64;
            let in_title = titled && paragraphs.first() == Some(&0);
            if paragraphs.is_empty() || (share < ARTICLE_SHARE && !in_title) {
                return None;
            }
            let sum: f64 = paragraphs.iter().map(|&i| probability(verdicts[i].log_odds[topic])).sum();
            Some(ArticleTopic { topic, probability: sum / paragraphs.len() as f64, share, paragraphs })
        })
        .collect();
    found.sort_by(|a, b| {
        b.share.total_cmp(&a.share).then(b.probability.total_cmp(&a.probability)).then(a.topic.cmp(&b.topic))
    });
    found
}

/// The topics of one of several articles in a page, whose first paragraph is its title.
pub(super) fn section_topics(verdicts: &[Verdict], paragraphs: &Range<usize>, topics: usize) -> Vec<ArticleTopic> {
    let mut found = article_topics(&verdicts[paragraphs.clone()], true, topics);
    found.iter_mut().flat_map(|topic| &mut topic.paragraphs).for_each(|i| *i += paragraphs.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(topics: &[usize], log_odds: [f64; 2]) -> Verdict {
        let (log_odds, topics) = (log_odds.into(), topics.into());
        Verdict { boilerplate: false, boilerplate_log_odds: -5.0, log_odds, topics, words: Words::default() }
    }

    #[test]
    fn a_fifth_of_the_paragraphs_or_the_title_makes_a_topic_of_the_article() {
        let mut verdicts = vec![verdict(&[1], [-3.0, 0.0]); 1];
        verdicts.extend(vec![verdict(&[], [-3.0, -3.0]); 7]);
        verdicts.extend(vec![verdict(&[0], [2.0, -3.0]); 2]);
        let names = |titled| article_topics(&verdicts, titled, 2).iter().map(|t| t.topic).collect::<Vec<_>>();
        assert_eq!(names(true), [0, 1]);
        assert_eq!(names(false), [0]);
        let topics = article_topics(&verdicts, true, 2);
        assert_eq!((topics[0].share, &topics[0].paragraphs[..]), (0.2, &[8, 9][..]));
        assert_eq!(topics[1].probability, 0.5);
    }

    #[test]
    fn boilerplate_does_not_count_as_a_paragraph() {
        let mut verdicts = vec![verdict(&[0], [2.0, -3.0])];
        verdicts.extend(vec![Verdict { boilerplate: true, ..verdict(&[], [-3.0, -3.0]) }; 9]);
        assert_eq!(article_topics(&verdicts, false, 2)[0].share, 1.0);
    }
}
