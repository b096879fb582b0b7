//! Learning from text without labels: expectation-maximisation for the words (Nigam, McCallum, Thrun and Mitchell 2000),
//! and for how often topics come up (Saerens, Latinne and Decaestecker 2002).
//!
//! The teacher is the whole model, which reads articles: a paragraph that carries no word of its topic is labelled by its
//! thread, and so teaches words that single paragraphs never could.

use std::rc::Rc;

use super::corpus::Corpus;
use super::counts::Counts;
use super::fitted::{Beliefs, Fitted};
use super::samples::Samples;
use crate::article::Article;
use crate::error::Result;
use crate::model::{Chains, Judges, Profile, Shift, Verdict, Vocabulary, Weights, Words, parts};

/// How much the unlabelled text may count, as parts of the corpus.
const WEIGHTS: [f64; 3] = [0.02, 0.05, 0.1];

/// How much worse a fit may do on the corpus, which is no sample of the stream and shows only the harm: a standard error
/// of the difference between two fits, as a bootstrap of the shipped corpus by article gives it.
const STANDARD_ERROR: f64 = 0.0015;

/// How often expectation and maximisation take turns for each weight. The second turn changes little.
const ROUNDS: usize = 2;

/// How many fits are tried.
pub(super) const TRIALS: usize = WEIGHTS.len() * ROUNDS;

/// What a model learned, with or without unlabelled text.
pub(super) struct Learned {
    pub(super) fitted: Rc<Fitted>,
    /// The chains, with the stream's own shares of treatments.
    pub(super) chains: Chains,
    pub(super) trials: Vec<Trial>,
    /// How far the stream's labels are from the corpus's: a population stability index.
    pub(super) shift: f64,
}

/// One attempt to learn from unlabelled text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// What was learned.
    pub lesson: Lesson,
    /// How far the model's mind on the stream changed: the mean distance of its probabilities from those before.
    pub change: f64,
    /// Cross-validated macro-F1 on the corpus.
    pub macro_f1: f64,
    /// Whether it was taken, which is so for one of each lesson at most.
    pub taken: bool,
}

/// What can be learned from text without labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lesson {
    /// What the words mean.
    Words {
        /// How much all of the text counts, as a part of the corpus.
        weight: f64,
        /// Which round of expectation and maximisation it is, from 1.
        round: usize,
    },
    /// How often topics come up, and as what.
    BaseRates,
}

/// Learns from a stream, if there is one.
///
/// Nothing is learned from a stream that is about other things than the corpus: expectation-maximisation takes what it is
/// given for granted, and would make the model worse. Nor is anything taken that does worse on the corpus than what was
/// learned from labels, but for a standard error.
///
/// `step` is called as by [`Fitted::new`], for each of [`TRIALS`].
pub(super) fn learn(
    corpus: &Corpus,
    samples: &Samples,
    counts: &Counts,
    stream: &Stream,
    supervised: Fitted,
    mut step: impl FnMut(),
) -> Result<Learned> {
    let supervised = Rc::new(supervised);
    if stream.paragraphs == 0 {
        let chains = supervised.trained.judges(None).chains;
        return Ok(Learned { fitted: supervised, chains, trials: Vec::new(), shift: 0.0 });
    }
    let first = Rc::new(stream.judged(supervised.without(None)));
    let mut trials: Vec<Trial> = Vec::new();
    let shift = stream.profile(samples, &first, supervised.threshold).shift_from(&supervised.profile(samples)).labels;
    if shift > Shift::RETRAIN {
        let chains = supervised.trained.judges(None).chains;
        return Ok(Learned { fitted: supervised, chains, trials: Vec::new(), shift });
    }
    let lowest = supervised.macro_f1(corpus, samples) - STANDARD_ERROR;
    let (mut best, mut taken, mut bar) = (Rc::clone(&supervised), None, lowest);
    for weight in WEIGHTS {
        let (mut teachers, mut judged) = (Rc::clone(&supervised), Rc::clone(&first));
        for round in 1..=ROUNDS {
            let beliefs = stream.beliefs(samples, &teachers, &judged, weight);
            let pupil = Rc::new(Fitted::new(corpus, samples, counts, Some(&beliefs), &mut step)?);
            let now = Rc::new(stream.judged(pupil.without(None)));
            let (change, macro_f1) = (distance(&judged, &now), pupil.macro_f1(corpus, samples));
            if macro_f1 > bar {
                (bar, best, taken) = (macro_f1, Rc::clone(&pupil), Some(trials.len()));
            }
            trials.push(Trial { lesson: Lesson::Words { weight, round }, change, macro_f1, taken: false });
            (teachers, judged) = (pupil, now);
        }
    }
    if let Some(trial) = taken.and_then(|trial| trials.get_mut(trial)) {
        trial.taken = true;
    }
    let (weights, judges) = best.without(None);
    let adapted = stream.adapted(weights, &judges);
    let probabilities = best.trained.with_shares_of(samples, &adapted);
    let macro_f1 = best.macro_f1_of(corpus, samples, &probabilities);
    let before = stream.judged((weights, judges.clone()));
    let after = stream.judged((weights, Judges { chains: adapted.clone(), ..judges.clone() }));
    let taken = macro_f1 >= lowest;
    trials.push(Trial { lesson: Lesson::BaseRates, change: distance(&before, &after), macro_f1, taken });
    Ok(Learned { fitted: best, chains: if taken { adapted } else { judges.chains }, trials, shift })
}

