//! `ccx-sec ca rotate`: a new key and name for the CA, in phases.

mod advance;
mod forget;
mod pause;
mod plan;
mod report;
mod rollback;
mod start;
mod status;

use clap::Subcommand;
use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::process;
use crate::store::rotation::Operator;
pub(crate) use report::awaited_step;

/// Rotate the CA to a new key and name, in phases
///
/// Each phase can be undone. Clients and nodes trust both CAs before the new one signs; nodes then take new certificates in
/// their own time; the old CA leaves the bundle last. Each phase begins when the one before is
/// proved on the nodes. Without a command, status.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

const HELP: &str = "\
PHASES
  staged     the bundle holds the new CA too; clients and nodes take the bundle
  switched   the new CA signs; nodes take new certificates
  reissued   every node has one
  removed    the bundle holds the new CA only
  and after forget, which deletes the old key, nothing is left of the old CA

EXAMPLES
  ccx-sec ca rotate plan --from-secrets
  ccx-sec ca rotate start
  ccx-sec ca rotate status
  ccx-sec ca rotate advance --to switched --inventory nodes.yaml --dry-run
  ccx-sec ca rotate rollback

EXIT STATUS
  that of the command; without one, that of status";

#[derive(Debug, Subcommand)]
enum Command {
    Plan(Box<plan::Args>),
    Start(Box<start::Args>),
    Status(status::Args),
    Advance(Box<advance::Args>),
    Pause(pause::PauseArgs),
    Resume(pause::ResumeArgs),
    Rollback(rollback::Args),
    Forget(forget::Args),
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self.command {
            None => status::Args::default().run(context),
            Some(Command::Plan(arguments)) => arguments.run(context),
            Some(Command::Start(arguments)) => arguments.run(context),
            Some(Command::Status(arguments)) => arguments.run(context),
            Some(Command::Advance(arguments)) => arguments.run(context),
            Some(Command::Pause(_)) => pause::run(context, true),
            Some(Command::Resume(_)) => pause::run(context, false),
            Some(Command::Rollback(arguments)) => arguments.run(context),
            Some(Command::Forget(arguments)) => arguments.run(context),
        }
    }
}

/// The user of this run, for the record.
fn operator(context: &Context) -> Operator {
    let whole_seconds = Timestamp::from_second(context.now.as_second());
    Operator { name: process::user_at_host(), at: whole_seconds.unwrap_or(context.now) }
}
