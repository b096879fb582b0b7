//! A web page to an article. The only home of dom_smoothie.

use dom_smoothie::{Config, Readability, TextMode};

use super::body::below;
use super::{date, is_blank, on_one_line, tidy};
use crate::article::Article;
use crate::error::{Code, Reject};

/// The article in a page of at most `depth` open elements.
pub(super) fn read(page: &str, depth: usize) -> Result<Article<'static>, Reject> {
    let page = tidy::tidy(page, depth)?;
    let mut reader = reader(&page);
    let metadata = reader.get_article_metadata(reader.parse_json_ld());
    let time = reader.doc.select_single("time[datetime]").attr("datetime");
    let heading = reader.doc.select_single("h1").text();
    let title = on_one_line(if is_blank(&metadata.title) { &heading } else { &metadata.title });
    let grabbed = reader.parse().map(|article| paragraphs(&article.text_content)).unwrap_or_default();
    let body = if grabbed.is_empty() { everything(&page) } else { grabbed };

    let title = Some(title.as_str()).filter(|title| !is_blank(title));
    let mut article = below(title, body.iter().map(String::as_str));
    if article.paragraphs().len() == usize::from(title.is_some()) {
        return Err(Reject::new(Code::NoText, "no article was found in the page"));
    }
    let days = [metadata.published_time.as_deref(), time.as_deref()];
    article.details.published = days.into_iter().flatten().find_map(date::moment_or_day);
    Ok(article)
}

/// The text of a short piece of a page, such as a title, on one line; nothing where it has none.
pub(super) fn line(piece: &str, depth: usize) -> Option<String> {
    let article = read(&format!("<p>{piece}</p>"), depth).ok()?;
    Some(article.paragraphs().collect::<Vec<_>>().join(" "))
}

/// All text of a page, for one too short or too odd to tell its article from the rest.
fn everything(page: &str) -> Vec<String> {
    reader(page).doc.body().map(|body| paragraphs(&body.formatted_text())).unwrap_or_default()
}

/// A parsed page. Extraction uses it up, so a second attempt needs another.
fn reader(page: &str) -> Readability {
    let mut reader = Readability::from(page);
    reader.config = Config { text_mode: TextMode::Formatted, ..Config::default() };
    reader
}

