//! The bytes by which stories outlive the program.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use disputed::Status;
use disputed::story::journal::{HEADER, Whole, read};
use disputed::story::{Entry, Guid, Reach, Stories};
use proptest::prelude::*;

use super::{id, of_words, words};

fn entry(n: usize) -> Entry {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(n as u64);
    let entry = Entry::new(id(n), id(n / 2).into(), at, of_words(&words(n as u64, 100)));
    let standing = [Status::Usable, Status::Withheld, Status::Canceled][n % 3];
    entry.known_as(Guid::of(&format!("urn:{n}"), ""), Some(n as u32), standing)
}

fn journal<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<u8> {
    HEADER.into_iter().chain(entries.into_iter().flat_map(Entry::to_bytes)).collect()
}

fn read_all(bytes: impl Read) -> io::Result<(Vec<Entry>, Whole)> {
    let mut entries = Vec::new();
    let whole = read(bytes, |entry| entries.push(entry))?;
    Ok((entries, whole))
}

/// What a disk gives at its worst: one byte a time, with interruptions.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        let end = buffer.len().min(1);
        if self.1 { self.0.read(&mut buffer[..end]) } else { Err(io::ErrorKind::Interrupted.into()) }
    }
}

#[test]
fn a_journal_restores_what_was_remembered() {
    let now = SystemTime::UNIX_EPOCH;
    let mut stories = Stories::new(Reach { articles: 5, ..Reach::default() });
    let all: Vec<Entry> = (0..12).map(entry).collect();
    all.iter().for_each(|entry| stories.remember(entry));
    let compact = journal(stories.entries(now));
    assert_eq!(compact, journal(&all[7..]), "the live window and nothing else");

    let mut restored = Stories::new(Reach { articles: 5, ..Reach::default() });
    let whole = read(compact.as_slice(), |entry| restored.remember(&entry)).expect("a journal");
    assert_eq!(whole, Whole { entries: 5, bytes: compact.len() as u64 });
    for entry in &all {
        assert_eq!(restored.find(entry.signature(), now), stories.find(entry.signature(), now));
    }
}

#[test]
fn a_torn_header_is_written_anew_and_another_version_is_refused() {
    for length in 0..HEADER.len() {
        assert_eq!(read_all(&HEADER[..length]).expect("a torn one"), (vec![], Whole::default()));
    }
    for other in ["disputedstory/2\n", "disputedstory/1 and more", "x"] {
        let error = read_all(other.as_bytes()).expect_err("another version");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

#[test]
fn zeros_after_a_power_cut_are_no_entries() {
    let mut bytes = journal(&[entry(1)]);
    let length = bytes.len() as u64;
    bytes.resize(4096, 0);
    let (entries, whole) = read_all(bytes.as_slice()).expect("a journal");
    assert_eq!((entries, whole), (vec![entry(1)], Whole { entries: 1, bytes: length }));
}

#[test]
fn an_entry_has_the_same_bytes_on_every_machine() {
    // Whoever changes this changes what journals of before say: it takes another version in the header.
    let digest = blake3::hash(&journal(&[entry(1), entry(2)])).to_hex();
    assert_eq!(&digest[..16], "c64f5d8dda24fc16");
}

proptest! {
    #[test]
    fn any_cut_reads_back_a_prefix(count in 0usize..5, cut in 0.0..=1.0f64) {
        let entries: Vec<Entry> = (0..count).map(entry).collect();
        let bytes = journal(&entries);
        let cut = (bytes.len() as f64 * cut) as usize;
        let whole = cut.saturating_sub(HEADER.len()) / Entry::BYTES;
        let length = if cut < HEADER.len() { 0 } else { HEADER.len() + whole * Entry::BYTES };
        let expected = (entries[..whole].to_vec(), Whole { entries: whole as u64, bytes: length as u64 });
        prop_assert_eq!(read_all(&bytes[..cut]).expect("a journal"), expected.clone());
        prop_assert_eq!(read_all(Slow(&bytes[..cut], false)).expect("a journal"), expected);
    }

    #[test]
    fn one_wrong_bit_ends_the_journal_before_it(count in 1usize..5, place in 0.0..1.0f64, bit in 0u8..8) {
        let entries: Vec<Entry> = (0..count).map(entry).collect();
        let mut bytes = journal(&entries);
        let at = HEADER.len() + ((bytes.len() - HEADER.len()) as f64 * place) as usize;
        bytes[at] ^= 1 << bit;
        let whole = (at - HEADER.len()) / Entry::BYTES;
        let length = HEADER.len() + whole * Entry::BYTES;
        let expected = (entries[..whole].to_vec(), Whole { entries: whole as u64, bytes: length as u64 });
        prop_assert_eq!(read_all(bytes.as_slice()).expect("a journal"), expected);
    }

    #[test]
    fn garbage_is_no_panic(garbage in prop::collection::vec(any::<u8>(), 0..1000), headed: bool) {
        let bytes: Vec<u8> = if headed { HEADER.into_iter().chain(garbage).collect() } else { garbage };
        if let Ok((entries, whole)) = read_all(bytes.as_slice()) {
            prop_assert_eq!(entries, []);
            prop_assert!(whole.bytes <= bytes.len() as u64);
        }
    }

    #[test]
    fn entries_of_garbage_are_taken_and_asked_without_a_panic(body in prop::collection::vec(any::<u8>(), 168), standing in 0u8..3) {
        let mut body = body;
        body[164..].copy_from_slice(&[standing, 0, 0, 0]);
        let sum = blake3::hash(&body);
        let bytes: Vec<u8> = body.into_iter().chain(sum.as_bytes()[..8].iter().copied()).collect();
        let forged = Entry::from_bytes(bytes.as_slice().try_into().expect("an entry's length")).expect("its checksum");
        prop_assert_eq!(forged.to_bytes().to_vec(), bytes);
        let mut stories = Stories::new(Reach { articles: 3, ..Reach::default() });
        stories.remember(&forged);
        for asked in [forged.signature(), entry(1).signature()] {
            if let Some(found) = stories.find(asked, forged.at()) {
                prop_assert!((0.0..=1.0).contains(&found.similarity));
            }
        }
    }
}
