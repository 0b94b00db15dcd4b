//! The report of a run for one certificate: the certificate, and where it is stored.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::issuance::{Action, IssueOutcome, RotationWait};
use crate::node::credentials::RenewalReason;
use crate::pki::certificate::Description;
use crate::report;
use crate::store::Backend;

/// A certificate that was issued, renewed, or kept.
#[derive(Debug, Serialize)]
pub(super) struct CertificateReport {
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<RenewalReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<RotationWait>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_from: Option<Timestamp>,
    dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(flatten)]
    certificate: Description,
}

impl CertificateReport {
    /// Builds the report of an outcome.
    ///
    /// # Errors
    /// The error of the outcome, if it failed.
    pub(super) fn new(
        outcome: IssueOutcome,
        directory: Option<&Path>,
        secret: Option<String>,
        now: Timestamp,
        dry_run: bool,
    ) -> Result<Self> {
        let certificate = match (outcome.error, outcome.certificate) {
            (Some(error), _) => return Err(*error),
            (None, Some(certificate)) => certificate.describe(now),
            (None, None) => return Err(Error::failed(Code::Internal, "no certificate came out")),
        };
        Ok(CertificateReport {
            action: outcome.action,
            reason: outcome.reason,
            waiting: outcome.waiting,
            turn_from: outcome.turn_from,
            dry_run,
            directory: directory.map(|directory| directory.display().to_string()),
            secret,
            certificate,
        })
    }

    /// Renders the report for people.
    #[must_use]
    pub(super) fn render_text(&self, store: Option<&dyn Backend>) -> String {
        let mut text = report::certificate_text(&self.certificate);
        if let Some(directory) = &self.directory {
            report::push_field(&mut text, "files in", directory);
        }
        if let (Some(secret), Some(store)) = (&self.secret, store) {
            report::push_field(&mut text, "stored in", &store.place(secret));
        }
        let reason = self.reason.filter(|reason| *reason != RenewalReason::Missing);
        let reason = reason.map(|reason| format!(" ({})", reason.name())).unwrap_or_default();
        let would = if self.dry_run { "would be " } else { "" };
        report::push_field(&mut text, "result", &format!("{would}{}{reason}", self.action.name()));
        text
    }
}
