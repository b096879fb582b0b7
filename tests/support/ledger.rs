//! What was dropped, and whether all of it came out: each once in the sink, and each once in done/ or failed/.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Dir, TARIFFS, digest, records};

/// Everything that was dropped in one folder.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    inputs: Vec<Input>,
    /// What is to be canceled next, by the name that its publisher gives it.
    killed: String,
}

#[derive(Debug)]
struct Input {
    path: String,
    bytes: Vec<u8>,
    /// The articles in it that have lines, by number; none where it is refused.
    items: Vec<u32>,
    /// The one article among them that is refused alone, where there is one.
    refused_item: Option<u32>,
    /// Whether more of it is under embargo, so that it stays in embargo/.
    is_held: bool,
}

impl Ledger {
    /// Notes an article that will be dropped under this path; no two have the same bytes.
    pub(crate) fn article(&mut self, path: &str) -> Vec<u8> {
        self.note(path, format!("{TARIFFS}\nNumber {}\n", self.inputs.len()).into_bytes(), vec![0], None)
    }

    /// Notes a file of several articles, of which one cannot be read.
    pub(crate) fn several(&mut self, path: &str) -> Vec<u8> {
        let number = self.inputs.len();
        let line = |item: u32| match item {
            2 => "{\"title\":\"Cut\n".to_string(),
            _ => json!({ "title": format!("File {number}, article {item}"), "text": TARIFFS }).to_string() + "\n",
        };
        let bytes = (0..6).map(line).collect::<String>().into_bytes();
        self.note(path, bytes, vec![0, 1, 3, 4, 5], Some(2))
    }

    /// Notes a file of two articles, of which the second is under embargo for long.
    pub(crate) fn held(&mut self, path: &str) -> Vec<u8> {
        let number = self.inputs.len();
        let article = |item: u32, embargoed: Option<&str>| {
            json!({
                "uri": format!("urn:example:{number}:{item}"), "pubstatus": "usable", "embargoed": embargoed,
                "headline": format!("File {number}, article {item}"), "body_text": TARIFFS,
            })
            .to_string()
        };
        let bytes = format!("{}\n{}\n", article(0, None), article(1, Some("2098-01-01T00:00:00Z"))).into_bytes();
        self.note(path, bytes.clone(), vec![0], None);
        self.inputs[number].is_held = true;
        bytes
    }

    /// Notes an article that is under embargo for long, and that a notice will cancel.
    pub(crate) fn killed(&mut self, path: &str) -> Vec<u8> {
        self.killed = format!("urn:example:{}", self.inputs.len());
        let article = json!({
            "uri": self.killed, "pubstatus": "usable", "embargoed": "2098-01-01T00:00:00Z", "headline": "Talks",
            "body_text": TARIFFS,
        });
        self.note(path, article.to_string().into_bytes(), Vec::new(), None)
    }

    /// Notes the notice that cancels the article that was noted last to be.
    pub(crate) fn kill(&mut self, path: &str) -> Vec<u8> {
        let notice = json!({ "uri": self.killed, "pubstatus": "canceled", "headline": "Kill" });
        self.note(path, notice.to_string().into_bytes(), vec![0], None)
    }

    /// Notes a file that will be refused: it is empty but for white space.
    pub(crate) fn refused(&mut self, path: &str) -> Vec<u8> {
        self.note(path, vec![b'\n'; self.inputs.len()], Vec::new(), None)
    }

    fn note(&mut self, path: &str, bytes: Vec<u8>, items: Vec<u32>, refused_item: Option<u32>) -> Vec<u8> {
        self.inputs.push(Input { path: path.into(), bytes: bytes.clone(), items, refused_item, is_held: false });
        bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.inputs.len()
    }

    /// What does not hold of what holds at any moment, so after a kill as well: nothing is lost, and nothing is in done/
    /// without its line.
    pub(crate) fn verdict_cut_short(&self, dir: &Dir) -> Result<(), String> {
        let standing: BTreeSet<Vec<u8>> = files(&dir.path("")).into_values().collect();
        if let Some(lost) = self.inputs.iter().find(|input| !standing.contains(&input.bytes)) {
            return Err(format!("{} is lost", lost.path));
        }
        let sink = sink(dir);
        let whole = sink.split_inclusive(|&b| b == b'\n').filter(|line| line.ends_with(b"\n"));
        let lines: BTreeSet<String> = whole.filter_map(|l| digest_of(&serde_json::from_slice(l).ok()?)).collect();
        let early = files(&dir.inbox().join("done")).into_iter().find(|(_, bytes)| !lines.contains(&digest(bytes)));
        early.map_or(Ok(()), |(path, _)| Err(format!("{} is in done/ before its line", path.display())))
    }

