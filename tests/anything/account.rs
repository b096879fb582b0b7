//! What must have come of everything that was done to an inbox, so far as that is certain: a pure model.
//!
//! A file is known by its inode, and each of its versions by its bytes. What the daemon may or may not have been quick
//! enough to see is a range; all else is exact.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::digest;

/// One version of a file: whole bytes that its writer had closed, or a half over which he fell silent.
#[derive(Debug)]
struct Version {
    bytes: Vec<u8>,
    /// How many lines there are of this version at least, and at most.
    lines: (usize, usize),
    /// It may have been written after the file had left the inbox, and then only a look back shows it.
    late: bool,
}

/// A file that was dropped.
#[derive(Debug)]
struct Input {
    inode: u64,
    /// The last is what it holds now.
    versions: Vec<Version>,
    /// It was taken away, or something was renamed over it while it may have stood there still.
    taken: bool,
    /// It was renamed within the inbox, so its path tells nothing.
    moved: bool,
    /// It may have been refused for a moment's content, and where it is now is open.
    anywhere: bool,
    /// Its time was set back: once it has left, its writer is taken to have finished long ago.
    old: bool,
}

/// Everything that was dropped.
#[derive(Debug)]
pub(crate) struct Account {
    home: Home,
    inputs: Vec<Input>,
}

/// Where the file of a line that is durable belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Done,
    Inbox,
    Nowhere,
    /// What becomes of files was changed from run to run.
    Any,
}

/// What stands there: files by their places, each with its inode, and the lines in the order of writing, each with the
/// number of the run that wrote it.
pub(crate) struct Standing {
    pub(crate) files: BTreeMap<PathBuf, (u64, Vec<u8>)>,
    pub(crate) lines: Vec<(usize, Value)>,
}

/// Whether the bytes can be read: what is blank or holds a NUL is refused.
fn is_article(bytes: &[u8]) -> bool {
    !bytes.contains(&0) && !bytes.iter().all(u8::is_ascii_whitespace)
}

impl Account {
    pub(crate) fn new(home: Home) -> Account {
        Account { home, inputs: Vec::new() }
    }

    /// A new file stands in the inbox, whole.
    pub(crate) fn arrived(&mut self, inode: u64, bytes: Vec<u8>) {
        // The kernel gives the inode of a file that is gone to the next one.
        self.inputs.iter_mut().filter(|input| input.inode == inode).for_each(|input| input.taken = true);
        let most = usize::from(is_article(&bytes));
        let versions = vec![Version { bytes, lines: (most, most), late: false }];
        self.inputs.push(Input { inode, versions, taken: false, moved: false, anywhere: false, old: false });
    }

    /// A new file stands in the inbox, and its writer has not closed it: when he is silent for too long it is read.
    pub(crate) fn begun(&mut self, inode: u64, bytes: Vec<u8>) {
        self.arrived(inode, bytes);
        self.last(inode, |version| version.lines.0 = 0);
    }

    /// What the file with this inode holds now.
    pub(crate) fn bytes(&self, inode: u64) -> Option<&[u8]> {
        let input = self.inputs.iter().rfind(|input| input.inode == inode)?;
        Some(&input.versions.last()?.bytes)
    }

    /// The file holds other bytes now, and was closed; `late` where it was not seen in the inbox afterwards.
    pub(crate) fn rewritten(&mut self, inode: u64, bytes: Vec<u8>, late: bool) {
        let Some(input) = self.inputs.iter_mut().rfind(|input| input.inode == inode) else { return };
        let new = is_article(&bytes);
        // What is deleted takes with it what is written late.
        let is_gone = matches!(self.home, Home::Nowhere | Home::Any);
        if let Some(old) = input.versions.last_mut() {
            old.lines.0 = 0;
            // A refused file is not looked back at.
            input.anywhere |= late && is_article(&old.bytes) != new;
        }
        let least = new && !input.taken && !input.anywhere && !(late && (input.old || is_gone));
        input.versions.push(Version { bytes, lines: (usize::from(least), usize::from(new)), late });
    }

