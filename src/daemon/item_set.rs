//! Which of the articles of a file: mostly all up to one of them, so they are kept as ranges.

use serde::{Deserialize, Serialize};

/// A set of article numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ItemSet {
    /// The first and the one after the last of each range, in ascending order and apart.
    ranges: Vec<[u32; 2]>,
}

impl ItemSet {
    /// All numbers below this one but these, which ascend.
    pub(crate) fn below_but(end: u32, holes: impl Iterator<Item = u32>) -> ItemSet {
        let mut start = 0;
        let mut ranges = Vec::new();
        for hole in holes.filter(|hole| *hole < end).chain([end]) {
            if start < hole {
                ranges.push([start, hole]);
            }
            start = hole.saturating_add(1);
        }
        ItemSet { ranges }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(crate) fn contains(&self, item: u32) -> bool {
        let after = self.ranges.partition_point(|&[start, _]| start <= item);
        after.checked_sub(1).and_then(|at| self.ranges.get(at)).is_some_and(|&[_, end]| item < end)
    }

    /// The numbers of both.
    #[must_use]
    pub(crate) fn and(&self, other: &ItemSet) -> ItemSet {
        let mut all: Vec<[u32; 2]> = self.ranges.iter().chain(&other.ranges).copied().collect();
        all.sort_unstable();
        let mut ranges: Vec<[u32; 2]> = Vec::with_capacity(all.len());
        for [start, end] in all {
            match ranges.last_mut() {
                Some([_, last]) if start <= *last => *last = end.max(*last),
                _ => ranges.push([start, end]),
            }
        }
        ItemSet { ranges }
    }
}

impl FromIterator<u32> for ItemSet {
    fn from_iter<I: IntoIterator<Item = u32>>(items: I) -> ItemSet {
        let ranges = items.into_iter().map(|item| [item, item.saturating_add(1)]).collect();
        ItemSet { ranges }.and(&ItemSet::default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in(
            some in prop::collection::vec(0..40u32, 0..20), holes in prop::collection::btree_set(0..40u32, 0..20), end in 0..30u32,
        ) {
            let rest = ItemSet::below_but(end, holes.iter().copied());
            let set = some.iter().copied().collect::<ItemSet>().and(&rest);
            let all: BTreeSet<u32> = some.into_iter().chain((0..end).filter(|item| !holes.contains(item))).collect();
            prop_assert_eq!((0..50).filter(|&item| set.contains(item)).collect::<BTreeSet<_>>(), all.clone());
            prop_assert_eq!(set.is_empty(), all.is_empty());
            let json = serde_json::to_string(&set).expect("numbers");
            prop_assert_eq!(serde_json::from_str::<ItemSet>(&json).expect("the same"), set);
        }
    }
}
