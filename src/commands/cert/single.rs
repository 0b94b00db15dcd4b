//! One piece of work for one certificate, with its progress and its report.

use super::options;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::fleet::{Action, Target, Work};
use crate::report::CertificateReport;

/// What to call the work, and what there is to say after it.
pub(super) struct Words {
    /// While it goes on.
    pub(super) doing: &'static str,
    /// When there was nothing to do.
    pub(super) kept: &'static str,
    /// When it was only looked.
    pub(super) dry_run: &'static str,
}

/// Does the work for `target`.
pub(super) fn run(
    context: &Context,
    work: &Work<'_>,
    target: Target,
    words: &Words,
) -> Result<Exit> {
    let directory = target.directory.as_ref().map(|(path, _)| path.clone());
    let secret = target.secret.as_ref().map(|secret| secret.name.clone());
    let outcome = {
        let _progress = context.output.progress(words.doing);
        work.one(target)
    };
    if work.is_cut_short(&outcome) {
        options::warn_of_cut(context, work);
    }
    let kept = outcome.action == Action::Kept;
    let report =
        CertificateReport::new(outcome, directory.as_deref(), secret, context.now, work.dry_run)?;
    context.output.outcome(&report, || report.text(work.store))?;
    if work.dry_run {
        context.output.note(words.dry_run);
    } else if kept {
        context.output.note(words.kept);
    }
    Ok(Exit::Done)
}
