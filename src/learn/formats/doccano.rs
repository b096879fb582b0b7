//! doccano: one object a line, with a list of labels.
//!
//! A text that nobody has come to yet has an empty list there, as has one that is about none of the labels; what is not
//! finished has to be left out of the export.

use serde_json::{Value, json};

use super::written::Written;
use super::{Fault, Says, Sheet, json, names};
use crate::learn::corpus::Labelled;

const SHAPE: &str = r#"expected {"text": "…", "label": ["topic", …]}"#;

/// What the list of labels is called, in the versions of doccano.
const LISTS: [&str; 3] = ["label", "labels", "cats"];

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    json::sheet(text, &["text", "data", "label", "labels", "cats"], |entry| {
        let text = entry.text(entry.get("text").or(entry.get("data")), SHAPE)?;
        let mut lists = LISTS.iter().filter_map(|key| entry.get(key));
        let list = lists.next().ok_or_else(|| entry.fault(format!("missing field `label`; {SHAPE}")))?;
        if lists.next().is_some() {
            return Err(entry.fault(format!("there are several lists of labels; {SHAPE}")));
        }
        let written = json::strings(list).ok_or_else(|| entry.fault(format!("{}; {SHAPE}", found(list))))?;
        let labels = names::labels(written).map_err(|message| entry.fault(message))?;
        Ok(vec![(text, Says::All(labels))])
    })
}

fn found(list: &Value) -> &'static str {
    match list.get(0) {
        Some(Value::Array(_)) => "the labels are on parts of the text",
        _ => "the labels are no list of names",
    }
}

pub(super) fn write(paragraphs: &[&Labelled]) -> Written {
    let lines = paragraphs.iter().map(|p| json::line([("text", json!(p.text)), ("label", json!(p.labels))]));
    Written::File(lines.collect::<String>().into_bytes())
}
