//! A dry run: what a look at a folder would make of each entry, and nothing is touched.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::daemon::clock::now;
use crate::daemon::config::Config;
use crate::daemon::inbox::{Identity, embargo_of, escaped};
use crate::daemon::intake::{Entry, Settle, Sign, Walk, look_of};
use crate::daemon::kept;
use crate::daemon::paths::resolved;
use crate::error::{Error, Result};

/// An entry of a folder, and what a look at it would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands, below the folder.
    pub path: PathBuf,
    /// What would become of it.
    pub verdict: Verdict,
}

/// What a look at an entry would say, where no event tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It would be read.
    Ready,
    /// It would be read when it has not been written to for so much longer.
    Waiting(Duration),
    /// It was read, and stays.
    Kept,
    /// It is left alone, by this rule.
    Ignored(&'static str),
}

/// Looks at everything in a folder as a daemon with this configuration would, if the folder were its inbox: in the order
/// in which it would be read, what is ignored last.
///
/// ```
/// # use std::time::Duration;
/// # use disputed::Limits;
/// # use disputed::daemon::{After, Config, SinkPath};
/// use disputed::daemon::{Verdict, scan};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::copy("tests/articles/tariffs.txt", folder.path().join("tariffs.txt.part"))?;
/// # let config = Config { inboxes: vec![folder.path().into()], sink: SinkPath::Stdout, state: None, done: None,
/// #     failed: None, after: After::Move, model: None, quiet: Duration::ZERO, linger: Duration::ZERO, batch: 1,
/// #     rotate: None, limits: Limits::default(), longest: Duration::ZERO, stories: Default::default(), drop_repeats: false,
/// #     text: true, once: true, reader: None };
/// let found = scan(&config, folder.path())?;
/// assert_eq!(found[0].verdict, Verdict::Ignored("*.part"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// An [`Error::Io`] where the folder cannot be listed.
pub fn scan(config: &Config, folder: &Path) -> Result<Vec<Standing>> {
    std::fs::read_dir(folder).map_err(Error::io("list the folder", folder))?;
    let (root, state) = (resolved(folder), resolved(&config.state()));
    let inboxes = config.inboxes.iter().map(|inbox| resolved(inbox)).chain([root.clone()]);
    let ours = inboxes.flat_map(|inbox| [config.done_of(&inbox), config.failed_of(&inbox), embargo_of(&inbox)]);
    let ours: HashSet<PathBuf> = ours.map(|folder| resolved(&folder)).chain([state.clone()]).collect();
    let kept: HashMap<String, kept::Line> = kept::read(&state)?
        .into_iter()
        .filter(|line| line.is_in(&root))
        .map(|line| (line.path().into(), line))
        .collect();

    let (now, mut settle) = (now(), Settle::new(config.quiet));
    let (mut inputs, mut ignored) = (Vec::new(), Vec::new());
    let mut walk = Walk::new(&root);
    while let Some((path, entry)) = walk.next(|path| ours.contains(path), |_| {}) {
        let below = path.strip_prefix(&root).unwrap_or(&path).to_path_buf();
        match entry {
            Entry::Ignored(rule) => ignored.push(Standing { path: below, verdict: Verdict::Ignored(rule) }),
            Entry::File(metadata) => {
                let (look, identity) = (look_of(&metadata), Identity::from(&metadata));
                let verdict = if kept.get(&escaped(&below)).is_some_and(|line| line.is_of(&identity)) {
                    Verdict::Kept
                } else if settle.ready(&below, Sign::Found, look, now) {
                    Verdict::Ready
                } else {
                    let due = settle.due_of(&below).unwrap_or(now);
                    Verdict::Waiting(due.duration_since(now).unwrap_or_default())
                };
                inputs.push((look.modified, Standing { path: below, verdict }));
            }
        }
    }
    inputs.sort_by(|(a, x), (b, y)| (a, x.path.as_os_str()).cmp(&(b, y.path.as_os_str())));
    ignored.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(inputs.into_iter().map(|(_, standing)| standing).chain(ignored).collect())
}
