//! The command line, as typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use disputed::learn::Format as LabelFormat;

use crate::exit;
use crate::options::{DaemonOptions, LabelOptions, ModelOption, PlaceOptions, QuietOption};
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

Exit codes: 0 done; 64 wrong usage; 65 bad data; 66 no such input; 69 no daemon runs; 70 a bug; 74 a failing disk or \
pipe; 75 a daemon that is paused; 77 no permission; 78 wrong configuration.

Examples:
  disputed run --once --inbox wire --sink -            label what is in the folder, and end
  disputed run --inbox wire --sink labels.jsonl        go on watching; one JSON line an article
  disputed classify article.txt | jq .primary          label one file
  disputed status --inbox wire                         how the daemon fares that watches this folder
  disputed trace --inbox wire --sink labels.jsonl a.txt    what happened to a file
  disputed train --corpus corpus --out my.model        learn from labelled paragraphs
  disputed corpus convert corpus labels.txt --to fasttext    the same paragraphs for another tool";

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
        /// Name the files as a daemon with this inbox would: by their paths in it.
        #[arg(long, value_name = "DIR")]
        inbox: Option<PathBuf>,
        /// Say of a refused article what it is refused for, as a line among the others.
        #[arg(long, hide = true)]
        apart: bool,
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
        /// The folder with paragraphs/*.jsonl and articles/*.jsonl, whose CODEBOOK.md tells the format; or a file or a
        /// folder of fastText, doccano, Prodigy, spaCy or Label Studio, or of texts in folders named by label. Which of
        /// them it is is told by what is in it.
        #[arg(long, value_name = "PATH", default_value = "corpus")]
        corpus: PathBuf,
        /// Where the model goes.
        #[arg(long, value_name = "FILE", default_value = "models/disputes-en.model")]
        out: PathBuf,
        /// The first half of the model's id, which every record carries.
        #[arg(long, value_name = "NAME", default_value = "disputes-en")]
        name: String,
        /// A folder of articles without labels, such as done/ of an inbox: the model learns their words, and how often
        /// topics come up there, where that does not make it worse; and drift is measured from them.
        /// The newest 5,000 files are taken. Repeatable.
        #[arg(long, value_name = "DIR")]
        unlabelled: Vec<PathBuf>,
    },
    /// Work with labelled paragraphs.
    Corpus {
        #[command(subcommand)]
        command: CorpusCommand,
    },
    /// Measure a model on labelled articles.
    Eval {
        /// Gold files: one article a line, in the shape of corpus/articles/.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// How to print the figures.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Format,
        /// Hold it against this other model on the same articles, and say whether chance could explain the difference.
        #[arg(long, value_name = "MODEL")]
        against: Option<PathBuf>,
        /// Write a page for a browser too, with charts and the worst mistakes: one file, replaced in one step.
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
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
    /// Ask a running daemon how it fares. Exits with 69 where none runs, and with 75 where it is paused.
    Status {
        #[command(flatten)]
        places: PlaceOptions,
        /// How to print the answer.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Format,
    },
    /// Find out what happened to a file: in the inbox, done, failed, and the sink with its older generations.
    Trace {
        /// The file's name, its path in the inbox, or its digest or the id of a record of it, or the beginning of one
        /// (`b3:…`).
        #[arg(value_name = "NAME|ID")]
        wanted: String,
        #[command(flatten)]
        places: PlaceOptions,
        /// How to print the answer.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Format,
    },
    /// Look at a folder as the daemon would if it were its inbox, and touch nothing: how many files are ready, waiting,
    /// and ignored.
    Scan {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Say of each file what would become of it, and by which rule.
        #[arg(long)]
        explain: bool,
        #[command(flatten)]
        places: PlaceOptions,
        #[command(flatten)]
        quiet: QuietOption,
    },
    /// Move refused files from failed back into their inbox, where a running daemon reads them again at once.
    Retry {
        /// The files' names, or their paths in failed or in the inbox; all where none is given.
        #[arg(value_name = "NAME")]
        names: Vec<PathBuf>,
        #[command(flatten)]
        places: PlaceOptions,
    },
    /// Have a running daemon take its configuration and its model as they are now, and open its sink anew. Returns when
    /// it has. Exits with 78 where they are refused, and the old ones go on.
    Reload {
        #[command(flatten)]
        places: PlaceOptions,
    },
    /// Print what a shell needs to complete the commands and options of disputed.
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, or write one for each command into a folder.
    Man {
        /// Where the pages go; the folder is made where it is missing.
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// The shells that can be taught to complete.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Subcommand)]
pub(crate) enum ModelCommand {
    /// Print a model's card: what it was trained on, how, and how well it does.
    Show {
        #[command(flatten)]
        model: ModelOption,
    },
}

#[derive(Subcommand)]
pub(crate) enum CorpusCommand {
    /// Write labelled paragraphs in another format, and say what that cannot carry.
    ///
    /// The formats corpus and folders are folders, all others single files.
    Convert {
        /// What to read: whatever `train` takes as its corpus.
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// Where to write it; nothing may be there yet.
        #[arg(value_name = "TO")]
        to: PathBuf,
        /// The format to write.
        #[arg(long = "to", value_name = "FORMAT", value_parser = label_format())]
        format: LabelFormat,
    },
}

/// The formats of labelled paragraphs by name.
fn label_format() -> impl TypedValueParser<Value = LabelFormat> {
    PossibleValuesParser::new(LabelFormat::ALL.map(LabelFormat::as_str)).try_map(|name| name.parse())
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON object.
    Json,
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
            Command::Status { places, .. }
            | Command::Trace { places, .. }
            | Command::Retry { places, .. }
            | Command::Reload { places } => places.add_to(&mut layer),
            Command::Scan { places, quiet, .. } => {
                places.add_to(&mut layer);
                layer.quiet = quiet.quiet;
            }
            Command::Train { .. } | Command::Corpus { .. } | Command::Completions { .. } | Command::Man { .. } => {}
        }
        layer
    }
}

/// The description of the command line.
pub(crate) fn command() -> clap::Command {
    Args::command()
}

/// Parses the command line; help and version end here too, with the code of a success.
pub(crate) fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        // Where not even this can be printed there is nobody to tell.
        let _ = error.print();
        if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS }
    })
}
