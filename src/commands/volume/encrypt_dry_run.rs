//! The report of `volume encrypt --dry-run`.

use serde::Serialize;

use crate::block::device_guard::{Contents, DeviceIdentity, ExclusiveDevice};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume;
use crate::volume::kind::{OperationKind, StepName};
use crate::volume::record::Record;

#[derive(Serialize)]
struct DryRunDocument {
    dry_run: bool,
    device: DeviceIdentity,
    holds: Vec<String>,
    steps: Vec<DryStep>,
}

#[derive(Serialize)]
struct DryStep {
    name: StepName,
    does: &'static str,
}

/// Returns the names of everything that was found on the device.
pub(super) fn contents_list(contents: &Contents) -> Vec<String> {
    match contents {
        Contents::Blank => Vec::new(),
        Contents::Holds(signs) => {
            let mut what: Vec<String> = signs.iter().map(|sign| sign.what.clone()).collect();
            what.dedup();
            what
        }
    }
}

/// Prints the device, its contents and the steps of the encryption.
pub(super) fn print(
    context: &Context,
    exclusive: &ExclusiveDevice,
    contents: &Contents,
    kind: &OperationKind,
    record: &Record,
) -> Result<Exit> {
    let is_in_place = matches!(kind, OperationKind::Encrypt(options) if options.in_place);
    let steps = volume::steps(kind, record).into_iter();
    let report = DryRunDocument {
        dry_run: true,
        device: exclusive.identity().clone(),
        holds: contents_list(contents),
        steps: steps.map(|step| DryStep { name: step.name, does: step.does }).collect(),
    };
    context.output.report(&report, || {
        let device = &report.device;
        let mut text = format!(
            "dry run: {} ({}) would be encrypted\n",
            device.path.display(),
            device.confirmation()
        );
        if !report.holds.is_empty() {
            let happens = match is_in_place {
                true => "the file system is kept, and its data are encrypted",
                false => "all of it is destroyed",
            };
            text += &format!("  it holds {}; {happens}\n", report.holds.join(", "));
        }
        for (number, step) in report.steps.iter().enumerate() {
            text += &format!("  {}. {}\n", number + 1, step.does);
        }
        text
    })?;
    Ok(Exit::Done)
}
