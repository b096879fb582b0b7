//! Labelled paragraphs to a model, and a model to figures. The daemon never comes here.

mod corpus;
mod vocabulary;
mod samples;
mod fit;
mod counts;
mod logistic;
mod judges;
mod figures;
mod profile;
mod train;
mod evaluate;

pub use corpus::{Corpus, Document, Labelled, read_gold};
pub use evaluate::{
    Answers, ArticleFigures, Bin, Calibration, Comparison, Confusion, Curve, CurvePoint, Difference, Evaluation,
    Figures, Interval, Intervals, Level, Mistake, MistakeKind, Mistakes, Review, Reviewed, evaluate,
};
pub use train::train;
