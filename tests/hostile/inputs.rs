//! The hostile inputs, made where they are wanted: none takes more than some megabytes of the disk.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::TARIFFS;

fn file(path: &Path) -> BufWriter<File> {
    BufWriter::new(File::create(path).expect("a file"))
}

fn write(path: &Path, parts: &[&[u8]]) {
    let mut file = file(path);
    parts.iter().for_each(|part| file.write_all(part).expect("a written file"));
    file.flush().expect("a written file");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("memory")
}

/// A file of this size that begins so, and of which the rest is a hole.
fn sparse(path: &Path, head: &[u8], size: u64) {
    let mut file = File::create(path).expect("a file");
    file.write_all(head).expect("a written file");
    file.seek(SeekFrom::Start(size - 1)).and_then(|_| file.write_all(b"\n")).expect("a hole");
}

/// A feed whose entities stand for each other: a thousand million words, and a file of the system.
pub(super) fn billion_laughs(path: &Path) {
    let mut entities = "<!ENTITY lol0 \"lol\"><!ENTITY file SYSTEM \"file:///etc/hostname\">".to_string();
    for level in 1..=9 {
        let inner = format!("&lol{};", level - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY lol{level} \"{inner}\">"));
    }
    let item = format!("<item><title>Laughs</title><description>{TARIFFS} &lol9; &file;</description></item>");
    let feed = format!("<?xml version=\"1.0\"?><!DOCTYPE rss [{entities}]><rss><channel>{item}</channel></rss>");
    write(path, &[feed.as_bytes()]);
}

/// A gibibyte of blanks behind a text, in a megabyte, in some kilobytes.
pub(super) fn gzip_bomb(path: &Path) {
    let blanks = gzip(&vec![b' '; 16 << 20]);
    write(path, &[&gzip(&[gzip(TARIFFS.as_bytes()), blanks.repeat(64)].concat())]);
}

/// An archive whose members have names that lead out of every folder.
pub(super) fn zip_slip(path: &Path) {
    let names =
        ["../slip.txt", "../../slip.txt", "/tmp/../slip.txt", "..\\..\\slip.txt", "a/../../../../../../slip.txt"];
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for name in names {
        let mut crc = flate2::Crc::new();
        crc.update(TARIFFS.as_bytes());
        let size = u32::try_from(TARIFFS.len()).expect("a small text").to_le_bytes();
        let name_size = u16::try_from(name.len()).expect("a short name").to_le_bytes();
        let head = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc.sum().to_le_bytes(), &size, &size, &name_size, &[0; 2]];
        let head = head.concat();
        let at = u32::try_from(archive.len()).expect("a small archive").to_le_bytes();
        directory.extend([b"PK\x01\x02\x14\0", &head[..], &[0; 10], &at, name.as_bytes()].concat());
        archive.extend([b"PK\x03\x04", &head[..], name.as_bytes(), TARIFFS.as_bytes()].concat());
    }
    let count = u16::try_from(names.len()).expect("a few").to_le_bytes();
    let place = [directory.len(), archive.len()].map(|size| u32::try_from(size).expect("small").to_le_bytes());
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &place[0], &place[1], &[0; 2]].concat();
    write(path, &[&archive, &directory, &end]);
}

/// Objects in objects, a hundred thousand of them, all closed.
pub(super) fn deep_json(path: &Path) {
    let (open, close) = ("{\"text\":".repeat(100_000), "}".repeat(100_000));
    write(path, &[open.as_bytes(), b"\"Talks\"", close.as_bytes()]);
}

/// Lists in lists, a hundred thousand of them, never closed.
pub(super) fn deep_lists(path: &Path) {
    write(path, &["[".repeat(100_000).as_bytes()]);
}

pub(super) fn deep_html(path: &Path) {
    let (open, close) = ("<div>".repeat(100_000), "</div>".repeat(100_000));
    write(path, &[b"<!DOCTYPE html><html><body>", open.as_bytes(), TARIFFS.as_bytes(), close.as_bytes()]);
}

