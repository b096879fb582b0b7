//! spaCy: a text with its categories, one object or one pair a line, or an array of them.
//!
//! A category of 0.5 or more holds. One that is not there is missing for spaCy too, and not absent.

use serde_json::{Map, Value, json};

use super::json::Entry;
use super::written::{Lost, Written};
use super::{Fault, Says, Sheet, json, names};
use crate::learn::corpus::Labelled;

const SHAPE: &str = r#"expected {"text": "…", "cats": {"topic": 1.0, …}} or ["…", {"cats": {"topic": 1.0, …}}]"#;

/// From which value on a category holds.
const HOLDS: f64 = 0.5;

pub(super) fn read(text: &str) -> Result<Sheet, Fault> {
    json::sheet(text, &["text", "cats"], |entry| {
        let (text, cats) = match entry.value.as_array().map(Vec::as_slice) {
            Some([text, notes]) => (Some(text), notes.get("cats")),
            Some(_) => return Err(entry.fault(format!("the array is no pair; {SHAPE}"))),
            None => (entry.get("text"), entry.get("cats")),
        };
        let text = entry.text(text, SHAPE)?;
        let cats = cats.ok_or_else(|| entry.fault(format!("missing field `cats`; {SHAPE}")))?;
        let cats = cats.as_object().ok_or_else(|| entry.fault(format!("`cats` is no object; {SHAPE}")))?;
        Ok(vec![(text, says(entry, cats)?)])
    })
}

fn says(entry: &Entry, cats: &Map<String, Value>) -> Result<Says, Fault> {
    let (mut holds, mut not) = (Vec::new(), Vec::new());
    for (written, value) in cats {
        let label = names::label(written).map_err(|message| entry.fault(message))?;
        let value = value.as_f64().or_else(|| value.as_bool().map(|holds| f64::from(u8::from(holds))));
        match value.filter(|value| (0.0..=1.0).contains(value)) {
            Some(value) if value >= HOLDS => holds.push(label),
            Some(_) => not.push(label),
            None => return Err(entry.fault(format!("`{written}` is no number from 0 to 1; {SHAPE}"))),
        }
    }
    names::labels(holds.iter().map(String::as_str)).map_err(|message| entry.fault(message))?;
    Ok(Says::Some(holds, not))
}

pub(super) fn write(paragraphs: &[&Labelled], lost: &mut Lost) -> Written {
    let labels = json::labels(paragraphs);
    let mut out = String::new();
    for paragraph in paragraphs {
        let cats: Map<String, Value> =
            labels.iter().map(|label| (label.to_string(), json!(f64::from(u8::from(paragraph.has(label)))))).collect();
        lost.orders += usize::from(!paragraph.labels.is_sorted());
        out += &json::line([("text", json!(paragraph.text)), ("cats", json!(cats))]);
    }
    Written::File(out.into_bytes())
}
