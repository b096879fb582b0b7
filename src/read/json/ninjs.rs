//! IPTC's ninjs: 1.x with `headline` and `body_…`, 2.x with lists of `headlines` and `bodies`, and 3.x, which writes the
//! same names in camel case. Keys are read in small letters, so that 2 and 3 are one.

use super::story::{first_time, list_of_names, names};
use super::value::Value;
use crate::article::{Article, Details, Status};
use crate::error::{Code, Reject};
use crate::read::body::Body;
use crate::read::{Limits, byline, date, is_blank, known_language, on_one_line, seconds_since_1970, with_scheme};

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
    let is_ninjs = SIGNS.iter().any(|sign| value.get(sign).is_some()) || embargoed(value) != Ok(None);
    is_ninjs.then(|| item(value, limits))
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
        // What is taken back needs no text to be known by.
        (None, Status::Canceled | Status::Withheld) => Article::from_paragraphs(title.as_deref(), true),
        (None, Status::Usable) => {
            return Err(Reject::new(Code::NoText, "the item has no text: no body_text, body_xhtml or bodies"));
        }
    };
    article.language = value.text(&["language"]).and_then(known_language);
    let embargoed = match status {
        Status::Usable => embargoed(value)?,
        // What is taken back may not wait for a mistake to be mended.
        _ => embargoed(value).unwrap_or_default(),
    };
    article.details = Details {
        byline: value.text(&["byline"]).and_then(byline::name).or_else(|| names(value.get("by")?)),
        published: first_time(value, &["firstcreated", "contentcreated", "versioncreated"]),
        updated: first_time(value, &["versioncreated"]),
        url: value.text(&["url", "link"]).map(String::from),
        guid: value.text(&["uri"]).map(String::from),
        version: value.text(&["version"]).map(String::from),
        subjects: ["subject", "subjects"].iter().find_map(|key| value.get(key)).map(subjects).unwrap_or_default(),
        status,
        embargoed,
    };
    Ok(article)
}

/// Until when it is embargoed. It is so until the last of the times that are given.
///
/// # Errors
/// What is said of it is no time.
fn embargoed(value: &Value) -> Result<Option<String>, Reject> {
    let Value::Object(all) = value else { return Ok(None) };
    let said = all.iter().filter(|(key, said)| matches!(&**key, "embargoed" | "embargoeduntil") && !says_nothing(said));
    let until = said.map(|(_, said)| match said {
        Value::Text(text) => date::embargo(text),
        other => Err(date::endless(&format!("{other:?}"))),
    });
    let until: Vec<String> = until.collect::<Result<_, _>>()?;
    Ok(until.into_iter().max_by_key(|until| seconds_since_1970(until)))
}

/// Whether it is null, false, blank, or holds nothing else.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => is_blank(text) || text == "false",
        Value::List(all) => all.iter().all(says_nothing),
        Value::Object(all) => all.iter().all(|(_, value)| says_nothing(value)),
    }
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
