//! What came out for one target.

use serde::Serialize;

use super::prepare::Decision;
use crate::error::Error;
use crate::node::credentials::RenewalReason;
use crate::pki::certificate::Certificate;

/// What was done, or would be, and what is in force now.
#[derive(Debug)]
pub struct IssueOutcome {
    /// What was done.
    pub action: Action,
    /// Why there is a new certificate.
    pub reason: Option<RenewalReason>,
    /// The certificate that is in force, or in a dry run one like it; none where it failed.
    pub certificate: Option<Box<Certificate>>,
    /// Why it failed.
    pub error: Option<Box<Error>>,
    /// Why what it replaced is still there, beside what is in force; the next run removes it.
    pub leftover: Option<Box<Error>>,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A certificate was issued where there was none.
    Issued,
    /// A certificate took the place of another.
    Renewed,
    /// Certificate and key stay, and were put where they were missing, or got a new bundle.
    Refreshed,
    /// There was nothing to do.
    Kept,
    /// Something was in the way; what was there is still in force.
    Failed,
    /// It was not begun: the run was interrupted before.
    Skipped,
}

impl IssueOutcome {
    pub(super) fn from_decision(chosen: &Decision, written: bool) -> Self {
        let action = match chosen.reason {
            Some(RenewalReason::Missing) => Action::Issued,
            Some(_) => Action::Renewed,
            None if written => Action::Refreshed,
            None => Action::Kept,
        };
        let certificate = Some(Box::new(chosen.credentials.certificate().clone()));
        IssueOutcome { action, reason: chosen.reason, certificate, error: None, leftover: None }
    }

    pub(super) fn failed(error: Error) -> Self {
        let error = Some(Box::new(error));
        IssueOutcome { error, ..IssueOutcome::without_certificate(Action::Failed) }
    }

    pub(super) fn skipped() -> Self {
        IssueOutcome::without_certificate(Action::Skipped)
    }

    fn without_certificate(action: Action) -> Self {
        IssueOutcome { action, reason: None, certificate: None, error: None, leftover: None }
    }

    /// A sentence about what it replaced and could not remove.
    #[must_use]
    pub fn leftover_text(&self) -> Option<String> {
        let error = self.leftover.as_ref()?;
        let why = std::iter::once(error.to_string()).chain(error.causes());
        let why = why.collect::<Vec<_>>().join(": ");
        Some(format!("what was replaced is still there, and the next run removes it: {why}"))
    }
}

impl Action {
    /// The word for it in every output.
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
