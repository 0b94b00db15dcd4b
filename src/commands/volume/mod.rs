//! `ccx-sec volume`: encrypted volumes.

mod check;
mod status;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Encrypted volumes: what is encrypted, and what is not
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Check(check::Args),
    Status(status::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Check(args) => args.run(context),
            Command::Status(args) => args.run(context),
        }
    }
}
