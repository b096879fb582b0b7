//! What a power cut may leave of a disk: every state that a file system is allowed to come back with.
//!
//! After any number of steps the power may go. What was synced is there. Of the rest:
//!
//! - Bytes written to a file are all there, or lost, or partly there: a head, a tail, some lines of several; and where
//!   the rest should be stand the old bytes, or zeros, or the file is shorter.
//! - Each name that was made, moved or taken away is kept or lost on its own, in any combination. To sync a folder
//!   keeps all that was done to its names before. To sync a file keeps none of its names.
//! - A later change to a name needs the earlier ones to the same name, and a name cannot be kept in a folder that is
//!   itself lost, unless somebody has synced it there.
//! - A rename from one folder to another is one transaction: done or not. Where only the folder that it went to was
//!   synced, it may show under both names ([`Law::doubles`]); it never shows under none.
//!
//! What file systems with an ordered journal do is a part of this.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use super::disk::{Disk, Name, Node, ROOT, Step, Timed, content, perform};

/// What a file system may do, beyond what each may.
#[derive(Clone, Copy)]
pub(super) struct Law {
    /// A rename between folders is two changes, of which the second may be lost.
    pub(super) doubles: bool,
    /// Whether syncs of files, and of folders, are worth anything.
    pub(super) syncs_files: bool,
    pub(super) syncs_folders: bool,
}

/// One state of a disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// What can be reached, by its path below the root.
    pub(super) names: BTreeMap<PathBuf, Node>,
    pub(super) bytes: BTreeMap<Node, Vec<u8>>,
    /// Files that know that they were renamed: that moves the change time.
    pub(super) renamed: BTreeSet<Node>,
}

/// A state, and how it comes about.
pub(super) struct Crash {
    pub(super) state: State,
    pub(super) says: String,
}

/// What becomes of a change to names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    /// It shows under both names, and the file's own change time is the old one, or the new.
    Doubled {
        renamed: bool,
    },
}

/// One thing that may go more than one way.
enum Choice {
    Names(usize, Vec<Fate>),
    Bytes(Node, Vec<(String, Vec<u8>)>),
}

impl Choice {
    fn ways(&self) -> usize {
        match self {
            Choice::Names(_, fates) => fates.len(),
            Choice::Bytes(_, contents) => contents.len(),
        }
    }
}

/// As many combinations of what may go more than one way are tried at one place; where there are more, all kept and
/// all lost, and from either every one and every two that go another way.
const EXHAUSTIVE: usize = 128;

/// Every state after `from` steps or more, each once, and after how many numbers of steps the power went.
pub(super) fn crashes(disk: &Disk, from: usize, law: Law) -> (Vec<Crash>, usize) {
    let (mut seen, mut crashes) = (HashSet::new(), Vec::new());
    for steps in from..=disk.steps.len() {
        let cut = Cut::new(disk, steps, law);
        for ways in combinations(&cut.choices.iter().map(Choice::ways).collect::<Vec<_>>()) {
            if let Some(state) = cut.state(&ways)
                && seen.insert(state.clone())
            {
                crashes.push(Crash { state, says: cut.says(&ways) });
            }
        }
    }
    (crashes, disk.steps.len() + 1 - from)
}

fn combinations(ways: &[usize]) -> Vec<Vec<usize>> {
    let all = ways.iter().try_fold(1usize, |product, &n| product.checked_mul(n)).unwrap_or(usize::MAX);
    if all <= EXHAUSTIVE {
        let mut combinations = vec![Vec::new()];
        for &n in ways {
            combinations = combinations.iter().flat_map(|c| (0..n).map(|way| [&c[..], &[way]].concat())).collect();
        }
        return combinations;
    }
    // Bytes that are there in part go with all and nothing of the others.
    let is_part = |at: usize, way: usize| way > 2 && way + 1 < ways[at];
    let mut combinations = Vec::new();
    for base in [vec![0; ways.len()], ways.iter().map(|n| n - 1).collect()] {
        combinations.push(base.clone());
        for (first, &n) in ways.iter().enumerate() {
            for one in 0..n {
                let mut changed = base.clone();
                changed[first] = one;
                combinations.push(changed.clone());
                for (second, &n) in ways.iter().enumerate().skip(first + 1) {
                    let others = (0..n).filter(|&other| !(is_part(first, one) && is_part(second, other)));
                    combinations.extend(others.map(|other| {
                        let mut changed = changed.clone();
                        changed[second] = other;
                        changed
                    }));
                }
            }
        }
    }
    combinations
}

/// The power goes after so many steps.
struct Cut<'a> {
    disk: &'a Disk,
    steps: &'a [Timed],
    /// By step: the fate of what was synced or given.
    settled: Vec<bool>,
    choices: Vec<Choice>,
}

