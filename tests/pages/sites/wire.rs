//! A wire agency's own page: its enhancements, hubs and action bars.

use crate::pages::furniture::{LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>⟪{text}⟫</p>\n"),
        Block::Heading(text) => format!("<h2>⟪{text}⟫</h2>\n"),
        Block::List(all) => all.iter().map(|item| format!("<p>⟪— {item}⟫</p>\n")).collect(),
        Block::Quote(text) => format!("<blockquote><p>⟪{text}⟫</p></blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<div class=\"Enhancement\"><div class=\"Enhancement-item\"><bsp-figure><figure class=\"Figure\"><a class=\"AnchorLink\" \
             id=\"image-1\"></a><picture><img class=\"Image\" src=\"/a.jpg\"></picture><figcaption \
             class=\"Figure-caption\"><p>⟪{caption}.⟫ <span class=\"Figure-credit\">⟦{credit}⟧</span></p></figcaption></figure>\
             </bsp-figure></div></div>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, day, hour, others, cookies, newsletter, .. } = story;
    let mut inserts = vec![
        format!(
            "<div class=\"Enhancement\"><div class=\"Enhancement-item\"><bsp-list-loadmore class=\"PageListEnhancementGeneric\"><div \
             class=\"PageList-header\"><h2 class=\"PageList-header-title\">⟦Related Stories⟧</h2></div><div class=\"PageList-items\">{}\
             </div></bsp-list-loadmore></div></div>\n",
            others[..3].iter().map(|other| format!(
                "<div class=\"PageList-items-item\"><div class=\"PagePromo\"><div class=\"PagePromo-content\"><h3 \
                 class=\"PagePromo-title\"><a class=\"Link\" href=\"/r\"><span class=\"PagePromoContentIcons-text\">⟦{other}⟧</span></a>\
                 </h3></div></div></div>"
            )).collect::<String>()
        ),
        "<div class=\"SovrnAd Advertisement\"><div>⟦Advertisement⟧</div></div>\n".into(),
    ];
    if story.has(1, 50) {
        inserts.push(format!(
            "<div class=\"HTMLModuleEnhancement\"><hr><p><strong>⟦STAY INFORMED:⟧</strong> <a href=\"/n\">⟦{}⟧</a></p><hr></div>\n",
            newsletter[0]
        ));
    }
    if story.has(2, 40) {
        inserts.push(format!("<p>⟦READ MORE:⟧ <a href=\"/r\">⟦{}⟧</a></p>\n", others[3]));
    }
    format!(
        r##"<!DOCTYPE html><html class="ArticlePage" lang="en"><head>{head}</head><body class="Page-body">
<bsp-header class="Page-header"><div class="Page-header-bar"><a class="Page-header-logo" href="/">⟦EXAMPLE AGENCY⟧</a>
<nav class="Page-header-navigation"><ul class="Navigation-items">{menu}</ul></nav><div class="Page-header-trending-zephr">{hot}</div></div>
</bsp-header>
<main class="Page-main"><div class="Page-breadcrumbs"><a class="Link" href="/w">⟦World News⟧</a></div>
<bsp-story-page class="StoryPage"><div class="Page-content"><div class="Page-headline-wrapper"><h1
class="Page-headline">⟪{title}⟫</h1></div>
<div class="Page-lead"></div>
<div class="Page-storyBody gtmMainScrollContent"><div class="Page-bylineWrapper"><div class="Page-byline"><div
class="Page-authors">⟦By⟧ <span class="Link">⟦{author}⟧</span></div><div class="Page-dateModified">⟦Updated⟧ <bsp-timestamp
data-timestamp="1"><span data-date="">⟦{hour} AM EDT,⟧</span> <span>⟦{day}⟧</span></bsp-timestamp></div></div>
<bsp-actionbar class="Page-actions"><div class="ActionBar"><button class="ActionBar-action">⟦Share⟧</button><ul
class="ActionBar-items">{shares}</ul></div></bsp-actionbar></div>
<div class="RichTextStoryBody RichTextBody">{body}
<p>⟦___⟧</p><p>⟦Follow the agency's coverage at⟧ <a href="/hub">⟦https://example.org/hub/world⟧</a></p></div>
<div class="Page-below"><div class="AuthorBio"><a href="/author">⟦{author}⟧</a><div class="AuthorBio-description">⟦{author} covers
diplomacy for the agency from its European desk and has worked in nine countries.⟧</div></div>
<div class="Tags">{tags}</div></div></div>
<div class="Page-aside"><div class="SovrnAd Advertisement">⟦ADVERTISEMENT⟧</div><div class="PageListRightRailA" data-list-type="most-read">
<h2 class="PageList-header-title">⟦Most read⟧</h2><ol>{read}</ol></div>
<div class="NewsletterModule"><h3>⟦The Morning Wire⟧</h3><p>⟦{second}⟧</p><form><input type="email"><button>⟦SIGN UP⟧</button></form></div>
</div></bsp-story-page>
<div class="ContentFeedRecommendations taboola-container"><h4>⟦Around the web⟧</h4>{web}</div></main>
<footer class="Page-footer"><div class="Page-footer-disclaimer">⟦The agency is an independent organisation dedicated to factual
reporting. Copyright 2018 Example Agency. All Rights Reserved.⟧</div><ul>{legal}</ul></footer>
<div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk" role="alertdialog"><p id="onetrust-policy-text">⟦{cookies}⟧</p>
<button id="onetrust-accept-btn-handler">⟦Accept All⟧</button></div></div></body></html>"##,
        head = head(story, "Example Agency"),
        menu = items(SECTIONS),
        hot = links(&others[12..15]),
        shares = items(SHARES),
        body = story.flow(block, &inserts),
        tags = links(&story.tags),
        read = items(&others[4..9]),
        second = newsletter[1],
        web = [
            "Doctors amazed by this simple trick",
            "The cars that hold their value best",
            "What your desk says of you"
        ]
        .map(|ad| format!(
            "<div class=\"trc_spotlight\"><a href=\"//ads\"><span>⟦{ad}⟧</span> <span>⟦Sponsored⟧</span></a></div>"
        ))
        .concat(),
        legal = items(LEGAL),
    )
}
