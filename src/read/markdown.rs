//! Markdown to an article, with the front matter that site generators know. The only home of pulldown-cmark.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::body::end_paragraph;
use super::{Format, byline, date, known_language, on_one_line};
use crate::article::{Article, Details};
use crate::error::{Code, Reject};
use crate::read::{Decoded, Reading};

/// Bytes of Markdown, at most: where each of them is a mark, the parser takes seventy times as many.
const MOST: usize = 1 << 20;

/// How far into a text its marks are looked for, in bytes.
const EARLY: usize = 4096;

/// Whether a text is Markdown beyond doubt, whatever its name: front matter with a title opens it, or a heading that is not the
/// only mark of it.
pub(super) fn is_evident(text: &str) -> bool {
    let text = text.trim_start_matches(super::is_invisible);
    let early = &text[..text.floor_char_boundary(EARLY)];
    if text.starts_with("---") {
        return front_matter(text).is_some_and(|(front, _)| Front(front).get(&["title"]).is_some());
    }
    let mut lines = early.lines();
    lines.next().is_some_and(|first| first.starts_with("# ") && first.len() > 2)
        && lines.any(|line| line.starts_with("## ") || line.contains("](http"))
}

/// The article in a text.
pub(super) fn read(decoded: &Decoded) -> Result<Reading<'static>, Reject> {
    let text = decoded.text.trim_start_matches(super::is_invisible);
    let (front, body) = front_matter(text).unwrap_or(("", text));
    if body.len() > MOST {
        let message = format!("the text has {} bytes of Markdown; the limit is {MOST}", body.len());
        return Err(Reject::new(Code::TooLarge, message));
    }
    let front = Front(front);
    let (heading, mut paragraphs) = blocks(body);
    let title = front.get(&["title", "headline"]).or(heading.clone());
    // The first heading is the title, or says it again, or else is the first that is said below it.
    if let Some(heading) =
        heading.filter(|heading| title.as_ref().is_some_and(|title| title.to_lowercase() != heading.to_lowercase()))
    {
        paragraphs.insert(0, heading);
    }
    if paragraphs.is_empty() {
        return Err(Reject::new(Code::NoText, "the text has no paragraph"));
    }
    let mut article = Article::from_paragraphs(title.iter().chain(&paragraphs).map(String::as_str), title.is_some());
    let time = |keys: &[&str]| date::moment_or_day(&front.get(keys)?);
    let names = front.list(&["author", "authors", "byline"]);
    article.language = front.get(&["lang", "language"]).as_deref().and_then(known_language);
    article.details = Details {
        byline: byline::names(names.iter().map(String::as_str)),
        published: time(&["date", "published", "pubdate", "publishdate"]),
        updated: time(&["updated", "lastmod", "modified"]),
        url: front.get(&["canonical_url", "canonical", "url", "link"]).filter(|url| url.contains("://")),
        subjects: front.list(&["tags", "keywords", "categories", "category"]),
        ..Details::default()
    };
    Ok(Reading { article, format: Format::Markdown, charset: decoded.charset, replaced: decoded.replaced })
}

/// The lines between the two fences that open a text, and what follows.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("---")?.trim_start_matches([' ', '\t']).strip_prefix('\n')?;
    let mut at = 0;
    for line in inside.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Some((inside.get(..at)?, inside.get(at + line.len()..)?));
        }
        at += line.len();
    }
    None
}

/// Lines of `key: value`; of YAML no more than that, and lists in brackets or below their key.
struct Front<'t>(&'t str);

impl Front<'_> {
    /// The first of these keys that has a value.
    fn get(&self, keys: &[&str]) -> Option<String> {
        self.list(keys).into_iter().next()
    }

    /// The values of the first of these keys that has any.
    fn list(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.values(key)).find(|values| !values.is_empty()).unwrap_or_default()
    }

    fn values(&self, key: &str) -> Vec<String> {
        let mut lines = self.0.lines();
        let value = lines.by_ref().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim_end().eq_ignore_ascii_case(key).then_some(value.trim())
        });
        let Some(value) = value else { return Vec::new() };
        let below = || lines.map_while(|line| line.trim_start().strip_prefix("- "));
        let values: Vec<&str> = match value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            Some(list) => list.split(',').collect(),
            None if value.is_empty() => below().collect(),
            None => vec![value],
        };
        let bare = |value: &str| on_one_line(value.trim().trim_matches(['"', '\'']));
        values.into_iter().map(bare).filter(|value| !super::is_blank(value)).collect()
    }
}

