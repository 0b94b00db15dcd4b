//! Installs credentials from elsewhere into a directory, in the same way as issued ones.

use std::path::Path;
use std::time::Duration;

use super::{Action, IssueOutcome, Reload, reload_and_confirm};
use crate::error::Result;
use crate::files::{Durability, Slot};
use crate::node::credentials::{self, Credentials};
use crate::node::directory::{self, CredentialKind, Style};

/// Writes the credentials of a server into a directory and calls `reload`; if that fails, the old
/// files are restored. With `dry_run`, only checks.
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
        && there.as_ref().is_some_and(|there| there.serves_as(given));
    let leftover = match (slot, is_there) {
        (None, _) => None,
        (Some(slot), true) => match slot.unconfirmed()? {
            Some(new) => reload_and_confirm(new, reload)?,
            None => None,
        },
        (Some(slot), false) => {
            let staged = directory::stage(slot, kind, given, style, Durability::Now)?;
            reload_and_confirm(staged.publish(true)?, reload)?
        }
    };
    let action = if is_there { Action::Kept } else { Action::Refreshed };
    let certificate = Some(Box::new(given.certificate().clone()));
    let outcome = IssueOutcome {
        action,
        reason: None,
        waiting: None,
        turn_from: None,
        certificate,
        error: None,
        dropped: Vec::new(),
        leftover: leftover.map(Box::new),
    };
    Ok(outcome.compared_with(there.iter().map(Credentials::certificate)))
}
