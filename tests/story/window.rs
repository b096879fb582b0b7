//! How far memory reaches, and which story an article belongs to.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use disputed::Status;
use disputed::story::{Entry, Guid, Reach, Signature, Stories};
use proptest::prelude::*;

use super::{id, of_words, take};

fn after(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn reach(articles: usize, seconds: u64) -> Reach {
    Reach { articles, age: Duration::from_secs(seconds) }
}

fn entry(n: usize, signature: &Signature, seconds: u64) -> Entry {
    Entry::new(id(n), id(n).into(), after(seconds), signature.clone())
}

#[test]
fn the_story_is_the_first_article_also_where_that_is_forgotten() {
    let mut stories = Stories::new(reach(2, 1000));
    // Each has three quarters in common with the one before, and the last has nothing of the first.
    let part = |n: usize| of_words(&super::words(1, 1000)[n * 100..n * 100 + 400]);
    assert_eq!(take(&mut stories, 0, part(0)), None);
    for n in 1..6 {
        let found = take(&mut stories, n, part(n)).expect("the one before");
        assert_eq!((found.id, found.story), (id(n - 1), id(0).into()));
    }
    assert!(part(0).similarity(&part(5)) < 0.1);
}

#[test]
fn the_most_alike_is_found_and_of_equals_the_earliest() {
    let mut stories = Stories::new(Reach::default());
    let words = super::words(1, 600);
    [400, 600, 500, 600, 500].iter().enumerate().for_each(|(n, &end)| {
        stories.remember(&entry(n, &of_words(&words[..end]), 0));
    });
    let found = |end: usize| stories.find(&of_words(&words[..end]), after(0)).map(|found| (found.id, found.is_exact()));
    assert_eq!(found(600), Some((id(1), true)));
    assert_eq!(found(500), Some((id(2), true)));
    assert_eq!(found(400), Some((id(0), true)));
    assert_eq!(found(410), Some((id(0), false)));
}

#[test]
fn what_is_too_old_is_not_found() {
    let mut stories = Stories::new(reach(10, 100));
    let signature = of_words(&super::words(1, 300));
    stories.remember(&entry(1, &signature, 50));
    assert!(stories.find(&signature, after(150)).is_some());
    assert!(stories.find(&signature, after(151)).is_none());
    assert!(stories.find(&signature, after(0)).is_some(), "a clock that was set back is no reason to forget");
    assert_eq!((stories.entries(after(150)).count(), stories.entries(after(151)).count()), (1, 0));
}

#[test]
fn one_text_a_thousand_times_leaves_room_for_the_others() {
    let mut stories = Stories::new(reach(2000, 100));
    let others: Vec<Signature> = (0..100).map(|n| of_words(&super::words(100 + n, 300))).collect();
    others.iter().enumerate().for_each(|(n, signature)| stories.remember(&entry(n, signature, 0)));
    let flood = of_words(&super::words(1, 300));
    (0..1000).for_each(|n| stories.remember(&entry(1000 + n, &flood, 0)));
    let found = others.iter().enumerate().filter(|(n, s)| stories.find(s, after(0)).is_some_and(|f| f.id == id(*n)));
    assert_eq!(found.count(), 100);
}

#[test]
fn a_window_of_nothing_holds_one() {
    let mut stories = Stories::new(reach(0, 100));
    assert!(stories.is_empty());
    (0..3).for_each(|n| stories.remember(&entry(n, &of_words(&super::words(n as u64, 300)), 0)));
    assert_eq!(stories.len(), 1);
    assert!(stories.find(&of_words(&super::words(2, 300)), after(0)).is_some());
    assert!(stories.find(&of_words(&super::words(1, 300)), after(0)).is_none());
}

proptest! {
    #[test]
    fn the_newest_version_is_known_by_its_publishers_name(
        articles in 1usize..10, versions in prop::collection::vec((0u8..4, 0u32..4), 0..40),
    ) {
        let mut stories = Stories::new(reach(articles, 100));
        let guid = |name: u8| Guid::of(&format!("urn:{name}"), "");
        for (n, &(name, version)) in versions.iter().enumerate() {
            let entry = entry(n, &Signature::default(), 0);
            stories.remember(&entry.known_as(guid(name), Some(version).filter(|v| *v > 0), Status::Usable));
            let remembered = versions.iter().enumerate().take(n + 1).skip((n + 1).saturating_sub(articles));
            for name in 0..4 {
                // A version that is older than the newest one before it takes nobody's place.
                let newest = versions[..=n].iter().enumerate().filter(|(_, (other, _))| *other == name);
                let mut place: Option<(usize, u32)> = None;
                for (at, &(_, version)) in newest {
                    place = place.filter(|(before, _)| before + articles > at);
                    if place.is_none_or(|(_, last)| version == 0 || last == 0 || version >= last) {
                        place = Some((at, version));
                    }
                }
                let expected = place.filter(|(at, _)| remembered.clone().any(|(n, _)| n == *at)).map(|(at, _)| id(at));
                prop_assert_eq!(stories.known_as(guid(name), after(0)).map(Entry::id), expected);
            }
        }
    }

    #[test]
    fn it_remembers_the_newest_in_their_order(articles in 1usize..20, texts in prop::collection::vec(0u64..30, 0..60)) {
        let mut stories = Stories::new(reach(articles, 100));
        let mut model = VecDeque::new();
        for (n, &text) in texts.iter().enumerate() {
            let signature = of_words(&super::words(text, 120));
            let earliest = model.iter().find(|(_, known)| *known == text).map(|(n, _)| id(*n));
            prop_assert_eq!(stories.find(&signature, after(0)).map(|found| found.id), earliest);
            stories.remember(&entry(n, &signature, 0));
            model.push_back((n, text));
            model.drain(..model.len().saturating_sub(articles));
            let known: Vec<_> = stories.entries(after(0)).map(Entry::id).collect();
            prop_assert_eq!(known, model.iter().map(|(n, _)| id(*n)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_text_is_a_panic(paragraphs in prop::collection::vec(any::<String>(), 0..20), seed: u64) {
        let text = super::words(seed, 200).join(" ");
        let all = paragraphs.iter().map(String::as_str).chain([text.as_str()]);
        let signature = Signature::of(all.clone());
        prop_assert_eq!(signature.similarity(&signature), 1.0);
        prop_assert_eq!(Signature::of(all), signature);
    }
}
