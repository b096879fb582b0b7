//! What holds for the bytes of a model file.

use std::path::Path;
use std::time::SystemTime;

use crate::label::{Origin, label};
use crate::model::{self, Model};
use crate::read::Limits;

/// A model file: whole, or without what would keep every change out, which is made to fit here: its magic, the length of
/// its header, which is a line of its own then, its digest, and what its self-test expects.
pub fn model_file(input: &[u8]) {
    check(input);
    let sealed = sealed(input);
    check(&sealed);
    if let Ok(model) = model::parse(&sealed) {
        check(&model.seal());
    }
}

/// What is loaded can be written, and what was written is loaded and written the same. Its records are valid.
fn check(bytes: &[u8]) {
    let path = Path::new("a.model");
    let Ok(model) = Model::decode(bytes, path) else { return };
    let record = label(ARTICLE.as_bytes(), Origin::default(), &model, &Limits::default(), SystemTime::UNIX_EPOCH);
    let record = record.unwrap_or_else(|reject| panic!("{reject}"));
    super::reading::valid(&record.line());
    let written = model.seal();
    let again = Model::decode(&written, path).unwrap_or_else(|error| panic!("{error}"));
    assert!(again.seal() == written, "a model is written as it was read");
}

/// Words of the seeds, and others.
const ARTICLE: &str = "Tariffs on steel\n\nBy the desk\n\nBrussels answered the tariffs on steel with duties of its own.\n\nIt \
    rained in Geneva, where envoys met on Monday.\n";

fn sealed(input: &[u8]) -> Vec<u8> {
    let end = memchr::memchr(b'\n', input).unwrap_or(input.len());
    let (header, rest) = input.split_at(end);
    let mut bytes = b"disputed model 2\n".to_vec();
    bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(rest.get(1..).unwrap_or_default());
    let digest = blake3::hash(&bytes);
    bytes.extend_from_slice(digest.as_bytes());
    bytes
}
