//! A device becomes a volume with what is on it: a file system that leaves 32 MiB free at the
//! end. cryptsetup moves what is on the device back by 16 MiB, writes the header into that room,
//! and encrypts the rest piece by piece, each safe from a power cut.
//!
//! Until the header is on the device, it lies in the folder of the journal; so whatever moment
//! that is broken off at, either the file system is as it was, or the header is to be had.

use std::path::PathBuf;

use super::encrypt::{BACKUP, DONE, HEADER, MOUNT, OPEN, PERSIST, RECORD, how};
use super::mount;
use super::record::StoredVolume;
use super::reencryption;
use super::work::{OperationRun, OperationStep, no_op};
use crate::block::cryptsetup::{LuksFormat, ReencryptionKind};
use crate::block::device::Device;
use crate::block::file_system::{self, FileSystem};
use crate::block::luks::{self, DeviceFormat, ReadAt};
use crate::error::{Error, Result};
use crate::files;
use crate::shell::{CommandLine, Placeholder};

/// Bytes at the end of the device that must be free.
const ROOM: u64 = 32 * 1024 * 1024;

pub(super) const STEPS: &[OperationStep] = &[
    OperationStep { run: record, ..RECORD },
    OperationStep {
        name: "begin",
        does: "move what is on the device back, and write the header before it",
        run: begin,
        undo: undo_begin,
    },
    OperationStep {
        name: "encrypt",
        does: "encrypt what is on it",
        run: reencryption::drive_to_completion,
        undo: no_op,
    },
    BACKUP,
    OPEN,
    MOUNT,
    PERSIST,
    DONE,
];

/// The file system on a device that may be encrypted in place: one that is whole, and ends early
/// enough.
///
/// # Errors
/// Exit 4 when there is none, none that is known, or it is not to be touched as it is; exit 3 when
/// it cannot be read.
pub fn check_room(device: &(impl ReadAt + ?Sized), name: &str, size: u64) -> Result<FileSystem> {
    let unreadable = |error| crate::block::device::unreadable(name, error);
    let Some(found) = file_system::read(device).map_err(unreadable)? else {
        let message = format!("there is neither ext4 nor xfs on {name}");
        return Err(Error::refused("in-place-unknown", message)
            .hint(("see what is on it", CommandLine::other("blkid", "-p").argument(name)))
            .hint("copy the data of other file systems onto a new volume")
            .hint("a blank device is encrypted without --in-place"));
    };
    if !found.is_clean {
        let message = format!("the {} on {name} was not unmounted, or has errors", found.kind);
        return Err(Error::refused("in-place-unclean", message).hint((
            "mount it and unmount it; or check it",
            CommandLine::other("fsck", "").argument(name),
        )));
    }
    if size < ROOM + HEADER {
        let message = format!(
            "{name} has {size} bytes, and {} are the least to encrypt in place",
            ROOM + HEADER
        );
        return Err(Error::refused("device-too-small", message).hint(
            "copy the data elsewhere, make it a volume without --in-place, and copy them back",
        ));
    }
    if found.size + ROOM <= size {
        return Ok(found);
    }
    let message = format!(
        "the {} on {name} has {} bytes, the device {size}: {} bytes at its end have to be free",
        found.kind, found.size, ROOM
    );
    let refused = Error::refused("in-place-no-room", message);
    Err(match found.kind {
        "ext4" => {
            let kib = size.saturating_sub(ROOM) / 1024;
            let check = CommandLine::other("e2fsck", "-f").argument(name);
            let resize = CommandLine::other("resize2fs", "").argument(name);
            let resize = resize.argument(format!("{kib}K"));
            refused.hint(("make it smaller", check.and(resize)))
        }
        _ => refused.hint((
            "xfs cannot be made smaller; make the device larger",
            CommandLine::other("lvextend", "-L +32M").argument(Placeholder("VG/LV")),
        )),
    })
}

/// As where nothing stays. But what is encrypted already needs the key that it was encrypted with.
fn record(work: &mut OperationRun<'_>) -> Result<()> {
    let has_begun = work.is_there()? || files::exists(&leftover(work));
    if work.stored.is_none() && has_begun {
        StoredVolume::load_required(work.means.store, &work.record.id).map_err(|error| {
            error
                .hint("restore its Secret from a backup of the store; without it the data are lost")
        })?;
    }
    work.create()
}

