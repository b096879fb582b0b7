//! A single-page application whose text was rendered by its server: `div`s all the way down, and the same text again in the
//! state of the application.

use crate::pages::furniture::{LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, links};
use crate::pages::story::{Block, Story};

fn div(class: &str, inside: &str) -> String {
    format!("<div class=\"css-{class}\">{inside}</div>\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => {
            div("1vkm6nb", &format!("<div class=\"css-53u6y8\"><p class=\"css-at9mc1\">⟪{text}⟫</p></div>"))
        }
        Block::Heading(text) => {
            div("1vkm6nb", &format!("<div class=\"css-53u6y8\"><h2 class=\"css-1aoo5yy\">⟪{text}⟫</h2></div>"))
        }
        Block::List(all) => all.iter().map(|item| div("li-8x1c2", &format!("<span>⟪{item}⟫</span>"))).collect(),
        Block::Quote(text) => div("1vkm6nb", &format!("<div class=\"css-quo7e\">⟪{text}⟫</div>")),
        Block::Figure(caption, credit) => format!(
            "<div data-testid=\"imageblock-wrapper\"><figure class=\"css-1fm9c6h\" aria-label=\"media\" role=\"group\"><div><picture><img \
             src=\"/a.webp\"></picture></div><figcaption data-testid=\"photoviewer-children-caption\"><span class=\"css-jevhma\">⟪{caption}.⟫\
             </span><span class=\"css-1u46b97\"><span class=\"css-1ly73wi\">⟦Credit...⟧</span><span aria-hidden=\"false\">⟦{credit}⟧</span></span>\
             </figcaption></figure></div>\n"
        ),
    }
}

fn card(other: &str) -> String {
    div(
        "card",
        &format!(
            "<div><a href=\"/c\"><div class=\"css-title\"><span>⟦{other}⟧</span></div></a><div>⟦4 min read⟧</div></div>"
        ),
    )
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, others, cookies, newsletter, prompt, .. } = story;
    let mut inserts = vec![
        "<div class=\"css-1r07izm\" id=\"story-ad-1-wrapper\" data-testid=\"StandardAd\"><div class=\"ad story-ad-1-wrapper\">⟦ADVERTISEMENT⟧ <a \
         href=\"#after\">⟦SKIP ADVERTISEMENT⟧</a></div></div>\n"
            .into(),
        format!("<div data-testid=\"related-links-block\"><div class=\"css-rel\">⟦More on this⟧</div>{}{}</div>\n", card(&others[0]), card(&others[1])),
    ];
    if story.has(1, 50) {
        inserts.push(format!(
            "<div data-testid=\"newsletter-signup\" role=\"complementary\"><div>⟦{}⟧</div><div>⟦{}⟧</div><button>⟦Sign up⟧</button></div>\n",
            newsletter[0], newsletter[1]
        ));
    }
    let menu: String =
        SECTIONS.iter().map(|name| format!("<div role=\"menuitem\"><a href=\"/s\">⟦{name}⟧</a></div>")).collect();
    format!(
        r##"<!DOCTYPE html><html lang="en"><head>{head}</head><body><div id="__next"><div class="css-1bm0"><div role="banner" data-testid="masthead">
<div><a href="#site-content">⟦Skip to content⟧</a></div><div><a href="/">⟦Example Times⟧</a></div><div role="navigation">{menu}</div></div>
<div id="site-content" role="main" data-testid="site-content"><div class="css-1n6z4y"><div id="story" class="css-1vxca1d">
<div class="css-1cp3ece" data-testid="headline"><h1 class="css-1l8buln">⟪{title}⟫</h1></div>
<div class="css-byl" data-testid="byline-timestamp"><div class="css-vp77d3"><div itemprop="author"><span class="css-1baulvz
last-byline">⟦By {author}⟧</span></div></div><div class="css-1lvvmm"><span><time datetime="{moment}">⟦{day}⟧</time></span></div></div>
<div data-testid="share-tools" role="toolbar" aria-label="Social Media Share buttons, Save button, and Comments Panel">{shares}</div>
<div class="meteredContent css-1r7ky0e" data-testid="article-body">{body}
<div class="css-bottom" data-testid="subscribe-prompt"><div>⟦{prompt}⟧</div></div></div>
<div class="bottom-of-article"><div class="css-jdeb4t">⟦{author} reports on diplomacy. More about⟧ <a href="/by">⟦{author}⟧</a></div><div
class="css-1tqkjz">⟦A version of this article appears in print on Section A, Page 8 of the edition with the headline: {title}.⟧ <a
href="/r">⟦Order Reprints⟧</a> | <a href="/s">⟦Subscribe⟧</a></div><div data-testid="tags-list">{tags}</div></div>
<div data-testid="comments-panel" class="css-cmts"><div>⟦Comments {count}⟧</div>{comments}</div>
<div data-testid="recirculation" role="complementary"><div class="css-rh">⟦More in World⟧</div>{more}</div>
<div data-testid="trending"><div>⟦Trending in Example Times⟧</div>{trending}</div></div></div></div>
<div role="contentinfo" data-testid="footer">{legal}<div>⟦© 2018 Example Times Company⟧</div></div></div>
<div data-testid="gdpr-dock" role="dialog" aria-label="Cookie consent"><div>⟦{cookies}⟧</div><button>⟦Accept all⟧</button><button>⟦Reject
all⟧</button></div></div>
<script id="__NEXT_DATA__" type="application/json">{{"props":{{"title":"{title}","state":"{{{{script}}}}"}}}}</script></body></html>"##,
        head = head(story, "Example Times").replace("{{script}}", "window.dataLayer=[]"),
        shares = SHARES.map(|name| format!("<div><a href=\"/s\">⟦{name}⟧</a></div>")).concat(),
        body = story.flow(block, &inserts),
        tags = links(&story.tags),
        count = story.remarks.len(),
        comments = story.remarks.iter().map(|remark| div("c1", &format!(
            "<div class=\"css-c2\"><span>⟦{}⟧</span> <span>⟦{}⟧</span></div><div class=\"css-c3\">⟦{}⟧</div><div><button>⟦Recommend⟧</button></div>",
            remark.reader, remark.when, remark.paragraphs.join(" ")
        ))).collect::<String>(),
        more = others[2..7].iter().map(|other| card(other)).collect::<String>(),
        trending = others[7..12].iter().map(|other| card(other)).collect::<String>(),
        legal = links(LEGAL),
    )
}
