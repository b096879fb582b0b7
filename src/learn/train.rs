//! Corpus to model file: the whole of training as one flow.

use std::collections::BTreeMap;

use super::corpus::{BOILERPLATE, Corpus, FOLDS};
use super::evaluate::f1;
use super::{fit, logistic, vocabulary};
use crate::error::Result;
use crate::model::{
    Header, Jury, Model, SelfTest, TOKENIZER, Training, Vocabulary, Weights, boilerplate_inputs, is_opening, to_units,
    topic_inputs,
};

/// The expected number of wrong labels a paragraph from which a person should look. On the corpus this sends a third of
/// the articles to review, and they hold two thirds of the wrong article topics.
const REVIEW_ABOVE: f64 = 0.3;

/// Trains a model; the bytes are those of its file. The same corpus gives the same bytes.
///
/// `progress` is called with the number of steps done and of all steps.
///
/// # Errors
/// An [`Error`](crate::Error) where the fit fails, which is a bug.
///
/// ```no_run
/// use std::path::Path;
/// use disputed::learn::{Corpus, train};
/// let corpus = Corpus::read(Path::new("corpus"))?;
/// let bytes = train(&corpus, "disputes-en", |_, _| {})?;
/// # Ok::<(), disputed::Error>(())
/// ```
pub fn train(corpus: &Corpus, name: &str, mut progress: impl FnMut(usize, usize)) -> Result<Vec<u8>> {
    const STEPS: usize = FOLDS + 3;
    let mut done = 0;
    let mut step = || {
        progress(done, STEPS);
        done += 1;
    };
    step();
    let texts = corpus.documents.iter().flat_map(|d| &d.paragraphs).map(|p| p.text.as_str());
    let vocabulary = vocabulary::learn(texts)?;
    let samples = Samples::of(corpus, &vocabulary);
    let counts = Counts::of(&samples, vocabulary.len());

    // Judges must learn from scores as they are on unseen text, so every part is scored by a fit of the others.
    let mut scores = vec![Vec::new(); samples.all.len()];
    for fold in 0..FOLDS {
        step();
        let weights = counts.without(fold).weights()?;
        for (sample, scores) in samples.all.iter().zip(&mut scores).filter(|(sample, _)| sample.fold == fold) {
            *scores = weights.scores(&sample.features);
        }
    }
    step();
    let weights = counts.all().weights()?;
    step();
    let boilerplate = Bench::new(&boilerplate_rows(corpus, &samples, &scores));
    let crossed_boilerplate = boilerplate_probabilities(corpus, &samples, &scores, &boilerplate);
    let scale = scale(&samples, &scores);
    let inputs = scaled_inputs(corpus, &samples, &scores, &scale, &crossed_boilerplate);
    let topics = Bench::new(&topic_rows(&samples, &inputs));
    let crossed = crossed_topics(&samples, &inputs, &topics, &crossed_boilerplate);
    let threshold = expected_f1_threshold(&samples, &crossed);

    let options = [("prior", fit::PRIOR), ("fewest", f64::from(vocabulary::FEWEST)), ("folds", FOLDS as f64)];
    let header = Header {
        name: name.to_string(),
        tokenizer: TOKENIZER.to_string(),
        topics: corpus.topics.clone(),
        words: vocabulary.words().len(),
        pairs: vocabulary.pairs().len(),
        training: Training {
            corpus: corpus.digest.clone(),
            paragraphs: samples.all.len(),
            in_articles: samples.all.iter().filter(|s| s.in_article).count(),
            labels: corpus.counts(),
            options: options.map(|(name, value)| (name.to_string(), value)).into(),
            figures: figures(corpus, &samples, &crossed, &crossed_boilerplate, threshold),
        },
        scale,
        topic_jury: topics.jury(),
        boilerplate_jury: boilerplate.jury(),
        threshold,
        review_above: REVIEW_ABOVE,
        self_test: SelfTest { paragraphs: self_test_paragraphs(corpus), log_odds: Vec::new() },
    };
    Ok(Model::seal(header, vocabulary, weights))
}

