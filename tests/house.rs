//! The house itself: who may import whom, where heavy crates live, and what the pure rooms do without.
//!
//! These are plain scans of the source. They know no Rust beyond paths and comments, which is enough, because
//! `cargo fmt` keeps the shape of the rest.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each with those that it may use.
const ARROWS: [(&str, &[&str]); 12] = [
    ("error", &[]),
    ("nearest", &[]),
    ("article", &[]),
    ("durable", &["error"]),
    ("read", &["article", "error"]),
    ("model", &["article", "error"]),
    ("record", &["article", "model"]),
    ("label", &["read", "model", "record", "article", "error"]),
    ("story", &["article"]),
    ("learn", &["model", "article", "nearest", "error"]),
    ("daemon", &["label", "story", "record", "model", "read", "article", "durable", "error"]),
    ("fuzzing", &["daemon", "label", "record", "model", "read", "article", "error"]),
];

/// Heavy crates, each with the files that may name it.
const HOMES: [(&str, &[&str]); 16] = [
    ("linfa", &["learn/fit.rs"]),
    ("linfa_bayes", &["learn/fit.rs"]),
    ("ndarray", &["learn/fit.rs"]),
    ("notify", &["daemon/watch.rs"]),
    ("dom_smoothie", &["read/html.rs"]),
    ("mail_parser", &["read/mail/mod.rs"]),
    ("pulldown_cmark", &["read/markdown.rs"]),
    ("rawzip", &["read/packed/zip.rs"]),
    ("ruzstd", &["read/packed/zstd.rs"]),
    ("quick_xml", &["read/xml/cursor.rs"]),
    // The settings derive ValueEnum, so that an option and a variable are understood alike.
    ("clap", &["bin/disputed/args.rs", "bin/disputed/options.rs", "bin/disputed/settings.rs"]),
    ("clap_complete", &["bin/disputed/completions.rs"]),
    ("clap_mangen", &["bin/disputed/man.rs"]),
    ("strsim", &["nearest.rs"]),
    ("indicatif", &["bin/disputed/train.rs"]),
    (
        "maud",
        &[
            "bin/disputed/eval/report/mod.rs",
            "bin/disputed/eval/report/chart.rs",
            "bin/disputed/eval/report/plots.rs",
            "bin/disputed/eval/report/figures.rs",
            "bin/disputed/eval/report/worst.rs",
        ],
    ),
];

/// Rooms that turn bytes into records, and nothing else.
const PURE: [&str; 7] = ["nearest", "article", "read", "model", "record", "label", "story"];

/// Parts of other rooms that do without the machine as well.
const PURE_PARTS: [&str; 2] = ["learn/formats/", "learn/decisions.rs"];

/// One file below src/.
struct Source {
    /// Below src/.
    path: String,
    text: String,
    /// The text with its comments blanked, so that lines keep their numbers.
    code: String,
}

impl Source {
    fn new(path: String, text: String) -> Source {
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default().to_string() + "\n").collect();
        Source { path, text, code }
    }

    /// The room of the library that this file is in; the program, and lib.rs with its re-exports, are in none.
    fn room(&self) -> Option<&str> {
        let first = self.path.split('/').next()?;
        let room = first.strip_suffix(".rs").unwrap_or(first);
        (!["bin", "lib"].contains(&room)).then_some(room)
    }

    /// How many modules it stands below the crate.
    fn depth(&self) -> usize {
        self.path.strip_suffix("/mod.rs").unwrap_or(&self.path).split('/').count()
    }

    /// Every path in the code that begins with this name, each with where it stands.
    fn paths(&self, root: &str) -> Vec<(String, String)> {
        let mut paths = Vec::new();
        for (at, _) in self.code.match_indices(root) {
            let before = self.code[..at].chars().next_back().unwrap_or(' ');
            let Some(rest) = self.code[at + root.len()..].strip_prefix("::") else { continue };
            if before.is_alphanumeric() || "_$:".contains(before) {
                continue;
            }
            let place = format!("src/{}:{}", self.path, self.code[..at].lines().count().max(1));
            let mut flat = Vec::new();
            flatten(rest, "", &mut flat);
            paths.extend(flat.into_iter().map(|path| (path, place.clone())));
        }
        paths
    }
}

/// `a::{b, c::d}` to `a::b` and `a::c::d`; what follows the path is returned.
fn flatten<'a>(rest: &'a str, so_far: &str, paths: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut group) = rest.strip_prefix('{') {
        loop {
            group = group.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            match group.strip_prefix('}') {
                Some(after) => return after,
                None if group.is_empty() => return group,
                None => group = flatten(group, so_far, paths).trim_start_matches(|c| !",}".contains(c)),
            }
        }
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || "_*".contains(c))).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let path = if so_far.is_empty() { name.to_string() } else { format!("{so_far}::{name}") };
    match after.strip_prefix("::") {
        Some(deeper) if deeper.starts_with(|c: char| c.is_alphabetic() || "_{*".contains(c)) => {
            flatten(deeper, &path, paths)
        }
        _ => {
            paths.push(path);
            after
        }
    }
}

