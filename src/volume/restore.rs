//! The header of a volume comes back from the store. What was in its place is kept in the
//! folder of the journal until it is done.

use std::path::PathBuf;

use super::encrypt::check_opens;
use super::locate;
use super::record::{Record, StoredVolume};
use super::work::{OperationRun, OperationStep, no_op};
use crate::block::image::Image;
use crate::block::interlock::PinnedDevice;
use crate::block::luks::ReadAt;
use crate::error::{Error, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::shell::{CommandLine, Placeholder};

pub(super) const STEPS: &[OperationStep] = &[
    OperationStep {
        name: "record",
        does: "keep what is in its place, and tell the store that it begins",
        run: record,
        undo: no_op,
    },
    OperationStep {
        name: "write",
        does: "write the header of the store",
        run: write,
        undo: unwrite,
    },
    OperationStep {
        name: "test",
        does: "open the volume with the key of the store",
        run: test,
        undo: no_op,
    },
    OperationStep { name: "done", does: "tell the store that it is done", run: done, undo: no_op },
];

/// Refuses a device that the copy of the header is not to be written to. What the restoration
/// checks and what a drill promises are both this.
///
/// # Errors
/// Exit 4 `device-too-small` where the data would end behind the device, `device-reused` where
/// something else has been made on it; and as [`locate::check_not_reused`].
pub fn check_target(record: &Record, device: &PinnedDevice, image: &Image) -> Result<()> {
    let (needed, size) = (image.header().data_end(record.device.size), device.identity().size);
    if size < needed {
        let path = device.path().display();
        let message = format!("{path} has {size} bytes, and the volume {} had {needed}", record.id);
        return Err(Error::refused("device-too-small", message)
            .hint("name the device of this volume: --device")
            .hint(format!(
                "if it was made smaller: make it {needed} bytes again (lvextend, truncate)"
            )));
    }
    locate::check_not_reused(record, device)
}

/// What was in the place of the header.
fn kept(work: &OperationRun<'_>) -> PathBuf {
    let pending = work.record.pending.as_ref();
    let since = pending.map_or(work.means.context.now, |pending| pending.since);
    work.means.journal.kept(since)
}

/// The copy of the header that the store has.
///
/// # Errors
/// Exit 3 when it has none, or a damaged one.
pub fn image(stored: Option<&StoredVolume>) -> Result<Image> {
    stored.map_or(Ok(None), StoredVolume::image)?.ok_or_else(|| {
        Error::failed("backup-missing", "the store has no copy of the header of that volume").hint(
            (
                "if a file has a copy, restore that",
                CommandLine::other("cryptsetup", "luksHeaderRestore")
                    .argument(Placeholder("DEVICE"))
                    .option("--header-backup-file", Placeholder("FILE")),
            ),
        )
    })
}

fn record(work: &mut OperationRun<'_>) -> Result<()> {
    drop(work.take()?); // or it would be refused when begun
    let image = image(work.stored.as_ref())?;
    check_opens(work.means.cryptsetup, &work.record, &image, &work.key)?;
    let path = kept(work);
    if !files::try_exists(&path)? {
        let name = work.device.path().display().to_string();
        let unreadable = |error| crate::block::device::unreadable(&name, error);
        let before = work.device.read_at(0, image.bytes().len()).map_err(unreadable)?;
        files::write(&path, &before, FileMode::Private, ExistingFile::Keep)?;
    }
    work.update_secret(Ok)
}

fn write(work: &mut OperationRun<'_>) -> Result<()> {
    let image = image(work.stored.as_ref())?;
    work.restore(&image.in_memory()?)
}

fn unwrite(work: &mut OperationRun<'_>) -> Result<()> {
    const MOST: usize = 256 * 1024 * 1024;
    let path = kept(work);
    if !files::try_exists(&path)? {
        let id = &work.record.id;
        let message = format!("what was in the place of the header of {id} was kept elsewhere");
        return Err(Error::refused("no-way-back", message)
            .hint(("finish it", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
            .hint(
                "or undo it on the node where it was begun, with the journal that it had there",
            ));
    }
    let before = files::read(&path, MOST)?;
    work.take()?.overwrite(0, &before)
}

fn test(work: &mut OperationRun<'_>) -> Result<()> {
    if !work.is_whole()? {
        let message =
            format!("the key does not open the volume {} with its header restored", work.record.id);
        return Err(Error::failed("key-wrong", message)
            .hint("the device may be another's; what was there comes back with rollback"));
    }
    Ok(())
}

/// A volume that was erased, and its Secret kept, is one again.
fn done(work: &mut OperationRun<'_>) -> Result<()> {
    work.record.erased = None;
    work.finish(Ok)
}
