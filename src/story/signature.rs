//! What is kept of an article's text, by which it is known again.

use super::sketch::{BINS, Sketch};
use super::words::{mix, step, words};

/// Words in a phrase. A text in which every tenth word is another, as in a form that is filled in anew, has half of its
/// phrases in common with the form; one that repeats a story with few changes has nearly all.
const PHRASE: usize = 5;

/// So many words of a paragraph count. One of prose has fewer. What has more is captions of a gallery, a list or a table, which
/// stand in several articles of a site and would outweigh their texts; or a text without paragraphs, of which the
/// beginning tells as much.
const LONGEST: usize = 256;

/// Fewer different phrases are too few to tell. A paragraph of news has 32 words in the median and 64 in the longest tenth,
/// so that no single quotation or notice makes up two thirds of a text that is long enough.
const FEWEST: usize = 80;

/// What stands beyond so many phrases is not looked at, so that time and memory are bounded whatever the text.
const MOST: usize = 1 << 16;

/// From this similarity on two articles tell the same story.
///
/// On real news articles of one site that tell different stories reach 0.45; stories that were cut by two fifths, put in another order and respelt keep 0.75 and more.
const SAME: f64 = 2.0 / 3.0;

/// How many numbers an article is looked up by.
pub(super) const KEYS: usize = 8;

/// What is kept of an article's text: 112 bytes, the same on every machine.
///
/// It is made of the text's phrases, which are all runs of five words within the first 256 of each paragraph, so that it
/// does not matter in which order paragraphs stand. Case, punctuation and the spelling of house styles (colour and color,
/// organise and organize, per cent and %) make no other phrase.
///
/// ```
/// use disputed::story::Signature;
/// let text = "The harbour of the northern town will be closed for three weeks while the quay is rebuilt, its council \
///     said on Monday. Ferries to the islands will leave from the old fishing dock instead, and lorries of more than \
///     seven tonnes have to take the road along the coast. The council expects the work to cost four million crowns, a \
///     third of which the state will pay. Shipowners had asked for a later date, because the herring season begins in \
///     ten days, but the builders said that the quay would not outlast another winter of storms.";
/// let signature = Signature::of([text]);
/// let american = Signature::of([text.replace("harbour", "harbor").to_uppercase().as_str()]);
/// assert_eq!(signature.similarity(&signature), 1.0);
/// assert_eq!(signature.similarity(&american), 0.99);
///
/// let headed = signature.clone().beside("Harbour to close for three weeks");
/// assert_eq!(headed.similarity(&signature), 0.99);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Of all words in their order, with those beside the story: equal for equal texts.
    pub(super) words: u64,
    pub(super) sketch: Sketch,
    /// The smallest phrase numbers of eight even parts; nought where a part is empty. Two texts have each of them in
    /// common with a probability that is their resemblance. Where there are no phrases, the first is of the words.
    pub(super) keys: [u32; KEYS],
    /// How many different phrases there are; nought where they are too few.
    pub(super) phrases: u32,
}

impl Signature {
    /// Of the texts of an article's paragraphs. The caller leaves out the title and what is boilerplate where it knows them,
    /// and adds them with [`Signature::beside`]: then a new headline or byline changes little, and what a site puts under
    /// every page joins nothing.
    ///
    /// Fewer than 80 different phrases, which is about 100 words, are too few to tell a story by: a headline, a flash of two
    /// sentences, a table in lines of fewer than five words, or a text in a language that puts no space between words is
    /// known again only where every word is the same.
    pub fn of<'a>(paragraphs: impl IntoIterator<Item = &'a str>) -> Signature {
        let (mut exact, mut phrases) = (0, Vec::new());
        for paragraph in paragraphs {
            let (mut last, mut count) = ([0; PHRASE], 0);
            words(paragraph, |word| {
                exact = mix(step(exact, word.exact));
                if word.is_style {
                    return;
                }
                last.rotate_left(1);
                last[PHRASE - 1] = word.folded;
                count += 1;
                if (PHRASE..=LONGEST).contains(&count) && phrases.len() < MOST {
                    phrases.push(mix(last.into_iter().fold(0, step)));
                }
            });
        }
        phrases.sort_unstable();
        phrases.dedup();
        if phrases.len() < FEWEST {
            phrases.clear();
        }
        Signature::new(&phrases).saying(exact)
    }

    /// The same with a text that stands beside the story: its title, its byline, what a site puts around it. It counts
    /// only where two texts are asked to be exactly the same.
    #[must_use]
    pub fn beside(self, text: &str) -> Signature {
        let mut exact = self.words;
        words(text, |word| exact = mix(step(exact, word.exact)));
        self.saying(exact)
    }

    /// Of phrases in ascending order.
    fn new(phrases: &[u64]) -> Signature {
        let mut smallest = [None; BINS];
        for &phrase in phrases.iter().rev() {
            smallest[(phrase >> (u64::BITS - BINS.trailing_zeros())) as usize] = Some(phrase);
        }
        let mut keys = [0; KEYS];
        for (key, part) in keys.iter_mut().zip(smallest.chunks(BINS / KEYS)) {
            *key = part.iter().flatten().next().map_or(0, |&phrase| phrase as u32);
        }
        Signature { words: 0, sketch: Sketch::new(&smallest), keys, phrases: phrases.len() as u32 }
    }

    /// The same, of these words in all. One without phrases is looked up by its words.
    fn saying(self, words: u64) -> Signature {
        let by_words = [words as u32, 0, 0, 0, 0, 0, 0, 0];
        let keys = if self.phrases == 0 { by_words } else { self.keys };
        Signature { words, keys, ..self }
    }

    /// How much of the shorter text stands in the longer, from 0 to 1: the part of its phrases (containment, Broder 1997),
    /// estimated with a standard error of about 0.05. It is 1 only where every word is the same, and else 0.99 at most.
    pub fn similarity(&self, other: &Signature) -> f64 {
        self.compare(other).similarity
    }

    pub(super) fn compare(&self, other: &Signature) -> Likeness {
        let shorter = f64::from(self.phrases.min(other.phrases));
        let longer = f64::from(self.phrases.max(other.phrases));
        if self.words == other.words {
            return Likeness { similarity: 1.0, resemblance: 1.0, ratio: 1.0 };
        }
        if self.phrases == 0 || other.phrases == 0 {
            return Likeness { similarity: 0.0, resemblance: 0.0, ratio: 0.0 };
        }
        // Equal sketches do not make equal texts.
        let resemblance = self.sketch.resemblance(&other.sketch).min(0.99);
        // The resemblance is what both have over what either has, and what either has is the sum less what both have.
        let both = resemblance / (1.0 + resemblance) * (shorter + longer);
        Likeness { similarity: (both / shorter).min(0.99), resemblance, ratio: shorter / longer }
    }
}

/// How two texts compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    /// The part of the shorter that stands in the longer.
    pub(super) similarity: f64,
    /// The part of both that is in both.
    pub(super) resemblance: f64,
    /// The shorter over the longer.
    pub(super) ratio: f64,
}

impl Likeness {
    /// Whether two thirds of the shorter text stand in the longer, which is three times as long at most.
    ///
    /// Two texts of equal length that have nothing else in common would have to be two thirds furniture of their site. What
    /// is more than three times as long has other things to say, and the sketch measures it too coarsely.
    pub(super) fn is_same_story(&self) -> bool {
        self.similarity >= SAME && self.ratio >= 1.0 / 3.0
    }
}
