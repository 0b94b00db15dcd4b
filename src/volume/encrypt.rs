//! A device becomes a volume, and whatever was on it is gone.
//!
//! The key is in the store, and was read back, before the first byte is written; and until the
//! header is complete and in the store too, there is nothing on the volume that could be lost.

use std::path::Path;

use super::in_place;
use super::kind::{Encrypt, OperationKind};
use super::record::{Backup, Record, StoredVolume, with_image};
use super::work::{OperationRun, OperationStep, no_op};
use super::{mount, opened};
use crate::block::cryptsetup::{Cryptsetup, LuksFormat};
use crate::block::image::Image;
use crate::block::interlock::{Contents, ExclusiveDevice, refuse_unless_blank};
use crate::block::key::VolumeKey;
use crate::block::luks::DeviceFormat;
use crate::block::mapping::Mapping;
use crate::block::{mounts, policy};
use crate::error::{Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// Bytes that a new header takes, key slots and all: where the data begin.
pub const HEADER: u64 = 16 * 1024 * 1024;
/// The least that a device must have: the header, and as much for data.
pub const MINIMUM: u64 = 2 * HEADER;

pub(super) const RECORD: OperationStep = OperationStep {
    name: "record",
    does: "keep the key in the store, and read it back",
    run: |work| work.create(),
    undo: delete_secret,
};
pub(super) const BACKUP: OperationStep = OperationStep {
    name: "backup",
    does: "keep a copy of the header in the store, which the key opens",
    run: backup,
    undo: no_op,
};
pub(super) const OPEN: OperationStep =
    OperationStep { name: "open", does: "open the volume", run: open, undo: close };
pub(super) const MOUNT: OperationStep =
    OperationStep { name: "mount", does: "mount it", run: mount, undo: unmount };
pub(super) const PERSIST: OperationStep = OperationStep {
    name: "persist",
    does: "have it opened and mounted at every boot",
    run: persist,
    undo: unpersist,
};
pub(super) const DONE: OperationStep =
    OperationStep { name: "done", does: "tell the store that it is done", run: done, undo: no_op };

/// Of a blank device, or one whose contents may go.
pub(super) const STEPS: &[OperationStep] = &[
    RECORD,
    OperationStep {
        name: "format",
        does: "make the device a LUKS2 volume",
        run: format,
        undo: undo_format,
    },
    BACKUP,
    OPEN,
    OperationStep { name: "mkfs", does: "make a file system on it", run: mkfs, undo: no_op },
    MOUNT,
    PERSIST,
    DONE,
];

/// Whether a step of an encryption is asked for; of any other operation, all are.
pub(super) fn is_asked_for(step: &str, task: &OperationKind, record: &Record) -> bool {
    let OperationKind::Encrypt(how) = task else { return true };
    match step {
        "open" => how.open || how.mkfs.is_some() || record.mount.is_some(),
        "mkfs" => how.mkfs.is_some(),
        "mount" => record.mount.is_some(),
        "persist" => how.persist,
        _ => true,
    }
}

pub(super) fn how(work: &OperationRun<'_>) -> Result<Encrypt> {
    match work.record.pending.as_ref().map(|pending| &pending.task) {
        Some(OperationKind::Encrypt(how)) => Ok(how.clone()),
        _ => Err(Error::failed("volume-damaged", "the journal does not tell how to encrypt")),
    }
}

/// The Secret goes, where nothing that was encrypted needs it.
fn delete_secret(work: &mut OperationRun<'_>) -> Result<()> {
    if work.is_there()? {
        return Err(in_place::no_way_back(work));
    }
    // A volume that was complete is somewhere, if it is not here.
    if work.record.backup.is_some() && work.confirmed.is_none() {
        let (id, path) = (&work.record.id, work.device.path().display());
        let message = format!("the volume {id} was complete, and is not on {path}");
        return Err(Error::refused("not-confirmed", message)
            .hint("its key is kept: say where it is: --device")
            .hint((
                "if it is gone",
                CommandLine::ccx_sec("volume rollback")
                    .argument(id.to_string())
                    .option("--confirm", work.device.identity().confirmation()),
            )));
    }
    let there = StoredVolume::load(work.means.store, &work.record.id)?;
    if let Some(there) = there.filter(|there| there.record.uuid == work.record.uuid)
        && !work.means.store.delete(&there.secret)?
    {
        let place = work.means.store.place(&there.secret.name);
        return Err(Error::refused("volume-contended", format!("{place} was changed meanwhile"))
            .hint("see who else works on that volume"));
    }
    work.stored = None;
    Ok(())
}

fn format(work: &mut OperationRun<'_>) -> Result<()> {
    // Nothing else may have it, until the moment before cryptsetup claims it for itself.
    let claim = match work.claim.take() {
        Some(claim) => claim, // and what is on it was looked at
        None => {
            if work.is_whole()? {
                return Ok(());
            }
            let claim = work.take()?;
            check_may_go(work, &claim)?;
            claim
        }
    };
    let held = claim.release();
    held.check_still()?;
    let format = LuksFormat { uuid: &work.record.uuid, label: &work.record.label };
    work.means.cryptsetup.format(held.path(), &work.key, &format)?;
    let found = work.head()?;
    if !found.is_of(&work.record.uuid) || !policy::judge(&found).is_empty() {
        let message = format!("{} is not the volume that was asked for", held.path().display());
        return Err(Error::failed("format-failed", message)
            .hint(("look at it", CommandLine::ccx_sec("volume status").argument(held.path()))));
    }
    Ok(())
}

/// Refuses a device on which anything is but what a format of ours left, and nobody agreed to.
fn check_may_go(work: &OperationRun<'_>, claim: &ExclusiveDevice) -> Result<()> {
    let contents = claim.contents()?;
    if work.confirmed.is_some() || is_half_made(work, claim, &contents)? {
        return Ok(());
    }
    refuse_unless_blank(&contents, claim.identity()).map_err(|error| {
        let (id, word) = (&work.record.id, claim.identity().confirmation());
        error.hint((
            "if what is on it may go",
            CommandLine::ccx_sec("volume resume")
                .argument(id.to_string())
                .option("--confirm", word),
        ))
    })
}

/// Whether all that is on the device is what a format of ours left that was broken off: nothing
/// behind the header, nothing that is known, and in its place no header but ours, without a slot.
fn is_half_made(
    work: &OperationRun<'_>,
    claim: &ExclusiveDevice,
    contents: &Contents,
) -> Result<bool> {
    let is_known = !contents.besides(&["luks"]).is_empty();
    if !work.is_resumed || is_known || !claim.is_zero_from(HEADER)? {
        return Ok(false);
    }
    Ok(match work.head()? {
        DeviceFormat::Nothing | DeviceFormat::Damaged(_) => true,
        DeviceFormat::Luks2(header) => {
            header.uuid == work.record.uuid && header.metadata.openers().next().is_none()
        }
        DeviceFormat::Luks1 { .. } => false,
    })
}

/// The device is blank again.
fn undo_format(work: &mut OperationRun<'_>) -> Result<()> {
    let ours = work.is_there()?;
    let claim = ExclusiveDevice::take(work.device.path(), MINIMUM)?;
    let half_made = is_half_made(work, &claim, &claim.contents()?)?;
    if !half_made && !ours {
        return Ok(()); // never begun
    }
    // Where it has a slot it is no matter whether the key opens it: the passphrase may be a wrong
    // one.
    if !half_made && work.confirmed.is_none() {
        let message =
            format!("{} is a volume by now, and may hold data", work.device.path().display());
        return Err(Error::refused("not-confirmed", message).hint((
            "if it holds nothing",
            CommandLine::ccx_sec("volume rollback")
                .argument(work.record.id.to_string())
                .option("--confirm", work.device.identity().confirmation()),
        )));
    }
    work.device.identity().check_same(claim.identity())?;
    claim.check_still()?;
    claim.overwrite(0, &vec![0; usize::try_from(HEADER).unwrap_or(usize::MAX)])
}

pub(super) fn backup(work: &mut OperationRun<'_>) -> Result<()> {
    let image = work.copy()?;
    let had = work.record.backup.as_ref().is_some_and(|had| had.sha256 == image.sha256());
    if !had {
        work.record.backup = Some(Backup::of(&image, work.means.context.now));
    }
    work.update_secret(|secret| with_image(secret, &image))
}

/// Refuses a copy of the header that the key does not open: it would be worth nothing.
///
/// # Errors
/// Exit 3.
pub fn check_opens(
    cryptsetup: &Cryptsetup,
    record: &Record,
    image: &Image,
    key: &VolumeKey,
) -> Result<()> {
    if cryptsetup.opens_image(&image.in_memory()?, key)? {
        return Ok(());
    }
    let message = format!("the key does not open the copy of the header of {}", record.id);
    Err(Error::failed("key-wrong", message).hint((
        "look at the volume",
        CommandLine::ccx_sec("volume test-recovery").argument(record.id.to_string()),
    )))
}

fn open(work: &mut OperationRun<'_>) -> Result<()> {
    let cryptsetup = work.means.cryptsetup;
    mount::open(cryptsetup, &work.record, &work.device, &work.key, false).map(drop)
}

fn close(work: &mut OperationRun<'_>) -> Result<()> {
    mount::close(work.means.cryptsetup, &work.record).map(drop)
}

/// The mapping, in steps that come after that which opens it.
fn mapping(work: &OperationRun<'_>) -> Result<Mapping> {
    opened::opened(&work.record)?.ok_or_else(|| {
        Error::failed(
            "volume-not-open",
            format!("the volume {} was closed meanwhile", work.record.id),
        )
        .hint(("open it", CommandLine::ccx_sec("volume open").argument(work.record.id.to_string())))
    })
}

fn mkfs(work: &mut OperationRun<'_>) -> Result<()> {
    mount::make_file_system(&work.record, &mapping(work)?).map(drop)
}

fn mount(work: &mut OperationRun<'_>) -> Result<()> {
    let Some(point) = &work.record.mount else { return Ok(()) };
    if how(work)?.persist {
        protect(work, point)?;
    }
    mount::mount(&mapping(work)?, point).map(drop)
}

/// Makes the mount point immutable, so that nothing writes there, root included, while the volume is
/// not mounted (chattr(1)).
fn protect(work: &OperationRun<'_>, point: &Path) -> Result<()> {
    if mounts::all()?.iter().any(|mount| mount.point == point) {
        return Ok(()); // it is, of a step that was broken off
    }
    mount::check_mount_point(point)?;
    files::create_directory(point, 0o755)?;
    if !files::set_immutable(point, true)? {
        let note = format!(
            "the file system below {} has no immutable directories: whatever starts before the \
             volume is mounted may write there, but for the services that --service names",
            point.display()
        );
        work.means.context.output.warning(&note);
    }
    Ok(())
}

/// The mount point can be written to again, where nothing is mounted on it.
pub(super) fn unprotect(record: &Record) -> Result<()> {
    let Some(point) = record.mount.as_deref().filter(|point| files::exists(point)) else {
        return Ok(());
    };
    match mounts::all()?.iter().any(|mount| mount.point == point) {
        true => Ok(()),
        false => files::set_immutable(point, false).map(drop),
    }
}

fn unmount(work: &mut OperationRun<'_>) -> Result<()> {
    if let Some(mapping) = opened::opened(&work.record)? {
        mount::unmount(&work.record, &mapping)?;
    }
    match how(work)?.persist {
        true => unprotect(&work.record),
        false => Ok(()),
    }
}

fn persist(work: &mut OperationRun<'_>) -> Result<()> {
    let how = how(work)?;
    super::boot::write(&work.record, &how.command, &how.services)
}

fn unpersist(work: &mut OperationRun<'_>) -> Result<()> {
    super::boot::remove(&work.record)
}

fn done(work: &mut OperationRun<'_>) -> Result<()> {
    work.finish(Ok)
}
