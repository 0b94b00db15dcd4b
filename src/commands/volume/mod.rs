//! `ccx-sec volume`: manages encrypted volumes.

mod backup;
mod check;
mod close;
mod encrypt;
mod erase;
mod list;
mod manifest;
mod open;
mod pending;
mod rekey;
mod restore;
mod resume;
mod rollback;
mod selector;
mod status;
mod status_document;
mod test_recovery;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Encrypt, open, check and erase volumes
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    // The aliases keep clap from suggesting a destructive command for these words.
    #[command(aliases = ["create", "format", "init", "new"])]
    Encrypt(Box<encrypt::Args>),
    Open(open::Args),
    Close(close::Args),
    #[command(visible_alias = "ls")]
    List(list::Args),
    Status(status::Args),
    Check(check::Args),
    Rekey(rekey::Args),
    Backup(backup::Args),
    #[command(name = "test-recovery", alias = "drill")]
    TestRecovery(test_recovery::Args),
    Restore(restore::Args),
    Erase(erase::Args),
    Resume(resume::Args),
    Rollback(rollback::Args),
    Manifest(manifest::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        match self {
            Command::Encrypt(args) => args.run(context),
            Command::Open(args) => args.run(context),
            Command::Close(args) => args.run(context),
            Command::List(args) => args.run(context),
            Command::Status(args) => args.run(context),
            Command::Check(args) => args.run(context),
            Command::Rekey(args) => args.run(context),
            Command::Backup(args) => args.run(context),
            Command::TestRecovery(args) => args.run(context),
            Command::Restore(args) => args.run(context),
            Command::Erase(args) => args.run(context),
            Command::Resume(args) => args.run(context),
            Command::Rollback(args) => args.run(context),
            Command::Manifest(args) => args.run(context),
        }
    }
}
