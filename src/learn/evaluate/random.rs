//! Numbers that look random and are the same on every machine.

/// SplitMix64 (Steele, Lea and Flood 2014): a counter whose bits are mixed. Ten lines of our own, because published
/// intervals must not change when a crate finds a better generator.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`, each nearly equally likely: off by less than `end` in 2⁶⁴. It is 0 where `end` is.
    pub(super) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// Heads or tails.
    pub(super) fn coin(&mut self) -> bool {
        self.next() >> 63 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut random = Random::new(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
        let mut dice = [0; 6];
        (0..6000).for_each(|_| dice[random.below(6)] += 1);
        assert!(dice.iter().all(|n| (850..1150).contains(n)), "{dice:?}");
        let heads = (0..1000).filter(|_| random.coin()).count();
        assert!((440..560).contains(&heads), "{heads}");
    }
}
