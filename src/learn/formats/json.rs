//! JSON lines, and arrays of JSON, as entries with the line where each begins.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Annotation, Fault, Says, Sheet};
use crate::learn::corpus::Labelled;

/// One entry of a file.
pub(super) struct Entry {
    /// Where it begins, counted from one.
    pub(super) line: usize,
    pub(super) value: Value,
}

/// Reads every entry; `read` makes annotations of one, and the `known` fields are those that it looks at.
pub(super) fn sheet(
    text: &str,
    known: &[&str],
    mut read: impl FnMut(&Entry) -> Result<Vec<(String, Says)>, Fault>,
) -> Result<Sheet, Fault> {
    let (mut annotations, mut fields) = (Vec::new(), BTreeSet::new());
    for entry in entries(text) {
        let entry = entry?;
        let said = read(&entry)?;
        annotations.extend(said.into_iter().map(|(text, says)| Annotation { line: entry.line, text, says }));
        let others = entry.value.as_object().into_iter().flat_map(|object| object.keys());
        for key in others.filter(|key| !known.contains(&key.as_str())) {
            if !fields.contains(key) {
                fields.insert(key.clone());
            }
        }
    }
    Ok(Sheet { annotations, fields })
}

/// The first entry, by which a format is told.
pub(super) fn first(text: &str) -> Result<Entry, Fault> {
    entries(text).next().unwrap_or_else(|| Err(Fault::new(1, "there is no entry; expected JSON")))
}

impl Entry {
    /// A field.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.value.get(key)
    }

    /// What is wrong with this entry.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.line, message)
    }

    /// A text that is not empty.
    pub(super) fn text(&self, text: Option<&Value>, shape: &str) -> Result<String, Fault> {
        match text {
            Some(Value::String(text)) if text.trim().is_empty() => {
                Err(self.fault(format!("the text is empty; {shape}")))
            }
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(self.fault(format!("`text` is no string; {shape}"))),
            None => Err(self.fault(format!("missing field `text`; {shape}"))),
        }
    }
}

/// The texts in a list; nothing where it is no list of texts.
pub(super) fn strings(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// Every label, once.
pub(super) fn labels(paragraphs: &[&Labelled]) -> BTreeSet<String> {
    paragraphs.iter().flat_map(|paragraph| &paragraph.labels).cloned().collect()
}

/// An object with these fields in this order, as a line.
pub(super) fn line<const N: usize>(fields: [(&str, Value); N]) -> String {
    let fields = fields.map(|(key, value)| format!("\"{key}\":{value}"));
    format!("{{{}}}\n", fields.join(","))
}

/// The entries one by one: the elements where the whole is an array, else the lines. A line that begins like `["…` is an
/// entry, because no format has arrays of texts.
fn entries(text: &str) -> Box<dyn Iterator<Item = Result<Entry, Fault>> + '_> {
    let inner = text.trim_start().strip_prefix('[');
    match inner {
        Some(inner) if !inner.trim_start().starts_with('"') => Box::new(Elements::new(text, inner)),
        _ => Box::new(lines(text)),
    }
}

fn lines(text: &str) -> impl Iterator<Item = Result<Entry, Fault>> {
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(n, line)| {
        let value = serde_json::from_str(line).map_err(|e| fault(n + 1, &e, "expected one JSON value a line"))?;
        Ok(Entry { line: n + 1, value })
    })
}

/// The elements of an array.
struct Elements<'a> {
    text: &'a str,
    /// How far it is read, and the line of that place.
    at: usize,
    line: usize,
    started: bool,
    done: bool,
}

impl<'a> Elements<'a> {
    fn new(text: &'a str, inner: &str) -> Elements<'a> {
        let at = text.len() - inner.len();
        Elements { text, at, line: 1 + newlines(&text[..at]), started: false, done: false }
    }

    fn skip(&mut self, bytes: usize) {
        self.line += newlines(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    fn skip_white_space(&mut self) {
        let rest = &self.text[self.at..];
        self.skip(rest.len() - rest.trim_start().len());
    }

    fn element(&mut self) -> Result<Option<Entry>, Fault> {
        const SHAPE: &str = "expected a JSON array";
        self.skip_white_space();
        let next = self.text[self.at..].chars().next();
        match next {
            Some(']') => {
                self.skip(1);
                self.skip_white_space();
                return if self.at == self.text.len() {
                    Ok(None)
                } else {
                    Err(Fault::new(self.line, format!("there is more after the array; {SHAPE}")))
                };
            }
            Some(',') if self.started => self.skip(1),
            _ if self.started => return Err(Fault::new(self.line, format!("there is no comma or bracket; {SHAPE}"))),
            _ => {}
        }
        self.skip_white_space();
        self.started = true;
        let line = self.line;
        let mut stream = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                let bytes = stream.byte_offset();
                self.skip(bytes);
                Ok(Some(Entry { line, value }))
            }
            Some(Err(e)) => Err(fault(line + e.line().saturating_sub(1), &e, SHAPE)),
            None => Err(Fault::new(line, format!("the array does not end; {SHAPE}"))),
        }
    }
}

impl Iterator for Elements<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Result<Entry, Fault>> {
        if self.done {
            return None;
        }
        let element = self.element().transpose();
        self.done = !matches!(element, Some(Ok(_)));
        element
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|&b| b == b'\n').count()
}

fn fault(line: usize, error: &serde_json::Error, shape: &str) -> Fault {
    Fault::new(line, format!("{}; {shape}", without_line(error)))
}

/// What serde says, without its line, which it counts within what it was given.
pub(in crate::learn) fn without_line(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(text: &str) -> Vec<(usize, String)> {
        entries(text)
            .map(|entry| entry.map_or_else(|f| (f.line, f.message), |e| (e.line, e.value.to_string())))
            .collect()
    }

    #[test]
    fn entries_know_their_lines() {
        assert_eq!(numbered("{}\n\n{\"a\":1}\n"), [(1, "{}".into()), (3, "{\"a\":1}".into())]);
        assert_eq!(numbered("\n[{},\n\n {\"a\":\n1}\n]\n"), [(2, "{}".into()), (4, "{\"a\":1}".into())]);
        assert_eq!(numbered("[\"a\", {}]\n"), [(1, "[\"a\",{}]".into())]);
        assert_eq!(numbered("[]"), []);
    }

    #[test]
    fn a_fault_stands_where_it_is_and_ends_the_array() {
        let shape = "expected a JSON array";
        assert_eq!(numbered("[{}\n{}]")[1..], [(2, format!("there is no comma or bracket; {shape}"))]);
        assert_eq!(numbered("[{},\n{\"a\"\n}]")[1..], [(3, format!("expected `:`; {shape}"))]);
        assert_eq!(numbered("[{}\n")[1..], [(2, format!("there is no comma or bracket; {shape}"))]);
        assert_eq!(numbered("[{}] {}")[1..], [(1, format!("there is more after the array; {shape}"))]);
        assert_eq!(numbered("[")[..], [(1, format!("the array does not end; {shape}"))]);
        assert_eq!(
            numbered("{}\n{\n")[1..],
            [(2, "EOF while parsing an object; expected one JSON value a line".into())]
        );
    }
}