    /// What does not hold of what holds once everything is worked.
    pub(crate) fn verdict(&self, dir: &Dir) -> Result<(), String> {
        let records = records(&sink(dir));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        // In embargo/ a file may have got a number before it was read.
        let path_of = |r: &Value| match text(&r["source"]["inbox"]).ends_with("/embargo") {
            true => numberless(Path::new(&text(&r["source"]["path"]))),
            false => text(&r["source"]["path"]),
        };
        let line = |r: &Value| (path_of(r), digest_of(r), r["source"]["item"].as_u64());
        let lines_of = |i: &Input| -> Vec<_> {
            let digest = digest(&i.bytes);
            i.items.iter().map(|&item| (i.path.clone(), Some(digest.clone()), Some(item.into()))).collect()
        };
        same("lines", self.inputs.iter().flat_map(lines_of), records.iter().map(line))?;
        if let Some(record) = records.iter().find(|record| !record["replaces"].is_null()) {
            return Err(format!("nothing was replaced: {record}"));
        }
        let ids: BTreeSet<String> = records.iter().map(|record| text(&record["id"])).collect();
        let named = |r: &&Value| r["near_duplicate"]["of"].as_str().is_some_and(|of| !ids.contains(of));
        if let Some(record) = records.iter().find(named) {
            return Err(format!("what it repeats has no line: {record}"));
        }
        for folder in ["done", "failed", "embargo"] {
            let mut found = files(&dir.inbox().join(folder));
            if folder == "embargo" {
                take_notes(&mut found)?;
            }
            if folder == "failed" {
                self.take_reasons_of_articles(&mut found)?;
                take_reasons(&mut found)?;
            }
            let place = |i: &Input| match (i.is_held, i.items.is_empty()) {
                (true, _) => "embargo",
                (false, true) => "failed",
                (false, false) => "done",
            };
            let expected = self.inputs.iter().filter(|i| place(i) == folder);
            let expected = expected.map(|i| (i.path.clone(), digest(&i.bytes)));
            same(folder, expected, found.into_iter().map(|(path, bytes)| (numberless(&path), digest(&bytes))))?;
        }
        let ours = ["done", "failed", ".disputed", "embargo"].map(|ours| dir.inbox().join(ours));
        let left = files(&dir.inbox()).into_keys().map(|path| dir.inbox().join(path));
        let left: Vec<PathBuf> = left.filter(|path| !ours.iter().any(|ours| path.starts_with(ours))).collect();
        if !left.is_empty() {
            return Err(format!("left behind: {left:?}"));
        }
        // A kill is no damage: what is written in one call is there or is not.
        let damaged = files(&ours[2]).into_keys().find(|path| path.to_string_lossy().contains("damaged"));
        damaged.map_or(Ok(()), |path| Err(format!("damage was found in the state: {}", path.display())))
    }

    /// Every file with an article that was refused alone has one reason that says so.
    fn take_reasons_of_articles(&self, found: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), String> {
        let mut reasons = Vec::new();
        found.retain(|path, bytes| {
            let is_one = path.to_string_lossy().ends_with(".articles.json");
            if is_one {
                let reason: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let items: Vec<_> =
                    reason["articles"].as_array().into_iter().flatten().map(|a| a["item"].as_u64()).collect();
                reasons.push((reason["source"]["path"].as_str().map(String::from), items));
            }
            !is_one
        });
        let refused = |i: &Input| Some((Some(i.path.clone()), vec![Some(u64::from(i.refused_item?))]));
        same("reasons of articles", self.inputs.iter().filter_map(refused), reasons.into_iter())
    }

