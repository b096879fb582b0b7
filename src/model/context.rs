//! What the topic judges are told of a paragraph: its own words, its place in the thread, and the strongest rival.

use super::verdict::log_odds;

/// What the judges are told of one paragraph and one topic: the paragraph's own score; the log-odds that it is on the
/// topic by what the chains say of the whole article; and the highest probability there of another topic, because
/// topics that share words explain each other away.
pub(crate) type TopicInputs = [f64; 3];

/// No chain is surer than one in a thousand: what it takes for granted between paragraphs is only nearly so.
const SUREST: f64 = 0.001;

/// The topic judges' inputs, topic by topic. `scores[t]` is the paragraph's score for topic t, scaled; `on[t]` the
/// probability that it is on it, by the chains.
pub(crate) fn topic_inputs<'a>(scores: &'a [f64], on: &'a [f64]) -> impl Iterator<Item = TopicInputs> + 'a {
    let bounded = |p: f64| p.clamp(SUREST, 1.0 - SUREST);
    // The strongest is everybody's rival, and the next is its own; where two are as strong, they are equal.
    let (mut first, mut second) = (SUREST, SUREST);
    for p in on.iter().copied().map(bounded) {
        second = second.max(p.min(first));
        first = first.max(p);
    }
    scores.iter().zip(on).map(move |(&own, &on)| {
        let on = bounded(on);
        [own, log_odds(on), if on == first { second } else { first }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_the_strongest_other_as_its_rival() {
        let topic_inputs = |scores: &[f64], on: &[f64]| topic_inputs(scores, on).collect::<Vec<_>>();
        let inputs = topic_inputs(&[2.0, 1.0, -1.0], &[0.9, 0.5, 0.0]);
        assert_eq!(inputs[0], [2.0, log_odds(0.9), 0.5]);
        assert_eq!(inputs[1], [1.0, 0.0, 0.9]);
        assert_eq!(inputs[2], [-1.0, log_odds(0.001), 0.9], "no chain is certain");
        assert_eq!(topic_inputs(&[2.0], &[1.0]), [[2.0, log_odds(0.999), 0.001]], "one topic has no rival");
        let equal = topic_inputs(&[0.0; 3], &[0.3, 0.9, 0.9]);
        assert_eq!([equal[0][2], equal[1][2], equal[2][2]], [0.9; 3], "two that are as strong are each other's rival");
        assert!(topic_inputs(&[], &[]).is_empty());
    }
}
