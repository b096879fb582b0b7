//! The day or the moment of publication, from metadata or a byline.

use crate::error::{Code, Reject};

/// The moment that a time in one of the common forms names, as RFC 3339 writes it with the zone that was given; nothing
/// without a zone.
///
/// Taken are ISO 8601 with or without hyphens and colons (`2018-07-16T06:31:00.5+03:00`, `20180716T063100Z`) and the times of
/// e-mail and RSS (`Mon, 16 Jul 2018 06:31:00 +0300`, `… GMT`).
pub(super) fn moment(text: &str) -> Option<String> {
    let text = text.trim();
    let (day, rest) = compact(text).or_else(|| {
        let day = day(text)?;
        // The time follows the day: in figures right after a T or a blank, in words after the year.
        let year = day.get(..4)?;
        let after = if numeric(text).is_some() { 10 + first_figure(text)? } else { text.find(year)? + 4 };
        Some((day, text.get(after..)?))
    })?;
    let (time, zone) = time(rest.trim_start_matches(['T', 't', ' ', ',']))?;
    Some(format!("{day}T{time}{}", offset(zone.trim())?))
}

/// The moment, or else the day that a text names; it may be written without hyphens, where there is nothing else.
pub(super) fn moment_or_day(text: &str) -> Option<String> {
    moment(text).or_else(|| compact(text.trim()).map(|(day, _)| day)).or_else(|| day(text))
}

/// When a moment is that [`moment`] wrote, in seconds since 1970.
pub(crate) fn seconds_since_1970(moment: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| figures(moment.as_bytes().get(range)?).map(i64::from);
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let of_day = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let zone = match moment.as_bytes().get(19)? {
        b'+' => number(20..22)? * 3600 + number(23..25)? * 60,
        b'-' => -(number(20..22)? * 3600 + number(23..25)? * 60),
        _ => 0,
    };
    // Years are counted from March, so that a leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    /// From 1 March of the year 0 to 1 January 1970.
    const TO_1970: i64 = 719_468;
    Some((days - TO_1970) * 86_400 + of_day - zone)
}

/// The moment until which an article is embargoed.
///
/// # Errors
/// It is none: then nobody can tell when the article may be published, so it may not be.
pub(super) fn embargo(text: &str) -> Result<String, Reject> {
    moment(text).ok_or_else(|| endless(&format!("{:?}", super::on_one_line(text))))
}

/// The refusal of an article whose embargo has no end that can be told; `said` is what stands there for it.
pub(super) fn endless(said: &str) -> Reject {
    /// The characters of it that are shown: more than a time has.
    const SHOWN: usize = 80;
    let (said, dots) = said.char_indices().nth(SHOWN).map_or((said, ""), |(at, _)| (said.split_at(at).0, "…"));
    let expected = "expected a time with its zone, such as 2018-07-16T06:31:00+02:00";
    Reject::new(Code::Withheld, format!("until when it is embargoed cannot be told from {said}{dots}; {expected}"))
}

/// A day without hyphens, alone or before a T, and what follows it.
fn compact(text: &str) -> Option<(String, &str)> {
    let (day, rest) = text.split_at_checked(8)?;
    let part = |range: std::ops::Range<usize>| figures(day.as_bytes().get(range)?);
    (rest.is_empty() || rest.starts_with('T')).then_some(())?;
    Some((valid(part(0..4), part(4..6), part(6..8))?, rest))
}

fn first_figure(text: &str) -> Option<usize> {
    text.bytes().position(|byte| byte.is_ascii_digit())
}

/// Hours and minutes, and seconds where they are given, as `HH:MM:SS`; and what follows.
fn time(text: &str) -> Option<(String, &str)> {
    let mut rest = text;
    let mut two = |most: u32| {
        let (number, after) = rest.split_at_checked(2)?;
        let number = figures(number.as_bytes()).filter(|number| *number <= most)?;
        rest = after.strip_prefix(':').unwrap_or(after);
        Some(number)
    };
    let (hours, minutes) = (two(23)?, two(59)?);
    let seconds = two(60).unwrap_or(0);
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    Some((format!("{hours:02}:{minutes:02}:{:02}", seconds.min(59)), rest))
}

