//! `ccx-sec volume`: manages encrypted volumes.

mod backup;
mod check;
mod close;
mod encrypt;
mod encrypt_dry_run;
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

use std::path::PathBuf;

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
    /// Returns `--journal`, if it is given.
    pub(crate) fn journal(&self) -> Option<PathBuf> {
        let journals = match self {
            Command::Encrypt(args) => &args.journals,
            Command::Open(args) => &args.selector.journals,
            Command::Close(args) => &args.journals,
            Command::List(args) => &args.journals,
            Command::Status(args) => &args.journals,
            Command::Rekey(args) => &args.selector.journals,
            Command::Backup(args) => &args.selector.journals,
            Command::TestRecovery(args) => &args.selector.journals,
            Command::Restore(args) => &args.selector.journals,
            Command::Erase(args) => &args.selector.journals,
            Command::Resume(args) => &args.selector.journals,
            Command::Rollback(args) => &args.selector.journals,
            Command::Check(_) | Command::Manifest(_) => return None,
        };
        journals.given()
    }

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
