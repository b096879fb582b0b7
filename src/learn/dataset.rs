//! Labelled paragraphs on a disk, in whatever format.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::corpus::{Document, Labelled, corpus_error};
use super::decisions::{Gathered, gather};
use super::formats::{self, Annotation, Export, Fault, Format, Says, folders};
use super::layout::{self, File};
use crate::error::{Error, Result};

/// Labelled paragraphs as they were found, which need not be enough to learn from.
///
/// ```
/// use std::path::Path;
/// use disputed::learn::{Dataset, Format, Written};
/// let dataset = Dataset::read(Path::new("corpus/paragraphs/trade.jsonl"))?;
/// let export = dataset.export(Format::FastText)?;
/// let Written::File(bytes) = export.written else { panic!("fastText is one file") };
/// assert!(bytes.starts_with(b"__label__trade "));
/// # Ok::<(), disputed::Error>(())
/// ```
pub struct Dataset {
    path: PathBuf,
    pub(super) articles: Vec<File>,
    pub(super) paragraphs: Vec<File>,
    pub(super) conflicts: Vec<String>,
    pub(super) left_out: Vec<String>,
    /// The files in our layout, whose other fields nobody has looked at yet: who trains has no use for them.
    ours: Vec<PathBuf>,
    /// The other fields of all other files.
    fields: BTreeSet<String>,
}

/// The files of a folder that are looked into where it is not in our layout.
const EXTENSIONS: [&str; 3] = ["jsonl", "json", "txt"];

impl Dataset {
    /// Reads labelled paragraphs: a folder in our layout (`paragraphs/*.jsonl` and `articles/*.jsonl`), a folder of
    /// text files in folders named by label, a folder of `.jsonl`, `.json` and `.txt` files, or one file. What format
    /// each file has is told by its first entry.
    ///
    /// Other tools' labels are written as ours are (`Arms Control` is `arms-control`), and `none` means no topic. Where a
    /// tool says of a text only whether some labels hold (Prodigy, spaCy), a text is taken once it was said of every
    /// label in the data set; the others are left out.
    ///
    /// # Errors
    /// An [`Error::Corpus`] with file, line and what was expected where an entry is bad, or where there is nothing. An
    /// [`Error::Io`] where something cannot be read.
    pub fn read(path: &Path) -> Result<Dataset> {
        let metadata = std::fs::metadata(path).map_err(Error::io("read the corpus", path))?;
        let mut dataset = Dataset {
            path: path.to_path_buf(),
            articles: Vec::new(),
            paragraphs: Vec::new(),
            conflicts: Vec::new(),
            left_out: Vec::new(),
            ours: Vec::new(),
            fields: BTreeSet::new(),
        };
        let mut seen = Seen::default();
        if metadata.is_dir() {
            let (articles, paragraphs) = (jsonl(&path.join("articles"))?, jsonl(&path.join("paragraphs"))?);
            if articles.is_empty() && paragraphs.is_empty() {
                dataset.read_others(&entries(path)?, &mut seen)?;
            }
            for file in &articles {
                dataset.read_articles(file, &mut seen)?;
            }
            for file in &paragraphs {
                let read = layout::paragraphs(file)?;
                seen.note_all(&read, file);
                dataset.paragraphs.push(read);
                dataset.ours.push(file.clone());
            }
        } else {
            dataset.read_others(&[path.to_path_buf()], &mut seen)?;
        }
        dataset.conflicts.extend(seen.conflicts);
        if dataset.documents().next().is_none() {
            let why = dataset.left_out.iter().map(|why| format!(": {why}")).collect::<String>();
            let message = format!(
                "the corpus is empty{why}; expected paragraphs/*.jsonl and articles/*.jsonl with labelled paragraphs, or \
                 files of another format"
            );
            return Err(corpus_error(path, None, message));
        }
        Ok(dataset)
    }

