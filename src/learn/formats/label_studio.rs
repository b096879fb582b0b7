//! Label Studio: an array of tasks, each with a text and what annotators chose for it.
//!
//! Every annotation that was not cancelled counts by itself; one that was submitted empty says that no label holds. Of a
//! taxonomy, the last step of each path is the label. Predictions are no annotations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::json::Entry;
use super::written::Written;
use super::{Fault, Says, Sheet, json, names};
use crate::learn::corpus::Labelled;

const SHAPE: &str = r#"expected {"data": {"text": "…"}, "annotations": [{"result": [{"type": "choices", …}]}]}"#;

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    let (mut controls, mut beside) = (BTreeSet::new(), BTreeSet::new());
    let mut sheet = json::sheet(text, &["data", "annotations"], |entry| {
        let (key, text) = text_of(entry)?;
        let text = entry.text(text, SHAPE)?;
        let others = entry.get("data").and_then(Value::as_object).into_iter().flatten().map(|(other, _)| other);
        beside.extend(others.filter(|other| *other != key).map(|other| format!("data.{other}")));
        let annotations = entry.get("annotations").and_then(Value::as_array);
        let annotations = annotations.ok_or_else(|| entry.fault(format!("missing list `annotations`; {SHAPE}")))?;
        let is_cancelled = |a: &&Value| ["was_cancelled", "cancelled"].iter().any(|key| a[key] == json!(true));
        let mut said = Vec::new();
        for annotation in annotations.iter().filter(|a| !is_cancelled(a)) {
            let says = Says::All(labels(entry, &annotation["result"], &mut controls)?);
            // Annotators who agree are one voice: the text stands there once.
            if !said.iter().any(|(_, earlier)| *earlier == says) {
                said.push((text.clone(), says));
            }
        }
        if said.is_empty() {
            said.push((text, Says::Nothing));
        }
        Ok(said)
    })?;
    sheet.fields.extend(beside);
    Ok(sheet)
}

/// The text of a task and its key: what is called so, or else the only string.
fn text_of(entry: &Entry) -> Result<(&str, Option<&Value>), Fault> {
    let data = entry.get("data").and_then(Value::as_object);
    let data = data.ok_or_else(|| entry.fault(format!("missing object `data`; {SHAPE}")))?;
    let mut strings = data.iter().filter(|(_, value)| value.is_string());
    let only = strings.next().filter(|_| strings.next().is_none());
    Ok(match (data.get("text"), only) {
        (None, Some((key, text))) => (key, Some(text)),
        (text, _) => ("text", text),
    })
}

/// The labels of one annotation; the choices of a whole file must come from one `control` of the page.
fn labels(entry: &Entry, result: &Value, controls: &mut BTreeSet<String>) -> Result<Vec<String>, Fault> {
    let bad = |what: &str| entry.fault(format!("{what}; {SHAPE}"));
    let items = result.as_array().ok_or_else(|| bad("missing list `result`"))?;
    let (mut written, mut chosen) = (Vec::new(), false);
    for item in items {
        let value = &item["value"];
        match item["type"].as_str() {
            Some("choices") => {
                written.extend(json::strings(&value["choices"]).ok_or_else(|| bad("`choices` is no list of names"))?);
            }
            Some("taxonomy") => {
                let paths = value["taxonomy"].as_array().ok_or_else(|| bad("`taxonomy` is no list of paths"))?;
                for path in paths {
                    let last = json::strings(path).and_then(|path| path.last().copied());
                    written.push(last.ok_or_else(|| bad("a path of `taxonomy` is no list of names"))?);
                }
            }
            // Ratings, comments and the like are no labels.
            _ => continue,
        }
        if value.get("start").is_some() {
            return Err(bad("the labels are on parts of the text"));
        }
        chosen = true;
        let control = item["from_name"].as_str().unwrap_or_default();
        if !controls.contains(control) {
            controls.insert(control.to_string());
        }
    }
    if controls.len() > 1 {
        let controls: Vec<&str> = controls.iter().map(String::as_str).collect();
        return Err(bad(&format!("labels come from several controls ({})", controls.join(", "))));
    }
    if !chosen && !items.is_empty() {
        return Err(bad("an annotation has neither choices nor a taxonomy"));
    }
    names::labels(written).map_err(|message| entry.fault(message))
}

pub(super) fn write(paragraphs: &[&Labelled]) -> Written {
    let tasks: Vec<String> = paragraphs
        .iter()
        .map(|p| {
            let chosen =
                json!({"from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": p.labels}});
            let result = if p.labels.is_empty() { json!([]) } else { json!([chosen]) };
            let annotations = json!([{"was_cancelled": false, "result": result}]);
            json::line([("data", json!({"text": p.text})), ("annotations", annotations)]).trim_end().to_string()
        })
        .collect();
    Written::File(format!("[\n{}\n]\n", tasks.join(",\n")).into_bytes())
}
