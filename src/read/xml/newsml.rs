//! IPTC's NewsML-G2: a `newsItem`, or a `newsMessage` of several. A `packageItem` only names other items, unless it holds
//! content of its own.

use super::Document;
use super::cursor::{Cursor, Start};
use super::nitf::Nitf;
use crate::article::{Article, Details, Status};
use crate::error::{Code, Reject};
use crate::read::body::Body;
use crate::read::{Limits, byline, date, is_blank, known_language};

/// The articles of a document.
pub(super) fn each(document: &mut Document) -> Result<(), Reject> {
    let (text, limits) = (document.text(), document.limits());
    let mut cursor = Cursor::new(text, limits);
    let mut packages = 0;
    while let Some(start) = cursor.within(0)? {
        let whole = cursor.level() == 1;
        match start.name() {
            "newsMessage" | "itemSet" => {}
            "newsItem" | "packageItem" => {
                let item = cursor.element(start)?;
                if start.name() == "packageItem" && !has_content(item, limits)? {
                    packages += 1;
                } else if whole {
                    document.only(|| Item::read(item, limits)?.article(limits))?;
                } else {
                    document.add(item, || Item::read(item, limits)?.article(limits))?;
                }
            }
            _ => cursor.skip()?,
        }
    }
    if packages > 0 && document.is_empty() {
        return Err(Reject::new(Code::NoText, "the package only names other items and holds none"));
    }
    Ok(())
}

/// Whether an item has text in itself.
fn has_content(item: &str, limits: &Limits) -> Result<bool, Reject> {
    let mut cursor = Cursor::new(item, limits);
    while let Some(start) = cursor.within(0)? {
        match start.name() {
            "packageItem" | "contentSet" => {}
            "inlineXML" | "inlineData" => return Ok(true),
            _ => cursor.skip()?,
        }
    }
    Ok(false)
}

/// What an item says.
#[derive(Default)]
struct Item {
    headline: Option<String>,
    /// The title of the item, which is for those who handle it.
    title: Option<String>,
    content: Option<Content>,
    details: Details,
    creators: Vec<String>,
    keywords: Vec<String>,
    /// Until when it is embargoed, as it stands there; blank where nobody says.
    embargo: Option<String>,
    first_created: Option<String>,
    content_created: Option<String>,
    language: Option<&'static str>,
}

/// The text of an item.
enum Content {
    Nitf(Box<Nitf>),
    Text(Body<'static>),
}

impl Item {
    fn read(item: &str, limits: &Limits) -> Result<Item, Reject> {
        let mut cursor = Cursor::new(item, limits);
        let mut item = Item::default();
        let Some(start) = cursor.within(0)? else { return Ok(item) };
        item.details.guid = start.attribute("guid");
        item.details.version = start.attribute("version");
        let language = start.attribute("lang");
        while let Some(part) = cursor.child(1)? {
            match part.name() {
                "itemMeta" => item.management(&mut cursor)?,
                "contentMeta" => item.description(&mut cursor)?,
                "contentSet" => {
                    while let Some(start) = cursor.child(2)? {
                        item.content = item.content.or(content(&mut cursor, start)?);
                    }
                }
                _ => {}
            }
        }
        if let Some(until) = &item.embargo {
            let details = &mut item.details;
            match details.status {
                Status::Usable if is_blank(until) => details.status = Status::Withheld,
                Status::Usable => details.embargoed = Some(date::embargo(until)?),
                // What is taken back may not wait for a mistake to be mended.
                _ => details.embargoed = date::moment(until),
            }
        }
        item.language = item.language.or_else(|| known_language(&language?));
        Ok(item)
    }

    /// What is said of the item, not of its content.
    fn management(&mut self, cursor: &mut Cursor) -> Result<(), Reject> {
        while let Some(start) = cursor.child(2)? {
            let details = &mut self.details;
            match start.name() {
                "versionCreated" => details.updated = time(cursor)?,
                "firstCreated" => self.first_created = time(cursor)?,
                "title" => self.title = self.title.take().or(cursor.line()?),
                "pubStatus" => details.status = status(start)?.unwrap_or(details.status),
                "embargoed" => self.embargo = Some(cursor.line()?.unwrap_or_default()),
                _ => {}
            }
        }
        Ok(())
    }

