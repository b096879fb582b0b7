//! The program: parse what was typed, find out what it means, do it, and say how it ended.

mod args;
mod options;
mod settings;
mod logs;
mod exit;
mod print;
mod run;
mod classify;
mod explain;
mod train;
mod corpus;
mod eval;
mod model;
mod check;
mod status;
mod trace;
mod scan;
mod retry;
mod reload;
mod completions;
mod man;

use std::process::ExitCode;

use args::{Args, Command};
use exit::Manner;
use settings::Settings;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    let manner = match args.command {
        Command::Run { .. } => Manner::Deliver,
        Command::Check { .. } => Manner::Check,
        _ => Manner::Print,
    };
    match dispatch(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error, manner),
    }
}

fn dispatch(args: Args) -> disputed::Result<()> {
    let (options, config) = (args.layer(), args.config.clone());
    let settings = Settings::gather(options.clone(), config.as_deref())?;
    logs::start(&settings)?;
    match args.command {
        Command::Run { once, .. } => run::run(options, config, once),
        Command::Check { .. } => check::run(&settings),
        Command::Classify { files, inbox, apart, .. } => classify::run(&settings, &files, inbox.as_deref(), apart),
        Command::Explain { file, .. } => explain::run(&settings, &file),
        Command::Train { corpus, out, name, unlabelled } => train::run(&corpus, &out, &name, &unlabelled),
        Command::Corpus { command: args::CorpusCommand::Convert { from, to, format } } => {
            corpus::convert(&from, &to, format)
        }
        Command::Eval { files, format, against, report, .. } => {
            eval::run(&settings, &files, format, against.as_deref(), report.as_deref())
        }
        Command::Status { format, .. } => status::run(&settings, format),
        Command::Trace { wanted, format, .. } => trace::run(&settings, &wanted, format),
        Command::Scan { folder, explain, .. } => scan::run(&settings, &folder, explain),
        Command::Retry { names, .. } => retry::run(&settings, &names),
        Command::Reload { .. } => reload::run(&settings),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { folder } => man::run(folder.as_deref()),
        Command::Model { command: args::ModelCommand::Show { .. } } => model::show(&settings),
    }
}