/// The mean distance of two opinions on the same stream.
fn distance(a: &Judged, b: &Judged) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    let (sum, count) = pairs.fold((0.0, 0usize), |(sum, count), (a, b)| (sum + (a - b).abs(), count + 1));
    sum / count.max(1) as f64
}

/// Articles without labels, as features.
pub(super) struct Stream<'a> {
    articles: Vec<Unlabelled<'a>>,
    paragraphs: usize,
    /// How many features the vocabulary has.
    features: usize,
}

struct Unlabelled<'a> {
    texts: Vec<&'a str>,
    features: Vec<Vec<u32>>,
}

/// For each paragraph of a stream, the probability of each topic and, as the last, of boilerplate.
type Judged = Vec<Vec<f64>>;

impl Stream<'_> {
    pub(super) fn of<'a>(articles: &'a [Article], vocabulary: &Vocabulary) -> Stream<'a> {
        let read = |article: &'a Article| {
            let texts: Vec<&str> = article.paragraphs().collect();
            let features = texts.iter().map(|text| vocabulary.features(text)).collect();
            Unlabelled { texts, features }
        };
        let articles: Vec<Unlabelled> = articles.iter().map(read).collect();
        let paragraphs = articles.iter().map(|a| a.texts.len()).sum();
        Stream { articles, paragraphs, features: vocabulary.len() }
    }

    pub(super) fn paragraphs(&self) -> usize {
        self.paragraphs
    }

    /// What every teacher of a fit believes of this stream, as counts of features; all of it together weighs as much as
    /// `weight` times the corpus. `judged` is what those say who have seen the whole corpus.
    fn beliefs(&self, samples: &Samples, teachers: &Fitted, judged: &Judged, weight: f64) -> Beliefs {
        let each = weight * samples.all.len() as f64 / self.paragraphs.max(1) as f64;
        let counts = |judged: &Judged| self.counts(judged, &balance(judged, &samples.label_shares()), each);
        let others = (0..samples.folds).map(|fold| counts(&self.judged(teachers.without(Some(fold)))));
        others.chain([counts(judged)]).collect()
    }

    /// What it looks like to a teacher, as far as labels go.
    fn profile(&self, samples: &Samples, judged: &Judged, threshold: f64) -> Profile {
        let mut profile = Profile::new(samples.topics);
        let verdict = |row: &Vec<f64>| {
            let (topics, boilerplate) = row.split_at(samples.topics);
            Verdict::new(boilerplate[0], topics.to_vec(), threshold, Words::default())
        };
        profile.observe(&judged.iter().map(verdict).collect::<Vec<Verdict>>());
        profile
    }

    /// What a teacher says of each paragraph.
    fn judged(&self, (weights, judges): (&Weights, Judges)) -> Judged {
        let mut all = Vec::with_capacity(self.paragraphs);
        for article in &self.articles {
            let scores = article.features.iter().map(|features| weights.scores(features)).collect();
            let weighed = judges.weigh(&article.texts, scores);
            let topics = judges.probabilities(&weighed);
            all.extend(topics.into_iter().zip(&weighed.boilerplate).map(|(mut row, &boilerplate)| {
                row.push(boilerplate);
                row
            }));
        }
        all
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
    fn adapted(&self, weights: &Weights, judges: &Judges) -> Chains {
        const ROUNDS: usize = 10;
        let mut chains = judges.chains.clone();
        let weighed: Vec<_> = self
            .articles
            .iter()
            .map(|article| {
                let scores = article.features.iter().map(|features| weights.scores(features)).collect();
                judges.weigh(&article.texts, scores)
            })
            .collect();
        for _ in 0..ROUNDS {
            let mut shares = vec![1.0; chains.treatments.len()];
            for article in &weighed {
                for treated in chains.threads(&article.scores, &parts(&article.boilerplate)).treated {
                    shares.iter_mut().zip(treated).for_each(|(share, part)| *share += part);
                }
            }
            let all: f64 = shares.iter().sum();
            for (treatment, share) in chains.treatments.iter_mut().zip(shares) {
                treatment.share = ((share / all) * 1e9).round() / 1e9;
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
