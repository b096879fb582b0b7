//! Shapes that no producer writes, and what the limits of the caller have to do with them.

use crate::error::Code;
use crate::read::{Limits, read_each};

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
