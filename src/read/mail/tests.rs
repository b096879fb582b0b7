//! Messages that no mail program writes, and mailboxes of them.

use proptest::prelude::*;

use crate::error::Code;
use crate::read::{Limits, read, read_each};

const HEADER: &str = "From: The desk <desk@example.org>\nSubject: Talks\nMessage-ID: <1@example.org>\n";

fn read_mail(text: &str) -> Result<Vec<String>, Code> {
    let paragraphs = |reading: crate::read::Reading| reading.article.paragraphs().map(String::from).collect();
    read(text.as_bytes(), "a.eml", &Limits::default()).map(paragraphs).map_err(|reject| reject.code)
}

#[test]
fn a_message_is_known_by_its_name_or_its_fields() {
    let format = |text: &str, name: &str| read(text.as_bytes(), name, &Limits::default()).unwrap().format.as_str();
    assert_eq!(format(&format!("{HEADER}\nThey met."), "a.txt"), "mail");
    assert_eq!(format("Subject: Talks\n\nThey met.", "a.EML"), "mail");
    assert_eq!(format("Subject: Talks\n\nThey met.", "a.txt"), "plain");
    assert_eq!(format("From: the desk\nDate: 3 July 2018\n\nThey met.", "a.txt"), "plain");
    assert_eq!(format("From Geneva at 12:30 they left.\nNobody smiled.", "a.txt"), "plain");
}

#[test]
fn hostile_messages_are_read_or_refused_in_time() {
    let many = |part: &str, times: usize| format!("{HEADER}{}", part.repeat(times));
    for (text, expected) in [
        (many("a: b\n", 1_000_000), Code::TooLarge),
        (many("To: a@b,\n ", 1_000_000), Code::TooLarge),
        (many("Content-Type: multipart/mixed; boundary=a\n\n--a\n", 100_000), Code::TooLarge),
        (many("Content-Type: multipart/mixed; boundary=a\n\n", 1) + &"--a\n".repeat(1_000_000), Code::TooLarge),
        (many("Content-Type: text/plain;\n", 1) + &" a=b;".repeat(1_000_000), Code::TooLarge),
    ] {
        assert_eq!(read_mail(&text), Err(expected), "{}", &text[..120]);
    }
    let nested = |kind: &str| {
        let parts = (0..99).map(|i| format!("Content-Type: {kind}; boundary=b{i}e\n\n--b{i}e\n")).collect::<String>();
        read_mail(&format!("{HEADER}{parts}\n{}", "Talks\n\n".repeat(100_000)))
    };
    assert_eq!(nested("multipart/mixed").map(|all| all.len()), Ok(100_000));
    assert_eq!(nested("multipart/alternative").map(|all| all.len()), Ok(100_000));
    let forwards = "Content-Type: message/rfc822\n\n".repeat(10_000);
    let _ = read_mail(&format!("{HEADER}{forwards}They met."));
    let _ = read_mail(&many("Content-Transfer-Encoding: base64\n\n", 1).repeat(1000));
    let _ = read_mail(&format!("{HEADER}Content-Transfer-Encoding: quoted-printable\n\n{}", "=3D".repeat(1_000_000)));
    let _ = read_mail(&format!("{HEADER}\n{}", "> a:\n".repeat(1_000_000)));
    let _ = read_mail(&format!("{HEADER}\n{}", "-- \n".repeat(2_000)));
    let words = "=?utf-8?q?a?= ".repeat(100_000);
    assert_eq!(read_mail(&format!("Subject: {words}\nFrom: {words}\n\nThey met.")).map(|all| all.len()), Ok(2));
}

fn mailbox(bytes: &[u8], limits: &Limits) -> (Vec<String>, Result<(), Code>) {
    let mut found = Vec::new();
    let ended = read_each(bytes, "a", limits, &mut |item| {
        found.push(item.reading.map_or_else(|reject| reject.to_string(), |reading| reading.article.text().to_string()));
    });
    (found, ended.map_err(|reject| reject.code))
}

#[test]
fn a_message_that_is_too_long_is_refused_by_itself() {
    let one = |text: &str| format!("From a@b Mon Jul 16 06:31:00 2018\n{HEADER}\n{text}\n\n");
    let long = one(&"Talks go on. ".repeat(1000));
    let all = [one("One."), long.clone(), long, one("Two.")].concat();
    let mut packed = flate2::read::GzEncoder::new(all.as_bytes(), flate2::Compression::fast());
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut packed, &mut bytes).unwrap();
    let (found, ended) = mailbox(&bytes, &Limits { bytes: 1000, ..Limits::default() });
    let refused = "the message holds more than 1000 bytes, which is the limit (too-large)";
    assert_eq!(
        (found, ended),
        (vec!["Talks\n\nOne.".into(), refused.into(), refused.into(), "Talks\n\nTwo.".into()], Ok(()))
    );
}