/// A zone as RFC 3339 writes it.
fn offset(zone: &str) -> Option<String> {
    const UTC: [&str; 4] = ["Z", "GMT", "UTC", "UT"];
    if UTC.iter().any(|utc| zone.eq_ignore_ascii_case(utc)) {
        return Some("Z".into());
    }
    // What e-mail may name by letters (RFC 5322, section 4.3).
    const NAMED: [(&str, &str); 8] = [
        ("EST", "-05:00"),
        ("EDT", "-04:00"),
        ("CST", "-06:00"),
        ("CDT", "-05:00"),
        ("MST", "-07:00"),
        ("MDT", "-06:00"),
        ("PST", "-08:00"),
        ("PDT", "-07:00"),
    ];
    if let Some((_, offset)) = NAMED.iter().find(|(name, _)| zone.eq_ignore_ascii_case(name)) {
        return Some((*offset).into());
    }
    let sign = zone.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    // A comment may follow in e-mail.
    let figures_of_it: String = zone.get(1..)?.split(' ').next()?.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = figures_of_it.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { "00" } else { minutes };
    let valid = figures(hours.as_bytes()).is_some_and(|h| h <= 14)
        && minutes.len() == 2
        && figures(minutes.as_bytes()).is_some_and(|m| m <= 59);
    valid.then(|| format!("{sign}{hours}:{minutes}"))
}

/// The first day that a text names beyond doubt, as `YYYY-MM-DD`.
///
/// Taken are `2018-07-16` (with or without a time after it), `2018/07/16`, `16 July 2018` and `July 16, 2018`, months in
/// English, whole or abbreviated. `07/08/2018` is two days at once and is not taken.
pub(super) fn day(text: &str) -> Option<String> {
    numeric(text).or_else(|| worded(text))
}

/// The day in one line of a plain text, if that line is a byline or dateline.
///
/// A day in running text is when something happened, not when it was reported; the same goes for sentences, captions, and
/// the lines under a quoted tweet. So a line must say that it is a byline, or hold little beside its day.
pub(super) fn byline_day(line: &str) -> Option<String> {
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let line = line.trim_matches(super::is_invisible);
    let long = line.chars().nth(BYLINE).is_some();
    let quoted = line.starts_with(['—', '–', '-', '“', '"']) || line.contains('@');
    let sentence = line.ends_with(['.', '!', '?', '”', '"', ':']) && !line.ends_with(".m.");
    let wordy = words(line).nth(WORDS).is_some() && !is_labelled(line);
    if long || quoted || sentence || wordy { None } else { day(line) }
}

/// Whether a line says that it is a byline: it opens with one of the words for that, is short, and no sentence.
pub(super) fn is_byline(line: &str) -> bool {
    let line = line.trim_matches(super::is_invisible);
    is_labelled(line) && line.chars().nth(BYLINE).is_none() && !line.ends_with(['.', '!', '?', '”', '"', ':'])
}

/// Whether it opens with a word that bylines open with.
fn is_labelled(line: &str) -> bool {
    words(line).next().is_some_and(|first| LABELS.iter().any(|label| first.eq_ignore_ascii_case(label)))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The characters that a byline has at most.
const BYLINE: usize = 120;

/// The words, the figures of the day among them, that a line has at most which does not say that it is a byline: enough
/// for a place, an agency, the weekday and the hour.
const WORDS: usize = 8;

/// The words that a byline opens with.
const LABELS: [&str; 6] = ["by", "published", "posted", "updated", "last", "date"];

const MONTHS: &str = "january february march april may june july august september october november december";

/// Year, month and day, all in figures, joined twice by the same hyphen or slash.
fn numeric(text: &str) -> Option<String> {
    let mut before = b' ';
    for (at, window) in text.as_bytes().windows(10).enumerate() {
        let starts = !before.is_ascii_digit();
        before = window.first().copied().unwrap_or(b' ');
        let ends = !text.as_bytes().get(at + 10).is_some_and(u8::is_ascii_digit);
        let &[y1, y2, y3, y4, one, m1, m2, two, d1, d2] = window else { continue };
        if starts && ends && one == two && matches!(one, b'-' | b'/') {
            let found = valid(figures(&[y1, y2, y3, y4]), figures(&[m1, m2]), figures(&[d1, d2]));
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// A month by its name, with the day before or after it, and then the year.
fn worded(text: &str) -> Option<String> {
    let words: Vec<&str> = words(text).collect();
    words.windows(3).find_map(|window| {
        let &[first, second, year] = window else { return None };
        let (month, day) = match month(first) {
            Some(month) => (month, second),
            None => (month(second)?, first),
        };
        let day = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
        let year = if year.len() == 4 { figures(year.as_bytes()) } else { None };
        let day = if day.len() <= 2 { figures(day.as_bytes()) } else { None };
        valid(year, Some(month), day)
    })
}

fn month(word: &str) -> Option<u32> {
    let is = |month: &str| month.eq_ignore_ascii_case(word);
    let named = |month: &str| is(month) || month.get(..3).is_some_and(is);
    let at = if is("sept") { 8 } else { MONTHS.split(' ').position(named)? };
    u32::try_from(at + 1).ok()
}

/// The number that ASCII figures write, and nothing but figures.
fn figures(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u32::from(byte - b'0')))
    })
}

