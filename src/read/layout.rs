//! What a page says of its own parts: by the meaning of its elements, and by the names that sites give them.
//!
//! Names are those that common systems and frameworks use, taken word by word: `sd-sharing`, `article__share` and
//! `ShareTools` all speak of sharing.

use super::tags::Attributes;

/// What an element is that is no part of the article's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The site's, its readers', or another article's: it goes, with all in it.
    Apart,
    /// The same by its name alone, which may be that of a layout: it goes, unless there is hardly anything to read beside it.
    Beside,
    /// Of the article, but no text of it: a byline, a time, a list of tags. It stays, and is marked.
    Furniture,
    /// Whose picture it is: furniture that stands at the end of what the picture shows.
    Credit,
    /// A link.
    Link,
}

/// What an element is, where its name or its attributes tell.
pub(super) fn part(name: &str, attributes: Attributes<'_>) -> Option<Part> {
    match name {
        "nav" | "aside" | "footer" => return Some(Part::Apart),
        "time" | "address" => return Some(Part::Furniture),
        // These hold the article, whatever else they are called by.
        "main" | "h1" => return None,
        _ => {}
    }
    let is_inline = matches!(name, "a" | "span" | "cite" | "label" | "small" | "button" | "select" | "object");
    let (mut found, mut link) = (None, None);
    let mut words = Words::default();
    for (attribute, value) in attributes.filter(|(_, value)| value.len() <= LONGEST) {
        let of_attribute = match () {
            () if is_any(NAMES, attribute) => {
                value.split_ascii_whitespace().fold(None, |found, value| found.or(words.part(value)))
            }
            () if attribute.eq_ignore_ascii_case("role") => of_role(value.trim()),
            () if attribute.eq_ignore_ascii_case("aria-label") && !is_inline => words.part(value),
            () if attribute.eq_ignore_ascii_case("itemprop") => of_property(value.trim()),
            () if attribute.eq_ignore_ascii_case("rel") && value == "author" => Some(Part::Furniture),
            () => None,
        };
        if name == "a" && attribute.eq_ignore_ascii_case("href") {
            link = Some(Part::Link);
        }
        if is_any("class itemprop", attribute) && value.split_ascii_whitespace().any(|token| is_any(WHOLE, token)) {
            return None;
        }
        found = found.or(of_attribute);
    }
    match found {
        // Within a line there may be a sentence around it, which must not lose a word.
        _ if words.hidden => Some(Part::Apart),
        Some(Part::Apart | Part::Beside) if is_inline => Some(Part::Furniture),
        Some(part) => Some(part),
        None => link,
    }
}

/// Bytes of an attribute that is a name. Frameworks that style by class write hundreds.
const LONGEST: usize = 400;

/// Attributes in which sites name their parts.
const NAMES: &str = "class id data-component data-testid data-test-id data-qa data-module data-type data-role";

/// Classes and properties of what holds an article.
const WHOLE: &str = "article post hentry h-entry entry story content main articleBody entry-content post-content \
    article-body article-content story-body";

fn is_any(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(name))
}

/// Landmarks and windows, as WAI-ARIA names them.
fn of_role(role: &str) -> Option<Part> {
    let apart = "navigation complementary contentinfo banner search menu menubar toolbar dialog alertdialog";
    is_any(apart, role).then_some(Part::Apart)
}

/// Properties of schema.org's articles and pictures.
fn of_property(property: &str) -> Option<Part> {
    match () {
        () if is_any("author datePublished dateModified dateCreated publisher keywords", property) => {
            Some(Part::Furniture)
        }
        () if is_any("copyrightHolder copyrightNotice creditText", property) => Some(Part::Credit),
        () => None,
    }
}

/// Cuts names into words, with the same memory for all names of an element.
#[derive(Default)]
struct Words {
    word: String,
    before: String,
    /// Whether a name said that only machines read it out.
    hidden: bool,
}

impl Words {
    /// What a name says: its last word that says something decides, as `related-posts-date` is a date.
    fn part(&mut self, name: &str) -> Option<Part> {
        self.word.clear();
        self.before.clear();
        // WordPress calls so the article that may have some.
        if matches!(name, "comments-open" | "comments-closed") {
            return None;
        }
        let mut found = None;
        let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
        for part in parts.filter(|part| !is_hash(part)) {
            let mut lower = false;
            for c in part.chars().filter(char::is_ascii_alphabetic) {
                // `mostRead`, `most-read`, `most_read` and `most read` are two words.
                if c.is_ascii_uppercase() && lower {
                    found = self.end(found);
                }
                self.word.push(c.to_ascii_lowercase());
                lower = c.is_ascii_lowercase();
            }
            found = self.end(found);
        }
        found
    }

    /// Ends a word: what the name says with it, where it said something else before. A cookie banner asks for leave.
    fn end(&mut self, found: Option<Part>) -> Option<Part> {
        if self.word.is_empty() {
            return found;
        }
        self.hidden |= is_hidden(&self.before, &self.word);
        let part = of_words(&self.before, &self.word);
        std::mem::swap(&mut self.before, &mut self.word);
        self.word.clear();
        if (found, part) == (Some(Part::Apart), Some(Part::Beside)) { found } else { part.or(found) }
    }
}

/// Whether it is a number that a framework writes with letters: there are digits in it, and not only at its end.
fn is_hash(part: &str) -> bool {
    part.trim_end_matches(|c: char| c.is_ascii_digit()).contains(|c: char| c.is_ascii_digit())
}

/// Names of what is there for those who hear a page and do not see it.
fn is_hidden(before: &str, word: &str) -> bool {
    matches!((before, word), ("visually", "hidden") | ("screen", "reader") | ("sr", "only")) || word == "visuallyhidden"
}

