//! What an editor does to a wire story before it is printed again, from a seed.

/// Numbers that look random and are the same on every machine (SplitMix64; Steele, Lea and Flood 2014).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % end as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Which edits are made, besides a new headline and byline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edits {
    /// The most of the tail that is cut, in hundredths of the words.
    pub(super) cut: usize,
    /// Whether two of every ten paragraphs change places.
    pub(super) swap: bool,
    /// Whether the spelling becomes that of the other side of the Atlantic.
    pub(super) style: bool,
}

impl Edits {
    /// One edit or several, each as likely as not.
    pub(super) fn any(dice: &mut Dice) -> Edits {
        let which = 1 + dice.below(7);
        let cut = if which & 1 == 1 { 1 + dice.below(40) } else { 0 };
        Edits { cut, swap: which & 2 == 2, style: which & 4 == 4 }
    }

    /// The article, its headline first, as another house prints it.
    pub(super) fn apply(self, article: &[String], dice: &mut Dice) -> Vec<String> {
        let mut body: Vec<String> = article.iter().skip(1).cloned().collect();
        if self.cut > 0 {
            cut(&mut body, self.cut);
        }
        if self.swap {
            for start in (0..body.len()).step_by(10) {
                let end = body.len().min(start + 10);
                let (one, other) = (start + dice.below(end - start), start + dice.below(end - start));
                body.swap(one, other);
            }
        }
        if self.style {
            let american = dice.below(2) == 0;
            body.iter_mut().for_each(|paragraph| *paragraph = restyled(paragraph, american));
        }
        [headline(dice), byline(dice)].into_iter().chain(body).collect()
    }
}

/// Leaves out so many hundredths of the words, from the end; the last paragraph that stays may lose its end too.
fn cut(body: &mut Vec<String>, hundredths: usize) {
    let words: usize = body.iter().map(|paragraph| paragraph.split_whitespace().count()).sum();
    let mut left = words - words * hundredths / 100;
    for paragraph in body.iter_mut() {
        let kept: Vec<&str> = paragraph.split_whitespace().take(left).collect();
        left -= kept.len();
        *paragraph = kept.join(" ");
    }
    body.retain(|paragraph| !paragraph.is_empty());
}

fn headline(dice: &mut Dice) -> String {
    let who = dice.pick(&["Ministers", "Envoys", "Observers", "Officials", "Lawmakers", "Both sides"]);
    let what = dice.pick(&["weigh", "welcome", "question", "brace for", "look back on", "warn of"]);
    let object =
        dice.pick(&["a long night of talks", "the next round", "what comes after", "a costly week", "old doubts"]);
    format!("{who} {what} {object}")
}

fn byline(dice: &mut Dice) -> String {
    let desk =
        dice.pick(&["our foreign desk", "staff and agencies", "our correspondent", "a contributor", "wire services"]);
    let hour = 1 + dice.below(12);
    format!("By {desk}, updated {hour}:{:02} {}", dice.below(60), dice.pick(&["a.m.", "p.m.", "GMT", "ET"]))
}

/// British and American spellings.
const SPELLINGS: [(&str, &str); 40] = [
    ("aeroplane", "airplane"),
    ("aluminium", "aluminum"),
    ("armour", "armor"),
    ("behaviour", "behavior"),
    ("cancelled", "canceled"),
    ("catalogue", "catalog"),
    ("centre", "center"),
    ("centres", "centers"),
    ("cheque", "check"),
    ("colour", "color"),
    ("counsellor", "counselor"),
    ("defence", "defense"),
    ("dialogue", "dialog"),
    ("favour", "favor"),
    ("favourite", "favorite"),
    ("fuelled", "fueled"),
    ("grey", "gray"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("judgement", "judgment"),
    ("labelled", "labeled"),
    ("labour", "labor"),
    ("licence", "license"),
    ("manoeuvre", "maneuver"),
    ("metres", "meters"),
    ("modelling", "modeling"),
    ("neighbour", "neighbor"),
    ("neighbours", "neighbors"),
    ("offence", "offense"),
    ("plough", "plow"),
    ("programme", "program"),
    ("programmes", "programs"),
    ("rumours", "rumors"),
    ("sceptical", "skeptical"),
    ("signalled", "signaled"),
    ("theatre", "theater"),
    ("towards", "toward"),
    ("travelled", "traveled"),
    ("travelling", "traveling"),
    ("whilst", "while"),
];

/// Endings, the British first.
const ENDINGS: [(&str, &str); 7] = [
    ("ise", "ize"),
    ("ised", "ized"),
    ("ises", "izes"),
    ("ising", "izing"),
    ("isation", "ization"),
    ("isations", "izations"),
    ("yse", "yze"),
];

/// The same words in the style of another house: spelling, quotation marks, dashes, and how parts in a hundred are written.
fn restyled(text: &str, american: bool) -> String {
    let words = text.split(' ').map(|word| {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        let spelt = if american { respelt(core, |pair| pair) } else { respelt(core, |(uk, us)| (us, uk)) };
        if core.is_empty() { word.to_string() } else { word.replacen(core, &spelt, 1) }
    });
    let text = words.collect::<Vec<_>>().join(" ");
    if american {
        let text = text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"");
        text.replace(" \u{2013} ", "\u{2014}").replace(" per cent", " percent")
    } else {
        let text = text.replace('"', "'").replace(['\u{201c}', '\u{201d}'], "\u{2019}");
        text.replace('\u{2014}', " \u{2013} ").replace(" percent", "%").replace("Mr. ", "Mr ").replace("U.S.", "US")
    }
}

/// The word in the other spelling, where it has one; a capital at its beginning stays.
fn respelt(word: &str, order: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str)) -> String {
    let low = word.to_lowercase();
    let listed = SPELLINGS.into_iter().map(&order).find(|(from, _)| *from == low).map(|(_, to)| to.to_string());
    let ending = || {
        let fits = |(from, to)| Some(format!("{}{to}", low.strip_suffix(from).filter(|stem| stem.len() > 3)?));
        ENDINGS.into_iter().map(&order).find_map(fits)
    };
    let Some(new) = listed.or_else(ending) else { return word.to_string() };
    match word.chars().next() {
        Some(first) if first.is_uppercase() => first.to_string() + new.get(1..).unwrap_or_default(),
        _ => new,
    }
}