    /// The file was renamed within the inbox: each name is a delivery, if the daemon was quick enough.
    pub(crate) fn moved(&mut self, inode: u64) {
        let Some(input) = self.inputs.iter_mut().rfind(|input| input.inode == inode) else { return };
        input.moved = true;
        if let Some(version) = input.versions.last_mut().filter(|version| is_article(&version.bytes)) {
            version.lines.1 += 1;
        }
    }

    /// The producer took the file away, or may have.
    pub(crate) fn taken(&mut self, inode: u64) {
        let Some(input) = self.inputs.iter_mut().rfind(|input| input.inode == inode) else { return };
        input.taken = true;
        self.last(inode, |version| version.lines.0 = 0);
    }

    /// The writer was so slow that his file may have been met empty.
    pub(crate) fn was_slow(&mut self, inode: u64) {
        let Some(input) = self.inputs.iter_mut().rfind(|input| input.inode == inode) else { return };
        input.anywhere = true;
        self.last(inode, |version| version.lines.0 = 0);
    }

    /// Its time was set, or set back.
    pub(crate) fn touched(&mut self, inode: u64, back: bool) {
        let stays = matches!(self.home, Home::Inbox | Home::Any);
        let Some(input) = self.inputs.iter_mut().rfind(|input| input.inode == inode) else { return };
        input.old |= back;
        // What stays is known by its time: with another it is read again.
        if let Some(version) = input.versions.last_mut().filter(|version| stays && is_article(&version.bytes)) {
            version.lines.1 += 1;
        }
        if back {
            self.nobody_looks_back_at(inode);
        }
    }

    /// Nobody will look back at what had left: the daemon was killed, or the folder taken away.
    pub(crate) fn nobody_looks_back(&mut self) {
        let versions = self.inputs.iter_mut().flat_map(|input| &mut input.versions);
        versions.filter(|version| version.late).for_each(|version| version.lines.0 = 0);
    }

    /// Nobody will look back at what was written late to this file.
    pub(crate) fn nobody_looks_back_at(&mut self, inode: u64) {
        self.last(inode, |version| version.lines.0 = if version.late { 0 } else { version.lines.0 });
    }

    /// Whether something was written when its file may have left: a start without a mark reads far enough back to see it.
    pub(crate) fn was_written_late(&self) -> bool {
        self.inputs.iter().flat_map(|input| &input.versions).any(|version| version.late)
    }

    fn last(&mut self, inode: u64, change: impl FnOnce(&mut Version)) {
        let input = self.inputs.iter_mut().rfind(|input| input.inode == inode);
        input.and_then(|input| input.versions.last_mut()).map(change);
    }

    /// What does not hold, once everything is at rest.
    pub(crate) fn verdict(&self, standing: &Standing) -> Result<(), String> {
        self.count_lines(standing)?;
        self.follow_replacements(standing)?;
        self.find_files(standing)
    }

    /// Every version has as many lines as it should, and no line speaks of anything else.
    fn count_lines(&self, standing: &Standing) -> Result<(), String> {
        let mut ranges: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
        for version in self.inputs.iter().flat_map(|input| &input.versions) {
            let (least, most, _) = ranges.entry(digest(&version.bytes)).or_default();
            (*least, *most) = (*least + version.lines.0, *most + version.lines.1);
        }
        for (_, line) in &standing.lines {
            match line["source"]["digest"].as_str().and_then(|digest| ranges.get_mut(digest)) {
                Some((_, _, found)) => *found += 1,
                None => return Err(format!("nothing whole was ever like this: {line}")),
            }
        }
        match ranges.iter().find(|(_, (least, most, found))| !(least..=most).contains(&found)) {
            Some((digest, (least, most, found))) => {
                Err(format!("{found} lines of {}, which should have {least} to {most}", &digest[..9]))
            }
            None => Ok(()),
        }
    }