/// The first heading of the first rank, where nothing stands before it, and the blocks of text: paragraphs, items, quotations,
/// rows of tables, and headings. Code and raw markup are none.
fn blocks(text: &str) -> (Option<String>, Vec<String>) {
    let (mut title, mut blocks, mut block) = (None, Vec::new(), String::new());
    let mut silent = 0;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Image { .. } | Tag::HtmlBlock) => silent += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Image | TagEnd::HtmlBlock) => silent -= 1,
            _ if silent > 0 => {}
            Event::Text(text) | Event::Code(text) => block.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell) => block.push(' '),
            Event::End(TagEnd::Heading(rank)) => {
                let heading = on_one_line(&std::mem::take(&mut block));
                match () {
                    () if super::is_blank(&heading) => {}
                    () if rank == pulldown_cmark::HeadingLevel::H1 && title.is_none() && blocks.is_empty() => {
                        title = Some(heading)
                    }
                    () => blocks.push(heading),
                }
            }
            Event::Start(tag) if is_block(&tag) => end_paragraph(&mut block, &mut blocks),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead | TagEnd::BlockQuote(_),
            ) => {
                end_paragraph(&mut block, &mut blocks);
            }
            _ => {}
        }
    }
    end_paragraph(&mut block, &mut blocks);
    (title, blocks)
}

fn is_block(tag: &Tag) -> bool {
    matches!(tag, Tag::Paragraph | Tag::Item | Tag::List(_) | Tag::BlockQuote(_) | Tag::Heading { .. } | Tag::Table(_))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reading(text: &str) -> Reading<'static> {
        read(&Decoded { text: text.into(), charset: "utf-8", replaced: 0 }).unwrap()
    }

    fn parts(text: &str) -> Vec<String> {
        reading(text).article.paragraphs().map(Into::into).collect()
    }

    #[test]
    fn only_what_is_read_aloud_is_text() {
        let text = "# Talks *resume*\n\nEnvoys [met](https://example.org)\non `Monday`.\n\n```\ncode\n```\n\n![a view](a.png)\n\n<div>raw</div>\n\n\
            - One\n- two\n\n  and a half\n    - three\n\n> They parted.\n\n## After\n\n| a | b |\n|---|---|\n| c | d |\n\n    code\n";
        let expected = [
            "Talks resume",
            "Envoys met on Monday.",
            "One",
            "two",
            "and a half",
            "three",
            "They parted.",
            "After",
            "a b",
            "c d",
        ];
        assert_eq!(parts(text), expected);
    }

    #[test]
    fn front_matter_is_read_as_far_as_it_is_simple() {
        let text = "---\ntitle: \"Talks resume\"\nDate: 2018-07-16 06:31 +0300\nauthors:\n  - A. Reporter\n  - The desk\ntags: [arms, 'talks']\nlang: en-GB\nurl: /talks\nnested:\n  a: b\n---\n\n# Talks resume\n\nThey met.\n";
        let Reading { article, .. } = reading(text);
        assert_eq!(article.paragraphs().collect::<Vec<_>>(), ["Talks resume", "They met."]);
        let details = article.details;
        assert_eq!(details.byline.as_deref(), Some("A. Reporter, The desk"));
        assert_eq!(details.published.as_deref(), Some("2018-07-16T06:31:00+03:00"));
        assert_eq!(details.subjects, ["arms", "talks"]);
        assert_eq!((details.url, article.language), (None, Some("en")));
        assert_eq!(parts("---\ntitle: Talks\n---\n# In Geneva\n\nThey met."), ["Talks", "In Geneva", "They met."]);
    }

    #[test]
    fn doubt_is_no_markdown() {
        for text in [
            "---\ntitle: Talks\n---\nThey met.",
            "# Talks\n\n## One\n\nThey met.",
            "# Talks\n\n[Here](https://example.org)",
        ] {
            assert!(is_evident(text), "{text}");
        }
        for text in [
            "---\nTalks resume\n---\n",
            "# 1 in the charts",
            "#Talks\n## One",
            "Talks\n## One",
            "---\ntitle: Talks\n",
            "",
        ] {
            assert!(!is_evident(text), "{text}");
        }
    }

    #[test]
    fn hostile_shapes_are_read_in_time() {
        for part in [
            "*a_", "[", "![", "> ", "- ", "`", "<a", "[a](", "\\", "|", "**a", "1. ", "&", "~~a", "[a]: b\n", "|a\n",
            "* a\n  ", "<!--", "<?", "``` \n",
        ] {
            let _ = read(&Decoded { text: part.repeat(100_000).into(), charset: "utf-8", replaced: 0 });
        }
        let staircase: String = (0..1000).map(|depth| format!("{}- a\n", " ".repeat(depth * 2))).collect();
        let _ = read(&Decoded { text: staircase.into(), charset: "utf-8", replaced: 0 });
    }

    proptest! {
        #[test]
        fn any_soup_of_marks_is_read(soup in "[-#>*_`~|\\[\\]()!<a \n:.1]{0,200}") {
            if let Ok(reading) = read(&Decoded { text: soup.as_str().into(), charset: "utf-8", replaced: 0 }) {
                prop_assert!(reading.article.paragraphs().len() > 0);
            }
            is_evident(&soup);
        }
    }
}
