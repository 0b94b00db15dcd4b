//! `ccx-sec cert`: the certificates of nodes and clients.

mod certificate_report;
mod fleet;
mod fleet_report;
mod inspect;
mod install;
mod issue;
mod list;
mod needs_renewal;
mod node;
mod options;
mod renew;
mod sign;
mod verification;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Exit, Result};

/// The commands of `ccx-sec cert`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Issue(Box<issue::Args>),
    Sign(Box<sign::Args>),
    Renew(Box<renew::Args>),
    NeedsRenewal(needs_renewal::Args),
    Install(Box<install::Args>),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Inspect(inspect::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// The errors of the command.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Issue(arguments) => arguments.run(context),
            Command::Sign(arguments) => arguments.run(context),
            Command::Renew(arguments) => arguments.run(context),
            Command::NeedsRenewal(arguments) => arguments.run(context),
            Command::Install(arguments) => arguments.run(context),
            Command::List(arguments) => arguments.run(context),
            Command::Inspect(arguments) => arguments.run(context),
        }
    }
}
