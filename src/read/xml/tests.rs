//! Shapes that no producer writes: they are read or refused in time, and never more than that.

use proptest::prelude::*;

use crate::article::Status;
use crate::error::Code;
use crate::read::{Limits, read, read_each};

/// How many articles there are, how many of them are refused, and why the rest of the document is.
fn outcome(document: &str) -> (usize, usize, Option<Code>) {
    let (mut articles, mut refused) = (0, 0);
    let whole = read_each(document.as_bytes(), "a.xml", &Limits::default(), &mut |item| {
        articles += 1;
        refused += usize::from(item.reading.is_err());
        if let Ok(reading) = &item.reading {
            let mut end = 0;
            for span in reading.article.spans() {
                assert!(
                    span.start >= end && span.start < span.end && reading.article.text().get(span.clone()).is_some()
                );
                end = span.end;
            }
        }
    });
    (articles, refused, whole.err().map(|reject| reject.code))
}

/// A document of each format around an article's text.
fn documents(text: &str) -> [String; 5] {
    [
        format!("<nitf><body><body.content><p>{text}</p></body.content></body></nitf>"),
        format!("<newsItem><contentSet><inlineData>{text}</inlineData></contentSet></newsItem>"),
        format!("<newsItem><contentSet><inlineXML><html><p>{text}</p></html></inlineXML></contentSet></newsItem>"),
        format!("<rss><channel><item><description>{text}</description></item></channel></rss>"),
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>{text}</content></entry></feed>"
        ),
    ]
}

#[test]
fn a_million_attributes_are_passed_over() {
    let attributes: String = (0..1_000_000).map(|i| format!(" a{i}=''")).collect();
    for root in ["nitf", "newsItem", "rss", "feed xmlns='http://www.w3.org/2005/Atom'"] {
        let name = root.split(' ').next().unwrap();
        let document = format!("<{root}{attributes}></{name}>");
        assert_eq!(outcome(&document), (0, 0, Some(Code::NoText)), "{root}");
    }
    for document in documents(&format!("One.<b{attributes}>Two.</b>")) {
        assert_eq!(outcome(&document), (1, 0, None), "{}", &document[..40]);
    }
}

#[test]
fn a_hundred_thousand_items_are_read_one_by_one_and_no_more() {
    let item = "<item><title>Rain</title><description>It fell.</description></item>";
    assert_eq!(outcome(&format!("<rss>{}</rss>", item.repeat(100_000))), (100_000, 0, None));
    assert_eq!(outcome(&format!("<rss>{}</rss>", item.repeat(100_001))), (100_000, 0, Some(Code::TooMany)));
    let blank = "<item/>".repeat(1000);
    assert_eq!(outcome(&format!("<rss>{blank}</rss>")), (1000, 1000, None));
}

#[test]
fn what_is_nested_too_deep_is_refused_and_what_came_before_stands() {
    let nested = format!("{}{}", "<b>".repeat(100_000), "</b>".repeat(100_000));
    for document in documents(&nested) {
        assert_eq!(outcome(&document), (0, 0, Some(Code::TooDeep)), "{}", &document[..40]);
    }
    let first = "<item><description>It fell.</description></item>";
    assert_eq!(outcome(&format!("<rss>{first}<item>{nested}</item>{first}</rss>")), (1, 0, Some(Code::TooDeep)));
    let shallow = format!("<rss>{}{first}</rss>", "<channel>".repeat(250));
    assert_eq!(outcome(&shallow), (1, 0, Some(Code::Malformed)));
}

#[test]
fn entities_of_a_dtd_stay_as_they_are() {
    let mut dtd = String::from("<!ENTITY a0 'ha'>");
    for i in 1..100 {
        dtd.push_str(&format!("<!ENTITY a{i} '{}'>", format!("&a{};", i - 1).repeat(10)));
    }
    let document =
        format!("<!DOCTYPE nitf [{dtd}]><nitf><body><body.content><p>&a99; ends.</p></body.content></body></nitf>");
    let mut text = String::new();
    read_each(document.as_bytes(), "a.xml", &Limits::default(), &mut |item| {
        text = item.reading.unwrap().article.text().to_string();
    })
    .unwrap();
    assert_eq!(text, "&a99; ends.");
}

#[test]
fn what_is_never_closed_is_malformed() {
    for part in ["<p", "<!-- ", "<![CDATA[", "<?a ", "<!DOCTYPE a [", "<a b='", "</", "</a>", "<a></b>", "<", "<!"] {
        for document in documents(&part.repeat(100_000)) {
            let (articles, _, code) = outcome(&document);
            // What a page reader gets is what XML has let through.
            assert!(articles == 0 && code == Some(Code::Malformed), "{part}: {articles} {code:?}");
        }
    }
    for part in ["&", "&amp;", "&a;", "&#1;", "]]>", "<br/>", "<!---->", "<![CDATA[<]]>", "<?a?>", "<p/>"] {
        for document in documents(&part.repeat(100_000)) {
            outcome(&document);
        }
    }
}

proptest! {
    #[test]
    fn any_soup_of_tags_is_read_or_refused(
        soup in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..40),
    ) {
        let soup = soup.concat();
        outcome(&soup);
        for document in documents(&soup) {
            prop_assert_eq!(outcome(&document), outcome(&document));
        }
    }

    #[test]
    fn any_document_cut_off_anywhere_is_read_or_refused(at in 0usize..2000, which in 0usize..5) {
        let text = "<b a='1'>One &amp; two</b> <![CDATA[<p>three</p>]]><!-- four -->".repeat(9);
        let document = documents(&text)[which].clone();
        outcome(&document[..document.floor_char_boundary(at)]);
    }
}

