//! `disputed scan`: what a daemon would make of a folder.

use std::collections::BTreeMap;
use std::path::Path;

use disputed::Result;
use disputed::daemon::{self, Verdict, escaped};

use crate::print::print;
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, folder: &Path, explain: bool) -> Result<()> {
    let found = daemon::scan(&settings.daemon(false)?, folder)?;
    if explain {
        return print(
            found.iter().map(|s| format!("{}\t{}\n", words(s.verdict), escaped(&s.path))).collect::<String>(),
        );
    }
    let mut counts = BTreeMap::new();
    for standing in &found {
        let kind = match standing.verdict {
            Verdict::Waiting(_) => "waiting".to_string(),
            verdict => words(verdict),
        };
        *counts.entry(kind).or_insert(0) += 1;
    }
    print(counts.iter().map(|(kind, count)| format!("{count:>9} {kind}\n")).collect::<String>())
}

fn words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Ready => "ready".into(),
        Verdict::Waiting(left) => format!("waiting, {:.1} s left", left.as_secs_f64()),
        Verdict::Kept => "kept: its line stands".into(),
        Verdict::Ignored(rule) => format!("ignored: {rule}"),
    }
}
