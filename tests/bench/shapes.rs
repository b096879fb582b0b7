//! Pages of a megabyte that were made to cost as much as they can.

/// The bytes of each page.
const SIZE: usize = 1_000_000;

/// A shape's name, what it begins with, and what it repeats to its end.
type Shape = (&'static str, &'static str, &'static str);

/// Every shape; a new one is a line. `*` before a beginning repeats it 200 times.
pub(crate) const SHAPES: [Shape; 40] = [
    ("open-divs", "", "<div>"),
    ("deep-paragraphs", "*<div>", "<p>a"),
    ("paragraphs", "", "<p>a"),
    ("empty-paragraphs", "", "<p>"),
    ("paragraph-in-div", "", "<div>a<p>b</p></div>"),
    ("svg", "", "<svg>a"),
    ("open-comments", "", "<!-- "),
    ("comments", "", "<!-- -->a"),
    ("cells", "<table><tr>", "<td>a"),
    ("rows", "<table>", "<tr><td>a"),
    ("tables", "", "<table><tr><td>a</td></tr></table>"),
    ("list-of-links", "<ul>", "<li><a href=\"/x\">Headline of a story here</a></li>"),
    ("links", "", "<a href=/x>a</a> "),
    ("open-links", "", "<a href=x><div>a"),
    ("ampersands", "", "&amp;"),
    ("less-than", "", "<"),
    ("spaces", "", "<p>&nbsp;"),
    ("one-text", "", "word and word, "),
    ("one-word", "", "a"),
    ("times", "", "<time datetime=\"2018-07-16T10:00\">Monday</time> "),
    ("open-bold", "", "<b>a"),
    ("open-bold-paragraphs", "", "<b><p>a"),
    ("crossed-formatting", "", "<b><i><p>a</b>"),
    ("linked-data", "", "<script type='application/ld+json'>{\"@type\":\"NewsArticle\"}</script>"),
    ("deep-linked-data", "<script type='application/ld+json'>", "["),
    ("attributes", "<p ", "class=a "),
    ("named-paragraphs", "", "<p class=\"a b c d e f g\" id=\"x\">a</p>"),
    ("long-name", "<p class=\"", "nav-"),
    ("bylines", "", "<span class=byline>a</span>"),
    ("nested-bylines", "*<div class=byline>", "<i>a"),
    ("closed-bylines", "", "<div class=byline><div class=byline><div class=byline>a</div></div></div>"),
    ("buttons", "", "<button>a</button>"),
    ("headlines", "", "<h1>a</h1>"),
    ("images", "", "<p><img src=\"a.jpg\">"),
    ("breaks", "<p>", "a<br><br>"),
    ("hidden", "", "<div hidden>Some words that nobody sees</div>"),
    ("furniture", "", "<div class=comments><p>Some words, that stand here.</p></div>"),
    ("open-navigation", "<nav>", "<p>Some words, that stand here."),
    ("long-paragraphs", "<div class=content>", "<p>Some words, that stand here, and many others after them.</p>"),
    ("lists", "", "<ul><li><div><p>a</p></div></li></ul>"),
];

/// The page of a shape.
pub(crate) fn page((_, start, part): &Shape) -> String {
    let start = start.strip_prefix('*').map_or_else(|| (*start).to_string(), |start| start.repeat(200));
    let times = (SIZE - start.len()) / part.len();
    start + &part.repeat(times)
}
