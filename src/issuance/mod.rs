//! Issues credentials for one node or a hundred thousand: assesses the present ones, issues missing
//! and due ones, and writes them, each node completely or not at all.
//!
//! Many nodes are processed in groups. The files of a group are written, synced with a single call,
//! and only then made current, one node after the other; after a second sync the group is done. The
//! next run removes the replaced files. A power cut can therefore lose the work on one group, which
//! the next run repeats, but never leaves a node with half of its files.

mod install_existing;
mod outcome;
mod prepare;
mod rotation_turns;
mod target;

pub use install_existing::install_credentials;
pub use outcome::{Action, IssueOutcome, RotationWait};
pub use rotation_turns::RotationTurns;
pub use target::{CredentialTarget, DesiredCertificate, ExpectedSubject};

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, Durability, PublishedFiles};
use crate::node::directory::Style;
use crate::node::renewal::RenewalTime;
use crate::node::trust::FleetTrust;
use crate::pki::issue::Issuer;
use crate::pki::validity::Length;
use crate::store::{Backend, nodes};
use prepare::{CredentialDelivery, Directory};

/// The number of nodes in a group. Each holds one or two file descriptors, and a process has 1,024
/// by default.
const GROUP: usize = 256;

/// The settings of a run.
pub struct IssueContext<'a> {
    /// The CA that signs.
    pub issuer: &'a Issuer<'a>,
    /// The bundle that goes with every certificate, and the pace of a rotation.
    pub trust: &'a FleetTrust,
    /// The datastores of which the run has moved a node to another CA.
    pub turns: RotationTurns,
    /// The current time.
    pub now: Timestamp,
    /// The time at which a certificate is due for renewal.
    pub due: &'a RenewalTime,
    /// Which certificates are issued.
    pub goal: IssuePolicy,
    /// Whether a new certificate reuses the old key.
    pub reuse_key: bool,
    /// The lifetime of new certificates, if the target names none; `None` keeps that of the old
    /// certificate.
    pub validity: Option<&'a Length>,
    /// Owner and modes of the files.
    pub style: Style,
    /// The store, for the targets with a Secret.
    pub store: Option<&'a dyn Backend>,
    /// The names of all Secrets in the store. Saves requests when many of the targets have no
    /// Secret yet.
    pub there: Option<HashSet<String>>,
    /// Called after the files of a directory have changed. If it fails, the old files are restored.
    pub reload: Option<&'a Reload<'a>>,
    /// How long to wait for another process that has locked a directory.
    pub patience: Duration,
    /// Whether only to check.
    pub dry_run: bool,
}

/// Lets the server or client that reads a directory load its files.
pub type Reload<'a> = dyn Fn(&Path) -> Result<()> + Sync + 'a;

/// The certificates that a run issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuePolicy {
    /// Missing and due certificates.
    Issue,
    /// Due certificates; a missing one is a failure.
    Renew,
    /// All certificates, due or not; a missing one is a failure.
    RenewAll,
}

