//! One article in every format, bare, compressed, and in a web archive: the same paragraphs, and the same topics.

use std::io::Write;

use serde_json::{Value, json};

use crate::support::{Dir, disputed, records};

const TITLE: &str = "Tariffs on steel come into force on both sides";

/// Long enough that no reader takes it for furniture.
const PARAGRAPHS: [&str; 5] = [
    "American tariffs of 25 per cent on steel took effect on Friday, and Brussels answered within hours with duties of its \
     own on motorcycles, bourbon & orange juice made in the United States.",
    "The commission says that its duties are a reply to those on steel and aluminium, and that they follow the rules of the \
     World Trade Organization. A complaint there has been lodged as well.",
    "Farmers were among the first to feel it. The price of soya beans has fallen by about a fifth since the spring, and \
     grain traders report that buyers have turned to other countries for their next cargoes.",
    "Carmakers fear that they are next. A tariff on imported cars and parts would hit manufacturers on both sides of the \
     ocean hardest, and their suppliers with them, the trade association said.",
    "The harbour's choir sang on Friday evening for the four hundredth time, in front of a full house, and it did not rain.",
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The paragraphs as elements.
fn marked() -> String {
    PARAGRAPHS.iter().map(|paragraph| format!("<p>{}</p>\n", escaped(paragraph))).collect()
}

/// The article in each format, with its file's name and its media type.
fn forms() -> Vec<(&'static str, &'static str, String)> {
    let (title, marked) = (escaped(TITLE), marked());
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{title}</title></head><body>\
         <nav><a href=\"/\">Home</a> <a href=\"/world\">World</a></nav><article><h1>{title}</h1>\n{marked}</article></body></html>"
    );
    let ninjs = json!({ "uri": "urn:example:steel", "pubstatus": "usable", "headline": TITLE, "body_xhtml": marked });
    let nitf = format!(
        "<?xml version=\"1.0\"?><nitf><head><title>{title}</title></head><body><body.head><hedline><hl1>{title}</hl1></hedline>\
         </body.head><body.content>{marked}</body.content></body></nitf>"
    );
    let g2 = format!(
        "<?xml version=\"1.0\"?><newsItem xmlns=\"http://iptc.org/std/nar/2006-10-01/\" guid=\"urn:example:steel\" version=\"1\">\
         <itemMeta><pubStatus qcode=\"stat:usable\"/></itemMeta><contentMeta><headline>{title}</headline></contentMeta>\
         <contentSet><inlineXML contenttype=\"application/xhtml+xml\"><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title/>\
         </head><body>{marked}</body></html></inlineXML></contentSet></newsItem>"
    );
    let rss = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Example Wire</title><item><title>{title}</title>\
         <description>{}</description></item></channel></rss>",
        escaped(&marked)
    );
    let text = PARAGRAPHS.join("\n\n");
    let mail = format!(
        "From: The desk <desk@example.org>\r\nMessage-ID: <steel@example.org>\r\nMIME-Version: 1.0\r\nSubject: {TITLE}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        text.replace('\n', "\r\n")
    );
    vec![
        ("a.txt", "text/plain; charset=utf-8", format!("{TITLE}\n\n{text}\n")),
        ("a.html", "text/html; charset=utf-8", page),
        ("a.json", "application/json", ninjs.to_string()),
        ("a.nitf.xml", "text/xml", nitf),
        ("a.g2.xml", "application/xml; charset=utf-8", g2),
        ("a.rss", "application/rss+xml", rss),
        ("a.eml", "message/rfc822", mail),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("memory")
}

/// What a server answered, as a crawler keeps it.
fn warc(media: &str, body: &str) -> String {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\n{body}");
    let header = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/a\r\n\
        Content-Type: application/http; msgtype=response";
    format!("{header}\r\nContent-Length: {}\r\n\r\n{answer}\r\n\r\n", answer.len())
}

/// The record of a file's one article: its title, paragraphs and topics.
fn told(dir: &Dir, name: &str, bytes: &[u8]) -> Value {
    let file = dir.write(name, bytes);
    let lines = disputed(["classify"]).arg(&file).succeed();
    let records = records(&lines);
    assert_eq!(records.len(), 1, "{name}");
    let of = |record: &Value, keys: &[&str]| {
        keys.iter().map(|key| (key.to_string(), record[*key].clone())).collect::<serde_json::Map<_, _>>()
    };
    let mut told = of(&records[0], &["title", "language", "topics", "primary", "review"]);
    let paragraphs = records[0]["paragraphs"].as_array().expect("paragraphs");
    let paragraphs = paragraphs.iter().map(|paragraph| of(paragraph, &["i", "text", "kind", "topics"]).into());
    told.insert("paragraphs".into(), Value::Array(paragraphs.collect()));
    told.into()
}

#[test]
fn the_same_article_has_the_same_paragraphs_and_topics_in_every_format() {
    let dir = Dir::new();
    let forms = forms();
    let first = told(&dir, forms[0].0, forms[0].2.as_bytes());
    let texts: Vec<&str> =
        first["paragraphs"].as_array().expect("a list").iter().filter_map(|p| p["text"].as_str()).collect();
    assert_eq!(texts, [&[TITLE][..], &PARAGRAPHS].concat());
    assert_eq!(first["primary"], "trade");
    for (name, media, form) in forms {
        let archive = warc(media, &form);
        for (name, bytes) in [
            (name.to_string(), form.clone().into_bytes()),
            (format!("{name}.gz"), gzip(form.as_bytes())),
            (format!("{name}.warc"), archive.clone().into_bytes()),
            (format!("{name}.warc.gz"), gzip(archive.as_bytes())),
        ] {
            assert_eq!(told(&dir, &name, &bytes), first, "{name}");
        }
    }
}
