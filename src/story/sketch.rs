//! What is kept of a set of phrases: a little of the smallest number in each of 128 bins, by which two sets compare.

/// How many bins the numbers fall into.
pub(super) const BINS: usize = 128;

/// Bins in one word of the sketch, four bits each.
const PER_WORD: usize = 16;

/// The lowest bit of each bin.
const LOWEST: u64 = 0x1111_1111_1111_1111;

/// One permutation hashing (Li, Owen and Zhang 2012) with four bits a bin (Li and König 2010).
///
/// Half as many bins of eight bits would take as much room, and be a third less exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sketch([u64; BINS / PER_WORD]);

impl Sketch {
    /// Of the smallest number in each bin, where there is one.
    pub(super) fn new(smallest: &[Option<u64>; BINS]) -> Sketch {
        // What says which is smallest are the highest bits, so the lowest are free of it. Nought is an empty bin.
        let bits = |number: &Option<u64>| number.map_or(0, |number| 1 + number % 15);
        let word = |bins: &[Option<u64>]| bins.iter().rev().fold(0, |word, number| word << 4 | bits(number));
        let mut words = [0; BINS / PER_WORD];
        words.iter_mut().zip(smallest.chunks(PER_WORD)).for_each(|(to, bins)| *to = word(bins));
        Sketch(words)
    }

    /// The resemblance of the two sets, which is the part of all their phrases that is in both (Jaccard's index), from 0
    /// to 1. Its standard error is 0.044 at a half, and less to both sides.
    pub(super) fn resemblance(&self, other: &Sketch) -> f64 {
        let (mut either, mut equal, mut differ) = (0, 0, 0);
        for (a, b) in self.0.iter().zip(&other.0) {
            let unlike = any(a ^ b);
            either += any(a | b).count_ones();
            equal += (any(*a) & !unlike).count_ones();
            differ += (any(*a) & any(*b) & unlike).count_ones();
        }
        if either == 0 {
            return 0.0;
        }
        // Of two numbers that differ the bits are the same once in fifteen times.
        let by_chance = f64::from(differ) / 14.0;
        ((f64::from(equal) - by_chance) / f64::from(either)).clamp(0.0, 1.0)
    }

    pub(super) fn words(&self) -> &[u64; BINS / PER_WORD] {
        &self.0
    }

    pub(super) fn from_words(words: [u64; BINS / PER_WORD]) -> Sketch {
        Sketch(words)
    }
}

/// The lowest bit of each bin that has any bit.
fn any(bins: u64) -> u64 {
    (bins | bins >> 1 | bins >> 2 | bins >> 3) & LOWEST
}

#[cfg(test)]
mod tests {
    use super::super::words::mix;
    use super::*;

    /// The sketch of the numbers of a range, each spread over all bits.
    fn of(range: std::ops::Range<u64>) -> Sketch {
        let mut smallest = [None; BINS];
        for number in range.map(|n| mix(n + 1)) {
            let bin = &mut smallest[(number >> 57) as usize];
            *bin = Some(bin.map_or(number, |least: u64| least.min(number)));
        }
        Sketch::new(&smallest)
    }

    #[test]
    fn the_estimate_is_near_the_truth_for_long_and_short_texts() {
        for size in [100, 400, 5000] {
            for overlap in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let shift = (f64::from(size) * (1.0 - overlap) / (1.0 + overlap)).round() as u64;
                let size = u64::from(size as u32);
                let truth = (size - shift.min(size)) as f64 / (size + shift) as f64;
                let estimates = (0..50u64).map(|i| i * 100_000);
                let estimates = estimates.map(|i| of(i..i + size).resemblance(&of(i + shift..i + size + shift)));
                let (mut sum, mut worst) = (0.0, 0.0f64);
                for estimate in estimates {
                    sum += estimate;
                    worst = worst.max((estimate - truth).abs());
                }
                let mean: f64 = sum / 50.0;
                assert!((mean - truth).abs() < 0.03, "{size} at {truth}: {mean}");
                assert!(worst < 0.2, "{size} at {truth}: off by {worst}");
            }
        }
    }

    #[test]
    fn nothing_resembles_nothing() {
        let empty = Sketch::new(&[None; BINS]);
        assert_eq!(empty.resemblance(&empty), 0.0);
        assert_eq!(empty.resemblance(&of(0..500)), 0.0);
        assert_eq!(of(0..500).resemblance(&of(0..500)), 1.0);
    }
}