/// A paragraph as training sees it.
struct Sample {
    fold: usize,
    in_article: bool,
    /// The first of several, which is never boilerplate.
    opening: bool,
    features: Vec<u32>,
    /// For each topic, and last for boilerplate, whether it has that label.
    labels: Vec<bool>,
}

impl Sample {
    fn is_boilerplate(&self) -> bool {
        self.labels.last() == Some(&true)
    }
}

/// All paragraphs, document by document.
struct Samples {
    all: Vec<Sample>,
    topics: usize,
    /// Whether the judges of topics learn from articles only: where there are any, single paragraphs, which have no
    /// context, would teach them to mistrust it.
    articles_only: bool,
}

impl Samples {
    fn of(corpus: &Corpus, vocabulary: &Vocabulary) -> Samples {
        let mut all = Vec::new();
        for document in &corpus.documents {
            let paragraphs = document.paragraphs.len();
            for (i, paragraph) in document.paragraphs.iter().enumerate() {
                let has = |label: &String| paragraph.labels.contains(label);
                let labels = corpus.topics.iter().chain([&BOILERPLATE.to_string()]).map(has).collect();
                let features = vocabulary.features(&paragraph.text);
                let opening = is_opening(i, paragraphs);
                all.push(Sample { fold: document.fold, in_article: paragraphs > 1, opening, features, labels });
            }
        }
        let articles_only = all.iter().any(|s| s.in_article);
        Samples { all, topics: corpus.topics.len(), articles_only }
    }

    /// Whether the judges of topics learn from this paragraph, and the figures count it.
    fn counts(&self, sample: &Sample) -> bool {
        sample.in_article || !self.articles_only
    }
}

/// In how many paragraphs of each fold each feature stands: with each label, and altogether.
struct Counts {
    features: usize,
    /// By fold, then by class; the last class is all paragraphs.
    folds: Vec<Vec<Vec<u32>>>,
}

impl Counts {
    fn of(samples: &Samples, features: usize) -> Counts {
        let mut folds = vec![vec![vec![0; features]; samples.topics + 2]; FOLDS];
        for sample in &samples.all {
            let classes = &mut folds[sample.fold];
            let labels = sample.labels.iter().chain([&true]);
            for (class, _) in classes.iter_mut().zip(labels).filter(|(_, has)| **has) {
                sample.features.iter().for_each(|&f| class[f as usize] += 1);
            }
        }
        Counts { features, folds }
    }

    fn all(&self) -> Summed {
        self.sum(|_| true)
    }

    fn without(&self, fold: usize) -> Summed {
        self.sum(|f| f != fold)
    }

    fn sum(&self, of: impl Fn(usize) -> bool) -> Summed {
        let mut sum = vec![vec![0; self.features]; self.folds[0].len()];
        for (_, fold) in self.folds.iter().enumerate().filter(|(f, _)| of(*f)) {
            for (sum, counts) in sum.iter_mut().flatten().zip(fold.iter().flatten()) {
                *sum += counts;
            }
        }
        Summed(sum)
    }
}

/// Counts by class; the last is of all paragraphs.
struct Summed(Vec<Vec<u32>>);

impl Summed {
    fn weights(&self) -> Result<Weights> {
        let Some((all, classes)) = self.0.split_last() else { return Err(crate::Error::Internal("naive Bayes fit")) };
        let fitted = classes.iter().map(|class| fit::weights(class, all)).collect::<Result<Vec<_>>>()?;
        // Fixed point, before anything is learned from it: the last bits of a logarithm differ between machines.
        let units = (0..all.len()).flat_map(|f| fitted.iter().map(move |class| to_units(class[f]))).collect();
        Weights::new(classes.len(), units).ok_or(crate::Error::Internal("naive Bayes fit"))
    }
}

/// Judges, each with the fold that it was trained on.
struct Bench {
    judges: Vec<(usize, crate::model::Judge)>,
}

impl Bench {
    /// A judge who has seen fewer rows knows nothing.
    const FEWEST: usize = 200;

