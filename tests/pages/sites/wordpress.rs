//! A WordPress theme with Jetpack's sharing and related posts.

use crate::pages::furniture::{LEGAL, SECTIONS, SHARES};
use crate::pages::page::{head, items, links};
use crate::pages::story::{Block, Story};

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>⟪{text}⟫</p>\n"),
        Block::Heading(text) => format!("<h2 class=\"wp-block-heading\">⟪{text}⟫</h2>\n"),
        Block::List(all) => {
            let all: String = all.iter().map(|item| format!("<li>⟪{item}⟫</li>")).collect();
            format!("<ul class=\"wp-block-list\">{all}</ul>\n")
        }
        Block::Quote(text) => format!("<blockquote class=\"wp-block-quote\"><p>⟪{text}⟫</p></blockquote>\n"),
        Block::Figure(caption, credit) => format!(
            "<figure id=\"attachment_77\" style=\"width: 640px\" class=\"wp-caption aligncenter\"><img class=\"size-large\" \
             src=\"/wp-content/uploads/a.jpg\" alt=\"\"><figcaption class=\"wp-caption-text\">⟪{caption}.⟫ \
             <span class=\"credit\">⟦{credit}⟧</span></figcaption></figure>\n"
        ),
    }
}

pub(crate) fn page(story: &Story) -> String {
    let Story { title, author, moment, day, newsletter, others, prompt, cookies, .. } = story;
    let mut inserts = vec![format!("<p><strong>⟦Also read:⟧ <a href=\"/a\">⟦{}⟧</a></strong></p>\n", others[0])];
    if story.has(1, 60) {
        inserts.push(format!(
            "<div class=\"mc4wp-form newsletter-signup\"><p>⟦{}⟧</p><p><input type=\"email\"><input type=\"submit\" \
             value=\"Sign up\"></p></div>\n",
            newsletter[0]
        ));
    }
    if story.has(2, 60) {
        inserts.push(
            "<div class=\"code-block ai-insert\"><div class=\"adsbygoogle\">⟦Advertisement⟧</div></div>\n".into(),
        );
    }
    let body = story.flow(block, &inserts);
    let comments: String = story.remarks.iter().map(|remark| {
        let text: String = remark.paragraphs.iter().map(|text| format!("<p>⟦{text}⟧</p>\n")).collect();
        format!(
            "<li id=\"comment-9\" class=\"comment even thread-even depth-1\"><article class=\"comment-body\">\
             <footer class=\"comment-meta\"><div class=\"comment-author vcard\"><b class=\"fn\">⟦{}⟧</b> \
             <span class=\"says\">⟦says:⟧</span></div><div class=\"comment-metadata\"><a href=\"#9\"><time \
             datetime=\"2018-08-01T10:00:00+00:00\">⟦{}⟧</time></a></div></footer>\
             <div class=\"comment-content\">{text}</div><div class=\"reply\"><a rel=\"nofollow\" class=\"comment-reply-link\" \
             href=\"#\">⟦Reply⟧</a></div></article></li>\n",
            remark.reader, remark.when
        )
    }).collect();
    format!(
        r##"<!DOCTYPE html><html lang="en-US"><head>{head}</head>
<body class="post-template-default single single-post wp-embed-responsive">
<div id="page" class="site"><a class="skip-link screen-reader-text" href="#primary">⟦Skip to content⟧</a>
<header id="masthead" class="site-header"><div class="site-branding"><p class="site-title"><a href="/" rel="home">⟦The
Harbour Gazette⟧</a></p><p class="site-description">⟦News from here and elsewhere⟧</p></div>
<nav id="site-navigation" class="main-navigation"><button class="menu-toggle">⟦Primary Menu⟧</button>
<ul id="primary-menu" class="menu">{menu}</ul></nav></header>
<main id="primary" class="site-main">
<div class="breadcrumbs" typeof="BreadcrumbList"><a href="/">⟦Home⟧</a> &raquo; <a href="/w">⟦World⟧</a></div>
<article id="post-4711" class="post-4711 post type-post status-publish format-standard hentry category-world">
<header class="entry-header"><span class="cat-links"><a href="/w">⟦World⟧</a></span>
<h1 class="entry-title">⟪{title}⟫</h1>
<div class="entry-meta"><span class="posted-on">⟦Posted on⟧ <a href="#" rel="bookmark"><time class="entry-date published"
datetime="{moment}">⟦{day}⟧</time></a></span> <span class="byline">⟦by⟧ <span class="author vcard"><a class="url fn n"
href="/author">⟦{author}⟧</a></span></span> <span class="comments-link"><a href="#c">⟦Leave a comment⟧</a></span></div></header>
<div class="post-thumbnail"><img src="/wp-content/uploads/b.jpg" class="attachment-post-thumbnail"></div>
<div class="entry-content">
{body}
<p class="premium-prompt"><em>⟦{prompt}⟧</em></p>
<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block sd-social sd-sharing"><h3
class="sd-title">⟦Share this:⟧</h3><div class="sd-content"><ul>{shares}</ul></div></div></div>
<div class="sharedaddy sd-block sd-like jetpack-likes-widget-wrapper"><h3 class="sd-title">⟦Like this:⟧</h3><div
class="likes-widget-placeholder"><span class="button">⟦Like⟧</span> <span class="loading">⟦Loading...⟧</span></div></div>
<div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline"><em>⟦Related⟧</em></h3>
<div class="jp-relatedposts-items">{related}</div></div>
</div>
<footer class="entry-footer"><span class="tags-links">⟦Tagged⟧ {tags}</span></footer></article>
<div class="author-box"><h4>⟦About {author}⟧</h4><p>⟦{author} has written for this paper since 2009 and lives by the sea.⟧</p></div>
<nav class="navigation post-navigation" aria-label="Posts"><h2 class="screen-reader-text">⟦Post navigation⟧</h2>
<div class="nav-links"><div class="nav-previous"><a href="/p" rel="prev">⟦{previous}⟧</a></div></div></nav>
<div id="comments" class="comments-area"><h2 class="comments-title">⟦{count} thoughts on “{title}”⟧</h2>
<ol class="comment-list">{comments}</ol>
<div id="respond" class="comment-respond"><h3 id="reply-title" class="comment-reply-title">⟦Leave a Reply⟧</h3>
<form action="/wp-comments-post.php" class="comment-form"><p class="comment-notes">⟦Your email address will not be
published. Required fields are marked *⟧</p><label>⟦Comment *⟧</label><textarea></textarea></form></div></div>
</main>
<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2 class="widget-title">⟦Recent
Posts⟧</h2><ul>{recent}</ul></section><section class="widget widget_text"><p>⟦{second}⟧</p></section></aside>
<footer id="colophon" class="site-footer"><div class="site-info">⟦Proudly powered by WordPress⟧ <span class="sep"> | </span>
⟦Theme: Harbour.⟧ {legal}</div></footer></div>
<div id="cookie-law-info-bar" data-nosnippet="true"><span>⟦{cookies}⟧ <a role="button" class="cli-plugin-button">⟦ACCEPT⟧</a></span></div>
</body></html>"##,
        head = head(story, "The Harbour Gazette"),
        menu = items(SECTIONS),
        shares = items(SHARES),
        related = others[1..4].iter().map(|other| format!(
            "<div class=\"jp-relatedposts-post\"><h4 class=\"jp-relatedposts-post-title\"><a href=\"/r\">⟦{other}⟧</a></h4><p \
             class=\"jp-relatedposts-post-excerpt\">⟦In short: what is known so far, and what comes next.⟧</p></div>"
        )).collect::<String>(),
        tags = links(&story.tags),
        previous = others[4],
        count = story.remarks.len(),
        recent = items(&others[5..10]),
        second = newsletter[1],
        legal = links(LEGAL),
    )
}