    /// The articles, and then the paragraphs that stand by themselves.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.articles.iter().chain(&self.paragraphs).flat_map(|file| &file.documents)
    }

    /// The same text under different labels, with the places of both, as sentences for a person.
    pub fn conflicts(&self) -> &[String] {
        &self.conflicts
    }

    /// What was not taken, and why, as sentences for a person.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Writes it all in another format, with sentences for a person on what that cannot carry.
    ///
    /// # Errors
    /// An [`Error::Corpus`] where a text or a label cannot be written in it. An [`Error::Io`] where the files have gone
    /// since they were read.
    pub fn export(&self, format: Format) -> Result<Export> {
        let documents: Vec<Document> = self.documents().cloned().collect();
        let mut export =
            formats::write(format, &documents).map_err(|message| corpus_error(&self.path, None, message))?;
        if format == Format::Corpus && self.articles.len() > 1 {
            export.lost.push("which file each article stood in is lost: they count as one register of writing".into());
        }
        let mut fields = self.fields.clone();
        for path in &self.ours {
            fields.extend(layout::other_fields(path)?);
        }
        if !fields.is_empty() {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            export.lost.push(format!("other fields are not carried over: {}", fields.join(", ")));
        }
        Ok(export)
    }

    fn read_articles(&mut self, path: &Path, seen: &mut Seen) -> Result<()> {
        let file = layout::articles(path)?;
        seen.note_all(&file, path);
        self.articles.push(file);
        self.ours.push(path.to_path_buf());
        Ok(())
    }

    /// Reads files of other tools, or folders named by label.
    fn read_others(&mut self, paths: &[PathBuf], seen: &mut Seen) -> Result<()> {
        let (named, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
        if let (Some(folder), Some(file)) = (named.first(), files.first()) {
            let message = format!(
                "it stands beside the folder {}; expected files of labelled texts, or folders named by label, but not both",
                folder.display()
            );
            return Err(corpus_error(file, None, message));
        }
        let mut annotations = Vec::new();
        for folder in named {
            annotations.extend(named_by_label(folder)?);
        }
        for path in files {
            let text = layout::utf8(path, std::fs::read(path).map_err(Error::io("read", path))?)?;
            let bad = |Fault { line, message }| corpus_error(path, Some(line), message);
            let format = formats::tell(&text).map_err(bad)?;
            if format == Format::Corpus {
                self.read_articles(path, seen)?;
                continue;
            }
            let sheet = formats::read(format, &text).map_err(bad)?;
            self.fields.extend(sheet.fields);
            let place = |line| format!("{}:{line}", path.display());
            annotations.extend(sheet.annotations.into_iter().map(|a| (place(a.line), a)).map(|(place, a)| (a, place)));
        }
        let Gathered { paragraphs, conflicts, left_out } = gather(annotations);
        paragraphs.iter().for_each(|(paragraph, place)| seen.note(paragraph, place.clone()));
        self.conflicts.extend(conflicts);
        self.left_out.extend(left_out);
        if !paragraphs.is_empty() {
            self.paragraphs.push(in_order(paragraphs.into_iter().map(|(paragraph, _)| paragraph).collect()));
        }
        Ok(())
    }
}

/// One file of all paragraphs that other formats held: neither their order nor the format changes what is learned.
fn in_order(mut paragraphs: Vec<Labelled>) -> File {
    let sorted = |paragraph: &Labelled| {
        let mut labels = paragraph.labels.clone();
        labels.sort();
        labels
    };
    paragraphs.sort_by(|a, b| (&a.text, sorted(a), &a.labels).cmp(&(&b.text, sorted(b), &b.labels)));
    let mut hasher = blake3::Hasher::new();
    for paragraph in &paragraphs {
        // Neither a text nor a label holds a NUL in front of its length.
        for part in [&paragraph.text].into_iter().chain(&sorted(paragraph)) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&u64::MAX.to_le_bytes());
    }
    let documents = paragraphs.into_iter().map(|paragraph| Document::new(vec![paragraph], false)).collect();
    File { documents, digest: hasher.finalize() }
}

/// The text files in a folder that is named by label.
fn named_by_label(folder: &Path) -> Result<Vec<(Annotation, String)>> {
    let bad = |path: &Path, message: String| corpus_error(path, None, message);
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let labels = folders::labels(&name).map_err(|message| bad(folder, message))?;
    let mut annotations = Vec::new();
    for path in listed(folder)? {
        if path.is_dir() {
            return Err(bad(&path, "it is a folder; expected text files in folders that are named by label".into()));
        }
        let text = layout::utf8(&path, std::fs::read(&path).map_err(Error::io("read", &path))?)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(bad(&path, "the text is empty; expected a text".into()));
        }
        let annotation = Annotation { line: 1, text: text.to_string(), says: Says::All(labels.clone()) };
        annotations.push((annotation, path.display().to_string()));
    }
    Ok(annotations)
}

/// What of a folder is looked into where it is not in our layout.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = listed(folder)?;
    let known = |path: &PathBuf| path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known));
    // A folder of our layout that has nothing in it is no label.
    let ours = |path: &PathBuf| ["articles", "paragraphs"].iter().any(|name| path.file_name() == Some(name.as_ref()));
    let empty = |path: &PathBuf| listed(path).is_ok_and(|paths| paths.is_empty());
    paths.retain(|path| if path.is_dir() { !(ours(path) && empty(path)) } else { known(path) });
    Ok(paths)
}

/// The `.jsonl` files of a folder by name; a folder that is not there has none.
fn jsonl(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = listed(folder)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    Ok(paths)
}

/// What is in a folder, by name; hidden files are none of it.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("list", folder))?;
    let paths = entries.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>();
    let mut paths = paths.map_err(Error::io("list", folder))?;
    paths.retain(|path| !path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")));
    paths.sort();
    Ok(paths)
}

/// Texts with the labels and the place where they were first met.
#[derive(Default)]
struct Seen {
    first: HashMap<String, (Vec<String>, String)>,
    conflicts: Vec<String>,
}

impl Seen {
    fn note_all(&mut self, file: &File, path: &Path) {
        for (document, line) in file.documents.iter().zip(1..) {
            document.paragraphs.iter().for_each(|p| self.note(p, format!("{}:{line}", path.display())));
        }
    }

    /// Notes a paragraph, and that it contradicts an earlier one: at least one of the two is wrong.
    fn note(&mut self, paragraph: &Labelled, place: String) {
        let mut labels = paragraph.labels.clone();
        labels.sort();
        let (before, first) =
            self.first.entry(paragraph.text.clone()).or_insert_with(|| (labels.clone(), place.clone()));
        if *before != labels {
            let start: String = paragraph.text.chars().take(60).collect();
            self.conflicts.push(format!("{place}: “{start}” has the labels {labels:?} here and {before:?} in {first}"));
        }
    }
}
