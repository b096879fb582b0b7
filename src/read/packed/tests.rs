//! Bombs, and what was cut off.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use crate::error::Code;
use crate::read::{Limits, read, read_each};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An archive of stored members, each with its claimed place; the places are those of the members where none is claimed.
fn zip(members: &[(&str, u16, &[u8])], all_at_the_first: bool) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, flags, bytes) in members {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let name_size = u16::try_from(name.len()).unwrap().to_le_bytes();
        let head =
            [&[20, 0][..], &flags.to_le_bytes(), &[0; 6], &crc.sum().to_le_bytes(), &size, &size, &name_size, &[0; 2]]
                .concat();
        let at = if all_at_the_first { 0 } else { u32::try_from(archive.len()).unwrap() };
        directory.extend([&b"PK\x01\x02\x14\0"[..], &head, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
        if !all_at_the_first || archive.is_empty() {
            archive.extend([&b"PK\x03\x04"[..], &head, name.as_bytes(), bytes].concat());
        }
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (start, size) = (u32::try_from(archive.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    archive.extend(directory);
    archive.extend(
        [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0; 2]].concat(),
    );
    archive
}

/// The titles or refusals of the articles, and how reading ended.
fn all(bytes: &[u8], name: &str, limits: &Limits) -> (Vec<String>, Result<(), Code>) {
    let mut found = Vec::new();
    let ended = read_each(bytes, name, limits, &mut |item| {
        found.push(match item.reading {
            Ok(reading) => reading.article.text().to_string(),
            Err(reject) => reject.to_string(),
        });
    });
    (found, ended.map_err(|reject| reject.code))
}

fn code(bytes: &[u8], limits: &Limits) -> Code {
    read(bytes, "a.txt", limits).unwrap_err().code
}

#[test]
fn a_bomb_is_refused_by_its_ratio_and_a_text_of_blanks_is_not() {
    let limits = Limits::default();
    assert_eq!(code(&gzip(&vec![b'a'; 64 << 20]), &limits), Code::Ratio);
    assert!(read(&gzip(&vec![b'a'; 6 << 20]), "a.txt", &limits).is_ok());
    let ratio = Limits { ratio: u64::MAX, ..limits };
    assert_eq!(code(&gzip(&vec![b'a'; 17 << 20]), &ratio), Code::TooLarge);
    let expanded = Limits { expanded: 5, ..limits };
    assert_eq!(code(&gzip(b"Talks."), &expanded), Code::Expanded);
    assert!(read(&gzip(b"Talks"), "a.txt", &expanded).is_ok());
}

#[test]
fn what_stands_in_what_counts_together() {
    let limits = Limits { expanded: 40, ..Limits::default() };
    let twice = gzip(&gzip(b"Talks"));
    assert_eq!(code(&twice, &Limits { expanded: 25, ..limits }), Code::Expanded);
    assert!(read(&twice, "a.txt", &limits).is_ok());
    let members = zip(&[("a.txt", 0, b"One, and twenty more."), ("b.txt", 0, b"Two, and twenty more.")], false);
    let (found, ended) = all(&members, "a.zip", &limits);
    assert_eq!((found.len(), ended), (1, Err(Code::Expanded)));
}

#[test]
fn nesting_ends() {
    let wrapped = |times| (0..times).fold(b"Talks".to_vec(), |inner, _| zip(&[("a.zip", 0, &inner)], false));
    let limits = Limits::default();
    assert_eq!(all(&wrapped(3), "a.zip", &limits), (vec!["Talks".into()], Ok(())));
    let message = "a.zip: more than 3 compressed files or archives are within each other (nesting)";
    assert_eq!(all(&wrapped(4), "a.zip", &limits), (vec![message.into()], Ok(())));
    assert_eq!(code(&gzip(b"Talks"), &Limits { nesting: 0, ..limits }), Code::Nesting);
    let deep = (0..50).fold(b"Talks".to_vec(), |inner, _| gzip(&inner));
    assert_eq!(code(&deep, &limits), Code::Nesting);
}

#[test]
fn members_that_share_their_bytes_are_a_bomb() {
    let bytes = b"Talks, and much more of the same. ".repeat(10);
    let members: Vec<_> = (0..10).map(|_| ("a.txt", 0, &bytes[..])).collect();
    assert_eq!(all(&zip(&members, true), "a.zip", &Limits::default()), (vec![], Err(Code::Ratio)));
    assert_eq!(all(&zip(&members, false), "a.zip", &Limits::default()).0.len(), 10);
}

#[test]
fn each_member_is_a_file_of_its_own() {
    let members: &[(&str, u16, &[u8])] = &[
        ("texts/", 0, b""),
        ("../../etc/a.txt", 0, b"One"),
        ("b.html", 0, b"<p>Two"),
        ("secret.txt", 1, b"Three"),
        ("texts/.hidden", 0, b"Four"),
        ("__MACOSX/c.txt", 0, b"Five"),
        ("empty.txt", 0, b""),
        ("d.jsonl", 0, b"{\"text\":\"Six\"}\n{\"text\":\"Seven\"}\n"),
    ];
    let (found, ended) = all(&zip(members, false), "a.zip", &Limits::default());
    let expected = [
        "One",
        "Two",
        "secret.txt: it is encrypted (encrypted)",
        "empty.txt: the file holds no bytes (empty)",
        "Six",
        "Seven",
    ];
    assert_eq!((found, ended), (expected.map(String::from).to_vec(), Ok(())));
    assert_eq!(code(&zip(&[("[Content_Types].xml", 0, b"<a/>")], false), &Limits::default()), Code::Binary);
    assert_eq!(code(&zip(&[], false), &Limits::default()), Code::NoText);
}

#[test]
fn a_damaged_member_is_refused_by_itself() {
    let mut archive = zip(&[("a.txt", 0, b"One"), ("b.txt", 0, b"Two")], false);
    let at = archive.windows(3).position(|bytes| bytes == b"One").unwrap();
    archive[at] = b'o';
    let (found, ended) = all(&archive, "a.zip", &Limits::default());
    assert!(found[0].starts_with("a.txt: the compressed data are damaged: "), "{found:?}");
    assert_eq!((&found[1..], ended), (&["Two".to_string()][..], Ok(())));
    archive.truncate(archive.len() - 9);
    assert_eq!(code(&archive, &Limits::default()), Code::Malformed);
}

#[test]
fn of_what_was_cut_off_the_whole_lines_stand() {
    let lines: String = (0..9).map(|i| format!("{{\"text\":\"Talks {i}\"}}\n")).collect();
    let mut stored = GzEncoder::new(Vec::new(), Compression::none());
    stored.write_all(lines.as_bytes()).unwrap();
    let stored = stored.finish().unwrap();
    let (found, ended) = all(&stored[..stored.len() - 30], "a.jsonl.gz", &Limits::default());
    assert_eq!((found.len(), ended), (7, Err(Code::Malformed)));
    assert_eq!(found[6], "Talks 6");
    let (found, ended) = all(&[gzip(lines.as_bytes()), b"garbage".to_vec()].concat(), "a.jsonl.gz", &Limits::default());
    assert_eq!((found.len(), ended), (9, Err(Code::Malformed)));
    let whole = [gzip(lines.as_bytes()), gzip(b"{\"text\":\"Ten\"}"), vec![0; 512]].concat();
    let (found, ended) = all(&whole, "a.jsonl.gz", &Limits::default());
    assert_eq!((found.len(), ended), (10, Ok(())));
    let cut = gzip(lines.as_bytes());
    let reject = read(&cut[..20], "a.txt.gz", &Limits::default()).unwrap_err();
    assert_eq!(reject.to_string(), "the compressed data end in the middle: the file was cut off (malformed)");
}

#[test]
fn lines_are_read_as_they_come_and_a_long_one_is_refused_by_itself() {
    let line = "{\"text\":\"Talks\"}\n".repeat(20_000);
    let lines = format!("{line}{{\"text\":\"{}\"}}\n{{\"text\":\"last\"}}", "a".repeat(200_000));
    let limits = Limits { bytes: 100_000, ..Limits::default() };
    let (found, ended) = all(&gzip(lines.as_bytes()), "a.jsonl.gz", &limits);
    assert_eq!((found.len(), ended), (20_002, Ok(())));
    assert_eq!(found[20_000..], ["the line holds more than 100000 bytes, which is the limit (too-large)", "last"]);
}

proptest! {
    #[test]
    fn any_packed_bytes_are_read_or_refused(bytes: Vec<u8>, cut in 0usize..60, flip in 0usize..60, magic in 0usize..3) {
        let magic: &[u8] = [&b"\x1f\x8b\x08"[..], b"\x28\xb5\x2f\xfd", b"PK\x03\x04"][magic];
        let _ = read(&[magic, &bytes].concat(), "a.txt", &Limits::default());
        for mut packed in [gzip(&bytes), zip(&[("a.txt", 0, &bytes)], false), super::zstd::packed(&bytes)] {
            prop_assert_eq!(
                read(&packed, "a.txt", &Limits::default()).map(|reading| reading.article).map_err(|reject| reject.code).is_ok(),
                read(&bytes, "a.txt", &Limits::default()).is_ok()
            );
            packed.truncate(packed.len().saturating_sub(cut));
            if let Some(byte) = packed.get_mut(flip) {
                *byte ^= 1;
            }
            let _ = read(&packed, "a.txt", &Limits::default());
        }
    }
}
