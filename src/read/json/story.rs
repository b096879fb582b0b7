//! An object with a title and a text: what archives, scrapers (newspaper4k, trafilatura, schema.org) and feeds write.

use super::value::Value;
use crate::article::{Article, Details};
use crate::error::{Code, Reject};
use crate::read::body::Body;
use crate::read::{Limits, byline, date, known_language, on_one_line, parted};

const TITLES: [&str; 4] = ["title", "headline", "head", "name"];
const TEXTS: [&str; 14] = [
    "articlebody",
    "body_text",
    "content_text",
    "text",
    "body",
    "content",
    "content_html",
    "body_html",
    "html",
    "story",
    "maintext",
    "raw_text",
    "summary",
    "description",
];

/// The article in such an object.
pub(super) fn read(value: &Value, limits: &Limits) -> Result<Article<'static>, Reject> {
    if !value.is_object() {
        return Err(Reject::new(Code::NoText, "it is no object with a title and a text"));
    }
    let title = value.text(&TITLES).map(on_one_line);
    let body = TEXTS.iter().find_map(|key| value.get(key).and_then(body));
    let Some(body) = body else {
        let message = format!("no text stands under any of the keys {}", TEXTS.join(", "));
        return Err(Reject::new(Code::NoText, message));
    };
    let mut article = Body::guessed(body).article(title.as_deref(), limits.depth)?;
    article.language = value.text(&["language", "lang", "inlanguage"]).and_then(known_language);
    let byline = ["byline", "author", "authors", "by", "creator"].iter().find_map(|key| names(value.get(key)?));
    let subjects = ["subjects", "subject", "categories", "category", "tags", "keywords"];
    article.details = Details {
        byline,
        published: first_time(
            value,
            &[
                "published",
                "date_published",
                "datepublished",
                "publish_date",
                "published_at",
                "publication_date",
                "pubdate",
                "date",
                "firstcreated",
                "contentcreated",
            ],
        )
        .or(article.details.published.take()),
        updated: first_time(
            value,
            &["updated", "date_modified", "datemodified", "modified", "updated_at", "versioncreated"],
        ),
        url: value.text(&["url", "link", "source_url", "canonical_url", "external_url"]).map(String::from),
        guid: value.text(&["guid", "id", "uri", "_id", "identifier"]).map(String::from),
        version: value.text(&["version"]).map(String::from),
        subjects: subjects
            .iter()
            .find_map(|key| value.get(key))
            .map(list_of_names)
            .unwrap_or_default()
            .iter()
            .flat_map(|subject| parted(subject))
            .collect(),
        ..Details::default()
    };
    Ok(article)
}

/// The text of a body: a text, an object that holds one, or a list of paragraphs.
fn body(value: &Value) -> Option<String> {
    match value {
        Value::List(all) => {
            let parts: Vec<String> = all.iter().filter_map(body).collect();
            (!parts.is_empty()).then(|| parts.join("\n\n"))
        }
        Value::Object(_) => value.text(&["text", "value", "content", "html", "_"]).map(String::from),
        one => one.as_text().map(String::from),
    }
}

/// The first of these keys that holds a time.
pub(super) fn first_time(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| date::moment_or_day(value.get(key)?.as_text()?))
}

/// Names as one line, of those who wrote something.
pub(super) fn names(value: &Value) -> Option<String> {
    byline::names(list_of_names(value).iter().map(String::as_str))
}

/// The names, or else the codes, of what is a text, an object, or a list of them.
pub(super) fn list_of_names(value: &Value) -> Vec<String> {
    let name = |value: &Value| {
        value.as_text().or_else(|| value.text(&["name", "label", "code", "qcode", "uri"])).map(on_one_line)
    };
    value.all().iter().filter_map(name).collect()
}
