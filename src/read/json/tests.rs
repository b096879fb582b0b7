//! Shapes that no producer writes, and what the limits of the caller have to do with them.

use std::io::Cursor;

use proptest::prelude::*;

use crate::error::Code;
use crate::read::{Input, Limits, read_each};

fn refusal(text: &str, limits: &Limits) -> Option<Code> {
    let mut refused = None;
    let whole = read_each(text.as_bytes(), "a.json", limits, &mut |item| refused = item.reading.err());
    whole.err().or(refused).map(|reject| reject.code)
}

#[test]
fn what_is_a_hundred_thousand_deep_is_too_deep() {
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    for text in [
        deep("[", ""),
        deep("[", "]"),
        deep("{\"a\":", ""),
        deep("{\"a\":", "}"),
        deep("[{\"a\":", ""),
        format!("[{}]", deep("{\"a\":", "}")),
        format!("{{\"title\":\"Talks\",\"text\":{}}}", deep("[", "]")),
        format!("{{\"items\":{}}}", deep("[", "]")),
        format!("{{\"items\":[{{\"text\":{}}}]}}", deep("[", "]")),
    ] {
        assert_eq!(refusal(&text, &Limits::default()), Some(Code::TooDeep), "{}…", &text[..20]);
    }
}

#[test]
fn what_is_called_json_and_opens_so_is_no_plain_text() {
    for text in ["[", "{", "[[\"Talks\"", "{ title: 'Talks' }", "[Talks]"] {
        assert_eq!(refusal(text, &Limits::default()), Some(Code::Malformed), "{text}");
    }
    assert_eq!(refusal("Talks resume", &Limits::default()), None);
}

#[test]
fn a_page_within_json_has_the_depth_that_the_caller_allows() {
    let page = "<p>One.</p><div><div><div><p>Two.</p></div></div></div>";
    let story = format!("{{\"title\":\"Talks\",\"text\":\"{page}\"}}");
    let ninjs = format!("{{\"uri\":\"urn:example:a\",\"headline\":\"Talks\",\"body_xhtml\":\"{page}\"}}");
    for text in [story, ninjs] {
        for (depth, code) in [(4, None), (3, Some(Code::TooDeep))] {
            assert_eq!(refusal(&text, &Limits { depth, ..Limits::default() }), code, "{text}");
        }
    }
}

/// Until when an item of ninjs with these fields is embargoed, or why it is refused.
fn embargo(fields: &str) -> Result<Option<String>, String> {
    let item = format!("{{\"uri\":\"urn:example:a\",\"headline\":\"Talks\",\"body_text\":\"Envoys met.\",{fields}}}");
    let reading = crate::read::read(item.as_bytes(), "a.json", &Limits::default());
    reading.map(|reading| reading.article.details.embargoed).map_err(|reject| reject.to_string())
}

#[test]
fn an_embargo_that_says_nothing_is_none() {
    for said in ["null", "false", "\"\"", "\" \"", "[]", "{}", "[null, \"\"]", "{\"date\": null}", "\"false\""] {
        assert_eq!(embargo(&format!("\"embargoed\":{said}")), Ok(None), "{said}");
    }
}

#[test]
fn an_embargo_that_cannot_be_understood_does_not_let_its_article_out() {
    let far = "2098-01-01T00:00:00Z";
    for (said, shown) in [
        ("true", "\"true\""),
        ("\"Tuesday,\\n noon\"", "\"Tuesday, noon\""),
        ("4039372800", "\"4039372800\""),
        ("\"2098-01-01\"", "\"2098-01-01\""),
        ("\"2098-01-01T00:00:00\"", "\"2098-01-01T00:00:00\""),
        ("\"9999-12-31T23:59:59Z\"", "\"9999-12-31T23:59:59Z\""),
        ("{\"date\": \"2098-01-01T00:00:00Z\"}", "{\"date\": \"2098-01-01T00:00:00Z\"}"),
        ("[\"2098-01-01T00:00:00Z\", null]", "[\"2098-01-01T00:00:00Z\", null]"),
    ] {
        let expected = format!(
            "until when it is embargoed cannot be told from {shown}; expected a time with its zone, such as \
             2018-07-16T06:31:00+02:00 (withheld)"
        );
        assert_eq!(embargo(&format!("\"embargoed\":{said}")), Err(expected.clone()), "{said}");
        // Nor does what stands beside it.
        assert_eq!(embargo(&format!("\"embargoed\":\"{far}\",\"embargoedUntil\":{said}")), Err(expected));
    }
    let long = embargo(&format!("\"embargoed\":\"{}\"", "soon ".repeat(1000))).unwrap_err();
    assert!(long.len() < 300 && long.contains("soon soon") && long.contains("…"), "{long}");
}

