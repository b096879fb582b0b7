//! References to characters, such as `&amp;` and `&#8217;`.

use std::borrow::Cow;

/// Writes the character that a reference names. One that XML does not know is left as it stands: what a DTD may have
/// declared is never expanded, so that a short document cannot become a long one.
pub(super) fn resolve(name: &str, text: &mut String) {
    match character(name) {
        Some(c) => text.push(c),
        None => {
            text.push('&');
            text.push_str(name);
            text.push(';');
        }
    }
}

/// The text of an attribute, with its references resolved.
pub(super) fn resolved(value: &str) -> Cow<'_, str> {
    let mut parts = value.split('&');
    let Some(first) = parts.next().filter(|first| first.len() < value.len()) else { return Cow::Borrowed(value) };
    let mut text = String::from(first);
    for part in parts {
        match part.split_once(';') {
            Some((name, rest)) => {
                resolve(name, &mut text);
                text.push_str(rest);
            }
            None => {
                text.push('&');
                text.push_str(part);
            }
        }
    }
    Cow::Owned(text)
}

/// The five that XML knows, numbers, and those of HTML's that stand in news most often as if XML knew them.
fn character(name: &str) -> Option<char> {
    const NAMED: [(&str, char); 19] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("sbquo", '‚'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("bdquo", '„'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("hellip", '…'),
        ("euro", '€'),
        ("pound", '£'),
    ];
    let Some(number) = name.strip_prefix('#') else {
        return NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    };
    let code = match number.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    // NUL and its like are no text, in whatever way they are written.
    code.ok().and_then(char::from_u32).filter(|c| !c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_references_become_characters_and_others_stay() {
        assert_eq!(resolved("a &amp; b &lt;&#233;&#xe9;&#x2019;&gt; &hellip;"), "a & b <éé’> …");
        for text in ["plain", "AT&T", "&lol9;", "&;", "&#0;", "&#xD800;", "&#4294967296;", "&#;", "&"] {
            assert_eq!(resolved(text), text);
        }
        assert_eq!(resolved("a?b=1&c=2;d&amp;amp;"), "a?b=1&c=2;d&amp;");
    }
}
