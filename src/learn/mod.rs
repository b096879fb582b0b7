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
pub use evaluate::{ArticleFigures, Calibration, Evaluation, Figures, evaluate};
pub use train::train;
