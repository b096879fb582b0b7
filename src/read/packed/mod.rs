//! What is compressed: gzip, zstd, and the members of zip archives, as streams that are stopped where they cost too much.

mod gzip;
mod meter;
mod zip;
mod zstd;

use std::io::{BufRead, Read};

pub(super) use meter::Meter;
use meter::Metered;

use super::format::ends_in;
use super::items::Items;
use super::window::{Window, reject_of};
use crate::error::{Code, Reject};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// How a file is packed that begins like this.
    pub(super) fn of(bytes: &[u8]) -> Option<Packing> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            // The second is that of a frame to be passed over, which may come first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
            // The second is that of an archive without a member.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Packing::Zip),
            _ => None,
        }
    }
}

/// The articles in a packed file, which may be packed itself for `nesting` times.
pub(super) fn each(
    packing: Packing,
    input: &mut Window,
    name: &str,
    nesting: usize,
    items: &mut Items,
) -> Result<(), Reject> {
    let Some(nesting) = nesting.checked_sub(1) else {
        let limit = items.limits().nesting;
        let message = format!("more than {limit} compressed files or archives are within each other");
        return Err(Reject::new(Code::Nesting, message));
    };
    if packing == Packing::Zip {
        let archive = input.rest(items.limits().bytes)?;
        return zip::each(archive, nesting, items);
    }
    let mut expanded = Metered::new(unpacked(packing, input), items.meter());
    let read = super::each(&mut Window::over(&mut expanded), inner_name(name), nesting, items);
    drop(expanded);
    // A decoder that gets no more bytes does not say why.
    input.whole().and(read)
}

/// What a body holds that is packed like this, at most `most` bytes.
pub(super) fn expand(packing: Packing, body: &[u8], meter: &Meter, most: u64) -> Result<Vec<u8>, Reject> {
    let mut expanded = Vec::new();
    let mut body = body;
    Metered::new(unpacked(packing, &mut body), meter)
        .take(most.saturating_add(1))
        .read_to_end(&mut expanded)
        .map_err(reject_of)?;
    if expanded.len() as u64 > most { Err(Reject::too_large(expanded.len() as u64, most)) } else { Ok(expanded) }
}

fn unpacked<'i>(packing: Packing, input: &'i mut dyn BufRead) -> Box<dyn Read + 'i> {
    match packing {
        Packing::Zstd => Box::new(zstd::Frames::new(input)),
        _ => Box::new(gzip::Members::new(input)),
    }
}

/// The name without the ending that says how it is packed.
fn inner_name(name: &str) -> &str {
    const ENDINGS: [&str; 4] = ["gz", "gzip", "zst", "zstd"];
    name.rsplit_once('.').filter(|_| ends_in(name, &ENDINGS)).map_or(name, |(inner, _)| inner)
}

#[cfg(test)]
mod tests;
