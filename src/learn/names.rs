//! What a label is called, and which labels stand together.

use std::collections::BTreeSet;

use crate::model::is_name;

/// The one label that is no topic.
pub(crate) const BOILERPLATE: &str = "boilerplate";

/// Checks the labels of one paragraph.
///
/// # Errors
/// What was found and what was expected, where a label is none, stands twice, or is `boilerplate` beside others.
pub(super) fn check(labels: &[String]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for label in labels {
        if !seen.insert(label) {
            return Err(format!("{label:?} stands twice in {labels:?}; expected each label once"));
        }
        if !is_name(label) {
            return Err(format!(
                "{label:?} is no label; expected lower-case letters, digits and hyphens, starting with a letter, at \
                 most 64 of them"
            ));
        }
        if label == BOILERPLATE && labels.len() > 1 {
            return Err(format!("boilerplate stands with topics in {labels:?}; expected it alone"));
        }
    }
    Ok(())
}
