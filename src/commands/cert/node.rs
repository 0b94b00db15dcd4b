//! A run for one certificate, with its progress and its report.

use std::path::Path;

use super::certificate_report::CertificateReport;
use super::options;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::issuance::{Action, CredentialTarget, IssueContext};
use crate::node::directory::CredentialKind;
use crate::shell::{CommandLine, Placeholder};

/// The messages of a run.
pub(super) struct SingleMessages {
    /// The text of the progress.
    pub(super) doing: &'static str,
    /// The note if nothing had to be done.
    pub(super) kept: &'static str,
    /// The note after a dry run.
    pub(super) dry_run: &'static str,
}

/// Issues or renews the certificate of `target`, and prints the report.
pub(super) fn run(
    context: &Context,
    work: &IssueContext<'_>,
    target: CredentialTarget,
    words: &SingleMessages,
) -> Result<Exit> {
    let directory = target.directory.as_ref().map(|(path, _)| path.clone());
    let secret = target.secret.as_ref().map(|secret| secret.name.clone());
    let comparison = target.directory.as_ref().and_then(|(path, kind)| comparison(path, *kind));
    let outcome = {
        let _progress = context.output.progress(words.doing);
        work.issue_one(target)
    };
    if work.is_cut_short(&outcome) {
        options::warn_of_cut(context, work);
    }
    outcome.warnings().for_each(|text| context.output.warning(&text));
    let (kept, waiting) = (outcome.action == Action::Kept, outcome.waiting);
    let turn_from = outcome.turn_from;
    let report =
        CertificateReport::new(outcome, directory.as_deref(), secret, context.now, work.dry_run)?;
    context.output.outcome(&report, || report.render_text(work.store))?;
    if let Some(waiting) = waiting {
        let why = waiting.sentence();
        let time = turn_from.map_or(String::new(), |time| format!("; it comes at {time:.0}"));
        context.output.note(&format!(
            "It is of the old CA and stays: {why}{time}. cert renew --force renews it now."
        ));
    }
    if work.dry_run {
        context.output.note(words.dry_run);
    } else if kept && waiting.is_none() {
        context.output.note(words.kept);
        if let Some(command) = comparison {
            let command = context.completed(command);
            context.output.note(&format!("To compare it with the one served: {command}"));
        }
    }
    Ok(Exit::Done)
}

/// Returns the command that compares the certificate in a server's directory with the served one.
fn comparison(directory: &Path, kind: CredentialKind) -> Option<CommandLine> {
    let verify = || CommandLine::ccx_sec("verify").option("--dir", directory);
    (kind == CredentialKind::Server).then(|| verify().argument(Placeholder("URL")))
}
