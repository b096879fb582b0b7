//! A page cut into tags and text, by the rules of the HTML standard's tokeniser, in one pass.

/// A piece of a page.
#[derive(Debug, Clone)]
pub(super) enum Token<'a> {
    /// Text between tags; its entities are not decoded. A `<` that opens no tag comes alone.
    Text(&'a str),
    /// A start tag, its name as written.
    Start(&'a str, Attributes<'a>),
    /// An end tag, its name as written.
    End(&'a str),
    /// A whole element whose content is not markup, or not the article's: its name, attributes and content.
    Raw(&'static str, Attributes<'a>, &'a str),
}

/// The pieces of a page in order; comments and doctypes are left out.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// Members of [`APART`] that no end tag follows any more. Without this, a page of a million `<svg>` would be
    /// searched to its end a million times.
    unclosed: Vec<&'static str>,
}

/// Elements whose content is no markup. Where the end tag is missing, the standard lets them swallow the page.
const RAW: [&str; 9] = ["script", "style", "title", "textarea", "iframe", "noframes", "noembed", "xmp", "plaintext"];

/// Elements whose content is markup, but never an article's. Where the end tag is missing, only the tag is dropped.
const APART: [&str; 4] = ["svg", "math", "template", "noscript"];

impl<'a> Tokens<'a> {
    pub(super) fn new(page: &'a str) -> Tokens<'a> {
        Tokens { rest: page, unclosed: Vec::new() }
    }

    /// The token of a start tag whose `<` is behind us.
    fn start(&mut self) -> Token<'a> {
        let (name, rest) = cut(self.rest, ends_name);
        let attributes = Attributes { rest };
        self.rest = attributes.end();
        let of = |names: &[&'static str]| names.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
        if let Some(raw) = of(&RAW) {
            let (content, rest) = close(self.rest, raw).unwrap_or((self.rest, ""));
            self.rest = rest;
            return Token::Raw(raw, attributes, content);
        }
        // A template of a shadow tree is there to be read.
        let is_shown = |apart: &&str| *apart == "template" && attributes.clone().any(|(name, _)| is_shadow(name));
        if let Some(apart) = of(&APART).filter(|apart| !self.unclosed.contains(apart) && !is_shown(apart)) {
            match close(self.rest, apart) {
                Some((content, rest)) => {
                    self.rest = rest;
                    return Token::Raw(apart, attributes, content);
                }
                None => self.unclosed.push(apart),
            }
        }
        Token::Start(name, attributes)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(inside) = self.rest.strip_prefix('<') else {
                let (text, rest) = cut(self.rest, |c| c == '<');
                self.rest = rest;
                return Some(Token::Text(text));
            };
            let end = inside.strip_prefix('/');
            if inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.rest = inside;
                return Some(self.start());
            } else if let Some(name) = end.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
                let (name, rest) = cut(name, ends_name);
                self.rest = Attributes { rest }.end();
                return Some(Token::End(name));
            } else if let Some(comment) = inside.strip_prefix("!--") {
                // The two hyphens may be those of the end as well: `<!-->` is a whole comment.
                let hyphens = inside.split_at(1).1;
                let end = if comment.starts_with("->") { hyphens } else { comment };
                let end = if comment.starts_with('>') { hyphens } else { end };
                self.rest = end.split_once("-->").map_or("", |(_, rest)| rest);
            } else if inside.starts_with(['!', '?', '/']) {
                self.rest = inside.split_once('>').map_or("", |(_, rest)| rest);
            } else {
                let (less, _) = self.rest.split_at(1);
                self.rest = inside;
                return Some(Token::Text(less));
            }
        }
    }
}

