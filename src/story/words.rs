//! The words of a text as numbers: one that tells every word from every other, and one that house styles share.

/// One word, as two numbers that are the same on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Of its letters and digits, whatever their case.
    pub(super) exact: u64,
    /// Of what house styles leave of it.
    ///
    /// They differ in vowels (colour and color, centre and center), in doubled letters (labelled and labeled), and in z or
    /// c for s (organize, defence). So the first letter counts, and of the others the consonants, with z and c as s and
    /// doubled ones once. Many words meet there, but few runs of several words do.
    pub(super) folded: u64,
    /// Whether one style writes it and another leaves it out or writes a sign: it tells of the style alone.
    pub(super) is_style: bool,
}

/// Such words, by their letters.
const STYLE: [u64; 7] =
    [exact("per"), exact("cent"), exact("percent"), exact("pct"), exact("mr"), exact("mrs"), exact("ms")];

/// Calls `visit` with each word of the text, in order.
///
/// A word is a run of letters and digits. An apostrophe, hyphen, full stop or comma between two of them is inside the word
/// and does not count, so that U.S. and US, 1,000 and 1000, co-operate and cooperate are the same.
pub(super) fn words(text: &str, mut visit: impl FnMut(Word)) {
    let mut word = Reader::default();
    for c in text.chars() {
        let kind = if c.is_ascii() { ASCII[c as usize] } else { Kind::beyond_ascii(c) };
        match kind {
            Kind::Letter(small, kept) => word.read(small, kept),
            Kind::Other => c.to_lowercase().for_each(|small| word.read(small as u32, Some(small as u32))),
            // A second mark, or one before any letter, is not inside.
            Kind::Mark if word.last != 0 && !word.after_mark => word.after_mark = true,
            Kind::Mark | Kind::Space => word.take().into_iter().for_each(&mut visit),
        }
    }
    word.take().into_iter().for_each(visit);
}

/// What a character is.
#[derive(Clone, Copy)]
enum Kind {
    /// A letter or digit: the small one, and what is kept of it where it is not the first; a vowel is not.
    Letter(u32, Option<u32>),
    /// A letter or digit beyond ASCII.
    Other,
    /// What may stand inside a word.
    Mark,
    /// What separates.
    Space,
}

const ASCII: [Kind; 128] = {
    let (mut kinds, mut c) = ([Kind::Space; 128], 0u8);
    while c < 128 {
        let small = c.to_ascii_lowercase() as u32;
        kinds[c as usize] = match c.to_ascii_lowercase() {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => Kind::Letter(small, None),
            b'z' | b'c' => Kind::Letter(small, Some(b's' as u32)),
            b'a'..=b'z' | b'0'..=b'9' => Kind::Letter(small, Some(small)),
            b'\'' | b'-' | b'.' | b',' => Kind::Mark,
            _ => Kind::Space,
        };
        c += 1;
    }
    kinds
};

impl Kind {
    fn beyond_ascii(c: char) -> Kind {
        match c {
            '\u{2019}' | '\u{2010}' | '\u{2011}' => Kind::Mark,
            // Dashes and quotation marks are most of what is beyond ASCII in English; there is no letter among them.
            '\u{2000}'..='\u{206f}' => Kind::Space,
            c if c.is_alphanumeric() => Kind::Other,
            _ => Kind::Space,
        }
    }
}

/// A word that is being read.
#[derive(Default)]
struct Reader {
    exact: u64,
    folded: u64,
    /// The letter that was kept last; nought before the first.
    last: u32,
    after_mark: bool,
}

impl Reader {
    fn read(&mut self, small: u32, kept: Option<u32>) {
        self.exact = step(self.exact, small.into());
        self.after_mark = false;
        // The first letter counts whatever it is.
        let Some(kept) = kept.or((self.last == 0).then_some(small)) else { return };
        if kept != self.last || kept <= u32::from(b'9') {
            self.folded = step(self.folded, kept.into());
            self.last = kept;
        }
    }

    /// Ends the word, if there is one.
    fn take(&mut self) -> Option<Word> {
        let Reader { exact, folded, last, .. } = std::mem::take(self);
        (last != 0).then(|| Word { exact, folded: mix(folded), is_style: STYLE.contains(&exact) })
    }
}

/// Odd, and without a pattern in its bits: 2⁶⁴ over the golden ratio (Knuth, *The Art of Computer Programming* 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number of a sequence, from that of all but its last and the last.
pub(super) const fn step(sequence: u64, next: u64) -> u64 {
    sequence.wrapping_mul(GOLDEN).wrapping_add(next)
}

/// The number of a word in small letters of ASCII.
const fn exact(word: &str) -> u64 {
    let (mut number, mut at) = (0, 0);
    while at < word.len() {
        number = step(number, word.as_bytes()[at] as u64);
        at += 1;
    }
    number
}

/// Spreads what differs over all bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
pub(super) fn mix(mut number: u64) -> u64 {
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Vec<Word> {
        let mut all = Vec::new();
        words(text, |word| all.push(word));
        all
    }

    fn folded(text: &str) -> Vec<u64> {
        of(text).into_iter().filter(|word| !word.is_style).map(|word| word.folded).collect()
    }

    #[test]
    fn case_and_punctuation_make_no_other_word() {
        let plain = of("the us sent 1000 envoys and they dont cooperate");
        assert_eq!(plain.len(), 9);
        assert_eq!(of("The U.S. sent \u{2018}1,000\u{2019} envoys \u{2014} and they don\u{2019}t co-operate!"), plain);
        assert_eq!(of("THE US SENT 1000 ENVOYS, AND THEY DON'T COOPERATE..."), plain);
    }

    #[test]
    fn house_styles_share_the_folded_word_and_not_the_exact_one() {
        let pairs = [
            ("colour", "color"),
            ("organise", "organize"),
            ("analysed", "analyzed"),
            ("centre", "center"),
            ("labelled", "labeled"),
            ("defence", "defense"),
            ("programme", "program"),
            ("aluminium", "aluminum"),
            ("catalogue", "catalog"),
            ("judgement", "judgment"),
            ("grey", "gray"),
        ];
        for (one, other) in pairs {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
            assert_ne!(of(one), of(other), "{one} and {other}");
        }
        assert_eq!(folded("5 per cent, said Mr Stone"), folded("5% said Stone"));
    }

    #[test]
    fn other_words_are_told_apart() {
        for (one, other) in [("of", "if"), ("1100", "100"), ("7", "8"), ("talks", "tanks"), ("\u{436}", "\u{44f}")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
        assert_eq!(of("").len() + of(" . , - \u{2014}").len(), 0);
    }

    proptest! {
        #[test]
        fn every_letter_is_in_one_word(text in any::<String>()) {
            let marks = ['\'', '-', '.', ',', '\u{2019}', '\u{2010}', '\u{2011}'];
            let apart = text.replace(marks, " ");
            prop_assert!(of(&text).len() <= of(&apart).len());
            let count = apart.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
            prop_assert_eq!(of(&apart).len(), count);
        }
    }
}
