//! A Russian state agency's system: blocks of `div`s that are told by `data-type`, and the article a second time, hidden by a
//! style sheet, for search engines.

use crate::pages::furniture::{LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn typed(kind: &str, inside: &str) -> String {
    format!("<div class=\"article__block\" data-type=\"{kind}\">{inside}</div>\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => typed("text", &format!("<div class=\"article__text\">⟪{text}⟫</div>")),
        Block::Heading(text) => typed("h2", &format!("<h2 class=\"article__h2\">⟪{text}⟫</h2>")),
        Block::List(all) => {
            let all: String = all
                .iter()
                .map(|item| {
                    format!("<li class=\"article__list-item\"><div class=\"article__list-text\">⟪{item}⟫</div></li>")
                })
                .collect();
            typed("list", &format!("<ul class=\"article__list\">{all}</ul>"))
        }
        Block::Quote(text) => typed(
            "quote",
            &format!(
                "<div class=\"article__quote\"><div class=\"article__quote-bg\"></div><div class=\"article__quote-text\">⟪{text}⟫</div></div>"
            ),
        ),
        Block::Figure(caption, credit) => typed(
            "photo",
            &format!(
                "<div class=\"photoview__open\"><img src=\"/a.jpg\"><div class=\"photoview__copyright\"><span \
                 itemprop=\"copyrightHolder\">⟦{credit}⟧</span></div><div class=\"photoview__desc\">⟪{caption}⟫</div></div>"
            ),
        ),
    }
}

/// The article's text again, for machines.
fn again(story: &Story) -> String {
    let text = |block: &Block| match block {
        Block::Paragraph(text) | Block::Heading(text) | Block::Quote(text) => text.replace(['‹', '›'], ""),
        Block::List(all) => all.join(" ").replace(['‹', '›'], ""),
        Block::Figure(..) => String::new(),
    };
    story.body.iter().map(text).collect::<Vec<_>>().join(" ").replace('&', "&amp;")
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, hour, others, cookies, newsletter, .. } = story;
    let mut inserts = vec![typed(
        "article",
        &format!(
            "<div class=\"article__article\"><a href=\"/r\" class=\"article__article-link\"><span \
             class=\"article__article-image\"><img src=\"/r.jpg\"></span><div class=\"article__article-title\"><span>⟦{}⟧</span></div>\
             <div class=\"article__article-info\">⟦{day}, 11:04⟧</div></a></div>",
            others[0]
        ),
    )];
    if story.has(1, 60) {
        inserts.push(typed(
            "banner",
            "<div class=\"banner m-article-body\"><div class=\"banner__hint\">⟦Advertising⟧</div></div>",
        ));
    }
    if story.has(2, 50) {
        inserts.push(typed(
            "social",
            "<div class=\"article__social-subscribe\"><a href=\"//t\">⟦Subscribe to our channel in Telegram⟧</a></div>",
        ));
    }
    format!(
        r##"<!DOCTYPE html><html lang="en"><head>{head}</head><body id="body" class="m-page-article"><div class="page" id="page">
<div class="header" id="header"><div class="header__menu"><div class="header__menu-items">{menu}</div></div><div
class="header__lang">⟦INTERNATIONAL⟧</div></div>
<div class="page__bg"><div class="content"><div class="layout-article"><div class="layout-article__over">
<div class="schema_org" itemscope="itemscope" itemtype="https://schema.org/Article"><div itemprop="headline">{title}</div><div
itemprop="datePublished">{moment}</div><div itemprop="articleBody">{again}</div></div>
<div class="layout-article__main"><div class="endless"><div class="endless__item" data-id="1"><div class="article m-white" data-h1="x">
<div class="article__meta" itemscope itemtype="https://schema.org/Article"><div itemprop="mainEntityOfPage"
content="/x"></div></div>
<div class="article__header"><div class="article__info"><div class="article__info-date"><a href="/d">⟦{hour} {day}⟧</a> <span
class="article__info-date-modified">⟦(updated: 23:10 {day})⟧</span></div><div class="article__info-statistic"><span
class="statistic__item m-views">⟦3941⟧</span></div></div><h1 class="article__title">⟪{title}⟫</h1>
<div class="article__announce"><div class="media"><img src="/b.jpg"></div></div>
<div class="article__author"><span class="article__author-name">⟦{author}⟧</span> <a href="/all">⟦All materials⟧</a></div></div>
<div class="article__body js-mediator-article mia-analytics">{body}</div>
<div class="article__tags"><ul class="tags__list">{tags}</ul></div>
<div class="article__likes-buttons emoji"><span>⟦12⟧</span> <span>⟦3⟧</span></div>
<div class="article__sharebar"><div class="share" data-url="/x">{shares}</div></div>
<div class="article__userbar"><div class="article__userbar-text">⟦Login to leave a comment⟧</div></div>
<div class="comments-list" id="comments"><div class="comments__title">⟦Discussion⟧</div>{comments}</div>
</div></div></div></div></div>
<div class="layout-article__rightbar"><div class="lenta lenta__rightbar"><div class="lenta__title">⟦News feed⟧</div>{feed}</div><div
class="newsletter-widget"><div>⟦{letter}⟧</div></div></div></div></div></div>
<div class="footer" id="footer"><div class="footer__menu">{legal}</div><div class="footer__text">⟦© 2018 Example Information Agency. All
rights reserved. 18+⟧</div><div class="footer__text">⟦Registration of users on sites of the agency marks their consent to these
rules.⟧</div></div>
<div class="widgets__item m-cookies" id="widgetCookies"><div class="alert__text">⟦{cookies}⟧</div><span class="alert__btn">⟦OK⟧</span></div>
</div></body></html>"##,
        head = head(story, "Example Information Agency"),
        menu = SECTIONS.map(|name| format!("<div class=\"header__menu-item\"><a href=\"/s\">⟦{name}⟧</a></div>")).concat(),
        again = again(story),
        body = story.flow(block, &inserts),
        tags = items(&story.tags),
        shares = links(SHARES),
        comments = story.remarks.iter().map(|remark| format!(
            "<div class=\"comment\"><div class=\"comment__author\">⟦{}⟧</div><div class=\"comment__date\">⟦{}⟧</div><div \
             class=\"comment__text\">⟦{}⟧</div></div>", remark.reader, remark.when, remark.paragraphs.join(" ")
        )).collect::<String>(),
        feed = others[1..12].iter().map(|other| format!(
            "<div class=\"lenta__item\"><a href=\"/l\" class=\"lenta__item-size\"><span class=\"lenta__item-date\">⟦{hour}⟧</span> <span \
             class=\"lenta__item-text\">⟦{other}⟧</span></a></div>"
        )).collect::<String>(),
        letter = newsletter[0],
        legal = links(LEGAL),
    )
}
