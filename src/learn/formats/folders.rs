//! Text files in folders that are named by label.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::written::{Lost, Written};
use super::{NONE, names};
use crate::learn::corpus::Labelled;

/// What stands between the labels of a folder's name.
const AND: char = '+';

/// The labels that a folder's name says.
///
/// # Errors
/// What was found and what was expected, where it says none.
pub(in crate::learn) fn labels(name: &str) -> Result<Vec<String>, String> {
    names::labels(name.split(AND))
}

pub(super) fn write(paragraphs: &[&Labelled], lost: &mut Lost) -> Written {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut files = Vec::new();
    for paragraph in paragraphs {
        let labels =
            if paragraph.labels.is_empty() { NONE.to_string() } else { paragraph.labels.join(&AND.to_string()) };
        let number = numbers.entry(labels.clone()).or_default();
        *number += 1;
        let path = PathBuf::from(labels).join(format!("{number:06}.txt"));
        files.push((path, (lost.trimmed(&paragraph.text) + "\n").into_bytes()));
    }
    Written::Folder(files)
}
