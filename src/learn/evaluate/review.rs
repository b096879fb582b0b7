//! Whether what the model would have reviewed is what it does badly.

use serde::Serialize;

use super::answers::{Answered, Answers};
use super::count::Count;

/// Articles parted by whether the model would have a person look at them, which their records say in `review`.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "NATO allies argued about defence spending again.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec!["nato".into()] }], false)];
/// let review = evaluate(&Model::shipped()?, &gold).review;
/// assert_eq!((review.share, review.without.articles, review.without.micro_f1), (0.0, 1, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Review {
    /// The part of the articles that are marked, from 0 to 1; 0 where there are no articles.
    pub share: f64,
    /// Those that are.
    pub with: Reviewed,
    /// The others.
    pub without: Reviewed,
}

/// Articles that are marked for review, or those that are not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reviewed {
    /// How many they are.
    pub articles: usize,
    /// Their F1 over all pairs of paragraph and topic, from 0 to 1; 1 where there are none.
    pub micro_f1: f64,
}

impl Review {
    pub(super) fn new(answers: &Answers) -> Review {
        let of = |marked: bool| {
            let articles: Vec<&Answered> = answers.articles.iter().filter(|article| article.review == marked).collect();
            let mut count = Count::default();
            let pairs = articles.iter().flat_map(|article| &article.paragraphs).flat_map(|p| &p.topics);
            pairs.for_each(|pair| count.add(pair.carries, pair.given));
            Reviewed { articles: articles.len(), micro_f1: count.f1() }
        };
        let (with, without) = (of(true), of(false));
        Review { share: with.articles as f64 / answers.articles.len().max(1) as f64, with, without }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn marked_articles_are_measured_apart() {
        let mut answers = answers(&[&["a:a"], &["a:a", "a:"], &["b:b"], &["c:c"]]);
        answers.articles[1].review = true;
        let with = Reviewed { articles: 1, micro_f1: 2.0 / 3.0 };
        let without = Reviewed { articles: 3, micro_f1: 1.0 };
        assert_eq!(Review::new(&answers), Review { share: 0.25, with, without });
    }
}
