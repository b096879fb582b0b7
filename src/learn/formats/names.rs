//! Labels of other tools as ours.

use crate::learn::names;

/// The label by which a tool that wants one says that there is no topic.
pub(in crate::learn) const NONE: &str = "none";

/// One label, written as ours are: `Arms Control` and `arms_control` are `arms-control`.
///
/// # Errors
/// What was found and what was expected, where it is no label even so.
pub(super) fn label(written: &str) -> Result<String, String> {
    let hyphen = |c: char| if c.is_whitespace() || c == '_' { '-' } else { c.to_ascii_lowercase() };
    let label: String = written.trim().chars().map(hyphen).collect();
    // Said of what was written, which is what can be found and mended.
    let said = |message: String| message.replacen(&format!("{label:?}"), &format!("{written:?}"), 1);
    names::check(std::slice::from_ref(&label)).map_err(said)?;
    Ok(label)
}

/// All labels of one text; none where they are `none`.
///
/// # Errors
/// As [`label`]; and where one stands twice, or `none` or `boilerplate` beside others.
pub(super) fn labels<'a>(written: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let mut labels = written.into_iter().map(label).collect::<Result<Vec<_>, _>>()?;
    names::check(&labels)?;
    if labels.iter().any(|label| label == NONE) {
        if labels.len() > 1 {
            return Err(format!("{NONE} stands with topics in {labels:?}; expected it alone"));
        }
        labels.clear();
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_written_as_ours_are() {
        assert_eq!(labels(["Arms Control", "north_korea"]), Ok(vec!["arms-control".into(), "north-korea".into()]));
        assert_eq!(labels(["None"]), Ok(vec![]));
        assert_eq!(labels([]), Ok(vec![]));
        let said = |written: &[&str]| labels(written.iter().copied()).expect_err("a fault");
        assert_eq!(
            said(&["Trade", "trade"]),
            r#""trade" stands twice in ["trade", "trade"]; expected each label once"#
        );
        assert_eq!(said(&["trade", "none"]), r#"none stands with topics in ["trade", "none"]; expected it alone"#);
        assert!(said(&["boilerplate", "trade"]).starts_with("boilerplate stands with topics"));
        assert!(said(&["2"]).starts_with(r#""2" is no label; expected lower-case letters"#), "{}", said(&["2"]));
        assert!(said(&["Öl"]).starts_with(r#""Öl" is no label; expected lower-case letters"#), "{}", said(&["Öl"]));
    }
}
