//! From keys to the articles that have them: a table of fixed size, in which what is oldest makes room.

/// Articles by their keys. Each key has one bucket, which keeps the newest sixteen that came into it; what fell out of the
/// window is pushed out in time, and until then whoever asks has to look whether the article has the key.
#[derive(Debug)]
pub(super) struct Table {
    /// A line of the processor's cache each, in the order in which they came.
    buckets: Vec<[u32; PLACES]>,
    /// How many of a place's lower bits are the article's number plus one; the others are of its key. Nought is free.
    bits: u32,
}

/// Places in a bucket.
const PLACES: usize = 16;

/// Places for every three keys: with so many a bucket overflows before its keys fall out of the window in one of ten cases,
/// and one key in sixty is lost by it, of the oldest articles only.
const PLACES_FOR_THREE: usize = 4;

/// The most articles that a table can number, which leaves eight bits of a key.
pub(super) const MOST: usize = (1 << 24) - 1;

impl Table {
    /// For so many articles with so many keys each, [`MOST`] articles at most.
    pub(super) fn new(articles: usize, keys: usize) -> Table {
        let articles = articles.min(MOST);
        let places = (articles * keys).div_ceil(3) * PLACES_FOR_THREE;
        let bits = usize::BITS - articles.leading_zeros();
        Table { buckets: vec![[0; PLACES]; places.div_ceil(PLACES).max(1)], bits }
    }

    /// Adds an article by its number, which is below the number of articles that the table is for.
    pub(super) fn insert(&mut self, key: u32, article: usize) {
        let (at, tag) = (self.bucket(key), self.tag(key));
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.rotate_left(1);
            bucket[PLACES - 1] = tag | (article as u32 + 1);
        }
    }

    /// The articles that may have the key, sixteen at most.
    pub(super) fn get(&self, key: u32) -> impl Iterator<Item = usize> {
        let (tag, number) = (self.tag(key), (1 << self.bits) - 1);
        let places = self.buckets.get(self.bucket(key)).into_iter().flatten();
        places
            .filter(move |&&place| place & !number == tag && place & number != 0)
            .map(move |&place| (place & number) as usize - 1)
    }

    /// By the highest bits of the key.
    fn bucket(&self, key: u32) -> usize {
        ((u64::from(key) * self.buckets.len() as u64) >> u32::BITS) as usize
    }

    /// The lowest bits of the key, above those of a number.
    fn tag(&self, key: u32) -> u32 {
        key << self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_keeps_the_newest() {
        let mut table = Table::new(100, 1);
        (0..100).for_each(|article| table.insert(7, article));
        assert_eq!(table.get(7).collect::<Vec<_>>(), (84..100).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_number_of_the_largest_table_is_told_from_a_free_place() {
        for articles in [1, 2, 3, 4, 127, 128, 255, 1000] {
            let mut table = Table::new(articles, 8);
            assert_eq!(table.get(u32::MAX).count() + table.get(0).count(), 0);
            table.insert(u32::MAX, articles - 1);
            table.insert(0, articles - 1);
            assert_eq!(table.get(u32::MAX).collect::<Vec<_>>(), [articles - 1]);
            assert_eq!(table.get(0).collect::<Vec<_>>(), [articles - 1]);
        }
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_found_where_there_is_room(keys in prop::collection::vec(any::<u32>(), 1..12)) {
            let mut table = Table::new(keys.len(), 1);
            keys.iter().enumerate().for_each(|(article, &key)| table.insert(key, article));
            for (article, &key) in keys.iter().enumerate() {
                prop_assert!(table.get(key).any(|found| found == article));
            }
        }
    }
}
