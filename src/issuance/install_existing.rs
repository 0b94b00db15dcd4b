//! Credentials that somebody else made, put into a directory as those that we make are.

use std::path::Path;
use std::time::Duration;

use super::{Action, IssueOutcome, Reload, take_up};
use crate::error::Result;
use crate::files::{Durability, Slot};
use crate::node::credentials::{self, Credentials};
use crate::node::directory::{self, CredentialKind, Style};

/// Puts the credentials of a server into a directory and has them taken up; what `reload` fails
/// with brings the old ones back. In a `dry_run` it only looks.
#[must_use]
pub fn install_credentials(
    directory: &Path,
    given: &Credentials,
    style: &Style,
    patience: Duration,
    reload: &Reload<'_>,
    dry_run: bool,
) -> IssueOutcome {
    let outcome = write_credentials(directory, given, style, patience, reload, dry_run);
    outcome.unwrap_or_else(IssueOutcome::failed)
}

fn write_credentials(
    path: &Path,
    given: &Credentials,
    style: &Style,
    patience: Duration,
    reload: &Reload<'_>,
    dry_run: bool,
) -> Result<IssueOutcome> {
    let kind = CredentialKind::Server;
    let slot = if dry_run { None } else { Some(Slot::open(path, Durability::Now, patience)?) };
    let there = match directory::read(path, kind) {
        Err(error) if !credentials::is_damage(&error) => return Err(error),
        read => read.unwrap_or_default(),
    };
    let is_there = directory::has_style(path, kind, style)?
        && there.is_some_and(|there| {
            there.certificate() == given.certificate() && there.bundle_pem() == given.bundle_pem()
        });
    let leftover = match (slot, is_there) {
        (None, _) => None,
        (Some(slot), true) => match slot.unconfirmed()? {
            Some(new) => take_up(new, reload)?,
            None => None,
        },
        (Some(slot), false) => {
            let staged = directory::stage(slot, kind, given, style, Durability::Now)?;
            take_up(staged.publish(true)?, reload)?
        }
    };
    let action = if is_there { Action::Kept } else { Action::Refreshed };
    let certificate = Some(Box::new(given.certificate().clone()));
    Ok(IssueOutcome {
        action,
        reason: None,
        certificate,
        error: None,
        leftover: leftover.map(Box::new),
    })
}
