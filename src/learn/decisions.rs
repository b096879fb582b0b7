//! Annotations of texts, gathered to labelled paragraphs.
//!
//! What is known of a text only in part must not count as "none of the others". So decisions on one text are gathered,
//! from all files, and the text is taken once it is decided on every label that anybody uses there. A topic that holds
//! decides that the text is no boilerplate, and `boilerplate` or `none` decides on all. Who contradicts an earlier
//! decision leaves the text undecided.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::corpus::Labelled;
use super::formats::{Annotation, NONE, Says};
use super::names::BOILERPLATE;

/// Labelled paragraphs, each with the place that it comes from, and what became of the rest.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) paragraphs: Vec<(Labelled, String)>,
    /// Decisions that contradict each other, as sentences.
    pub(super) conflicts: Vec<String>,
    /// What was not taken, as sentences.
    pub(super) left_out: Vec<String>,
}

/// What was decided on one text.
struct Decisions {
    text: String,
    /// Where it was first decided on.
    place: String,
    /// The labels that hold, in the order in which that was said.
    holds: Vec<String>,
    /// Each label with whether it holds, and where that was said.
    decided: BTreeMap<String, (bool, String)>,
    contradicted: bool,
    /// How often it was decided on everything at once: so often the text is there, as in any other format.
    whole: usize,
}

/// How many were left out, and where the first is.
#[derive(Default)]
struct Count {
    number: usize,
    first: String,
}

impl Count {
    fn add(&mut self, first: impl FnOnce() -> String) {
        if self.number == 0 {
            self.first = first();
        }
        self.number += 1;
    }
}

