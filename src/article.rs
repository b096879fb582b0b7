//! An article as text with its paragraphs marked, whatever format it came in.

use std::borrow::Cow;
use std::ops::Range;

/// One article: its text, and where in it the paragraphs stand. It borrows the text where that needed no decoding.
///
/// ```
/// use disputed::Article;
/// let article = Article::from_paragraphs(["Talks resume", "Envoys met on Monday."], true);
/// assert_eq!(article.text(), "Talks resume\n\nEnvoys met on Monday.");
/// assert_eq!(article.title(), Some("Talks resume"));
/// assert_eq!(article.spans()[1], 14..35);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Article<'a> {
    text: Cow<'a, str>,
    spans: Vec<Range<usize>>,
    titled: bool,
    /// The first paragraphs of its sections but for the first one.
    starts: Vec<usize>,
    /// The day it was published, as `YYYY-MM-DD`, where the article says so.
    pub published: Option<String>,
    /// The language of its text, as a code of ISO 639-1, where there is enough text to tell.
    pub language: Option<&'static str>,
}

impl<'a> Article<'a> {
    /// An article over `text`. The spans are byte ranges of `text`, in order, on character boundaries and without
    /// overlap; others are dropped, so that no later slice can fail. Where `titled`, the first is the title.
    pub fn new(text: impl Into<Cow<'a, str>>, spans: Vec<Range<usize>>, titled: bool) -> Article<'a> {
        let text = text.into();
        let mut end = 0;
        let whole = |span: &Range<usize>| {
            let fits = span.start >= end && text.get(span.clone()).is_some_and(|s| !s.trim().is_empty());
            if fits {
                end = span.end;
            }
            fits
        };
        let spans: Vec<_> = spans.into_iter().filter(whole).collect();
        Article {
            titled: titled && !spans.is_empty(),
            text,
            spans,
            starts: Vec::new(),
            published: None,
            language: None,
        }
    }

    /// An article made of paragraphs that were cut elsewhere: they are joined by a blank line.
    pub fn from_paragraphs<'p>(paragraphs: impl IntoIterator<Item = &'p str>, titled: bool) -> Article<'static> {
        let (mut text, mut spans) = (String::new(), Vec::new());
        for paragraph in paragraphs {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            spans.push(text.len()..text.len() + paragraph.len());
            text.push_str(paragraph);
        }
        Article::new(text, spans, titled)
    }

    /// The same article as a page that runs several together: `starts` are their first paragraphs by index, in order;
    /// others are dropped.
    ///
    /// ```
    /// use disputed::Article;
    /// let page = Article::from_paragraphs(["Talks resume", "Envoys met.", "Rain", "It fell."], true).with_sections(vec![0, 2]);
    /// assert_eq!(page.sections(), [0..2, 2..4]);
    /// ```
    #[must_use]
    pub fn with_sections(mut self, starts: Vec<usize>) -> Article<'a> {
        let mut last = 0;
        let count = self.spans.len();
        let follows = |start: &usize| {
            let follows = *start > last && *start < count;
            last = if follows { *start } else { last };
            follows
        };
        self.starts = starts.into_iter().filter(follows).collect();
        self
    }

    /// The same article with a text of its own, which outlives the bytes that it was read from.
    pub fn into_owned(self) -> Article<'static> {
        let Article { text, spans, titled, starts, published, language } = self;
        Article { text: Cow::Owned(text.into_owned()), spans, titled, starts, published, language }
    }

    /// The articles that a page runs together, as ranges of paragraphs; one of all paragraphs where it is one article.
    pub fn sections(&self) -> Vec<Range<usize>> {
        let starts = || [0].into_iter().chain(self.starts.iter().copied());
        starts().zip(starts().skip(1).chain([self.spans.len()])).map(|(start, end)| start..end).collect()
    }

    /// The text that spans refer to: the decoded file if that was plain, else the extracted paragraphs.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte range of each paragraph in [`Article::text`].
    pub fn spans(&self) -> &[Range<usize>] {
        &self.spans
    }

    /// The paragraphs, in reading order; the title is the first where there is one.
    pub fn paragraphs(&self) -> impl ExactSizeIterator<Item = &str> {
        self.spans.iter().map(|span| &self.text[span.clone()])
    }

    /// The title, which is the first paragraph too.
    pub fn title(&self) -> Option<&str> {
        if self.titled { self.paragraphs().next() } else { None }
    }
}
