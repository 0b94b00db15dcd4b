//! `ccx-sec snippet`: the TLS settings of servers, accounts and clients.

mod client;
mod files;
mod server;
mod users;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{Exit, Result};

/// The commands of `ccx-sec snippet`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Server(server::Args),
    Users(users::Args),
    Client(client::Args),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// The errors of the command.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Server(arguments) => arguments.run(context),
            Command::Users(arguments) => arguments.run(context),
            Command::Client(arguments) => arguments.run(context),
        }
    }
}