/// The day as it is written in records, if the Gregorian calendar has it and news could have been published on it.
fn valid(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> Option<String> {
    let (year, month, day) = (year?, month?, day?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    let known = (1900..=2100).contains(&year) && (1..=days).contains(&day);
    known.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_common_form_is_understood() {
        for text in [
            "2018-07-16",
            "2018-07-16T06:31:00+03:00",
            "2018/07/16",
            "16 July 2018",
            "16th July, 2018",
            "July 16, 2018",
            "JULY 16 2018",
            "Mon, 16 Jul 2018 10:00:00 GMT",
            "16 July 2018, 06.31",
            "Published: 16-Jul-2018 | Our desk",
            "By A. Reporter, Jul. 16th, 2018",
            "no. 12018-07-16, 2018-07-16",
        ] {
            assert_eq!(day(text).as_deref(), Some("2018-07-16"), "{text}");
        }
        assert_eq!(day("3 Sept 2018").as_deref(), Some("2018-09-03"));
        assert_eq!(day("29 February 2000").as_deref(), Some("2000-02-29"));
    }

    #[test]
    fn a_moment_keeps_its_zone() {
        for (text, expected) in [
            ("2018-07-16T06:31:00+03:00", "2018-07-16T06:31:00+03:00"),
            ("2018-07-16T06:31:00.250Z", "2018-07-16T06:31:00Z"),
            ("2018-07-16 06:31 -0430", "2018-07-16T06:31:00-04:30"),
            ("20180716T063100Z", "2018-07-16T06:31:00Z"),
            ("20180716T063100+0300", "2018-07-16T06:31:00+03:00"),
            ("Mon, 16 Jul 2018 06:31:00 GMT", "2018-07-16T06:31:00Z"),
            ("16 Jul 2018 06:31:00 -0500 (Eastern)", "2018-07-16T06:31:00-05:00"),
            ("Mon, 16 Jul 2018 06:31 EDT", "2018-07-16T06:31:00-04:00"),
        ] {
            assert_eq!(moment(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["2018-07-16", "2018-07-16T06:31:00", "2018-07-16T25:00:00Z", "16 Jul 2018 06:31 +9900", "20180716", ""]
        {
            assert_eq!(moment(text), None, "{text}");
        }
        for text in ["2018-07-16T06:31:00", "20180716T063100", " 20180716 "] {
            assert_eq!(moment_or_day(text).as_deref(), Some("2018-07-16"), "{text}");
        }
        for text in ["1531719060", "201807160", "20181316"] {
            assert_eq!(moment_or_day(text), None, "{text}");
        }
        let seconds = |text: &str| seconds_since_1970(&moment(text).expect("a moment"));
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2018-07-16T06:31:00+03:00"), Some(1_531_711_860));
        assert_eq!(seconds("2000-02-29T23:59:59-01:30"), Some(951_874_199));
        assert_eq!(seconds_since_1970("2018-07-16"), None);
    }

    #[test]
    fn what_is_no_day_or_two_days_is_not_taken() {
        for text in [
            "",
            "07/08/2018",
            "2018-13-01",
            "2018-02-29",
            "29 February 1900",
            "31 April 2018",
            "16 July 1899",
            "July 2018",
            "16 July 18",
            "2018-07-160",
            "2018-07/16",
            "0 May 2018",
            "16 Mayor 2018",
            "16 July 2101",
            "١٦ July 2018",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_byline_dates_a_plain_text() {
        assert_eq!(
            byline_day("  By A. Reporter and B. Reporter | Published: 16 July 2018, 10:30 a.m. ").as_deref(),
            Some("2018-07-16")
        );
        assert_eq!(byline_day("GENEVA, Mon, 16 July 2018, 06.31").as_deref(), Some("2018-07-16"));
        assert_eq!(byline_day("Envoys leave the old hall in Geneva, July 16, 2018. (Photo: A. Photographer)"), None);
        assert_eq!(byline_day("They were arrested on 16 July 2018."), None);
        assert_eq!(byline_day("— Somebody (@somebody) July 16, 2018"), None);
        assert_eq!(byline_day(&format!("By {} 16 July 2018", "word ".repeat(24))), None);
    }

    proptest! {
        #[test]
        fn any_text_is_searched(text: String) {
            if let Some(found) = day(&text) {
                prop_assert_eq!(day(&found), Some(found));
            }
            if let Some(found) = moment(&text) {
                prop_assert_eq!(moment(&found), Some(found));
            }
        }
    }
}
