//! The stages of the way from bytes to a line, each made ready to be measured by itself.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::SystemTime;

use disputed::read::{decode, read};
use disputed::{Article, Limits, Model, Origin, Record, label};

use crate::text::Text;

/// A stage's name, and its work on one article.
pub(crate) type Stage = (&'static str, fn(&Text) -> Work);

/// Every stage: what it is given in bytes, what is made of that beforehand, and what is measured. A new one is a line.
pub(crate) const STAGES: [Stage; 9] = [
    ("load", |_| Work::new(MODEL_FILE, |_| (), |()| Model::shipped())),
    ("decode", |text| Work::new(text.plain(), String::clone, |plain| drop(black_box(decode(plain.as_bytes()))))),
    ("read", |text| Work::new(text.plain(), String::clone, |plain| read_as(plain, "a.txt"))),
    ("html", |text| Work::new(text.page(), String::clone, |page| read_as(page, "a.html"))),
    ("words", |text| Work::new(text.plain(), article, |article| each(article, |text| MODEL.words(text)))),
    ("score", |text| Work::new(text.plain(), article, |article| each(article, |text| MODEL.scores(text)))),
    ("judge", |text| Work::new(text.plain(), article, |article| MODEL.judge(article))),
    // A line takes its record, so a copy of the record is measured with it.
    ("line", |text| Work::new(text.plain(), record, |record| record.clone().line())),
    ("label", |text| Work::new(text.plain(), String::clone, |plain| record(plain).line())),
];

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().expect("the shipped model"));
static MODEL_FILE: &[u8] = include_bytes!("../../models/disputes-en.model");

fn each<T>(article: &Article, work: fn(&str) -> T) {
    article.paragraphs().for_each(|text| drop(black_box(work(text))));
}

/// What is read may borrow the text, so it ends here.
fn read_as(text: &str, name: &str) {
    drop(black_box(read(text.as_bytes(), name, &Limits::default())));
}

fn article(plain: &String) -> Article<'static> {
    read(plain.as_bytes(), "a.txt", &Limits::default()).expect("an article").article.into_owned()
}

fn record(plain: &String) -> Record {
    let origin = Origin { path: "a.txt".into(), ..Origin::default() };
    label(plain.as_bytes(), origin, &MODEL, &Limits::default(), SystemTime::UNIX_EPOCH).expect("a record")
}

/// What is measured.
pub(crate) struct Work {
    /// How many bytes went in, of the text or the model.
    pub(crate) bytes: usize,
    run: Box<dyn Fn()>,
}

impl Work {
    fn new<B: AsRef<[u8]>, I: 'static, O: 'static>(bytes: B, prepare: fn(&B) -> I, run: fn(&I) -> O) -> Work {
        let given = prepare(&bytes);
        // What the stage gives is dropped here, because whoever calls it has to drop it, too.
        Work { bytes: bytes.as_ref().len(), run: Box::new(move || drop(black_box(run(black_box(&given))))) }
    }

    pub(crate) fn run(&self) {
        (self.run)();
    }
}
