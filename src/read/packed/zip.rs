//! The members of a zip archive, each a file of its own name and format. The only home of rawzip.
//!
//! Nothing is written, so that no name is a danger.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::meter::Metered;
use super::zstd;
use crate::error::{Code, Reject};
use crate::read::items::Items;
use crate::read::window::Window;

/// The articles in the members of an archive; those that cannot be read are refused by themselves.
pub(super) fn each(archive: &[u8], nesting: usize, items: &mut Items) -> Result<(), Reject> {
    let archive = ZipArchive::from_slice(archive).map_err(malformed)?;
    check(&archive)?;
    for member in archive.entries() {
        let member = member.map_err(malformed)?;
        let name = String::from_utf8_lossy(member.file_path().as_ref()).into_owned();
        if !member.is_dir() && !is_hidden(&name) {
            let read = self::member(&archive, &member, &name, nesting, items);
            read.or_else(|reject| refuse(reject, &name, items))?;
        }
    }
    Ok(())
}

/// Refuses one member, and with it the archive only where that is what the limits are for.
fn refuse(reject: Reject, name: &str, items: &mut Items) -> Result<(), Reject> {
    match reject.code {
        Code::TooMany | Code::Expanded | Code::Ratio => Err(reject),
        code => items.add(name.as_bytes(), || Err(Reject::new(code, format!("{name}: {}", reject.message)))),
    }
}

/// What can be said of an archive before any member is read.
fn check(archive: &ZipSliceArchive<&[u8]>) -> Result<(), Reject> {
    let mut packed: u64 = 0;
    for member in archive.entries() {
        let member = member.map_err(malformed)?;
        let path = member.file_path();
        if OFFICE.contains(&path.as_ref()) {
            let message = "the file is no archive of texts: it is an office document, a book or a program";
            return Err(Reject::new(Code::Binary, message));
        }
        packed = packed.saturating_add(member.compressed_size_hint());
    }
    let bytes = archive.get_ref().len() as u64;
    if packed > bytes {
        let message = format!(
            "its members take {packed} bytes together, and the archive has {bytes}: they lie over each other, as in a bomb"
        );
        return Err(Reject::new(Code::Ratio, message));
    }
    Ok(())
}

/// The members by which archives are known that are documents: those of Microsoft, of OpenDocument and EPUB, and of Java.
const OFFICE: [&[u8]; 3] = [b"[Content_Types].xml", b"mimetype", b"META-INF/MANIFEST.MF"];

/// Whether it is what systems leave beside the files that they pack.
fn is_hidden(name: &str) -> bool {
    let is_hidden = |part: &str| part == "__MACOSX" || part.starts_with('.') && !matches!(part, "." | "..");
    name.split(['/', '\\']).any(is_hidden)
}

fn member(
    archive: &ZipSliceArchive<&[u8]>,
    member: &ZipFileHeaderRecord,
    name: &str,
    nesting: usize,
    items: &mut Items,
) -> Result<(), Reject> {
    if member.flags().is_encrypted() {
        return Err(Reject::new(Code::Encrypted, "it is encrypted"));
    }
    let entry = archive.get_entry(member.wayfinder()).map_err(malformed)?;
    let decoder: Box<dyn Read> = match member.compression_method() {
        CompressionMethod::STORE => Box::new(entry.data()),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(entry.data())),
        CompressionMethod::ZSTD => Box::new(zstd::Frames::new(entry.data())),
        other => {
            let message = format!("it is compressed by method {other}, and only deflate and zstd are read");
            return Err(Reject::new(Code::Malformed, message));
        }
    };
    let mut expanded = Metered::new(entry.verifying_reader(decoder), items.meter());
    let mut window = Window::over(&mut expanded);
    crate::read::each(&mut window, name, nesting, items)
}

fn malformed(error: rawzip::Error) -> Reject {
    Reject::new(Code::Malformed, format!("the zip archive is damaged or cut off: {error}"))
}
