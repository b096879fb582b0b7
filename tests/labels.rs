//! Labelled paragraphs of other tools: read as golden folders say, written as golden files say, and told what is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::support::{Dir, disputed};
use crate::train::small;

/// Where the golden folders are: in each one what is read in `from`, and what becomes of it beside.
const GOLDEN: &str = "tests/labels";

const FORMATS: [&str; 7] = ["corpus", "fasttext", "doccano", "prodigy", "spacy", "label-studio", "folders"];

fn convert(from: &Path, to: &Path, format: &str) -> Output {
    disputed(["corpus", "convert"]).arg(from).arg(to).args(["--to", format]).output()
}

/// What a success warned of, a sentence a line.
fn warned(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{said}", output.status);
    said.lines().map(|line| line.split_once(" WARN ").expect("a warning").1.to_string() + "\n").collect()
}

/// Every file below a folder, or the file itself, by its path; in one text.
fn everything(path: &Path) -> String {
    if !path.is_dir() {
        return fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(path).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let one = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let inside = everything(path);
        if path.is_dir() { inside.lines().map(|l| format!("{name}/{l}\n")).collect() } else { prefixed(&name, &inside) }
    };
    paths.iter().map(one).collect()
}

fn prefixed(name: &str, text: &str) -> String {
    text.lines().map(|line| format!("{name}: {line}\n")).collect()
}

/// Holds what was made against a file; `UPDATE=1` writes it instead.
fn golden(path: &Path, made: &str) {
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(path, made).expect("a golden file");
    }
    let expected = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}; run with UPDATE=1", path.display()));
    assert_eq!(made, expected, "{}", path.display());
}

#[test]
fn labels_of_other_tools_are_read_as_the_golden_folders_say() {
    let dir = Dir::new();
    let folders: Vec<PathBuf> = fs::read_dir(GOLDEN).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    assert!(folders.len() > 8, "the golden folders were not found");
    for folder in folders {
        let to = dir.path(folder.file_name().expect("a name"));
        let output = convert(&folder.join("from"), &to, "corpus");
        golden(&folder.join("warned.txt"), &warned(&output));
        golden(&folder.join("read.txt"), &everything(&to));
    }
}

#[test]
fn labels_are_written_for_other_tools_as_the_golden_files_say() {
    let dir = Dir::new();
    for format in FORMATS {
        let to = dir.path(format);
        let output = convert(&Path::new(GOLDEN).join("ours/from"), &to, format);
        let written = format!("{}\n{}", warned(&output), everything(&to));
        golden(&Path::new(GOLDEN).join("ours").join(format!("{format}.txt")), &written);
    }
}

/// The texts of a corpus in our layout, each with its labels, sorted.
fn paragraphs(corpus: &Path) -> Vec<(String, Vec<String>)> {
    let files = ["articles", "paragraphs"].map(|sort| fs::read_dir(corpus.join(sort)).into_iter().flatten());
    let files = files.into_iter().flatten().map(|e| fs::read_to_string(e.expect("an entry").path()).expect("text"));
    let mut all = Vec::new();
    for line in files.collect::<String>().lines() {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let paragraphs = value.get("paragraphs").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![value]);
        for paragraph in paragraphs {
            let label = |label: &Value| label.as_str().expect("a label").to_string();
            let labels = paragraph["label"].as_array().expect("labels").iter().map(label).collect();
            all.push((paragraph["text"].as_str().expect("a text").to_string(), labels));
        }
    }
    all.sort();
    all
}

#[test]
fn our_own_corpus_comes_back_from_every_format() {
    let dir = Dir::new();
    let corpus = paragraphs(Path::new("corpus"));
    for format in FORMATS {
        let (there, back) = (dir.path(format), dir.path(format!("{format}.back")));
        warned(&convert(Path::new("corpus"), &there, format));
        assert_eq!(warned(&convert(&there, &back, "corpus")), "", "{format}");
        let mut expected = corpus.clone();
        if format == "spacy" {
            expected.iter_mut().for_each(|(_, labels)| labels.sort());
            expected.sort();
        }
        assert!(paragraphs(&back) == expected, "{format}");
    }
}

