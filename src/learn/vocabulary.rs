//! Which words and pairs are worth knowing: those that stand in more than one paragraph.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::model::{Vocabulary, tokens};

/// What stands in fewer paragraphs cannot tell one topic from another.
pub(super) const FEWEST: u32 = 2;

/// The vocabulary of these texts: words in the order of their bytes, pairs in the order of their words.
pub(super) fn learn<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vocabulary> {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut in_paragraphs: Vec<u32> = Vec::new();
    let mut pairs_in_paragraphs: HashMap<(u32, u32), u32> = HashMap::new();
    for text in texts {
        let mut all = Vec::new();
        tokens(text, |token| {
            let next = in_paragraphs.len() as u32;
            let id = *ids.entry(token.to_string()).or_insert(next);
            if id == next {
                in_paragraphs.push(0);
            }
            all.push(id);
        });
        let mut pairs: Vec<(u32, u32)> = all.iter().copied().zip(all.iter().copied().skip(1)).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().for_each(|id| in_paragraphs[id as usize] += 1);
        pairs.sort_unstable();
        pairs.dedup();
        pairs.into_iter().for_each(|pair| *pairs_in_paragraphs.entry(pair).or_insert(0) += 1);
    }
    let mut words: Vec<(String, u32)> =
        ids.into_iter().filter(|&(_, id)| in_paragraphs[id as usize] >= FEWEST).collect();
    words.sort_unstable();
    let new_ids: HashMap<u32, u32> = words.iter().zip(0..).map(|(&(_, old), new)| (old, new)).collect();
    let kept = pairs_in_paragraphs.into_iter().filter(|&(_, count)| count >= FEWEST);
    // Both words of a pair stand wherever the pair does, so both are kept.
    let mut pairs: Vec<[u32; 2]> =
        kept.filter_map(|((a, b), _)| Some([*new_ids.get(&a)?, *new_ids.get(&b)?])).collect();
    pairs.sort_unstable();
    let words = words.into_iter().map(|(word, _)| word).collect();
    Vocabulary::new(words, pairs).ok_or(Error::Internal("vocabulary"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_two_paragraphs_is_kept() {
        let v = learn(["New tariffs, new quotas, new tariffs.", "The new tariffs"].into_iter()).expect("a vocabulary");
        assert_eq!(v.words(), ["$", "^", "new", "tariff"]);
        let pairs: Vec<String> = (4..v.len() as u32).map(|f| v.text(f)).collect();
        assert_eq!(pairs, ["new tariff", "tariff $"]);
    }
}
