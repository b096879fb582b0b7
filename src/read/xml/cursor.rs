//! A place in an XML document, which moves forwards only. The only home of quick-xml.

use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;
use quick_xml::reader::Reader;

use super::reference::{resolve, resolved};
use crate::error::{Code, Reject};
use crate::read::{Limits, is_blank, on_one_line};

/// A place in a document. Names are compared without their prefixes, which every producer chooses for himself.
pub(super) struct Cursor<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The names of the open elements.
    open: Vec<&'a str>,
    limits: &'a Limits,
}

/// What stands at a place. Comments, processing instructions and doctypes are left out.
pub(super) enum Piece<'a> {
    Start(Start<'a>),
    /// An end tag, and the name of its element.
    End(&'a str),
    /// Text that is meant as it stands.
    Text(&'a str),
    /// A reference to a character, by what stands between `&` and `;`.
    Reference(&'a str),
}

impl Piece<'_> {
    /// Writes the text that it is, if it is one.
    pub(super) fn write(&self, text: &mut String) {
        match self {
            Piece::Text(part) => text.push_str(part),
            Piece::Reference(name) => resolve(name, text),
            Piece::Start(_) | Piece::End(_) => {}
        }
    }
}

/// A start tag, or that of an element without content, which counts as a start tag and an end tag.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    /// The tag as it is written, without its brackets.
    tag: &'a str,
    /// Where the tag begins.
    at: usize,
}

impl<'a> Start<'a> {
    /// The name without its prefix.
    pub(super) fn name(self) -> &'a str {
        local(self.whole_name())
    }

    /// The prefix, empty where there is none.
    pub(super) fn prefix(self) -> &'a str {
        self.whole_name().rsplit_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The value of an attribute that is not blank; its name is given without prefix.
    pub(super) fn attribute(self, name: &str) -> Option<String> {
        let mut all = Attributes::new(self.tag, self.whole_name().len());
        // The checks would compare each attribute with each other.
        let mut all = all.with_checks(false).filter_map(Result::ok);
        let is_it = |key: &str| local(key) == name && !key.starts_with("xmlns:");
        let value = all.find(|attribute| is_it(attribute.key.as_ref()))?.value;
        Some(resolved(value.trim()).into_owned()).filter(|value| !is_blank(value))
    }

    /// All attributes as they are written, with the white space before them.
    fn attributes(self) -> &'a str {
        self.tag.split_at(self.whole_name().len()).1
    }

    fn whole_name(self) -> &'a str {
        self.tag.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default()
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, limits: &'a Limits) -> Cursor<'a> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // `AT&T` is a mistake that everybody understands.
        config.allow_dangling_amp = true;
        Cursor { text, reader, open: Vec::new(), limits }
    }

    /// How many elements are open here.
    pub(super) fn level(&self) -> usize {
        self.open.len()
    }

    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// What comes next; nothing at the end of the document.
    ///
    /// # Errors
    /// The document breaks the rules of XML here, or is too deep.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, Reject> {
        loop {
            let at = self.position();
            let event = self.reader.read_event().map_err(|error| {
                let place = usize::try_from(self.reader.error_position()).unwrap_or(at);
                self.malformed(&error.to_string(), place)
            })?;
            return Ok(Some(match event {
                Event::Start(_) => Piece::Start(self.start(at)?),
                Event::End(_) => Piece::End(self.open.pop().unwrap_or_default()),
                Event::Text(text) => Piece::Text(borrowed(text.into_inner())),
                Event::CData(text) => Piece::Text(borrowed(text.into_inner())),
                Event::GeneralRef(name) => Piece::Reference(borrowed(name.into_inner())),
                Event::Eof => match self.open.last() {
                    None => return Ok(None),
                    Some(name) => return Err(self.malformed(&format!("it ends within <{name}>"), at)),
                },
                _ => continue,
            }));
        }
    }

    /// The next start tag within the element that is the innermost of so many open ones, at whatever depth; nothing at
    /// its end. At level 0 it is the whole document.
    pub(super) fn within(&mut self, level: usize) -> Result<Option<Start<'a>>, Reject> {
        while self.level() >= level {
            match self.next()? {
                Some(Piece::Start(start)) => return Ok(Some(start)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The same, of its children only: what else they hold is passed over.
    pub(super) fn child(&mut self, level: usize) -> Result<Option<Start<'a>>, Reject> {
        while let Some(start) = self.within(level)? {
            if self.level() == level + 1 {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }

    /// Passes over the element that was just opened.
    pub(super) fn skip(&mut self) -> Result<(), Reject> {
        let level = self.level();
        while self.within(level)?.is_some() {}
        Ok(())
    }

    /// The element that was just opened, as it is written.
    pub(super) fn element(&mut self, start: Start<'a>) -> Result<&'a str, Reject> {
        self.skip()?;
        Ok(self.text.get(start.at..self.position()).unwrap_or_default())
    }

    /// The text of the element that was just opened.
    pub(super) fn text(&mut self) -> Result<String, Reject> {
        self.text_without("")
    }

    /// The same, without the elements of this name.
    pub(super) fn text_without(&mut self, left_out: &str) -> Result<String, Reject> {
        let (level, mut text) = (self.level(), String::new());
        while self.level() >= level {
            match self.next()? {
                Some(Piece::Start(start)) if start.name() == left_out => self.skip()?,
                Some(Piece::Start(start)) if start.name() == "br" => text.push(' '),
                Some(piece) => piece.write(&mut text),
                None => break,
            }
        }
        Ok(text)
    }

    /// The text of the element that was just opened on one line, where it is not blank.
    pub(super) fn line(&mut self) -> Result<Option<String>, Reject> {
        Ok(Some(on_one_line(&self.text()?)).filter(|line| !is_blank(line)))
    }

    /// What stands in the element that was just opened, as HTML; the head of a page says nothing of its text.
    pub(super) fn markup(&mut self) -> Result<String, Reject> {
        let (level, mut markup) = (self.level(), String::new());
        while self.level() >= level {
            match self.next()? {
                Some(Piece::Start(start)) if start.name() == "head" => self.skip()?,
                Some(Piece::Start(start)) => markup.extend(["<", start.name(), start.attributes(), ">"]),
                Some(Piece::End(name)) if self.level() >= level => markup.extend(["</", name, ">"]),
                Some(Piece::Text(text)) => markup.push_str(&text.replace('&', "&amp;").replace('<', "&lt;")),
                Some(Piece::Reference(name)) => markup.extend(["&", name, ";"]),
                Some(Piece::End(_)) | None => {}
            }
        }
        Ok(markup)
    }

    /// The start tag that was just read, which is open from here on.
    fn start(&mut self, at: usize) -> Result<Start<'a>, Reject> {
        let written = self.text.get(at..self.position()).unwrap_or_default();
        let tag = written.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')).unwrap_or_default();
        let start = Start { tag: tag.strip_suffix('/').unwrap_or(tag), at };
        self.open.push(start.name());
        if self.level() > self.limits.depth {
            let message = format!("more than {} XML elements are open at once", self.limits.depth);
            return Err(Reject::new(Code::TooDeep, message));
        }
        Ok(start)
    }

    /// How many bytes have been read.
    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len())
    }

    /// A mistake, and its place: line and column are counted from one.
    fn malformed(&self, mistake: &str, at: usize) -> Reject {
        /// The characters that are quoted of a mistake at most: names in it may be as long as the document.
        const QUOTED: usize = 200;
        let before = self.text.split_at(self.text.floor_char_boundary(at)).0;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let mistake: String = mistake.chars().take(QUOTED).collect();
        Reject::new(Code::Malformed, format!("the file is no XML: {mistake} at line {line} column {column}"))
    }
}

/// A part of the document: what is read from a text is never copied.
fn borrowed(text: std::borrow::Cow<'_, str>) -> &str {
    match text {
        std::borrow::Cow::Borrowed(text) => text,
        std::borrow::Cow::Owned(_) => "",
    }
}
