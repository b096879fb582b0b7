//! fastText: one text a line, after its labels.

use std::collections::BTreeSet;

use super::written::{Lost, Written};
use super::{Annotation, Fault, NONE, Says, Sheet, names};
use crate::learn::corpus::Labelled;

/// What a label begins with.
pub(super) const PREFIX: &str = "__label__";

const SHAPE: &str = "expected __label__x __label__y text, with __label__none where there is no topic";

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let annotations = lines.map(|(n, line)| annotation(n + 1, line)).collect::<Result<_, _>>()?;
    Ok(Sheet { annotations, fields: BTreeSet::new() })
}

fn annotation(line: usize, text: &str) -> Result<Annotation, Fault> {
    let (mut rest, mut labels) = (text.trim(), Vec::new());
    while let Some(after) = rest.strip_prefix(PREFIX) {
        let (label, text) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        labels.push(label);
        rest = text.trim_start();
    }
    let bad = |what: &str| Fault::new(line, format!("{what}; {SHAPE}"));
    if labels.is_empty() {
        return Err(bad("the line has no label"));
    }
    if rest.is_empty() {
        return Err(bad("the text is empty"));
    }
    // fastText takes such a word for a label wherever it stands.
    if is_labelled_within(rest) {
        return Err(bad("a label stands within the text"));
    }
    let labels = names::labels(labels).map_err(|message| Fault::new(line, message))?;
    Ok(Annotation { line, text: rest.to_string(), says: Says::All(labels) })
}

fn is_labelled_within(text: &str) -> bool {
    text.split_whitespace().any(|word| word.starts_with(PREFIX))
}

pub(super) fn write(paragraphs: &[&Labelled], lost: &mut Lost) -> Result<Written, String> {
    let mut out = String::new();
    for paragraph in paragraphs {
        if is_labelled_within(&paragraph.text) {
            let start: String = paragraph.text.chars().take(60).collect();
            return Err(format!("a word of “{start}” begins with {PREFIX}, which fastText would take for a label"));
        }
        let none = [NONE.to_string()];
        for label in if paragraph.labels.is_empty() { &none[..] } else { &paragraph.labels } {
            out += &format!("{PREFIX}{label} ");
        }
        out += &lost.one_line(&paragraph.text);
        out.push('\n');
    }
    Ok(Written::File(out.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (usize, String) {
        read(text).map(|_| ()).map_err(|fault| (fault.line, fault.message)).expect_err("a fault")
    }

    #[test]
    fn bad_lines_are_named() {
        let good = "__label__trade Duties on steel\n\n";
        for (line, what) in [
            ("Duties on steel", "the line has no label"),
            ("__label__trade", "the text is empty"),
            ("__label__trade  \t", "the text is empty"),
            ("__label__trade steel __label__iran", "a label stands within the text"),
        ] {
            assert_eq!(said(&format!("{good}{line}")), (3, format!("{what}; {SHAPE}")), "{line}");
        }
        assert!(said("__label__ Duties").1.starts_with("\"\" is no label"));
    }
}
