//! Erases a volume: wipes its key slots, overwrites its header, and deletes its Secret last. Until
//! the Secret is deleted, a rollback restores the volume.

use super::header_copy::required_image;
use super::kind::{OperationKind, StepName};
use super::operation::{OperationStep, VolumeOperation};
use super::record::{Record, to_the_second};
use super::run::OperationRun;
use super::stored::{StoredVolume, contended};
use super::{boot, steps};
use crate::block::luks::{DeviceFormat, NEW_HEADER_SIZE};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

const RECORD: OperationStep = OperationStep::new(
    StepName::Record,
    "record in the store that it begins",
    record,
    restore_header,
);
const SLOTS: OperationStep =
    OperationStep::without_undo(StepName::Slots, "wipe all key slots", wipe_slots);
const HEADER: OperationStep =
    OperationStep::without_undo(StepName::Header, "overwrite the header", overwrite_header);
const SECRET: OperationStep = OperationStep::new(
    StepName::Secret,
    "delete the Secret, or record in it that the volume is erased",
    delete_secret,
    check_secret,
);

/// The erasure of a volume.
pub(super) struct Erasure;

impl VolumeOperation for Erasure {
    fn steps(&self, _record: &Record) -> Vec<&'static OperationStep> {
        vec![&RECORD, &SLOTS, &HEADER, &SECRET]
    }
}

fn record(run: &mut OperationRun<'_>) -> Result<()> {
    drop(run.take()?); // a device in use is refused before anything begins
    // A rollback restores the header as it is now: other programs may have changed it since the
    // last copy.
    if run.is_whole()?
        && let Err(error) = steps::back_up(run)
    {
        let note = format!(
            "the header was not copied to the store; a rollback restores the last copy: {error}"
        );
        run.context.globals.output.warning(&note);
    }
    run.update_secret(Ok)
}

fn wipe_slots(run: &mut OperationRun<'_>) -> Result<()> {
    let exclusive = run.take()?;
    match run.head()? {
        DeviceFormat::Luks2(header) if header.uuid != run.record.uuid => {
            Err(other_volume(run, &header.uuid))
        }
        DeviceFormat::Luks2(header) if header.metadata.openers().next().is_some() => {
            let pinned = exclusive.release();
            pinned.check_still()?;
            run.context.cryptsetup.erase(pinned.path())
        }
        // The next step overwrites whatever is left.
        _ => Ok(()),
    }
}

fn other_volume(run: &OperationRun<'_>, uuid: &str) -> Error {
    let path = run.device.path().display();
    let message = format!(
        "{path} has the header of the volume {uuid}, not of {} ({})",
        run.record.id, run.record.uuid
    );
    Error::refused(Code::VolumeOther, message).hint("name the device of this volume: --device")
}

fn overwrite_header(run: &mut OperationRun<'_>) -> Result<()> {
    let exclusive = run.take()?;
    let length = match run.head()? {
        DeviceFormat::Luks2(header) if header.uuid != run.record.uuid => {
            return Err(other_volume(run, &header.uuid));
        }
        DeviceFormat::Luks2(header) => header.length(),
        _ => NEW_HEADER_SIZE,
    };
    exclusive.overwrite(0, &vec![0; usize::try_from(length).unwrap_or(usize::MAX)])
}

/// Restores the header from the store.
fn restore_header(run: &mut OperationRun<'_>) -> Result<()> {
    if run.is_whole()? {
        return Ok(());
    }
    let image = required_image(run.stored.as_ref())?;
    run.restore(&image.in_memory()?)
}

fn delete_secret(run: &mut OperationRun<'_>) -> Result<()> {
    let keep = matches!(
        run.record.pending.as_ref().map(|pending| &pending.kind),
        Some(OperationKind::Erase { keep_secret: true })
    );
    if keep {
        run.record.erased = Some(to_the_second(run.context.globals.now));
        return run.finish(Ok);
    }
    // Otherwise every boot would wait for a volume that no longer exists.
    if let Err(error) = boot::remove(&run.record).and_then(|()| steps::unprotect(&run.record)) {
        let note = format!("the units that open it at boot were not removed: {error}");
        run.context.globals.output.warning(&note);
    }
    let Some(stored) = run.stored.take() else { return Ok(()) };
    let there = StoredVolume::load(run.context.store, &run.record.id)?;
    match there {
        None => Ok(()),
        Some(there) if there.secret.data != stored.secret.data => {
            Err(contended(run.context.store, &run.record.id))
        }
        Some(there) => match run.context.store.delete(&there.secret)? {
            true => Ok(()),
            false => {
                Err(Error::failed(Code::VolumeContended, "the Secret was changed in the meantime")
                    .hint((
                        "retry",
                        CommandLine::ccx_sec("volume resume").argument(run.record.id.to_string()),
                    )))
            }
        },
    }
}

/// Refuses a rollback once the Secret is deleted.
fn check_secret(run: &mut OperationRun<'_>) -> Result<()> {
    match run.stored {
        Some(_) => Ok(()),
        None => Err(Error::refused(
            Code::NoWayBack,
            format!("the Secret of the volume {} is deleted", run.record.id),
        )
        .hint("neither its key nor its header is left; the volume cannot be restored")),
    }
}
