//! The articles that are measured: news of about four kilobytes out of corpus/, the same on every machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One article before it is a file: its paragraphs, the title first.
pub(crate) struct Text {
    paragraphs: Vec<String>,
}

/// How many articles a set has: enough that no single one decides the figure.
const ARTICLES: usize = 16;
/// About four kilobytes, which is what a news article has.
const SIZES: std::ops::Range<usize> = 3_500..4_700;
/// From so many characters beyond ASCII an article is one with curly quotes and accents, and not one with a stray dash.
const MANY: usize = 20;

impl Text {
    /// The articles of a set: `ascii`, `unicode`, or the plain files of a folder.
    pub(crate) fn set(name: &str) -> Vec<Text> {
        let beyond = |text: &Text| text.plain().chars().filter(|c| !c.is_ascii()).count();
        let mut texts = match name {
            "ascii" => Text::corpus().into_iter().filter(|text| beyond(text) == 0).collect(),
            "unicode" => Text::corpus().into_iter().filter(|text| beyond(text) >= MANY).collect(),
            folder => return Text::folder(Path::new(folder)),
        };
        spread(&mut texts);
        texts
    }

    /// The articles of the corpus that are of the size that is measured.
    fn corpus() -> Vec<Text> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/articles");
        let lines = files(&folder).into_iter().map(|file| fs::read_to_string(file).expect("a file of the corpus"));
        let lines = lines.flat_map(|text| text.lines().map(str::to_string).collect::<Vec<_>>());
        let texts = lines.map(|line| {
            let article: Value = serde_json::from_str(&line).expect("an article of the corpus");
            let paragraphs = article["paragraphs"].as_array().expect("its paragraphs");
            let text = |paragraph: &Value| paragraph["text"].as_str().expect("its text").to_string();
            Text { paragraphs: paragraphs.iter().map(text).collect() }
        });
        texts.filter(|text| SIZES.contains(&text.plain().len())).collect()
    }

    fn folder(folder: &Path) -> Vec<Text> {
        let texts = files(folder).into_iter().map(|file| fs::read_to_string(file).expect("an article in UTF-8"));
        texts.map(|text| Text { paragraphs: text.split("\n\n").map(str::to_string).collect() }).collect()
    }

    /// The article as a plain file.
    pub(crate) fn plain(&self) -> String {
        self.paragraphs.join("\n\n") + "\n"
    }

    /// The article as a page, with what stands around it on a site.
    pub(crate) fn page(&self) -> String {
        let escaped = |text: &String| text.replace('&', "&amp;").replace('<', "&lt;");
        let paragraphs = self.paragraphs.iter().skip(1).map(|text| format!("    <p>{}</p>\n", escaped(text)));
        let title = self.paragraphs.first().map(escaped).unwrap_or_default();
        include_str!("page.html").replace("TITLE", &title).replace("PARAGRAPHS", &paragraphs.collect::<String>())
    }
}

/// Leaves as many as are measured, taken at even distances, so that every part of the corpus has its say.
fn spread(texts: &mut Vec<Text>) {
    assert!(texts.len() >= ARTICLES, "the corpus has only {} such articles", texts.len());
    let step = texts.len() / ARTICLES;
    let mut place = 0..;
    texts.retain(|_| place.next().is_some_and(|n| n % step == 0));
    texts.truncate(ARTICLES);
}

/// The files of a folder by name, for a folder has no order of its own.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}
