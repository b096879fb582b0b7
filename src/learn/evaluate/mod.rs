//! How well a model does on labelled articles: it answers once, and everything else is counted from its answers.

mod answers;
mod count;
mod tally;
mod calibration;
mod confusion;
mod coverage;
mod review;
mod mistakes;
mod curve;
mod random;
mod bootstrap;
mod comparison;

use std::collections::BTreeMap;

use serde::Serialize;

pub use answers::Answers;
pub use bootstrap::{Interval, Intervals};
pub use calibration::{Bin, Calibration};
pub use comparison::{Comparison, Difference};
pub use confusion::Confusion;
pub(super) use count::f1;
pub use count::{ArticleFigures, Figures};
pub use coverage::Level;
pub use curve::{Curve, CurvePoint};
pub use mistakes::{Mistake, MistakeKind, Mistakes};
pub use review::{Review, Reviewed};

use super::corpus::Document;
use crate::model::Model;

/// A model measured on labelled articles.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// How many paragraphs there were.
    pub paragraphs: usize,
    /// The mean F1 over the model's topics.
    pub macro_f1: f64,
    /// The F1 over all pairs of paragraph and topic.
    pub micro_f1: f64,
    /// Each topic's figures.
    pub topics: BTreeMap<String, Figures>,
    /// Boilerplate's figures.
    pub boilerplate: Figures,
    /// Figures over whole articles.
    pub articles: ArticleFigures,
    /// Whether probabilities mean what they say.
    pub calibration: Calibration,
    /// How far the figures may be off, had other articles of the same kind been labelled.
    pub intervals: Intervals,
    /// Which label was taken for which.
    pub confusion: Confusion,
    /// Accuracy where only the surest tenth, two tenths, … of the paragraphs count.
    pub coverage: Vec<Level>,
    /// Whether what the model would have reviewed is what it does badly.
    pub review: Review,
    /// The mistakes, counted by kind.
    pub mistakes: Mistakes,
}

/// Measures a model on labelled articles. Who wants more than figures asks [`Answers`].
///
/// ```
/// use disputed::Model;
/// use disputed::learn::{evaluate, Document, Labelled};
/// let text = "The tariffs on steel and aluminium drew retaliation from Brussels.".to_string();
/// let article = Document::new(vec![Labelled { text, labels: vec!["trade".into()] }], false);
/// let evaluation = evaluate(&Model::shipped()?, &[article]);
/// assert_eq!((evaluation.paragraphs, evaluation.macro_f1), (1, 1.0));
/// # Ok::<(), disputed::Error>(())
/// ```
pub fn evaluate(model: &Model, gold: &[Document]) -> Evaluation {
    Answers::new(model, gold).evaluation()
}