    /// A line replaces one before it; and of a file that was read twice under one name in one run, the second replaces
    /// the first.
    fn follow_replacements(&self, standing: &Standing) -> Result<(), String> {
        for (i, (run, line)) in standing.lines.iter().enumerate() {
            let before = || standing.lines[..i].iter().rev();
            if let Some(replaced) = line["replaces"].as_str()
                && !before().any(|(_, before)| before["id"] == replaced)
            {
                return Err(format!("it replaces what is not there: {line}"));
            }
            let of_file = |inode: &Value| self.inputs.iter().filter(|input| *inode == input.inode).collect::<Vec<_>>();
            let [input] = of_file(&line["source"]["inode"])[..] else { continue };
            let of_file = |l: &Value| ["inode", "path"].iter().all(|key| l["source"][key] == line["source"][key]);
            let reading = before().find(|(earlier, before)| earlier == run && of_file(before));
            // Of what stays in the inbox no id is remembered.
            if let Some((_, reading)) =
                reading.filter(|_| !input.moved && !matches!(self.home, Home::Inbox | Home::Any))
                && reading["id"] != line["id"]
                && reading["id"] != line["replaces"]
            {
                return Err(format!("it was read before in this run, and does not replace that: {line}"));
            }
        }
        Ok(())
    }

    /// Every file is where it belongs, with the bytes that its writer left it with; and nothing else is anywhere.
    fn find_files(&self, standing: &Standing) -> Result<(), String> {
        let mut places: BTreeMap<u64, (Home, bool)> = BTreeMap::new();
        for (path, (inode, bytes)) in &standing.files {
            let text = path.to_string_lossy();
            let (is_done, is_failed) = (is_in(&text, "done"), is_in(&text, "failed"));
            if !text.starts_with("inbox/") && !is_done && !is_failed {
                continue;
            }
            if text.starts_with("inbox/.disputed/") {
                // A reason whose file was taken away at the last moment waits for the next that leaves, or for the next start.
                if text.contains("/leaving/") && !text.contains("/leaving/reasons/") || text.contains("damaged") {
                    return Err(format!("{text} is still there"));
                }
                continue;
            }
            if is_failed && text.ends_with(".reason.json") {
                let of = path.with_file_name(text.rsplit('/').next().unwrap_or_default().replace(".reason.json", ""));
                let reason: Value = serde_json::from_slice(bytes).map_err(|e| format!("{text}: {e}"))?;
                // The daemon may have been killed, and the folder collected, before the file could follow its reason.
                let is_alone = !standing.files.contains_key(&of) && text.starts_with("inbox/");
                if is_alone || !["empty", "binary"].map(Value::from).contains(&reason["code"]) {
                    return Err(format!("a reason without its file: {text}, {reason}"));
                }
                continue;
            }
            if is_failed && !standing.files.contains_key(&path.with_added_extension("reason.json")) {
                return Err(format!("{text} has no reason"));
            }
            if !self.inputs.iter().any(|i| i.inode == *inode && i.versions.last().is_some_and(|v| v.bytes == *bytes)) {
                return Err(format!("nobody left {text} so, with inode {inode}"));
            }
            let place = if is_done || is_failed { Home::Done } else { Home::Inbox };
            if places.insert(*inode, (place, is_failed)).is_some() {
                return Err(format!("{text} stands in another place as well"));
            }
        }
        for input in self.inputs.iter().filter(|input| !input.taken && !input.anywhere) {
            let refused = input.versions.last().is_some_and(|version| !is_article(&version.bytes));
            let place = places.get(&input.inode).copied();
            let is_right = match (self.home, place) {
                (_, place) if refused => place == Some((Home::Done, true)),
                (Home::Any, place) => place.is_none_or(|(_, is_failed)| !is_failed),
                (Home::Nowhere, place) => place.is_none(),
                (home, place) => place == Some((home, false)),
            };
            if !is_right {
                return Err(format!(
                    "inode {} should be {:?}, refused: {refused}; it is {place:?}",
                    input.inode, self.home
                ));
            }
        }
        let may_stay = matches!(self.home, Home::Inbox | Home::Any);
        let left = places.iter().find(|(_, (place, _))| *place == Home::Inbox && !may_stay);
        left.map_or(Ok(()), |(inode, _)| Err(format!("inode {inode} is still in the inbox")))
    }
}

/// Whether the path lies in the inbox's folder of that name, or in one that was taken away.
fn is_in(path: &str, folder: &str) -> bool {
    path.starts_with(&format!("inbox/{folder}/")) || path.starts_with(&format!("{folder}-"))
}