impl<'a> Cut<'a> {
    fn new(disk: &'a Disk, steps: usize, law: Law) -> Cut<'a> {
        let steps = &disk.steps[..steps];
        let mut cut = Cut { disk, steps, settled: vec![true; steps.len()], choices: Vec::new() };
        let mut written = BTreeSet::new();
        for (at, timed) in steps.iter().enumerate() {
            let is_synced = |node: Node| cut.is_synced(at, node, law);
            let fates = match &timed.step {
                _ if timed.is_given => continue,
                Step::Sync(_) => continue,
                Step::Write(node, ..) | Step::Size(node, _) => {
                    if !is_synced(*node) {
                        cut.settled[at] = false;
                        written.insert(*node);
                    }
                    continue;
                }
                Step::Rename((from, _), (to, _), _) if from != to && is_synced(*to) && !is_synced(*from) => {
                    let doubled = [true, false].map(|renamed| Fate::Doubled { renamed });
                    if law.doubles { [&[Fate::Kept], &doubled[..]].concat() } else { continue }
                }
                Step::Rename((from, _), (to, _), _) if is_synced(*from) || is_synced(*to) => continue,
                Step::Name((folder, _), _) | Step::Remove((folder, _)) if is_synced(*folder) => continue,
                Step::Rename(..) | Step::Name(..) | Step::Remove(_) => vec![Fate::Kept, Fate::Lost],
            };
            cut.settled[at] = false;
            cut.choices.push(Choice::Names(at, fates));
        }
        for node in written {
            cut.choices.push(Choice::Bytes(node, cut.contents(node)));
        }
        cut
    }

    fn is_synced(&self, at: usize, node: Node, law: Law) -> bool {
        let honoured = if self.disk.is_folder[node] { law.syncs_folders } else { law.syncs_files };
        let ended = self.steps[at].ended;
        let answers = |timed: &Timed| matches!(timed.step, Step::Sync(synced) if synced == node) && timed.began > ended;
        honoured && self.steps[at + 1..].iter().any(answers)
    }

    /// What may be found in a file: all that was written comes first, nothing last.
    fn contents(&self, file: Node) -> Vec<(String, Vec<u8>)> {
        let of_file =
            |at: &usize| matches!(&self.steps[*at].step, Step::Write(node, ..) | Step::Size(node, _) if *node == file);
        let (settled, pending): (Vec<usize>, Vec<usize>) =
            (0..self.steps.len()).filter(of_file).partition(|&at| self.settled[at]);
        let durable = content(Vec::new(), settled.iter().map(|&at| &self.steps[at]), file);
        let after = |kept: &[usize]| content(durable.clone(), kept.iter().map(|&at| &self.steps[at]), file);
        let mut contents = vec![("all".to_string(), after(&pending))];
        for n in 0..pending.len() {
            let says = &self.steps[pending[n]].says;
            contents.push((format!("nothing from `{says}` on"), after(&pending[..n])));
            contents.push((format!("all but `{says}`"), after(&[&pending[..n], &pending[n + 1..]].concat())));
        }
        if let Some((&last, before)) = pending.split_last()
            && let Step::Write(_, offset, bytes) = &self.steps[last].step
        {
            contents.extend(torn(&after(before), *offset, bytes));
        }
        let mut seen = HashSet::from([durable.clone()]);
        contents.retain(|(_, bytes)| seen.insert(bytes.clone()));
        contents.push(("nothing that was not synced".to_string(), durable));
        contents
    }

    /// The state in which every choice goes one of its ways, unless the law forbids that.
    fn state(&self, ways: &[usize]) -> Option<State> {
        let (mut names, mut renamed, mut bytes) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let (mut fates, mut lost_names, mut lost_nodes) = (BTreeMap::new(), HashSet::new(), HashSet::new());
        for (choice, &way) in self.choices.iter().zip(ways) {
            match choice {
                Choice::Names(at, of) => drop(fates.insert(*at, of[way])),
                Choice::Bytes(node, contents) => drop(bytes.insert(*node, contents[way].1.clone())),
            }
        }
        for (at, timed) in self.steps.iter().enumerate() {
            let touched: Vec<&Name> = match &timed.step {
                Step::Name(name, _) | Step::Remove(name) => vec![name],
                Step::Rename(from, to, _) => vec![from, to],
                Step::Write(..) | Step::Size(..) | Step::Sync(_) => continue,
            };
            let fate = fates.get(&at).copied().unwrap_or(Fate::Kept);
            if fate == Fate::Lost {
                lost_names.extend(touched);
                if let Step::Name(_, node) = &timed.step {
                    lost_nodes.insert(*node);
                }
                continue;
            }
            if let Step::Name((folder, _), node) = &timed.step
                && lost_nodes.contains(folder)
            {
                lost_nodes.insert(*node);
            }
            let in_lost_folder = || touched.iter().any(|(folder, _)| lost_nodes.contains(folder));
            if touched.iter().any(|name| lost_names.contains(name)) || (!self.settled[at] && in_lost_folder()) {
                return None;
            }
            perform(&mut names, &timed.step);
            if let Step::Rename(from, _, node) = &timed.step {
                if matches!(fate, Fate::Doubled { .. }) {
                    names.insert(from.clone(), *node);
                }
                if fate != (Fate::Doubled { renamed: false }) {
                    renamed.insert(*node);
                }
            }
        }
        let names = self.reachable(&names);
        let there: BTreeSet<Node> = names.values().copied().collect();
        for &node in there.iter().filter(|&&node| !self.disk.is_folder[node]) {
            bytes.entry(node).or_insert_with(|| content(Vec::new(), self.steps, node));
        }
        bytes.retain(|node, _| there.contains(node));
        renamed.retain(|node| there.contains(node));
        Some(State { names, bytes, renamed })
    }

    fn reachable(&self, names: &BTreeMap<Name, Node>) -> BTreeMap<PathBuf, Node> {
        let (mut paths, mut folders) = (BTreeMap::new(), vec![(PathBuf::new(), ROOT)]);
        while let Some((path, folder)) = folders.pop() {
            for ((_, name), &node) in names.range((folder, String::new())..(folder + 1, String::new())) {
                paths.insert(path.join(name), node);
                if self.disk.is_folder[node] {
                    folders.push((path.join(name), node));
                }
            }
        }
        paths
    }

    fn says(&self, ways: &[usize]) -> String {
        let after = self.steps.last().map_or("nothing", |timed| &timed.says);
        let mut says = format!("power lost after step {}, `{after}`", self.steps.len());
        for (choice, &way) in self.choices.iter().zip(ways).filter(|(_, way)| **way > 0) {
            says += &match choice {
                Choice::Names(at, fates) => format!("\n    {:?}: {}", fates[way], self.steps[*at].says),
                Choice::Bytes(node, contents) => {
                    let of_node = |timed: &&Timed| matches!(timed.step, Step::Write(of, ..) if of == *node);
                    let last = self.steps.iter().rev().find(of_node).map_or("", |timed| &timed.says);
                    format!("\n    of the file of `{last}`: {}", contents[way].0)
                }
            };
        }
        says
    }
}

/// The ways in which one write may be there in part, over what was there before.
fn torn(before: &[u8], offset: usize, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    const PAGE: usize = 4096;
    let ends: Vec<usize> = (1..=bytes.len()).filter(|&at| bytes[at - 1] == b'\n').collect();
    let mut cuts = BTreeSet::from([1, bytes.len() / 2]);
    cuts.extend((1..bytes.len()).filter(|at| (offset + at).is_multiple_of(PAGE)));
    // Of many lines those in the middle fare like their neighbours.
    let near = ends.iter().take(3).chain(ends.last());
    cuts.extend(near.flat_map(|&end| [end - 1, end, end + 1]));
    cuts.retain(|&cut| 0 < cut && cut < bytes.len());
    // The file has its new size, and what is not there reads as before, or as zeros.
    let mut sized = before.to_vec();
    sized.resize(sized.len().max(offset + bytes.len()), 0);
    let with = |parts: &[(usize, usize)]| {
        let mut found = sized.clone();
        for &(from, to) in parts {
            found[offset + from..offset + to].copy_from_slice(&bytes[from..to]);
        }
        found
    };
    let mut found = vec![("a hole".to_string(), sized.clone())];
    for &cut in &cuts {
        let mut short = with(&[(0, cut)]);
        short.truncate(before.len().max(offset + cut));
        found.push((format!("the first {cut} bytes, and an end"), short));
        found.push((format!("the first {cut} bytes, and a hole"), with(&[(0, cut)])));
        found.push((format!("a hole of {cut} bytes, and the rest"), with(&[(cut, bytes.len())])));
    }
    let starts = [0].into_iter().chain(ends.iter().copied());
    let lines: Vec<(usize, usize)> = starts.zip(ends.iter().copied()).collect();
    for kept in 1..1u32 << lines.len().min(4) {
        let is_kept = |n: usize| kept & (1 << n.min(3)) != 0;
        let parts: Vec<_> = (0..lines.len()).filter(|&n| is_kept(n)).map(|n| lines[n]).collect();
        found.push((format!("of {} lines those of {kept:#06b}", lines.len()), with(&parts)));
    }
    found
}
