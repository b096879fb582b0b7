//! Paragraphs to verdicts. A model is immutable and whole: it is loaded, tested, and then only read.
//!
//! A paragraph's words and word pairs give it a score a topic: naive Bayes, one topic against the rest. Chains over all
//! paragraphs of the article say how each topic runs through it. A jury of logistic judges weighs both, and the rival
//! topics, and answers with a probability. Boilerplate is judged first, and takes no part in the rest.

mod bits;
mod table;
mod tokens;
mod vocabulary;
mod reader;
mod score;
mod look;
mod rows;
mod exp;
mod boilerplate;
mod chain;
mod context;
mod jury;
mod judges;
mod verdict;
mod explain;
mod profile;
mod file;
#[cfg(test)]
mod oracle;

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;

pub(crate) use boilerplate::{AloneInputs, AroundInputs, Boilerplate, alone_inputs, around_inputs, is_opening, unsure};
pub(crate) use chain::{Chains, Normal, TEMPER, Treatment, normalise};
pub(crate) use context::{TopicInputs, topic_inputs};
pub use explain::{Evidence, Explanation};
pub use file::Training;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use file::parse;
pub(crate) use file::{Header, SelfTest, encode, is_name, rounded};
pub(crate) use judges::{Judges, Weighed, parts, scaled};
pub(crate) use jury::{Judge, Jury};
pub use profile::{Profile, Shift};
use reader::Reader;
pub(crate) use rows::Rows;
pub(crate) use score::{Weights, to_units};
pub(crate) use tokens::{TOKENIZER, tokens};
pub use verdict::{ArticleTopic, Judgement, ReviewReason, Section, Verdict, probability};
pub(crate) use vocabulary::Vocabulary;
pub use vocabulary::Words;

use crate::article::Article;
use crate::error::{Error, Result};

/// A trained model.
///
/// ```
/// use disputed::{Article, Model};
/// let model = Model::shipped()?;
/// let article = Article::from_paragraphs(["NATO allies argued about defence spending again."], false);
/// let judgement = model.judge(&article);
/// assert_eq!(model.topics()[judgement.topics[0].topic], "nato");
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    id: String,
    header: Header,
    vocabulary: Vocabulary,
    weights: Weights,
}

/// How far a self-test may be off: far more than rounding, far less than a changed weight.
const TOLERANCE: f64 = 1e-6;

impl Model {
    /// The model that ships with the program.
    ///
    /// # Errors
    /// An [`Error::Model`] where the program was built with a damaged model.
    pub fn shipped() -> Result<Model> {
        Model::decode(include_bytes!("../../models/disputes-en.model"), Path::new("(shipped)"))
    }

    /// The model in a file, which has passed its own self-test.
    ///
    /// # Errors
    /// An [`Error::Io`] where the file cannot be read, an [`Error::Model`] where it cannot be trusted.
    pub fn load(path: &Path) -> Result<Model> {
        let bytes = std::fs::read(path).map_err(Error::io("read the model", path))?;
        Model::decode(&bytes, path)
    }

    /// The model in these bytes, which came from that path.
    ///
    /// # Errors
    /// An [`Error::Model`] where they cannot be trusted.
    pub fn decode(bytes: &[u8], path: &Path) -> Result<Model> {
        file::decode(bytes).map_err(|message| Error::Model { path: path.to_path_buf(), message })
    }

    /// The model's name and the start of its digest, as every record carries it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The topics, in the order of their numbers.
    pub fn topics(&self) -> &[String] {
        &self.header.topics
    }

    /// The probability from which a topic is given.
    pub fn threshold(&self) -> f64 {
        self.header.threshold
    }

    /// What it was trained on, how, and how well it does.
    pub fn training(&self) -> &Training {
        &self.header.training
    }

    /// What its training paragraphs looked like to it, judged as if it had not learned from them.
    pub fn profile(&self) -> &Profile {
        &self.header.profile
    }

    /// How many words and how many word pairs it knows.
    pub fn features(&self) -> (usize, usize) {
        (self.header.words, self.header.pairs)
    }

    /// The language that it was trained for, as a code of ISO 639-1, where it knows.
    pub fn language(&self) -> Option<&str> {
        self.header.language.as_deref()
    }

    /// Labels an article and each of its paragraphs. Time grows with the length of the text.
    ///
    /// An article in another language than the model's gets no topics, and is for a person to look at.
    pub fn judge(&self, article: &Article) -> Judgement {
        let texts: Vec<&str> = article.paragraphs().collect();
        let furniture: Vec<bool> = (0..texts.len()).map(|i| article.is_furniture(i)).collect();
        let foreign = article.language.is_some_and(|language| self.language().is_some_and(|ours| ours != language));
        let ranges = article.sections();
        let verdicts: Vec<Verdict> = ranges
            .iter()
            .flat_map(|range| self.decide(&texts[range.clone()], &furniture[range.clone()], foreign))
            .collect();
        let topics = verdict::article_topics(&verdicts, article.title().is_some(), self.topics().len());
        let section = |paragraphs: &Range<usize>| Section {
            topics: verdict::section_topics(&verdicts, paragraphs, self.topics().len()),
            paragraphs: paragraphs.clone(),
        };
        let sections = if ranges.len() > 1 { ranges.iter().map(section).collect() } else { Vec::new() };
        let review = if foreign {
            Some(ReviewReason::Language)
        } else {
            (doubt(&verdicts) > self.header.review_above).then_some(ReviewReason::Doubt)
        };
        Judgement { paragraphs: verdicts, topics, sections, review }
    }

