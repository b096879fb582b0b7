//! The options that carry settings, as typed: each is a key of the configuration file and a variable too.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::Args;

use crate::settings::{AfterLine, Layer};

#[derive(Args)]
pub(crate) struct PlaceOptions {
    /// A drop folder; can be given several times. Folders in it are watched too.
    #[arg(long, value_name = "DIR")]
    inbox: Vec<PathBuf>,
    /// Where the lines go: a file, in which each stands exactly once, or `-` for standard output. [default: -]
    #[arg(long, value_name = "FILE")]
    sink: Option<PathBuf>,
    /// Where the daemon keeps what it has to remember. [default: $STATE_DIRECTORY, or .disputed in the first inbox]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Where files go once their line is durable. [default: done in each inbox]
    #[arg(long, value_name = "DIR")]
    done: Option<PathBuf>,
    /// Where refused files go, each with its reason beside it. [default: failed in each inbox]
    #[arg(long, value_name = "DIR")]
    failed: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct QuietOption {
    /// How long a file must stand unmoved where its writer's close was not seen. [default: 2]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) quiet: Option<f64>,
}

#[derive(Args)]
pub(crate) struct DaemonOptions {
    #[command(flatten)]
    places: PlaceOptions,
    #[command(flatten)]
    quiet: QuietOption,
    /// What becomes of a file once its line is durable: it is moved to done, deleted, or stays. [default: move]
    #[arg(long, value_name = "WHAT")]
    after: Option<AfterLine>,
    /// Wait so long for more lines before those at hand are synced: raises throughput and latency. [default: 0]
    #[arg(long, value_name = "SECONDS")]
    linger: Option<f64>,
    /// Sync when so many bytes of lines are at hand, 1048576 at most. [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    batch: Option<usize>,
    /// Rename the sink when it has this size, and begin a new one; the old ones are yours to remove. [default: never]
    #[arg(long, value_name = "BYTES")]
    rotate: Option<u64>,
    /// Remember so many articles, to tell which ones repeat them or take their place; 0 for none. [default: 100000]
    #[arg(long, value_name = "ARTICLES")]
    stories: Option<usize>,
    /// Remember an article for so many days. [default: 7]
    #[arg(long, value_name = "DAYS")]
    story_days: Option<f64>,
    /// Write no line of an article whose every word, the title's too, an earlier one says.
    #[arg(long)]
    drop_repeats: bool,
    /// Refuse an article that takes longer to read and label. [default: 30]
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    max_seconds: Option<f64>,
}

#[derive(Args)]
pub(crate) struct LabelOptions {
    #[command(flatten)]
    model: ModelOption,
    /// Leave the paragraphs' texts out of the records.
    #[arg(long)]
    no_text: bool,
    #[command(flatten)]
    limits: LimitOptions,
}

/// What an article may cost; `-h` leaves all but the first of them out.
#[derive(Args)]
#[command(next_help_heading = "Limits, beyond which a file or an article is refused")]
struct LimitOptions {
    /// Bytes of an article, and of a file that is not read as it comes. [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
    /// Bytes of a file that is read as it comes, and that all that is compressed in one expands to. [default: 1073741824]
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    max_expanded: Option<NonZeroU64>,
    /// How many times its own size a file expands to, counted from 8 MiB on. [default: 100]
    #[arg(long, value_name = "TIMES", hide_short_help = true)]
    max_ratio: Option<NonZeroU64>,
    /// Compressed files and archives within each other; with 0 none are read. [default: 3]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    max_nesting: Option<usize>,
    /// Articles in a file. [default: 100000]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    max_items: Option<NonZeroUsize>,
    /// Paragraphs of an article. [default: 200000]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    max_paragraphs: Option<NonZeroUsize>,
    /// Words of a paragraph. [default: 100000]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    max_words: Option<NonZeroUsize>,
}

#[derive(Args)]
pub(crate) struct ModelOption {
    /// The model's file. [default: the model that ships with the program]
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
}

impl PlaceOptions {
    pub(crate) fn add_to(&self, layer: &mut Layer) {
        layer.inbox = (!self.inbox.is_empty()).then(|| self.inbox.clone());
        layer.sink = self.sink.clone();
        layer.state = self.state.clone();
        layer.done = self.done.clone();
        layer.failed = self.failed.clone();
    }
}

impl DaemonOptions {
    pub(crate) fn add_to(&self, layer: &mut Layer) {
        self.places.add_to(layer);
        layer.quiet = self.quiet.quiet;
        layer.after = self.after;
        layer.linger = self.linger;
        layer.batch = self.batch;
        layer.rotate = self.rotate;
        layer.stories = self.stories;
        layer.story_days = self.story_days;
        layer.drop_repeats = self.drop_repeats.then_some(true);
        layer.max_seconds = self.max_seconds;
    }
}

impl LabelOptions {
    pub(crate) fn add_to(&self, layer: &mut Layer) {
        layer.model = self.model.model.clone();
        layer.no_text = self.no_text.then_some(true);
        self.limits.add_to(layer);
    }
}

impl LimitOptions {
    fn add_to(&self, layer: &mut Layer) {
        layer.max_bytes = self.max_bytes;
        layer.max_expanded = self.max_expanded;
        layer.max_ratio = self.max_ratio;
        layer.max_nesting = self.max_nesting;
        layer.max_items = self.max_items;
        layer.max_paragraphs = self.max_paragraphs;
        layer.max_words = self.max_words;
    }
}
