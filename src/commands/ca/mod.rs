//! `ccx-sec ca`: the certificate authority.

mod ca_files;
mod ca_report;
mod check;
mod export;
mod fetch;
mod import;
mod init;
mod renew;
mod rotate;
mod show;

use clap::Subcommand;
pub(crate) use rotate::awaited_step;

use crate::context::Context;
use crate::error::{Exit, Result};

/// The commands of `ccx-sec ca`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Show(show::Args),
    Check(check::Args),
    Export(export::Args),
    Fetch(fetch::Args),
    Import(import::Args),
    Renew(renew::Args),
    Rotate(rotate::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// The errors of the command.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Init(arguments) => arguments.run(context),
            Command::Show(arguments) => arguments.run(context),
            Command::Check(arguments) => arguments.run(context),
            Command::Export(arguments) => arguments.run(context),
            Command::Fetch(arguments) => arguments.run(context),
            Command::Import(arguments) => arguments.run(context),
            Command::Renew(arguments) => arguments.run(context),
            Command::Rotate(arguments) => arguments.run(context),
        }
    }
}
