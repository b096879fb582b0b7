//! Archives that no crawler writes.

use std::io::Write;

use proptest::prelude::*;

use crate::error::Code;
use crate::read::{Limits, read_each};

fn all(bytes: &[u8], limits: &Limits) -> (Vec<String>, Result<(), Code>) {
    let mut found = Vec::new();
    let ended = read_each(bytes, "a", limits, &mut |item| {
        found.push(item.reading.map_or_else(|reject| reject.to_string(), |reading| reading.article.text().to_string()));
    });
    (found, ended.map_err(|reject| reject.code))
}

/// A record of this text that says to be so long.
fn record(text: &str, length: impl std::fmt::Display) -> String {
    let header = "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\n";
    format!("{header}Content-Length: {length}\r\n\r\n{text}\r\n\r\n")
}

#[test]
fn a_wrong_length_costs_its_record_and_no_other() {
    let right = record("One.", 4);
    let wrong = |length: u64| format!("the record is no WARC: it is not {length} bytes long, as it says (malformed)");
    for length in [0, 3, 9, 100, 400, 1 << 20] {
        let archive = [right.clone(), record("Two.", length), right.clone(), right.clone()].concat();
        let expected = ["One.".into(), wrong(length), "One.".into(), "One.".into()];
        assert_eq!(all(archive.as_bytes(), &Limits::default()), (expected.to_vec(), Ok(())), "{length}");
    }
    let archive = [right.clone(), record("Two.", "many"), record("Three.", u64::MAX), right.clone()].concat();
    let expected = [
        "One.",
        "the record is no WARC: it does not say how long it is (malformed)",
        "the record holds 18446744073709551615 bytes; the limit is 16777216 (too-large)",
        "One.",
    ];
    assert_eq!(all(archive.as_bytes(), &Limits::default()), (expected.map(String::from).to_vec(), Ok(())));
}