    /// The words of a paragraph, and how many of them the model does not know.
    ///
    /// ```
    /// let words = disputed::Model::shipped()?.words("The envoys met in Xyzzyville.");
    /// assert_eq!((words.total, words.unknown), (5, 1));
    /// # Ok::<(), disputed::Error>(())
    /// ```
    pub fn words(&self, paragraph: &str) -> Words {
        with_reader(|reader| reader.read(&self.vocabulary, paragraph).1)
    }

    /// The naive Bayes score of a paragraph for each topic, and as the last for boilerplate, by its words alone: the sum of
    /// the log-odds weights of its distinct words and pairs, over the root of their number. It is no probability: nothing
    /// beside the paragraph was asked, and words that go together are counted one by one.
    ///
    /// ```
    /// use disputed::Model;
    /// let model = Model::shipped()?;
    /// let scores = model.scores("Tariffs on steel and aluminium");
    /// let best = (0..model.topics().len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    /// assert_eq!(best.map(|best| model.topics()[best].as_str()), Some("trade"));
    /// assert_eq!(scores.len(), model.topics().len() + 1);
    /// # Ok::<(), disputed::Error>(())
    /// ```
    pub fn scores(&self, paragraph: &str) -> Vec<f64> {
        self.weigh_words(&[paragraph]).0.row(0).to_vec()
    }

    /// The verdicts on the paragraphs of one article.
    fn decide(&self, texts: &[&str], furniture: &[bool], foreign: bool) -> Vec<Verdict> {
        let (weighed, words) = self.weigh(texts, furniture);
        let probabilities = if foreign {
            Rows::zeros(texts.len(), self.topics().len())
        } else {
            self.header.judges.probabilities(&weighed)
        };
        let decide = |((probabilities, &boilerplate), words): ((&[f64], &f64), Words)| {
            Verdict::new(boilerplate, probabilities, self.header.threshold, words)
        };
        probabilities.rows().zip(&weighed.boilerplate).zip(words).map(decide).collect()
    }

    /// What the words of each paragraph say by themselves, and which paragraphs are no part of the article.
    fn weigh(&self, texts: &[&str], furniture: &[bool]) -> (Weighed, Vec<Words>) {
        let (scores, words) = self.weigh_words(texts);
        (self.header.judges.weigh(texts, &scores, furniture), words)
    }

    /// The scores of each paragraph, those of the topics and of boilerplate, and its words.
    fn weigh_words(&self, texts: &[&str]) -> (Rows, Vec<Words>) {
        let mut scores = Rows::zeros(texts.len(), self.topics().len() + 1);
        let words = with_reader(|reader| {
            let score = |(text, scores): (&&str, &mut [f64])| {
                let (features, words) = reader.read(&self.vocabulary, text);
                self.weights.score(features, scores);
                words
            };
            texts.iter().zip(scores.rows_mut()).map(score).collect()
        });
        (scores, words)
    }

    /// Whether the model still says of its own examples what it said when it was trained.
    fn self_test(&self) -> std::result::Result<(), String> {
        let test = &self.header.self_test;
        let told = self.self_test_answers(&test.paragraphs);
        let same = |(a, b): (&f64, &f64)| (a - b).abs() <= TOLERANCE;
        let sound = self.header.judges.scale.len() == self.topics().len()
            && self.header.judges.chains.is_sound()
            && self.header.profile.fits(self.topics().len())
            && (0.0..=1.0).contains(&self.header.threshold)
            && !told.is_empty()
            && told.len() == test.log_odds.len()
            && told.iter().zip(&test.log_odds).all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(same));
        if sound { Ok(()) } else { Err("it fails its own self-test; train it again".into()) }
    }

    fn self_test_answers(&self, paragraphs: &[String]) -> Vec<Vec<f64>> {
        let article = Article::from_paragraphs(paragraphs.iter().map(String::as_str), false);
        self.judge(&article).paragraphs.into_iter().map(|v| v.log_odds).collect()
    }

    /// A model fresh from training, which has no id yet.
    pub(crate) fn unsealed(header: Header, vocabulary: Vocabulary, weights: Weights) -> Model {
        Model { id: String::new(), header, vocabulary, weights }
    }

    /// Takes these articles for its profile, in place of the training paragraphs.
    pub(crate) fn take_profile_of(&mut self, articles: &[Article]) {
        let mut profile = Profile::new(self.topics().len());
        articles.iter().for_each(|article| profile.observe(&self.judge(article).paragraphs));
        self.header.profile = profile;
    }

    /// The bytes of its file, with a self-test.
    pub(crate) fn seal(mut self) -> Vec<u8> {
        let answers = self.self_test_answers(&self.header.self_test.paragraphs);
        self.header.self_test.log_odds =
            answers.into_iter().map(|row| row.into_iter().map(rounded).collect()).collect();
        encode(&self.header, &self.vocabulary, &self.weights)
    }
}

/// Hands out the thread's reader: a thread judges article after article, and what it needs for each is the same memory.
fn with_reader<T>(work: impl FnOnce(&mut Reader) -> T) -> T {
    thread_local!(static READER: RefCell<Reader> = RefCell::default());
    READER.with_borrow_mut(work)
}

/// How many labels of a paragraph are expected to be wrong, on average over what is not boilerplate.
fn doubt(verdicts: &[Verdict]) -> f64 {
    let content: Vec<&Verdict> = verdicts.iter().filter(|v| !v.boilerplate).collect();
    let wrong = |log_odds: f64| probability(-log_odds.abs());
    let all: f64 = content.iter().flat_map(|v| &v.log_odds).map(|&l| wrong(l)).sum();
    all / content.len().max(1) as f64
}
