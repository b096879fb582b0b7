//! Learning from text without labels: expectation-maximisation for the words (Nigam, McCallum, Thrun and Mitchell 2000),
//! and for how often topics come up (Saerens, Latinne and Decaestecker 2002).
//!
//! The teacher is the whole model, which reads articles: a paragraph that carries no word of its topic is labelled by its
//! thread, and so teaches words that single paragraphs never could.

use std::rc::Rc;

use super::corpus::Corpus;
use super::counts::Counts;
use super::fitted::Fitted;
use super::samples::Samples;
use super::stream::{Stream, distance};
use crate::error::Result;
use crate::model::{Chains, Judges, Shift};

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
    if stream.paragraphs() == 0 {
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
    let (mut best, mut taken, mut bar) = ((Rc::clone(&supervised), Rc::clone(&first)), None, lowest);
    for weight in WEIGHTS {
        let (mut teachers, mut judged) = (Rc::clone(&supervised), Rc::clone(&first));
        for round in 1..=ROUNDS {
            let beliefs = stream.beliefs(samples, &teachers, &judged, weight);
            let pupil = Rc::new(Fitted::new(corpus, samples, counts, Some(&beliefs), &mut step)?);
            let now = Rc::new(stream.judged(pupil.without(None)));
            let (change, macro_f1) = (distance(&judged, &now), pupil.macro_f1(corpus, samples));
            if macro_f1 > bar {
                (bar, best, taken) = (macro_f1, (Rc::clone(&pupil), Rc::clone(&now)), Some(trials.len()));
            }
            trials.push(Trial { lesson: Lesson::Words { weight, round }, change, macro_f1, taken: false });
            (teachers, judged) = (pupil, now);
        }
    }
    if let Some(trial) = taken.and_then(|trial| trials.get_mut(trial)) {
        trial.taken = true;
    }
    let (best, before) = best;
    let (weights, judges) = best.without(None);
    let adapted = stream.adapted((weights, &judges));
    let probabilities = best.trained.with_shares_of(samples, &adapted);
    let macro_f1 = best.macro_f1_of(corpus, samples, &probabilities);
    let after = stream.judged((weights, Judges { chains: adapted.clone(), ..judges.clone() }));
    let taken = macro_f1 >= lowest;
    trials.push(Trial { lesson: Lesson::BaseRates, change: distance(&before, &after), macro_f1, taken });
    Ok(Learned { fitted: best, chains: if taken { adapted } else { judges.chains }, trials, shift })
}