#[test]
fn a_wrong_length_costs_no_more_where_the_archive_is_there_as_a_whole() {
    let inner = record("One.", 4);
    let archive = [record("Two.", 3), record(&"They met. ".repeat(8000), 80_000), record(&inner, inner.len())].concat();
    let found = all(archive.as_bytes(), &Limits::default());
    assert_eq!((found.0.len(), &found.1), (3, &Ok(())), "the last is far behind what was doubted");
    assert!(found.0[2].starts_with("WARC/1.0"), "{}", found.0[2]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(archive.as_bytes()).unwrap();
    assert_eq!(all(&gzip.finish().unwrap(), &Limits::default()), found);
}

#[test]
fn a_text_may_hold_what_looks_like_a_record() {
    let inner = record("One.", 4);
    let (found, ended) = all(record(&inner, inner.len()).as_bytes(), &Limits::default());
    assert_eq!((found.len(), ended), (1, Ok(())));
    assert!(found[0].starts_with("WARC/1.0"));
}

#[test]
fn lengths_that_lie_in_each_record_take_no_longer() {
    let archive = record("One.", 1 << 22).repeat(40_000);
    assert_eq!(all(archive.as_bytes(), &Limits::default()).0.len(), 40_000);
    let archive = "WARC/1.0\r\n\r\n".repeat(100_000);
    assert_eq!(all(archive.as_bytes(), &Limits::default()).1, Ok(()));
    let archive = format!("WARC/1.0\r\n{}", "a: b\r\n".repeat(1_000_000));
    assert_eq!(all(archive.as_bytes(), &Limits::default()).0.len(), 1);
}

#[test]
fn an_address_of_nothing_is_none() {
    for (uri, url, guid) in [("<https://example.org/a>", Some("https://example.org/a"), None), ("<>", None, Some("a"))]
    {
        let fields = format!("WARC-Target-URI: {uri}\r\nWARC-Record-ID: <a>\r\n");
        let archive = record("One.", 4).replacen("\r\n", &format!("\r\n{fields}"), 1);
        let mut found = Vec::new();
        read_each(archive.as_bytes(), "a", &Limits::default(), &mut |item| {
            let details = item.reading.unwrap().article.details;
            found.push((details.url, details.guid));
        })
        .unwrap();
        assert_eq!(found, [(url.map(String::from), guid.map(String::from))]);
    }
}

#[test]
fn the_last_record_may_lack_its_end() {
    let archive = record("One.", 4);
    assert_eq!(all(archive.trim_end().as_bytes(), &Limits::default()).0, ["One."]);
    let (found, ended) = all(&archive.as_bytes()[..archive.len() - 6], &Limits::default());
    assert_eq!((found.len(), ended), (1, Ok(())));
    assert!(found[0].ends_with("(malformed)"));
}

#[test]
fn a_film_is_passed_over_and_a_page_that_is_too_long_is_refused() {
    let answer = |kind: &str| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{}", "a".repeat(1000));
        let header = "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n";
        format!("{header}Content-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    };
    let archive = [answer("video/mp4"), answer("text/html"), record("One.", 4)].concat();
    let limits = Limits { bytes: 1000, ..Limits::default() };
    let mut bytes = Vec::new();
    let mut packed = flate2::read::GzEncoder::new(archive.as_bytes(), flate2::Compression::fast());
    std::io::Read::read_to_end(&mut packed, &mut bytes).unwrap();
    let (found, ended) = all(&bytes, &limits);
    assert_eq!((found.len(), ended), (2, Ok(())));
    assert!(found[0].ends_with("(too-large)") && found[1] == "One.", "{found:?}");
}

proptest! {
    #[test]
    fn any_soup_of_records_is_read_or_refused(
        soup in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..60),
    ) {
        let archive = format!("WARC/1.0\r\n{}", soup.concat());
        let (found, _) = all(archive.as_bytes(), &Limits::default());
        prop_assert!(found.iter().all(|text| !text.ends_with("(parser-panic)")));
    }
}

const SOUP: [&str; 24] = [
    "\r\n",
    "\r\n\r\n",
    "\n",
    "WARC/1.0\r\n",
    "WARC/1.1\r\n",
    "WARC-Type: response\r\n",
    "WARC-Type: conversion\r\n",
    "WARC-Type: request\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 60\r\n",
    "Content-Length: 300\r\n",
    "Content-Length: -1\r\n",
    "Content-Type: application/http\r\n",
    "Content-Type: text/plain\r\n",
    "Content-Type: application/json\r\n",
    "HTTP/1.1 200 OK\r\n",
    "Content-Type: text/html\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Encoding: gzip\r\n",
    "5\r\nTalks\r\n",
    "ffffffffffffffff\r\n",
    "0\r\n\r\n",
    "<p>Talks",
    "{\"text\":\"Talks\"}",
];

#[test]
fn news_in_xml_and_mail_are_articles_and_other_xml_is_none() {
    let typed = |kind: &str, text: &str| {
        record(text, text.len()).replace("Content-Type: text/plain", &format!("Content-Type: {kind}"))
    };
    let feed = "<rss><channel><item><title>Rain</title><description>It fell.</description></item></channel></rss>";
    let mail = "From: The desk <desk@example.org>\r\nSubject: Talks\r\n\r\nThey met.\r\n";
    let archive = [
        typed("application/rss+xml; charset=utf-8", &feed.replace("<item>", "<item/><item>")),
        typed("text/xml", "<urlset><url><loc>https://example.org/</loc></url></urlset>"),
        typed("image/svg+xml", "<svg><text>One.</text></svg>"),
        typed("application/xml", "<urlset><url>"),
        typed("message/rfc822", mail),
        typed("text/xml", "<nitf><body><body.content><p>One.</p>"),
    ];
    let expected = [
        "the entry has neither a content nor a summary (no-text)",
        "Rain\n\nIt fell.",
        "Talks\n\nThey met.",
        "the file is no XML: it ends within <body.content> at line 1 column 38 (malformed)",
    ];
    let expected = (expected.map(String::from).to_vec(), Ok(()));
    assert_eq!(all(archive.concat().as_bytes(), &Limits::default()), expected);
}