/// Every file below src/, in a fixed order.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let below = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
                sources.push(Source::new(below, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > ARROWS.len(), "the sources were not found");
    sources
}

/// Fails with the rule, every place that breaks it, and why it stands.
fn keep(rule: &str, why: &str, broken: &[String]) {
    assert!(broken.is_empty(), "\nthe rule: {rule}\nbroken at:\n  {}\nwhy it stands: {why}\n", broken.join("\n  "));
}

/// What a file imports that its room may not.
fn wrong_imports(source: &Source) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("src/{} is in a room that has no arrows: add it to ARROWS", source.path)];
    };
    let is_room = |name: &str| ARROWS.iter().any(|(room, _)| *room == name);
    let mut imports = source.paths("crate");
    // From the top of a room `super` is the crate: the long way round to another room. Below it takes one more a folder, so
    // that a file may have the name of a room.
    imports.extend(source.paths("super").into_iter().filter_map(|(path, place)| {
        let ups = 1 + path.matches("super::").count();
        let path = path.trim_start_matches("super::").to_string();
        (ups >= source.depth() && is_room(path.split("::").next().unwrap_or_default())).then_some((path, place))
    }));
    let mut wrong = Vec::new();
    for (path, place) in imports {
        let (to, item) = path.split_once("::").unwrap_or((&path, ""));
        if !is_room(to) {
            wrong.push(format!("{place} names crate::{path}: inside the crate, import it from its room"));
        } else if to != room && !allowed.contains(&to) {
            wrong.push(format!("{place}: {room} may not use {to} (crate::{path})"));
        } else if (room, to) == ("daemon", "read") && !matches!(item.split("::").next(), Some("Input" | "Limits")) {
            wrong.push(format!("{place}: daemon may use nothing of read but Input and Limits (crate::{path})"));
        }
    }
    wrong
}

#[test]
fn rooms_use_each_other_only_along_the_arrows() {
    keep(
        "a room uses only the rooms that ARROWS lists for it, each by its own path",
        "the core can be read, tested and replaced without the rest only while nothing in it looks outwards; daemon and \
         learn never meet, and neither do read and model. What lib.rs re-exports is for outsiders: through it an arrow \
         would not be seen",
        &sources().iter().flat_map(wrong_imports).collect::<Vec<_>>(),
    );
}

/// Where a file names a crate that lives elsewhere.
fn wrong_homes(source: &Source) -> Vec<String> {
    let away = HOMES.iter().filter(|(_, homes)| !homes.contains(&source.path.as_str()));
    let named = away.flat_map(|(heavy, homes)| {
        let mut places: Vec<String> = source.paths(heavy).into_iter().map(|(_, place)| place).collect();
        let whole = [format!("use {heavy};"), format!("use {heavy} as "), format!("extern crate {heavy}")];
        places.extend(whole.iter().filter(|w| source.code.contains(*w)).map(|w| format!("src/{}: {w}", source.path)));
        places.into_iter().map(move |place| format!("{place} names {heavy}, which lives in {}", homes.join(" and ")))
    });
    named.collect()
}

#[test]
fn heavy_crates_have_one_home() {
    let sources = sources();
    keep(
        "linfa, notify, dom_smoothie, mail-parser, clap and the other heavy crates are named only in their homes",
        "a crate that one file speaks to can be pinned, replaced or dropped by changing that file",
        &sources.iter().flat_map(wrong_homes).collect::<Vec<_>>(),
    );
    let empty = HOMES.iter().flat_map(|(heavy, homes)| homes.iter().map(move |home| (heavy, home)));
    let empty = empty.filter(|(heavy, home)| !sources.iter().any(|s| s.path == **home && !s.paths(heavy).is_empty()));
    keep(
        "every home in HOMES is lived in",
        "a home that has moved would leave its old address open to everybody",
        &empty.map(|(heavy, home)| format!("src/{home} does not name {heavy}")).collect::<Vec<_>>(),
    );
}

/// What a file of a pure room uses of the machine.
fn impurities(source: &Source) -> Vec<String> {
    let pure_part = PURE_PARTS.iter().any(|part| source.path.starts_with(part));
    if !pure_part && !source.room().is_some_and(|room| PURE.contains(&room)) {
        return Vec::new();
    }
    let machine = ["fs", "thread", "env", "process", "net"];
    let std = source.paths("std").into_iter();
    let std = std.filter(|(path, _)| machine.contains(&path.split("::").next().unwrap_or_default()));
    let mut impure: Vec<String> = std.map(|(path, place)| format!("{place} uses std::{path}")).collect();
    for (i, line) in source.code.lines().enumerate() {
        let clock = ["Instant::now", "SystemTime::now"].into_iter().find(|clock| line.contains(clock));
        impure.extend(clock.map(|clock| format!("src/{}:{} reads {clock}", source.path, i + 1)));
    }
    // The one door: a model may be loaded from a file.
    impure.retain(|place| !(source.path == "model/mod.rs" && place.ends_with(" uses std::fs::read")));
    impure
}

