//! Corpus to model file: the whole of training as one flow.

use super::corpus::Corpus;
use super::counts::Counts;
use super::fitted::Fitted;
use super::names::BOILERPLATE;
use super::samples::Samples;
use super::stream::Stream;
use super::unlabelled::{self, Learned, Trial};
use super::{figures, fit, profile, vocabulary};
use crate::article::Article;
use crate::error::{Error, Result};
use crate::model::{Header, Judges, Model, SelfTest, TEMPER, TOKENIZER, Training, is_name};

/// The expected number of wrong labels a paragraph from which a person should look. This sends about one article in six
/// of a desk that follows the disputes to review, and one in twenty of a general wire.
const REVIEW_ABOVE: f64 = 0.3;

/// What is made of a corpus.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// The first half of the model's id: lower-case letters, digits and hyphens.
    pub name: &'a str,
    /// The language of the corpus, as a code of ISO 639-1: articles in another get no topics. `None` takes what comes.
    pub language: Option<&'a str>,
    /// Articles without labels, from the stream that the model is for. There may be none.
    pub unlabelled: &'a [Article<'a>],
}

/// A model fresh from training.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The bytes of its file.
    pub model: Vec<u8>,
    /// What was tried with the articles without labels, in order.
    pub trials: Vec<Trial>,
    /// How far their labels are from the corpus's: the population stability index of [`Shift`](crate::model::Shift).
    /// Nothing is learned from articles that are further away than its limit.
    pub shift: f64,
}

/// Trains a model. The same corpus and recipe give the same bytes.
///
/// `progress` is called with the number of steps done and of all steps.
///
/// # Errors
/// An [`Error`] where the recipe's name is no name for a model, or where the fit fails, which is a bug.
///
/// ```no_run
/// use std::path::Path;
/// use disputed::learn::{Corpus, Recipe, train};
/// let corpus = Corpus::read(Path::new("corpus"))?;
/// let recipe = Recipe { name: "disputes-en", language: Some("en"), unlabelled: &[] };
/// std::fs::write("disputes-en.model", train(&corpus, &recipe, |_, _| {})?.model)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn train(corpus: &Corpus, recipe: &Recipe, mut progress: impl FnMut(usize, usize)) -> Result<Trained> {
    if !is_name(recipe.name) {
        let message =
            format!("{:?} is no name for a model; expected lower-case letters, digits and hyphens", recipe.name);
        return Err(Error::Config(message));
    }
    let vocabulary = vocabulary::learn(corpus.texts())?;
    let samples = Samples::of(corpus, &vocabulary);
    let counts = Counts::of(&samples, vocabulary.len());
    let steps = (samples.folds + 1) * (1 + if recipe.unlabelled.is_empty() { 0 } else { unlabelled::TRIALS });
    let mut done = 0;
    let mut step = || {
        progress(done, steps);
        done += 1;
    };
    let supervised = Fitted::new(corpus, &samples, &counts, None, &mut step)?;
    let stream = Stream::of(recipe.unlabelled, recipe.language, &vocabulary);
    let Learned { fitted, chains, trials, shift } =
        unlabelled::learn(corpus, &samples, &counts, &stream, supervised, &mut step)?;

    let words = profile::crossed_words(corpus, &samples, &vocabulary, &counts);
    let Fitted { trained, threshold, .. } = &*fitted;
    let (boilerplate, crossed) = (&trained.boilerplate, &trained.probabilities);
    let options = [
        ("prior", fit::PRIOR),
        ("fewest", f64::from(vocabulary::FEWEST)),
        ("folds", samples.folds as f64),
        ("temper", TEMPER),
    ];
    let header = Header {
        name: recipe.name.to_string(),
        tokenizer: TOKENIZER.to_string(),
        language: recipe.language.map(String::from),
        topics: corpus.topics.clone(),
        words: vocabulary.words().len(),
        pairs: vocabulary.pairs().len(),
        judges: Judges { chains, ..trained.judges(None) },
        training: Training {
            corpus: corpus.digest.clone(),
            paragraphs: samples.all.len(),
            in_articles: samples.all.iter().filter(|s| s.in_article).count(),
            unlabelled: stream.paragraphs(),
            labels: corpus.counts(),
            options: options.map(|(name, value)| (name.to_string(), value)).into(),
            figures: figures::figures(corpus, &samples, crossed, boilerplate, *threshold),
        },
        threshold: *threshold,
        review_above: REVIEW_ABOVE,
        profile: profile::profile(&samples, &words, boilerplate, crossed, *threshold),
        self_test: SelfTest { paragraphs: self_test_paragraphs(corpus), log_odds: Vec::new() },
    };
    let mut model = Model::unsealed(header, vocabulary, fitted.without(None).0.clone());
    if !recipe.unlabelled.is_empty() {
        // Where there is a stream, it is what later ones are held against.
        model.take_profile_of(recipe.unlabelled);
    }
    Ok(Trained { model: model.seal(), trials, shift })
}

/// One paragraph of every label: enough to notice a program that cuts words or adds up otherwise than the one that
/// trained. A changed weight is the digest's to notice.
fn self_test_paragraphs(corpus: &Corpus) -> Vec<String> {
    let all = || corpus.documents.iter().flat_map(|d| &d.paragraphs);
    let boilerplate = BOILERPLATE.to_string();
    let labels = corpus.topics.iter().chain([&boilerplate]);
    labels.filter_map(|label| all().find(|p| p.labels.first() == Some(label)).map(|p| p.text.clone())).collect()
}
