//! A web page to an article. The only home of dom_smoothie.

use dom_smoothie::{Config, Readability, TextMode};

use super::body::below;
use super::marks::{self, Block};
use super::{date, is_blank, on_one_line, tidy};
use crate::article::Article;
use crate::error::{Code, Reject};

/// The article in a page of at most `depth` open elements.
pub(super) fn read(page: &str, depth: usize) -> Result<Article<'static>, Reject> {
    let by_layout = tidy::tidy(page, depth, true)?;
    let mut found = extract(&by_layout);
    let own = found.blocks.iter().filter(|block| !block.furniture).map(|block| block.text.len());
    if own.sum::<usize>() < LITTLE {
        // A page may call its article by the name of something else.
        let whole = tidy::tidy(page, depth, false).ok();
        if let Some(whole) = whole.filter(|whole| whole.len() <= AGAIN && *whole != by_layout) {
            found = extract(&whole);
        }
    }
    let Extract { title, days, mut blocks } = found;
    if let Some(again) = said_again(&blocks) {
        blocks.remove(again);
    }
    let title = Some(title.as_str()).filter(|title| !is_blank(title));
    let furniture = furniture(&blocks);
    let blocks = blocks.iter().zip(furniture).map(|(block, furniture)| (block.text.as_str(), furniture));
    let mut article = below(title, blocks);
    if article.paragraphs().len() == usize::from(title.is_some()) {
        return Err(Reject::new(Code::NoText, "no article was found in the page"));
    }
    article.details.published = days.iter().find_map(|day| date::moment_or_day(day));
    Ok(article)
}

/// Bytes of text that are little for an article.
const LITTLE: usize = 100;

/// Bytes of tidied markup that are looked at twice. An article that is all of a page leaves little else in it.
const AGAIN: usize = 256 << 10;

/// What an extractor finds in a page.
struct Extract {
    title: String,
    /// Texts that may name the day of publication, the best first.
    days: Vec<String>,
    blocks: Vec<Block>,
}

fn extract(page: &str) -> Extract {
    let mut reader = reader(page);
    let metadata = reader.get_article_metadata(reader.parse_json_ld());
    let time = reader.doc.select_single("time[datetime]").attr("datetime");
    let heading = reader.doc.select_single("h1").text();
    let title = title(&on_one_line(&marks::without(&metadata.title)), &on_one_line(&marks::without(&heading)));
    let grabbed = reader.parse().map(|article| marks::blocks(&article.text_content)).unwrap_or_default();
    let blocks = if grabbed.is_empty() { everything(page) } else { grabbed };
    let days = [metadata.published_time, time.map(|time| time.to_string())].into_iter().flatten().collect();
    Extract { title, days, blocks }
}

/// The headline, where the page's title is that and more; one of few words may be the name of the site.
fn title(title: &str, heading: &str) -> String {
    let words = heading.split(' ').count();
    let is_headline = words >= 4 && title.starts_with(heading) || words >= 5 && title.contains(heading);
    if is_blank(title) || is_headline && !is_blank(heading) { heading.into() } else { title.into() }
}

/// The block that says in one what the others say one by one: pages for search engines have the article's text a second
/// time, and hide it by a style sheet.
fn said_again(blocks: &[Block]) -> Option<usize> {
    /// Shorter blocks come twice by chance.
    const TELLING: usize = 40;
    /// How many blocks are looked for in it: each costs a look at all of it.
    const OTHERS: usize = 200;
    let longest = (0..blocks.len()).max_by_key(|&i| blocks.get(i).map(|block| block.text.len()))?;
    let whole = blocks.get(longest).map(|block| block.text.as_str())?;
    let others = blocks.iter().enumerate().filter(|(i, block)| *i != longest && block.text.len() >= TELLING);
    let is_in = |text: &&str| memchr::memmem::find(whole.as_bytes(), text.as_bytes()).is_some();
    let said: Vec<usize> =
        others.map(|(_, block)| block.text.as_str()).take(OTHERS).filter(is_in).map(str::len).collect();
    let enough = said.len() > 1 && said.iter().sum::<usize>() * 10 >= whole.len() * 8;
    (enough || said.contains(&whole.len())).then_some(longest)
}

/// Which blocks are no text of the article. A page of links alone is a list of headlines, which are its text.
fn furniture(blocks: &[Block]) -> Vec<bool> {
    let links = blocks.iter().filter(|block| block.link).count();
    let is_list = links * 2 > blocks.len();
    blocks.iter().map(|block| block.furniture || block.link && !is_list).collect()
}

/// The text of a short piece of a page, such as a title, on one line; nothing where it has none.
pub(super) fn line(piece: &str, depth: usize) -> Option<String> {
    let article = read(&format!("<p>{piece}</p>"), depth).ok()?;
    Some(article.paragraphs().collect::<Vec<_>>().join(" "))
}

/// All text of a page, for one too short or too odd to tell its article from the rest.
fn everything(page: &str) -> Vec<Block> {
    reader(page).doc.body().map(|body| marks::blocks(&body.formatted_text())).unwrap_or_default()
}