const SOUP: [&str; 48] = [
    "<nitf>",
    "<newsMessage>",
    "<newsItem guid='a' version='1'>",
    "</newsItem>",
    "<packageItem>",
    "</packageItem>",
    "<itemMeta>",
    "</itemMeta>",
    "<pubStatus qcode='stat:canceled'/>",
    "<embargoed/>",
    "<contentSet>",
    "</contentSet>",
    "<inlineXML>",
    "</inlineXML>",
    "<inlineData>",
    "</inlineData>",
    "<rss>",
    "<channel>",
    "<item>",
    "</item>",
    "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>",
    "</entry>",
    "<title type='html'>",
    "</title>",
    "<content type='xhtml'>",
    "</content>",
    "<link href='a&amp;b'/>",
    "<body.content>",
    "</body.content>",
    "<docdata management-status='embargoed'/>",
    "<p>",
    "</p>",
    "<a:b c:d='e'>",
    "</a:b>",
    "<br/>",
    "<![CDATA[",
    "]]>",
    "<!-- ",
    "-->",
    "<?a ",
    "?>",
    "&amp;",
    "&#0;",
    "&é",
    "<",
    "'>",
    "Envoys met – nobody smiled. ",
];

#[test]
fn a_release_on_a_later_day_is_an_embargo_without_an_hour_too() {
    let until = |issue: &str, release: &str| {
        let document = format!(
            "<nitf><head><docdata><date.issue norm='{issue}'/><date.release norm='{release}'/></docdata></head><body>\
             <body.head><hedline><hl1>Talks</hl1></hedline></body.head><body.content><p>Envoys met.</p></body.content>\
             </body></nitf>"
        );
        let mut until = None;
        read_each(document.as_bytes(), "a.xml", &Limits::default(), &mut |item| {
            until = item.reading.unwrap().article.details.embargoed;
        })
        .unwrap();
        until
    };
    for (issue, release, expected) in [
        ("20180716T060000Z", "20180717", Some("2018-07-17T00:00:00-12:00")),
        ("20180716T060000Z", "2018-07-17T09:30:00", Some("2018-07-17T09:30:00-12:00")),
        ("20180716", "20180717", Some("2018-07-17T00:00:00-12:00")),
        ("20180716T060000Z", "20180716T070000Z", Some("2018-07-16T07:00:00Z")),
        ("20180716T060000Z", "20180716", None),
        ("20180716", "20180716", None),
        ("", "20180717", None),
        ("", "20180716T070000Z", Some("2018-07-16T07:00:00Z")),
    ] {
        assert_eq!(until(issue, release).as_deref(), expected, "{issue} {release}");
    }
}

#[test]
fn an_embargo_that_cannot_be_understood_does_not_let_its_article_out() {
    let refusal = |document: &str| {
        let mut status = None;
        let whole = read_each(document.as_bytes(), "a.xml", &Limits::default(), &mut |item| {
            status = item.reading.ok().map(|reading| reading.article.details.status);
        });
        whole.err().map_or(Ok(status), |reject| Err((reject.code, reject.message)))
    };
    let nitf = |status: &str, release: &str| {
        format!(
            "<nitf><head><docdata {status}><date.issue norm='20180716T060000Z'/><date.release norm='{release}'/></docdata>\
             </head><body><body.content><p>Envoys met.</p></body.content></body></nitf>"
        )
    };
    let g2 = |status: &str, until: &str| {
        format!(
            "<newsItem guid='a'><itemMeta><embargoed>{until}</embargoed><pubStatus qcode='stat:{status}'/></itemMeta>\
             <contentSet><inlineData>Envoys met.</inlineData></contentSet></newsItem>"
        )
    };
    for said in ["soon", "99991231T235959Z"] {
        let message = format!(
            "until when it is embargoed cannot be told from \"{said}\"; expected a time with its zone, such as \
             2018-07-16T06:31:00+02:00"
        );
        let withheld = || Err((Code::Withheld, message.clone()));
        assert_eq!(refusal(&nitf("", said)), withheld());
        assert_eq!(refusal(&nitf("management-status='usable'", said)), withheld());
        assert_eq!(refusal(&nitf("management-status='embargoed'", said)), withheld());
        assert_eq!(refusal(&nitf("management-status='canceled'", said)), Ok(Some(Status::Canceled)), "it is heard");
        assert_eq!(refusal(&g2("usable", said)), withheld());
        assert_eq!(refusal(&g2("canceled", said)), Ok(Some(Status::Canceled)), "it is heard");
    }
    assert_eq!(refusal(&nitf("", "")), Ok(Some(Status::Usable)));
}

#[test]
fn an_embargo_within_an_item_of_newsml_holds_where_the_item_names_none() {
    let until = |embargoed: &str| {
        let document = format!(
            "<newsItem guid='a'><itemMeta>{embargoed}</itemMeta><contentSet><inlineXML><nitf><head><docdata>\
             <date.issue norm='20180716T060000Z'/><date.release norm='20180717T060000Z'/></docdata></head><body>\
             <body.content><p>Envoys met.</p></body.content></body></nitf></inlineXML></contentSet></newsItem>"
        );
        read(document.as_bytes(), "a.xml", &Limits::default()).unwrap().article.details.embargoed
    };
    assert_eq!(until("").as_deref(), Some("2018-07-17T06:00:00Z"));
    assert_eq!(until("<embargoed>2018-07-16T12:00:00Z</embargoed>").as_deref(), Some("2018-07-16T12:00:00Z"));
}
