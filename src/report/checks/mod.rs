//! The results of a command that checks things, in the formats that CI systems, code scanning
//! and Prometheus read: JUnit's XML, SARIF 2.1.0, and the Prometheus text format.
//!
//! A command fills one [`CheckRun`] and calls [`CheckRun::print`]; `junit`, `sarif` and
//! `prometheus` each write it in one format.

mod junit;
mod metrics;
mod sarif;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::block::reason::EncryptionReason;
use crate::error::{Code, Reason, Result};
use crate::output::{Format, Output};
use crate::pki::finding::{Finding, Level};

/// The result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckResult {
    /// No problem.
    Pass,
    /// No problem, but something worth reading.
    Warning,
    /// Not checked, because an earlier result ended the run or an account is needed.
    Skipped,
    /// The check could not be made.
    Unknown,
    /// A problem.
    Fail,
}

impl CheckResult {
    /// The name, as in every format.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            CheckResult::Pass => "pass",
            CheckResult::Warning => "warning",
            CheckResult::Skipped => "skipped",
            CheckResult::Unknown => "unknown",
            CheckResult::Fail => "fail",
        }
    }

    /// The worst of several results. A warning counts as a pass.
    #[must_use]
    pub(crate) fn of_all(results: impl Iterator<Item = CheckResult>) -> CheckResult {
        match results.max() {
            None | Some(CheckResult::Warning) => CheckResult::Pass,
            Some(gravest) => gravest,
        }
    }
}

/// A run of a command that checks: its subjects, and the result of each check.
#[derive(Debug, Clone)]
pub(crate) struct CheckRun {
    /// The command without the program's name: `verify`, `ca check`.
    pub command: &'static str,
    /// The name of a check among the labels of Prometheus: `mode`, `check`.
    pub check_label: &'static str,
    /// A sentence about the meaning of a result whose name could mislead; may be empty.
    pub legend: &'static str,
    /// The start of the run.
    pub started: Timestamp,
    /// The duration of the run.
    pub elapsed: Duration,
    /// The subjects of the run.
    pub subjects: Vec<CheckedSubject>,
}

/// A subject of checks: a server, a certificate, a Secret, a path.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckedSubject {
    /// The name, unique in the run: a URL, a path, the name of a Secret.
    pub name: String,
    /// The file with the subject, or with its name, if there is one.
    pub file: Option<PathBuf>,
    /// The labels that identify the subject in Prometheus.
    pub labels: Vec<(&'static str, String)>,
    /// The users or database for which the results hold, if they do not hold for all.
    pub scope: Option<String>,
    /// Areas that the checks do not cover, such as other ports, and that may therefore differ.
    pub not_looked_at: Option<String>,
    /// The duration of its checks, if measured.
    pub elapsed: Option<Duration>,
    /// The expiry of its certificate, if it has one.
    pub not_after: Option<Timestamp>,
    /// The checks.
    pub checks: Vec<Check>,
}

/// The stable code of a check's result, with its meaning: the code of a finding, or the reason of a
/// verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CheckCode {
    name: &'static str,
    meaning: &'static str,
}

impl From<Code> for CheckCode {
    fn from(code: Code) -> Self {
        CheckCode { name: code.name(), meaning: code.meaning() }
    }
}

impl From<Reason> for CheckCode {
    fn from(reason: Reason) -> Self {
        CheckCode { name: reason.name(), meaning: reason.meaning() }
    }
}

impl From<EncryptionReason> for CheckCode {
    fn from(reason: EncryptionReason) -> Self {
        CheckCode { name: reason.name(), meaning: reason.meaning() }
    }
}

/// A check of a subject.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    /// The name: a TLS mode, or the code of a finding.
    pub name: String,
    /// The result.
    pub result: CheckResult,
    /// The stable code of the result; `None` if the check passes.
    pub code: Option<CheckCode>,
    /// The message, without a full stop; empty if the check passes.
    pub message: String,
    /// The next steps.
    pub hints: Vec<String>,
}

impl Check {
    /// The text of the code; empty if the check passes.
    fn code(&self) -> &'static str {
        self.code.map_or("", |code| code.name)
    }

    /// A check named `name` that passes.
    #[must_use]
    pub(crate) fn pass(name: &str) -> Self {
        Check {
            name: name.to_owned(),
            result: CheckResult::Pass,
            code: None,
            message: String::new(),
            hints: Vec::new(),
        }
    }

    /// Creates a check for each of the `findings`, named by its code. If none fails, adds a check
    /// `name` that passes. With `strict`, a warning fails.
    #[must_use]
    pub(crate) fn from_findings(name: &str, findings: &[Finding], strict: bool) -> Vec<Self> {
        let result = |level| match level {
            Level::Warning if !strict => CheckResult::Warning,
            Level::Warning | Level::Error => CheckResult::Fail,
        };
        let check = |finding: &Finding| Check {
            name: finding.code.to_string(),
            result: result(finding.level),
            code: Some(finding.code.into()),
            message: finding.message.clone(),
            hints: finding.hints.iter().map(ToString::to_string).collect(),
        };
        let mut checks: Vec<Check> = findings.iter().map(check).collect();
        if checks.iter().all(|check| check.result != CheckResult::Fail) {
            checks.insert(0, Check::pass(name));
        }
        checks
    }
}

/// The facts about a subject besides its results: names and values.
fn properties(subject: &CheckedSubject) -> impl Iterator<Item = (&'static str, &str)> {
    [("scope", &subject.scope), ("not_looked_at", &subject.not_looked_at)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
}

impl CheckedSubject {
    /// The worst of its results.
    #[must_use]
    pub(crate) fn result(&self) -> CheckResult {
        CheckResult::of_all(self.checks.iter().map(|check| check.result))
    }
}

impl CheckRun {
    /// Prints the run in the format of `output`: as JUnit, SARIF or Prometheus from this run; as
    /// JSON or YAML from `document`; for people from `text`.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn print(
        &self,
        output: &Output,
        document: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<()> {
        match output.format {
            Format::Junit => output.raw(junit::write(self).as_bytes()),
            Format::Sarif => output.raw(sarif::write(self)?.as_bytes()),
            Format::Prometheus => output.raw(metrics::write(self)?.as_bytes()),
            _ => output.report(document, text),
        }
    }

    fn count(&self, result: CheckResult) -> usize {
        self.subjects.iter().filter(|subject| subject.result() == result).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_several_is_the_gravest() {
        use CheckResult::{Fail, Pass, Skipped, Unknown, Warning};
        let all = |results: &[CheckResult]| CheckResult::of_all(results.iter().copied());
        assert_eq!(all(&[]), Pass);
        assert_eq!(all(&[Pass, Warning]), Pass);
        assert_eq!(all(&[Pass, Skipped]), Skipped);
        assert_eq!(all(&[Unknown, Skipped, Pass]), Unknown);
        assert_eq!(all(&[Fail, Unknown]), Fail);
    }

    #[test]
    fn findings_are_checks_and_a_pass_where_none_is_an_error() {
        let findings =
            [Finding::warning(Code::WeakKey, "x"), Finding::error(Code::BadSignature, "y")];
        let names = |checks: &[Check]| {
            checks
                .iter()
                .map(|one| format!("{} {}", one.name, one.result.name()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&Check::from_findings("all", &findings[..1], false)),
            ["all pass", "weak-key warning"]
        );
        assert_eq!(names(&Check::from_findings("all", &findings[..1], true)), ["weak-key fail"]);
        assert_eq!(
            names(&Check::from_findings("all", &findings, false)),
            ["weak-key warning", "bad-signature fail"]
        );
    }
}