#[test]
fn an_embargo_is_heard_where_nothing_else_tells_ninjs() {
    let until = |embargoed: &str| {
        let item = format!(
            "{{\"uri\":\"urn:example:a\",\"title\":\"Talks\",\"body_html\":\"Envoys met.\",\"embargoed\":{embargoed}}}"
        );
        let reading = crate::read::read(item.as_bytes(), "a.json", &Limits::default());
        reading.map(|reading| reading.article.details.embargoed).map_err(|reject| reject.code)
    };
    assert_eq!(until("\"2098-01-01T00:00:00Z\""), Ok(Some("2098-01-01T00:00:00Z".into())));
    assert_eq!(until("true"), Err(Code::Withheld));
    assert_eq!(until("null"), Ok(None));
}

#[test]
fn of_two_embargoes_the_later_holds() {
    let (soon, late) = ("\"2098-01-01T00:00:00+02:00\"", "\"2098-01-01T00:00:00Z\"");
    for (one, other) in [(soon, late), (late, soon), ("null", late), (late, "false")] {
        let until = embargo(&format!("\"embargoed\":{one},\"embargoedUntil\":{other}"));
        assert_eq!(until, Ok(Some("2098-01-01T00:00:00Z".into())), "{one} {other}");
    }
    assert_eq!(embargo(&format!("\"embargoed\":null,\"Embargoed\":{late}")), Ok(Some("2098-01-01T00:00:00Z".into())));
}

#[test]
fn a_notice_is_heard_whatever_its_embargo_says() {
    assert_eq!(embargo("\"pubstatus\":\"canceled\",\"embargoed\":\"soon\""), Ok(None));
}

/// The titles of all articles, nothing where one is refused, and why the rest is.
fn titles(input: Input, name: &str, limits: &Limits) -> (Vec<Option<String>>, Option<Code>) {
    let mut titles = Vec::new();
    let end = read_each(input, name, limits, &mut |item| {
        titles.push(item.reading.ok().map(|reading| reading.article.title().unwrap_or_default().to_string()));
    });
    (titles, end.err().map(|reject| reject.code))
}

proptest! {
    #[test]
    fn lines_are_told_alike_in_memory_and_as_they_come(
        parts in proptest::collection::vec((0usize..PARTS.len(), any::<proptest::sample::Index>()), 1..7),
        name in proptest::sample::select(vec!["a", "a.json", "a.jsonl"]),
    ) {
        let pads = [0, 10, super::super::HEAD - 60, super::super::HEAD, 70_000];
        let text: String = parts.iter().map(|(part, pad)| PARTS[*part].replacen('_', &" ".repeat(*pad.get(&pads)), 1)).collect();
        let limits = Limits::default();
        let whole = titles(Input::Bytes(text.as_bytes()), name, &limits);
        prop_assert_eq!(&titles(Input::Stream(Box::new(Cursor::new(&text))), name, &limits), &whole);
        // So are those of more than may be held, as long as each of them may be.
        let limits = Limits { bytes: 71_000, ..limits };
        if text.lines().all(|line| line.len() as u64 <= limits.bytes) {
            let read = titles(Input::Stream(Box::new(Cursor::new(&text))), name, &limits);
            prop_assert!(read == whole || read == (vec![], Some(Code::TooLarge)), "{:?} and {:?}", read, whole);
        }
    }
}

/// What may stand in a document or in lines; an underline stands for white space.
const PARTS: [&str; 9] = [
    "{\"title\":\"Talks\",_\"text\":\"Envoys met.\"}\n",
    "{\"title\":\"Rain\",_\"text\":\"It fell.\"}\n",
    "{\"title\":\"Talks\",_\"text\":\"Envoys met.\"}_",
    "{\n\"title\":\"Talks\",_\"text\":\"Envoys met.\"\n}\n",
    "{\"items\":[_",
    "]}\n",
    ",",
    "\n",
    "{_",
];
