//! Label Studio's JSON-MIN: an array of annotations, each with its text and its label side by side.
//!
//! One choice is a string, several are `{"choices": […]}`, and a taxonomy is a list of paths, of which the last step is the
//! label. Which field is the label is told by its being the only one besides the text and what Label Studio adds itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::json::Entry;
use super::{Fault, Says, Sheet, json, names};

const SHAPE: &str = r#"expected {"text": "…", "topic": "…", "annotation_id": 1, "lead_time": 1.5}"#;

/// What Label Studio adds.
const ADDED: [&str; 9] =
    ["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history", "comments"];

/// Whether a file with this entry has annotations where the larger export has tasks.
pub(super) fn is_annotation(entry: &Entry) -> bool {
    entry.get("annotation_id").is_some()
}

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    let (mut controls, mut said) = (BTreeSet::new(), BTreeSet::new());
    let mut sheet = json::sheet(text, &["text", "annotation_id"], |entry| {
        let text = entry.text(entry.get("text"), SHAPE)?;
        let control = control(entry)?;
        let labels = match control {
            Some((_, value)) => labels(entry, value)?,
            None => Vec::new(),
        };
        controls.extend(control.map(|(control, _)| control.to_string()));
        if controls.len() > 1 {
            let controls: Vec<&str> = controls.iter().map(String::as_str).collect();
            return Err(entry.fault(format!("labels come from several fields ({}); {SHAPE}", controls.join(", "))));
        }
        // Annotators who agree are one voice: the text stands there once.
        let task = entry.get("id").map(Value::to_string);
        Ok(if said.insert((task, text.clone(), labels.clone())) { vec![(text, Says::All(labels))] } else { Vec::new() })
    })?;
    sheet.fields.retain(|field| !controls.contains(field));
    Ok(sheet)
}

/// The field that is the label; none where nothing was chosen.
fn control(entry: &Entry) -> Result<Option<(&str, &Value)>, Fault> {
    let is_label = |value: &Value| value.is_string() || value.is_array() || value.get("choices").is_some();
    let fields = entry.value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
    let others: Vec<_> =
        fields.filter(|(key, value)| *key != "text" && !ADDED.contains(key) && is_label(value)).collect();
    match others.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => {
            let keys: Vec<&str> = several.iter().map(|(key, _)| *key).collect();
            Err(entry.fault(format!(
                "which of {} is the label cannot be told; export it as JSON and not as JSON-MIN, or leave the others out",
                keys.join(", ")
            )))
        }
    }
}

fn labels(entry: &Entry, value: &Value) -> Result<Vec<String>, Fault> {
    let bad = || entry.fault(format!("what was chosen is no name and no list of names; {SHAPE}"));
    let written = match value {
        Value::String(one) => vec![one.as_str()],
        Value::Array(paths) => {
            let last = |path| json::strings(path).and_then(|path| path.last().copied());
            paths.iter().map(last).collect::<Option<_>>().ok_or_else(bad)?
        }
        choices => choices.get("choices").and_then(json::strings).ok_or_else(bad)?,
    };
    names::labels(written).map_err(|message| entry.fault(message))
}
