//! All that the figures of an article, or of several, are made from: enough to add them up without asking again.

use super::answers::Answered;
use super::count::{Count, overall};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    /// Over paragraphs, by topic.
    pub(super) topics: Vec<Count>,
    pub(super) boilerplate: Count,
    /// Over articles, by topic.
    articles: Vec<Count>,
    /// The squared errors of the probabilities, and how many there are.
    squares: f64,
    pairs: usize,
}

impl Tally {
    fn empty(topics: usize) -> Tally {
        let none = vec![Count::default(); topics];
        Tally { topics: none.clone(), boilerplate: Count::default(), articles: none, squares: 0.0, pairs: 0 }
    }

    /// The tally of one article.
    pub(super) fn new(article: &Answered, topics: usize) -> Tally {
        let mut tally = Tally::empty(topics);
        for paragraph in &article.paragraphs {
            tally.boilerplate.add(paragraph.boilerplate.carries, paragraph.boilerplate.given);
            for (count, pair) in tally.topics.iter_mut().zip(&paragraph.topics) {
                count.add(pair.carries, pair.given);
                let off = pair.probability - f64::from(u8::from(pair.carries));
                tally.squares += off * off;
                tally.pairs += 1;
            }
        }
        tally.articles.iter_mut().zip(&article.about).for_each(|(count, &(gold, given))| count.add(gold, given));
        tally
    }

    /// The tally of articles of which each counts so many times.
    pub(super) fn sum(articles: &[Tally], times: impl Fn(usize) -> usize) -> Tally {
        let mut sum = Tally::empty(articles.first().map_or(0, |tally| tally.topics.len()));
        for (i, article) in articles.iter().enumerate() {
            let times = times(i);
            let pairs =
                sum.topics.iter_mut().zip(&article.topics).chain(sum.articles.iter_mut().zip(&article.articles));
            pairs.for_each(|(count, other)| count.add_times(other, times));
            sum.boilerplate.add_times(&article.boilerplate, times);
            sum.squares += article.squares * times as f64;
            sum.pairs += article.pairs * times;
        }
        sum
    }

    /// Macro-F1 and micro-F1 over paragraphs.
    pub(super) fn topics(&self) -> (f64, f64) {
        overall(&self.topics)
    }

    /// The same over articles.
    pub(super) fn articles(&self) -> (f64, f64) {
        overall(&self.articles)
    }

    /// The mean squared error of the probabilities (Brier 1950).
    pub(super) fn brier(&self) -> f64 {
        self.squares / self.pairs.max(1) as f64
    }
}
