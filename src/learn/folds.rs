//! How the corpus is cut into folds, each of which is judged by a model of the others. No article is in two of them.

use super::corpus::Document;
use super::layout::File;
use super::names::BOILERPLATE;

/// How many folds there are where registers do not make them.
const FOLDS: usize = 8;

/// With more registers than this, some share a fold: each fold costs a fit, and each judge a little time for ever.
const MOST: usize = 12;

/// With fewer registers than this, a fold would be nearly all there is.
const FEWEST: usize = 3;

/// Gives every document its fold.
///
/// A file of articles is a register of writing, and a fold of its own: what is learned from the others is tried on
/// writing that they do not have. A file that is nearly all about other things is none, because who learned from it alone
/// would know of topics only that there are none; its articles are dealt out. So are all, where there are too few
/// registers, and so are single paragraphs.
pub(super) fn deal(articles: &mut [File], paragraphs: &mut [File]) {
    let registers = articles.iter().filter(|file| is_register(file)).count();
    let folds = if registers < FEWEST { FOLDS } else { registers.min(MOST) };
    let mut next = 0;
    for file in articles {
        if registers >= FEWEST && is_register(file) {
            file.documents.iter_mut().for_each(|document| document.fold = next % folds);
            next += 1;
        } else {
            deal_out(file, folds);
        }
    }
    paragraphs.iter_mut().for_each(|file| deal_out(file, folds));
}

fn deal_out(file: &mut File, folds: usize) {
    file.documents.iter_mut().enumerate().for_each(|(n, document)| document.fold = n % folds);
}

/// Whether a quarter of its paragraphs or more are on a topic.
fn is_register(file: &File) -> bool {
    let paragraphs = || file.documents.iter().flat_map(|document: &Document| &document.paragraphs);
    let on_topic = paragraphs().filter(|p| !p.labels.is_empty() && !p.has(BOILERPLATE)).count();
    on_topic * 4 >= paragraphs().count()
}
