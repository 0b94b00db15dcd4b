//! An operation as a sequence of steps: runs them, resumes them, or rolls them back.

use super::kind::{RecordedStep, StepName};
use super::record::Record;
use super::run::OperationRun;
use super::stored::StoredVolume;
use crate::error::{Code, Error, Exit, Result};
use crate::shell::CommandLine;

/// Something that is done to a volume in several steps.
pub(super) trait VolumeOperation {
    /// Returns the steps that this volume needs, in order. The first is always
    /// [`StepName::Record`], which writes to the store that the operation is pending.
    fn steps(&self, record: &Record) -> Vec<&'static OperationStep>;

    /// Returns whether an interrupted run begins with the first step again, whichever step it came
    /// to.
    fn starts_over(&self, _run: &OperationRun<'_>) -> bool {
        false
    }

    /// Refuses a rollback when it would lose data.
    ///
    /// # Errors
    /// Exit 4 `no-way-back`.
    fn check_rollback(&self, _run: &OperationRun<'_>) -> Result<()> {
        Ok(())
    }
}

/// The code of a step, or its reversal.
pub(super) type StepFunction = fn(&mut OperationRun<'_>) -> Result<()>;

/// A step of an operation. `run` and `undo` may be called again after an interruption at any
/// moment: each checks the device and the store for what is left to do.
pub struct OperationStep {
    /// The name in journals and records.
    pub name: StepName,
    /// A description for people.
    pub does: &'static str,
    pub(super) run: StepFunction,
    pub(super) undo: StepFunction,
    has_own_progress: bool,
}

impl OperationStep {
    /// A step that `undo` reverses.
    pub(super) const fn new(
        name: StepName,
        does: &'static str,
        run: StepFunction,
        undo: StepFunction,
    ) -> Self {
        OperationStep { name, does, run, undo, has_own_progress: false }
    }

    /// A step that a rollback has nothing to do for.
    pub(super) const fn without_undo(
        name: StepName,
        does: &'static str,
        run: StepFunction,
    ) -> Self {
        OperationStep::new(name, does, run, |_| Ok(()))
    }

    /// Marks a step that draws its own progress bar, on the line of the general one.
    pub(super) const fn with_own_progress(self) -> Self {
        OperationStep { has_own_progress: true, ..self }
    }
}

/// Runs the steps that are left. Returns the volume as it is afterwards, or `None` once its Secret
/// is deleted.
///
/// # Errors
/// Those of the steps. The operation stays pending, at the step that failed.
pub(super) fn run(
    operation: &dyn VolumeOperation,
    mut run: OperationRun<'_>,
) -> Result<Option<StoredVolume>> {
    let (_, recorded) = run.pending()?;
    let steps = operation.steps(&run.record);
    let first = match operation.starts_over(&run) {
        true => 0,
        false => position(&steps, &recorded).unwrap_or_default(),
    };
    for (number, step) in steps.iter().enumerate().skip(first) {
        run.enter_step(step.name)?;
        let line = format!("{}/{}: {}", number + 1, steps.len(), step.does);
        run.context.globals.output.detail(&line);
        let progress = (!step.has_own_progress).then(|| run.context.globals.output.progress(&line));
        let result = (step.run)(&mut run);
        drop(progress);
        if let Err(error) = result {
            return Err(interrupted(&run, error, number));
        }
    }
    run.context.journal.clear()?;
    Ok(run.stored)
}

/// Reverses the steps that were begun, the last first.
///
/// # Errors
/// Those of the steps; exit 4 when the operation can only go forward.
pub(super) fn roll_back(operation: &dyn VolumeOperation, mut run: OperationRun<'_>) -> Result<()> {
    let (_, recorded) = run.pending()?;
    operation.check_rollback(&run)?;
    let steps = operation.steps(&run.record);
    // Without a journal, it may have come to any step.
    let last = position(&steps, &recorded).unwrap_or(steps.len() - 1);
    let undone = steps[..=last].iter().rev().try_for_each(|step| {
        run.enter_step(step.name)?;
        run.context.globals.output.detail(&format!("undo: {}", step.does));
        (step.undo)(&mut run)
    });
    let settled = undone.and_then(|()| {
        match run.stored.as_ref().is_some_and(|stored| stored.record.pending.is_some()) {
            true => run.clear_pending(Ok),
            false => Ok(()),
        }
    });
    settled.map_err(|error| {
        // The same command would be refused again; the step says how to confirm.
        if error.code() == Code::NotConfirmed {
            return error;
        }
        let id = run.record.id.to_string();
        let again = CommandLine::ccx_sec("volume rollback").argument(id);
        error.hint(("the operation is still pending; then retry", again))
    })?;
    run.context.journal.clear()
}

fn position(steps: &[&OperationStep], recorded: &RecordedStep) -> Option<usize> {
    steps.iter().position(|step| RecordedStep::Known(step.name) == *recorded)
}

/// Forgets an operation that changed nothing before it failed; otherwise adds the commands that
/// resume it or roll it back.
fn interrupted(run: &OperationRun<'_>, error: Error, number: usize) -> Error {
    let id = &run.record.id;
    if number == 0 && run.is_untouched() && run.context.journal.clear().is_ok() {
        return error.hint("nothing was changed");
    }
    let error = if error.exit() == Exit::Refused { error.into_failed() } else { error };
    let command = |verb| CommandLine::ccx_sec(verb).argument(id.to_string());
    error
        .hint(("the operation is pending; finish it", command("volume resume")))
        .hint(("or undo it", command("volume rollback")))
}
