//! What is no part of an article: bylines, share prompts, related headlines.
//!
//! Where a paragraph's own text is all but proof, that decides, and the paragraph is passed over from then on: it is
//! nobody's neighbour and changes no other verdict. The rest is judged again with its surroundings, because such
//! furniture stands in groups and towards the end.

use serde::{Deserialize, Serialize};

use super::jury::Jury;
use super::look::{Look, Looker};

/// The probability from which a paragraph is passed over.
pub(crate) const SURE: f64 = 0.99;

/// Beyond so many words, more say nothing of what a paragraph is. The judges have seen few that are longer, and must not
/// be asked of what they cannot know.
const LONG: f64 = 100.0;

/// What its own text says: its score, its length, its share of capitalised words, whether it lacks a full stop at its
/// end, and how many it has inside.
pub(crate) type AloneInputs = [f64; 5];

/// The same, and how near the article's end it is, and the scores beside it.
pub(crate) type AroundInputs = [f64; 7];

/// The judges of both questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Boilerplate {
    pub(crate) alone: Jury,
    pub(crate) around: Jury,
}

impl Boilerplate {
    /// The probability of each paragraph of an article; `scores[i]` is the boilerplate score of paragraph i, and
    /// `furniture[i]` whether its page proves what it is.
    pub(crate) fn probabilities(&self, texts: &[&str], scores: &[f64], furniture: &[bool]) -> Vec<f64> {
        let inputs: Vec<AloneInputs> = alone_inputs(texts.iter().copied().zip(scores.iter().copied()));
        let alone = |(i, inputs): (usize, &AloneInputs)| match furniture.get(i) {
            Some(true) => 1.0,
            _ if is_opening(i, texts.len()) => 0.0,
            _ => self.alone.probability(inputs),
        };
        let mut probabilities: Vec<f64> = inputs.iter().enumerate().map(alone).collect();
        for (i, inputs) in around_inputs(&inputs, &probabilities) {
            if !is_opening(i, texts.len()) {
                probabilities[i] = unsure(self.around.probability(&inputs));
            }
        }
        probabilities
    }
}

/// Whether the paragraph is exempt from being boilerplate: what an article opens with is its title.
pub(crate) fn is_opening(i: usize, paragraphs: usize) -> bool {
    i == 0 && paragraphs > 1
}

/// What surroundings say makes nobody sure.
pub(crate) fn unsure(probability: f64) -> f64 {
    probability.min(SURE - 1e-9)
}

/// What the own text of each paragraph says, with its boilerplate score.
pub(crate) fn alone_inputs<'t>(paragraphs: impl Iterator<Item = (&'t str, f64)>) -> Vec<AloneInputs> {
    let mut looker = Looker::default();
    let inputs = |(text, score)| {
        let Look { words, capitalised, stops, ends } = looker.look(text);
        let words = words.max(1) as f64;
        [
            score,
            libm::log1p(words.min(LONG)),
            capitalised as f64 / words,
            f64::from(u8::from(!ends)),
            libm::log1p(stops as f64),
        ]
    };
    paragraphs.map(inputs).collect()
}

/// The inputs of those paragraphs that are not sure by themselves, whose probability then was `alone`; each with its index.
pub(crate) fn around_inputs(inputs: &[AloneInputs], alone: &[f64]) -> Vec<(usize, AroundInputs)> {
    let rest: Vec<usize> = (0..inputs.len()).filter(|&i| alone[i] < SURE).collect();
    let last = rest.len().saturating_sub(1);
    let score = |k: Option<usize>| k.and_then(|k| rest.get(k)).map_or(0.0, |&i| inputs[i][0]);
    let row = |(k, &i): (usize, &usize)| {
        let nearness_to_end = if last == 0 { 0.0 } else { 0.5f64.powi(i32::try_from(last - k).unwrap_or(i32::MAX)) };
        let [own, words, capitalised, open, sentences] = inputs[i];
        let beside = score(k.checked_sub(1)) + score(Some(k + 1));
        (i, [own, words, capitalised, open, sentences, nearness_to_end, beside])
    };
    rest.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Judge;

    fn alone_inputs(text: &str, score: f64) -> AloneInputs {
        super::alone_inputs([(text, score)].into_iter())[0]
    }

    #[test]
    fn a_text_tells_by_its_look() {
        assert_eq!(alone_inputs("By Our Own Correspondent", 2.0), [2.0, libm::log(5.0), 1.0, 1.0, 0.0]);
        assert_eq!(
            alone_inputs("“It is over. Go,” she said.", 0.3),
            [0.3, libm::log(7.0), 2.0 / 6.0, 0.0, libm::log(2.0)]
        );
        assert_eq!(alone_inputs(&"no stop ".repeat(5000), 0.0)[1], libm::log(101.0), "long is long");
        assert_eq!(alone_inputs("", 0.0), [0.0, libm::log(2.0), 0.0, 1.0, 0.0]);
    }

    #[test]
    fn the_sure_are_nobodys_neighbours() {
        let inputs = [1.0, 2.0, 4.0, 8.0].map(|score| alone_inputs("Words.", score));
        let around = around_inputs(&inputs, &[0.0, 0.5, SURE, 0.9]);
        let told: Vec<_> = around.iter().map(|(i, inputs)| (*i, inputs[0], inputs[5], inputs[6])).collect();
        assert_eq!(told, [(0, 1.0, 0.25, 2.0), (1, 2.0, 0.5, 9.0), (3, 8.0, 1.0, 2.0)]);
        assert_eq!(around_inputs(&inputs[..1], &[0.0])[0].1[5], 0.0, "a paragraph alone is at no end");
    }

    #[test]
    fn surroundings_make_nobody_sure_and_an_opening_is_exempt() {
        let judge = |intercept, inputs| Jury::from(vec![Judge { intercept, coefficients: vec![0.0; inputs] }]);
        let boilerplate = Boilerplate { alone: judge(0.0, 5), around: judge(1e9, 7) };
        let told = boilerplate.probabilities(&["Share", "Print"], &[0.0, 0.0], &[]);
        assert_eq!((told[0], told[1] < SURE, told[1] > 0.98), (0.0, true, true));
        assert!(boilerplate.probabilities(&["Share"], &[0.0], &[])[0] > 0.98);
        let told = boilerplate.probabilities(&["Share", "Print"], &[0.0, 0.0], &[true, false]);
        assert_eq!((told[0], told[1] < SURE), (1.0, true), "what is proved needs no judge");
    }
}
