//! What a person may have meant by a name that nobody knows.

/// The known name that is nearest to an unknown one, where one is near: at most a third of its letters, but always one,
/// inserted, left out, changed, or swapped with the next (the optimal string alignment distance; Damerau 1964). Of
/// several the first.
///
/// ```
/// use disputed::nearest;
/// assert_eq!(nearest("quite", ["inbox", "sink", "quiet"]), Some("quiet"));
/// assert_eq!(nearest("tarde", ["trade"]), Some("trade"));
/// assert_eq!(nearest("colour", ["inbox", "sink", "quiet"]), None);
/// ```
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (unknown.chars().count() / 3).max(1);
    let distances = known.into_iter().map(|name| (strsim::osa_distance(unknown, name), name));
    distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}
