//! A jury in the making: a judge a register, so that each can be left out where its own register is judged.

use super::logistic;
use crate::model::{Judge, Jury};

/// What one judgement is learned from: the fold, what the judge is told, and the right answer.
pub(super) type Row<const N: usize> = (usize, [f64; N], bool);

/// Judges, each with the fold that it was trained on.
pub(super) struct Panel {
    judges: Vec<(usize, Judge)>,
    /// All of them, and by fold those who have not seen it.
    all: Jury,
    others: Vec<Jury>,
}

impl Panel {
    /// A judge who has seen fewer rows knows nothing.
    const FEWEST: usize = 200;

    /// One judge a fold that has both answers and enough of them; where no fold has, one judge of all.
    pub(super) fn train<const N: usize>(rows: &[Row<N>]) -> Panel {
        let of = |fold: Option<usize>| -> Vec<([f64; N], bool)> {
            rows.iter().filter(|row| fold.is_none_or(|f| row.0 == f)).map(|&(_, x, y)| (x, y)).collect()
        };
        let folds = rows.iter().map(|row| row.0 + 1).max().unwrap_or(0);
        let judge = |fold| {
            let rows = of(Some(fold));
            (rows.len() >= Panel::FEWEST).then(|| logistic::fit(&rows)).flatten().map(|judge| (fold, judge))
        };
        let mut judges: Vec<_> = (0..folds).filter_map(judge).collect();
        if judges.is_empty() {
            judges.extend(logistic::fit(&of(None)).map(|judge| (folds, judge)));
        }
        let mut panel = Panel { judges, all: Jury::default(), others: Vec::new() };
        panel.all = panel.jury(None);
        panel.others = (0..folds).map(|fold| panel.jury(Some(fold))).collect();
        panel
    }

    /// Those who have not seen the fold, or all; where there is only one judge, that has to do.
    pub(super) fn jury(&self, without: Option<usize>) -> Jury {
        let heard = |fold: usize| Some(fold) != without || self.judges.len() == 1;
        let judges = self.judges.iter().filter(|(fold, _)| heard(*fold));
        judges.map(|(_, judge)| judge.clone()).collect::<Vec<_>>().into()
    }

    /// What the judges say who have not seen this fold.
    pub(super) fn crossed(&self, fold: usize, inputs: &[f64]) -> f64 {
        // A fold that came later than all rows has been seen by none.
        self.others.get(fold).unwrap_or(&self.all).probability(inputs)
    }
}
