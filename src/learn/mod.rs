//! Labelled paragraphs to a model, and a model to figures. The daemon never comes here.

mod names;
mod formats;
mod decisions;
mod layout;
mod dataset;
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

pub use corpus::{Corpus, Document, Labelled};
pub use dataset::Dataset;
pub use evaluate::{
    Answers, ArticleFigures, Bin, Calibration, Comparison, Confusion, Curve, CurvePoint, Difference, Evaluation,
    Figures, Interval, Intervals, Level, Mistake, MistakeKind, Mistakes, Review, Reviewed, evaluate,
};
pub use formats::{Export, Format, Written};
pub use layout::read_gold;
pub use train::{Recipe, Trained, train};
pub use unlabelled::{Lesson, Trial};
