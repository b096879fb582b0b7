//! The same article as a page that a browser saved, as the text of its reader view, and copied and pasted.

use std::collections::BTreeSet;
use std::time::SystemTime;

use disputed::{Limits, Model, Origin, label};
use serde_json::Value;

use crate::pages::HELD_OUT;
use crate::pages::chance::Chance;
use crate::pages::page::{LAYOUTS, Layout, Page};
use crate::pages::story::{Block, Story};

/// The paragraphs of the body as somebody reads them.
fn paragraphs(story: &Story) -> Vec<String> {
    let plain = |text: &String| text.replace(['‹', '›'], "");
    let of = |block: &Block| match block {
        Block::Paragraph(text) | Block::Heading(text) | Block::Quote(text) => vec![plain(text)],
        Block::List(all) => all.iter().map(plain).collect(),
        Block::Figure(caption, _) => vec![format!("{caption}.")],
    };
    story.body.iter().flat_map(of).collect()
}

/// A reader view: the title, a byline, the text, and a leftover or two.
fn reader_view(story: &Story) -> String {
    let mut all = vec![story.title.clone(), format!("By {}", story.author), format!("{} • 4 min read", story.day)];
    all.extend(paragraphs(story));
    all.push("Share this article".into());
    all.join("\n\n") + "\n"
}

/// What was marked with the mouse: from above the title to below the end, with what stood between.
fn pasted(story: &Story) -> String {
    let mut chance = Chance::new(story.seed as u64 + 77);
    let mut all =
        vec![story.title.clone(), format!("By {}", story.author), format!("Published {}, {}", story.day, story.hour)];
    all.extend(["Share on Facebook".into(), "Share on Twitter".into()]);
    let text = paragraphs(story);
    let at = chance.below(text.len());
    for (i, paragraph) in text.into_iter().enumerate() {
        all.push(paragraph);
        if i == at {
            all.extend(["Advertisement".into(), format!("Read more: {}", story.others[0])]);
        }
    }
    all.extend([story.newsletter[0].into(), "Sign up".into(), "Related stories".into()]);
    all.extend(story.others[1..3].iter().map(|other| format!("Related: {other}")));
    all.push("Copyright 2018 Example Media Ltd. All rights reserved.".into());
    all.join("\n\n") + "\n"
}

/// The topics of the article as a whole.
fn topics(text: &str, name: &str, model: &Model) -> BTreeSet<String> {
    let origin = Origin { path: name.into(), ..Origin::default() };
    let record = label(text.as_bytes(), origin, model, &Limits::default(), SystemTime::UNIX_EPOCH).expect("a record");
    let record: Value = serde_json::from_slice(&record.line()).expect("a line");
    let topics = record["topics"].as_array().expect("topics").iter();
    topics.map(|topic| topic["topic"].as_str().expect("a name").to_string()).collect()
}

#[test]
fn however_an_article_was_saved_it_has_the_same_topics() {
    let model = Model::shipped().expect("the shipped model");
    assert!(model.id().starts_with("disputes-en@"));
    let mut differ = Vec::new();
    let (mut stories, mut with_topics) = (0, 0);
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = number("LAYOUT_SEED").unwrap_or(HELD_OUT);
    for seed in first..first + number("LAYOUT_PAGES").unwrap_or(56) {
        let story = Story::new(seed);
        let bare = format!("{}\n\n{}\n", story.title, paragraphs(&story).join("\n\n"));
        let expected = topics(&bare, "bare.txt", &model);
        stories += 1;
        with_topics += usize::from(!expected.is_empty());
        let mut ways = vec![("reader view", topics(&reader_view(&story), "reader.txt", &model))];
        ways.push(("pasted", topics(&pasted(&story), "pasted.txt", &model)));
        let page = |(name, layout): &(&'static str, Layout)| {
            (*name, topics(&Page::new(*layout, seed).html, "page.html", &model))
        };
        ways.extend(LAYOUTS.iter().map(page));
        let others = ways.into_iter().filter(|(_, topics)| *topics != expected);
        differ.extend(
            others.map(|(way, topics)| format!("{seed} {way}: {topics:?} and not {expected:?}: {}", story.title)),
        );
    }
    assert!(with_topics * 2 > stories, "{with_topics} of {stories} stories have a topic");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
