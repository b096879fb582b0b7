//! A public broadcaster: blocks that are named in `data-component`, and class names that a build has hashed.

use crate::pages::furniture::{LEGAL, SECTIONS};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn text(inside: &str) -> String {
    format!(
        "<div data-component=\"text-block\" class=\"ssrcss-uf6wea-RichTextComponentWrapper\"><div \
         class=\"ssrcss-7uxr49-RichTextContainer\">{inside}</div></div>\n"
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(words) => text(&format!("<p class=\"ssrcss-1q0x1qg-Paragraph\">⟪{words}⟫</p>")),
        Block::Heading(words) => format!(
            "<div data-component=\"subheadline-block\" class=\"ssrcss-1bvc4cc\"><h2 class=\"ssrcss-y2fd7s-StyledHeading\" \
             tabindex=\"-1\"><span role=\"text\">⟪{words}⟫</span></h2></div>\n"
        ),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li><span>⟪{item}⟫</span></li>")).collect();
            format!("<div data-component=\"unordered-list-block\"><ul class=\"ssrcss-1xjjfut-UL\">{all}</ul></div>\n")
        }
        Block::Quote(words) => text(&format!("<blockquote class=\"ssrcss-bq\"><p>⟪{words}⟫</p></blockquote>")),
        Block::Figure(caption, credit) => format!(
            "<div data-component=\"image-block\" class=\"ssrcss-ab5fd8\"><figure class=\"ssrcss-wpgbih-StyledFigure\"><div><picture>\
             <img src=\"/a.jpg\" loading=\"lazy\"></picture><span role=\"text\" class=\"ssrcss-1w2xfyh-StyledFigureCopyright\"><span \
             class=\"visually-hidden\">⟦Image source,⟧ </span>⟦{credit}⟧</span></div><figcaption \
             class=\"ssrcss-1ni9i6q-StyledFigureCaption\"><span class=\"visually-hidden\">⟦Image caption,⟧ </span><span>⟪{caption}⟫\
             </span></figcaption></figure></div>\n"
        ),
    }
}

fn list(heading: &str, all: &[String]) -> String {
    format!(
        "<div data-component=\"links-block\" class=\"ssrcss-1f3bvyz\"><section class=\"ssrcss-hmf8ql\"><div><h2>⟦{heading}⟧</h2></div>\
         <ul role=\"list\" class=\"ssrcss-1020bd1-Stack\">{}</ul></section></div>\n",
        items(all)
    )
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, hour, others, cookies, newsletter, .. } = story;
    let mut inserts = vec![list("More on this story", &others[..3])];
    if story.has(1, 50) {
        inserts.push(
            "<div data-component=\"video-block\"><figure><div class=\"media-player\"><p>⟦To play this video you need to enable \
             JavaScript in your browser.⟧</p></div></figure></div>\n"
                .into(),
        );
    }
    if story.has(2, 40) {
        inserts.push(format!(
            "<div data-component=\"promo-block\"><a href=\"/n\"><div class=\"ssrcss-promo\"><p>⟦{}⟧</p></div></a></div>\n",
            newsletter[0]
        ));
    }
    let comments: String = story.remarks.iter().map(|remark| {
        let text: String = remark.paragraphs.iter().map(|text| format!("<p>⟦{text}⟧</p>")).collect();
        format!(
            "<li class=\"ssrcss-cmt\"><div data-testid=\"comment\"><div><h4>⟦Comment posted by {}, at {}⟧</h4></div><div \
             class=\"ssrcss-cmt-body\">{text}</div><div><button>⟦Reply⟧</button> <button>⟦Like⟧</button></div></div></li>",
            remark.reader, remark.when
        )
    }).collect();
    format!(
        r##"<!DOCTYPE html><html lang="en-GB" class="no-js"><head>{head}</head><body><div id="root">
<div id="cookiePrompt"><section aria-label="Cookies on our website" class="ssrcss-ck"><h2>⟦Let us know you agree to cookies⟧</h2>
<p>⟦{cookies}⟧</p><button>⟦Yes, I agree⟧</button><button>⟦No, take me to settings⟧</button></section></div>
<header role="banner" class="ssrcss-hdr"><nav aria-label="Accessibility"><a href="#main">⟦Skip to content⟧</a></nav>
<nav role="navigation" aria-label="Main"><ul>{menu}</ul></nav></header>
<div class="ssrcss-rqn"><nav aria-label="News sections"><ul>{sections}</ul></nav></div>
<main id="main-content" class="ssrcss-main"><div class="ssrcss-grid">
<article class="ssrcss-pv1rh6-ArticleWrapper">
<div data-component="headline-block" class="ssrcss-hl"><h1 id="main-heading" tabindex="-1"
class="ssrcss-15xko80-StyledHeading">⟪{title}⟫</h1></div>
<div data-component="byline-block" class="ssrcss-by"><div class="ssrcss-68pt20-Text-TextContributorName">⟦{author}⟧</div><div
class="ssrcss-84ltp5-Text">⟦Diplomatic correspondent, example.org⟧</div><ul><li><div class="ssrcss-m5j4pi-MetadataContent"><div
class="visually-hidden">⟦Published⟧</div><time data-testid="timestamp" datetime="{moment}">⟦{day}, {hour} BST⟧</time></div></li></ul>
<div class="ssrcss-share"><button aria-label="Share">⟦Share⟧</button><button>⟦Save⟧</button></div></div>
{body}
<section data-component="topic-list" class="ssrcss-tl"><div><h2>⟦Related Topics⟧</h2></div><ul role="list">{tags}</ul></section>
</article>
<div data-component="comments-section"><div id="comments-main"><h2>⟦View comments {count}⟧</h2><ul>{comments}</ul></div></div>
<section data-component="links-block" aria-labelledby="more"><h2 id="more">⟦More on this story⟧</h2><ul>{more}</ul></section></div>
<aside class="ssrcss-side" aria-label="Sidebar"><section data-component="top-stories"><h2>⟦Top stories⟧</h2><ul>{top}</ul></section>
<section data-component="most-read"><h2>⟦Most read⟧</h2><ol>{read}</ol></section></aside></main>
<footer role="contentinfo"><nav aria-label="Footer"><ul>{legal}</ul></nav><p>⟦© 2018 Example Broadcasting. The broadcaster is not
responsible for the content of external sites.⟧ {about}</p></footer></div></body></html>"##,
        head = head(story, "Example Broadcasting News"),
        menu = items(&SECTIONS[..6]),
        sections = items(&SECTIONS[1..9]),
        body = story.flow(block, &inserts),
        tags = items(&story.tags),
        count = story.remarks.len(),
        more = items(&others[3..6]),
        top = others[6..9].iter().map(|other| format!(
            "<li><a href=\"/t\"><p>⟦{other}⟧</p></a><p>⟦What happened, and why it matters to so many who were not there.⟧</p></li>"
        )).collect::<String>(),
        read = items(&others[9..14]),
        legal = items(LEGAL),
        about = links(["Read about our approach to external linking."]),
    )
}
