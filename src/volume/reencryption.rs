//! A reencryption is carried to its end, wherever it was broken off: of a volume that is open, of
//! one that is not, and of a device that is encrypted in place.

use super::work::OperationRun;
use super::{encrypt, mount, opened};
use crate::block::image::Image;
use crate::block::interlock::ExclusiveDevice;
use crate::block::luks::{DeviceFormat, Header, HeaderCopy, ReencryptionState};
use crate::block::mapping::{self, Mapping};
use crate::error::{Error, Result};
use crate::pki;
use crate::shell::CommandLine;

/// What was broken off is mended, carried on and ended, one after the other.
const TURNS: usize = 4;

/// The header, which must be there.
pub(super) fn header(work: &OperationRun<'_>) -> Result<Header> {
    match work.head()? {
        DeviceFormat::Luks2(header) if header.uuid == work.record.uuid => Ok(*header),
        _ => {
            let (path, device) = (work.device.path().display(), work.device.path());
            let message = format!("the header of {} is not on {path}, or damaged", work.record.id);
            Err(Error::failed("header-damaged", message)
                .hint("do not restore a backup over it: that has the old volume key")
                .hint(("look at it", CommandLine::ccx_sec("volume status").argument(device)))
                .hint(("repair it", CommandLine::other("cryptsetup", "repair").argument(device))))
        }
    }
}

/// Carries it to its end.
pub(super) fn drive_to_completion(work: &mut OperationRun<'_>) -> Result<()> {
    for _ in 0..TURNS {
        let header = header(work)?;
        let mapping = opened::opened(&work.record)?;
        mapping.iter().try_for_each(|mapping| opened::check_not_lost(&work.record, mapping))?;
        match header.metadata.reencryption() {
            ReencryptionState::None => return Ok(()),
            ReencryptionState::Within => repair(work, mapping.as_ref())?,
            ReencryptionState::Between => resume(work, mapping.as_ref())?,
            ReencryptionState::Over => finalize(work, &header, mapping.as_ref())?,
        }
    }
    let message = format!("the volume {} is not through yet", work.record.id);
    Err(Error::failed("reencryption-pending", message).hint("look at the kernel's log: dmesg"))
}

/// The stretch that was being written becomes whole.
fn repair(work: &OperationRun<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        mount::check_not_suspended(&work.record, mapping)?;
        return Err(to_be_closed(work));
    }
    let held = work.take()?.release();
    held.check_still()?;
    work.means.cryptsetup.repair(held.path(), &work.key)
}

fn resume(work: &OperationRun<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        work.means.cryptsetup.check_online()?;
        mount::check_not_suspended(&work.record, mapping)?;
        // With what a killed cryptsetup left in between, the next one does not know the volume.
        if is_layered(mapping)? {
            return Err(to_be_closed(work));
        }
    }
    let output = work.means.context.output;
    let mut progress = None;
    let mut told = |done, all| {
        progress.get_or_insert_with(|| output.progress_in_bytes("encrypting")).at(done, all);
    };
    work.means.cryptsetup.resume_reencryption(work.device.path(), &work.key, &mut told)
}

/// Takes away what it needed. cryptsetup would begin anew, and encrypt twice.
fn finalize(work: &OperationRun<'_>, header: &Header, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        mount::check_not_suspended(&work.record, mapping)?;
    }
    let name = work.device.path().display().to_string();
    let image = Image::ended(&work.device, header, &name)?;
    encrypt::check_opens(work.means.cryptsetup, &work.record, &image, &work.key)?;
    // Nothing else uses it meanwhile, but for the volume itself.
    let claim = mapping.is_none().then(|| work.take()).transpose()?;
    match (&claim, header.metadata.moved()) {
        (Some(claim), Some(moved)) => wipe(claim, moved)?,
        (None, Some(_)) => return Err(to_be_closed(work)),
        (_, None) => {}
    }
    // A power cut may spoil one copy, not both: the one that is good goes last.
    let [first, second] = image.copies();
    let (first, second) = ((0, first), (header.size, second));
    let copies = match header.secondary {
        HeaderCopy::Good => [first, second],
        HeaderCopy::Old | HeaderCopy::Damaged => [second, first],
    };
    for (at, copy) in copies {
        work.device.overwrite(at, copy)?;
    }
    drop(claim);
    // The same once more, and zeros over what the old key had.
    work.device.check_still()?;
    work.means.cryptsetup.restore_header(work.device.path(), &image.in_memory()?)?;
    if mapping.is_some_and(|mapping| is_layered(mapping).unwrap_or(true)) {
        let id = &work.record.id;
        let note =
            format!("before it gets a new volume key again, close the volume {id} and open it");
        work.means.context.output.note(&note);
    }
    Ok(())
}

/// What the device began with was put aside in the clear, behind the file system: random bytes come
/// over it.
fn wipe(claim: &ExclusiveDevice, (from, length): (u64, u64)) -> Result<()> {
    let mut random = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    pki::random(&mut random)?;
    claim.overwrite(from, &random)
}

/// Whether cryptsetup has put something between the volume and its device.
fn is_layered(mapping: &Mapping) -> Result<bool> {
    Ok(mapping::of_reencryption(&mapping.name)?.len() > 1)
}

fn to_be_closed(work: &OperationRun<'_>) -> Error {
    let id = &work.record.id;
    let message = format!(
        "the volume {id} is open, and cryptsetup was killed while it encrypted a part of it; that is \
         mended only while it is closed"
    );
    Error::failed("volume-open", message)
        .hint((
            "close it",
            CommandLine::ccx_sec("volume close").argument(id.to_string()).flag("--unmount"),
        ))
        .hint(("then", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
}
