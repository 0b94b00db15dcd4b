//! What is on a volume is encrypted anew, with a new volume key, while it is in use. The key that
//! opens it stays: so at every moment the key in the store opens all of it, the part that is done
//! and the part that is not.

use super::encrypt::{BACKUP, DONE};
use super::kind::OperationKind;
use super::opened;
use super::reencryption::{self, header};
use super::work::{OperationRun, OperationStep, no_op};
use crate::block::cryptsetup::ReencryptionKind;
use crate::block::image::check_fits;
use crate::block::luks::Header;
use crate::error::{Error, Result};
use crate::shell::{CommandLine, Placeholder};

pub(super) const STEPS: &[OperationStep] = &[
    OperationStep {
        name: "record",
        does: "tell the store that it begins",
        run: record,
        undo: no_op,
    },
    OperationStep {
        name: "begin",
        does: "make the new volume key",
        run: begin,
        undo: remove_stale_slots,
    },
    OperationStep {
        name: "encrypt",
        does: "encrypt all of it with the new one",
        run: reencryption::drive_to_completion,
        undo: no_op,
    },
    BACKUP,
    DONE,
];

fn record(work: &mut OperationRun<'_>) -> Result<()> {
    let header = header(work)?;
    if !has_begun(work, &header) {
        check_fits(&header, false)?;
        let slots = header.metadata.openers().count();
        if slots > 1 {
            let id = &work.record.id;
            let message = format!("the volume {id} has {slots} key slots, and the store one key");
            return Err(Error::refused("several-slots", message)
                .hint((
                    "wipe the others",
                    CommandLine::other("cryptsetup", "luksKillSlot")
                        .argument(work.device.path())
                        .argument(Placeholder("SLOT")),
                ))
                .hint((
                    "they can be added again afterwards",
                    CommandLine::other("cryptsetup", "luksAddKey").argument(work.device.path()),
                )));
        }
    }
    work.update_secret(Ok)
}

/// Whether the new key is there, for a part or for all.
fn has_begun(work: &OperationRun<'_>, header: &Header) -> bool {
    let before = match work.record.pending.as_ref().map(|pending| &pending.task) {
        Some(OperationKind::NewVolumeKey { before }) => before.as_str(),
        _ => return true,
    };
    header.metadata.is_reencrypted() || header.key_digest().as_deref() != Some(before)
}

fn begin(work: &mut OperationRun<'_>) -> Result<()> {
    if has_begun(work, &header(work)?) {
        return Ok(());
    }
    remove_stale_slots(work)?;
    if let Some(mapping) = opened::opened(&work.record)? {
        opened::check_not_lost(&work.record, &mapping)?;
        work.means.cryptsetup.check_online()?;
    }
    let directory = work.means.journal.directory();
    work.means.cryptsetup.begin(work.device.path(), &work.key, &ReencryptionKind::NewKey, directory)
}

/// Wipes the slots of volume keys that nothing is encrypted with: a beginning that was broken off
/// leaves one each time, which takes room in the header, and four of them more than a Secret has.
fn remove_stale_slots(work: &mut OperationRun<'_>) -> Result<()> {
    let header = header(work)?;
    let used: Vec<&str> = header.metadata.openers().map(|(number, _)| number).collect();
    for number in header.metadata.keyslots.keys().filter(|one| !used.contains(&one.as_str())) {
        work.device.check_still()?;
        work.means.cryptsetup.kill_slot(work.device.path(), number)?;
    }
    Ok(())
}

/// Refuses the way back once the new key is there.
pub(super) fn check_way_back(work: &OperationRun<'_>) -> Result<()> {
    match has_begun(work, &header(work)?) {
        false => Ok(()),
        true => Err(super::in_place::no_way_back(work)),
    }
}
