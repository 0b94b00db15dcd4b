//! What is on a volume is encrypted anew, with a new volume key, while it is in use. The key that
//! opens it stays: so at every moment the key in the store opens all of it, the part that is done
//! and the part that is not.

use super::encrypt::{BACKUP, DONE};
use super::task::Task;
use super::use_of;
use super::work::{Step, Work, nothing};
use crate::error::{Error, Result};
use crate::volume::cryptsetup::Reencryption;
use crate::volume::image::check_fits;
use crate::volume::luks::{Found, Header};
use crate::volume::mapping::{self, Mapping};

pub(super) const STEPS: &[Step] = &[
    Step { name: "record", does: "tell the store that it begins", run: record, undo: nothing },
    Step { name: "begin", does: "make the new volume key", run: begin, undo: sweep },
    Step {
        name: "encrypt",
        does: "encrypt all of it with the new one",
        run: carry_on,
        undo: nothing,
    },
    BACKUP,
    DONE,
];

fn record(work: &mut Work<'_>) -> Result<()> {
    let header = header(work)?;
    if !has_begun(work, &header) {
        check_fits(&header, false)?;
        let slots = header.metadata.openers().count();
        if slots > 1 {
            let id = &work.record.id;
            let message = format!("the volume {id} has {slots} key slots, and the store one key");
            return Err(Error::refused("several-slots", message)
                .hint("wipe the others: cryptsetup luksKillSlot DEVICE SLOT")
                .hint("they can be given anew afterwards: cryptsetup luksAddKey DEVICE"));
        }
    }
    work.put(Ok)
}

/// The header, which must be there.
fn header(work: &Work<'_>) -> Result<Header> {
    match work.head()? {
        Found::Luks2(header) if header.uuid == work.record.uuid => Ok(*header),
        _ => {
            let path = work.device.path().display();
            let message = format!("the header of {} is not on {path}, or damaged", work.record.id);
            Err(Error::failed("header-damaged", message)
                .hint("do not restore a backup over it: that has the old volume key")
                .hint("look at it: ccx-sec volume status DEVICE; cryptsetup repair DEVICE"))
        }
    }
}

/// Whether the new key is there, for a part or for all.
fn has_begun(work: &Work<'_>, header: &Header) -> bool {
    let before = match work.record.pending.as_ref().map(|pending| &pending.task) {
        Some(Task::NewVolumeKey { before }) => before.as_str(),
        _ => return true,
    };
    header.metadata.is_reencrypted() || header.key_digest().as_deref() != Some(before)
}

fn begin(work: &mut Work<'_>) -> Result<()> {
    if has_begun(work, &header(work)?) {
        return Ok(());
    }
    sweep(work)?;
    if use_of::opened(&work.record)?.is_some() {
        work.means.cryptsetup.check_online()?;
    }
    let directory = work.means.journal.directory();
    work.means.cryptsetup.begin(work.device.path(), &work.key, &Reencryption::NewKey, directory)
}

/// Wipes the slots of volume keys that nothing is encrypted with: a beginning that was broken off
/// leaves one each time, which takes room in the header, and four of them more than a Secret has.
fn sweep(work: &mut Work<'_>) -> Result<()> {
    let header = header(work)?;
    let used: Vec<&str> = header.metadata.openers().map(|(number, _)| number).collect();
    for number in header.metadata.keyslots.keys().filter(|one| !used.contains(&one.as_str())) {
        work.device.check_still()?;
        work.means.cryptsetup.kill_slot(work.device.path(), number)?;
    }
    Ok(())
}

/// Refuses the way back once the new key is there.
pub(super) fn check_way_back(work: &Work<'_>) -> Result<()> {
    match has_begun(work, &header(work)?) {
        false => Ok(()),
        true => Err(super::in_place::no_way_back(work)),
    }
}

fn carry_on(work: &mut Work<'_>) -> Result<()> {
    go_on(work)?;
    if header(work)?.metadata.is_reencrypted() {
        let message = format!("the volume {} is not through yet", work.record.id);
        return Err(
            Error::failed("reencryption-pending", message).hint("look at the kernel's log: dmesg")
        );
    }
    Ok(())
}

/// Carries a reencryption to its end, of a volume that is open or not.
pub(super) fn go_on(work: &mut Work<'_>) -> Result<()> {
    if !header(work)?.metadata.is_reencrypted() {
        return Ok(());
    }
    if let Some(mapping) = use_of::opened(&work.record)? {
        work.means.cryptsetup.check_online()?;
        check_not_suspended(work, &mapping)?;
    }
    let output = work.means.context.output;
    let mut progress = None;
    let mut told = |done, all| {
        progress.get_or_insert_with(|| output.progress_in_bytes("encrypting")).at(done, all);
    };
    work.means.cryptsetup.go_on(work.device.path(), &work.key, &mut told)
}

/// Refuses to wait for a volume of which a part is suspended: a cryptsetup that was killed had it
/// so while it wrote there. What is there is under the new key, and the kernel's table has the old
/// one: it must not be resumed as it is. When the volume is opened anew, cryptsetup mends it.
fn check_not_suspended(work: &Work<'_>, mapping: &Mapping) -> Result<()> {
    let parts = mapping::of_reencryption(&mapping.name)?;
    let Some(part) = parts.into_iter().find(|part| part.is_suspended) else { return Ok(()) };
    let id = &work.record.id;
    let message = format!(
        "a part of the volume {id} is suspended ({}), and what uses it waits: cryptsetup was killed \
         while it wrote there",
        part.name
    );
    Err(Error::failed("volume-suspended", message)
        .hint(format!("restart the machine, then: ccx-sec volume resume {id}"))
        .hint("no dmsetup resume: what is read and written there then is garbage"))
}
