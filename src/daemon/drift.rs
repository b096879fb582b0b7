//! The newest paragraphs as a profile: whether what comes in is still like what the model was trained on.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model::{Judgement, Model, Profile, Shift};

/// How far the stream has drifted away from what the model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The newest articles that this model labelled since it came into force.
    pub articles: u64,
    /// Their paragraphs: about 10,000 at most, of which half go at a time.
    pub paragraphs: u64,
    /// Why nothing can be told, where that is so: there are fewer than [`Drift::PARAGRAPHS`] of [`Drift::ARTICLES`], here
    /// or in what the model was trained on.
    pub untold: Option<String>,
    /// How far the two are apart, to four decimals.
    pub shift: Option<Shift>,
    /// Whether the model should be trained anew.
    pub retrain: bool,
    /// Because of which figures: those above [`Shift::RETRAIN`].
    pub over: Vec<String>,
}

impl Drift {
    /// Paragraphs that it takes to tell.
    pub const PARAGRAPHS: u64 = 1000;

    /// Articles that it takes to tell. The paragraphs of one share their topics: of a desk that had not changed, a thousand
    /// paragraphs of thirty articles or so were 0.2 to 0.7 away from all, by their labels, and a hundred articles 0.1.
    pub const ARTICLES: u64 = 100;

    fn between(window: &Profile, reference: &Profile) -> Drift {
        let is_enough =
            |profile: &Profile| profile.paragraphs >= Drift::PARAGRAPHS && profile.articles >= Drift::ARTICLES;
        let takes = format!("it takes {} of {}", Drift::PARAGRAPHS, Drift::ARTICLES);
        let untold = if !is_enough(reference) {
            let Profile { paragraphs, articles, .. } = reference;
            Some(format!("the model was trained on {paragraphs} paragraphs of {articles} articles, and {takes}"))
        } else if !is_enough(window) {
            let Profile { paragraphs, articles, .. } = window;
            Some(format!("too early: {paragraphs} paragraphs of {articles} articles, and {takes}"))
        } else {
            None
        };
        let shift = untold.is_none().then(|| window.shift_from(reference));
        let over = shift.map_or(Vec::new(), |shift| shift.over(Shift::RETRAIN));
        Drift {
            articles: window.articles,
            paragraphs: window.paragraphs,
            untold,
            shift: shift.map(rounded),
            retrain: !over.is_empty(),
            over: over.into_iter().map(String::from).collect(),
        }
    }
}

fn rounded(Shift { labels, unknown, scores, lengths }: Shift) -> Shift {
    let rounded = |index: f64| (index * 1e4).round() / 1e4;
    Shift { labels: rounded(labels), unknown: rounded(unknown), scores: rounded(scores), lengths: rounded(lengths) }
}

/// The newest paragraphs that one model labelled. It belongs to the model: a worker that still labels by the one before
/// counts into the window before.
pub(crate) struct Window {
    halves: Mutex<Halves>,
}

/// So many articles come in between two looks at how far they are from what the model was trained on.
const LOOK_EVERY: u64 = 10;

/// Two profiles that take turns, so that what is old is forgotten although no paragraph is remembered.
struct Halves {
    /// Is being filled.
    newer: Profile,
    /// Is full, or empty.
    older: Profile,
    /// Whether the log has said that retraining is due. It says so once for a model: the figures may waver about the
    /// limit for weeks.
    said: bool,
}

impl Window {
    /// An empty window for verdicts of this model.
    pub(crate) fn new(model: &Model) -> Window {
        let empty = || Profile::new(model.topics().len());
        Window { halves: Mutex::new(Halves { newer: empty(), older: empty(), said: false }) }
    }

    /// Counts an article's paragraphs; says in the log when they make it due to train the model anew.
    pub(crate) fn observe(&self, judgement: &Judgement, model: &Model) {
        let mut halves = self.halves();
        halves.newer.observe(&judgement.paragraphs);
        if is_full(&halves.newer) {
            halves.older = mem::replace(&mut halves.newer, Profile::new(model.topics().len()));
        }
        // A comparison costs more than a count, and what has drifted has not come back an article later.
        if halves.said || !halves.newer.articles.is_multiple_of(LOOK_EVERY) {
            return;
        }
        let drift = halves.drift(model);
        halves.said = drift.retrain;
        drop(halves);
        if drift.retrain {
            let (over, model) = (drift.over.join(", "), model.id());
            tracing::warn!(over, model, "what comes in is unlike what the model was trained on: retraining is due");
        }
    }

    /// How far the paragraphs in it are from those that their model was trained on.
    pub(crate) fn drift(&self, model: &Model) -> Drift {
        self.halves().drift(model)
    }

    fn halves(&self) -> MutexGuard<'_, Halves> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Halves {
    fn drift(&self, model: &Model) -> Drift {
        Drift::between(&self.newer.clone().and(&self.older), model.profile())
    }
}

/// Whether the next article begins a new half. One half alone has to be enough to tell.
fn is_full(half: &Profile) -> bool {
    const PARAGRAPHS: u64 = 5 * Drift::PARAGRAPHS;
    half.paragraphs >= PARAGRAPHS && half.articles >= Drift::ARTICLES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{Labelled, Origin, label_each};
    use crate::read::Limits;

    #[test]
    fn a_window_holds_the_newest_and_forgets_half_at_a_time() {
        let model = Model::shipped().expect("the shipped model");
        let window = Window::new(&model);
        let held = |text: &str, paragraphs, articles| {
            let text = vec![text; paragraphs].join("\n\n");
            let (origin, at) = (Origin::default(), std::time::SystemTime::UNIX_EPOCH);
            let labelled = label_each(text.as_bytes(), origin, &model, &Limits::default(), at, &mut |labelled| {
                let Labelled::Article { judgement, .. } = labelled else { panic!("no record") };
                (0..articles).for_each(|_| window.observe(&judgement, &model));
            });
            labelled.expect("an article");
            let drift = window.drift(&model);
            (drift.articles, drift.paragraphs)
        };
        assert_eq!(held("Tariffs on steel", 60, 99), (99, 5940), "long, but few");
        assert_eq!(held("Tariffs on steel", 60, 1), (100, 6000));
        assert_eq!(held("Talks on missiles resume in Geneva", 10, 499), (599, 10_990));
        assert_eq!(held("Talks on missiles resume in Geneva", 10, 1), (500, 5000));
        let halves = window.halves();
        assert_eq!(
            halves.newer.clone().and(&halves.older).lengths[..3],
            [0, 0, 5000],
            "six words each, and none of three"
        );
    }

    #[test]
    fn little_is_no_measure_on_either_side() {
        let profile = |articles, paragraphs| Profile { articles, paragraphs, ..Profile::new(1) };
        let untold = |window, reference| Drift::between(window, reference).untold;
        let (enough, short, few) = (profile(100, 1000), profile(100, 999), profile(99, 1000));
        assert_eq!(untold(&enough, &enough), None);
        assert_eq!(
            untold(&short, &enough).as_deref(),
            Some("too early: 999 paragraphs of 100 articles, and it takes 1000 of 100")
        );
        assert_eq!(
            untold(&enough, &few).as_deref(),
            Some("the model was trained on 1000 paragraphs of 99 articles, and it takes 1000 of 100")
        );
        let drift = Drift::between(&few, &enough);
        assert_eq!((drift.shift, drift.retrain, drift.over.len()), (None, false, 0));
    }
}
