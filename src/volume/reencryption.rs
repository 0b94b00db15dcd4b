//! Finishes a reencryption, wherever it was interrupted: of an open volume, of a closed volume, and
//! of a device that is encrypted in place.

use super::header_copy::check_opens;
use super::run::OperationRun;
use super::{mount, opened};
use crate::block::device_guard::ExclusiveDevice;
use crate::block::image::Image;
use crate::block::luks::{DeviceFormat, Header, HeaderCopy, ReencryptionState};
use crate::block::mapping::{self, Mapping};
use crate::error::{Code, Error, Result};
use crate::pki;
use crate::shell::CommandLine;

/// A reencryption is repaired, resumed and finalized, one after the other; one more turn checks.
const TURNS: usize = 4;

/// Reads the header of the volume, which the device must carry.
pub(super) fn header(run: &OperationRun<'_>) -> Result<Header> {
    match run.head()? {
        DeviceFormat::Luks2(header) if header.uuid == run.record.uuid => Ok(*header),
        _ => {
            let (path, device) = (run.device.path().display(), run.device.path());
            let message = format!("the header of {} is damaged or not on {path}", run.record.id);
            Err(Error::failed(Code::HeaderDamaged, message)
                .hint("do not restore a backup over it: a backup has the old volume key only")
                .hint(("see its state", CommandLine::ccx_sec("volume status").argument(device)))
                .hint(("repair it", CommandLine::other("cryptsetup", "repair").argument(device))))
        }
    }
}

/// Finishes the reencryption, if one has begun.
pub(super) fn drive_to_completion(run: &mut OperationRun<'_>) -> Result<()> {
    for _ in 0..TURNS {
        let header = header(run)?;
        let mapping = opened::opened(&run.record)?;
        mapping.iter().try_for_each(|mapping| opened::check_not_lost(&run.record, mapping))?;
        match header.metadata.reencryption() {
            ReencryptionState::None => return Ok(()),
            ReencryptionState::Within => repair(run, mapping.as_ref())?,
            ReencryptionState::Between => resume(run, mapping.as_ref())?,
            ReencryptionState::Over => finalize(run, &header, mapping.as_ref())?,
        }
    }
    let message = format!("the reencryption of the volume {} made no progress", run.record.id);
    Err(Error::failed(Code::ReencryptionPending, message).hint("read the kernel log: dmesg"))
}

/// Repairs the segment that was being written.
fn repair(run: &OperationRun<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        mount::check_not_suspended(&run.record, mapping)?;
        return Err(must_be_closed(run));
    }
    let pinned = run.take()?.release();
    pinned.check_still()?;
    run.context.cryptsetup.repair(pinned.path(), &run.key)
}

fn resume(run: &OperationRun<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        run.context.cryptsetup.check_online()?;
        mount::check_not_suspended(&run.record, mapping)?;
        // cryptsetup does not recognize a volume with the mappings that a killed run left below it.
        if is_layered(mapping)? {
            return Err(must_be_closed(run));
        }
    }
    let output = run.context.globals.output;
    let mut progress = None;
    let mut report = |done, all| {
        progress.get_or_insert_with(|| output.progress_in_bytes("encrypting")).at(done, all);
    };
    run.context.cryptsetup.resume_reencryption(run.device.path(), &run.key, &mut report)
}

/// Removes the metadata of the finished reencryption from the header. Otherwise cryptsetup would
/// start over, and encrypt the data twice.
fn finalize(run: &OperationRun<'_>, header: &Header, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        mount::check_not_suspended(&run.record, mapping)?;
    }
    let name = run.device.path().display().to_string();
    let image = Image::ended(&run.device, header, &name)?;
    check_opens(run.context.cryptsetup, &run.record, &image, &run.key)?;
    // Keeps other programs off the device; an open volume holds it already.
    let exclusive = mapping.is_none().then(|| run.take()).transpose()?;
    match (&exclusive, header.metadata.moved()) {
        (Some(exclusive), Some(moved)) => wipe(exclusive, moved)?,
        (None, Some(_)) => return Err(must_be_closed(run)),
        (_, None) => {}
    }
    // A power cut can damage one copy, not both: the good copy is overwritten last.
    let [first, second] = image.copies();
    let (first, second) = ((0, first), (header.size, second));
    let copies = match header.secondary {
        HeaderCopy::Good => [first, second],
        HeaderCopy::Old | HeaderCopy::Damaged => [second, first],
    };
    for (at, copy) in copies {
        run.device.overwrite(at, copy)?;
    }
    drop(exclusive);
    // Writes the header again, with zeros over the old key's slots.
    run.device.check_still()?;
    run.context.cryptsetup.restore_header(run.device.path(), &image.in_memory()?)?;
    if mapping.is_some_and(|mapping| is_layered(mapping).unwrap_or(true)) {
        let id = &run.record.id;
        let note = format!("close and open the volume {id} before its volume key is changed again");
        run.context.globals.output.note(&note);
    }
    Ok(())
}

/// Overwrites with random bytes the plaintext copy of the beginning of the device, which cryptsetup
/// kept behind the file system.
fn wipe(exclusive: &ExclusiveDevice, (from, length): (u64, u64)) -> Result<()> {
    let mut random = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    pki::random(&mut random)?;
    exclusive.overwrite(from, &random)
}

/// Returns whether cryptsetup put other mappings between the volume and its device.
fn is_layered(mapping: &Mapping) -> Result<bool> {
    Ok(mapping::of_reencryption(&mapping.name)?.len() > 1)
}

fn must_be_closed(run: &OperationRun<'_>) -> Error {
    let id = &run.record.id;
    let message = format!(
        "cryptsetup was killed while it reencrypted a part of the volume {id}; the repair needs the \
         volume closed"
    );
    Error::failed(Code::VolumeOpen, message)
        .hint((
            "close it",
            CommandLine::ccx_sec("volume close").argument(id.to_string()).flag("--unmount"),
        ))
        .hint(("then", CommandLine::ccx_sec("volume resume").argument(id.to_string())))
}
