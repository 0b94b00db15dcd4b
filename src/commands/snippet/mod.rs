//! `ccx-sec snippet`: what servers, accounts and clients are told about TLS.

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
    /// Whatever the command says.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Server(arguments) => arguments.run(context),
            Command::Users(arguments) => arguments.run(context),
            Command::Client(arguments) => arguments.run(context),
        }
    }
}
