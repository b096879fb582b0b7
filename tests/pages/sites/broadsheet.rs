//! A broadsheet with live modules between its paragraphs: rich links, newsletter boxes, an appeal for money.

use crate::pages::furniture::{LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p class=\"dcr-4cudl2\">⟪{text}⟫</p>\n"),
        Block::Heading(text) => format!("<h2 id=\"part\" class=\"dcr-n7qcu1\">⟪{text}⟫</h2>\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li><p>⟪{item}⟫</p></li>")).collect();
            format!("<ul class=\"dcr-130mj7b\">{all}</ul>\n")
        }
        Block::Quote(text) => format!("<blockquote class=\"dcr-zzndwp\">⟪{text}⟫</blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<figure id=\"fig\" data-spacefinder-role=\"inline\" class=\"dcr-173mewl\"><div class=\"dcr-1t8m8f2\"><picture><img \
             src=\"/a.jpg\"></picture></div><figcaption data-spacefinder-type=\"caption\" class=\"dcr-9ktzqp\"><span>⟪{caption}.⟫ \
             <span class=\"dcr-credit\">⟦{credit}⟧</span></span></figcaption></figure>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, day, hour, others, cookies, newsletter, prompt, .. } = story;
    let mut inserts = vec![format!(
        "<figure data-spacefinder-role=\"richLink\" class=\"dcr-rl\"><gu-island name=\"RichLinkComponent\"><div \
         data-component=\"rich-link\" data-link-name=\"rich-link-1\"><a href=\"/r\" aria-label=\"Related\"><div><span>⟦{}⟧</span>\
         </div><div>⟦Read more⟧</div></a></div></gu-island></figure>\n",
        others[0]
    )];
    if story.has(1, 60) {
        inserts.push(format!(
            "<figure data-spacefinder-role=\"inline\" data-spacefinder-type=\"NewsletterSignup\"><a href=\"#skip\" \
             class=\"dcr-skip\">⟦skip past newsletter promotion⟧</a><aside aria-label=\"newsletter promotion\"><p>⟦Sign up to First \
             Edition⟧</p><p>⟦{}⟧</p><form><label>⟦Enter your email address⟧</label><button>⟦Sign up⟧</button></form><span>\
             <strong>⟦Privacy Notice:⟧ </strong>⟦Newsletters may contain information about charities, online ads, and content funded by \
             outside parties.⟧</span></aside><p id=\"skip\">⟦after newsletter promotion⟧</p></figure>\n",
            newsletter[0]
        ));
    }
    if story.has(2, 50) {
        inserts.push(format!(
            "<aside data-spacefinder-role=\"supporting\" class=\"dcr-pull\"><svg><path d=\"M0\"/></svg><blockquote>⟦{}⟧</blockquote>\
             <footer><cite>⟦Seen elsewhere on this site⟧</cite></footer></aside>\n",
            others[1]
        ));
    }
    let comments: String = story.remarks.iter().map(|remark| {
        let text: String = remark.paragraphs.iter().map(|text| format!("<p>⟦{text}⟧</p>")).collect();
        format!(
            "<li id=\"comment-1\"><div class=\"d-comment__inner\"><div class=\"d-comment__meta\"><a href=\"/u\">⟦{}⟧</a> <time>⟦{}⟧</time>\
             </div><div class=\"d-comment__body\">{text}</div></div></li>",
            remark.reader, remark.when
        )
    }).collect();
    format!(
        r##"<!DOCTYPE html><html lang="en"><head>{head}</head><body>
<a href="#maincontent" class="skip">⟦Skip to main content⟧</a>
<div id="bannerandheader"><div class="top-banner-ad-container"><div class="ad-slot">⟦Advertisement⟧</div></div>
<header><gu-island name="Titlepiece"><div data-component="nav"><a href="/support">⟦Support us⟧</a> <a href="/jobs">⟦Search jobs⟧</a></div>
<nav data-component="nav2"><ul role="menubar">{menu}</ul></nav></gu-island></header></div>
<main data-layout="StandardLayout"><article class="dcr-article"><div class="dcr-grid">
<div data-gu-name="title"><a href="/w" data-component="section"><span>⟦World news⟧</span></a></div>
<div data-gu-name="headline"><h1 class="dcr-headline">⟪{title}⟫</h1></div>
<div data-gu-name="meta"><address aria-label="Contributor info" data-component="meta-byline"><div><a rel="author"
href="/p">⟦{author}⟧</a></div></address><details class="dcr-date"><summary><span>⟦{day} {hour} CEST⟧</span></summary>⟦Last modified
on {day} {hour} CEST⟧</details><div data-component="share" class="dcr-share">{shares}</div>
<div class="dcr-count"><a href="#comments">⟦{count} comments⟧</a></div></div>
<div data-gu-name="body" id="maincontent"><div class="article-body-commercial-selector article-body-viewer-selector dcr-body">
{body}
<div class="contributions-epic" id="slot-body-end"><h2>⟦As you're joining us today…⟧</h2><p>⟦… we have a small favour to ask. Millions
of people turn to our open, independent news every day, and readers in 180 countries now support us financially.⟧</p><p>⟦We believe
that everyone deserves access to information grounded in truth about Syria, Ukraine, trade and NATO, whether they pay or not.⟧</p>
<p>⟦{prompt}⟧</p></div></div>
<div class="submeta" data-print-layout="hide"><div><span>⟦Topics⟧</span></div><ul class="dcr-topics">{tags}</ul><a
href="/syndicate">⟦Reuse this content⟧</a></div></div></div></article>
<section id="onwards-upper-whole"><h2>⟦Related stories⟧</h2><ul>{related}</ul></section>
<section id="comments" aria-label="Comments"><div class="discussion"><h2>⟦Comments⟧</h2><ul>{comments}</ul></div></section>
<section id="most-viewed-footer"><h2>⟦Most viewed⟧</h2><ol>{viewed}</ol></section></main>
<footer class="dcr-foot"><ul>{legal}</ul><div>⟦© 2018 Example News & Media Limited. All rights reserved. (dcr)⟧</div></footer>
<div id="sp_message_container" role="dialog" aria-modal="true"><p>⟦{cookies}⟧</p><button>⟦Yes, I'm happy⟧</button></div>
</body></html>"##,
        head = head(story, "The Example Courant"),
        menu = items(SECTIONS),
        shares = links(SHARES),
        count = story.remarks.len(),
        body = story.flow(block, &inserts),
        tags = items(&story.tags),
        related = others[2..6].iter().map(|other| format!(
            "<li><div class=\"fc-item\"><h3><a href=\"/r\">⟦{other}⟧</a></h3><div class=\"fc-item__standfirst\">⟦The background, in \
             five minutes, with a map and a timeline.⟧</div><time>⟦{}⟧</time></div></li>", story.day
        )).collect::<String>(),
        viewed = items(&others[6..14]),
        legal = items(LEGAL),
    )
}
