//! The words of the model's file, added up in the most obvious way: what the fast ways are held against on real news.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use disputed::Model;
use disputed::read::{Limits, read};
use serde_json::Value;

use crate::support::shared;

/// What a model file holds, as it stands there.
struct Slow {
    classes: usize,
    words: HashMap<String, usize>,
    pairs: HashMap<(usize, usize), usize>,
    units: Vec<i16>,
}

impl Slow {
    fn open(path: &Path) -> Slow {
        let bytes = fs::read(path).expect("the model");
        let (header, rest) = bytes[25..bytes.len() - 32]
            .split_at(u64::from_le_bytes(*bytes[17..].first_chunk().expect("a length")) as usize);
        let header: Value = serde_json::from_slice(header).expect("a header");
        let number = |name: &str| header[name].as_u64().expect("a number") as usize;
        let mut lines = rest.splitn(number("words") + 1, |&byte| byte == b'\n');
        let word = |(i, line): (usize, &[u8])| (String::from_utf8(line.to_vec()).expect("a word"), i);
        let words: HashMap<String, usize> = lines.by_ref().take(number("words")).enumerate().map(word).collect();
        let (pairs, units) = lines.next().expect("the rest").split_at(8 * number("pairs"));
        let id = |bytes: &[u8]| u32::from_le_bytes(*bytes.first_chunk().expect("four bytes")) as usize;
        let pairs = pairs.chunks(8).map(|pair| (id(pair), id(&pair[4..]))).zip(words.len()..).collect();
        let units = units.chunks(2).map(|unit| i16::from_le_bytes([unit[0], unit[1]])).collect();
        Slow { classes: header["topics"].as_array().expect("topics").len() + 1, words, pairs, units }
    }

    /// The score of each class, how many words there are, and how many of them are unknown.
    fn read(&self, text: &str) -> (Vec<f64>, usize, usize) {
        let tokens: Vec<String> = ["^".to_string()]
            .into_iter()
            .chain(words(text).iter().map(|word| fold(word)))
            .chain(["$".into()])
            .collect();
        let known: Vec<Option<usize>> = tokens.iter().map(|token| self.words.get(token).copied()).collect();
        let mut features: BTreeSet<usize> = known.iter().copied().flatten().collect();
        features.extend(known.windows(2).filter_map(|two| self.pairs.get(&(two[0]?, two[1]?))));
        let scale = 1.0 / (4096.0 * (features.len().max(1) as f64).sqrt());
        let sum = |class| features.iter().map(|f| i64::from(self.units[f * self.classes + class])).sum::<i64>();
        let scores = (0..self.classes).map(|class| sum(class) as f64 * scale).collect();
        (scores, tokens.len() - 2, known[1..tokens.len() - 1].iter().filter(|word| word.is_none()).count())
    }
}

/// Runs of letters and digits, with single apostrophes inside.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
    let is_letter = |i: usize| chars.get(i).is_some_and(|c| c.is_alphanumeric());
    let is_inside = |i: usize| is_letter(i) || chars[i] == '\'' && i > 0 && is_letter(i - 1) && is_letter(i + 1);
    let mut words = vec![String::new()];
    for (i, &c) in chars.iter().enumerate() {
        match words.last_mut() {
            Some(word) if is_inside(i) => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// In lower case, without a possessive or plural s.
fn fold(word: &str) -> String {
    let word: String = word.chars().flat_map(char::to_lowercase).collect();
    let word = word.strip_suffix("'s").unwrap_or(&word);
    match word.strip_suffix('s') {
        Some(one) if word.chars().count() > 3 && !one.ends_with(['s', 'u', 'i']) => one.into(),
        _ => word.into(),
    }
}

#[test]
fn real_news_is_scored_as_by_hand() {
    let Some(folder) = shared("realnews/unlabelled") else { return };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/disputes-en.model");
    let (slow, model) = (Slow::open(&path), Model::load(&path).expect("the model"));
    let mut paragraphs = 0;
    for stream in ["desk", "general"] {
        for entry in fs::read_dir(folder.join(stream)).expect("a folder") {
            let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
            let article = read(&bytes, "a.txt", &Limits::default()).expect("an article").article;
            for text in article.paragraphs() {
                let words = model.words(text);
                assert_eq!((model.scores(text), words.total, words.unknown), slow.read(text), "{text:?}");
                paragraphs += 1;
            }
        }
    }
    assert!(paragraphs > 20_000, "{paragraphs}");
}
