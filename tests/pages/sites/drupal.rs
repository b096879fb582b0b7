//! A Drupal site: fields, regions, blocks and views.

use crate::pages::furniture::{COPYRIGHT, LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p class=\"text-align-justify\">⟪{text}⟫</p>\n"),
        Block::Heading(text) => format!("<h2>⟪{text}⟫</h2>\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li>⟪{item}⟫</li>\n")).collect();
            format!("<ul>{all}</ul>\n")
        }
        Block::Quote(text) => format!("<blockquote><p>⟪{text}⟫</p></blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<figure role=\"group\" class=\"caption caption-img align-right\"><div class=\"media media--type-image \
             media--view-mode-embedded\"><div class=\"field field--name-field-media-image\"><img src=\"/sites/default/files/a.jpg\"></div></div>\
             <figcaption>⟪{caption}.⟫ <span class=\"field--name-field-copyright\">⟦{credit}⟧</span></figcaption></figure>\n"
        ),
    }
}

fn views(class: &str, heading: &str, all: &[String]) -> String {
    let rows: String = all.iter().map(|other| format!(
        "<div class=\"views-row\"><div class=\"views-field views-field-title\"><span class=\"field-content\"><a href=\"/n\">⟦{other}⟧</a>\
         </span></div></div>"
    )).collect();
    format!(
        "<div class=\"views-element-container block block-views block-views-block{class}\"><h2>⟦{heading}⟧</h2><div \
         class=\"view-content\">{rows}</div></div>\n"
    )
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, day, hour, others, cookies, newsletter, .. } = story;
    let mut inserts = vec![format!(
        "<div class=\"paragraph paragraph--type--related-content\"><h4>⟦Read also⟧</h4><div class=\"field__item\"><article \
         class=\"node node--type-article node--view-mode-teaser\"><h3><a href=\"/n\">⟦{}⟧</a></h3></article></div></div>\n",
        others[0]
    )];
    if story.has(1, 50) {
        inserts.push(format!(
            "<div class=\"paragraph paragraph--type--newsletter-signup\"><p>⟦{}⟧</p><a class=\"btn\" href=\"/n\">⟦Subscribe⟧</a></div>\n",
            newsletter[0]
        ));
    }
    let comments: String = story.remarks.iter().map(|remark| {
        let text: String = remark.paragraphs.iter().map(|text| format!("<p>⟦{text}⟧</p>")).collect();
        format!(
            "<article role=\"article\" class=\"comment js-comment\"><footer class=\"comment__meta\"><p class=\"comment__author\">⟦{}⟧</p><p \
             class=\"comment__time\">⟦{}⟧</p></footer><div class=\"comment__content\"><div class=\"field field--name-comment-body\">{text}</div>\
             <ul class=\"links inline\"><li class=\"comment-reply\"><a href=\"/c\">⟦Reply⟧</a></li></ul></div></article>\n",
            remark.reader, remark.when
        )
    }).collect();
    format!(
        r##"<!DOCTYPE html><html lang="en" dir="ltr" prefix="og: http://ogp.me/ns#"><head>{head}</head>
<body class="path-node page-node-type-article"><a href="#main-content" class="visually-hidden focusable skip-link">⟦Skip to main
content⟧</a><div class="dialog-off-canvas-main-canvas"><div class="layout-container"><header role="banner"><div class="region
region-header"><div class="block block-system-branding-block"><a href="/" rel="home">⟦Institute for Examples⟧</a></div><nav
role="navigation" class="block block-menu navigation menu--main"><h2 class="visually-hidden">⟦Main navigation⟧</h2><ul
class="menu">{menu}</ul></nav></div></header>
<div class="region region-breadcrumb"><nav class="breadcrumb" role="navigation" aria-labelledby="system-breadcrumb"><ol>{crumbs}</ol></nav></div>
<div class="region region-highlighted"><div data-drupal-messages-fallback class="hidden"></div></div>
<main role="main"><a id="main-content" tabindex="-1"></a><div class="layout-content"><div class="region region-content"><div
class="block block-core block-page-title-block"><h1 class="page-title"><span class="field field--name-title field--type-string">⟪{title}⟫</span></h1></div>
<div class="block block-system block-system-main-block"><article role="article" class="node node--type-article node--view-mode-full">
<footer class="node__meta"><div class="node__submitted">⟦Submitted by⟧ <span class="field field--name-uid"><span
lang="">⟦{author}⟧</span></span> ⟦on {day} - {hour}⟧</div></footer>
<div class="node__content"><div class="field field--name-field-image field--type-image"><img src="/b.jpg"></div>
<div class="clearfix text-formatted field field--name-body field--type-text-with-summary field--label-hidden field__item">
{body}</div>
<div class="field field--name-field-tags field--type-entity-reference field--label-inline"><div class="field__label">⟦Tags⟧</div><div
class="field__items">{tags}</div></div>
<div class="addtoany_list a2a_kit"><span>⟦Share this page⟧</span> {shares}</div>
<ul class="links inline"><li><a href="/p">⟦Printer-friendly version⟧</a></li><li><a href="/l">⟦Log in to post comments⟧</a></li></ul>
<section class="field field--name-comment field--type-comment comment-wrapper"><h2 class="title">⟦Comments⟧</h2>{comments}</section>
</div></article></div>{related}</div></div>
<aside class="layout-sidebar-second" role="complementary"><div class="region region-sidebar-second">{recent}<div
class="block block-simplenews"><h2>⟦Newsletter⟧</h2><p>⟦{second}⟧</p></div></div></aside></main>
<footer role="contentinfo"><div class="region region-footer"><p>⟦{copyright}⟧</p><ul class="menu">{legal}</ul></div></footer></div></div>
<div id="sliding-popup" class="sliding-popup-bottom"><div class="eu-cookie-compliance-banner eu-cookie-compliance-banner-info"><div
class="popup-text"><h2>⟦We use cookies on this site to enhance your user experience⟧</h2><p>⟦{cookies}⟧</p></div><button>⟦OK, I
agree⟧</button></div></div></body></html>"##,
        head = head(story, "Institute for Examples"),
        menu = items(&SECTIONS[..7]),
        crumbs = items(["Home", "News", "World"]),
        body = story.flow(block, &inserts),
        tags = story
            .tags
            .iter()
            .map(|tag| format!("<div class=\"field__item\"><a href=\"/t\">⟦{tag}⟧</a></div>"))
            .collect::<String>(),
        shares = links(SHARES),
        related = views("related-content-block-1", "Related content", &others[1..5]),
        recent = views("latest-news-block-1", "Latest news", &others[5..11]),
        second = newsletter[1],
        copyright = COPYRIGHT[2],
        legal = items(LEGAL),
    )
}
