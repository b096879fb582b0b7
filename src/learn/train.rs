//! Corpus to model file: the whole of training as one flow.

use super::corpus::{BOILERPLATE, Corpus, FOLDS, is_name};
use super::counts::Counts;
use super::samples::Samples;
use super::{figures, fit, judges, profile, vocabulary};
use crate::error::{Error, Result};
use crate::model::{Header, Model, SelfTest, TOKENIZER, Training};

/// The expected number of wrong labels a paragraph from which a person should look. On real news this sends about
/// three articles in ten to review.
const REVIEW_ABOVE: f64 = 0.3;

/// Trains a model; the bytes are those of its file. The same corpus gives the same bytes.
///
/// `progress` is called with the number of steps done and of all steps.
///
/// # Errors
/// An [`Error`] where `name` is no name for a model, or where the fit fails, which is a bug.
///
/// ```no_run
/// use std::path::Path;
/// use disputed::learn::{Corpus, train};
/// let corpus = Corpus::read(Path::new("corpus"))?;
/// let bytes = train(&corpus, "disputes-en", |_, _| {})?;
/// # Ok::<(), disputed::Error>(())
/// ```
pub fn train(corpus: &Corpus, name: &str, mut progress: impl FnMut(usize, usize)) -> Result<Vec<u8>> {
    if !is_name(name) {
        let message = format!("{name:?} is no name for a model; expected lower-case letters, digits and hyphens");
        return Err(Error::Config(message));
    }
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
    let scale = judges::scale(&samples, &scores);
    let (boilerplate, crossed_boilerplate) = judges::boilerplate(corpus, &samples, &scores);
    let (topics, crossed) = judges::topics(corpus, &samples, &scores, &scale, &crossed_boilerplate);
    let threshold = figures::expected_f1_threshold(&samples, &crossed);
    let words = profile::crossed_words(corpus, &samples, &vocabulary, &counts);
    let profile = profile::profile(corpus, &samples, &words, &crossed_boilerplate, &crossed, threshold);

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
            figures: figures::figures(corpus, &samples, &crossed, &crossed_boilerplate, threshold),
        },
        scale,
        topic_jury: topics.jury(),
        boilerplate_jury: boilerplate.jury(),
        threshold,
        review_above: REVIEW_ABOVE,
        profile,
        self_test: SelfTest { paragraphs: self_test_paragraphs(corpus), log_odds: Vec::new() },
    };
    Ok(Model::seal(header, vocabulary, weights))
}

/// One paragraph of every label: enough to notice a program that cuts words or adds up otherwise than the one that
/// trained. A changed weight is the digest's to notice.
fn self_test_paragraphs(corpus: &Corpus) -> Vec<String> {
    let all = || corpus.documents.iter().flat_map(|d| &d.paragraphs);
    let boilerplate = BOILERPLATE.to_string();
    let labels = corpus.topics.iter().chain([&boilerplate]);
    labels.filter_map(|label| all().find(|p| p.labels.first() == Some(label)).map(|p| p.text.clone())).collect()
}
