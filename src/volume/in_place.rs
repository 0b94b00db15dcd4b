//! Encrypts a device together with the file system on it, which must leave 32 MiB free at the end.
//! cryptsetup moves the data back by 16 MiB, writes the header into that space, and encrypts the
//! rest piece by piece. A power cut at any moment loses nothing.
//!
//! Until the header is on the device, it is in the directory of the journal. So after an
//! interruption, either the file system is unchanged, or the header is available.

use std::path::PathBuf;

use super::kind::{Encrypt, StepName};
use super::mount;
use super::operation::{OperationStep, VolumeOperation};
use super::record::{KeySource, Record};
use super::reencryption;
use super::run::OperationRun;
use super::steps::{
    BACKUP, DONE, KEY_TO_STORE, MOUNT, OPEN, PERSIST, RECORD_TO_STORE, delete_secret,
    encrypt_options, is_opened, only_forward,
};
use super::stored::StoredVolume;
use crate::block::cryptsetup::{LuksFormat, ReencryptionKind};
use crate::block::device::{self, Device};
use crate::block::file_system::{self, FileSystem};
use crate::block::luks::{self, DeviceFormat, NEW_HEADER_SIZE, ReadAt};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::{CommandLine, Placeholder};

/// Bytes that must be free at the end of the device.
const FREE_SPACE: u64 = 32 * 1024 * 1024;

const STORE_KEY: OperationStep =
    OperationStep::new(StepName::Record, KEY_TO_STORE, record, delete_secret);
const STORE_RECORD: OperationStep =
    OperationStep::new(StepName::Record, RECORD_TO_STORE, record, delete_secret);
const BEGIN: OperationStep = OperationStep::new(
    StepName::Begin,
    "shift the data towards the end of the device, and write the header in front of it",
    begin,
    undo_begin,
);
const ENCRYPT: OperationStep = OperationStep::without_undo(
    StepName::Encrypt,
    "encrypt the data",
    reencryption::drive_to_completion,
)
.with_own_progress();

/// The encryption of a device whose file system stays.
pub(super) struct InPlaceEncryption<'a>(pub(super) &'a Encrypt);

impl VolumeOperation for InPlaceEncryption<'_> {
    fn steps(&self, record: &Record) -> Vec<&'static OperationStep> {
        let InPlaceEncryption(options) = self;
        let steps = [
            Some(match record.key {
                KeySource::Store => &STORE_KEY,
                KeySource::Passphrase => &STORE_RECORD,
            }),
            Some(&BEGIN),
            Some(&ENCRYPT),
            Some(&BACKUP),
            is_opened(options, record).then_some(&OPEN),
            record.mount.is_some().then_some(&MOUNT),
            options.persist.then_some(&PERSIST),
            Some(&DONE),
        ];
        steps.into_iter().flatten().collect()
    }

    /// Without a Secret, the key has to come into the store first.
    fn starts_over(&self, run: &OperationRun<'_>) -> bool {
        run.stored.is_none()
    }

    /// Refuses once any data were moved.
    fn check_rollback(&self, run: &OperationRun<'_>) -> Result<()> {
        let has_moved = saved_header(run)?.is_some_and(|(_, saved)| has_begun(run, &saved));
        if has_moved || run.is_there()? || check_untouched(run).is_err() {
            return Err(only_forward(run));
        }
        Ok(())
    }
}

/// Returns the file system of a device that can be encrypted in place: it is clean, and leaves
/// enough space free at the end.
///
/// # Errors
/// Exit 4 when the device has neither ext4 nor xfs, or the file system is not clean or too large;
/// exit 3 when the device cannot be read.
pub fn check_room(device: &(impl ReadAt + ?Sized), name: &str, size: u64) -> Result<FileSystem> {
    let unreadable = |error| device::unreadable(name, error);
    let Some(found) = file_system::read(device).map_err(unreadable)? else {
        let message = format!("there is neither ext4 nor xfs on {name}");
        return Err(Error::refused(Code::InPlaceUnknown, message)
            .hint(("see what is on it", CommandLine::other("blkid", "-p").argument(name)))
            .hint(
                "another file system cannot be encrypted in place: copy its data onto a new volume",
            )
            .hint("for a blank device, leave out --in-place"));
    };
    if !found.is_clean {
        let message =
            format!("the {} on {name} was not unmounted cleanly, or has errors", found.kind);
        return Err(Error::refused(Code::InPlaceUnclean, message).hint((
            "mount and unmount it, or check it",
            CommandLine::other("fsck", "").argument(name),
        )));
    }
    if size < FREE_SPACE + NEW_HEADER_SIZE {
        let message = format!(
            "{name} has {size} bytes; encryption in place needs at least {}",
            FREE_SPACE + NEW_HEADER_SIZE
        );
        return Err(Error::refused(Code::DeviceTooSmall, message).hint(
            "copy the data elsewhere, encrypt the device without --in-place, and copy them back",
        ));
    }
    if found.size + FREE_SPACE <= size {
        return Ok(found);
    }
    let message = format!(
        "the {} on {name} takes {} of {size} bytes; {} bytes at the end must be free",
        found.kind, found.size, FREE_SPACE
    );
    let refused = Error::refused(Code::InPlaceNoRoom, message);
    Err(match found.kind {
        "ext4" => {
            let kib = size.saturating_sub(FREE_SPACE) / 1024;
            let check = CommandLine::other("e2fsck", "-f").argument(name);
            let resize = CommandLine::other("resize2fs", "").argument(name);
            let resize = resize.argument(format!("{kib}K"));
            refused.hint(("shrink it", check.and(resize)))
        }
        _ => refused.hint((
            "xfs cannot be shrunk; enlarge the device",
            CommandLine::other("lvextend", "-L +32M").argument(Placeholder("VG/LV")),
        )),
    })
}

