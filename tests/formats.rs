//! Files of every format, each beside what is read of it: tests/formats/FORMAT/NAME and NAME.golden.json.
//!
//! `UPDATE=1` writes the golden files anew; a file without one fails.

use std::env;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use disputed::Limits;
use disputed::read::{Format, Input, Item, read_each};
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

fn read(path: &Path, input: Input) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    let mut items = Vec::new();
    let whole = read_each(input, &name, &Limits::default(), &mut |item| items.push(described(&item)));
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
        let bytes = fs::read(&path).expect("a file");
        let stream = Input::Stream(Box::new(Cursor::new(&bytes)));
        let (read, of_stream) = (read(&path, Input::Bytes(&bytes)), read(&path, stream));
        assert_eq!(read, of_stream, "{} as a stream", path.display());
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

/// What the golden file of an input tells of one format.
struct Shown {
    /// Whether its name says nothing.
    is_nameless: bool,
    /// What was read as this format.
    items: Vec<Value>,
}

/// What the golden files show of a format, or of a way to pack.
fn shown(row: &str) -> Vec<Shown> {
    let mut files = Vec::new();
    files_below(Path::new("tests/formats"), &mut files);
    let show = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file");
        let packing = match bytes[..] {
            [0x1f, 0x8b, ..] => "gzip",
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd",
            [b'P', b'K', ..] => "zip",
            _ => "",
        };
        let golden = fs::read(format!("{}.golden.json", path.display())).expect("a golden file");
        let golden: Value = serde_json::from_slice(&golden).expect("JSON");
        let items = golden["items"].as_array().expect("items").iter().filter(|item| item.get("format").is_some());
        // What is packed shows the packing, and what is not its format.
        let is_of_row = |item: &&Value| if packing.is_empty() { item["format"] == row } else { packing == row };
        Shown { is_nameless: path.extension().is_none(), items: items.filter(is_of_row).cloned().collect() }
    };
    files.iter().map(show).filter(|shown| !shown.items.is_empty()).collect()
}

/// A tick where a golden file shows it, and a dash where none does.
fn cells(row: &str) -> Vec<&'static str> {
    let shown = shown(row);
    let has = |key: &str| shown.iter().any(|file| file.items.iter().any(|item| item.get(key).is_some()));
    let has_paragraphs = |item: &Value| item["paragraphs"].as_array().is_some_and(|paragraphs| paragraphs.len() > 1);
    let cells = [
        shown.iter().any(|file| file.is_nameless),
        has("title"),
        has("published"),
        has("language"),
        shown.iter().any(|file| file.items.iter().any(has_paragraphs)),
        shown.iter().any(|file| file.items.len() > 1),
    ];
    cells.map(|is_shown| if is_shown { "✓" } else { "–" }).to_vec()
}

#[test]
fn every_cell_of_the_table_in_the_readme_is_what_the_golden_files_show() {
    let readme = include_str!("../README.md");
    let (_, table) = readme
        .split_once("| format | detected | title | date | language | paragraphs | many a file |\n")
        .expect("the table of formats");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    let mut told = Vec::new();
    for row in &rows {
        let name = row[0].split('`').nth(1).expect("the word for the format");
        assert_eq!(row[1..], cells(name), "{name}: what stands in the README, and what tests/formats shows");
        told.push(name);
    }
    let known = [
        Format::Plain,
        Format::Html,
        Format::Markdown,
        Format::Json,
        Format::JsonLines,
        Format::Ninjs,
        Format::JsonFeed,
        Format::Nitf,
        Format::NewsmlG2,
        Format::Rss,
        Format::Atom,
        Format::Mail,
        Format::Mbox,
        Format::Warc,
    ];
    let known: Vec<&str> = known.map(Format::as_str).into_iter().chain(["gzip", "zstd", "zip"]).collect();
    assert_eq!(told, known, "each format has a row");
}