#[test]
fn the_core_is_pure() {
    let sources = sources();
    keep(
        "article, read, model, record, label, story and the formats of labels use no disk, thread, environment or clock; \
         Model::load alone reads a file",
        "the same bytes and the same model must give the same record, on any machine and at any time; what differs is an \
         argument",
        &sources.iter().flat_map(impurities).collect::<Vec<_>>(),
    );
    let model = sources.iter().find(|s| s.path == "model/mod.rs").expect("the room of the model");
    let (_, load) = model.code.split_once("    pub fn load(").expect("Model::load");
    let body = load.split_once("\n    }\n").expect("its end").0;
    assert_eq!(
        (model.code.matches("std::fs").count(), body.matches("std::fs::read(").count()),
        (1, 1),
        "src/model/mod.rs touches the disk in one place, which is Model::load"
    );
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let (mut long, mut mute, mut vague) = (Vec::new(), Vec::new(), Vec::new());
    for source in &sources() {
        let lines = source.text.lines().count();
        if lines > 400 {
            long.push(format!("src/{} has {lines} lines", source.path));
        }
        if !source.text.starts_with("//! ") {
            mute.push(format!("src/{}", source.path));
        }
        let names = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];
        if source.path.split(['/', '.']).any(|part| names.contains(&part)) {
            vague.push(format!("src/{}", source.path));
        }
    }
    keep("no file has more than 400 lines", "a file is one noun; what is longer is two", &long);
    keep("every file begins with `//! ` and what it is", "a reader decides by it whether to read on", &mute);
    keep("no file is named utils, common, helpers or manager", "such a name lets anything in", &vague);
}

#[test]
fn what_was_chosen_by_version_stays_chosen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(root.join("Cargo.lock").exists(), "the program is built from what was tested, which Cargo.lock says");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let loose = ["linfa", "linfa-bayes", "notify"].into_iter().filter_map(|name| {
        let wanted = &manifest["dependencies"][name];
        let version = wanted.as_str().or_else(|| wanted.get("version")?.as_str()).unwrap_or_default();
        (!version.starts_with('=')).then(|| format!("Cargo.toml: {name} = {version:?}"))
    });
    keep(
        "linfa, linfa-bayes and notify are pinned with `=`",
        "later versions of linfa-bayes print megabytes while they fit, and notify is a release candidate, whose next \
         one may change anything",
        &loose.collect::<Vec<_>>(),
    );
}

/// A scan that finds nothing passes: each one has to find what it looks for, and nothing else.
#[test]
fn the_scans_find_what_they_look_for() {
    let source = |path: &str, text: &str| Source::new(path.to_string(), text.to_string());
    let nested = source("label.rs", "// crate::daemon\n\nuse crate::{\n    model::{Model, a::*}, read as r,\n};\n");
    let expected = ["model::Model", "model::a::*", "read"];
    assert_eq!(nested.paths("crate"), expected.map(|path| (path.to_string(), "src/label.rs:3".to_string())));
    assert_eq!(wrong_imports(&nested), [""; 0]);

    let wrong = |path, text| wrong_imports(&source(path, text)).len();
    assert_eq!(wrong("read/html.rs", "use crate::model::Model;"), 1);
    assert_eq!(wrong("read/html.rs", "use crate::{article::Article, daemon::{run, check}};"), 2);
    assert_eq!(wrong("record.rs", "use super::daemon::run;"), 1);
    assert_eq!(wrong("read/tidy.rs", "use super::super::model::Model; use super::tidy::tidy;"), 1);
    assert_eq!(wrong("read/json/mod.rs", "use super::super::model::Model; use super::model::Model;"), 1);
    assert_eq!(wrong("read/json/ninjs.rs", "use super::super::super::story::Id; use super::story::names;"), 1);
    assert_eq!(wrong("learn/fit.rs", "fn f() -> crate::Error { crate::error::g() }"), 1);
    assert_eq!(wrong("daemon/sink.rs", "use crate::read::{Limits, read};"), 1);
    assert_eq!(wrong("daemon/sink.rs", "pub(crate) fn f() { crate::read::Limits::default() }"), 0);
    assert_eq!(wrong("attic.rs", ""), 1);
    assert_eq!(wrong("bin/disputed/run.rs", "use crate::settings::Settings;"), 0);

    let away = |path, text| wrong_homes(&source(path, text)).len();
    assert_eq!(away("daemon/mod.rs", "fn f(e: notify::Event) { sd_notify::notify(e) }"), 1);
    assert_eq!(away("daemon/watch.rs", "use notify::Event;"), 0);
    assert_eq!(away("model/score.rs", "use ndarray;"), 1);

    let impure = |path, text| impurities(&source(path, text)).len();
    assert_eq!(impure("read/mod.rs", "use std::{fs::File, thread, ops::Range};"), 2);
    assert_eq!(impure("record.rs", "use std::time::SystemTime; let t = std::time::SystemTime::now();"), 1);
    assert_eq!(impure("label.rs", "Instant::now(); SystemTime::UNIX_EPOCH;"), 1);
    assert_eq!(impure("learn/formats/json.rs", "use std::fs;"), 1);
    assert_eq!(impure("daemon/mod.rs", "use std::fs;"), 0);
}
