//! What the model did wrong, one by one and counted by kind.

use serde::Serialize;

use super::answers::{Answer, Answers, Pair};
use crate::learn::names::BOILERPLATE;

/// One label that the model wrongly gave, or did not give to a paragraph that carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// The article, by its index among the gold articles.
    pub article: usize,
    /// The paragraph, by its index in the article.
    pub paragraph: usize,
    /// The topic, or `boilerplate`.
    pub label: String,
    /// Which kind of mistake it is.
    pub kind: MistakeKind,
    /// The probability with which the model answered the label.
    pub probability: f64,
}

/// The kinds of mistakes; each wrong label is of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MistakeKind {
    /// A topic was missed, and the paragraph was given nothing.
    MissedNothingGiven,
    /// A topic was missed, and the paragraph was given another, right or wrong.
    MissedAnotherGiven,
    /// A topic was given to a paragraph that has none.
    GivenOnOther,
    /// A topic was wrongly given beside the right ones, or instead of them.
    GivenBesideAnother,
    /// A paragraph of the article was taken for boilerplate. That its topics were missed does not count again.
    ContentAsBoilerplate,
    /// Boilerplate was taken for a paragraph of the article. That it was given topics does not count again.
    BoilerplateAsContent,
}

impl Mistake {
    /// Whether the label was wrongly given; else it was missed.
    pub fn given(&self) -> bool {
        matches!(
            self.kind,
            MistakeKind::GivenOnOther | MistakeKind::GivenBesideAnother | MistakeKind::ContentAsBoilerplate
        )
    }

    /// The probability that the model told against the truth, from 0 to 1: how sure it was of its mistake.
    pub fn certainty(&self) -> f64 {
        if self.given() { self.probability } else { 1.0 - self.probability }
    }
}

/// How many mistakes there are of each kind.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "NATO allies argued about defence spending again.".to_string();
/// let gold = [Document::new(vec![Labelled { text, labels: vec![] }], false)];
/// assert_eq!(evaluate(&Model::shipped()?, &gold).mistakes.given_on_other, 1);
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Mistakes {
    /// Topics missed where nothing was given.
    pub missed_nothing_given: usize,
    /// Topics missed where another was given, right or wrong.
    pub missed_another_given: usize,
    /// Topics given to paragraphs that have none.
    pub given_on_other: usize,
    /// Topics wrongly given beside the right ones, or instead of them.
    pub given_beside_another: usize,
    /// Paragraphs of the article taken for boilerplate.
    pub content_as_boilerplate: usize,
    /// Boilerplate taken for paragraphs of the article.
    pub boilerplate_as_content: usize,
}

impl Mistakes {
    pub(super) fn new(mistakes: &[Mistake]) -> Mistakes {
        let mut counts = Mistakes::default();
        for mistake in mistakes {
            *match mistake.kind {
                MistakeKind::MissedNothingGiven => &mut counts.missed_nothing_given,
                MistakeKind::MissedAnotherGiven => &mut counts.missed_another_given,
                MistakeKind::GivenOnOther => &mut counts.given_on_other,
                MistakeKind::GivenBesideAnother => &mut counts.given_beside_another,
                MistakeKind::ContentAsBoilerplate => &mut counts.content_as_boilerplate,
                MistakeKind::BoilerplateAsContent => &mut counts.boilerplate_as_content,
            } += 1;
        }
        counts
    }

    /// How many they are in all.
    pub fn total(&self) -> usize {
        let missed = self.missed_nothing_given + self.missed_another_given;
        let given = self.given_on_other + self.given_beside_another;
        missed + given + self.content_as_boilerplate + self.boilerplate_as_content
    }
}

/// Every mistake, in reading order.
pub(super) fn mistakes(answers: &Answers) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (article, answered) in answers.articles.iter().enumerate() {
        for (paragraph, answer) in answered.paragraphs.iter().enumerate() {
            mistakes.extend(of_paragraph(answer).into_iter().map(|(topic, kind, pair)| {
                let label = topic.map_or(BOILERPLATE, |topic| answers.topics[topic].as_str()).to_string();
                Mistake { article, paragraph, label, kind, probability: pair.probability }
            }));
        }
    }
    mistakes
}

/// The mistakes with one paragraph; no topic is boilerplate.
fn of_paragraph(answer: &Answer) -> Vec<(Option<usize>, MistakeKind, &Pair)> {
    let boilerplate = &answer.boilerplate;
    match (boilerplate.carries, boilerplate.given) {
        (true, true) => return Vec::new(),
        (true, false) => return vec![(None, MistakeKind::BoilerplateAsContent, boilerplate)],
        (false, true) => return vec![(None, MistakeKind::ContentAsBoilerplate, boilerplate)],
        (false, false) => {}
    }
    let missed = if answer.topics.iter().any(|pair| pair.given) {
        MistakeKind::MissedAnotherGiven
    } else {
        MistakeKind::MissedNothingGiven
    };
    let given = if answer.topics.iter().any(|pair| pair.carries) {
        MistakeKind::GivenBesideAnother
    } else {
        MistakeKind::GivenOnOther
    };
    let wrong = answer.topics.iter().enumerate().filter(|(_, pair)| pair.carries != pair.given);
    wrong.map(|(topic, pair)| (Some(topic), if pair.given { given } else { missed }, pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn each_wrong_label_is_of_one_kind() {
        let told = ["a:", "ab:a", "a:b", ":ab", "a:-", ":-", "-:", "-:ab", "a:a", ":", "-:-"];
        let mistakes = mistakes(&answers(&[&told]));
        let labels: Vec<(usize, &str)> = mistakes.iter().map(|m| (m.paragraph, m.label.as_str())).collect();
        let boilerplate = [4, 5, 6, 7].map(|paragraph| (paragraph, "boilerplate"));
        assert_eq!(labels[..6], [(0, "a"), (1, "b"), (2, "a"), (2, "b"), (3, "a"), (3, "b")]);
        assert_eq!(labels[6..], boilerplate);
        let expected = Mistakes {
            missed_nothing_given: 1,
            missed_another_given: 2,
            given_on_other: 2,
            given_beside_another: 1,
            content_as_boilerplate: 2,
            boilerplate_as_content: 2,
        };
        assert_eq!((Mistakes::new(&mistakes), expected.total()), (expected, mistakes.len()));
        assert!(mistakes.iter().all(|m| (m.certainty() - 0.9).abs() < 1e-12), "{mistakes:?}");
    }
}
