//! A Blogger post of the old templates: text between line breaks, widgets all around.

use crate::pages::furniture::SECTIONS;
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("⟪{text}⟫<br />\n<br />\n"),
        Block::Heading(text) => format!("<b>⟪{text}⟫</b><br /><br />\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li>⟪{item}⟫</li>\n")).collect();
            format!("<ul>{all}</ul>\n")
        }
        Block::Quote(text) => format!("<blockquote class=\"tr_bq\">\n⟪{text}⟫</blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<table align=\"center\" cellpadding=\"0\" cellspacing=\"0\" class=\"tr-caption-container\" style=\"margin-left: auto;\"><tbody>\
             <tr><td style=\"text-align: center;\"><a href=\"/a.jpg\"><img border=\"0\" src=\"/a.jpg\" width=\"400\" /></a></td></tr><tr><td \
             class=\"tr-caption\" style=\"text-align: center;\">⟪{caption}.⟫ <span class=\"photo-credit\">⟦{credit}⟧</span></td></tr></tbody>\
             </table>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, hour, others, cookies, .. } = story;
    let mut inserts = Vec::new();
    if story.has(1, 60) {
        inserts.push(format!("<b>⟦See also:⟧ <a href=\"/s\">⟦{}⟧</a></b><br /><br />\n", others[0]));
    }
    if story.has(2, 40) {
        inserts.push(
            "<div class=\"separator\" style=\"clear: both;\"><ins class=\"adsbygoogle\">⟦Advertisement⟧</ins></div>\n"
                .into(),
        );
    }
    format!(
        r##"<!DOCTYPE html><html class='v2' dir='ltr' xmlns='http://www.w3.org/1999/xhtml'><head>{head}</head>
<body class='loading variant-simplysimple'><div class='navbar section' id='navbar'><div class='widget Navbar'>{bar}</div></div>
<div id='cookieChoiceInfo' class='cookie-choices-info'><span class='cookie-choices-text'>⟦{cookies}⟧</span> <a
class='cookie-choices-button' href='#'>⟦Learn More⟧</a> <a class='cookie-choices-button'>⟦Got it⟧</a></div>
<div class='body-fauxcolumns'></div><div class='content'><header><div class='header-outer'><div class='widget Header'
id='Header1'><h1 class='title'><a href='/'>⟦The View from the Quay⟧</a></h1><p class='description'><span>⟦Notes on the world by a man
with a telescope⟧</span></p></div></div></header>
<div class='tabs-outer'><div class='widget PageList'><ul>{menu}</ul></div></div>
<div class='main-outer'><div class='columns'><div class='column-center-outer'><div class='main section' id='main'>
<div class='widget Blog' data-version='1' id='Blog1'><div class='blog-posts hfeed'><div class="date-outer"><h2
class='date-header'><span>⟦{day}⟧</span></h2><div class="date-posts"><div class='post-outer'>
<div class='post hentry uncustomized-post-template' itemprop='blogPost' itemscope='itemscope' itemtype='http://schema.org/BlogPosting'>
<h3 class='post-title entry-title' itemprop='name'>⟪{title}⟫</h3><div class='post-header'><div class='post-header-line-1'></div></div>
<div class='post-body entry-content' id='post-body-77' itemprop='description articleBody'>
{body}<div style='clear: both;'></div></div>
<div class='post-footer'><div class='post-footer-line post-footer-line-1'><span class='post-author vcard'>⟦Posted by⟧ <span
class='fn' itemprop='author'><span itemprop='name'>⟦{author}⟧</span></span></span> <span class='post-timestamp'>⟦at⟧ <a
class='timestamp-link' href='#' rel='bookmark'><abbr class='published' itemprop='datePublished' title='{moment}'>⟦{hour}⟧</abbr></a></span>
<div class='post-share-buttons goog-inline-block'><a class='goog-inline-block share-button sb-email' href='#'><span
class='share-button-link-text'>⟦Email This⟧</span></a><a class='goog-inline-block share-button sb-blog'><span
class='share-button-link-text'>⟦BlogThis!⟧</span></a><a class='goog-inline-block share-button sb-twitter'><span
class='share-button-link-text'>⟦Share to Twitter⟧</span></a></div></div>
<div class='post-footer-line post-footer-line-2'><span class='post-labels'>⟦Labels:⟧ {tags}</span></div></div></div>
<div class='comments' id='comments'><a name='comments'></a><h4>⟦{count} comments:⟧</h4><div id='Blog1_comments-block-wrapper'><dl
class='avatar-comment-indent' id='comments-block'>{comments}</dl></div><p class='comment-footer'><a href='#'>⟦Post a
Comment⟧</a></p></div></div></div></div></div>
<div class='blog-pager' id='blog-pager'>{pager}</div><div class='post-feeds'><div class='feed-links'>⟦Subscribe to:⟧ <a
class='feed-link' href='/f'>⟦Post Comments (Atom)⟧</a></div></div></div></div></div>
<div class='column-right-outer'><aside><div class='sidebar section' id='sidebar-right-1'><div class='widget Profile'><h2>⟦About
Me⟧</h2><p class='profile-textblock'>⟦I watch ships and ministers. Both come in late.⟧</p></div><div class='widget PopularPosts'><h2>⟦Popular
Posts⟧</h2><ul>{popular}</ul></div><div class='widget BlogArchive'><h2>⟦Blog Archive⟧</h2><ul class='hierarchy'>{archive}</ul></div></div>
</aside></div></div></div>
<footer><div class='footer-outer'><div class='widget Attribution'>⟦Simple theme. Powered by⟧ <a href='#'>⟦Blogger⟧</a>⟦.⟧</div></div></footer>
</div></body></html>"##,
        head = head(story, "The View from the Quay"),
        bar = links(["Create Blog", "Sign In"]),
        menu = items(&SECTIONS[..5]),
        body = story.flow(block, &inserts),
        tags = links(&story.tags),
        count = story.remarks.len(),
        comments = story.remarks.iter().map(|remark| format!(
            "<dt class='comment-author' id='c1'><a href='/p' rel='nofollow'>⟦{}⟧</a> ⟦said...⟧</dt><dd class='comment-body'><p>⟦{}⟧</p></dd>\
             <dd class='comment-footer'><span class='comment-timestamp'><a href='#'>⟦{}⟧</a></span></dd>",
            remark.reader, remark.paragraphs.join(" "), remark.when
        )).collect::<String>(),
        pager = links(["Newer Post", "Older Post", "Home"]),
        popular = items(&others[1..6]),
        archive = items(["2018 (31)", "2017 (40)", "2016 (12)"]),
    )
}
