//! `disputed man`: the manual pages.

use std::fs;
use std::path::Path;

use clap_mangen::{Man, generate_to};
use disputed::{Error, Result};

use crate::args;
use crate::print::print;

/// Prints the page of the program, or writes that of each command into a folder.
pub(crate) fn run(folder: Option<&Path>) -> Result<()> {
    // What is in the manual need not be told by `disputed help` once more.
    let command = args::command().disable_help_subcommand(true);
    match folder {
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page).map_err(Error::io("write", "the manual page"))?;
            print(page)
        }
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| generate_to(command, folder))
            .map_err(Error::io("write the manual pages to", folder)),
    }
}
