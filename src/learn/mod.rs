//! Labelled paragraphs to a model, and a model to figures. The daemon never comes here.

mod corpus;
mod folds;
mod vocabulary;
mod samples;
mod fit;
mod counts;
mod logistic;
mod panel;
mod chains;
mod judges;
mod fitted;
mod stream;
mod unlabelled;
mod figures;
mod profile;
mod train;
mod evaluate;

pub use corpus::{Corpus, Document, Labelled, read_gold};
pub use evaluate::{
    Answers, ArticleFigures, Bin, Calibration, Comparison, Confusion, Curve, CurvePoint, Difference, Evaluation,
    Figures, Interval, Intervals, Level, Mistake, MistakeKind, Mistakes, Review, Reviewed, evaluate,
};
pub use train::{Recipe, Trained, train};
pub use unlabelled::{Lesson, Trial};
