//! Articles without labels, and what a teacher makes of them.

use super::fitted::{Beliefs, Fitted};
use super::samples::Samples;
use crate::article::Article;
use crate::model::{Chains, Judges, Profile, Rows, Verdict, Vocabulary, Weighed, Weights, Words, parts, rounded};

/// Articles without labels, as features.
pub(super) struct Stream<'a> {
    articles: Vec<Unlabelled<'a>>,
    /// How many there are in all.
    paragraphs: usize,
    /// How many features the vocabulary has.
    features: usize,
}

/// An article of it: its paragraphs, and the features of each.
struct Unlabelled<'a> {
    texts: Vec<&'a str>,
    features: Vec<Vec<u32>>,
}

/// For each paragraph of a stream, the probability of each topic and, as the last, of boilerplate.
pub(super) type Judged = Vec<Vec<f64>>;

impl Stream<'_> {
    /// The articles in the language of the model; what is in another would only be unknown words.
    pub(super) fn of<'a>(articles: &'a [Article<'a>], language: Option<&str>, vocabulary: &Vocabulary) -> Stream<'a> {
        let is_ours =
            |article: &&Article<'_>| language.is_none() || article.language.is_none() || article.language == language;
        let read = |article: &'a Article<'a>| {
            let texts: Vec<&str> = article.paragraphs().collect();
            let features = texts.iter().map(|text| vocabulary.features(text)).collect();
            Unlabelled { texts, features }
        };
        let articles: Vec<Unlabelled> = articles.iter().filter(is_ours).map(read).collect();
        let paragraphs = articles.iter().map(|a| a.texts.len()).sum();
        Stream { articles, paragraphs, features: vocabulary.len() }
    }

    pub(super) fn paragraphs(&self) -> usize {
        self.paragraphs
    }

    /// What every teacher of a fit believes of this stream, as counts of features; all of it together weighs as much as
    /// `weight` times the corpus. `judged` is what those say who have seen the whole corpus.
    pub(super) fn beliefs(&self, samples: &Samples, teachers: &Fitted, judged: &Judged, weight: f64) -> Beliefs {
        let each = weight * samples.all.len() as f64 / self.paragraphs.max(1) as f64;
        let shares = samples.label_shares();
        let counts = |judged: &Judged| self.counts(judged, &balance(judged, &shares), each);
        let others = (0..samples.folds).map(|fold| counts(&self.judged(teachers.without(Some(fold)))));
        others.chain([counts(judged)]).collect()
    }

    /// What it looks like to a teacher, as far as labels go.
    pub(super) fn profile(&self, samples: &Samples, judged: &Judged, threshold: f64) -> Profile {
        let mut profile = Profile::new(samples.topics);
        let verdict = |row: &Vec<f64>| {
            let (topics, boilerplate) = row.split_at(samples.topics);
            Verdict::new(boilerplate[0], topics, threshold, Words::default())
        };
        profile.observe(&judged.iter().map(verdict).collect::<Vec<Verdict>>());
        profile
    }

    /// What a teacher says of each paragraph.
    pub(super) fn judged(&self, (weights, judges): (&Weights, Judges)) -> Judged {
        let mut all = Vec::with_capacity(self.paragraphs);
        for weighed in self.weighed(weights, &judges) {
            let topics = judges.probabilities(&weighed);
            all.extend(
                topics.rows().zip(&weighed.boilerplate).map(|(row, &boilerplate)| [row, &[boilerplate]].concat()),
            );
        }
        all
    }

    fn weighed(&self, weights: &Weights, judges: &Judges) -> impl Iterator<Item = Weighed> {
        self.articles.iter().map(move |article| {
            let scores: Vec<Vec<f64>> = article.features.iter().map(|features| weights.scores(features)).collect();
            judges.weigh(&article.texts, &Rows::of(&scores), &[])
        })
    }

    /// In how many paragraphs, or parts of them, each feature stands: by class, and altogether.
    fn counts(&self, judged: &Judged, balance: &[f64], each: f64) -> Vec<Vec<f64>> {
        let classes = judged.first().map_or(0, Vec::len);
        let mut counts = vec![vec![0.0; self.features]; classes + 1];
        let rows = self.articles.iter().flat_map(|a| &a.features).zip(judged).zip(balance);
        for ((features, row), balance) in rows {
            for (counts, part) in counts.iter_mut().zip(row.iter().chain([&1.0])) {
                let part = part * balance * each;
                features.iter().for_each(|&f| counts[f as usize] += part);
            }
        }
        counts
    }

    /// The chains with the shares of treatments that this stream has: each round takes the mean of what the chains make
    /// of its articles, until that is what they expect.
    pub(super) fn adapted(&self, (weights, judges): (&Weights, &Judges)) -> Chains {
        const ROUNDS: usize = 10;
        let mut chains = judges.chains.clone();
        let weighed: Vec<Weighed> = self.weighed(weights, judges).collect();
        for _ in 0..ROUNDS {
            let mut shares = vec![1.0; chains.treatments.len()];
            for article in &weighed {
                for treated in chains.threads(&article.scores, &parts(&article.boilerplate)).treated.rows() {
                    shares.iter_mut().zip(treated).for_each(|(share, part)| *share += part);
                }
            }
            let all: f64 = shares.iter().sum();
            for (treatment, share) in chains.treatments.iter_mut().zip(shares) {
                treatment.share = rounded(share / all);
            }
        }
        chains
    }
}

