//! Our own layout, written.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::json;
use super::written::Written;
use crate::learn::corpus::{Document, Labelled};

pub(super) fn write(documents: &[Document]) -> Written {
    let (mut articles, mut paragraphs) = (String::new(), String::new());
    for document in documents {
        match document.paragraphs.as_slice() {
            [paragraph] if !document.is_article() => paragraphs += &(self::paragraph(paragraph) + "\n"),
            all => {
                let title = if document.titled { all.first().map(|p| p.text.as_str()) } else { None };
                let all: Vec<String> = all.iter().map(paragraph).collect();
                articles += &format!("{{\"title\":{},\"paragraphs\":[{}]}}\n", json!(title), all.join(","));
            }
        }
    }
    let files = [("articles/articles.jsonl", articles), ("paragraphs/paragraphs.jsonl", paragraphs)];
    let files = files.into_iter().filter(|(_, lines)| !lines.is_empty());
    Written::Folder(files.map(|(path, lines)| (PathBuf::from(path), lines.into_bytes())).collect())
}

fn paragraph(paragraph: &Labelled) -> String {
    let fields: [(&str, Value); 2] = [("text", json!(paragraph.text)), ("label", json!(paragraph.labels))];
    json::line(fields).trim_end().to_string()
}
