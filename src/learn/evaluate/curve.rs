//! Precision against recall: what a topic's probabilities would be worth, cut elsewhere.

use super::answers::{Answers, Pair};

/// Precision against recall over all cuts through a topic's probabilities.
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{Answers, Document, Labelled};
/// let labelled = |text: &str, labels: &[&str]| {
///     let labels = labels.iter().map(|label| label.to_string()).collect();
///     Document::new(vec![Labelled { text: text.into(), labels }], false)
/// };
/// let gold = [
///     labelled("NATO allies argued about defence spending again.", &["nato"]),
///     labelled("The museum opens at nine.", &[]),
/// ];
/// let curves = Answers::new(&Model::shipped()?, &gold).curves();
/// let nato = curves.iter().find(|curve| curve.topic == "nato").expect("a topic of this model");
/// assert_eq!((nato.points.len(), nato.points[0].recall, nato.average_precision), (1, 1.0, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The topic.
    pub topic: String,
    /// The cuts at which recall rises, the highest first; none where no paragraph carries the topic.
    pub points: Vec<CurvePoint>,
    /// The mean precision at these cuts, each weighed by how much recall rises there: the area under the curve, from 0 to
    /// 1 (Manning, Raghavan and Schütze 2008, section 8.4); 1 where no paragraph carries the topic.
    pub average_precision: f64,
}

/// What giving a topic from a probability on would lead to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// The probability from which the topic is given.
    pub threshold: f64,
    /// Of the paragraphs that carry the topic, the part given it.
    pub recall: f64,
    /// Of the paragraphs given the topic, the part that carry it.
    pub precision: f64,
}

impl Curve {
    pub(super) fn new(answers: &Answers, topic: usize, name: &str) -> Curve {
        let mut pairs: Vec<&Pair> = answers.paragraphs().map(|paragraph| &paragraph.topics[topic]).collect();
        pairs.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let support = pairs.iter().filter(|pair| pair.carries).count();
        let (mut points, mut area) = (Vec::new(), 0.0);
        let (mut right, mut given) = (0, 0);
        for same in pairs.chunk_by(|a, b| a.probability == b.probability) {
            let carry = same.iter().filter(|pair| pair.carries).count();
            right += carry;
            given += same.len();
            if carry > 0 {
                let precision = right as f64 / given as f64;
                area += precision * carry as f64;
                let recall = right as f64 / support as f64;
                points.extend(same.first().map(|p| CurvePoint { threshold: p.probability, recall, precision }));
            }
        }
        let average_precision = if support == 0 { 1.0 } else { area / support as f64 };
        Curve { topic: name.to_string(), points, average_precision }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::answers;
    use super::*;

    #[test]
    fn a_curve_has_a_point_where_recall_rises() {
        let answers = answers(&[&["a:a", "a:a", "b:a", "a:b", ":"]]);
        let curve = Curve::new(&answers, 0, "a");
        let high = CurvePoint { threshold: 0.9, recall: 2.0 / 3.0, precision: 2.0 / 3.0 };
        let low = CurvePoint { threshold: 0.1, recall: 1.0, precision: 0.6 };
        assert_eq!(curve.points, [high, low]);
        assert!((curve.average_precision - (2.0 / 3.0 * 2.0 + 0.6) / 3.0).abs() < 1e-12);
        let nowhere = Curve::new(&answers, 2, "c");
        assert_eq!((nowhere.points.len(), nowhere.average_precision), (0, 1.0));
    }
}