/// A parsed page. Extraction uses it up, so a second attempt needs another.
fn reader(page: &str) -> Readability {
    let mut reader = Readability::from(page);
    reader.config = Config { text_mode: TextMode::Formatted, ..Config::default() };
    reader
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

    fn furniture(page: &str) -> Vec<(String, bool)> {
        let article = read(page, 256).unwrap();
        article.paragraphs().enumerate().map(|(i, text)| (text.to_string(), article.is_furniture(i))).collect()
    }

    const TEXT: &str =
        "The delegations talked for nine hours, and then, as they had done before, they parted without a word at all.";

    #[test]
    fn a_page_tells_of_its_furniture() {
        let page = format!(
            "<p>{TEXT}</p><p>Read more: <a href=/b>Steel tariffs rise</a>\
             </p><figure><img src=a.png><figcaption>The hall. <small class=credit>Photo: Example</small></figcaption></figure>\
             <p>{TEXT} On <time>Monday</time> they <a href=/c>will meet</a>.</p><nav>Home</nav>"
        );
        let last = format!("{TEXT} On Monday they will meet.");
        let expected = [
            (TEXT, false),
            ("Read more: Steel tariffs rise", true),
            ("The hall.", false),
            ("Photo: Example", true),
            (last.as_str(), false),
        ];
        assert_eq!(furniture(&page), expected.map(|(text, furniture)| (text.to_string(), furniture)));
    }

    #[test]
    fn a_page_that_misnames_its_article_or_lists_headlines_is_read_all_the_same() {
        assert_eq!(furniture(&format!("<div class=comments><p>{TEXT}</div>")), [(TEXT.to_string(), false)]);
        let list = "<li><a href=/a>Steel tariffs rise</a></li><li><a href=/b>Museum opens its cellars</a></li>";
        let headlines = ["Steel tariffs rise", "Museum opens its cellars"];
        assert_eq!(furniture(&format!("<ul>{list}</ul>")), headlines.map(|headline| (headline.to_string(), false)));
    }

    #[test]
    fn what_holds_nearly_all_there_is_to_read_is_the_article_whatever_it_is_called() {
        let body = |count: usize| (1..=count).map(|n| format!("<p>Round {n}. {TEXT}</p>")).collect::<String>();
        let rounds = |page: &str| paragraphs(page).iter().filter(|text| text.starts_with("Round")).count();
        let page = |class: &str| {
            let body = body(5);
            let lead = "The talks went on for a week, and this is what came of them at last, as far as it can be told by those who sat outside.";
            rounds(&format!("<p>{lead}</p><div class='{class}'>{body}</div>"))
        };
        for class in ["sidebar-grid", "sidebar-right", "content-ad-free", "story-header", "modal-content", "sc-1ad2b"] {
            assert_eq!(page(class), 5, "{class}");
        }
        for class in ["comments", "cookie-banner"] {
            assert_eq!(page(class), 0, "{class}");
        }
        let nested = format!("<p>Lead.</p><div class=sidebar><div class=promo>{}</div></div>", body(5));
        assert_eq!(rounds(&nested), 5);
        let beside = format!("{}<div class=sidebar><p>Round 3. {TEXT}</p></div>", body(2));
        assert_eq!(rounds(&beside), 2);
    }

    #[test]
    fn the_headline_is_the_title_where_the_page_adds_to_it() {
        let title = |title: &str, heading: &str| {
            let page = format!("<title>{title}</title><h1>{heading}</h1><p>{TEXT}</p>");
            read(&page, 256).unwrap().title().map(String::from)
        };
        let headline = Some("Envoys return to the table".to_string());
        for whole in
            ["Envoys return to the table | by A. Reporter | Mar, 2024", "16 July 2018 - Envoys return to the table"]
        {
            assert_eq!(title(whole, "Envoys return to the table"), headline, "{whole}");
        }
        assert_eq!(title("Envoys return to the table", "The Harbour Gazette"), headline);
        assert_eq!(title("", "Talks"), Some("Talks".into()));
    }

    #[test]
    fn an_article_that_stands_in_its_page_twice_is_read_once() {
        let page = format!("<div>{TEXT} {TEXT}</div><p>{TEXT}</p><p>{TEXT}</p>");
        assert_eq!(paragraphs(&page), [TEXT, TEXT]);
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
        let times = |part: &str, count| read(&part.repeat(count), 256).map(|article| article.paragraphs().len());
        let shape = |part: &str| times(part, 100_000);
        for part in
            ["<div>", "<span>", "<table>", "<table><tr><td>", "<p><button>", "<div><table></div></table>", "<ul><li>"]
        {
            assert_eq!(shape(part).unwrap_err().code, Code::TooDeep, "{part}");
        }
        for part in ["<p>a", "<p><font>a", "<p><span>a"] {
            assert_eq!(times(part, 30_000), Ok(30_000), "{part}");
            assert_eq!(shape(part).unwrap_err().code, Code::TooLarge, "{part}");
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
            assert!(matches!(found, Ok(1) | Err(Code::TooDeep | Code::TooLarge | Code::NoText)), "{part}: {found:?}");
        }
        let attributes: String = (0..100_000).map(|i| format!(" a{i}=1 class=a")).collect();
        assert_eq!(paragraphs(&format!("<p{attributes}>One.")), ["One."]);
        assert_eq!(paragraphs(&format!("{}<p>One.", "<div>".repeat(255))), ["One."]);
        assert_eq!(read(&format!("{}<p>One.", "<div>".repeat(256)), 256).unwrap_err().code, Code::TooDeep);
    }
}
