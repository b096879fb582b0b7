//! One invented article, with all that a site has to put around it.

use super::chance::Chance;
use super::furniture::{AUTHORS, COOKIES, CREDITS, NEWSLETTERS, PROMPTS, READERS, REMARKS};
use super::words::{DAYS, NEUTRAL, OFFICES, PLACES, SUBJECTS, Subject};

/// A piece of an article's body.
pub(crate) enum Block {
    Paragraph(String),
    Heading(String),
    List(Vec<String>),
    Quote(String),
    /// A picture with what its caption says, and whose picture it is.
    Figure(String, &'static str),
}

/// What a reader has said below an article.
pub(crate) struct Remark {
    pub(crate) reader: &'static str,
    pub(crate) when: String,
    pub(crate) paragraphs: Vec<String>,
}

pub(crate) struct Story {
    pub(crate) seed: usize,
    pub(crate) title: String,
    pub(crate) author: &'static str,
    /// When it was published, as metadata has it: `2018-07-16T06:31:00+02:00`.
    pub(crate) moment: String,
    /// The same for readers: `16 July 2018`.
    pub(crate) day: String,
    pub(crate) hour: String,
    pub(crate) body: Vec<Block>,
    pub(crate) tags: Vec<&'static str>,
    /// Headlines of other articles, enough for every list on a page.
    pub(crate) others: Vec<String>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) cookies: &'static str,
    pub(crate) newsletter: Vec<&'static str>,
    pub(crate) prompt: &'static str,
}

/// The shapes that articles have; the seed goes through them in turn.
const SHAPES: usize = 7;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Story {
    pub(crate) fn new(seed: usize) -> Story {
        let mut chance = Chance::new(seed as u64);
        let subject = &SUBJECTS[(seed / SHAPES + seed) % SUBJECTS.len()];
        let (day, month, hour) = (1 + chance.below(28), chance.below(12), 6 + chance.below(16));
        let others: Vec<&Subject> = SUBJECTS.iter().filter(|other| !std::ptr::eq(*other, subject)).collect();
        let others: Vec<&str> = others.iter().flat_map(|other| other.headlines).copied().collect();
        let others = chance.some(others.len(), &others);
        let others = others.into_iter().map(|headline| filled(headline, &mut chance)).collect();
        Story {
            seed,
            title: filled(chance.pick(subject.headlines), &mut chance),
            author: chance.pick(&AUTHORS),
            moment: format!("2018-{:02}-{day:02}T{hour:02}:31:00+02:00", month + 1),
            day: format!("{day} {} 2018", MONTHS[month]),
            hour: format!("{hour:02}:31"),
            body: body(seed % SHAPES, subject, &mut chance),
            tags: subject.tags.to_vec(),
            others,
            remarks: (0..2 + chance.below(10)).map(|_| remark(&mut chance)).collect(),
            cookies: chance.pick(&COOKIES),
            newsletter: chance.some(2, &NEWSLETTERS).into_iter().copied().collect(),
            prompt: chance.pick(&PROMPTS),
        }
    }

    /// Whether this article's page has something that a page has in so many of a hundred cases. Each thing has its own number.
    pub(crate) fn has(&self, thing: usize, cases: usize) -> bool {
        Chance::new((self.seed * 1000 + thing) as u64).percent(cases)
    }

    /// The body as a layout renders it, with its inserts spread between the paragraphs.
    pub(crate) fn flow(&self, render: impl Fn(&Block) -> String, inserts: &[String]) -> String {
        let mut flow = String::new();
        let mut next = 0;
        for (i, block) in self.body.iter().enumerate() {
            flow.push_str(&render(block));
            while next < inserts.len() && (next + 1) * self.body.len() <= (i + 1) * (inserts.len() + 1) {
                flow.push_str(&inserts[next]);
                next += 1;
            }
        }
        flow
    }
}

/// A sentence with its blanks filled; it begins with a capital.
fn filled(sentence: &str, chance: &mut Chance) -> String {
    let sentence = sentence
        .replace("{P}", chance.pick(&PLACES))
        .replace("{O}", chance.pick(&OFFICES))
        .replace("{D}", chance.pick(&DAYS))
        .replace("{N}", &(3 + chance.below(40)).to_string());
    let first = sentence.chars().next().expect("a sentence");
    first.to_uppercase().chain(sentence.chars().skip(1)).collect()
}

/// Sentences of a subject in an order of their own, one in four of them neutral; some have a link in them.
fn sentences(count: usize, subject: &Subject, chance: &mut Chance) -> Vec<String> {
    let own = chance.some(subject.sentences.len(), subject.sentences);
    let neutral = chance.some(NEUTRAL.len(), &NEUTRAL);
    let (mut own, mut neutral) = (own.into_iter().cycle(), neutral.into_iter().cycle());
    let sentence = |i: usize| {
        let sentence = if i % 4 == 3 { neutral.next() } else { own.next() };
        let sentence = filled(sentence.expect("a cycle"), chance);
        let mut words: Vec<String> = sentence.split(' ').map(str::to_string).collect();
        let plain = |word: &String| word.len() > 3 && word.chars().all(char::is_alphabetic);
        if let Some(word) = words.iter_mut().skip(2).find(|word| plain(word)).filter(|_| chance.percent(15)) {
            *word = format!("‹{word}›");
        }
        words.join(" ")
    };
    (0..count).map(sentence).collect()
}

fn body(shape: usize, subject: &Subject, chance: &mut Chance) -> Vec<Block> {
    let (paragraphs, most) = match shape {
        0 => (4 + chance.below(3), 3),   // short
        1 => (18 + chance.below(14), 4), // long
        5 => (1, 9),                     // one paragraph
        6 => (20 + chance.below(12), 1), // many of one sentence
        _ => (8 + chance.below(6), 3),
    };
    let least = if paragraphs == 1 { most } else { 1 };
    let lengths: Vec<usize> = (0..paragraphs).map(|_| least + chance.below(most - least + 1)).collect();
    let mut sentences = sentences(lengths.iter().sum::<usize>() + 8, subject, chance).into_iter();
    let mut body = Vec::new();
    for (i, length) in lengths.into_iter().enumerate() {
        if shape == 4 && i > 0 && i % 3 == 0 {
            body.push(Block::Heading(filled(subject.headlines[i / 3 % subject.headlines.len()], chance)));
        }
        let text = sentences.by_ref().take(length).collect::<Vec<_>>().join(" ");
        body.push(match shape {
            3 if i % 4 == 2 => Block::Quote(text),
            _ => Block::Paragraph(text),
        });
        if shape == 2 && i == 3 {
            body.push(Block::List(sentences.by_ref().take(5).collect()));
        }
        let pictures = if i == 0 { 60 } else { 8 };
        if paragraphs > 1 && chance.percent(pictures) {
            let caption = filled(chance.pick(subject.captions), chance);
            body.push(Block::Figure(caption, chance.pick(&CREDITS)));
        }
    }
    body
}

fn remark(chance: &mut Chance) -> Remark {
    let paragraphs = (0..1 + chance.below(2)).map(|_| {
        let sentences = 1 + chance.below(5);
        chance.some(sentences, &REMARKS).into_iter().copied().collect::<Vec<_>>().join(" ")
    });
    let paragraphs = paragraphs.collect();
    Remark { reader: chance.pick(&READERS), when: format!("{} hours ago", 1 + chance.below(20)), paragraphs }
}
