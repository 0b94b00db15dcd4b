//! A volume gets a new key. At every moment a key in the store opens it: both have a slot from
//! before the new one counts until after, and both are in the store for as long.

use super::record::{Backup, KeySlot, with_image};
use super::work::{OperationRun, OperationStep, no_op};
use crate::block::image::{Image, check_fits};
use crate::block::key::VolumeKey;
use crate::block::luks::DeviceFormat;
use crate::error::{Error, Result};
use crate::shell::CommandLine;

pub(super) const STEPS: &[OperationStep] = &[
    OperationStep {
        name: "record",
        does: "keep the new key in the store beside the old one, and read it back",
        run: record,
        undo,
    },
    OperationStep {
        name: "add",
        does: "give the new key a slot, and open the volume with it",
        run: add,
        undo: no_op,
    },
    OperationStep {
        name: "promote",
        does: "make the new key the one that counts, with a copy of the header that it opens",
        run: promote,
        undo: no_op,
    },
    OperationStep {
        name: "retire",
        does: "wipe the slot of the old key",
        run: retire,
        undo: no_op,
    },
    OperationStep {
        name: "done",
        does: "keep a copy of the header in the store, and forget the old key",
        run: done,
        undo: no_op,
    },
];

fn record(work: &mut OperationRun<'_>) -> Result<()> {
    // Where there is an old one, the new one counts already.
    if work.stored_key(KeySlot::Next)?.is_some() || work.stored_key(KeySlot::Previous)?.is_some() {
        return Ok(());
    }
    if let DeviceFormat::Luks2(header) = work.head()? {
        check_fits(&header, true)?;
    }
    let new = VolumeKey::generate()?;
    work.update_secret(|secret| Ok(secret.with(KeySlot::Next.name(), new.bytes())))
}

fn required_key(work: &OperationRun<'_>, which: KeySlot) -> Result<VolumeKey> {
    work.stored_key(which)?.ok_or_else(|| {
        let message =
            format!("the Secret of the volume {} has no {}", work.record.id, which.name());
        Error::failed("key-missing", message).hint("restore the Secret from a backup of the store")
    })
}

fn opens(work: &OperationRun<'_>, key: &VolumeKey) -> Result<bool> {
    work.device.check_still()?;
    work.means.cryptsetup.opens(work.device.path(), key)
}

fn add(work: &mut OperationRun<'_>) -> Result<()> {
    let Some(new) = work.stored_key(KeySlot::Next)? else { return Ok(()) };
    if !opens(work, &new)? {
        work.means.cryptsetup.add_key(work.device.path(), &work.key, &new)?;
    }
    if opens(work, &new)? { Ok(()) } else { Err(does_not_open(work)) }
}

fn does_not_open(work: &OperationRun<'_>) -> Error {
    let message = format!("the new key does not open the volume {}", work.record.id);
    Error::failed("key-wrong", message)
        .hint("the old one still does; look at the kernel's log: dmesg")
}

/// Wipes the slot of a key, if another key opens the volume without it; false where it has none.
fn remove(work: &OperationRun<'_>, gone: &VolumeKey, left: &VolumeKey) -> Result<bool> {
    if !opens(work, gone)? {
        return Ok(false);
    }
    let DeviceFormat::Luks2(header) = work.head()? else { return Err(does_not_open(work)) };
    if header.metadata.openers().count() < 2 || !opens(work, left)? {
        let message = format!("it would be the last slot of the volume {}", work.record.id);
        return Err(Error::refused("last-slot", message).hint((
            "nothing would open the volume any more; look at it",
            CommandLine::ccx_sec("volume status").argument(work.record.id.to_string()),
        )));
    }
    work.means.cryptsetup.remove_key(work.device.path(), gone).map(|()| true)
}

fn image(work: &mut OperationRun<'_>) -> Result<Image> {
    let image = work.copy()?;
    work.record.backup = Some(Backup::of(&image, work.means.context.now));
    Ok(image)
}

fn promote(work: &mut OperationRun<'_>) -> Result<()> {
    if let Some(new) = work.stored_key(KeySlot::Next)? {
        if !opens(work, &new)? {
            return Err(does_not_open(work));
        }
        let old = required_key(work, KeySlot::Current)?;
        work.key = new.clone();
        let image = image(work)?;
        work.update_secret(|secret| {
            let secret =
                secret.with(KeySlot::Current.name(), new.bytes()).without(KeySlot::Next.name());
            with_image(secret.with(KeySlot::Previous.name(), old.bytes()), &image)
        })?;
    }
    Ok(())
}

fn retire(work: &mut OperationRun<'_>) -> Result<()> {
    match work.stored_key(KeySlot::Previous)? {
        Some(old) => remove(work, &old, &required_key(work, KeySlot::Current)?).map(drop),
        None => Ok(()),
    }
}

fn done(work: &mut OperationRun<'_>) -> Result<()> {
    work.key = required_key(work, KeySlot::Current)?;
    let image = image(work)?;
    work.finish(|secret| with_image(secret.without(KeySlot::Previous.name()), &image))
}

/// Whatever step it came to: the old key counts again, and has a slot; then the slot of the new
/// one goes. Not before the copy of the header in the store is one that the old key opens.
fn undo(work: &mut OperationRun<'_>) -> Result<()> {
    if let Some(old) = work.stored_key(KeySlot::Previous)? {
        let new = required_key(work, KeySlot::Current)?;
        if !opens(work, &old)? {
            work.means.cryptsetup.add_key(work.device.path(), &new, &old)?;
        }
        work.key = old.clone();
        let image = image(work)?;
        work.update_secret(|secret| {
            let secret =
                secret.with(KeySlot::Current.name(), old.bytes()).without(KeySlot::Previous.name());
            with_image(secret.with(KeySlot::Next.name(), new.bytes()), &image)
        })?;
    }
    let Some(new) = work.stored_key(KeySlot::Next)? else { return Ok(()) };
    work.key = required_key(work, KeySlot::Current)?;
    if !remove(work, &new, &work.key)? && !opens(work, &work.key)? {
        // It never had a slot, since the key of before opens nothing.
        return work.update_secret(|secret| Ok(secret.without(KeySlot::Next.name())));
    }
    let image = image(work)?;
    work.update_secret(|secret| with_image(secret.without(KeySlot::Next.name()), &image))
}
