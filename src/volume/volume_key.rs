//! Reencrypts a volume with a new volume key while it is in use. The key that unlocks it stays the
//! same, so at every moment the key in the store unlocks all data, reencrypted or not.

use super::kind::{OperationKind, StepName};
use super::opened;
use super::operation::{OperationStep, VolumeOperation};
use super::record::Record;
use super::reencryption::{self, header};
use super::run::OperationRun;
use super::steps::{BACKUP, DONE, only_forward};
use crate::block::cryptsetup::ReencryptionKind;
use crate::block::image::check_fits;
use crate::block::luks::Header;
use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

const RECORD: OperationStep =
    OperationStep::without_undo(StepName::Record, "record in the store that it begins", record);
const BEGIN: OperationStep =
    OperationStep::new(StepName::Begin, "create the new volume key", begin, remove_stale_slots);
const ENCRYPT: OperationStep = OperationStep::without_undo(
    StepName::Encrypt,
    "reencrypt all data with it",
    reencryption::drive_to_completion,
)
.with_own_progress();

/// The reencryption of a volume with a new volume key.
pub(super) struct VolumeKeyChange;

impl VolumeOperation for VolumeKeyChange {
    fn steps(&self, _record: &Record) -> Vec<&'static OperationStep> {
        vec![&RECORD, &BEGIN, &ENCRYPT, &BACKUP, &DONE]
    }

    /// Refuses once the new volume key is in the header.
    fn check_rollback(&self, run: &OperationRun<'_>) -> Result<()> {
        match has_begun(run, &header(run)?) {
            false => Ok(()),
            true => Err(only_forward(run)),
        }
    }
}

fn record(run: &mut OperationRun<'_>) -> Result<()> {
    let header = header(run)?;
    if !has_begun(run, &header) {
        check_fits(&header, false)?;
        let slots = header.metadata.openers().count();
        if slots > 1 {
            let id = &run.record.id;
            let message =
                format!("the volume {id} has {slots} key slots, but the store has one key");
            return Err(Error::refused(Code::SeveralSlots, message)
                .hint((
                    "wipe the other slots",
                    CommandLine::other("cryptsetup", "luksKillSlot")
                        .argument(run.device.path())
                        .argument(Placeholder("SLOT")),
                ))
                .hint((
                    "add them again afterwards",
                    CommandLine::other("cryptsetup", "luksAddKey").argument(run.device.path()),
                )));
        }
    }
    run.update_secret(Ok)
}

/// Returns whether the header has the new volume key, for some of the data or for all.
fn has_begun(run: &OperationRun<'_>, header: &Header) -> bool {
    let before = match run.record.pending.as_ref().map(|pending| &pending.kind) {
        Some(OperationKind::NewVolumeKey { before }) => before.as_str(),
        _ => return true,
    };
    header.metadata.is_reencrypted() || header.key_digest().as_deref() != Some(before)
}

fn begin(run: &mut OperationRun<'_>) -> Result<()> {
    if has_begun(run, &header(run)?) {
        return Ok(());
    }
    remove_stale_slots(run)?;
    if let Some(mapping) = opened::opened(&run.record)? {
        opened::check_not_lost(&run.record, &mapping)?;
        run.context.cryptsetup.check_online()?;
    }
    let directory = run.context.journal.directory();
    run.context.cryptsetup.begin(run.device.path(), &run.key, &ReencryptionKind::NewKey, directory)
}

/// Wipes the slots of volume keys that encrypt no data. Each interrupted beginning leaves one, and
/// with four of them the header no longer fits into a Secret.
fn remove_stale_slots(run: &mut OperationRun<'_>) -> Result<()> {
    let header = header(run)?;
    let used: Vec<&str> = header.metadata.openers().map(|(number, _)| number).collect();
    for number in header.metadata.keyslots.keys().filter(|one| !used.contains(&one.as_str())) {
        run.device.check_still()?;
        run.context.cryptsetup.kill_slot(run.device.path(), number)?;
    }
    Ok(())
}