/// Where cryptsetup keeps the header until it is on the device.
fn leftover(work: &OperationRun<'_>) -> PathBuf {
    work.means.journal.directory().join(format!("LUKS2-temp-{}.new", work.record.uuid))
}

fn begin(work: &mut OperationRun<'_>) -> Result<()> {
    let file = leftover(work);
    let head = work.head()?;
    if files::exists(&file) {
        return recover(work, &head);
    }
    if head.is_of(&work.record.uuid) {
        return Ok(());
    }
    let claim = work.take()?;
    let name = work.device.path().display().to_string();
    check_room(&work.device, &name, claim.identity().size)?;
    if work.is_resumed {
        check_untouched(work)?;
    }
    let held = claim.release();
    held.check_still()?;
    let format = LuksFormat { uuid: &work.record.uuid, label: &work.record.label };
    let sector = how(work)?.sector_size.unwrap_or(512);
    let what = ReencryptionKind::Encrypt(format, sector);
    let directory = work.means.journal.directory();
    work.means.cryptsetup.begin(held.path(), &work.key, &what, directory)
}

/// The header that cryptsetup keeps there; nothing where it keeps none.
fn saved(work: &OperationRun<'_>) -> Result<Option<(Device, DeviceFormat)>> {
    let file = leftover(work);
    if !files::try_exists(&file)? {
        return Ok(None);
    }
    let device = Device::open(&file)?;
    let name = file.display().to_string();
    let found =
        luks::read(&device).map_err(|error| crate::block::device::unreadable(&name, error))?;
    Ok(Some((device, found)))
}

/// Whether with that header what is on the device has been moved.
fn is_begun(work: &OperationRun<'_>, saved: &DeviceFormat) -> bool {
    let DeviceFormat::Luks2(header) = saved else { return false };
    header.uuid == work.record.uuid && header.metadata.is_reencrypted()
}

/// cryptsetup was broken off before the header was on the device, all of it. It is in the file
/// as soon as what was in its place has been moved.
fn recover(work: &mut OperationRun<'_>, head: &DeviceFormat) -> Result<()> {
    let file = leftover(work);
    let name = file.display().to_string();
    let Some((device, saved)) = saved(work)? else { return begin(work) };
    match (&saved, head) {
        (DeviceFormat::Luks2(saved), DeviceFormat::Luks2(head))
            if head.uuid == saved.uuid && head.sequence > saved.sequence =>
        {
            // The device went on from there.
            files::remove(&file)
        }
        (saved, _) if is_begun(work, saved) => {
            let handle =
                device.handle().map_err(|error| crate::block::device::unreadable(&name, error))?;
            work.restore(&handle)?;
            files::remove(&file)
        }
        _ => {
            files::remove(&file)?; // nothing was moved yet
            begin(work)
        }
    }
}

/// Refuses the way back once anything was moved: then there is one forward, and no other.
pub(super) fn check_way_back(work: &OperationRun<'_>) -> Result<()> {
    let has_moved = saved(work)?.is_some_and(|(_, saved)| is_begun(work, &saved));
    if has_moved || work.is_there()? || check_untouched(work).is_err() {
        return Err(no_way_back(work));
    }
    Ok(())
}

fn undo_begin(work: &mut OperationRun<'_>) -> Result<()> {
    files::remove(&leftover(work))
}

/// Refuses a device whose file system is not as it was. After a power cut, or with the header on
/// another machine, its first block may be whole and others not.
fn check_untouched(work: &OperationRun<'_>) -> Result<()> {
    let device = work.device.path();
    let name = device.display().to_string();
    let found = check_room(&work.device, &name, work.device.identity().size)?;
    mount::check_whole(&work.record, found.kind, device).map(drop)
}

pub(super) fn no_way_back(work: &OperationRun<'_>) -> Error {
    let id = &work.record.id;
    let message =
        format!("{} is being encrypted, which only goes forward", work.device.path().display());
    Error::refused("no-way-back", message)
        .hint(("finish it", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
}
