//! Who wrote an article, as records name them.

use super::{is_blank, on_one_line};

/// A byline on one line, without the word that says that it is one; nothing where it is blank.
pub(super) fn name(byline: &str) -> Option<String> {
    let line = on_one_line(byline);
    let by = line.split_at_checked(3).filter(|(by, _)| by.eq_ignore_ascii_case("by "));
    Some(by.map_or(line.as_str(), |(_, name)| name).to_string()).filter(|name| !is_blank(name))
}

/// Several as one; nothing where there are none.
pub(super) fn names<'b>(bylines: impl IntoIterator<Item = &'b str>) -> Option<String> {
    let names: Vec<String> = bylines.into_iter().filter_map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_before_a_name_is_no_part_of_it() {
        for (byline, expected) in [
            ("By A. Reporter", Some("A. Reporter")),
            ("BY  A. Reporter\n and B. Writer", Some("A. Reporter and B. Writer")),
            ("Byron Example", Some("Byron Example")),
            (" ", None),
        ] {
            assert_eq!(name(byline).as_deref(), expected, "{byline}");
        }
        assert_eq!(names(["By A. Reporter", "", "B. Writer"]).as_deref(), Some("A. Reporter, B. Writer"));
        assert_eq!(names(["\t"]), None);
    }
}
