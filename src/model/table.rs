//! A hash table that is filled once and then only asked: open addressing, a few machine instructions an answer.

use super::bits::Bits;

/// What a table can be asked for.
pub(super) trait Key: Copy + Eq + Default {
    /// A number in whose highest bits keys differ.
    fn hash(self) -> u64;
}

/// Odd, and without a pattern in its bits: 2⁶⁴ over the golden ratio (Knuth, *The Art of Computer Programming* 6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A pair of numbers.
impl Key for [u32; 2] {
    fn hash(self) -> u64 {
        let [first, second] = self.map(u64::from);
        (first.wrapping_mul(GOLDEN) ^ second).wrapping_mul(GOLDEN)
    }
}

/// The bytes of a short word.
impl Key for [u64; 2] {
    fn hash(self) -> u64 {
        let [start, end] = self;
        let mixed = (start ^ end.rotate_left(29)).wrapping_mul(GOLDEN);
        (mixed ^ mixed >> 32).wrapping_mul(GOLDEN)
    }
}

/// From keys to numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table<K> {
    /// A power of two of them, of which two in three are taken at most. A key stands in the first slot from where its hash
    /// says that had been free.
    slots: Vec<(K, u32)>,
    /// How many of a hash's highest bits say where.
    bits: u32,
    /// By a few bits more of the hash, whether any key has it. It is small enough to be near at hand all the time.
    filter: Bits,
}

/// So many bits more: nine in ten of the keys that are not there are told by the filter.
const FILTER: u32 = 2;

/// The number in a slot that is free.
const FREE: u32 = u32::MAX;

impl<K: Key> Table<K> {
    /// `None` where a key stands twice, or a number is [`FREE`].
    pub(super) fn new(entries: impl ExactSizeIterator<Item = (K, u32)>) -> Option<Table<K>> {
        let slots = (entries.len() + entries.len() / 2 + 2).next_power_of_two();
        let bits = slots.trailing_zeros();
        let filter = Bits::below(slots << FILTER);
        let mut table = Table { slots: vec![(K::default(), FREE); slots], bits, filter };
        for (key, number) in entries {
            table.filter.insert(first_bits(key.hash(), bits + FILTER));
            let at = table.find(key);
            let slot = table.slots.get_mut(at).filter(|slot| slot.1 == FREE && number != FREE)?;
            *slot = (key, number);
        }
        Some(table)
    }

    /// Whether the key may be there; where not, it is not.
    #[inline]
    pub(super) fn may_hold(&self, key: K) -> bool {
        self.filter.contains(first_bits(key.hash(), self.bits + FILTER))
    }

    /// The number of a key, where it has one.
    #[inline]
    pub(super) fn get(&self, key: K) -> Option<u32> {
        let (_, number) = self.slots[self.find(key)];
        (number != FREE).then_some(number)
    }

    /// Where the key stands, or would stand: there is always a free slot.
    #[inline]
    fn find(&self, key: K) -> usize {
        let mut at = first_bits(key.hash(), self.bits);
        loop {
            let (standing, number) = self.slots[at];
            if number == FREE || standing == key {
                return at;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

fn first_bits(hash: u64, bits: u32) -> usize {
    (hash >> (u64::BITS - bits)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn no_key_stands_twice() {
        assert_eq!(Table::new([([1, 2], 0), ([1, 2], 1)].into_iter()), None::<Table<[u32; 2]>>);
        assert_eq!(Table::new([([1, 2], FREE)].into_iter()), None::<Table<[u32; 2]>>);
        let empty = Table::new([].into_iter()).expect("an empty table");
        assert_eq!(empty.get([0u64, 0]), None);
    }

    proptest! {
        #[test]
        fn it_answers_as_any_other_map(
            entries in prop::collection::hash_map([0..9u32, 0..9], 0..1000u32, 0..81), asked: [u32; 2],
        ) {
            let table = Table::new(entries.clone().into_iter()).expect("no key stands twice");
            prop_assert!(entries.keys().all(|&key| table.may_hold(key)));
            let all: HashMap<[u32; 2], u32> = (0..100).map(|i| [i / 10, i % 10]).chain([asked])
                .filter_map(|key| Some((key, table.get(key)?))).collect();
            prop_assert_eq!(all, entries);
        }
    }
}
