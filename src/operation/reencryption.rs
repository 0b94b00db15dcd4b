//! A reencryption is carried to its end, wherever it was broken off: of a volume that is open, of
//! one that is not, and of a device that is encrypted in place.

use super::use_of;
use super::work::Work;
use crate::error::{Error, Result};
use crate::pki;
use crate::volume::device;
use crate::volume::file_system;
use crate::volume::image::Image;
use crate::volume::interlock::Claim;
use crate::volume::luks::{Found, Header, ReadAt, Reencryption};
use crate::volume::mapping::Mapping;

/// What was broken off is mended, carried on and ended, one after the other.
const TURNS: usize = 4;

/// The header, which must be there.
pub(super) fn header(work: &Work<'_>) -> Result<Header> {
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

/// Carries it to its end.
pub(super) fn carry_on(work: &mut Work<'_>) -> Result<()> {
    for _ in 0..TURNS {
        let header = header(work)?;
        let mapping = use_of::opened(&work.record)?;
        match header.metadata.reencryption() {
            Reencryption::None => return Ok(()),
            Reencryption::Within => mend(work, mapping.as_ref())?,
            Reencryption::Between => go_on(work, mapping.as_ref())?,
            Reencryption::Over => end(work, &header, mapping.as_ref())?,
        }
    }
    let message = format!("the volume {} is not through yet", work.record.id);
    Err(Error::failed("reencryption-pending", message).hint("look at the kernel's log: dmesg"))
}

/// The stretch that was being written becomes whole.
fn mend(work: &Work<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        use_of::check_not_suspended(&work.record, mapping)?;
        let id = &work.record.id;
        let message = format!(
            "the volume {id} is open, and cryptsetup was killed while it wrote a part of it; that is \
             mended only while it is closed"
        );
        return Err(Error::failed("volume-open", message)
            .hint(format!("close it: ccx-sec volume close {id} --unmount"))
            .hint(format!("then: ccx-sec volume resume {id}")));
    }
    let held = work.take()?.release();
    held.check_still()?;
    work.means.cryptsetup.repair(held.path(), &work.key)
}

fn go_on(work: &Work<'_>, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        work.means.cryptsetup.check_online()?;
        use_of::check_not_suspended(&work.record, mapping)?;
    }
    let output = work.means.context.output;
    let mut progress = None;
    let mut told = |done, all| {
        progress.get_or_insert_with(|| output.progress_in_bytes("encrypting")).at(done, all);
    };
    work.means.cryptsetup.go_on(work.device.path(), &work.key, &mut told)
}

/// Takes away what it needed. cryptsetup would begin anew, and encrypt twice.
fn end(work: &Work<'_>, header: &Header, mapping: Option<&Mapping>) -> Result<()> {
    if let Some(mapping) = mapping {
        use_of::check_not_suspended(&work.record, mapping)?;
    }
    let name = work.device.path().display().to_string();
    let image = Image::ended(&work.device, header, &name)?;
    match (mapping, header.metadata.moved()) {
        (None, Some(moved)) => wipe(work, moved)?,
        (Some(_), Some(moved)) => warn(work, moved),
        (_, None) => {}
    }
    let file = image.in_memory()?;
    match mapping {
        None => work.restore(&file),
        Some(_) => {
            work.device.check_still()?;
            work.means.cryptsetup.restore_header(work.device.path(), &file)
        }
    }
}

/// What the device began with was put aside at its end, in the clear: random bytes come over it. It
/// is that, as long as it begins with a file system; so the beginning is what goes last.
fn wipe(work: &Work<'_>, (from, length): (u64, u64)) -> Result<()> {
    const BEGINNING: usize = 1 << 20;
    let name = work.device.path().display().to_string();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let claim: Claim = work.take()?;
    let there =
        work.device.read_at(from, length).map_err(|error| device::unreadable(&name, error))?;
    let known = file_system::read(there.as_slice());
    if there.len() < length || known.map_err(|error| device::unreadable(&name, error))?.is_none() {
        warn(work, (from, length as u64));
        return Ok(());
    }
    let mut random = vec![0; length];
    pki::random(&mut random)?;
    let (beginning, rest) = random.split_at(BEGINNING.min(length));
    claim.overwrite(from + beginning.len() as u64, rest)?;
    claim.overwrite(from, beginning)
}

/// Says that what was put aside may still be there.
fn warn(work: &Work<'_>, (from, length): (u64, u64)) {
    let note = format!(
        "what {} began with was put aside in the clear, and may not be wiped yet: {length} bytes from \
         byte {from} on; nothing of it is left once the volume's free space was filled",
        work.device.path().display()
    );
    work.means.context.output.warning(&note);
}
