//! The command line, as typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::settings::{Layer, LogFormat};

/// Labels news by the disputes that it is about.
///
/// Articles that land in a drop folder are read, cut into paragraphs, and labelled by topic; one JSON line an article
/// goes to standard output or to a log file.
#[derive(Parser)]
#[command(name = "disputed", version, max_term_width = 100, after_long_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Read settings from this TOML file; its keys are the long names of the options of `run`.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Log what is at least this important: error, warn, info, debug, trace, or a filter by module. [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    /// How to write logs, which go to standard error. [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

const AFTER: &str = "\
Settings come from options, then from the environment (DISPUTED_QUIET for --quiet, DISPUTED_CONFIG for --config, and so \
on; several inboxes are separated by colons), then from the configuration file, then from defaults. NO_COLOR is respected.

Exit codes: 0 done; 64 wrong usage; 65 bad data; 66 no such input; 70 a bug; 74 a failing disk or pipe; 77 no permission; \
78 wrong configuration.

Examples:
  disputed run --once --inbox wire --sink -            label what is in the folder, and end
  disputed run --inbox wire --sink labels.jsonl        go on watching; one JSON line an article
  disputed classify article.txt | jq .primary          label one file
  disputed train --corpus corpus --out my.model        learn from labelled paragraphs";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Watch drop folders and write one line an article.
    Run {
        #[command(flatten)]
        daemon: DaemonOptions,
        #[command(flatten)]
        label: LabelOptions,
        /// Work what is there, then end.
        #[arg(long)]
        once: bool,
    },
    /// Label files, or standard input, and write one line an article to standard output.
    Classify {
        /// The files; `-`, or none, is standard input.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        label: LabelOptions,
    },
    /// Show which words, where, pulled a file's paragraphs towards which topics, in log-odds.
    Explain {
        /// The file; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        model: ModelOption,
    },
    /// Learn a model from labelled paragraphs. The file at --out is replaced in one step, or not at all.
    Train {
        /// The folder with paragraphs/*.jsonl and articles/*.jsonl; its CODEBOOK.md tells the format.
        #[arg(long, value_name = "DIR", default_value = "corpus")]
        corpus: PathBuf,
        /// Where the model goes.
        #[arg(long, value_name = "FILE", default_value = "models/disputes-en.model")]
        out: PathBuf,
        /// The first half of the model's id, which every record carries.
        #[arg(long, value_name = "NAME", default_value = "disputes-en")]
        name: String,
    },
    /// Measure a model on labelled articles.
    Eval {
        /// Gold files: one article a line, in the shape of corpus/articles/.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// How to print the figures.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: EvalFormat,
        #[command(flatten)]
        model: ModelOption,
    },
    /// Look at models.
    Model {
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// Find out whether `run` could start with these settings: folders, model, sink. Exits with 78 where it could not.
    Check {
        #[command(flatten)]
        daemon: DaemonOptions,
        #[command(flatten)]
        label: LabelOptions,
    },
}

#[derive(Subcommand)]
pub(crate) enum ModelCommand {
    /// Print a model's card: what it was trained on, how, and how well it does.
    Show {
        #[command(flatten)]
        model: ModelOption,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EvalFormat {
    /// For people.
    Table,
    /// One JSON object.
    Json,
}

#[derive(Group)]
pub(crate) struct DaemonOptions {
    /// A drop folder; can be given several times. Folders in it are watched too.
    #[arg(long, value_name = "DIR")]
    inbox: Vec<PathBuf>,
    /// Where the lines go: a file, in which each stands exactly once, or `-` for standard output. [default: -]
    #[arg(long, value_name = "FILE")]
    sink: Option<PathBuf>,
    /// Where the daemon keeps its mark. [default: $STATE_DIRECTORY, or .disputed in the first inbox]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Where files go once their line is durable. [default: done in each inbox]
    #[arg(long, value_name = "DIR")]
    done: Option<PathBuf>,
    /// Where refused files go, each with its reason beside it. [default: failed in each inbox]
    #[arg(long, value_name = "DIR")]
    failed: Option<PathBuf>,
    /// How long a file must stand unmoved where its writer's close was not seen. [default: 2]
    #[arg(long, value_name = "SECONDS")]
    quiet: Option<f64>,
}

#[derive(Group)]
pub(crate) struct LabelOptions {
    #[command(flatten)]
    model: ModelOption,
    /// Refuse larger files. [default: 16777216]
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
    /// Leave the paragraphs' texts out of the records.
    #[arg(long)]
    no_text: bool,
}

#[derive(Group)]
pub(crate) struct ModelOption {
    /// The model's file. [default: the model that ships with the program]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

impl Args {
    /// What the options say, as the topmost layer of settings.
    pub(crate) fn layer(&self) -> Layer {
        let mut layer = Layer { log: self.log.clone(), log_format: self.log_format, ..Layer::default() };
        match &self.command {
            Command::Run { daemon, label, .. } | Command::Check { daemon, label } => {
                daemon.add_to(&mut layer);
                label.add_to(&mut layer);
            }
            Command::Classify { label, .. } => label.add_to(&mut layer),
            Command::Explain { model, .. }
            | Command::Eval { model, .. }
            | Command::Model { command: ModelCommand::Show { model } } => layer.model = model.model.clone(),
            Command::Train { .. } => {}
        }
        layer
    }
}

impl DaemonOptions {
    fn add_to(&self, layer: &mut Layer) {
        layer.inbox = (!self.inbox.is_empty()).then(|| self.inbox.clone());
        layer.sink = self.sink.clone();
        layer.state = self.state.clone();
        layer.done = self.done.clone();
        layer.failed = self.failed.clone();
        layer.quiet = self.quiet;
    }
}

impl LabelOptions {
    fn add_to(&self, layer: &mut Layer) {
        layer.model = self.model.model.clone();
        layer.max_bytes = self.max_bytes;
        layer.no_text = self.no_text.then_some(true);
    }
}

/// Parses the command line; help and version end here too, with the code of a success.
pub(crate) fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        // Where not even this can be printed there is nobody to tell.
        let _ = error.print();
        if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS }
    })
}
