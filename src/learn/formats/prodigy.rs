//! Prodigy: one answer a line.
//!
//! A binary answer says of one label whether it holds, and nothing of the others; a choice says it of each option that
//! was offered. Who ignores a text says nothing of it. Who rejects a choice says that it is not right, but not what is:
//! that is nothing, too.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::json::Entry;
use super::written::Written;
use super::{Fault, Says, Sheet, json, names};
use crate::learn::corpus::Labelled;

const SHAPE: &str = r#"expected {"text": "…", "label": "topic", "answer": "accept"}, or "options" and a list "accept""#;

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    json::sheet(text, &["text", "label", "answer", "options", "accept", "config"], |entry| {
        let text = entry.text(entry.get("text"), SHAPE)?;
        Ok(vec![(text, says(entry)?)])
    })
}

fn says(entry: &Entry) -> Result<Says, Fault> {
    let bad = |what: &str| Err(entry.fault(format!("{what}; {SHAPE}")));
    let accepted = match entry.get("answer").map(Value::as_str) {
        Some(Some("accept")) => true,
        Some(Some("reject")) => false,
        Some(Some("ignore")) => return Ok(Says::Nothing),
        Some(_) => return bad("`answer` is neither accept, reject nor ignore"),
        None => return bad("missing field `answer`"),
    };
    match (entry.get("options"), entry.get("label")) {
        (Some(options), _) => choice(entry, options, accepted),
        (None, _) if entry.get("accept").is_some() => bad("there is a choice without the `options` that it was among"),
        (None, Some(Value::String(label))) => {
            let label = vec![names::label(label).map_err(|message| entry.fault(message))?];
            Ok(if accepted { Says::Some(label, Vec::new()) } else { Says::Some(Vec::new(), label) })
        }
        (None, Some(_)) => bad("`label` is no string"),
        (None, None) => bad("there is neither a label nor a choice"),
    }
}

fn choice(entry: &Entry, options: &Value, accepted: bool) -> Result<Says, Fault> {
    let bad = |what: &str| entry.fault(format!("{what}; {SHAPE}"));
    let name = |id: &Value| match id {
        Value::String(id) => names::label(id).map_err(|message| entry.fault(message)),
        _ => Err(bad("the `id` of an option is no string")),
    };
    let list = |value: &Value, what: &str| value.as_array().cloned().ok_or_else(|| bad(what));
    let options = list(options, "`options` is no list")?;
    let ids = options.iter().map(|option| option.get("id").unwrap_or(option));
    let offered = ids.map(name).collect::<Result<Vec<_>, _>>()?;
    if !accepted {
        return Ok(Says::Nothing);
    }
    let chosen = entry.get("accept").ok_or_else(|| bad("missing field `accept`"))?;
    let chosen = list(chosen, "`accept` is no list")?.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    let mut not: BTreeSet<String> = offered.into_iter().collect();
    if let Some(label) = chosen.iter().find(|label| !not.remove(*label)) {
        return Err(bad(&format!("{label:?} is accepted, but is not among the options, or stands twice")));
    }
    names::labels(chosen.iter().map(String::as_str)).map_err(|message| entry.fault(message))?;
    Ok(Says::Some(chosen, not.into_iter().collect()))
}

pub(super) fn write(paragraphs: &[&Labelled]) -> Written {
    let options: Vec<Value> =
        json::labels(paragraphs).into_iter().map(|label| json!({"id": label, "text": label})).collect();
    let lines = paragraphs.iter().map(|p| {
        json::line([
            ("text", json!(p.text)),
            ("options", json!(options)),
            ("accept", json!(p.labels)),
            ("config", json!({"choice_style": "multiple"})),
            ("answer", json!("accept")),
        ])
    });
    Written::File(lines.collect::<String>().into_bytes())
}