impl IssueContext<'_> {
    /// Issues the credentials of one target.
    #[must_use]
    pub fn issue_one(&self, target: CredentialTarget) -> IssueOutcome {
        match self.prepare(target, Durability::Now) {
            Ok(prepared) => self.finish(self.publish(prepared)),
            Err(error) => IssueOutcome::failed(error),
        }
    }

    /// Issues the credentials of all `items`, `jobs` at a time; `target` is called when it is an
    /// item's turn. `done` maps each outcome to a result, and the results come in the order of the
    /// items. `out` is the directory of the fleet, if files are written. Once `is_stopped` returns
    /// true, begun items are finished and no further ones begun.
    ///
    /// # Errors
    /// Exit 3 when threads cannot be started; the failure of an item is its outcome.
    pub fn issue_all<T: Sync, R: Send>(
        &self,
        items: &[T],
        target: impl Fn(&T) -> Result<CredentialTarget> + Sync,
        out: Option<&Path>,
        jobs: usize,
        is_stopped: impl Fn() -> bool + Sync,
        done: impl Fn(IssueOutcome) -> R + Sync,
    ) -> Result<Vec<R>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
        let pool = pool.map_err(|e| {
            Error::failed(Code::Threads, "cannot start threads")
                .because(e)
                .hint("is the process limit reached? ulimit -u")
        })?;
        let prepare = |item: &T| {
            if is_stopped() {
                return CredentialDelivery::skipped();
            }
            let prepared = target(item).and_then(|to| self.prepare(to, Durability::Later));
            prepared.unwrap_or_else(CredentialDelivery::failed)
        };
        // Syncs a whole group with one system call, if `which` holds for one of its items.
        let make_safe = |group: Vec<CredentialDelivery>, which: fn(&CredentialDelivery) -> bool| {
            let Some(out) = out.filter(|_| group.iter().any(which)) else { return group };
            match files::sync_file_system(out) {
                Ok(()) => group,
                Err(error) => group
                    .into_iter()
                    .map(|one| {
                        if which(&one) {
                            CredentialDelivery::failed(as_failure(&error))
                        } else {
                            one
                        }
                    })
                    .collect(),
            }
        };
        let publish = |prepared| self.publish(prepared);
        let settle = |prepared| done(self.finish(prepared));
        if out.is_none() {
            // Without files there is nothing to sync together. Each item is a task of its own,
            // since it waits for the store.
            let each = items.par_iter().with_max_len(1);
            return Ok(pool.install(|| each.map(|item| settle(publish(prepare(item)))).collect()));
        }
        let mut outcomes = Vec::with_capacity(items.len());
        for group in items.chunks(GROUP) {
            let group = pool.install(|| group.par_iter().map(prepare).collect());
            let group = make_safe(group, CredentialDelivery::is_staged);
            let group = pool.install(|| group.into_par_iter().map(publish).collect());
            let group = make_safe(group, CredentialDelivery::is_changed);
            outcomes
                .extend(pool.install(|| group.into_par_iter().map(&settle).collect::<Vec<_>>()));
        }
        Ok(outcomes)
    }

    /// Whether a new certificate ends together with the CA, and so perhaps earlier than requested.
    #[must_use]
    pub fn is_cut_short(&self, outcome: &IssueOutcome) -> bool {
        let is_new = matches!(outcome.action, Action::Issued | Action::Renewed);
        let end = self.issuer.certificate().not_after();
        is_new && outcome.certificate.as_ref().is_some_and(|new| new.not_after() >= end)
    }

    /// Makes staged files current.
    fn publish(&self, prepared: CredentialDelivery) -> CredentialDelivery {
        match prepared.directory {
            Directory::Staged(staged) => match staged.publish(self.reload.is_some()) {
                Ok(new) => CredentialDelivery { directory: Directory::Changed(new), ..prepared },
                Err(error) => CredentialDelivery::failed(error),
            },
            _ => prepared,
        }
    }

    /// Reloads or rolls back changed files, then writes the Secret.
    fn finish(&self, prepared: CredentialDelivery) -> IssueOutcome {
        let CredentialDelivery { mut outcome, directory, secret } = prepared;
        let is_changed = matches!(directory, Directory::Changed(_));
        let settled = match directory {
            Directory::Changed(new) => self.reload_or_roll_back(new),
            Directory::Unconfirmed(new) if self.reload.is_some() => {
                outcome.action = Action::Refreshed;
                self.reload_or_roll_back(new)
            }
            // Without a reload, an earlier change stays unconfirmed, for a run with one.
            Directory::Untouched | Directory::Staged(_) | Directory::Unconfirmed(_) => Ok(None),
        };
        let settled = settled.map(|leftover| outcome.leftover = leftover.map(Box::new));
        let stored = settled.and_then(|()| match (secret, self.store) {
            (Some((to, read, credentials)), Some(store)) => {
                nodes::write(store, &to, read, &credentials)
            }
            _ => Ok(()),
        });
        match stored {
            Ok(()) => outcome,
            // The exit status "refused" promises that nothing was changed.
            Err(error) if is_changed && error.exit() == Exit::Refused => {
                IssueOutcome::failed(as_failure(&error).hint("the files were written"))
            }
            Err(error) => IssueOutcome::failed(error),
        }
    }

    /// Reloads a change or rolls it back; returns the same as [`reload_and_confirm`]. Without a
    /// reload, an earlier change that waits for its confirmation goes on waiting.
    fn reload_or_roll_back(&self, new: PublishedFiles) -> Result<Option<Error>> {
        match self.reload {
            Some(reload) => reload_and_confirm(new, reload),
            None => {
                drop(new);
                Ok(None)
            }
        }
    }
}

/// Reloads a change and confirms it, or rolls it back. Returns the error if the confirmation could
/// not be written: that is not a failure of the change, and the next run repeats it.
///
/// # Errors
/// The error of the reload, with a hint that says which files are current.
fn reload_and_confirm(new: PublishedFiles, reload: &Reload<'_>) -> Result<Option<Error>> {
    let path = new.path().to_owned();
    let Err(error) = reload(&path) else { return Ok(new.confirm().err()) };
    Err(match new.roll_back() {
        Ok(true) => error.hint(format!("the old files in {} were restored", path.display())),
        Ok(false) => error.hint("there were no old files; the new files stay"),
        Err(worse) => {
            error.hint(format!("the old files in {} may not be restored: {worse}", path.display()))
        }
    })
}

/// Copies an error with the exit status "failed".
fn as_failure(error: &Error) -> Error {
    let message = std::iter::once(error.to_string()).chain(error.causes());
    let failure = Error::failed(error.code(), message.collect::<Vec<_>>().join(": "));
    failure.hints_of(error)
}
