//! The verdicts as results of checks, for CI systems, code scanning and Prometheus.

use std::path::Path;
use std::time::Duration;

use crate::error::Reason;
use crate::probe::verdict::Verdict;
use crate::report::checks::{Check, CheckResult, CheckRun, CheckedSubject};

use super::document::{Endpoint, VerifyDocument, result_of};

/// Converts `document` into a run of checks; `inventory` is the file to report for its nodes.
pub(super) fn run_of(document: &VerifyDocument, inventory: Option<&Path>) -> CheckRun {
    let subject = |endpoint: &Endpoint| {
        let in_file = inventory.filter(|_| endpoint.node.is_some());
        CheckedSubject {
            name: endpoint.place.clone(),
            file: in_file.map(Path::to_owned),
            labels: labels(
                &endpoint.url,
                [
                    endpoint.address.as_deref().unwrap_or_default(),
                    endpoint.database.as_deref().unwrap_or_default(),
                    endpoint.engine,
                    endpoint.node.as_deref().unwrap_or_default(),
                    &endpoint.scope().map(|scope| scope.users.join(",")).unwrap_or_default(),
                ],
            ),
            scope: endpoint.scope().map(ToString::to_string),
            not_looked_at: endpoint.not_looked_at.clone(),
            elapsed: Some(Duration::from_secs_f64(endpoint.seconds)),
            not_after: endpoint.certificate().map(|certificate| certificate.not_after),
            checks: endpoint.verdicts.iter().map(check).collect(),
        }
    };
    let skipped = |url: &String| {
        let check = Check {
            result: CheckResult::Skipped,
            message: match document.interrupted {
                true => "the run was interrupted before this server was checked".to_owned(),
                false => "an earlier server does not pass (--fail-fast)".to_owned(),
            },
            ..Check::pass("verify")
        };
        CheckedSubject {
            name: url.clone(),
            labels: labels(url, [""; 5]),
            checks: vec![check],
            ..CheckedSubject::default()
        }
    };
    CheckRun {
        command: "verify",
        check_label: "mode",
        legend: "In the mode PLAINTEXT, pass means that clients without TLS are refused.",
        started: document.started,
        elapsed: Duration::from_secs_f64(document.seconds),
        subjects: document
            .endpoints
            .iter()
            .map(subject)
            .chain(document.skipped.iter().map(skipped))
            .collect(),
    }
}

fn labels(
    url: &str,
    [address, database, engine, node, user]: [&str; 5],
) -> Vec<(&'static str, String)> {
    let all = [
        ("endpoint", url),
        ("address", address),
        ("database", database),
        ("engine", engine),
        ("node", node),
        ("user", user),
    ];
    all.map(|(name, value)| (name, value.to_owned())).to_vec()
}

fn check(verdict: &Verdict) -> Check {
    let result = match verdict.reason {
        // Not a failure: the check needs an account, and none was given.
        Some(Reason::NeedsLogin) => CheckResult::Skipped,
        _ => result_of(verdict.verdict),
    };
    Check {
        name: verdict.mode.name().to_owned(),
        result,
        code: verdict.reason.map(Into::into),
        message: verdict.message.clone().unwrap_or_default(),
        hints: verdict.hints.iter().map(ToString::to_string).collect(),
    }
}
