//! `ccx-sec config`: the defaults of options.

mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Exit, Result};

/// The commands of `ccx-sec config`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Show(arguments) => arguments.run(context),
        }
    }
}