    /// What is said of the content.
    fn description(&mut self, cursor: &mut Cursor) -> Result<(), Reject> {
        while let Some(start) = cursor.child(2)? {
            match start.name() {
                "headline" => self.headline = self.headline.take().or(cursor.line()?),
                "by" => self.details.byline = byline::name(&cursor.text()?).or(self.details.byline.take()),
                "creator" => self.creators.extend(label(cursor)?),
                "contentCreated" => self.content_created = time(cursor)?,
                "language" => self.language = self.language.or_else(|| known_language(&start.attribute("tag")?)),
                "subject" => {
                    let code = start.attribute("qcode").or_else(|| start.attribute("uri"));
                    self.details.subjects.extend(code.or(label(cursor)?).or_else(|| start.attribute("literal")));
                }
                "keyword" => self.keywords.extend(cursor.line()?),
                _ => {}
            }
        }
        Ok(())
    }

    fn article(self, limits: &Limits) -> Result<Article<'static>, Reject> {
        let Item { headline, title, content, mut details, creators, mut keywords, .. } = self;
        let title = headline.or(title);
        details.byline = details.byline.or_else(|| byline::names(creators.iter().map(String::as_str)));
        details.published = self.first_created.or(self.content_created).or(details.updated.clone());
        if details.subjects.is_empty() {
            details.subjects.append(&mut keywords);
        }
        let mut article = match content {
            Some(Content::Nitf(mut nitf)) => {
                details.byline = details.byline.or(nitf.details.byline.take());
                details.embargoed = details.embargoed.or(nitf.details.embargoed.take());
                nitf.title = title.or(nitf.title);
                nitf.details.status = details.status;
                nitf.article()?
            }
            Some(Content::Text(body)) => body.article(title.as_deref(), limits.depth)?,
            // What is called back needs no text to be known by.
            None if details.status != Status::Usable => Article::from_paragraphs(title.as_deref(), true),
            None => {
                return Err(Reject::new(Code::NoText, "the item has no text in itself: no inlineXML or inlineData"));
            }
        };
        article.language = self.language;
        article.details = details;
        Ok(article)
    }
}

/// The text of one of the forms in which an item has its content.
fn content<'a>(cursor: &mut Cursor<'a>, start: Start<'a>) -> Result<Option<Content>, Reject> {
    let is_page = start.attribute("contenttype").is_some_and(|kind| kind.contains("html"));
    match start.name() {
        "inlineData" => {
            let text = cursor.text()?;
            let body = if is_page { Body::Marked(text.into()) } else { Body::guessed(text) };
            Ok(if is_blank(body.text()) { None } else { Some(Content::Text(body)) })
        }
        "inlineXML" => {
            let element = cursor.element(start)?;
            let mut inner = Cursor::new(element, cursor.limits());
            inner.within(0)?;
            match inner.within(1)? {
                Some(root) if root.name() == "nitf" => {
                    return Ok(Some(Content::Nitf(Box::new(Nitf::read(&mut inner)?))));
                }
                Some(_) => {}
                None => return Ok(None),
            }
            let mut whole = Cursor::new(element, cursor.limits());
            whole.within(0)?;
            Ok(Some(Content::Text(Body::Marked(whole.markup()?.into()))))
        }
        _ => Ok(None),
    }
}

/// The name of the concept that was just opened.
fn label(cursor: &mut Cursor) -> Result<Option<String>, Reject> {
    let level = cursor.level();
    let mut label = None;
    while let Some(start) = cursor.child(level)? {
        if start.name() == "name" {
            label = label.or(cursor.line()?);
        }
    }
    Ok(label)
}

fn time(cursor: &mut Cursor) -> Result<Option<String>, Reject> {
    Ok(date::moment_or_day(&cursor.text()?))
}

/// The status that a qcode (`stat:usable`) or a URI names by its last part.
fn status(start: Start) -> Result<Option<Status>, Reject> {
    let Some(code) = start.attribute("qcode").or_else(|| start.attribute("uri")) else { return Ok(None) };
    let status = code.rsplit([':', '/']).next().and_then(Status::parse);
    let wrong = || {
        let message = format!("its pubStatus is {code}, which is none of usable, withheld and canceled");
        Reject::new(Code::Malformed, message)
    };
    status.map(Some).ok_or_else(wrong)
}
