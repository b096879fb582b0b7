//! Files of every format, each beside what is read of it: tests/formats/FORMAT/NAME and NAME.golden.json.
//!
//! `UPDATE=1` writes the golden files anew; a file without one fails.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use disputed::Limits;
use disputed::read::{Item, read_each};
use serde_json::{Value, json};

/// What is read of an item, for a person to check.
fn described(item: &Item) -> Value {
    let reading = match &item.reading {
        Ok(reading) => reading,
        Err(reject) => return json!({ "refused": reject.to_string() }),
    };
    let (article, details) = (&reading.article, &reading.article.details);
    let whole = json!({
        "format": reading.format.as_str(),
        "charset": reading.charset,
        "title": article.title(),
        "byline": details.byline,
        "published": details.published,
        "updated": details.updated,
        "language": article.language,
        "url": details.url,
        "guid": details.guid,
        "version": details.version,
        "subjects": details.subjects,
        "status": details.status.as_str(),
        "embargoed": details.embargoed,
        "paragraphs": article.paragraphs().skip(usize::from(article.title().is_some())).collect::<Vec<_>>(),
    });
    let Value::Object(whole) = whole else { return whole };
    let says_something = |value: &Value| !value.is_null() && *value != json!([]) && *value != json!("usable");
    whole.into_iter().filter(|(_, value)| says_something(value)).collect()
}

fn read(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file");
    let name = path.file_name().expect("a name").to_string_lossy();
    let mut items = Vec::new();
    let whole = read_each(&bytes, &name, &Limits::default(), &mut |item| items.push(described(&item)));
    let mut read = json!({ "items": items });
    if let Err(reject) = whole {
        read["refused"] = reject.to_string().into();
    }
    serde_json::to_string_pretty(&read).expect("JSON") + "\n"
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, files);
        } else if !path.to_string_lossy().ends_with(".golden.json") {
            files.push(path);
        }
    }
}

#[test]
fn every_file_is_read_as_it_says_beside_it() {
    let mut files = Vec::new();
    files_below(Path::new("tests/formats"), &mut files);
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    let mut wrong = Vec::new();
    for path in files {
        let golden = PathBuf::from(format!("{}.golden.json", path.display()));
        let read = read(&path);
        if env::var_os("UPDATE").is_some() {
            fs::write(&golden, &read).expect("a golden file");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_else(|e| panic!("{}: {e}", golden.display()));
        if read != expected {
            wrong.push(format!("{}:\n{read}\nand not:\n{expected}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
