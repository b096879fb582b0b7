//! An AMP page, as a plugin makes them.

use crate::pages::furniture::{COPYRIGHT, LEGAL, SECTIONS};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>⟪{text}⟫</p>\n"),
        Block::Heading(text) => format!("<h3>⟪{text}⟫</h3>\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li>⟪{item}⟫</li>\n")).collect();
            format!("<ol>{all}</ol>\n")
        }
        Block::Quote(text) => format!("<blockquote>⟪{text}⟫</blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<figure class=\"amp-wp-inline-caption\"><amp-img src=\"/a.jpg\" width=\"600\" height=\"400\" layout=\"responsive\"></amp-img>\
             <figcaption>⟪{caption}⟫ <small class=\"image-credit\">⟦{credit}⟧</small></figcaption></figure>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, others, cookies, newsletter, prompt, .. } = story;
    let mut inserts = vec![
        "<div class=\"ad-wrapper\"><span class=\"ad-label\">⟦Advertisement⟧</span><amp-ad width=\"300\" height=\"250\" type=\"doubleclick\">\
         </amp-ad></div>\n"
            .into(),
        format!(
            "<div class=\"amp-related-inline\"><amp-list src=\"//r\" layout=\"fixed-height\"><div role=\"list\"><a href=\"/r\">⟦{}⟧</a> <a \
             href=\"/r\">⟦{}⟧</a></div></amp-list></div>\n",
            others[0], others[1]
        ),
    ];
    if story.has(1, 50) {
        inserts.push(format!(
            "<div class=\"subscription-prompt\" subscriptions-display=\"NOT granted\"><p>⟦{prompt}⟧</p></div>\n"
        ));
    }
    if story.has(2, 50) {
        inserts.push(format!("<p><em>⟦RELATED:⟧ <a href=\"/r\">⟦{}⟧</a></em></p>\n", others[2]));
    }
    format!(
        r##"<!doctype html><html amp lang="en"><head>{head}<script async src="https://cdn.ampproject.org/v0.js"></script>
<style amp-boilerplate>body{{visibility:hidden}}</style><noscript><style amp-boilerplate>body{{visibility:visible}}</style></noscript></head>
<body class="single-post amp-theme"><amp-consent id="consent" layout="nodisplay"><div id="consentDialog"><p>⟦{cookies}⟧</p><button
on="tap:consent.accept">⟦Accept⟧</button></div></amp-consent>
<amp-user-notification id="cookie-notice" layout="nodisplay">⟦This site uses cookies to personalise content.⟧ <button>⟦I
accept⟧</button></amp-user-notification>
<amp-sidebar id="sidebar" layout="nodisplay" side="left"><nav toolbar="(min-width: 784px)"><ul>{menu}</ul></nav></amp-sidebar>
<header id="top" class="amp-wp-header"><div><a href="/">⟦Example Post⟧</a></div></header>
<article class="amp-wp-article"><header class="amp-wp-article-header"><h1 class="amp-wp-title">⟪{title}⟫</h1>
<div class="amp-wp-meta amp-wp-byline"><span class="amp-wp-author author vcard">⟦{author}⟧</span></div>
<div class="amp-wp-meta amp-wp-posted-on"><time datetime="{moment}">⟦{day}⟧</time></div></header>
<div class="social-share-bar"><amp-social-share type="email"></amp-social-share><amp-social-share type="twitter"></amp-social-share>
<span>⟦Share this article⟧</span></div>
<figure class="amp-wp-article-featured-image wp-caption"><amp-img src="/b.jpg"></amp-img></figure>
<div class="amp-wp-article-content">{body}
<div class="newsletter-box"><h4>⟦{first}⟧</h4><p>⟦{second}⟧</p></div></div>
<footer class="amp-wp-article-footer"><div class="amp-wp-meta amp-wp-tax-category">⟦Categories:⟧ {sections}</div><div class="amp-wp-meta
amp-wp-tax-tag">⟦Tags:⟧ {tags}</div><div class="amp-wp-meta amp-wp-comments-link"><a href="/c">⟦Leave a Comment⟧</a></div></footer>
</article>
<div class="amp-wp-related-posts"><h3>⟦You may also like⟧</h3><ul>{related}</ul></div>
<section class="comments-section"><h3>⟦Comments⟧</h3><amp-list src="//c"><div>{comments}</div></amp-list></section>
<footer class="amp-wp-footer"><div><h2>⟦Example Post⟧</h2><p>⟦{copyright}⟧</p>{legal}<a href="#top" class="back-to-top">⟦Back to
top⟧</a></div></footer><amp-analytics type="gtag"><script type="application/json">{{"vars":{{"page":"<p>leak</p>"}}}}</script>
</amp-analytics></body></html>"##,
        head = head(story, "Example Post"),
        menu = items(SECTIONS),
        body = story.flow(block, &inserts),
        first = newsletter[0],
        second = newsletter[1],
        sections = links(["World", "Politics"]),
        tags = links(&story.tags),
        related = items(&others[3..8]),
        comments = story.remarks.iter().map(|remark| format!(
            "<div class=\"comment\"><span class=\"comment-author\">⟦{}⟧</span> <span class=\"comment-date\">⟦{}⟧</span><p \
             class=\"comment-text\">⟦{}⟧</p></div>", remark.reader, remark.when, remark.paragraphs.join(" ")
        )).collect::<String>(),
        copyright = COPYRIGHT[0],
        legal = links(LEGAL),
    )
}
