//! Why a paragraph was labelled as it was: which words, where, pulled which way, and what its article added.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Model, log_odds, score};
use crate::article::Article;

/// One feature's pull.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The word, or the two words, as the model knows them.
    pub feature: String,
    /// Where it stands: byte ranges of the article's text.
    pub spans: Vec<Range<usize>>,
    /// What it adds to the paragraph's own score: its log-odds, shared among the paragraph's features.
    pub log_odds: f64,
}

/// Why one paragraph was, or nearly was, given one topic.
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
    /// The paragraph's own score: exactly the sum of the evidence.
    pub own: f64,
    /// What the judges were told beside it, by name: the scores of its surroundings.
    pub context: Vec<(&'static str, f64)>,
    /// The features, the strongest pull first.
    pub evidence: Vec<Evidence>,
}

/// What is less probable than this is not worth explaining.
const WORTH: f64 = 0.05;

impl Model {
    /// Explains every topic that a paragraph was given, or that was probable enough to be thought of.
    ///
    /// ```
    /// use disputed::{Article, Model};
    /// let article = Article::from_paragraphs(["NATO allies argued about defence spending."], false);
    /// let explanations = Model::shipped()?.explain(&article);
    /// let strongest = &explanations[0].evidence[0];
    /// assert_eq!((explanations[0].topic.as_str(), strongest.feature.as_str()), ("nato", "nato"));
    /// assert_eq!(strongest.spans, [0..4]);
    /// # Ok::<(), disputed::Error>(())
    /// ```
    pub fn explain(&self, article: &Article) -> Vec<Explanation> {
        let texts: Vec<&str> = article.paragraphs().collect();
        let boilerplate = self.topics().len();
        let mut explanations = Vec::new();
        for (i, (weighed, span)) in self.weigh(&texts).into_iter().zip(article.spans()).enumerate() {
            let inputs = weighed.inputs.clone();
            let verdict = self.decide(weighed);
            let explain = |class: usize, name: &str, log_odds, given, context| {
                let evidence = self.evidence(texts[i], span.start, class);
                let own = evidence.iter().map(|e| e.log_odds).sum();
                Explanation { paragraph: i, topic: name.to_string(), log_odds, given, own, context, evidence }
            };
            if verdict.boilerplate {
                explanations.push(explain(boilerplate, "boilerplate", verdict.boilerplate_log_odds, true, Vec::new()));
                continue;
            }
            let mut worth: Vec<usize> = (0..boilerplate)
                .filter(|&t| verdict.log_odds[t] >= log_odds(WORTH) || verdict.topics.contains(&t))
                .collect();
            worth.sort_by(|&a, &b| verdict.log_odds[b].total_cmp(&verdict.log_odds[a]));
            for topic in worth {
                let [_, near, mean, title, rival] = inputs[topic];
                let context = vec![("neighbours", near), ("article", mean), ("title", title), ("rival", rival)];
                let given = verdict.topics.contains(&topic);
                explanations.push(explain(topic, &self.topics()[topic], verdict.log_odds[topic], given, context));
            }
        }
        explanations
    }

    /// The features of a text that starts at `offset`, with their pull towards a class.
    fn evidence(&self, text: &str, offset: usize, class: usize) -> Vec<Evidence> {
        let mut spans: BTreeMap<u32, Vec<Range<usize>>> = BTreeMap::new();
        self.vocabulary.visit(text, |feature, span| {
            spans.entry(feature).or_default().push(offset + span.start..offset + span.end);
        });
        let unit = score::scale(spans.len());
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
