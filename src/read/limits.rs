//! What an input may cost at most.

/// What an input may cost at most; more is a [`Reject`](crate::Reject).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one article, and of a file that is held in memory. Default 16 MiB.
    pub bytes: u64,
    /// Bytes of a file that is read as a stream, and that all that is compressed in a file may expand to, together. Default
    /// 1 GiB. Of these one article is held at a time, so this is time and not memory.
    pub expanded: u64,
    /// How many times its own size a file may expand to, counted from 8 MiB on: small texts may repeat themselves. Default 100;
    /// news shrinks to a fifth, and bombs to a thousandth or less.
    pub ratio: u64,
    /// Compressed files and archives within each other. Default 3: one, in one, in one.
    pub nesting: usize,
    /// Open elements in an HTML page. Default 256; the extractor's time grows with the square of the depth.
    pub depth: usize,
    /// Articles in one file. Default 100,000.
    pub items: usize,
    /// Paragraphs of one article. Default 200,000; a book has a few thousand.
    pub paragraphs: usize,
    /// Words of one paragraph, which are runs of letters and digits. Default 100,000; a novel has as many in all.
    pub words: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        // A page has fewer, as its elements are limited. Each costs far more than its bytes once it is judged: sixteen megabytes of them would take four gigabytes.
        Limits {
            bytes: 16 << 20,
            expanded: 1 << 30,
            ratio: 100,
            nesting: 3,
            depth: 256,
            items: 100_000,
            paragraphs: 200_000,
            words: 100_000,
        }
    }
}

/// Whether a text has more than so many words. Each takes a byte and the one after it, so that only a long text has to be
/// looked at.
pub(super) fn has_more_words(text: &str, most: usize) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    text.len() / 2 >= most && words().nth(most).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Code;
    use crate::read::{read, read_each};

    fn code(text: &str, limits: &Limits) -> Option<Code> {
        read(text.as_bytes(), "a.txt", limits).err().map(|reject| reject.code)
    }

    #[test]
    fn an_article_has_as_many_paragraphs_as_the_limit_and_no_more() {
        let text = |paragraphs: usize| "Envoys met.\n\n".repeat(paragraphs);
        let (default, three) = (Limits::default(), Limits { paragraphs: 3, ..Limits::default() });
        assert_eq!(code(&text(3), &three), None);
        assert_eq!(code(&text(4), &three), Some(Code::TooManyParagraphs));
        assert_eq!(code(&text(default.paragraphs), &default), None);
        assert_eq!(code(&text(default.paragraphs + 1), &default), Some(Code::TooManyParagraphs));
    }

    #[test]
    fn a_paragraph_has_as_many_words_as_the_limit_and_no_more() {
        let text = |words: usize| format!("Talks\n\n{}", "a ".repeat(words));
        let (default, three) = (Limits::default(), Limits { words: 3, ..Limits::default() });
        assert_eq!(code(&text(3), &three), None);
        assert_eq!(code(&text(4), &three), Some(Code::TooManyWords));
        assert_eq!(code(&text(default.words), &default), None);
        assert_eq!(code(&text(default.words + 1), &default), Some(Code::TooManyWords));
        assert_eq!(code("One, two – three!\n\n\u{4e00}\u{3002}\u{4e8c}\n\nIt’s so.", &three), None);
        let reject = read(b"It's so, he said", "a.txt", &three).unwrap_err();
        assert_eq!(reject.to_string(), "a paragraph has more than 3 words, which is the limit (too-many-words)");
    }

    #[test]
    fn a_file_has_as_many_articles_as_the_limit_and_no_more() {
        let limits = Limits { items: 3, ..Limits::default() };
        let all = |items: usize| {
            let lines = "{\"title\":\"Talks\",\"text\":\"Envoys met.\"}\n".repeat(items);
            let mut count = 0;
            let whole = read_each(lines.as_bytes(), "a.jsonl", &limits, &mut |_| count += 1);
            (count, whole.err().map(|reject| reject.code))
        };
        assert_eq!(all(3), (3, None));
        assert_eq!(all(4), (3, Some(Code::TooMany)), "those that came before stand");
    }

    proptest! {
        #[test]
        fn words_are_counted_as_if_all_texts_were_looked_at(text in "[a1é ,.一]{0,30}", most in 0usize..12) {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
            prop_assert_eq!(has_more_words(&text, most), words > most);
        }
    }
}