/// Gathers the annotations of all files, each of them with its place.
pub(super) fn gather(annotations: Vec<(Annotation, String)>) -> Gathered {
    let used: BTreeSet<String> = annotations
        .iter()
        .flat_map(|(annotation, _)| annotation.says.labels())
        .filter(|l| *l != NONE)
        .cloned()
        .collect();
    let (mut gathered, mut nothing) = (Gathered::default(), Count::default());
    let (mut all, mut at): (Vec<Decisions>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    for (Annotation { text, says, .. }, place) in annotations {
        match says {
            Says::Nothing => nothing.add(|| place),
            Says::All(labels) => gathered.paragraphs.push((Labelled { text, labels }, place)),
            Says::Some(holds, not) => {
                let n = *at.entry(text.clone()).or_insert_with(|| {
                    all.push(Decisions::new(text, place.clone()));
                    all.len() - 1
                });
                gathered.conflicts.extend(all[n].note(&holds, &not, &place));
                let mut alone = Decisions::new(String::new(), String::new());
                alone.note(&holds, &not, &place);
                all[n].whole += usize::from(alone.is_whole(&used));
            }
        }
    }
    let (mut undecided, mut contradicted) = (Count::default(), Count::default());
    for mut decisions in all {
        gathered.conflicts.extend(decisions.beside_others());
        if decisions.contradicted {
            contradicted.add(|| decisions.place.clone());
        } else if !decisions.is_whole(&used) {
            undecided.add(|| {
                // Topics first: that one holds decides on boilerplate.
                let topics = used.iter().filter(|label| *label != BOILERPLATE);
                let open = topics.chain(used.get(BOILERPLATE)).find(|label| !decisions.decided.contains_key(*label));
                format!("{}, where nobody decided on {}", decisions.place, open.map_or("", String::as_str))
            });
        } else {
            decisions.holds.retain(|label| label != NONE);
            let paragraph = Labelled { text: decisions.text, labels: decisions.holds };
            let times = decisions.whole.max(1);
            gathered.paragraphs.extend(std::iter::repeat_n((paragraph, decisions.place), times));
        }
    }
    for (count, what) in [
        (nothing, "left out because it is ignored, cancelled or not answered yet"),
        (undecided, "left out because not every label is decided on"),
        (contradicted, "left out because decisions on it contradict each other"),
    ] {
        if count.number > 0 {
            gathered.left_out.push(format!("{what}: {}, the first in {}", count.number, count.first));
        }
    }
    gathered
}

impl Decisions {
    fn new(text: String, place: String) -> Decisions {
        Decisions { text, place, holds: Vec::new(), decided: BTreeMap::new(), contradicted: false, whole: 0 }
    }

    /// Notes which labels hold and which do not; sentences for a person where that contradicts what is known.
    fn note(&mut self, holds: &[String], not: &[String], place: &str) -> Vec<String> {
        let said = holds.iter().map(|label| (label, true)).chain(not.iter().map(|label| (label, false)));
        let mut conflicts = Vec::new();
        for (label, holds) in said {
            match self.decided.get(label) {
                None => {
                    self.holds.extend(holds.then(|| label.clone()));
                    self.decided.insert(label.clone(), (holds, place.to_string()));
                }
                Some((before, _)) if *before == holds => {}
                Some((_, first)) => {
                    self.contradicted = true;
                    let (here, there) = if holds { ("accepted", "rejected") } else { ("rejected", "accepted") };
                    let start = self.start();
                    conflicts.push(format!("{place}: “{start}”: {label} is {here} here and {there} in {first}"));
                }
            }
        }
        conflicts
    }

    /// The sentence for a person where a label that stands alone holds beside others.
    fn beside_others(&mut self) -> Option<String> {
        let alone = self.holds.iter().find(|label| is_alone(label)).filter(|_| self.holds.len() > 1)?;
        self.contradicted = true;
        Some(format!("{}: “{}” has {alone} beside others in {:?}", self.place, self.start(), self.holds))
    }

    /// Whether it is decided of each of these labels whether it holds.
    fn is_whole(&self, labels: &BTreeSet<String>) -> bool {
        let decided = |label: &str| self.decided.contains_key(label);
        let is_content = !self.holds.is_empty() && labels.contains(BOILERPLATE) && !decided(BOILERPLATE);
        let known = self.decided.len() - usize::from(decided(NONE)) + usize::from(is_content);
        known == labels.len() || self.holds.first().is_some_and(|label| is_alone(label))
    }

    fn start(&self) -> String {
        self.text.chars().take(60).collect()
    }
}

fn is_alone(label: &str) -> bool {
    label == BOILERPLATE || label == NONE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(said: &[(&str, &[&str], &[&str])]) -> Gathered {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let annotations = said.iter().zip(1..).map(|((text, holds, not), line)| {
            let says = Says::Some(names(holds), names(not));
            (Annotation { line, text: text.to_string(), says }, format!("a.jsonl:{line}"))
        });
        gather(annotations.collect())
    }

    fn taken(gathered: &Gathered) -> Vec<(&str, Vec<&str>)> {
        gathered.paragraphs.iter().map(|(p, _)| (&*p.text, p.labels.iter().map(|l| &**l).collect())).collect()
    }

    #[test]
    fn decisions_on_one_text_are_gathered_until_every_label_is_decided_on() {
        let said = gathered(&[
            ("one", &["trade"], &[]),
            ("two", &["trade"], &[]),
            ("one", &[], &["iran"]),
            ("three", &[], &["trade"]),
            ("three", &[], &["iran"]),
            ("two", &["iran"], &[]),
            ("four", &["iran"], &[]),
        ]);
        assert_eq!(taken(&said), [("one", vec!["trade"]), ("two", vec!["trade", "iran"]), ("three", vec![])]);
        assert_eq!(
            said.left_out,
            [
                "left out because not every label is decided on: 1, the first in a.jsonl:7, where nobody decided on trade"
            ]
        );
    }

    #[test]
    fn a_label_that_stands_alone_decides_on_the_others() {
        let said = gathered(&[
            ("furniture", &["boilerplate"], &[]),
            ("weather", &["none"], &[]),
            ("duties", &["trade"], &["iran"]),
            ("visits", &[], &["trade", "iran"]),
        ]);
        assert_eq!(taken(&said), [("furniture", vec!["boilerplate"]), ("weather", vec![]), ("duties", vec!["trade"])]);
        assert!(said.left_out[0].ends_with("a.jsonl:4, where nobody decided on boilerplate"), "{:?}", said.left_out);
    }

    #[test]
    fn a_contradiction_is_told_and_decides_nothing() {
        let said = gathered(&[
            ("one", &["trade"], &[]),
            ("one", &[], &["trade"]),
            ("two", &["trade", "none"], &[]),
            ("three", &["trade"], &[]),
        ]);
        assert_eq!(taken(&said), [("three", vec!["trade"])]);
        assert_eq!(
            said.conflicts,
            [
                "a.jsonl:2: “one”: trade is rejected here and accepted in a.jsonl:1",
                "a.jsonl:3: “two” has none beside others in [\"trade\", \"none\"]",
            ]
        );
        assert!(
            said.left_out[0].starts_with("left out because decisions on it contradict each other: 2, "),
            "{:?}",
            said.left_out
        );
    }
}