/// Same as for a blank device, but refuses to create a new key if part of the data is already
/// encrypted with the old one.
fn record(run: &mut OperationRun<'_>) -> Result<()> {
    let has_begun = run.is_there()? || files::exists(&saved_header_path(run));
    if run.stored.is_none() && has_begun {
        StoredVolume::load_required(run.context.store, &run.record.id).map_err(|error| {
            error
                .hint("restore its Secret from a backup of the store; without it the data are lost")
        })?;
    }
    run.create()
}

/// The file in which cryptsetup keeps the header until it is on the device.
fn saved_header_path(run: &OperationRun<'_>) -> PathBuf {
    run.context.journal.directory().join(format!("LUKS2-temp-{}.new", run.record.uuid))
}

fn begin(run: &mut OperationRun<'_>) -> Result<()> {
    let file = saved_header_path(run);
    let head = run.head()?;
    if files::exists(&file) {
        return recover(run, &head);
    }
    if head.is_of(&run.record.uuid) {
        return Ok(());
    }
    let exclusive = run.take()?;
    let name = run.device.path().display().to_string();
    check_room(&run.device, &name, exclusive.identity().size)?;
    if run.is_resumed {
        check_untouched(run)?;
    }
    let pinned = exclusive.release();
    pinned.check_still()?;
    let format = LuksFormat { uuid: &run.record.uuid, label: &run.record.label };
    let sector = encrypt_options(run)?.sector_size.unwrap_or(512);
    let what = ReencryptionKind::Encrypt(format, sector);
    let directory = run.context.journal.directory();
    run.context.cryptsetup.begin(pinned.path(), &run.key, &what, directory)
}

/// Reads the header in that file, if there is one.
fn saved_header(run: &OperationRun<'_>) -> Result<Option<(Device, DeviceFormat)>> {
    let file = saved_header_path(run);
    if !files::try_exists(&file)? {
        return Ok(None);
    }
    let device = Device::open(&file)?;
    let name = file.display().to_string();
    let found = luks::read(&device).map_err(|error| device::unreadable(&name, error))?;
    Ok(Some((device, found)))
}

/// Returns whether cryptsetup began to move the data, as the header in that file has it.
fn has_begun(run: &OperationRun<'_>, saved: &DeviceFormat) -> bool {
    let DeviceFormat::Luks2(header) = saved else { return false };
    header.uuid == run.record.uuid && header.metadata.is_reencrypted()
}

/// Continues after cryptsetup was interrupted before all of the header was on the device. The
/// header is in the file from the moment at which the data in its place have been moved.
fn recover(run: &mut OperationRun<'_>, head: &DeviceFormat) -> Result<()> {
    let file = saved_header_path(run);
    let name = file.display().to_string();
    let Some((device, saved)) = saved_header(run)? else { return begin(run) };
    match (&saved, head) {
        (DeviceFormat::Luks2(saved), DeviceFormat::Luks2(head))
            if head.uuid == saved.uuid && head.sequence > saved.sequence =>
        {
            // The header on the device is newer.
            files::remove(&file)
        }
        (saved, _) if has_begun(run, saved) => {
            let handle = device.handle().map_err(|error| device::unreadable(&name, error))?;
            run.restore(&handle)?;
            files::remove(&file)
        }
        _ => {
            files::remove(&file)?; // no data were moved yet
            begin(run)
        }
    }
}

fn undo_begin(run: &mut OperationRun<'_>) -> Result<()> {
    files::remove(&saved_header_path(run))
}

/// Refuses a device whose file system was changed. After a power cut, or when the header is on
/// another machine, the first block may be intact while others are not.
fn check_untouched(run: &OperationRun<'_>) -> Result<()> {
    let path = run.device.path();
    let name = path.display().to_string();
    let found = check_room(&run.device, &name, run.device.identity().size)?;
    mount::check_whole(&run.record, found.kind, path).map(drop)
}
