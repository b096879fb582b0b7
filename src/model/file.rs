//! The model file: a header that describes everything, then words, pairs and weights, then a digest of it all.
//!
//! ```text
//! "disputed model 2\n"            magic and format version
//! u64                             length of the header
//! JSON                            the header: see `Header`
//! words, each with a line feed    in the order of their numbers
//! 2 × u32 for each pair           the numbers of its words
//! i16 for each feature and class  the weights, in units of 1/4096
//! 32 bytes                        BLAKE3 of all that stands before
//! ```
//!
//! Numbers are little-endian. The same corpus and options give the same bytes on any machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Model;
use super::judges::Judges;
use super::profile::Profile;
use super::score::Weights;
use super::tokens::TOKENIZER;
use super::vocabulary::Vocabulary;

const MAGIC: &[u8] = b"disputed model 2\n";
const DIGEST: usize = blake3::OUT_LEN;

/// What a model says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The first half of the model's id.
    pub(crate) name: String,
    pub(crate) tokenizer: String,
    /// The classes of the weights, boilerplate apart, which is the last.
    pub(crate) topics: Vec<String>,
    pub(crate) words: usize,
    pub(crate) pairs: usize,
    /// The language that it is for, as a code of ISO 639-1; `None` where it takes what comes.
    pub(crate) language: Option<String>,
    pub(crate) judges: Judges,
    /// The probability from which a topic is given.
    pub(crate) threshold: f64,
    /// The expected number of wrong labels a paragraph from which a person should look at the article.
    pub(crate) review_above: f64,
    pub(crate) training: Training,
    /// What the training paragraphs looked like: a stream that looks otherwise has drifted away from them.
    pub(crate) profile: Profile,
    pub(crate) self_test: SelfTest,
}

/// What a model was trained on, how, and how well it does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// BLAKE3 of the training data, whatever the order of its files.
    pub corpus: String,
    /// Paragraphs in the corpus.
    pub paragraphs: usize,
    /// Of them in whole articles.
    pub in_articles: usize,
    /// Paragraphs without labels that it learned from beside the corpus.
    pub unlabelled: usize,
    /// Paragraphs of each label.
    pub labels: BTreeMap<String, usize>,
    /// The fit's constants, by name.
    pub options: BTreeMap<String, f64>,
    /// Cross-validated figures on the corpus: every paragraph judged by a fit of its other parts.
    pub figures: BTreeMap<String, f64>,
}

/// A few paragraphs and what the model made of them when it was trained: a model that says anything else is broken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelfTest {
    pub(crate) paragraphs: Vec<String>,
    /// The log-odds of each topic, for each paragraph.
    pub(crate) log_odds: Vec<Vec<f64>>,
}

/// A number as a model file holds it: nine decimals, far finer than the data, and the same in the file and in memory.
pub(crate) fn rounded(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}

/// Whether a label, or the first half of a model's id, is called so.
pub(crate) fn is_name(label: &str) -> bool {
    label.len() <= 64
        && label.starts_with(|c: char| c.is_ascii_lowercase())
        && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The bytes of a model file.
pub(crate) fn encode(header: &Header, vocabulary: &Vocabulary, weights: &Weights) -> Vec<u8> {
    // A record of strings, numbers and lists always has a JSON form.
    let json = serde_json::to_vec(header).unwrap_or_default();
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&(json.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&json);
    for word in vocabulary.words() {
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(b'\n');
    }
    for [first, second] in vocabulary.pairs() {
        bytes.extend_from_slice(&first.to_le_bytes());
        bytes.extend_from_slice(&second.to_le_bytes());
    }
    for weight in weights.units() {
        bytes.extend_from_slice(&weight.to_le_bytes());
    }
    let digest = blake3::hash(&bytes);
    bytes.extend_from_slice(digest.as_bytes());
    bytes
}

/// The model in these bytes.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub(crate) fn decode(bytes: &[u8]) -> Result<Model, String> {
    let model = parse(bytes)?;
    model.self_test()?;
    Ok(model)
}

/// The same before its self-test.
pub(crate) fn parse(bytes: &[u8]) -> Result<Model, String> {
    let mut rest = Rest(bytes);
    if rest.take(MAGIC.len()) != Some(MAGIC) {
        return Err(
            "this is no model file of a version that this program reads; train one with `disputed train`".into()
        );
    }
    let whole = bytes.len().checked_sub(DIGEST).and_then(|end| bytes.split_at_checked(end));
    let Some((content, digest)) = whole.filter(|(content, digest)| blake3::hash(content).as_bytes() == digest) else {
        return Err("it is cut short or damaged: its digest does not fit; copy or train it again".into());
    };
    let damaged = || "its parts do not fit together; train it again".to_string();
    rest = Rest(&content[MAGIC.len()..]);
    let length = rest.number(u64::from_le_bytes).and_then(|n| usize::try_from(n).ok()).ok_or_else(damaged)?;
    let header = rest.take(length).ok_or_else(damaged)?;
    let header: Header =
        serde_json::from_slice(header).map_err(|e| format!("its header is not understood: {e}; train it again"))?;
    if header.tokenizer != TOKENIZER {
        let message = format!("it was made for the tokeniser {}, and this program has {TOKENIZER}", header.tokenizer);
        return Err(format!("{message}; train it again"));
    }
    if !header.topics.iter().chain([&header.name]).all(|name| is_name(name)) {
        return Err("its header has the name of a topic or of the model that is none; train it again".into());
    }
    let words = (0..header.words).map(|_| rest.line()).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
    let pair = |rest: &mut Rest| Some([rest.number(u32::from_le_bytes)?, rest.number(u32::from_le_bytes)?]);
    let pairs = (0..header.pairs).map(|_| pair(&mut rest)).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
    let vocabulary = Vocabulary::new(words, pairs).ok_or_else(damaged)?;
    let (units, odd) = rest.0.as_chunks();
    let units: Vec<i16> = units.iter().map(|unit| i16::from_le_bytes(*unit)).collect();
    let weights = Weights::new(header.topics.len() + 1, &units);
    let weights = weights.filter(|weights| odd.is_empty() && weights.len() == vocabulary.len());
    let id = format!("{}@{}", header.name, &blake3::Hash::from_slice(digest).map_err(|_| damaged())?.to_hex()[..12]);
    Ok(Model { id, header, vocabulary, weights: weights.ok_or_else(damaged)? })
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<const N: usize, T>(&mut self, from: fn([u8; N]) -> T) -> Option<T> {
        self.take(N)?.try_into().ok().map(from)
    }

    fn line(&mut self) -> Option<String> {
        let end = self.0.iter().position(|&b| b == b'\n')?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end]).ok().map(String::from)
    }
}
