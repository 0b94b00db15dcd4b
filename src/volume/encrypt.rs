//! Encrypts a device, and destroys its contents.
//!
//! The key is in the store, and was read back from there, before the first byte is written. The
//! volume holds no data until its header is complete and has a copy in the store.

use super::kind::{Encrypt, StepName};
use super::mount;
use super::operation::{OperationStep, VolumeOperation};
use super::record::Record;
use super::run::OperationRun;
use super::steps::{BACKUP, DONE, MOUNT, OPEN, PERSIST, create_secret, is_opened, mapping};
use crate::block::cryptsetup::LuksFormat;
use crate::block::device_guard::{Contents, ExclusiveDevice, refuse_unless_blank};
use crate::block::luks::{DeviceFormat, MIN_DEVICE_SIZE, NEW_HEADER_SIZE};
use crate::block::policy;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

const FORMAT: OperationStep =
    OperationStep::new(StepName::Format, "make the device a LUKS2 volume", format, undo_format);
const MKFS: OperationStep =
    OperationStep::without_undo(StepName::Mkfs, "make a file system on it", |run| {
        mount::make_file_system(&run.record, &mapping(run)?).map(drop)
    });

/// The encryption of a device whose contents, if any, are destroyed.
pub(super) struct DeviceEncryption<'a>(pub(super) &'a Encrypt);

impl VolumeOperation for DeviceEncryption<'_> {
    fn steps(&self, record: &Record) -> Vec<&'static OperationStep> {
        let DeviceEncryption(options) = self;
        let steps = [
            Some(create_secret(record)),
            Some(&FORMAT),
            Some(&BACKUP),
            is_opened(options, record).then_some(&OPEN),
            options.mkfs.is_some().then_some(&MKFS),
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
}

fn format(run: &mut OperationRun<'_>) -> Result<()> {
    // Holds the device exclusively until the moment before cryptsetup opens it exclusively.
    let exclusive = match run.exclusive.take() {
        Some(exclusive) => exclusive, // its contents were checked
        None => {
            if run.is_whole()? {
                return Ok(());
            }
            let exclusive = run.take()?;
            check_overwritable(run, &exclusive)?;
            exclusive
        }
    };
    let pinned = exclusive.release();
    pinned.check_still()?;
    let format = LuksFormat { uuid: &run.record.uuid, label: &run.record.label };
    run.context.cryptsetup.format(pinned.path(), &run.key, &format)?;
    let found = run.head()?;
    if !found.is_of(&run.record.uuid) || !policy::judge(&found).is_empty() {
        let message = format!(
            "{} was formatted, but not with the required parameters",
            pinned.path().display()
        );
        return Err(Error::failed(Code::FormatFailed, message).hint((
            "see its parameters",
            CommandLine::ccx_sec("volume status").argument(pinned.path()),
        )));
    }
    Ok(())
}

/// Refuses a device that holds anything, without consent to destroy it. An interrupted format of
/// this volume needs no consent.
fn check_overwritable(run: &OperationRun<'_>, exclusive: &ExclusiveDevice) -> Result<()> {
    let contents = exclusive.contents()?;
    if run.confirmed.is_some() || is_partly_formatted(run, exclusive, &contents)? {
        return Ok(());
    }
    refuse_unless_blank(&contents, exclusive.identity()).map_err(|error| {
        let (id, word) = (&run.record.id, exclusive.identity().confirmation());
        error.hint((
            "if its contents may be destroyed",
            CommandLine::ccx_sec("volume resume")
                .argument(id.to_string())
                .option("--confirm", word),
        ))
    })
}

/// Returns whether the device holds nothing but what an interrupted format of this volume left: no
/// header but this volume's, without a key slot, no other known signature, and zeros after it.
fn is_partly_formatted(
    run: &OperationRun<'_>,
    exclusive: &ExclusiveDevice,
    contents: &Contents,
) -> Result<bool> {
    let is_known = !contents.besides(&["luks"]).is_empty();
    if !run.is_resumed || is_known || !exclusive.is_zero_from(NEW_HEADER_SIZE)? {
        return Ok(false);
    }
    Ok(match run.head()? {
        DeviceFormat::Nothing | DeviceFormat::Damaged(_) => true,
        DeviceFormat::Luks2(header) => {
            header.uuid == run.record.uuid && header.metadata.openers().next().is_none()
        }
        DeviceFormat::Luks1 { .. } => false,
    })
}

/// Makes the device blank again.
fn undo_format(run: &mut OperationRun<'_>) -> Result<()> {
    let ours = run.is_there()?;
    let exclusive = ExclusiveDevice::take(run.device.path(), MIN_DEVICE_SIZE)?;
    let partly_formatted = is_partly_formatted(run, &exclusive, &exclusive.contents()?)?;
    if !partly_formatted && !ours {
        return Ok(()); // the format never began
    }
    // With a key slot, it needs consent even if the key unlocks nothing: the passphrase that was
    // typed may be wrong.
    if !partly_formatted && run.confirmed.is_none() {
        let message =
            format!("{} is a complete volume, and may hold data", run.device.path().display());
        let id = run.record.id.to_string();
        return Err(Error::refused(Code::NotConfirmed, message)
            .hint((
                "if its data may be destroyed",
                CommandLine::ccx_sec("volume rollback")
                    .argument(id.clone())
                    .option("--confirm", run.device.identity().confirmation()),
            ))
            .hint((
                "to keep the volume, finish the operation",
                CommandLine::ccx_sec("volume resume").argument(id),
            )));
    }
    run.device.identity().check_same(exclusive.identity())?;
    exclusive.check_still()?;
    exclusive.overwrite(0, &vec![0; usize::try_from(NEW_HEADER_SIZE).unwrap_or(usize::MAX)])
}
