//! A row of numbers that looks like chance, and is the same for the same seed.

/// Drawn from one after the other.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).expect("a small number")
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub(crate) fn percent(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    pub(crate) fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    /// So many of them in another order, each once, as far as they reach.
    pub(crate) fn some<'t, T>(&mut self, count: usize, from: &'t [T]) -> Vec<&'t T> {
        let mut all: Vec<&T> = from.iter().collect();
        (0..all.len()).for_each(|i| {
            let j = i + self.below(all.len() - i);
            all.swap(i, j);
        });
        all.truncate(count);
        all
    }
}
