//! Sets of places, a bit each: the bytes of a text that are of one kind, or the features that were seen.

use std::ops::Range;

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bits {
    blocks: Vec<u64>,
}

/// Numbers in one block.
const BLOCK: usize = 64;

impl Bits {
    /// An empty set for numbers below `end`.
    pub(super) fn below(end: usize) -> Bits {
        Bits { blocks: vec![0; end.div_ceil(BLOCK)] }
    }

    /// Makes room for numbers below `end`, and gives none up.
    pub(super) fn make_room_below(&mut self, end: usize) {
        self.blocks.resize(self.blocks.len().max(end.div_ceil(BLOCK)), 0);
    }

    /// Becomes the set of the bytes of a text that are of a kind.
    ///
    /// Each block is told by comparisons of 64 bytes side by side, without a branch, so that it costs the same whatever
    /// the text is.
    pub(super) fn mark(&mut self, text: &[u8], is: impl Fn(u8) -> bool) {
        let (whole, rest) = text.as_chunks::<BLOCK>();
        self.blocks.clear();
        self.blocks.extend(whole.iter().map(|block| mark(block, &is)));
        // There is room for one byte more than the text has, so that each run has an end.
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let inside = (1 << rest.len()) - 1;
        self.blocks.push(mark(&last, &is) & inside);
    }

    /// Whether the number is in the set.
    #[inline]
    pub(super) fn contains(&self, number: usize) -> bool {
        self.blocks.get(number / BLOCK).is_some_and(|block| block >> (number % BLOCK) & 1 == 1)
    }

    /// Adds a number; whether it is new. One that there is no room for is never new.
    pub(super) fn insert(&mut self, number: usize) -> bool {
        let Some(block) = self.blocks.get_mut(number / BLOCK) else { return false };
        let before = *block;
        *block |= 1 << (number % BLOCK);
        before != *block
    }

    /// Takes a number out.
    pub(super) fn remove(&mut self, number: usize) {
        if let Some(block) = self.blocks.get_mut(number / BLOCK) {
            *block &= !(1 << (number % BLOCK));
        }
    }

    /// The numbers, in ascending order.
    pub(super) fn ones(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().enumerate().flat_map(|(i, &block)| ones(block).map(move |bit| i * BLOCK + bit))
    }

    /// The runs of numbers that follow one another, in ascending order. The last that there is room for is in none.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let mut edges = Edges { blocks: self.blocks.iter(), left: 0, base: 0, before: 0 };
        std::iter::from_fn(move || Some(edges.next()?..edges.next()?))
    }
}

/// Which of the bytes are of a kind, the first in the lowest bit.
fn mark(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let flags = block.map(|byte| u8::from(is(byte)));
    // The product has in its highest byte, as bits, what was in the lowest bit of each byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let eights = flags.as_chunks::<8>().0.iter();
    eights.rev().fold(0, |bits, eight| bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56)
}

fn ones(mut block: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (block != 0).then(|| block.trailing_zeros() as usize);
        block &= block.wrapping_sub(1);
        lowest
    })
}

/// Where runs begin and end, in turn.
struct Edges<'a> {
    blocks: std::slice::Iter<'a, u64>,
    /// Those of the block in hand that are still to come.
    left: u64,
    /// Where the next block begins.
    base: usize,
    /// Whether the last number of the block before is in the set, in the lowest bit.
    before: u64,
}

impl Iterator for Edges<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            let block = self.blocks.next()?;
            self.left = block ^ (block << 1 | self.before);
            self.before = block >> (BLOCK - 1);
            self.base += BLOCK;
        }
        let edge = self.base - BLOCK + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(edge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mark_is_a_bit_for_each_byte_of_the_kind(text in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut bits = Bits::default();
            bits.mark(b"what stood there before, and was longer than most", |_| true);
            bits.mark(&text, |byte| byte >= 100);
            let places: Vec<usize> = (0..text.len()).filter(|&i| text[i] >= 100).collect();
            prop_assert_eq!(bits.ones().collect::<Vec<_>>(), places);
        }

        #[test]
        fn runs_hold_each_number_once(length in 0usize..300, numbers in prop::collection::btree_set(0usize..300, 0..200)) {
            let text: Vec<u8> = (0..length).map(|i| u8::from(numbers.contains(&i))).collect();
            let mut bits = Bits::default();
            bits.mark(&text, |byte| byte == 1);
            let mut last = None;
            let mut all = Vec::new();
            for run in bits.runs() {
                prop_assert!(!run.is_empty() && last.is_none_or(|last| last < run.start));
                last = Some(run.end);
                all.extend(run);
            }
            prop_assert_eq!(all, numbers.into_iter().filter(|&n| n < length).collect::<Vec<_>>());
        }

        #[test]
        fn what_is_put_in_is_in_it_until_it_is_taken_out(numbers in prop::collection::vec(0usize..200, 0..50)) {
            let mut bits = Bits::below(150);
            for (i, &number) in numbers.iter().enumerate() {
                prop_assert_eq!(bits.insert(number), number < 192 && !numbers[..i].contains(&number));
            }
            prop_assert!(numbers.iter().all(|&number| bits.contains(number) == (number < 192)));
            numbers.iter().for_each(|&number| bits.remove(number));
            prop_assert_eq!(bits.ones().next(), None);
        }
    }
}
