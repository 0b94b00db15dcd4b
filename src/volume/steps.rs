//! Steps that several operations have in common.

use std::path::Path;

use super::kind::{Encrypt, OperationKind, StepName};
use super::operation::OperationStep;
use super::record::{Backup, KeySource, Record};
use super::run::OperationRun;
use super::stored::{StoredVolume, contended, with_image};
use super::{boot, mount, opened};
use crate::block::mapping::Mapping;
use crate::block::mounts;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

pub(super) const KEY_TO_STORE: &str = "write the key to the store, and read it back";
/// A passphrase is not kept in the store.
pub(super) const RECORD_TO_STORE: &str =
    "write the record to the store, without a key, and read it back";
const STORE_KEY: OperationStep =
    OperationStep::new(StepName::Record, KEY_TO_STORE, |run| run.create(), delete_secret);
const STORE_RECORD: OperationStep =
    OperationStep::new(StepName::Record, RECORD_TO_STORE, |run| run.create(), delete_secret);
pub(super) const BACKUP: OperationStep = OperationStep::without_undo(
    StepName::Backup,
    "copy the header to the store, and check that the key unlocks the copy",
    back_up,
);
pub(super) const OPEN: OperationStep =
    OperationStep::new(StepName::Open, "open the volume", open, close);
pub(super) const MOUNT: OperationStep =
    OperationStep::new(StepName::Mount, "mount it", mount, unmount);
pub(super) const PERSIST: OperationStep = OperationStep::new(
    StepName::Persist,
    "set up opening and mounting at every boot",
    persist,
    remove_persistence,
);
pub(super) const DONE: OperationStep =
    OperationStep::without_undo(StepName::Done, "record in the store that it is done", |run| {
        run.finish(Ok)
    });

/// Returns the step that creates the Secret of a new volume.
pub(super) fn create_secret(record: &Record) -> &'static OperationStep {
    match record.key {
        KeySource::Store => &STORE_KEY,
        KeySource::Passphrase => &STORE_RECORD,
    }
}

/// Returns whether an encryption ends with an open volume.
pub(super) fn is_opened(options: &Encrypt, record: &Record) -> bool {
    options.open || options.mkfs.is_some() || record.mount.is_some()
}

/// The error for a rollback of an encryption that has changed data already.
pub(super) fn only_forward(run: &OperationRun<'_>) -> Error {
    let id = &run.record.id;
    let path = run.device.path().display();
    let message = format!("the data on {path} are being encrypted, which cannot be undone");
    Error::refused(Code::NoWayBack, message)
        .hint(("finish it", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
}

/// Returns the options of the pending encryption.
///
/// # Errors
/// Exit 3 when another operation is pending.
pub(super) fn encrypt_options(run: &OperationRun<'_>) -> Result<Encrypt> {
    match run.record.pending.as_ref().map(|pending| &pending.kind) {
        Some(OperationKind::Encrypt(options)) => Ok(options.clone()),
        _ => Err(Error::failed(Code::VolumeDamaged, "the journal has no encryption options")),
    }
}

/// Deletes the Secret, unless encrypted data need its key.
pub(super) fn delete_secret(run: &mut OperationRun<'_>) -> Result<()> {
    if run.is_there()? {
        return Err(only_forward(run));
    }
    // A complete volume that is not on this device may be on another.
    if run.record.backup.is_some() && run.confirmed.is_none() {
        let (id, path) = (&run.record.id, run.device.path().display());
        let message = format!("the volume {id} was complete, and {path} is not its device");
        return Err(Error::refused(Code::NotConfirmed, message)
            .hint("the key was kept; name the device of the volume: --device")
            .hint((
                "if the volume no longer exists, delete its key",
                CommandLine::ccx_sec("volume rollback")
                    .argument(id.to_string())
                    .option("--confirm", run.device.identity().confirmation()),
            )));
    }
    let there = StoredVolume::load(run.context.store, &run.record.id)?;
    if let Some(there) = there.filter(|there| there.record.uuid == run.record.uuid)
        && !run.context.store.delete(&there.secret)?
    {
        return Err(contended(run.context.store, &run.record.id));
    }
    run.stored = None;
    Ok(())
}

/// Writes the header to the Secret, after a check that the key unlocks it.
pub(super) fn back_up(run: &mut OperationRun<'_>) -> Result<()> {
    let image = run.copy()?;
    let had = run.record.backup.as_ref().is_some_and(|had| had.sha256 == image.sha256());
    if !had {
        run.record.backup = Some(Backup::of(&image, run.context.globals.now));
    }
    run.update_secret(|secret| with_image(secret, &image))
}

fn open(run: &mut OperationRun<'_>) -> Result<()> {
    let cryptsetup = run.context.cryptsetup;
    mount::open(cryptsetup, &run.record, &run.device, &run.key, false).map(drop)
}

fn close(run: &mut OperationRun<'_>) -> Result<()> {
    mount::close(run.context.cryptsetup, &run.record).map(drop)
}

/// Returns the mapping of the volume, which an earlier step opened.
///
/// # Errors
/// Exit 3 `volume-not-open` when somebody closed it since.
pub(super) fn mapping(run: &OperationRun<'_>) -> Result<Mapping> {
    opened::opened(&run.record)?.ok_or_else(|| {
        Error::failed(
            Code::VolumeNotOpen,
            format!("the volume {} was closed in the meantime", run.record.id),
        )
        .hint(("open it", CommandLine::ccx_sec("volume open").argument(run.record.id.to_string())))
    })
}

fn mount(run: &mut OperationRun<'_>) -> Result<()> {
    let Some(point) = &run.record.mount else { return Ok(()) };
    if encrypt_options(run)?.persist {
        protect(run, point)?;
    }
    mount::mount(&mapping(run)?, point).map(drop)
}

/// Makes the mount point immutable (chattr(1)), so that nobody, root included, writes there while
/// the volume is not mounted.
fn protect(run: &OperationRun<'_>, point: &Path) -> Result<()> {
    if mounts::all()?.iter().any(|mount| mount.point == point) {
        return Ok(()); // an interrupted step mounted it
    }
    mount::check_mount_point(point)?;
    files::create_directory(point, 0o755)?;
    if !files::set_immutable(point, true)? {
        let note = format!(
            "the file system below {} has no immutable directories: a program that starts before \
             the volume is mounted may write there, unless --service names its service",
            point.display()
        );
        run.context.globals.output.warning(&note);
    }
    Ok(())
}

/// Makes the mount point writable again, unless something is mounted on it.
pub(super) fn unprotect(record: &Record) -> Result<()> {
    let Some(point) = record.mount.as_deref().filter(|point| files::exists(point)) else {
        return Ok(());
    };
    match mounts::all()?.iter().any(|mount| mount.point == point) {
        true => Ok(()),
        false => files::set_immutable(point, false).map(drop),
    }
}

fn unmount(run: &mut OperationRun<'_>) -> Result<()> {
    if let Some(mapping) = opened::opened(&run.record)? {
        mount::unmount(&run.record, &mapping)?;
    }
    match encrypt_options(run)?.persist {
        true => unprotect(&run.record),
        false => Ok(()),
    }
}

fn persist(run: &mut OperationRun<'_>) -> Result<()> {
    let options = encrypt_options(run)?;
    boot::write(&run.record, &options.command, &options.services)
}

fn remove_persistence(run: &mut OperationRun<'_>) -> Result<()> {
    boot::remove(&run.record)
}