#[test]
fn the_same_labels_give_the_same_model_in_any_other_format() {
    let dir = Dir::new();
    small(&dir);
    let mut models = Vec::new();
    for format in FORMATS.iter().skip(1) {
        let to = dir.path(format);
        warned(&convert(&dir.path("corpus"), &to, format));
        let out = dir.path(format!("{format}.model"));
        disputed(["train", "--corpus"]).arg(&to).arg("--out").arg(&out).succeed();
        models.push(fs::read(out).expect("a model"));
    }
    assert!(models.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn what_training_leaves_out_is_told() {
    let dir = Dir::new();
    small(&dir);
    convert(&dir.path("corpus"), &dir.path("labels.jsonl"), "prodigy");
    let mut lines = fs::read_to_string(dir.path("labels.jsonl")).expect("labels");
    lines += "{\"text\":\"A rocket on the pad\",\"label\":\"space\",\"answer\":\"accept\"}\n";
    lines += "{\"text\":\"A match in the rain\",\"label\":\"sport\",\"answer\":\"ignore\"}\n";
    dir.write("labels.jsonl", lines);
    let output = disputed(["train", "--corpus"]).arg(dir.path("labels.jsonl")).arg("--out").arg(dir.path("m")).output();
    let said = warned(&output);
    let place = |line: usize| format!("{}:{line}", dir.path("labels.jsonl").display());
    for sentence in [
        format!("left out because it is ignored, cancelled or not answered yet: 1, the first in {}\n", place(26)),
        format!(
            "left out because not every label is decided on: 1, the first in {}, where nobody decided on sport\n",
            place(25)
        ),
    ] {
        assert!(said.contains(&sentence), "{sentence} in {said}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let doccano = "{\"text\":\"Lift-off\",\"label\":[\"space\"]}\n";
    let prodigy = "{\"text\":\"Lift-off\",\"label\":\"space\",\"answer\":\"accept\"}\n";
    let spacy = "{\"text\":\"Lift-off\",\"cats\":{\"space\":1}}\n";
    let task = |text: &str, result: &str| {
        format!("[\n{{\"data\":{{\"text\":\"{text}\"}},\"annotations\":[{{\"result\":[{result}]}}]}}\n]\n")
    };
    let min = |fields: &str| {
        format!(
            "[{{\"text\":\"Lift-off\",\"topic\":\"space\",\"annotation_id\":1}},\n{{\"text\":\"Lift-off\",\"annotation_id\":2,{fields}}}]"
        )
    };
    let cases: Vec<(String, &str, &str)> = vec![
        (min("\"mood\":\"good\""), ":2: ", "labels come from several fields (mood, topic)"),
        (min("\"topic\":\"space\",\"source\":\"AP\""), ":2: ", "which of source, topic is the label cannot be told"),
        (min("\"topic\":[{\"start\":0,\"labels\":[\"space\"]}]"), ":2: ", "what was chosen is no name"),
        (String::new(), ":1: ", "the file is empty; expected fastText (__label__…), or JSON of doccano"),
        ("\nLift-off\n".into(), ":2: ", "the line is of no known format; expected fastText"),
        (
            "{\"text\":\"Lift-off\",\"topic\":\"space\"}\n".into(),
            ":1: ",
            "an entry with `text`, `topic` is of no known format",
        ),
        ("[1]".into(), ":1: ", "an entry with no fields is of no known format"),
        ("{\"text\":\n".into(), ":1: ", "EOF while parsing a value; expected one JSON value a line"),
        (format!("{doccano}{{\"text\":\" \",\"label\":[]}}\n"), ":2: ", "the text is empty; expected {\"text\""),
        (format!("{doccano}{{\"text\":\"Lift-off\"}}\n"), ":2: ", "missing field `label`; expected"),
        (format!("{doccano}{{\"label\":[]}}\n"), ":2: ", "missing field `text`; expected"),
        (
            format!("{doccano}{{\"text\":\"Lift-off\",\"label\":[\"1st\"]}}\n"),
            ":2: ",
            "\"1st\" is no label; expected lower-case",
        ),
        (
            format!("{doccano}{{\"text\":\"Lift-off\",\"label\":[[0,4,\"space\"]]}}\n"),
            ":2: ",
            "the labels are on parts of the text",
        ),
        (
            format!("{doccano}{{\"text\":\"Lift-off\",\"label\":[\"space\",\"Space\"]}}\n"),
            ":2: ",
            "\"space\" stands twice",
        ),
        (
            format!("{doccano}{{\"text\":\"Lift-off\",\"label\":[\"space\",\"none\"]}}\n"),
            ":2: ",
            "none stands with topics",
        ),
        (format!("{prodigy}{{\"text\":\"Lift-off\",\"label\":\"space\"}}\n"), ":2: ", "missing field `answer`"),
        (
            format!("{prodigy}{{\"text\":\"Lift-off\",\"label\":\"space\",\"answer\":\"yes\"}}\n"),
            ":2: ",
            "`answer` is neither accept, reject nor ignore",
        ),
        (
            format!("{prodigy}{{\"text\":\"Lift-off\",\"answer\":\"accept\"}}\n"),
            ":2: ",
            "there is neither a label nor a choice",
        ),
        (
            format!("{prodigy}{{\"text\":\"Lift-off\",\"accept\":[\"space\"],\"answer\":\"accept\"}}\n"),
            ":2: ",
            "there is a choice without the `options`",
        ),
        (
            format!(
                "{prodigy}{{\"text\":\"Lift-off\",\"options\":[{{\"id\":\"sport\"}}],\"accept\":[\"space\"],\"answer\":\"accept\"}}\n"
            ),
            ":2: ",
            "\"space\" is accepted, but is not among the options",
        ),
        (
            format!("{spacy}{{\"text\":\"Lift-off\",\"cats\":{{\"space\":2}}}}\n"),
            ":2: ",
            "`space` is no number from 0 to 1",
        ),
        (format!("{spacy}[\"Lift-off\"]\n"), ":2: ", "the array is no pair"),
        (task(" ", ""), ":2: ", "the text is empty"),
        (
            task("Lift-off", "{\"type\":\"rating\",\"value\":{}}"),
            ":2: ",
            "an annotation has neither choices nor a taxonomy",
        ),
        (
            task("Lift-off", "{\"type\":\"choices\",\"value\":{\"start\":0,\"choices\":[]}}"),
            ":2: ",
            "the labels are on parts of the text",
        ),
        (
            task(
                "Lift-off",
                "{\"type\":\"choices\",\"from_name\":\"mood\",\"value\":{\"choices\":[]}},{\"type\":\"choices\",\"from_name\":\"topic\",\"value\":{\"choices\":[]}}",
            ),
            ":2: ",
            "labels come from several controls (mood, topic)",
        ),
        (task("Lift-off", "").replace("]\n", ""), ":3: ", "there is no comma or bracket; expected a JSON array"),
    ];
    for (text, line, message) in cases {
        let dir = Dir::new();
        let path = dir.write("labels", &text);
        let said = disputed(["corpus", "convert"]).arg(&path).arg(dir.path("to")).args(["--to", "corpus"]).fail(65);
        let start = format!("disputed: {}{line}{message}", path.display());
        assert!(said.starts_with(&start), "{text}\ngave {said}not {start}");
        assert!(!dir.path("to").exists());
    }
}

#[test]
fn what_is_wrong_with_a_folder_is_told_with_its_path() {
    let cases: [(&[(&str, &str)], &str); 6] = [
        (
            &[("space/a.txt", "Lift-off"), ("labels.txt", "__label__space Lift-off")],
            "/labels.txt: it stands beside the folder ",
        ),
        (&[("space/a/b.txt", "Lift-off")], "/space/a: it is a folder; expected text files"),
        (&[("space/a.txt", " \n")], "/space/a.txt: the text is empty"),
        (&[("space!/a.txt", "Lift-off")], "/space!: \"space!\" is no label"),
        (&[("space+none/a.txt", "Lift-off")], "/space+none: none stands with topics"),
        (
            &[("a.jsonl", "{\"text\":\"Lift-off\",\"label\":\"space\",\"answer\":\"ignore\"}")],
            ": the corpus is empty: left out because it is ignored, cancelled or not answered yet: 1, the first in ",
        ),
    ];
    for (files, message) in cases {
        let dir = Dir::new();
        files.iter().for_each(|(path, text)| drop(dir.write(Path::new("from").join(path), text)));
        let from = dir.path("from");
        let said = disputed(["corpus", "convert"]).arg(&from).arg(dir.path("to")).args(["--to", "corpus"]).fail(65);
        let start = format!("disputed: {}{message}", from.display());
        assert!(said.starts_with(&start), "{files:?} gave {said}not {start}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused_and_nothing_is_overwritten() {
    let dir = Dir::new();
    let from = dir.write("a.jsonl", "{\"text\":\"Print __label__x in the log\",\"label\":[\"space\"]}\n");
    let to = |format: &str| disputed(["corpus", "convert"]).arg(&from).arg(dir.path("to")).args(["--to", format]);
    let said = to("fasttext").fail(65);
    assert!(said.contains("a word of “Print __label__x in the log” begins with __label__"), "{said}");
    dir.write("none/paragraphs/a.jsonl", "{\"text\":\"Lift-off\",\"label\":[\"none\"]}\n");
    let said =
        disputed(["corpus", "convert"]).arg(dir.path("none")).arg(dir.path("to")).args(["--to", "spacy"]).fail(65);
    assert!(said.contains("a topic is called none, which means no topic in the format spacy"), "{said}");
    assert!(to("fastext").fail(64).contains("a similar value exists: 'fasttext'"));
    for format in FORMATS.iter().filter(|format| **format != "fasttext") {
        dir.write("to", "precious");
        let said = to(format).fail(74);
        assert!(said.contains("to: it is there already; name another, or remove it"), "{said}");
        assert_eq!(fs::read_to_string(dir.path("to")).expect("a file"), "precious");
    }
    assert_eq!(dir.names("."), ["a.jsonl", "inbox", "none", "to"], "nothing is left beside");
}