    /// One judge a fold that has both answers and enough of them; where no fold has, one judge of all.
    fn new<const N: usize>(rows: &[(usize, [f64; N], bool)]) -> Bench {
        let of = |fold: Option<usize>| -> Vec<([f64; N], bool)> {
            rows.iter().filter(|row| fold.is_none_or(|f| row.0 == f)).map(|&(_, x, y)| (x, y)).collect()
        };
        let judge = |fold| {
            let rows = of(Some(fold));
            (rows.len() >= Bench::FEWEST).then(|| logistic::fit(&rows)).flatten().map(|judge| (fold, judge))
        };
        let mut judges: Vec<_> = (0..FOLDS).filter_map(judge).collect();
        if judges.is_empty() {
            judges.extend(logistic::fit(&of(None)).map(|judge| (FOLDS, judge)));
        }
        Bench { judges }
    }

    fn jury(&self) -> Jury {
        Jury { judges: self.judges.iter().map(|(_, judge)| judge.clone()).collect() }
    }

    /// What the judges say who have not seen this fold; where there is only one, it has to do.
    fn crossed(&self, fold: usize, inputs: &[f64]) -> f64 {
        let others = self.judges.iter().filter(|(f, _)| *f != fold || self.judges.len() == 1);
        let votes: Vec<f64> = others.map(|(_, judge)| judge.probability(inputs)).collect();
        votes.iter().sum::<f64>() / votes.len().max(1) as f64
    }
}

/// Calls `visit` with each document's paragraphs and where they stand among all.
fn by_document<'a>(corpus: &'a Corpus, mut visit: impl FnMut(&[&'a str], std::ops::Range<usize>)) {
    let mut start = 0;
    for document in &corpus.documents {
        let texts: Vec<&str> = document.paragraphs.iter().map(|p| p.text.as_str()).collect();
        visit(&texts, start..start + texts.len());
        start += texts.len();
    }
}

fn all_boilerplate_inputs(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>]) -> Vec<[f64; 6]> {
    let mut inputs = Vec::with_capacity(scores.len());
    by_document(corpus, |texts, range| {
        let own: Vec<f64> = scores[range].iter().map(|s| s[samples.topics]).collect();
        inputs.extend(boilerplate_inputs(texts, &own));
    });
    inputs
}

fn boilerplate_rows(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>]) -> Vec<(usize, [f64; 6], bool)> {
    let inputs = all_boilerplate_inputs(corpus, samples, scores);
    let rows = samples.all.iter().zip(inputs).filter(|(s, _)| !s.opening);
    rows.map(|(s, inputs)| (s.fold, inputs, s.is_boilerplate())).collect()
}

fn boilerplate_probabilities(corpus: &Corpus, samples: &Samples, scores: &[Vec<f64>], bench: &Bench) -> Vec<f64> {
    let inputs = all_boilerplate_inputs(corpus, samples, scores);
    let probability = |(s, inputs): (&Sample, [f64; 6])| if s.opening { 0.0 } else { bench.crossed(s.fold, &inputs) };
    samples.all.iter().zip(inputs).map(probability).collect()
}