/// Three texts in a web archive, of which the second says that it is far longer than it is.
pub(super) fn warc_lengths(path: &Path) {
    let record = |length: usize| {
        let header =
            "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/\r\nContent-Type: text/plain";
        format!("{header}\r\nContent-Length: {length}\r\n\r\n{TARIFFS}\r\n\r\n")
    };
    let records = [TARIFFS.len(), 9_999_999, TARIFFS.len()].map(record);
    write(path, &[records.concat().as_bytes()]);
}

/// Two messages, of which the second goes on for ten megabytes and does not end: no blank line, no line end.
pub(super) fn endless_mailbox(path: &Path) {
    let message = |subject: &str| {
        let from = "From desk@example.org Mon Jul 16 06:30:00 2018\nFrom: The desk <desk@example.org>";
        format!("{from}\nSubject: {subject}\nMessage-ID: <{subject}@example.org>\n\n{TARIFFS}\n")
    };
    let endless = "From here on it rained, and so it went for days.\nFrom ".repeat(180_000);
    write(path, &[message("a").as_bytes(), message("b").as_bytes(), endless.as_bytes()]);
}

/// Forty messages, each with a picture of a megabyte and a half.
pub(super) fn large_mailbox(path: &Path) {
    let mut file = file(path);
    let picture = ("QUFB".repeat(18) + "\n").repeat(21_000);
    for n in 0..40 {
        let header = "From desk@example.org Mon Jul 16 06:30:00 2018\nFrom: The desk <desk@example.org>";
        let parts =
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain\n";
        let attached = "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n";
        write!(file, "{header}\nSubject: Tariffs {n}\n{parts}\n{TARIFFS}\n{attached}\n{picture}--b--\n\n")
            .expect("a written file");
    }
    file.flush().expect("a written file");
}

/// A page that is UTF-8 with a byte order mark, and says three times that it is something else.
pub(super) fn charset_lies(path: &Path) {
    let head = "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE html><meta charset='shift_jis'>\
        <meta http-equiv='Content-Type' content='text/html; charset=no-such-charset'>";
    write(path, &[b"\xef\xbb\xbf", head.as_bytes(), "<title>Zölle</title><p>".as_bytes(), TARIFFS.as_bytes()]);
}

pub(super) fn nuls(path: &Path) {
    write(path, &[TARIFFS.as_bytes(), &vec![0; 1 << 20]]);
}

pub(super) fn two_gigabytes(path: &Path) {
    sparse(path, TARIFFS.as_bytes(), 2 << 30);
}

pub(super) fn many_items(path: &Path) {
    let mut file = file(path);
    let mut put = |text: String| file.write_all(text.as_bytes()).expect("a written file");
    put("<rss version='2.0'><channel>".into());
    (0..100_000).for_each(|n| put(format!("<item><title>Rain {n}</title><description>It fell.</description></item>")));
    put("</channel></rss>".into());
    file.flush().expect("a written file");
}

/// A JSON line of a gigabyte, nearly all of it a hole.
pub(super) fn long_line(path: &Path) {
    sparse(path, b"{\"text\":\"", 1_000_000_000);
}

/// A JSON line of a gigabyte and an ordinary one below it, which shrink no further than news may.
pub(super) fn packed_line(path: &Path) {
    // A block shrinks to an eightieth: what is random in it does not shrink, and all else is one letter.
    const BLOCK: usize = 1 << 20;
    const RANDOM: usize = 22_000;
    let mut seed = 1u64;
    let mut random = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        b"0123456789abcdef"[(seed >> 60) as usize]
    };
    let block: Vec<u8> = (0..BLOCK).map(|at| if at < RANDOM { random() } else { b'a' }).collect();
    let block = gzip(&block);
    let last = format!("\"}}\n{}\n", serde_json::json!({ "title": "Talks", "text": TARIFFS }));
    write(path, &[&gzip(b"{\"text\":\""), &block.repeat(1_000_000_000 / BLOCK), &gzip(last.as_bytes())]);
}

/// A paragraph with a million attributes.
pub(super) fn attributes(path: &Path) {
    let mut file = file(path);
    file.write_all(b"<nitf><body><body.content><p").expect("a written file");
    (0..1_000_000).for_each(|n| write!(file, " a{n}=''").expect("a written file"));
    file.write_all(b">Envoys met.</p></body.content></body></nitf>")
        .and_then(|()| file.flush())
        .expect("a written file");
}