/// What a word says, or together with the word before it. `paywall` says nothing: sites call so what is behind it, and that is
/// the article.
fn of_words(before: &str, word: &str) -> Option<Part> {
    // `has-sidebar`, `with-comments` and `no-ads` speak of something beside the element.
    if matches!(before, "has" | "with" | "no" | "not" | "without") {
        return None;
    }
    Some(match word {
        // What asks for leave may be longer than the article, and so may what its readers say.
        "cookie" | "cookies" | "gdpr" | "consent" | "onetrust" | "comment" | "comments" | "commentlist" | "disqus"
        | "discussion" | "respond" | "replies" => Part::Apart,
        // The site.
        "nav" | "navbar" | "navigation" | "menu" | "submenu" | "breadcrumb" | "breadcrumbs" | "sidebar" | "footer"
        | "masthead" | "colophon" | "pager" | "pagination" | "popup" | "modal" | "newsletter" | "newsletters" | "subscribe" | "subscription" | "subscriptions" | "signup" | "donate" | "donation" | "contributions" | "share" | "shares" | "sharing" | "sharebar"
        | "sharedaddy" | "sharetools" | "sharethis" | "addthis" | "addtoany" | "social" | "socials"
        // Those who pay for it.
        | "ad" | "ads" | "adsbygoogle" | "adslot" | "advert" | "adverts" | "advertisement" | "advertising" | "banner"
        | "sponsor" | "sponsored" | "outbrain" | "taboola" | "promo" | "promos"
        // Other articles.
        | "related" | "relatedposts" | "relatedlinks" | "recommended" | "recommendations" | "recirculation"
        | "trending" | "tags" | "keywords" | "labels" | "topics"
        // Writers.
        | "bio" | "authorbio" => Part::Beside,
        // The article's own.
        "byline" | "author" | "authors" | "contributor" | "dateline" | "timestamp" | "date" | "datetime" | "published"
        | "updated" | "meta" | "legend" | "rating" | "ratings" | "likes" => Part::Furniture,
        "credit" | "credits" | "copyright" => Part::Credit,
        _ => match (before, word) {
            ("most", "read" | "viewed" | "popular" | "shared" | "commented")
            | ("top", "stories")
            | ("latest", "news")
            | ("read" | "see", "more" | "also" | "next")
            | ("more", "stories" | "news" | "from")
            | ("rich", "link")
            | ("topic" | "tag", "list" | "links")
            | ("author", "box" | "card" | "info")
            // What follows an article, as Genesis and some large sites name it.
            | ("after" | "below", "entry" | "content" | "post" | "article" | "story")
            | ("entry" | "content" | "post" | "article" | "story" | "page", "bottom" | "below")
            | ("bottom", "of")
            | ("skip", "link" | "to")
            | ("back", "top")
            | ("sign", "up" | "in") => Part::Beside,
            ("reading", "time") | ("posted", "on") => Part::Furniture,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::tags::{Token, Tokens};
    use super::*;

    fn part_of(tag: &str) -> Option<Part> {
        match Tokens::new(tag).next() {
            Some(Token::Start(name, attributes)) => part(name, attributes),
            token => panic!("{token:?}"),
        }
    }

    #[test]
    fn elements_and_roles_say_what_they_are() {
        assert_eq!(part_of("<nav>"), Some(Part::Apart));
        assert_eq!(part_of("<time datetime=2018-07-16>"), Some(Part::Furniture));
        assert_eq!(part_of("<div role=contentinfo>"), Some(Part::Apart));
        assert_eq!(part_of("<span itemprop=copyrightHolder>"), Some(Part::Credit));
        assert_eq!(part_of("<a href=/more>"), Some(Part::Link));
        assert_eq!(part_of("<p>"), None);
    }

    #[test]
    fn names_are_taken_word_by_word() {
        for class in
            ["sd-sharing", "article__share", "ShareTools", "jp-relatedposts", "css-1x2y-MostRead", "x sidebar2"]
        {
            assert_eq!(part_of(&format!("<div class='{class}'>")), Some(Part::Beside), "{class}");
        }
        for class in ["comments", "x cookie-banner comments"] {
            assert_eq!(part_of(&format!("<div class='{class}'>")), Some(Part::Apart), "{class}");
        }
        for class in ["sc-f98b1ad2-0", "css-1ad9fe", "_1ad2_body_9x", "css-nav8k2", "comments-open"] {
            assert_eq!(part_of(&format!("<div class='{class}'>")), None, "{class}");
        }
        for class in ["shared", "shareholders", "most", "navy", "commentary", "has-sidebar", "article-with-comments"] {
            assert_eq!(part_of(&format!("<div class='{class}'>")), None, "{class}");
        }
        assert_eq!(part_of("<div class='article-meta entry-date'>"), Some(Part::Furniture));
        assert_eq!(part_of("<div data-testid=related-date>"), Some(Part::Furniture), "the last word decides");
        assert_eq!(part_of("<section aria-label='Most read'>"), Some(Part::Beside));
    }

    #[test]
    fn what_holds_an_article_is_one_whatever_else_it_is_called() {
        assert_eq!(part_of("<div class='post hentry tag-cookies category-comments'>"), None);
        assert_eq!(part_of("<div class='promo' itemprop='description articleBody'>"), None);
        assert_eq!(part_of("<main class=comments>"), None);
    }

    #[test]
    fn within_a_line_nothing_goes_but_what_cannot_be_seen() {
        assert_eq!(part_of("<span class=share>"), Some(Part::Furniture));
        assert_eq!(part_of("<span class=visually-hidden>"), Some(Part::Apart));
        assert_eq!(part_of("<a class=comments-link href=#c>"), Some(Part::Furniture));
    }
}
