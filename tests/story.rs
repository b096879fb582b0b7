//! The same story again: what is found of re-edited news, and what is told apart. Real news lies in ../shared, and where it
//! is not, those tests say so and skip.

mod edit;
mod telling;
mod window;
mod journal;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::SystemTime;

use disputed::story::{Entry, Found, Id, Reach, Signature, Stories};
use disputed::{Article, Model};
use serde_json::Value;

use crate::support::shared;
use edit::{Dice, Edits};

/// An article: its name, and its paragraphs with the headline first.
type Text = (String, Vec<String>);

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

/// How the paragraphs of an article become a signature.
type Sign = fn(&[String]) -> Signature;

/// Of all paragraphs, with the headline, the byline and what the site puts around them.
fn whole(paragraphs: &[String]) -> Signature {
    Signature::of(paragraphs.iter().map(String::as_str))
}

/// Without the headline, and without what the shipped model takes for boilerplate.
fn body(paragraphs: &[String]) -> Signature {
    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().expect("the shipped model"));
    let article = Article::from_paragraphs(paragraphs.iter().map(String::as_str), true);
    let verdicts = MODEL.judge(&article).paragraphs;
    let told = article.paragraphs().zip(&verdicts).skip(1).filter(|(_, verdict)| !verdict.boilerplate);
    Signature::of(told.map(|(text, _)| text)).beside(&paragraphs[0])
}

/// The n-th article.
fn id(n: usize) -> Id {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&(n as u64).to_le_bytes());
    Id(id)
}

/// Takes in an article as the daemon would: asked first, then remembered.
fn take(stories: &mut Stories, n: usize, signature: Signature) -> Option<Found> {
    let found = stories.find(&signature, NOW);
    stories.remember(&Entry::new(id(n), found.map_or(id(n).into(), |found| found.story), NOW, signature));
    found
}

/// So many made-up words, the same for a seed.
fn words(seed: u64, count: usize) -> Vec<String> {
    let mut dice = Dice(seed);
    let letter = |dice: &mut Dice| char::from(b"bdfghjklmnprstvw"[dice.below(16)]);
    (0..count).map(|_| (0..6).map(|_| letter(&mut dice)).collect()).collect()
}

/// The words as a text, in paragraphs of a hundred.
fn prose(words: &[String]) -> String {
    words.chunks(100).map(|words| words.join(" ")).collect::<Vec<_>>().join("\n\n")
}

fn of_words(words: &[String]) -> Signature {
    Signature::of(prose(words).split("\n\n"))
}

/// All articles in the order of their names, remembered; and the pairs that were found among them.
fn remembered(texts: &[Text], sign: Sign) -> (Stories, Vec<(&str, &str, f64)>) {
    let mut stories = Stories::new(Reach::default());
    let mut pairs = Vec::new();
    for (n, (name, paragraphs)) in texts.iter().enumerate() {
        if let Some(found) = take(&mut stories, n, sign(paragraphs)) {
            let other = texts.iter().enumerate().find(|(n, _)| id(*n) == found.id).expect("one of them").1;
            pairs.push((name.as_str(), other.0.as_str(), found.similarity));
        }
    }
    (stories, pairs)
}

/// The articles of `desk` and `general`, where they are at hand.
fn originals() -> Option<Vec<Text>> {
    let real = shared("realnews/unlabelled")?;
    let files = ["desk", "general"].into_iter().flat_map(|folder| fs::read_dir(real.join(folder)).expect("a folder"));
    let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    files.sort();
    let name = |file: &Path| file.file_name().expect("a name").to_string_lossy().into_owned();
    let paragraphs = |file: &Path| {
        let text = String::from_utf8_lossy(&fs::read(file).expect("an article")).into_owned();
        text.split("\n\n").map(str::to_string).filter(|paragraph| !paragraph.trim().is_empty()).collect()
    };
    Some(files.iter().map(|file| (name(file), paragraphs(file))).collect())
}

/// Recall and precision over a thousand re-edits of the articles, each searched among all of them.
fn quality(texts: &[Text], stories: &Stories, sign: Sign, edits: fn(&mut Dice) -> Edits) -> (f64, f64) {
    let mut dice = Dice(1);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..1000 {
        let n = dice.below(texts.len());
        let edits = edits(&mut dice);
        let edited = edits.apply(&texts[n].1, &mut dice);
        match stories.find(&sign(&edited), NOW) {
            Some(found) if found.id == id(n) => right += 1,
            Some(found) => {
                wrong += 1;
                eprintln!("wrong: {} {edits:?}: {found:?}", texts[n].0);
            }
            None => eprintln!("missed: {} {edits:?}", texts[n].0),
        }
    }
    (f64::from(right) / 1000.0, f64::from(right) / f64::from(right + wrong))
}

#[test]
fn re_edited_real_news_is_found_again_and_nothing_else() {
    let Some(texts) = originals() else { return };
    let worst = |_: &mut Dice| Edits { cut: 40, swap: true, style: true };
    for (what, sign) in [("whole", whole as Sign), ("body", body)] {
        let (stories, pairs) = remembered(&texts, sign);
        pairs.iter().for_each(|(one, other, similarity)| eprintln!("{what}: {one} repeats {other}: {similarity:.2}"));
        assert_eq!(pairs.len(), 0, "the originals are as many stories");
        for (how, edits) in [("any edits", Edits::any as fn(&mut Dice) -> Edits), ("all edits at their most", worst)] {
            let (recall, precision) = quality(&texts, &stories, sign, edits);
            eprintln!("{what}, {how}: recall {recall:.4}, precision {precision:.4}");
            assert!(recall >= 0.95 && precision >= 0.99, "{what}, {how}: recall {recall}, precision {precision}");
        }
    }
}

#[test]
fn two_newspapers_with_one_agency_story_are_found_among_all_labelled_articles() {
    let Some(gold) = shared("realnews/dev.gold.jsonl") else { return };
    let lines = fs::read_to_string(gold).expect("articles");
    let text = |line: &str| -> Text {
        let article: Value = serde_json::from_str(line).expect("an article");
        let paragraphs = article["paragraphs"].as_array().expect("paragraphs").iter();
        let paragraphs = paragraphs.map(|p| p["text"].as_str().expect("a text").to_string());
        (article["id"].as_str().expect("an id").to_string(), paragraphs.collect())
    };
    let mut texts: Vec<Text> = lines.lines().map(text).collect();
    texts.sort();
    for sign in [whole as Sign, body] {
        let (_, pairs) = remembered(&texts, sign);
        eprintln!("{pairs:?}");
        let starts: Vec<_> = pairs.iter().map(|(one, other, _)| (&one[..4], &other[..4])).collect();
        assert_eq!(starts, [("001_", "000_")]);
    }
}
