//! The header of a record or of an answer: a line that says what it is, and fields below.

/// The bytes of such a header.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The value of the first field of this name, in whatever case.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let lines = self.0.split(|byte| *byte == b'\n').skip(1);
        lines.filter_map(|line| line.split_at_checked(name.len())).find_map(|(start, rest)| {
            let value = rest.strip_prefix(b":").filter(|_| start.eq_ignore_ascii_case(name.as_bytes()))?;
            std::str::from_utf8(value).ok().map(str::trim)
        })
    }
}
