//! A page whose source says which of its text is the article and which is junk.
//!
//! Layouts write `⟪the article's text⟫`, one paragraph each and the title first, and `⟦all other text⟧`; `‹word›` in either
//! is a link. What is written for readers outside of both is a mistake of the layout.

use super::sites;
use super::story::Story;

/// A page as a browser saves it, and what is in it.
pub(crate) struct Page {
    pub(crate) html: String,
    /// The article's paragraphs, the title first.
    pub(crate) article: Vec<String>,
    /// All other text that is there to be read.
    pub(crate) junk: Vec<String>,
}

/// How a story is laid out: the source of its page.
pub(crate) type Layout = fn(&Story) -> String;

/// Every layout by its name.
pub(crate) const LAYOUTS: [(&str, Layout); 10] = [
    ("wordpress", sites::wordpress::page),
    ("broadcaster", sites::broadcaster::page),
    ("broadsheet", sites::broadsheet::page),
    ("wire", sites::wire::page),
    ("amp", sites::amp::page),
    ("blogger", sites::blogger::page),
    ("drupal", sites::drupal::page),
    ("state", sites::state::page),
    ("tables", sites::tables::page),
    ("app", sites::app::page),
];

/// The bytes of a page.
const SIZE: usize = 100_000;

impl Page {
    /// The story of this seed in that layout.
    pub(crate) fn new(layout: Layout, seed: usize) -> Page {
        Page::of(&layout(&Story::new(seed)))
    }

    /// The page that is written in this source; `{{style}}` and `{{script}}` in it are made as long as it takes.
    fn of(source: &str) -> Page {
        let mut text = Vec::new();
        let mut html = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['⟪', '⟦']) {
            let (before, marked) = rest.split_at(at);
            html.push_str(before);
            let is_article = marked.starts_with('⟪');
            let (inside, after) = marked[3..].split_once(if is_article { '⟫' } else { '⟧' }).expect("its end");
            let escaped = inside.replace('&', "&amp;").replace('<', "&lt;");
            html.push_str(&escaped.replace('‹', "<a href=\"/topic/more\">").replace('›', "</a>"));
            text.push((is_article, inside.replace(['‹', '›'], "")));
            rest = after;
        }
        html.push_str(rest);
        let lacking = SIZE.saturating_sub(html.len());
        let html = html.replace("{{style}}", &style(lacking / 2)).replace("{{script}}", &script(lacking / 2));
        let of = |kind: bool| text.iter().filter(|(is, _)| *is == kind).map(|(_, text)| text.clone()).collect();
        Page { html, article: of(true), junk: of(false) }
    }
}

fn style(bytes: usize) -> String {
    let rule = |i: usize| format!(".css-{i:04x}>a:hover{{margin:0 {}px;content:\"\\201C\"}}", i % 24);
    (0..)
        .map(rule)
        .scan(0, |length, rule| {
            (*length < bytes).then(|| {
                *length += rule.len();
                rule
            })
        })
        .collect()
}

fn script(bytes: usize) -> String {
    let line = |i: usize| format!("push({{id:{i},html:'<p class=\"x\">'+d[{i}]+'</p>',if:i<{i}&&j>2}});");
    (0..)
        .map(line)
        .scan(0, |length, line| {
            (*length < bytes).then(|| {
                *length += line.len();
                line
            })
        })
        .collect()
}

/// Each as an item of a list of links.
pub(crate) fn items<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    texts.into_iter().map(|text| format!("<li><a href=\"/more\">⟦{}⟧</a></li>\n", text.as_ref())).collect()
}

/// Each as a link, and nothing around it.
pub(crate) fn links<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    texts.into_iter().map(|text| format!("<a href=\"/more\">⟦{}⟧</a> ", text.as_ref())).collect()
}

/// What stands in the head of most pages.
pub(crate) fn head(story: &Story, site: &str) -> String {
    let Story { title, moment, author, .. } = story;
    format!(
        r#"<meta charset="utf-8"><title>{title} - {site}</title>
<meta name="viewport" content="width=device-width"><meta name="author" content="{author}">
<meta property="og:title" content="{title}"><meta property="og:site_name" content="{site}">
<meta property="og:type" content="article"><meta property="article:published_time" content="{moment}">
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{title}",
"datePublished":"{moment}","author":{{"@type":"Person","name":"{author}"}}}}</script>
<style>{{{{style}}}}</style><script>{{{{script}}}}</script>"#
    )
}
