//! The report of an installation or its dry run, as a document and as text.

use jiff::Timestamp;
use serde::Serialize;

use super::Args;
use crate::commands::cert::certificate_report::CertificateReport;
use crate::engine::settings::ServerPolicy;
use crate::error::Result;
use crate::issuance::IssueOutcome;
use crate::reconfigure::Installation;
use crate::report;

/// A configuration file.
#[derive(Debug, Serialize)]
struct ConfigFileReport {
    path: String,
    changed: bool,
    diff: String,
}

/// Handshakes before and after.
#[derive(Debug, Serialize)]
struct Handshakes {
    url: String,
    sha256_before: Option<String>,
    sha256: Option<String>,
}

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct InstallDocument {
    engine: &'static str,
    engine_version: String,
    mode: &'static str,
    profile: &'static str,
    config: Vec<ConfigFileReport>,
    steps: Vec<String>,
    restart: bool,
    warnings: Vec<String>,
    proof: Option<Handshakes>,
    certificate: Option<CertificateReport>,
}

impl InstallDocument {
    /// Creates the report of a plan, before any change.
    pub(super) fn planned(on: &Installation<'_>) -> Self {
        let ServerPolicy { mode, profile } = on.policy();
        let config = on.changes().iter().map(|change| ConfigFileReport {
            path: change.name(),
            changed: change.is_change(),
            diff: change.diff(),
        });
        InstallDocument {
            engine: on.engine().facts().name,
            engine_version: on.version(),
            mode: mode.name(),
            profile: profile.name(),
            config: config.collect(),
            steps: on.steps(),
            restart: on.restarts(),
            warnings: Vec::new(),
            proof: None,
            certificate: None,
        }
    }

    /// Renders the differences of the files that change.
    pub(super) fn diffs(&self) -> impl Iterator<Item = &str> {
        self.config.iter().filter(|file| file.changed).map(|file| file.diff.as_str())
    }

    /// Adds the outcome of the installation.
    ///
    /// # Errors
    /// The error of the outcome, if it failed.
    pub(super) fn done(
        mut self,
        outcome: IssueOutcome,
        arguments: &Args,
        on: &Installation<'_>,
        now: Timestamp,
    ) -> Result<Self> {
        let (directory, dry_run) = (Some(arguments.dir.as_path()), arguments.dry_run.is_on());
        self.certificate = Some(CertificateReport::new(outcome, directory, None, now, dry_run)?);
        self.warnings = on.warnings().to_vec();
        let proof = on.proof();
        self.proof = Some(Handshakes {
            url: proof.target.to_string(),
            sha256_before: proof.before.clone(),
            sha256: proof.after.clone(),
        });
        Ok(self)
    }

    /// Renders the report for people; for a dry run, the planned steps.
    pub(super) fn render_text(&self) -> String {
        let mut text =
            self.certificate.as_ref().map(|one| one.render_text(None)).unwrap_or_default();
        report::push_field(
            &mut text,
            "server",
            &format!("{} {}", self.engine, self.engine_version),
        );
        report::push_field(&mut text, "mode", self.mode);
        report::push_field(&mut text, "profile", self.profile);
        for file in &self.config {
            let what = if file.changed { "" } else { " (unchanged)" };
            report::push_field(&mut text, "settings in", &format!("{}{what}", file.path));
        }
        match &self.proof {
            Some(Handshakes { url, sha256: Some(sha256), .. }) => {
                report::push_field(&mut text, "served", &format!("{url}, sha256 {sha256}"));
            }
            _ => {
                self.diffs().for_each(|diff| text += &format!("\n{diff}"));
                text += "\nsteps\n";
                self.steps.iter().for_each(|step| text += &format!("  {step}\n"));
            }
        }
        text
    }
}
