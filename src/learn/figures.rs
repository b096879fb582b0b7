//! Cross-validated decisions: where to cut, and how well the cut does.

use std::collections::BTreeMap;

use super::corpus::Corpus;
use super::evaluate::f1;
use super::names::BOILERPLATE;
use super::samples::Samples;

/// The cut through all probabilities that maximises the F1 which they themselves lead one to expect: of the k most
/// probable labels, the sum of their probabilities are expected to be right (Lewis 1995). It uses no label beyond the
/// judges' own training, and is rounded so that it does not hang on one paragraph.
pub(super) fn expected_f1_threshold(samples: &Samples, crossed: &[Vec<f64>]) -> f64 {
    let counted = samples.all.iter().zip(crossed).filter(|(s, _)| samples.counts(s));
    let mut probabilities: Vec<f64> = counted.flat_map(|(_, row)| row.iter().copied()).collect();
    probabilities.sort_by(|a, b| b.total_cmp(a));
    let all: f64 = probabilities.iter().sum();
    let (mut right, mut best) = (0.0, (0.0, 0.5f64));
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
pub(super) fn figures(
    corpus: &Corpus,
    samples: &Samples,
    crossed: &[Vec<f64>],
    boilerplate: &[f64],
    threshold: f64,
) -> BTreeMap<String, f64> {
    let counted = || samples.all.iter().zip(crossed).zip(boilerplate).filter(|((s, _), _)| samples.counts(s));
    let (mut both, mut either, mut sum) = (0, 0, 0.0);
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let mut figures = BTreeMap::new();
    for (t, topic) in corpus.topics.iter().enumerate() {
        let answers = counted().map(|((s, row), &p)| (s.labels[t], p < 0.5 && row[t] >= threshold));
        let (b, e) = agreement(answers);
        figures.insert(format!("f1.{topic}"), rounded(f1(b, e)));
        (both, either, sum) = (both + b, either + e, sum + f1(b, e));
    }
    let (b, e) = agreement(counted().map(|((s, _), &p)| (s.is_boilerplate(), p >= 0.5)));
    figures.insert(format!("f1.{BOILERPLATE}"), rounded(f1(b, e)));
    let terms = counted().flat_map(|((s, row), _)| row.iter().zip(&s.labels));
    let (loss, count) = terms.fold((0.0, 0usize), |(loss, count), (&p, &on)| {
        // No probability is certain: see `log_odds`.
        let p = if on { p } else { 1.0 - p }.max(1e-4);
        (loss - libm::log(p), count + 1)
    });
    figures.insert("log_loss".into(), (loss / count.max(1) as f64 * 1e6).round() / 1e6);
    figures.insert("micro_f1".into(), rounded(f1(both, either)));
    figures.insert("macro_f1".into(), rounded(sum / samples.topics as f64));
    figures
}

/// Of pairs of gold and answer: how many say yes both, and how many yeses there are.
fn agreement(answers: impl Iterator<Item = (bool, bool)>) -> (usize, usize) {
    answers.fold((0, 0), |(both, either), (gold, given)| {
        (both + usize::from(gold && given), either + usize::from(gold) + usize::from(given))
    })
}
