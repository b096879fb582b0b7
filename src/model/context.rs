//! What the judges are told: a paragraph's own score, and what its article says around it.

/// What the topic judges are told of one paragraph and one topic.
///
/// `own` is its score; `near` its neighbours' scores up to three away, halving with distance; `mean` the article's mean
/// score; `title` the first paragraph's score; `rival` the highest mean of another topic. Scores of other paragraphs
/// count by their probability of being part of the article at all.
pub(crate) type TopicInputs = [f64; 5];

/// What the boilerplate judges are told of one paragraph: its own score, its length, its share of capitalised words,
/// whether it lacks a full stop, how near the article's end it is, and the scores beside it.
pub(crate) type BoilerplateInputs = [f64; 6];

/// The topic judges' inputs, paragraph by paragraph and topic by topic.
///
/// `scores[i][t]` is the score of paragraph i for topic t, scaled; `boilerplate[i]` the probability that it is no part
/// of the article.
pub(crate) fn topic_inputs(scores: &[Vec<f64>], boilerplate: &[f64]) -> Vec<Vec<TopicInputs>> {
    const REACH: usize = 3;
    let topics = scores.first().map_or(0, Vec::len);
    let part: Vec<f64> = boilerplate.iter().map(|p| 1.0 - p).collect();
    let whole = part.iter().sum::<f64>().max(1.0);
    let mean: Vec<f64> =
        (0..topics).map(|t| scores.iter().zip(&part).map(|(s, q)| s[t] * q).sum::<f64>() / whole).collect();
    let rival: Vec<f64> = (0..topics)
        .map(|t| {
            mean.iter().enumerate().filter(|&(other, _)| other != t).map(|(_, &m)| m).reduce(f64::max).unwrap_or(0.0)
        })
        .collect();
    let at = |i: Option<usize>, t: usize| i.and_then(|i| Some(scores.get(i)?[t] * part[i])).unwrap_or(0.0);
    let near = |i: usize, t: usize| -> f64 {
        (1..=REACH).map(|d| 0.5f64.powi(d as i32 - 1) * (at(i.checked_sub(d), t) + at(Some(i + d), t))).sum()
    };
    let row = |(i, own): (usize, &Vec<f64>)| {
        (0..topics).map(|t| [own[t], near(i, t), mean[t], scores[0][t], rival[t]]).collect()
    };
    scores.iter().enumerate().map(row).collect()
}

/// The boilerplate judges' inputs, paragraph by paragraph. `scores[i]` is the boilerplate score of paragraph i.
pub(crate) fn boilerplate_inputs(texts: &[&str], scores: &[f64]) -> Vec<BoilerplateInputs> {
    let last = texts.len().saturating_sub(1);
    let score = |i: Option<usize>| i.and_then(|i| scores.get(i)).copied().unwrap_or(0.0);
    let row = |(i, text): (usize, &&str)| {
        let words = text.split_whitespace().count().max(1) as f64;
        let capitalised = text.split_whitespace().filter(|word| is_capitalised(word)).count() as f64;
        let nearness_to_end = if last == 0 { 0.0 } else { 0.5f64.powi(i32::try_from(last - i).unwrap_or(i32::MAX)) };
        [
            score(Some(i)),
            libm::log(1.0 + words),
            capitalised / words,
            f64::from(u8::from(!ends_as_sentence(text))),
            nearness_to_end,
            score(i.checked_sub(1)) + score(Some(i + 1)),
        ]
    };
    texts.iter().enumerate().map(row).collect()
}

/// Whether the paragraph is exempt from being boilerplate: what an article opens with is its title.
pub(crate) fn is_opening(i: usize, paragraphs: usize) -> bool {
    i == 0 && paragraphs > 1
}

/// A capital at the start, also behind a quotation mark or a bracket.
fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    let is_upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
    let first = chars.next();
    is_upper(first) || (first.is_some_and(|c| !c.is_alphabetic()) && is_upper(chars.next()))
}

fn ends_as_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(['"', '\'', '”', '’', ')', ']', ' ']);
    end.ends_with(['.', '!', '?', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_alone_has_no_neighbours() {
        assert_eq!(topic_inputs(&[vec![2.0, 1.0]], &[0.0]), [[[2.0, 0.0, 2.0, 2.0, 1.0], [1.0, 0.0, 1.0, 1.0, 2.0]]]);
        assert_eq!(topic_inputs(&[vec![2.0]], &[0.0])[0][0][4], 0.0, "one topic has no rival");
        assert!(topic_inputs(&[], &[]).is_empty());
    }

    #[test]
    fn neighbours_count_by_nearness_and_by_being_part_of_the_article() {
        let scores = [vec![1.0], vec![8.0], vec![4.0], vec![2.0], vec![16.0]];
        let inputs = topic_inputs(&scores, &[0.0, 1.0, 0.0, 0.5, 0.0]);
        let [own, near, mean, title, _] = inputs[0][0];
        assert_eq!((own, title), (1.0, 1.0));
        assert_eq!(near, 0.5 * 4.0 + 0.25 * 1.0, "boilerplate says nothing, and four away is too far");
        assert_eq!(mean, (1.0 + 4.0 + 1.0 + 16.0) / 3.5);
    }

    #[test]
    fn layout_tells_boilerplate() {
        let inputs =
            boilerplate_inputs(&["He left.", "By Our Own Correspondent", "“It is over,” she said."], &[0.1, 2.0, 0.3]);
        assert_eq!(inputs[1], [2.0, libm::log(5.0), 1.0, 1.0, 0.5, 0.4]);
        assert_eq!(inputs[2][2..], [0.2, 0.0, 1.0, 2.0]);
        assert_eq!(boilerplate_inputs(&["Alone"], &[0.1])[0][4], 0.0);
    }
}
