//! How juries are trained: a judge a register, from the scores of text that the weights had not seen.

use super::corpus::{Corpus, FOLDS};
use super::logistic;
use super::samples::{Sample, Samples, by_document};
use crate::model::{BoilerplateInputs, Judge, Jury, TopicInputs, boilerplate_inputs, mean, topic_inputs};

/// Judges, each with the fold that it was trained on.
pub(super) struct Judges {
    judges: Vec<(usize, Judge)>,
}

/// What one judgement is learned from: the fold, what the judge is told, and the right answer.
type Row<const N: usize> = (usize, [f64; N], bool);

impl Judges {
    /// A judge who has seen fewer rows knows nothing.
    const FEWEST: usize = 200;

    /// One judge a fold that has both answers and enough of them; where no fold has, one judge of all.
    fn train<const N: usize>(rows: &[Row<N>]) -> Judges {
        let of = |fold: Option<usize>| -> Vec<([f64; N], bool)> {
            rows.iter().filter(|row| fold.is_none_or(|f| row.0 == f)).map(|&(_, x, y)| (x, y)).collect()
        };
        let judge = |fold| {
            let rows = of(Some(fold));
            (rows.len() >= Judges::FEWEST).then(|| logistic::fit(&rows)).flatten().map(|judge| (fold, judge))
        };
        let mut judges: Vec<_> = (0..FOLDS).filter_map(judge).collect();
        if judges.is_empty() {
            judges.extend(logistic::fit(&of(None)).map(|judge| (FOLDS, judge)));
        }
        Judges { judges }
    }

    /// All of them, for text that none has seen.
    pub(super) fn jury(&self) -> Jury {
        Jury { judges: self.judges.iter().map(|(_, judge)| judge.clone()).collect() }
    }

    /// What the judges say who have not seen this fold; where there is only one, it has to do.
    fn crossed(&self, fold: usize, inputs: &[f64]) -> f64 {
        let others = self.judges.iter().filter(|(f, _)| *f != fold || self.judges.len() == 1);
        mean(others.map(|(_, judge)| judge.probability(inputs)))
    }
}

/// Trains the boilerplate judges; with the probability of each paragraph, from judges who have not seen it.
pub(super) fn boilerplate(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>]) -> (Judges, Vec<f64>) {
    let mut inputs: Vec<BoilerplateInputs> = Vec::with_capacity(scores.len());
    by_document(corpus, |texts, range| {
        let own: Vec<f64> = scores[range].iter().map(|s| s[samples.topics]).collect();
        inputs.extend(boilerplate_inputs(texts, &own));
    });
    let all = || samples.all.iter().zip(&inputs);
    let rows: Vec<_> =
        all().filter(|(s, _)| !s.opening).map(|(s, inputs)| (s.fold, *inputs, s.is_boilerplate())).collect();
    let judges = Judges::train(&rows);
    let crossed = |(s, inputs): (&Sample, &BoilerplateInputs)| {
        if s.opening { 0.0 } else { judges.crossed(s.fold, inputs) }
    };
    let probabilities = all().map(crossed).collect();
    (judges, probabilities)
}

/// Trains the topic judges; with the probability of each topic for each paragraph, from judges who have not seen it.
pub(super) fn topics(
    corpus: &Corpus,
    samples: &Samples,
    scores: &[Vec<f64>],
    scale: &[f64],
    boilerplate: &[f64],
) -> (Judges, Vec<Vec<f64>>) {
    // The last score is boilerplate's, and has no scale.
    let scaled: Vec<Vec<f64>> =
        scores.iter().map(|s| s.iter().zip(scale).map(|(s, scale)| s / scale).collect()).collect();
    let mut inputs: Vec<Vec<TopicInputs>> = Vec::with_capacity(scores.len());
    by_document(corpus, |_, range| inputs.extend(topic_inputs(&scaled[range.clone()], &boilerplate[range])));
    let all = || samples.all.iter().zip(&inputs);
    let rows: Vec<_> = all()
        .filter(|(s, _)| samples.counts(s) && !s.is_boilerplate())
        .flat_map(|(s, inputs)| inputs.iter().zip(&s.labels).map(|(&inputs, &label)| (s.fold, inputs, label)))
        .collect();
    let judges = Judges::train(&rows);
    let crossed = |((s, inputs), p): ((&Sample, &Vec<TopicInputs>), &f64)| {
        inputs.iter().map(|inputs| judges.crossed(s.fold, inputs) * (1.0 - p)).collect()
    };
    let probabilities = all().zip(boilerplate).map(crossed).collect();
    (judges, probabilities)
}

/// The mean score of each topic where it is right; dividing by it lets one set of judges serve all topics.
pub(super) fn scale(samples: &Samples, scores: &[Vec<f64>]) -> Vec<f64> {
    let mean = |topic: usize, of: &dyn Fn(&Sample) -> bool| -> Option<f64> {
        let on_topic = samples.all.iter().zip(scores).filter(|(s, _)| s.labels[topic] && of(s));
        let own: Vec<f64> = on_topic.map(|(_, scores)| scores[topic]).collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        (mean > 0.0).then_some(mean)
    };
    // A topic that no article is about yet has its single paragraphs to go by.
    let of_topic = |t| mean(t, &|s| samples.counts(s)).or_else(|| mean(t, &|_| true));
    let known: Vec<Option<f64>> = (0..samples.topics).map(of_topic).collect();
    let found: Vec<f64> = known.iter().copied().flatten().collect();
    let typical = if found.is_empty() { 1.0 } else { found.iter().sum::<f64>() / found.len() as f64 };
    let rounded = |scale: f64| (scale * 1e9).round() / 1e9;
    known.into_iter().map(|scale| rounded(scale.unwrap_or(typical))).collect()
}
