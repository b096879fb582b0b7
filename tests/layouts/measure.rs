//! How well the article is told from the page around it, layout by layout.

use std::collections::HashMap;
use std::ops::Range;

use disputed::read::read;
use disputed::{Limits, Model};

use crate::pages::HELD_OUT;
use crate::pages::page::{LAYOUTS, Layout, Page};
use crate::pages::story::Story;

/// How often each word of some text comes, in lower case and without punctuation.
#[derive(Default)]
struct Bag(HashMap<String, usize>);

impl Bag {
    fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Bag {
        let mut bag = Bag::default();
        for text in texts {
            for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
                *bag.0.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        bag
    }

    fn size(&self) -> usize {
        self.0.values().sum()
    }

    /// How many words both have, each as often as both have it.
    fn common(&self, other: &Bag) -> usize {
        self.0.iter().map(|(word, count)| *count.min(other.0.get(word).unwrap_or(&0))).sum()
    }

    fn without(mut self, other: &Bag) -> Bag {
        self.0.iter_mut().for_each(|(word, count)| *count = count.saturating_sub(*other.0.get(word).unwrap_or(&0)));
        self
    }
}

/// What came of the pages of one layout, in words but for `blocks`.
#[derive(Default)]
struct Figures {
    pages: usize,
    article: usize,
    junk: usize,
    /// What was extracted; of that, what is the article's.
    extracted: [usize; 2],
    /// What was extracted and not labelled boilerplate; of that, what is the article's.
    kept: [usize; 2],
    /// Junk that was not labelled boilerplate.
    through: usize,
    /// Pieces of junk; those that stand whole in a paragraph that was not labelled boilerplate.
    blocks: [usize; 2],
}

fn f1([found, right]: [usize; 2], there: usize) -> f64 {
    2.0 * right as f64 / (found + there) as f64
}

fn part(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Figures {
    fn of(layout: Layout, seeds: Range<usize>, model: &Model) -> Figures {
        let mut figures = Figures::default();
        seeds.for_each(|seed| figures.add(&Page::new(layout, seed), model));
        figures
    }

    fn add(&mut self, page: &Page, model: &Model) {
        let reading = read(page.html.as_bytes(), "page.html", &Limits::default()).expect("an article");
        let verdicts = model.judge(&reading.article).paragraphs;
        let all: Vec<&str> = reading.article.paragraphs().collect();
        let kept: Vec<&str> =
            all.iter().zip(&verdicts).filter(|(_, v)| !v.boilerplate).map(|(text, _)| *text).collect();
        let strings = |texts: &[String]| Bag::of(texts.iter().map(String::as_str));
        let (article, junk) = (strings(&page.article), strings(&page.junk));
        let (extracted, bag) = (Bag::of(all.iter().copied()), Bag::of(kept.iter().copied()));
        self.pages += 1;
        self.article += article.size();
        self.junk += junk.size();
        self.extracted[0] += extracted.size();
        self.extracted[1] += extracted.common(&article);
        self.kept[0] += bag.size();
        self.kept[1] += bag.common(&article);
        let kept_text = kept.iter().map(|text| format!(" {text} ")).collect::<String>();
        let article_text = page.article.iter().map(|text| format!(" {text} ")).collect::<String>();
        let through = |piece: &&String| {
            let words = piece.split_whitespace().count();
            if words < 3 {
                return kept.contains(&piece.as_str());
            }
            kept_text.contains(piece.as_str()) && !article_text.contains(piece.as_str())
        };
        self.blocks[0] += page.junk.len();
        self.blocks[1] += page.junk.iter().filter(through).count();
        self.through += bag.without(&article).common(&junk);
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:12} pages {:3}  F1 extracted {:.3} kept {:.3}  recall {:.3} {:.3}  junk words {:.3} pieces {:.3}",
            self.pages,
            f1(self.extracted, self.article),
            f1(self.kept, self.article),
            part(self.extracted[1], self.article),
            part(self.kept[1], self.article),
            part(self.through, self.junk),
            part(self.blocks[1], self.blocks[0]),
        )
    }
}

/// What a browser would show outside of all marks.
fn unmarked(source: &str) -> String {
    let without = |text: String, start: &str, end: &str| {
        let mut pieces = text.split(start);
        let first = pieces.next().unwrap_or_default().to_string();
        first + &pieces.filter_map(|piece| piece.split_once(end)).map(|(_, rest)| rest).collect::<String>()
    };
    let hidden = [("⟪", "⟫"), ("⟦", "⟧"), ("<head", "</head>"), ("<HEAD", "</HEAD>"), ("<script", "</script>")];
    // What is for machines in one of the layouts, and hidden by its style sheet.
    let hidden = hidden.into_iter().chain([("<div class=\"schema_org\"", "</div></div>"), ("<", ">"), ("&", ";")]);
    let text = hidden.fold(source.to_string(), |text, (start, end)| without(text, start, end));
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn pages_say_of_each_word_whether_it_is_the_articles() {
    for (name, layout) in LAYOUTS {
        for seed in 0..14 {
            let story = Story::new(seed);
            assert_eq!(unmarked(&layout(&story)), "", "{name} {seed}");
            let page = Page::new(layout, seed);
            assert_eq!(page.article.first(), Some(&story.title), "{name} {seed}");
            assert!(page.article.len() > story.body.len() && page.junk.len() > 20, "{name} {seed}");
            assert!((80_000..110_000).contains(&page.html.len()), "{name} {seed}: {}", page.html.len());
        }
    }
}

/// The bars, on pages that nothing was tuned on. `LAYOUT_SEED` and `LAYOUT_PAGES` choose others.
#[test]
fn the_article_is_told_from_the_page_around_it_in_each_layout() {
    let model = Model::shipped().expect("the shipped model");
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = number("LAYOUT_SEED").unwrap_or(HELD_OUT);
    let seeds = first..first + number("LAYOUT_PAGES").unwrap_or(56);
    let mut short = Vec::new();
    for (name, layout) in LAYOUTS {
        let figures = Figures::of(layout, seeds.clone(), &model);
        eprintln!("{}", figures.line(name));
        let reached = f1(figures.extracted, figures.article) >= 0.95
            && f1(figures.kept, figures.article) >= 0.95
            && part(figures.through, figures.junk) <= 0.05
            && part(figures.blocks[1], figures.blocks[0]) <= 0.05;
        if !reached {
            short.push(figures.line(name));
        }
    }
    assert!(short.is_empty(), "below the bars:\n{}", short.join("\n"));
}
