//! IPTC's ninjs: 1.x with `headline` and `body_…`, 2.x with lists of `headlines` and `bodies`, and 3.x, which writes the
//! same names in camel case. Keys are read in small letters, so that 2 and 3 are one.

use super::story::{first_time, list_of_names, names};
use super::value::Value;
use crate::article::{Article, Details, Status};
use crate::error::{Code, Reject};
use crate::read::body::Body;
use crate::read::{Limits, byline, date, known_language, on_one_line, with_scheme};

/// The article, where it is ninjs: an item with a `uri`, and with what only ninjs has.
pub(super) fn read(value: &Value, limits: &Limits) -> Option<Result<Article<'static>, Reject>> {
    const SIGNS: [&str; 9] = [
        "pubstatus",
        "representationtype",
        "profile",
        "headlines",
        "bodies",
        "body_xhtml",
        "body_text",
        "slugline",
        "standard",
    ];
    value.text(&["uri"])?;
    SIGNS.iter().any(|sign| value.get(sign).is_some()).then(|| item(value, limits))
}

fn item(value: &Value, limits: &Limits) -> Result<Article<'static>, Reject> {
    let title = value.text(&["headline", "title"]).or_else(|| role(value.get("headlines")?, "main")?.text(&["value"]));
    let title = title.map(on_one_line);
    let status = match value.text(&["pubstatus"]) {
        Some(text) => Status::parse(text).ok_or_else(|| {
            Reject::new(
                Code::Malformed,
                format!("its pubstatus is {text}, which is none of usable, withheld and canceled"),
            )
        })?,
        None => Status::Usable,
    };
    let mut article = match (text(value), status) {
        (Some(body), _) => Body::guessed(body).article(title.as_deref(), limits.depth)?,
        // What is called back needs no text to be known by.
        (None, Status::Canceled) => Article::from_paragraphs(title.as_deref(), true),
        (None, _) => return Err(Reject::new(Code::NoText, "the item has no text: no body_text, body_xhtml or bodies")),
    };
    article.language = value.text(&["language"]).and_then(known_language);
    let embargoed = value.text(&["embargoed", "embargoeduntil"]).map(date::embargo);
    article.details = Details {
        byline: value.text(&["byline"]).and_then(byline::name).or_else(|| names(value.get("by")?)),
        published: first_time(value, &["firstcreated", "contentcreated", "versioncreated"]),
        updated: first_time(value, &["versioncreated"]),
        url: value.text(&["url", "link"]).map(String::from),
        guid: value.text(&["uri"]).map(String::from),
        version: value.text(&["version"]).map(String::from),
        subjects: ["subject", "subjects"].iter().find_map(|key| value.get(key)).map(subjects).unwrap_or_default(),
        status,
        embargoed: embargoed.transpose()?,
    };
    Ok(article)
}

/// The text of an item: plain before marked up, the main body before others.
fn text(value: &Value) -> Option<&str> {
    if let Some(text) = value.text(&["body_text", "body_xhtml", "body_html"]) {
        return Some(text);
    }
    if let Some(bodies) = value.get("bodies") {
        return role(bodies, "main")?.text(&["value"]);
    }
    let Value::Object(all) = value else { return None };
    all.iter().filter(|(key, _)| key.starts_with("body_")).find_map(|(_, value)| value.as_text())
}

/// Of several, the one that plays this role, or else the first.
fn role<'v>(all: &'v Value, role: &str) -> Option<&'v Value> {
    let all = all.all();
    let plays = |value: &&Value| value.text(&["role"]).is_some_and(|named| named.eq_ignore_ascii_case(role));
    all.iter().find(plays).or(all.first())
}

/// The codes of subjects, with their scheme where the code does not name it; or else their names.
fn subjects(value: &Value) -> Vec<String> {
    let code = |subject: &Value| {
        let code = subject.text(&["qcode", "code", "uri"])?;
        // An address names a list, and does not stand before a code.
        let scheme = subject.text(&["scheme"]).filter(|scheme| !scheme.contains('/'));
        Some(with_scheme(scheme.unwrap_or_default(), code))
    };
    value
        .all()
        .iter()
        .flat_map(|subject| code(subject).map_or_else(|| list_of_names(subject), |code| vec![code]))
        .collect()
}
