//! `disputed completions`: what a shell needs to complete a command line.

use clap_complete::aot;
use disputed::Result;

use crate::args::{self, Shell};
use crate::print::print;

pub(crate) fn run(shell: Shell) -> Result<()> {
    let shell = match shell {
        Shell::Bash => aot::Shell::Bash,
        Shell::Zsh => aot::Shell::Zsh,
        Shell::Fish => aot::Shell::Fish,
    };
    let mut script = Vec::new();
    aot::generate(shell, &mut args::command(), "disputed", &mut script);
    print(script)
}