/// The blocks of a formatted text. Each starts on a new line, but only some have a blank line before them: the items of
/// a list have none. No line end is a mere `<br>`, as those were made spaces before.
fn paragraphs(text: &str) -> Vec<String> {
    text.split('\n').map(on_one_line).filter(|block| !is_blank(block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(page: &str) -> Vec<String> {
        read(page, 256).unwrap().paragraphs().map(Into::into).collect()
    }

    #[test]
    fn a_page_is_reduced_to_its_article() {
        let filler =
            "The delegations talked for nine hours, and then, as they had done before, they parted without a word.";
        let page = format!(
            r#"<!DOCTYPE html><html><head>
            <meta charset="utf-8"><title>Talks on the ceasefire resume in Geneva | Example Wire</title>
            <meta property="article:published_time" content="2018-07-16T06:31:00+03:00">
            <style>p {{ color: red }}</style><script>var leak = "<p>leak</p>";</script>
            </head><body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
            <article><h1>Talks on the ceasefire resume in Geneva</h1>
            <p>Envoys of both sides &amp; their <b>aides</b>,
               met on&nbsp;Monday.<br>Nobody smiled. {filler}
            <p>{filler} {filler}
            <p>&ldquo;We shall see,&rdquo; one said. {filler}</p>
            </article><footer><p>All rights reserved.</p></footer></body></html>"#
        );
        let article = read(&page, 256).unwrap();
        let expected = [
            "Talks on the ceasefire resume in Geneva".to_owned(),
            format!("Envoys of both sides & their aides, met on Monday. Nobody smiled. {filler}"),
            format!("{filler} {filler}"),
            format!("“We shall see,” one said. {filler}"),
        ];
        assert_eq!(article.paragraphs().collect::<Vec<_>>(), expected);
        assert_eq!(article.title(), Some("Talks on the ceasefire resume in Geneva"));
        assert_eq!(article.details.published.as_deref(), Some("2018-07-16T06:31:00+03:00"));
    }

    #[test]
    fn a_tiny_page_is_enough() {
        assert_eq!(paragraphs("<p>One.<p>Two &lt;3."), ["One.", "Two <3."]);
        assert_eq!(paragraphs("<h1>Talks resume</h1><p>They met.</p>"), ["Talks resume", "They met."]);
        assert_eq!(paragraphs("<title>Talks</title>TALKS<p>They met."), ["Talks", "They met."]);
        assert_eq!(paragraphs("<div>One.<ul><li>Two<li>three</ul>Four.</div>"), ["One.", "Two", "three", "Four."]);
        assert_eq!(paragraphs("Just text.<br><br>And more."), ["Just text.", "And more."]);
    }

    #[test]
    fn a_piece_of_a_page_is_one_line() {
        assert_eq!(line("Fish &amp; <b>chips</b>, &pound;5", 256).as_deref(), Some("Fish & chips, £5"));
        assert_eq!(line("<h2>One</h2><p>two", 256).as_deref(), Some("One two"));
        assert_eq!(line("<img src='a.png'>", 256), None);
    }

    #[test]
    fn a_time_element_dates_a_page() {
        let article =
            read("<p>By A. Reporter <time datetime='2018-07-16T10:00Z'>Monday</time><p>They met.", 256).unwrap();
        assert_eq!(article.details.published.as_deref(), Some("2018-07-16T10:00:00Z"));
        let data = r#"{"@context":"https://schema.org","@type":"NewsArticle","datePublished":"July 16, 2018"}"#;
        let page = format!("<script type='application/ld+json'>{data}</script><p>They met.");
        assert_eq!(read(&page, 256).unwrap().details.published.as_deref(), Some("2018-07-16"));
    }

    #[test]
    fn a_page_without_text_is_refused() {
        for page in [
            "<html></html>",
            "<title>Talks</title>",
            "<script>var a = 1;</script>",
            "<p>&nbsp;&zwj;</p>",
            "<img src=a.png>",
        ] {
            assert_eq!(read(page, 256).unwrap_err().code, Code::NoText, "{page}");
        }
    }

    #[test]
    fn hostile_shapes_are_read_or_refused_in_time() {
        let shape = |part: &str| read(&part.repeat(100_000), 256).map(|article| article.paragraphs().len());
        for part in
            ["<div>", "<span>", "<table>", "<table><tr><td>", "<p><button>", "<div><table></div></table>", "<ul><li>"]
        {
            assert_eq!(shape(part).unwrap_err().code, Code::TooDeep, "{part}");
        }
        for part in ["<p>a", "<p><font>a", "<p><span>a"] {
            assert_eq!(shape(part), Ok(100_000), "{part}");
        }
        for part in [
            "<b>a",
            "<b><p>",
            "&amp;a",
            "&nbsp;a",
            "<table>&amp;",
            "<td>a",
            "</p>a",
            "<svg>a",
            "<!-- -->a",
            "<",
            "<br>a",
            "<a href=''>a",
        ] {
            let found = shape(part).map_err(|reject| reject.code);
            assert!(matches!(found, Ok(1) | Err(Code::TooDeep | Code::NoText)), "{part}: {found:?}");
        }
        assert_eq!(shape("<p>a<p>a<p>a").unwrap_err().code, Code::TooLarge);
        let attributes: String = (0..100_000).map(|i| format!(" a{i}=1 class=a")).collect();
        assert_eq!(paragraphs(&format!("<p{attributes}>One.")), ["One."]);
        assert_eq!(paragraphs(&format!("{}<p>One.", "<div>".repeat(255))), ["One."]);
        assert_eq!(read(&format!("{}<p>One.", "<div>".repeat(256)), 256).unwrap_err().code, Code::TooDeep);
    }
}
