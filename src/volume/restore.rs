//! Restores the header of a volume from the store. The bytes that it overwrites are kept in the
//! directory of the journal until the operation is done.

use std::path::PathBuf;

use super::header_copy::{check_opens, required_image};
use super::kind::StepName;
use super::locate;
use super::operation::{OperationStep, VolumeOperation};
use super::record::Record;
use super::run::OperationRun;
use crate::block::device_guard::PinnedDevice;
use crate::block::image::Image;
use crate::block::luks::ReadAt;
use crate::error::{Code, Error, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::shell::CommandLine;

const RECORD: OperationStep = OperationStep::without_undo(
    StepName::Record,
    "keep the beginning of the device, and record in the store that it begins",
    record,
);
const WRITE: OperationStep =
    OperationStep::new(StepName::Write, "write the header from the store", write, write_previous);
const TEST: OperationStep = OperationStep::without_undo(
    StepName::Test,
    "unlock the volume with the key from the store",
    test,
);
const DONE: OperationStep =
    OperationStep::without_undo(StepName::Done, "record in the store that it is done", done);

/// The restoration of a header from the store.
pub(super) struct HeaderRestoration;

impl VolumeOperation for HeaderRestoration {
    fn steps(&self, _record: &Record) -> Vec<&'static OperationStep> {
        vec![&RECORD, &WRITE, &TEST, &DONE]
    }
}

/// Refuses a device on which the copy of the header would destroy something else or have no use.
/// `volume restore` and `volume test-recovery` make the same check.
///
/// # Errors
/// Exit 4 `device-too-small` when the data would end behind the device, `device-reused` when
/// something else is on it; and as [`locate::check_not_reused`].
pub fn check_target(record: &Record, device: &PinnedDevice, image: &Image) -> Result<()> {
    let (needed, size) = (image.header().data_end(record.device.size), device.identity().size);
    if size < needed {
        let path = device.path().display();
        let message = format!("{path} has {size} bytes; the volume {} needs {needed}", record.id);
        return Err(Error::refused(Code::DeviceTooSmall, message)
            .hint("name the device of this volume: --device")
            .hint(format!(
                "if the device was shrunk, enlarge it to {needed} bytes again (lvextend, truncate)"
            )));
    }
    locate::check_not_reused(record, device)
}

/// The file with the bytes that the header overwrites.
fn previous_bytes(run: &OperationRun<'_>) -> PathBuf {
    let pending = run.record.pending.as_ref();
    let since = pending.map_or(run.context.globals.now, |pending| pending.since);
    run.context.journal.kept(since)
}

fn record(run: &mut OperationRun<'_>) -> Result<()> {
    drop(run.take()?); // a device in use is refused before anything begins
    let image = required_image(run.stored.as_ref())?;
    check_opens(run.context.cryptsetup, &run.record, &image, &run.key)?;
    let path = previous_bytes(run);
    if !files::try_exists(&path)? {
        let name = run.device.path().display().to_string();
        let unreadable = |error| crate::block::device::unreadable(&name, error);
        let before = run.device.read_at(0, image.bytes().len()).map_err(unreadable)?;
        files::write(&path, &before, FileMode::Private, ExistingFile::Keep)?;
    }
    run.update_secret(Ok)
}

fn write(run: &mut OperationRun<'_>) -> Result<()> {
    let image = required_image(run.stored.as_ref())?;
    run.restore(&image.in_memory()?)
}

fn write_previous(run: &mut OperationRun<'_>) -> Result<()> {
    const MOST: usize = 256 * 1024 * 1024;
    let path = previous_bytes(run);
    if !files::try_exists(&path)? {
        let id = &run.record.id;
        let message = format!("the previous header of {id} is not in this journal");
        return Err(Error::refused(Code::NoWayBack, message)
            .hint(("finish it", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
            .hint("or undo it on the node that began it, with the same --journal"));
    }
    let before = files::read(&path, MOST)?;
    run.take()?.overwrite(0, &before)
}

fn test(run: &mut OperationRun<'_>) -> Result<()> {
    if !run.is_whole()? {
        let message = format!(
            "the key does not unlock the volume {} with the restored header",
            run.record.id
        );
        return Err(Error::failed(Code::KeyWrong, message).hint(
            "this may be the device of another volume; a rollback restores its previous header",
        ));
    }
    Ok(())
}

/// Ends the operation. A volume that was erased with its Secret kept is in use again.
fn done(run: &mut OperationRun<'_>) -> Result<()> {
    run.record.erased = None;
    run.finish(Ok)
}
