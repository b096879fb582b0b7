//! How the judges are trained, from the scores of text that the weights had not seen.

use std::ops::Range;

use super::chains::{self, Course};
use super::corpus::Corpus;
use super::panel::Panel;
use super::samples::{Sample, Samples};
use crate::model::{
    AloneInputs, AroundInputs, Boilerplate, Chains, Judges, Rows, TopicInputs, alone_inputs, around_inputs, parts,
    rounded, scaled, topic_inputs, unsure,
};

/// The judges, and what they say of paragraphs that they have not seen.
pub(super) struct Trained {
    alone: Panel,
    around: Panel,
    scale: Vec<f64>,
    /// The scores of each paragraph, scaled, by weights that have not seen it.
    scores: Vec<Vec<f64>>,
    /// By the fold that was left out; the last has seen all.
    chains: Vec<Chains>,
    topics: Panel,
    /// The probability of each paragraph to be no part of its article.
    pub(super) boilerplate: Vec<f64>,
    /// The probability of each topic for each paragraph.
    pub(super) probabilities: Vec<Vec<f64>>,
}

impl Trained {
    /// The judges who have not seen the fold, or all of them.
    pub(super) fn judges(&self, without: Option<usize>) -> Judges {
        Judges {
            boilerplate: Boilerplate { alone: self.alone.jury(without), around: self.around.jury(without) },
            scale: self.scale.clone(),
            chains: self.chains[without.unwrap_or(self.chains.len() - 1)].clone(),
            topics: self.topics.jury(without),
        }
    }

    /// The probabilities if articles treated topics as often in each way as in these chains.
    pub(super) fn with_shares_of(&self, samples: &Samples, chains: &Chains) -> Vec<Vec<f64>> {
        let chains: Vec<Chains> = self.chains.iter().map(|ours| ours.with_shares_of(chains)).collect();
        crossed(samples, &inputs(samples, &self.scores, &self.boilerplate, &chains), &self.topics, &self.boilerplate)
    }
}

/// Trains all judges. `scores[i]` are those of sample i, by weights that have not seen it.
pub(super) fn train(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>]) -> Trained {
    let (alone, around, boilerplate) = boilerplate(corpus, samples, scores);
    let scale = scale(samples, scores);
    let mut topic_scores = scores.to_vec();
    topic_scores.iter_mut().for_each(|scores| scaled(scores, &scale));
    topic_scores.iter_mut().for_each(|scores| scores.truncate(samples.topics));

    let courses = Course::all(samples, &topic_scores);
    let chains: Vec<Chains> =
        (0..samples.folds).map(Some).chain([None]).map(|fold| chains::fit(&courses, fold)).collect();
    let inputs = inputs(samples, &topic_scores, &boilerplate, &chains);
    let content = samples.all.iter().zip(&inputs).filter(|(s, _)| samples.counts(s) && !s.is_boilerplate());
    let rows: Vec<_> = content
        .flat_map(|(s, inputs)| inputs.iter().zip(&s.labels).map(|(&inputs, &label)| (s.fold, inputs, label)))
        .collect();
    let topics = Panel::train(&rows);
    let probabilities = crossed(samples, &inputs, &topics, &boilerplate);
    Trained { alone, around, scale, scores: topic_scores, chains, topics, boilerplate, probabilities }
}

/// What the judges of topics are told of each paragraph, by chains that have not seen it.
fn inputs(samples: &Samples, scores: &[Vec<f64>], boilerplate: &[f64], chains: &[Chains]) -> Vec<Vec<TopicInputs>> {
    let mut inputs: Vec<Vec<TopicInputs>> = Vec::with_capacity(scores.len());
    for range in samples.documents() {
        let (scores, parts) = (Rows::of(&scores[range.clone()]), parts(&boilerplate[range.clone()]));
        let threads = chains[samples.all[range.start].fold].threads(&scores, &parts);
        inputs.extend(scores.rows().zip(threads.on.rows()).map(|(scores, on)| topic_inputs(scores, on).collect()));
    }
    inputs
}

/// The probability of each topic for each paragraph, from judges who have not seen it.
fn crossed(samples: &Samples, inputs: &[Vec<TopicInputs>], topics: &Panel, boilerplate: &[f64]) -> Vec<Vec<f64>> {
    let crossed = |((s, inputs), p): ((&Sample, &Vec<TopicInputs>), &f64)| {
        inputs.iter().map(|inputs| topics.crossed(s.fold, inputs) * (1.0 - p)).collect()
    };
    samples.all.iter().zip(inputs).zip(boilerplate).map(crossed).collect()
}

/// The judges of boilerplate, and the probability of each paragraph, from judges who have not seen it.
fn boilerplate(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>]) -> (Panel, Panel, Vec<f64>) {
    let inputs = alone_inputs(corpus.texts().zip(scores.iter().map(|scores| scores[samples.topics])));
    let all = || samples.all.iter().zip(&inputs);
    let rows: Vec<_> =
        all().filter(|(s, _)| !s.opening).map(|(s, &inputs)| (s.fold, inputs, s.is_boilerplate())).collect();
    let alone = Panel::train(&rows);
    let crossed = |(s, inputs): (&Sample, &AloneInputs)| if s.opening { 0.0 } else { alone.crossed(s.fold, inputs) };
    let mut probabilities: Vec<f64> = all().map(crossed).collect();

    let unsure_ones = |range: &Range<usize>| -> Vec<(usize, AroundInputs)> {
        let around = around_inputs(&inputs[range.clone()], &probabilities[range.clone()]);
        let absolute = around.into_iter().map(|(i, inputs)| (range.start + i, inputs));
        absolute.filter(|&(i, _)| !samples.all[i].opening).collect()
    };
    let rest: Vec<(usize, AroundInputs)> = samples.documents().iter().flat_map(unsure_ones).collect();
    let row = |&(i, inputs): &(usize, AroundInputs)| (samples.all[i].fold, inputs, samples.all[i].is_boilerplate());
    let around = Panel::train(&rest.iter().map(row).collect::<Vec<_>>());
    for (i, inputs) in rest {
        probabilities[i] = unsure(around.crossed(samples.all[i].fold, &inputs));
    }
    (alone, around, probabilities)
}

/// The mean score of each topic where it is right; dividing by it lets one set of judges serve all topics.
fn scale(samples: &Samples, scores: &[Vec<f64>]) -> Vec<f64> {
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
    known.into_iter().map(|scale| rounded(scale.unwrap_or(typical))).collect()
}
