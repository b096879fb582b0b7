//! What a message says itself, without what mail programs and newsletters put around it.
//!
//! Quoted lines (`>`) repeat another message and are left out with the line that leads to them, unless nothing else is there:
//! then they are the message. What was forwarded between a marker and its header fields is kept, because that is how desks pass
//! on news.

use crate::article::Article;
use crate::read::{is_invisible, plain};

/// Lines below a `-- ` that still are a signature.
const SIGNATURE: usize = 12;

/// The paragraphs of a plain body.
pub(super) fn of_text(text: &str) -> Vec<String> {
    let lines: Vec<&str> = without_signature(text.lines().collect());
    let own = without_quotes(&lines);
    let is_own = own.iter().any(|line| !is_furniture(line));
    let kept = if is_own { own } else { lines.iter().map(|line| line.trim_start_matches(['>', ' '])).collect() };
    let mut is_carried = false;
    let kept = kept.into_iter().map(|line| {
        // The fields after the marker go with it, up to the blank line.
        let is_field = is_carried && line.split_once(':').is_some_and(|(name, _)| !name.contains(' '));
        is_carried = is_forward(line) || is_carried && (is_field || line.starts_with([' ', '\t']));
        if is_carried || is_furniture(line) { "" } else { line }
    });
    let text = kept.collect::<Vec<_>>().join("\n");
    plain::read(text.into()).paragraphs().map(String::from).collect()
}

/// The paragraphs of a page that a message brought.
pub(super) fn of_page(page: &Article) -> Vec<String> {
    let paragraphs = page.paragraphs().map(|paragraph| paragraph.trim_matches(is_padding));
    let mut paragraphs: Vec<_> = paragraphs.filter(|paragraph| !is_furniture(paragraph)).map(String::from).collect();
    // A heading that was parted from its page by padding stands there twice.
    paragraphs.dedup();
    paragraphs
}

/// The page without its title, which says what the newsletter is called; what the message is about its subject says.
pub(super) fn without_title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let span = lower.find("<title").and_then(|from| Some((from, from + lower.get(from..)?.find("</title>")?)));
    match span.and_then(|(from, to)| Some((page.get(..from)?, page.get(to..)?))) {
        Some((before, after)) => [before, after].concat(),
        None => page.into(),
    }
}

/// The lines above the last `-- `, where what is below is short enough to be a signature. The blank may have been lost.
fn without_signature(mut lines: Vec<&str>) -> Vec<&str> {
    let last = lines.iter().rposition(|line| matches!(*line, "-- " | "--"));
    if let Some(at) = last.filter(|at| lines.len() - at <= SIGNATURE + 1) {
        lines.truncate(at);
    }
    lines
}

/// The lines that are no quotation, nor lead to one (“On Monday … wrote:”).
fn without_quotes<'t>(lines: &[&'t str]) -> Vec<&'t str> {
    /// Lines that lead to a quotation, at most.
    const LEAD: usize = 3;
    let mut own: Vec<&str> = Vec::with_capacity(lines.len());
    let mut is_quoted = false;
    for line in lines {
        let quotes = line.starts_with('>');
        if quotes && !is_quoted {
            let end = own.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
            let lead = own.iter().take(end).rev().take_while(|line| !line.trim().is_empty()).take(LEAD + 1).count();
            if lead <= LEAD && own.get(..end).and_then(<[_]>::last).is_some_and(|line| line.trim_end().ends_with(':')) {
                own.truncate(end - lead);
            }
        }
        own.push(if quotes { "" } else { line });
        is_quoted = quotes;
    }
    own
}

/// Whether a line says that what follows was forwarded.
fn is_forward(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c == '-' || c == ':' || c.is_whitespace());
    ["Forwarded message", "Begin forwarded message", "Original Message"]
        .iter()
        .any(|known| line.eq_ignore_ascii_case(known))
}

/// Whether a line or paragraph is no part of the text: white space in disguise, a bare address, or an offer to show the message
/// elsewhere.
fn is_furniture(text: &str) -> bool {
    /// Bytes of such an offer, at most.
    const OFFER: usize = 160;
    const OFFERS: [&str; 9] = [
        "in your browser",
        "in a browser",
        "in browser",
        "in a web browser",
        "view online",
        "read online",
        "web version",
        "trouble viewing",
        "email not displaying",
    ];
    if !text.chars().any(char::is_alphanumeric) {
        return true;
    }
    let bare = text.trim_matches(|c: char| matches!(c, '<' | '>' | '[' | ']' | '(' | ')') || is_padding(c));
    if ["http://", "https://"].iter().any(|scheme| bare.starts_with(scheme)) && !bare.contains(char::is_whitespace) {
        return true;
    }
    let lower = if text.len() <= OFFER { text.to_lowercase() } else { String::new() };
    OFFERS.iter().any(|offer| lower.contains(offer))
}

/// What newsletters pad their preview with, so that nothing else is shown in it.
fn is_padding(c: char) -> bool {
    is_invisible(c) || matches!(c, '\u{34f}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_quotations_go_with_what_leads_to_them() {
        let text = "Envoys met on Monday.\n\nOn Sunday, the desk\nwrote:\n\n> They may meet.\n>> Or not.\n\nThey parted.\n-- \nThe desk\n";
        assert_eq!(of_text(text), ["Envoys met on Monday.", "They parted."]);
        let long = format!("One.\n--\n{}", "Two.\n\n".repeat(SIGNATURE));
        assert_eq!(of_text(&long).len(), SIGNATURE + 1, "too much for a signature");
    }

    #[test]
    fn what_is_only_quoted_or_forwarded_is_the_message() {
        assert_eq!(of_text("> Envoys met.\n>\n> They parted.\n"), ["Envoys met.", "They parted."]);
        let text = "FYI\n\n---------- Forwarded message ---------\nFrom: The desk <desk@example.org>\nSubject: Talks\n \nEnvoys met: both.\n";
        assert_eq!(of_text(text), ["FYI", "Envoys met: both."]);
    }

    #[test]
    fn furniture_is_left_out() {
        let text = "View this email in your browser\nhttps://example.org/a?b=c\n<https://example.org>\n\u{34f}\u{200c}\u{a0}\n* * *\n\nEnvoys met.\n";
        assert_eq!(of_text(text), ["Envoys met."]);
        assert_eq!(
            without_title("<head><TITLE>Daily</Title></head><p>One."),
            "<head></title></head><p>One.".replace("</title>", "</Title>")
        );
    }
}