/// The attributes of a start tag: names as written, values without quotes and with their entities as they are.
#[derive(Debug, Clone)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// Those of a tag that the page does not have.
    pub(super) fn none() -> Attributes<'a> {
        Attributes { rest: "" }
    }

    /// The page after the tag.
    fn end(&self) -> &'a str {
        let mut all = self.clone();
        all.by_ref().for_each(drop);
        all.rest.strip_prefix('>').unwrap_or_default()
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.rest = self.rest.trim_start_matches(|c| is_space(c) || c == '/');
        let first = self.rest.chars().next().filter(|c| *c != '>')?;
        // An equals sign that comes first belongs to the name.
        let after = self.rest.split_at(first.len_utf8()).1;
        let (_, rest) = cut(after, |c| ends_name(c) || c == '=');
        let name = self.rest.split_at(self.rest.len() - rest.len()).0;
        let Some(value) = rest.trim_start_matches(is_space).strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(is_space);
        let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, value.strip_prefix(quote)?)));
        let (value, rest) = match quoted {
            // A quote that is never closed takes the rest of the page with it.
            Some((quote, value)) => value.split_once(quote).unwrap_or((value, "")),
            None => cut(value, |c| is_space(c) || c == '>'),
        };
        self.rest = rest;
        Some((name, value))
    }
}

/// What stands before the end tag of this name, and after it.
fn close<'a>(page: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    page.match_indices("</").find_map(|(at, _)| {
        let (content, tag) = page.split_at(at);
        let (found, rest) = tag.split_at_checked(2 + name.len())?;
        let whole = found.split_at(2).1.eq_ignore_ascii_case(name) && rest.starts_with(ends_name);
        whole.then(|| (content, Attributes { rest }.end()))
    })
}

/// The text cut in two before the first character that stops it.
fn cut(text: &str, stops: impl Fn(char) -> bool) -> (&str, &str) {
    text.find(stops).map_or((text, ""), |at| text.split_at(at))
}

/// As a page has it in itself, and as one does that a browser saved.
fn is_shadow(name: &str) -> bool {
    name.eq_ignore_ascii_case("shadowrootmode") || name.eq_ignore_ascii_case("shadowroot")
}

fn ends_name(c: char) -> bool {
    is_space(c) || matches!(c, '/' | '>')
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(page: &str) -> String {
        let written = Tokens::new(page).map(|token| match token {
            Token::Text(text) => format!("[{text}]"),
            Token::Start(name, attributes) => format!("<{name}{:?}>", attributes.collect::<Vec<_>>()),
            Token::End(name) => format!("</{name}>"),
            Token::Raw(name, _, content) => format!("{{{name}:{content}}}"),
        });
        written.collect()
    }

    #[test]
    fn tags_and_text_alternate() {
        assert_eq!(written("a<P>b</p >c"), "[a]<P[]>[b]</p>[c]");
        assert_eq!(written("1 < 2 <3 </ b><br/>"), "[1 ][<][ 2 ][<][3 ]<br[]>");
        assert_eq!(written("<p"), "<p[]>");
    }

    #[test]
    fn attributes_are_read_as_browsers_do() {
        let all = r#"<a b c = d e='>f' g="'" =h i=j/k x"y>z"#;
        let expected =
            r#"<a[("b", ""), ("c", "d"), ("e", ">f"), ("g", "'"), ("=h", ""), ("i", "j/k"), ("x\"y", "")]>[z]"#;
        assert_eq!(written(all), expected);
        assert_eq!(written("<a b='c>d"), r#"<a[("b", "c>d")]>"#);
    }

    #[test]
    fn comments_vanish() {
        assert_eq!(written("<!doctype html>a<!-- <p> --->b<!-->c<!--->d<?php ?>e<!-- f"), "[a][b][c][d][e]");
    }

    #[test]
    fn raw_content_is_no_markup() {
        assert_eq!(written("<SCRIPT>a</p></scripts></Script >b"), "{script:a</p></scripts>}[b]");
        assert_eq!(written("<style>a"), "{style:a}");
        assert_eq!(written("<svg><path/></svg>a<svg>b"), "{svg:<path/>}[a]<svg[]>[b]");
        assert_eq!(written("<template>a</template>b"), "{template:a}[b]");
        let shadow = "<template shadowrootmode=open>a<template>b</template></template>";
        assert_eq!(written(shadow), "<template[(\"shadowrootmode\", \"open\")]>[a]{template:b}</template>");
    }
}
