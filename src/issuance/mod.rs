//! Credentials for one node or a hundred thousand: looked at, made where they are missing or
//! due, and put where they belong, each node whole or not at all.
//!
//! Many nodes go through in groups. The files of a group are written, made safe from a power
//! cut by one call for all of them, and only then put in force, a node at a time; what they
//! replaced is removed when another call has made that safe. So a power cut can cost the work
//! on one group, which the next run does again, and never leaves a node with half of its files.

mod install_existing;
mod outcome;
mod prepare;
mod target;

pub use install_existing::install_credentials;
pub use outcome::{Action, IssueOutcome};
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
use crate::pki::issue::Issuer;
use crate::pki::validity::Length;
use crate::store::{Backend, nodes};
use prepare::{CredentialDelivery, Directory};

/// How many nodes go through together: each holds a file descriptor or two, of which a process
/// has 1,024 unless told otherwise.
const GROUP: usize = 256;

/// What is to be done, and with what.
pub struct IssueContext<'a> {
    /// The CA that signs.
    pub issuer: &'a Issuer<'a>,
    /// The bundle that goes with every certificate, PEM.
    pub bundle: &'a str,
    /// The moment it is.
    pub now: Timestamp,
    /// When a certificate is due.
    pub due: &'a RenewalTime,
    /// What is asked for.
    pub goal: IssuePolicy,
    /// Whether a new certificate is for the old key.
    pub reuse_key: bool,
    /// How long a new certificate is valid, where the target does not say; as long as the old
    /// one where this does not either.
    pub validity: Option<&'a Length>,
    /// How files are written.
    pub style: Style,
    /// The store, for the targets with a Secret.
    pub store: Option<&'a dyn Backend>,
    /// The names of all Secrets in it, where many targets are looked for that may not be
    /// there.
    pub there: Option<HashSet<String>>,
    /// Called when the files of a directory have changed. What it fails with brings the old
    /// ones back.
    pub reload: Option<&'a Reload<'a>>,
    /// How long to wait for another process that holds a directory.
    pub patience: Duration,
    /// Only look.
    pub dry_run: bool,
}

/// Has whoever reads the files of a directory load them.
pub type Reload<'a> = dyn Fn(&Path) -> Result<()> + Sync + 'a;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuePolicy {
    /// Who has no credentials gets some; those that are due get new ones.
    Issue,
    /// Those that are due get new ones; to have none is a failure.
    Renew,
    /// All get new ones, due or not; to have none is a failure.
    RenewAll,
}

impl IssueContext<'_> {
    /// Does it for one target.
    #[must_use]
    pub fn issue_one(&self, target: CredentialTarget) -> IssueOutcome {
        match self.prepare(target, Durability::Now) {
            Ok(prepared) => self.finish(self.publish(prepared)),
            Err(error) => IssueOutcome::failed(error),
        }
    }

    /// Does it for all of `items`, whose `target` is made when it is their turn, `jobs` at a
    /// time. `done` makes of each outcome what is to be kept of it, which comes in the order
    /// of the items. `out` is where the directories are, if there are some. Once `is_stopped`
    /// says so, what was begun is brought to its end and nothing more is begun.
    ///
    /// # Errors
    /// Exit 3 when there are no threads; what fails for one of them is its outcome.
    pub fn all<T: Sync, R: Send>(
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
                .hint("is the limit of processes reached? ulimit -u")
        })?;
        let prepare = |item: &T| {
            if is_stopped() {
                return CredentialDelivery::skipped();
            }
            let prepared = target(item).and_then(|to| self.prepare(to, Durability::Later));
            prepared.unwrap_or_else(CredentialDelivery::failed)
        };
        // One call of the system for a whole group, where `which` of them need it.
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
            // Without files there is nothing to make safe together. One item at a time to a
            // thread, since each waits for the store.
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

    /// Whether a new certificate ends with the CA, and so sooner than asked for, perhaps.
    #[must_use]
    pub fn is_cut_short(&self, outcome: &IssueOutcome) -> bool {
        let is_new = matches!(outcome.action, Action::Issued | Action::Renewed);
        let end = self.issuer.certificate().not_after();
        is_new && outcome.certificate.as_ref().is_some_and(|new| new.not_after() >= end)
    }

    /// Puts what is staged in force.
    fn publish(&self, prepared: CredentialDelivery) -> CredentialDelivery {
        match prepared.directory {
            Directory::Staged(staged) => match staged.publish(self.reload.is_some()) {
                Ok(new) => CredentialDelivery { directory: Directory::Changed(new), ..prepared },
                Err(error) => CredentialDelivery::failed(error),
            },
            _ => prepared,
        }
    }

    /// Has what was put in force taken up by whoever reads it, and writes the Secret.
    fn finish(&self, prepared: CredentialDelivery) -> IssueOutcome {
        let CredentialDelivery { mut outcome, directory, secret } = prepared;
        let is_changed = matches!(directory, Directory::Changed(_));
        let settled = match directory {
            Directory::Changed(new) => self.reload_or_roll_back(new),
            Directory::Unconfirmed(new) if self.reload.is_some() => {
                outcome.action = Action::Refreshed;
                self.reload_or_roll_back(new)
            }
            // Without a reload an earlier change waits on for one who has it.
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
            // "Refused" says that nothing was changed.
            Err(error) if is_changed && error.exit() == Exit::Refused => {
                IssueOutcome::failed(as_failure(&error).hint("the files were written"))
            }
            Err(error) => IssueOutcome::failed(error),
        }
    }

    /// Has a change taken up, or takes it back. Gives what [`take_up`] gives.
    fn reload_or_roll_back(&self, new: PublishedFiles) -> Result<Option<Error>> {
        match self.reload {
            Some(reload) => take_up(new, reload),
            None => Ok(new.tidy().err()),
        }
    }
}

/// Has a change taken up, or takes it back. Gives why what it replaced could not be removed: that
/// is no failure of the change.
///
/// # Errors
/// That of the reload, with what became of the files.
fn take_up(new: PublishedFiles, reload: &Reload<'_>) -> Result<Option<Error>> {
    let path = new.path().to_owned();
    let Err(error) = reload(&path) else { return Ok(new.confirm().err()) };
    Err(match new.roll_back() {
        Ok(true) => error.hint(format!("the old files are back in {}", path.display())),
        Ok(false) => error.hint("there was nothing before; the new files stay"),
        Err(worse) => error.hint(format!(
            "and whether the old files in {} came back is not known: {worse}",
            path.display()
        )),
    })
}

/// The same error once more, as one of what could not be done.
fn as_failure(error: &Error) -> Error {
    let message = std::iter::once(error.to_string()).chain(error.causes());
    let told = Error::failed(error.code(), message.collect::<Vec<_>>().join(": "));
    told.hints_of(error)
}
