//! The outcome for one target.

use jiff::Timestamp;
use serde::Serialize;

use super::rotation_turns::TurnClaim;
use crate::error::Error;
use crate::node::credentials::{Credentials, RenewalReason};
use crate::node::trust::{FleetTrust, TurnDelay};
use crate::pki::certificate::Certificate;

/// The action that was taken, or in a dry run would be, and the current certificate.
#[derive(Debug)]
pub struct IssueOutcome {
    /// The action.
    pub action: Action,
    /// The reason for a new certificate.
    pub reason: Option<RenewalReason>,
    /// Why a certificate of a CA that a rotation replaces stays; `None` for other certificates.
    pub waiting: Option<RotationWait>,
    /// The time at which its turn in the rotation comes, if that is known.
    pub turn_from: Option<Timestamp>,
    /// The current certificate, or in a dry run one like it; `None` after a failure.
    pub certificate: Option<Box<Certificate>>,
    /// The failure.
    pub error: Option<Box<Error>>,
    /// The names of a replaced certificate that the new one does not have.
    pub dropped: Vec<String>,
    /// Why the change could not be confirmed. That does no harm; the next run reloads again.
    pub leftover: Option<Box<Error>>,
}

/// The reason why a certificate of the old CA stays, though another CA signs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationWait {
    /// Its turn has not come.
    Turn,
    /// Other nodes go first, and are not proved yet.
    Canaries,
    /// Another node of its datastore goes first, and is not proved yet.
    Round,
    /// An operator has paused the rotation.
    Paused,
    /// The run moved another node of the datastore.
    Datastore,
}

impl RotationWait {
    /// The reason why `certificate` waits, which is of another CA than the one that signs.
    #[must_use]
    pub fn of(trust: &FleetTrust, certificate: &Certificate) -> Self {
        match trust.delay(certificate) {
            _ if trust.is_paused() => RotationWait::Paused,
            Some(TurnDelay::Paused) => RotationWait::Paused,
            Some(TurnDelay::Canaries) => RotationWait::Canaries,
            Some(TurnDelay::Round) => RotationWait::Round,
            Some(TurnDelay::Until(_) | TurnDelay::Phase) | None => RotationWait::Turn,
        }
    }

    /// A sentence about the certificate that waits.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            RotationWait::Turn => "its turn in the rotation of the CA has not come",
            RotationWait::Canaries => "the nodes that go first are not proved yet",
            RotationWait::Round => {
                "another node of its datastore goes first, and is not proved yet"
            }
            RotationWait::Paused => "the rotation of the CA is paused",
            RotationWait::Datastore => "another node of its datastore changed in this run",
        }
    }
}

/// An action on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The first certificate was issued.
    Issued,
    /// A certificate was replaced.
    Renewed,
    /// Certificate and key stay; they were copied to a place that lacked them, or got a new bundle.
    Refreshed,
    /// Nothing had to be done.
    Kept,
    /// The action failed; the previous credentials are still current.
    Failed,
    /// Not begun, because the run was interrupted.
    Skipped,
}

/// The credentials that a target gets, and the reason if they are new.
pub(super) struct Decision<'a> {
    pub(super) credentials: Credentials,
    pub(super) reason: Option<RenewalReason>,
    pub(super) waiting: Option<RotationWait>,
    /// The turn of the datastore, if the target moves to another CA.
    pub(super) claim: Option<TurnClaim<'a>>,
}

impl IssueOutcome {
    pub(super) fn from_decision(chosen: &Decision<'_>, written: bool, trust: &FleetTrust) -> Self {
        let action = match chosen.reason {
            Some(RenewalReason::Missing) => Action::Issued,
            Some(_) => Action::Renewed,
            None if written => Action::Refreshed,
            None => Action::Kept,
        };
        let turn_from = match trust.delay(chosen.credentials.certificate()) {
            Some(TurnDelay::Until(time)) if chosen.waiting == Some(RotationWait::Turn) => {
                Some(time)
            }
            _ => None,
        };
        let certificate = Some(Box::new(chosen.credentials.certificate().clone()));
        IssueOutcome {
            reason: chosen.reason,
            waiting: chosen.waiting,
            turn_from,
            certificate,
            ..IssueOutcome::without_certificate(action)
        }
    }

    pub(super) fn failed(error: Error) -> Self {
        let error = Some(Box::new(error));
        IssueOutcome { error, ..IssueOutcome::without_certificate(Action::Failed) }
    }

    pub(super) fn skipped() -> Self {
        IssueOutcome::without_certificate(Action::Skipped)
    }

    fn without_certificate(action: Action) -> Self {
        IssueOutcome {
            action,
            reason: None,
            waiting: None,
            turn_from: None,
            certificate: None,
            error: None,
            dropped: Vec::new(),
            leftover: None,
        }
    }

    /// The outcome with the names that the certificate lacks and one of `replaced` has.
    pub(super) fn compared_with<'a>(
        mut self,
        replaced: impl Iterator<Item = &'a Certificate>,
    ) -> Self {
        let kept = self.certificate.as_deref().map(names_of).unwrap_or_default();
        self.dropped = replaced.flat_map(names_of).filter(|name| !kept.contains(name)).collect();
        self.dropped.sort();
        self.dropped.dedup();
        self
    }

    /// The warnings for people.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.dropped_text().into_iter().chain(self.leftover_text())
    }

    /// A sentence about the names that the new certificate does not have.
    fn dropped_text(&self) -> Option<String> {
        let name = self.certificate.as_ref()?.name();
        (!self.dropped.is_empty()).then(|| {
            format!(
                "the new certificate of {name} does not have {}, which the replaced one had: \
                 clients that connect by these names refuse it",
                self.dropped.join(", ")
            )
        })
    }

    /// A sentence about a change that could not be confirmed.
    fn leftover_text(&self) -> Option<String> {
        let error = self.leftover.as_ref()?;
        let why = std::iter::once(error.to_string()).chain(error.causes());
        let why = why.collect::<Vec<_>>().join(": ");
        Some(format!("the change could not be confirmed, and the next run reloads it again: {why}"))
    }
}

/// The DNS names and addresses of a certificate, with their kind.
fn names_of(certificate: &Certificate) -> Vec<String> {
    let san = certificate.names();
    let dns = san.dns.iter().map(|name| format!("DNS:{name}"));
    dns.chain(san.ip.iter().map(|ip| format!("IP:{ip}"))).collect()
}

impl Action {
    /// The name in all outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Action::Issued => "issued",
            Action::Renewed => "renewed",
            Action::Refreshed => "refreshed",
            Action::Kept => "kept",
            Action::Failed => "failed",
            Action::Skipped => "skipped",
        }
    }
}
