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
    /// Which paragraphs its page marks as no text of it.
    furniture: Vec<bool>,
    /// What the file says of it.
    pub details: Details,
    /// The language of its text, as a code of ISO 639-1, where there is enough text to tell.
    pub language: Option<&'static str>,
}

/// What a file says of an article beside its text; nothing where it does not say it.
///
/// Times are days (`2018-07-16`), or moments with their zone as the file gives it (`2018-07-16T06:31:00+03:00`, RFC 3339).
///
/// ```
/// use disputed::read::{Limits, read};
/// let wire = r#"{"uri":"urn:example:1","headline":"Talks resume","body_text":"Envoys met.","pubstatus":"usable"}"#;
/// let details = read(wire.as_bytes(), "a.json", &Limits::default())?.article.details;
/// assert_eq!(details.guid.as_deref(), Some("urn:example:1"));
/// # Ok::<(), disputed::Reject>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Who wrote it, without the `By`.
    pub byline: Option<String>,
    /// When it was published first.
    pub published: Option<String>,
    /// When this version of it was made.
    pub updated: Option<String>,
    /// Where it stands on the web.
    pub url: Option<String>,
    /// What its publisher knows it by, whatever its version.
    pub guid: Option<String>,
    /// Which version of it this is, as its publisher counts.
    pub version: Option<String>,
    /// Its subjects as its publisher gives them: codes, such as IPTC's `medtop:20000587`, or else names.
    pub subjects: Vec<String>,
    /// Whether it may be used.
    pub status: Status,
    /// Until when it may not be published, always a moment.
    pub embargoed: Option<String>,
}

/// Whether an article may be used, in the terms of IPTC's `pubstatus`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// It may; so it is where nothing is said.
    #[default]
    Usable,
    /// Not now; its publisher may release it later.
    Withheld,
    /// Never again: what is out is to be withdrawn.
    Canceled,
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Usable => "usable",
            Status::Withheld => "withheld",
            Status::Canceled => "canceled",
        }
    }

    /// The status that is written like this, in whatever case and with one l or two.
    pub fn parse(text: &str) -> Option<Status> {
        let is = |word: &str| text.trim().eq_ignore_ascii_case(word);
        match () {
            () if is("usable") => Some(Status::Usable),
            () if is("withheld") => Some(Status::Withheld),
            () if is("canceled") || is("cancelled") => Some(Status::Canceled),
            () => None,
        }
    }
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
            furniture: Vec::new(),
            details: Details::default(),
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
        let Article { text, spans, titled, starts, furniture, details, language } = self;
        Article { text: Cow::Owned(text.into_owned()), spans, titled, starts, furniture, details, language }
    }

    /// The same article with word from its page on each paragraph: whether it is furniture, as bylines, times and related
    /// headlines are. Paragraphs beyond the last word are text.
    ///
    /// ```
    /// use disputed::{Article, Model};
    /// let page = Article::from_paragraphs(["Talks resume", "Steel tariffs rise", "Envoys met."], true);
    /// let page = page.with_furniture(vec![false, true]);
    /// assert!(page.is_furniture(1) && !page.is_furniture(2));
    /// assert!(Model::shipped()?.judge(&page).paragraphs[1].boilerplate);
    /// # Ok::<(), disputed::Error>(())
    /// ```
    #[must_use]
    pub fn with_furniture(mut self, furniture: Vec<bool>) -> Article<'a> {
        self.furniture = furniture;
        self
    }

    /// Whether its page marks this paragraph as no text of it.
    pub fn is_furniture(&self, paragraph: usize) -> bool {
        self.furniture.get(paragraph).is_some_and(|furniture| *furniture)
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
