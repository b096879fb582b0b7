//! What a model answers to labelled articles, each answer beside what is right.

use super::Evaluation;
use super::bootstrap::intervals;
use super::calibration::{Calibration, Reliability};
use super::comparison::{Comparison, compare};
use super::confusion::Confusion;
use super::count::ArticleFigures;
use super::coverage::coverage;
use super::curve::Curve;
use super::mistakes::{Mistake, Mistakes, mistakes};
use super::review::Review;
use super::tally::Tally;
use crate::article::Article;
use crate::learn::corpus::Document;
use crate::learn::names::BOILERPLATE;
use crate::model::{Model, probability};

/// A model's answers to labelled articles: it is asked once, and what is asked of the answers is counted.
///
/// Labels that the model does not know are left out. A paragraph that it takes for boilerplate answers every topic with a
/// probability of 0.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{Answers, Document, Labelled};
/// let text = "The tariffs on steel and aluminium drew retaliation from Brussels.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec!["iran".into()] }], false)];
/// let answers = Answers::new(&Model::shipped()?, &gold);
/// assert_eq!(answers.evaluation().topics["iran"].recall, 0.0);
/// let labels: Vec<String> = answers.mistakes().into_iter().map(|mistake| mistake.label).collect();
/// assert_eq!(labels, ["iran", "trade"]);
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    pub(super) model: String,
    pub(super) topics: Vec<String>,
    pub(super) articles: Vec<Answered>,
}

/// The answers to one article.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered {
    pub(super) paragraphs: Vec<Answer>,
    /// By topic, whether it is one of the article as a whole, and whether the model says so.
    pub(super) about: Vec<(bool, bool)>,
    /// Whether the model would have a person look at it.
    pub(super) review: bool,
}

/// The answer to one paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// One a topic, in the model's order.
    pub(super) topics: Vec<Pair>,
    pub(super) boilerplate: Pair,
}

/// A paragraph and a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// Whether the one carries the other.
    pub(super) carries: bool,
    /// Whether the model gave it.
    pub(super) given: bool,
    /// The probability that the model told.
    pub(super) probability: f64,
}

impl Answer {
    /// The topics, then boilerplate.
    pub(super) fn labels(&self) -> impl Iterator<Item = &Pair> {
        self.topics.iter().chain([&self.boilerplate])
    }
}

impl Answers {
    /// Asks the model.
    pub fn new(model: &Model, gold: &[Document]) -> Answers {
        let articles = gold.iter().map(|document| Answered::new(model, document)).collect();
        Answers { model: model.id().to_string(), topics: model.topics().to_vec(), articles }
    }

    /// The figures.
    pub fn evaluation(&self) -> Evaluation {
        let tallies = self.tallies();
        let all = Tally::sum(&tallies, |_| 1);
        let reliability = Reliability::new(self);
        let ((macro_f1, micro_f1), articles) = (all.topics(), all.articles());
        Evaluation {
            paragraphs: self.paragraphs().count(),
            macro_f1,
            micro_f1,
            topics: self.topics.iter().cloned().zip(all.topics.iter().map(|count| count.figures())).collect(),
            boilerplate: all.boilerplate.figures(),
            articles: ArticleFigures { macro_f1: articles.0, micro_f1: articles.1 },
            calibration: Calibration::new(self, &reliability),
            intervals: intervals(self, &tallies, &reliability),
            confusion: Confusion::new(self),
            coverage: coverage(self),
            review: Review::new(self),
            mistakes: Mistakes::new(&self.mistakes()),
        }
    }

    /// Every mistake, in the order of the articles.
    pub fn mistakes(&self) -> Vec<Mistake> {
        mistakes(self)
    }

    /// Precision against recall, a curve a topic, in the model's order.
    pub fn curves(&self) -> Vec<Curve> {
        self.topics.iter().enumerate().map(|(topic, name)| Curve::new(self, topic, name)).collect()
    }

    /// Holds these answers against another model's answers to the same articles, over the topics that both models know.
    pub fn compare(&self, against: &Answers) -> Comparison {
        compare(self, against)
    }

    /// One tally an article.
    pub(super) fn tallies(&self) -> Vec<Tally> {
        self.articles.iter().map(|article| Tally::new(article, self.topics.len())).collect()
    }

    pub(super) fn paragraphs(&self) -> impl Iterator<Item = &Answer> {
        self.articles.iter().flat_map(|article| &article.paragraphs)
    }
}

impl Answered {
    fn new(model: &Model, document: &Document) -> Answered {
        let article = Article::from_paragraphs(document.paragraphs.iter().map(|p| p.text.as_str()), document.titled);
        let judgement = model.judge(&article);
        let about =
            model.topics().iter().enumerate().map(|(topic, name)| {
                (document.is_about(name), judgement.topics.iter().any(|given| given.topic == topic))
            });
        let about = about.collect();
        let paragraphs = judgement.paragraphs.iter().zip(&document.paragraphs).map(|(verdict, paragraph)| {
            let topics = model.topics().iter().enumerate().map(|(topic, name)| Pair {
                carries: paragraph.has(name),
                given: verdict.topics.contains(&topic),
                probability: if verdict.boilerplate { 0.0 } else { probability(verdict.log_odds[topic]) },
            });
            let boilerplate = Pair {
                carries: paragraph.has(BOILERPLATE),
                given: verdict.boilerplate,
                probability: probability(verdict.boilerplate_log_odds),
            };
            Answer { topics: topics.collect(), boilerplate }
        });
        Answered { paragraphs: paragraphs.collect(), about, review: judgement.review.is_some() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Answers of a model with the topics `a`, `b` and `c` to articles of paragraphs, each of which is told as its right
    /// labels, a colon, and those that it was given: `ab:b`; `-` is boilerplate. What was given was given with 0.9, the
    /// rest with 0.1.
    pub(in super::super) fn answers(articles: &[&[&str]]) -> Answers {
        let paragraph = |told: &&str| {
            let (right, given) = told.split_once(':').expect("right labels and given ones");
            let boilerplate = given.contains('-');
            let pair = |label: char| {
                let given = given.contains(label);
                let low = if boilerplate && label != '-' { 0.0 } else { 0.1 };
                Pair { carries: right.contains(label), given, probability: if given { 0.9 } else { low } }
            };
            Answer { topics: ['a', 'b', 'c'].map(pair).to_vec(), boilerplate: pair('-') }
        };
        let article = |told: &&[&str]| Answered {
            paragraphs: told.iter().map(paragraph).collect(),
            about: vec![(false, false); 3],
            review: false,
        };
        let topics = ["a", "b", "c"].map(String::from).to_vec();
        Answers { model: "test@0".into(), topics, articles: articles.iter().map(article).collect() }
    }
}
