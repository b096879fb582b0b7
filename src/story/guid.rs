//! What a publisher knows an article by.

/// A publisher's name for an article, whatever its version: 64 bits of its BLAKE3 digest.
///
/// ```
/// use disputed::story::Guid;
/// // A URI, or an address such as that of an e-mail, means the same thing everywhere.
/// assert_eq!(Guid::of("urn:newsml:example.com:20180716:talks", "wire"), Guid::of("urn:newsml:example.com:20180716:talks", "desk"));
/// // A mere number is unique where it came from.
/// assert_ne!(Guid::of("4711", "wire"), Guid::of("4711", "desk"));
/// assert_eq!(Guid::of(" 4711 ", "wire"), Guid::of("4711", "wire"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guid(pub(super) u64);

impl Guid {
    /// Of the name as it is written; `place` tells where it came from, where it may not be the only one of its kind.
    pub fn of(name: &str, place: &str) -> Guid {
        let name = name.trim();
        let mut hasher = blake3::Hasher::new();
        hasher.update(name.as_bytes());
        if !name.contains([':', '@']) {
            hasher.update(&[0]).update(place.as_bytes());
        }
        let mut digits = [0; 8];
        digits.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, &byte)| *to = byte);
        // Nought is no name.
        Guid(u64::from_le_bytes(digits).max(1))
    }
}
