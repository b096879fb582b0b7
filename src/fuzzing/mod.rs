//! What must hold for every input, one function for each way in: a hostile input that breaks it is a fault.
//!
//! The targets in `tests/fuzz/` look for such inputs, and `cargo test` tries again those that were kept. Each function panics
//! where what it says does not hold.

mod model_file;
mod reading;

pub use model_file::model_file;
pub use reading::{decode, feed, html, json, mail, warc, xml};

/// A mark file, as it may stand in the state folder at a start.
pub fn mark_file(input: &[u8]) {
    crate::daemon::fuzzing::mark_file(input);
}

/// The sink's tail, as a crash may leave it: the input is a mark's offset on a line of its own, and then the sink.
pub fn sink_tail(input: &[u8]) {
    crate::daemon::fuzzing::sink_tail(input);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    type Target = (&'static str, fn(&[u8]));

    /// Every target, by the name of its folder in the corpora.
    const TARGETS: [Target; 10] = [
        ("decode", decode),
        ("html", html),
        ("json", json),
        ("xml", xml),
        ("feed", feed),
        ("mail", mail),
        ("warc", warc),
        ("model_file", model_file),
        ("mark_file", mark_file),
        ("sink_tail", sink_tail),
    ];

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    #[test]
    fn what_was_found_by_fuzzing_stays_sound() {
        let corpora = Path::new("tests/fuzz/corpus");
        for folder in [corpora, Path::new("tests/fuzz/targets")] {
            let mut named: Vec<_> =
                files(folder).iter().map(|path| path.with_extension("").file_name().map(Into::into)).collect();
            named.sort();
            let mut known = TARGETS.map(|(name, _)| Some(std::ffi::OsString::from(name)));
            known.sort();
            assert_eq!(named, known, "{}", folder.display());
        }
        std::thread::scope(|scope| {
            for (name, target) in TARGETS {
                scope.spawn(move || {
                    let files = files(&corpora.join(name));
                    assert!(files.len() > 5, "{name} has a corpus");
                    for file in files {
                        let input = fs::read(&file).expect("a file");
                        let result = std::panic::catch_unwind(|| target(&input));
                        assert!(result.is_ok(), "{} breaks what must hold", file.display());
                    }
                });
            }
        });
    }
}