    /// Where everything stands, for who has to understand a failure.
    pub(crate) fn scene(&self, dir: &Dir) -> String {
        let short = |bytes: &[u8]| digest(bytes)[..9].to_string();
        let dropped: Vec<String> = self.inputs.iter().map(|i| format!("{} {}", short(&i.bytes), i.path)).collect();
        let standing = files(&dir.path("")).into_iter().map(|(p, bytes)| format!("{} {}", short(&bytes), p.display()));
        let sink = String::from_utf8_lossy(&sink(dir)).into_owned();
        let lines: Vec<String> = sink.lines().map(|line| line.chars().take(240).collect()).collect();
        format!("dropped: {dropped:#?}\nfiles: {:#?}\nsink: {lines:#?}", standing.collect::<Vec<_>>())
    }
}

/// Every file in embargo/ has a note beside it that names its second article, and no note is without a file.
fn take_notes(found: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), String> {
    found.retain(|path, _| !path.starts_with(".disputed"));
    let held: Vec<PathBuf> = found.keys().filter(|p| !p.to_string_lossy().ends_with(".held.json")).cloned().collect();
    for path in &held {
        let note = found.remove(&path.with_added_extension("held.json"));
        let note: Value = serde_json::from_slice(&note.unwrap_or_default()).unwrap_or_default();
        if note["articles"][0]["item"] != 1 || note["articles"].as_array().map(Vec::len) != Some(1) {
            return Err(format!("the note of {} says {note}", path.display()));
        }
    }
    match found.keys().find(|path| !held.contains(path)) {
        Some(stray) => Err(format!("a stray note: {}", stray.display())),
        None => Ok(()),
    }
}

/// Every reason must be one, and belong to a refused file beside it.
fn take_reasons(found: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), String> {
    let refused: Vec<PathBuf> =
        found.keys().filter(|p| !p.to_string_lossy().ends_with(".reason.json")).cloned().collect();
    for path in &refused {
        let beside = path.with_added_extension("reason.json");
        let reason = found.remove(&beside).ok_or(format!("{} has no reason", path.display()))?;
        let reason: Value = serde_json::from_slice(&reason).map_err(|e| format!("{}: {e}", beside.display()))?;
        if reason["code"] != "empty" && reason["code"] != "withheld" {
            return Err(format!("{} says {reason}", beside.display()));
        }
    }
    match found.keys().find(|path| !refused.contains(path)) {
        Some(stray) => Err(format!("a stray reason: {}", stray.display())),
        None => Ok(()),
    }
}

fn same<T: Ord + std::fmt::Debug>(
    what: &str,
    expected: impl Iterator<Item = T>,
    found: impl Iterator<Item = T>,
) -> Result<(), String> {
    let (mut expected, mut found): (Vec<T>, Vec<T>) = (expected.collect(), found.collect());
    expected.sort();
    found.sort();
    if expected == found {
        return Ok(());
    }
    let (want, have) = (expected.len(), found.len());
    let lost: Vec<&T> = expected.iter().filter(|e| !found.contains(e)).take(5).collect();
    let more: Vec<&T> = found.iter().filter(|f| !expected.contains(f)).take(5).collect();
    let twice: Vec<&T> = found.windows(2).filter(|w| w[0] == w[1]).map(|w| &w[0]).take(5).collect();
    Err(format!("{what}: {have} instead of {want}; missing {lost:?}, unexpected {more:?}, twice {twice:?}"))
}

/// All that was written to the sink and to its older generations.
pub(crate) fn sink(dir: &Dir) -> Vec<u8> {
    let generations =
        files(&dir.path("")).into_iter().filter(|(path, _)| path.to_string_lossy().starts_with("sink.jsonl"));
    generations.flat_map(|(_, bytes)| bytes).collect()
}

/// Every file below a folder, hidden ones too, by its path there.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(below), Ok(bytes)) = (path.strip_prefix(folder), fs::read(&path)) {
                files.insert(below.to_path_buf(), bytes);
            }
        }
    }
    files
}

fn digest_of(record: &Value) -> Option<String> {
    record["source"]["digest"].as_str().map(String::from)
}

/// `wire/a.12.txt` to `wire/a.txt`: the name that it was dropped under.
fn numberless(path: &Path) -> String {
    let text = path.display().to_string();
    let Some(stem) = text.strip_suffix(".txt") else { return text };
    match stem.rsplit_once('.') {
        Some((stem, number)) if number.chars().all(|c| c.is_ascii_digit()) => format!("{stem}.txt"),
        _ => text,
    }
}