/// The mean score of each topic where it is right; dividing by it lets one set of judges serve all topics.
fn scale(samples: &Samples, scores: &[Vec<f64>]) -> Vec<f64> {
    let mean = |topic: usize, of: &dyn Fn(&Sample) -> bool| -> Option<f64> {
        let own = samples.all.iter().zip(scores).filter(|(s, _)| s.labels[topic] && of(s)).map(|(_, s)| s[topic]);
        let own: Vec<f64> = own.collect();
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

/// What the topic judges are told, paragraph by paragraph and topic by topic.
fn scaled_inputs(
    corpus: &Corpus,
    samples: &Samples,
    scores: &[Vec<f64>],
    scale: &[f64],
    boilerplate: &[f64],
) -> Vec<Vec<[f64; 5]>> {
    let scaled: Vec<Vec<f64>> =
        scores.iter().map(|s| s[..samples.topics].iter().zip(scale).map(|(s, scale)| s / scale).collect()).collect();
    let mut inputs = Vec::with_capacity(scaled.len());
    by_document(corpus, |_, range| inputs.extend(topic_inputs(&scaled[range.clone()], &boilerplate[range])));
    inputs
}

fn topic_rows(samples: &Samples, inputs: &[Vec<[f64; 5]>]) -> Vec<(usize, [f64; 5], bool)> {
    let rows = samples.all.iter().zip(inputs).filter(|(s, _)| samples.counts(s) && !s.is_boilerplate());
    rows.flat_map(|(s, inputs)| inputs.iter().zip(&s.labels).map(|(&inputs, &label)| (s.fold, inputs, label))).collect()
}

/// The probability of each topic for each paragraph, from judges who have not seen it.
fn crossed_topics(samples: &Samples, inputs: &[Vec<[f64; 5]>], bench: &Bench, boilerplate: &[f64]) -> Vec<Vec<f64>> {
    let row = |((s, inputs), p): ((&Sample, &Vec<[f64; 5]>), &f64)| {
        inputs.iter().map(|inputs| bench.crossed(s.fold, inputs) * (1.0 - p)).collect()
    };
    samples.all.iter().zip(inputs).zip(boilerplate).map(row).collect()
}

/// The cut through all probabilities that maximises the F1 which they themselves lead one to expect: of the k most
/// probable labels, the sum of their probabilities are expected to be right (Lewis 1995). It uses no label beyond the
/// judges' own training, and is rounded so that it does not hang on one paragraph.
fn expected_f1_threshold(samples: &Samples, crossed: &[Vec<f64>]) -> f64 {
    let counted = samples.all.iter().zip(crossed).filter(|(s, _)| samples.counts(s));
    let mut probabilities: Vec<f64> = counted.flat_map(|(_, row)| row.iter().copied()).collect();
    probabilities.sort_by(|a, b| b.total_cmp(a));
    let all: f64 = probabilities.iter().sum();
    let (mut right, mut best) = (0.0, (0.0, 0.5));
    for (k, &p) in probabilities.iter().enumerate() {
        right += p;
        let expected = 2.0 * right / ((k + 1) as f64 + all);
        if expected > best.0 {
            // Half way to the first that is left out, where a small corpus leaves a gap.
            let next = probabilities.get(k + 1).copied().unwrap_or(0.0);
            best = (expected, (p + next) / 2.0);
        }
    }
    ((best.1 * 100.0).round() / 100.0).clamp(0.05, 0.95)
}

/// How well the decisions would have been, by judges and fits who had not seen the register.
fn figures(
    corpus: &Corpus,
    samples: &Samples,
    crossed: &[Vec<f64>],
    boilerplate: &[f64],
    threshold: f64,
) -> BTreeMap<String, f64> {
    let counted = || samples.all.iter().zip(crossed).zip(boilerplate).filter(|((s, _), _)| samples.counts(s));
    let of = |decide: &dyn Fn(&Sample, &[f64], f64) -> (bool, bool)| {
        let (mut both, mut either) = (0, 0);
        for ((s, row), &p) in counted() {
            let (gold, given) = decide(s, row, p);
            both += usize::from(gold && given);
            either += usize::from(gold) + usize::from(given);
        }
        (both, either)
    };
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let mut figures = BTreeMap::new();
    let (mut both, mut either, mut sum) = (0, 0, 0.0);
    for (t, topic) in corpus.topics.iter().enumerate() {
        let (b, e) = of(&|s, row, p| (s.labels[t], p < 0.5 && row[t] >= threshold));
        figures.insert(format!("f1.{topic}"), rounded(f1(b, e)));
        (both, either, sum) = (both + b, either + e, sum + f1(b, e));
    }
    let (b, e) = of(&|s, _, p| (s.is_boilerplate(), p >= 0.5));
    figures.insert(format!("f1.{BOILERPLATE}"), rounded(f1(b, e)));
    figures.insert("micro_f1".into(), rounded(f1(both, either)));
    figures.insert("macro_f1".into(), rounded(sum / samples.topics as f64));
    figures
}

/// One paragraph of every label: enough to notice any weight that is not what it was.
fn self_test_paragraphs(corpus: &Corpus) -> Vec<String> {
    let all = || corpus.documents.iter().flat_map(|d| &d.paragraphs);
    let boilerplate = BOILERPLATE.to_string();
    let labels = corpus.topics.iter().chain([&boilerplate]);
    labels.filter_map(|label| all().find(|p| p.labels.first() == Some(label)).map(|p| p.text.clone())).collect()
}