/// How much each paragraph counts, so that every label has the part of the stream that it has of the corpus.
///
/// Without it a stream that is mostly about other things teaches that everything is: expectation-maximisation takes the
/// mix of what it is given for granted. `shares` are the corpus's, of each class and of none.
fn balance(judged: &Judged, shares: &[f64]) -> Vec<f64> {
    let soft: Vec<Vec<f64>> = judged
        .iter()
        .map(|row| {
            let none: f64 = row.iter().map(|p| 1.0 - p).product();
            let all = row.iter().sum::<f64>() + none;
            row.iter().chain([&none]).map(|p| p / all).collect()
        })
        .collect();
    let mean = |class: usize| soft.iter().map(|row| row[class]).sum::<f64>() / soft.len().max(1) as f64;
    // A label that the stream hardly has is not blown up beyond this.
    const MOST: f64 = 10.0;
    let factors: Vec<f64> = shares.iter().enumerate().map(|(c, share)| (share / mean(c).max(1e-9)).min(MOST)).collect();
    soft.iter().map(|row| row.iter().zip(&factors).map(|(p, factor)| p * factor).sum()).collect()
}

/// The mean distance of two opinions on the same stream.
pub(super) fn distance(a: &Judged, b: &Judged) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    let (sum, count) = pairs.fold((0.0, 0usize), |(sum, count), (a, b)| (sum + (a - b).abs(), count + 1));
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balance_gives_every_label_its_part_of_the_corpus() {
        // Three paragraphs on the topic, one on nothing, none boilerplate; in the corpus half are on it.
        let judged = vec![vec![1.0, 0.0], vec![1.0, 0.0], vec![1.0, 0.0], vec![0.0, 0.0]];
        let weights = balance(&judged, &[0.5, 0.0, 0.5]);
        assert_eq!(weights, [2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 2.0]);
        assert_eq!(
            balance(&vec![vec![0.0, 0.001]; 2], &[0.0, 1.0, 0.0])[0].round(),
            0.0,
            "nothing is blown up beyond tenfold"
        );
        assert!(balance(&Vec::new(), &[0.5, 0.0, 0.5]).is_empty());
    }

    #[test]
    fn minds_that_agree_have_no_distance() {
        let (a, b) = (vec![vec![0.5, 0.25]], vec![vec![0.25, 0.25]]);
        assert_eq!((distance(&a, &a), distance(&a, &b), distance(&Vec::new(), &Vec::new())), (0.0, 0.125, 0.0));
    }

    #[test]
    fn articles_in_another_language_are_left_out() {
        let mut articles =
            vec![Article::from_paragraphs(["Guten Tag"], false), Article::from_paragraphs(["Good day"], false)];
        articles[0].language = Some("de");
        let vocabulary = super::super::vocabulary::learn([].into_iter()).expect("a vocabulary");
        let paragraphs = |language| Stream::of(&articles, language, &vocabulary).paragraphs();
        assert_eq!((paragraphs(Some("en")), paragraphs(None)), (1, 2));
    }
}
