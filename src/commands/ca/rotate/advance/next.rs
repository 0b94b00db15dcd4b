//! The command that comes after a run.

use super::Args;
use super::report::{AdvanceDocument, AdvanceResult};
use crate::context::Context;
use crate::hint;
use crate::shell::CommandLine;
use crate::store::rotation::RotationPhase;

/// Names the command that comes after a phase that this run has entered.
pub(super) fn next_command(
    arguments: &Args,
    context: &Context,
    document: &AdvanceDocument,
) -> Option<String> {
    let has_entered = |phase| document.entered.contains(&phase);
    let (words, command) = match document.phase {
        RotationPhase::Switched if has_entered(RotationPhase::Switched) => (
            "Nodes take new certificates with their next cert renew, a few first. Then prove them:",
            advance(arguments, "reissued"),
        ),
        RotationPhase::Reissued if has_entered(RotationPhase::Reissued) => (
            "Give each client that has a certificate of the old CA one of the new CA. Then:",
            advance(arguments, "removed"),
        ),
        RotationPhase::Removed if document.result == AdvanceResult::Pass => (
            "Every node refuses the old CA. When you are sure, delete its key:",
            CommandLine::ccx_sec("ca rotate forget"),
        ),
        RotationPhase::Removed if has_entered(RotationPhase::Removed) => (
            "Nodes drop the old CA with their next cert renew, once their servers have loaded it. \
             Then prove that:",
            advance(arguments, "removed"),
        ),
        _ => return None,
    };
    Some(format!("{words}\n  {}", hint::unbroken(&context.completed(command))))
}

/// The command that leads the same nodes to a phase.
fn advance(arguments: &Args, to: &str) -> CommandLine {
    let command = match &arguments.inventory {
        Some(inventory) => CommandLine::ccx_sec("ca rotate advance")
            .option("--to", to)
            .option("--inventory", inventory),
        None => CommandLine::ccx_sec("ca rotate advance").option("--to", to).flag("--from-secrets"),
    };
    arguments.dir.iter().fold(command, |command, dir| command.option("--dir", dir))
}
