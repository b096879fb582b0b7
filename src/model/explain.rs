//! Why a paragraph was labelled as it was: which words, where, pulled which way, and what its article added.

use std::collections::BTreeMap;
use std::ops::Range;

use super::verdict::log_odds;
use super::{Model, ReviewReason, Verdict, Weighed, score};
use crate::article::Article;

/// One feature's pull.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The word, or the two words, as the model knows them.
    pub feature: String,
    /// Where it stands: byte ranges of the article's text.
    pub spans: Vec<Range<usize>>,
    /// What it adds to the log-odds of the paragraph by itself.
    pub log_odds: f64,
}

/// Why one paragraph was, or nearly was, given one label.
///
/// `log_odds` is `prior + own + neighbours`, and `own` is the sum of the evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The paragraph, by its index.
    pub paragraph: usize,
    /// The topic, or `boilerplate`.
    pub topic: String,
    /// The calibrated log-odds.
    pub log_odds: f64,
    /// Whether the paragraph was given the topic.
    pub given: bool,
    /// The log-odds of a paragraph by itself without a word for or against the label.
    pub prior: f64,
    /// What its own words add to that.
    pub own: f64,
    /// What its article adds: the log-odds less those of the same paragraph by itself. 0 where it is alone.
    pub neighbours: f64,
    /// The features, the strongest pull first.
    pub evidence: Vec<Evidence>,
}

/// What is less probable than this is not worth explaining.
const WORTH: f64 = 0.05;

impl Model {
    /// Explains every label that a paragraph was given, or that was probable enough to be thought of.
    ///
    /// ```
    /// use disputed::{Article, Model};
    /// let article = Article::from_paragraphs(["NATO allies argued about defence spending."], false);
    /// let explanations = Model::shipped()?.explain(&article);
    /// let strongest = &explanations[0].evidence[0];
    /// assert_eq!((explanations[0].topic.as_str(), strongest.feature.as_str()), ("nato", "nato"));
    /// assert_eq!((strongest.spans.as_slice(), explanations[0].neighbours), ([0..4].as_slice(), 0.0));
    /// # Ok::<(), disputed::Error>(())
    /// ```
    pub fn explain(&self, article: &Article) -> Vec<Explanation> {
        let judgement = self.judge(article);
        if judgement.review == Some(ReviewReason::Language) {
            // Nothing was weighed.
            return Vec::new();
        }
        let mut explanations = Vec::new();
        for (i, verdict) in judgement.paragraphs.iter().enumerate() {
            if verdict.boilerplate {
                explanations.extend(self.explanation(article, i, self.topics().len(), verdict));
                continue;
            }
            let worth = |&t: &usize| verdict.log_odds[t] >= log_odds(WORTH) || verdict.topics.contains(&t);
            let mut topics: Vec<usize> = (0..self.topics().len()).filter(worth).collect();
            topics.sort_by(|&a, &b| verdict.log_odds[b].total_cmp(&verdict.log_odds[a]));
            explanations.extend(topics.into_iter().filter_map(|topic| self.explanation(article, i, topic, verdict)));
        }
        explanations
    }

    /// Explains one label of one paragraph, however improbable it is. `None` where there is no such paragraph or label.
    pub fn explain_label(&self, article: &Article, paragraph: usize, label: &str) -> Option<Explanation> {
        let class = self.topics().iter().position(|topic| topic == label);
        let class = class.or_else(|| (label == "boilerplate").then_some(self.topics().len()))?;
        self.explanation(article, paragraph, class, self.judge(article).paragraphs.get(paragraph)?)
    }

    /// Explains one class of one paragraph, whose verdict in the article this is.
    fn explanation(&self, article: &Article, paragraph: usize, class: usize, verdict: &Verdict) -> Option<Explanation> {
        let (log_odds, given) = match verdict.log_odds.get(class) {
            Some(&log_odds) => (log_odds, verdict.topics.contains(&class)),
            None => (verdict.boilerplate_log_odds, verdict.boilerplate),
        };
        let span = article.spans().get(paragraph)?;
        let text = &article.text()[span.clone()];
        let (mut weighed, _) = self.weigh(&[text], &[]);
        let alone = self.alone(&weighed, text, class);
        let score = std::mem::take(self.score(&mut weighed, class));
        let prior = self.alone(&weighed, text, class);
        let own = alone - prior;
        let evidence = self.evidence(text, span.start, class, score, own);
        let topic = self.topics().get(class).map_or("boilerplate", String::as_str).to_string();
        Some(Explanation { paragraph, topic, log_odds, given, prior, own, neighbours: log_odds - alone, evidence })
    }

    /// The score of a class in a paragraph by itself.
    fn score<'a>(&self, weighed: &'a mut Weighed, class: usize) -> &'a mut f64 {
        match weighed.scores.row_mut(0).get_mut(class) {
            Some(score) => score,
            None => &mut weighed.of_boilerplate[0],
        }
    }

    /// The log-odds of a class in a paragraph by itself.
    fn alone(&self, weighed: &Weighed, text: &str, class: usize) -> f64 {
        log_odds(if class < self.topics().len() {
            self.header.judges.probabilities(weighed).row(0)[class]
        } else {
            self.header.judges.boilerplate.probabilities(&[text], &weighed.of_boilerplate, &[])[0]
        })
    }

    /// The features of a text that starts at `offset`, with their pull towards a class.
    ///
    /// The log-odds are a function of the score, which is a sum over the features. Along the straight line from no words
    /// to these, each feature adds its share of the score: its integrated gradient (Sundararajan, Taly and Yan 2017).
    fn evidence(&self, text: &str, offset: usize, class: usize, score: f64, own: f64) -> Vec<Evidence> {
        let mut spans: BTreeMap<u32, Vec<Range<usize>>> = BTreeMap::new();
        self.vocabulary.visit(text, |feature, span| {
            spans.entry(feature).or_default().push(offset + span.start..offset + span.end);
        });
        // Weights that cancel each other to the last unit leave nothing to share; then they are shown as they are.
        let share = if score == 0.0 { 1.0 } else { own / score };
        let scale = self.header.judges.scale.get(class).copied().unwrap_or(1.0);
        let unit = score::scale(spans.len()) / scale * share;
        let mut evidence: Vec<Evidence> = spans
            .into_iter()
            .map(|(feature, spans)| {
                let weight = self.weights.of(feature).get(class).copied().unwrap_or(0);
                Evidence { feature: self.vocabulary.text(feature), spans, log_odds: f64::from(weight) * unit }
            })
            .collect();
        evidence.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
        evidence
    }
}