#[test]
fn a_mailbox_of_from_lines_takes_no_longer_than_another() {
    let (found, _) = mailbox("From a@b 06:31 2018\na: b\n".repeat(50_000).as_bytes(), &Limits::default());
    assert_eq!(found.len(), 50_000);
    let (found, _) =
        mailbox(format!("From a@b 06:31 2018\na: b\n\n{}", "From \n".repeat(1_000_000)).as_bytes(), &Limits::default());
    assert_eq!(found.len(), 1);
}

#[test]
fn a_digest_that_ends_within_a_forwarded_message_is_refused() {
    let soup = "Content-Type: multipart/digest; boundary=\"a\"\n\n--a\n\r\nContent-Type: message/rfc822\n\n\n--a--\n";
    assert_eq!(read_mail(&format!("{HEADER}{soup}")), Err(Code::NoText));
}

#[test]
fn a_soft_break_before_a_boundary_takes_no_letter_away() {
    let multipart = |boundary: &str, text: &str| {
        let part = "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n";
        let head = format!("Content-Type: multipart/mixed; {boundary}\n\n--a");
        format!("{HEADER}{head}\n{part}\n{text}\n--a\n{part}\nThey parted=\n--a--\n")
    };
    let read = |text: &str| read_mail(&multipart("boundary=\"a\"", text));
    let expected = Ok(vec!["Talks".to_string(), "They met.".into(), "They parted".into()]);
    assert_eq!(read("They met."), expected);
    assert_eq!(read("They met.="), expected);
    assert_eq!(read("They met.= \r"), expected);
    assert_eq!(read_mail(&multipart("Boundary=a; charset=x", "They met.=")), expected);
    assert_eq!(read("=").map(|paragraphs| paragraphs.len()), Ok(2));
    let dashes = Ok(vec!["Talks".to_string(), "They met--once.".into(), "They parted".into()]);
    assert_eq!(read("They met=\n--once.="), dashes);
    let forwarded = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Transfer-Encoding: quoted-printable\nContent-Type: message/rfc822\n\n=\r\n--a";
    assert_eq!(read_mail(&format!("{HEADER}{forwarded}")), Err(Code::NoText));
}

proptest! {
    #[test]
    fn any_soup_of_mail_is_read_or_refused(
        soup in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..60),
    ) {
        let text = format!("{HEADER}{}", soup.concat());
        let first = read_mail(&text);
        if let Ok(paragraphs) = &first {
            prop_assert!(paragraphs.iter().all(|paragraph| !crate::read::is_blank(paragraph)));
        }
        prop_assert!(first != Err(Code::ParserPanic), "{}", text);
        let _ = mailbox(format!("From a@b 06:31 2018\n{text}").as_bytes(), &Limits::default());
    }
}

const SOUP: [&str; 30] = [
    "\n",
    "\n\n",
    "\r\n",
    "--a\n",
    "--a--\n",
    "--b\n",
    "Content-Type: multipart/mixed; boundary=a\n",
    "Content-Type: multipart/alternative; boundary=b\n",
    "Content-Type: multipart/digest; boundary=\"a\"\n",
    "Content-Type: message/rfc822\n",
    "Content-Type: text/html; charset=koi8-r\n",
    "Content-Type: text/plain; charset=utf-16\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Disposition: attachment; filename*0*=utf-8''a\n",
    "Subject: =?utf-8?B?VGFsa3M=?=\n",
    "From: =?x?Q?=\n",
    "From a@b 06:31 2018\n",
    ">From here\n",
    "> quoted\n",
    "On Monday he wrote:\n",
    "-- \n",
    "VGFsa3M=\n",
    "They=20met=\n",
    "<p>They met.</p>",
    "They met.\n",
    " folded\n",
    "=",
    "\u{34f}\u{200c}",
    "---------- Forwarded message ---------\n",
];

#[test]
fn a_message_id_of_white_space_is_none() {
    let guid = |id: &str| {
        let message = format!("From: a@example.org\nSubject: Talks\nMessage-ID: <{id}>\n\nEnvoys met.\n");
        read(message.as_bytes(), "a.eml", &Limits::default()).unwrap().article.details.guid
    };
    assert_eq!(guid("\u{c}\u{c}"), None);
    assert_eq!(guid("7@example.org").as_deref(), Some("7@example.org"));
}
