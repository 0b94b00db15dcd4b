//! Gives a volume a new key. At every moment a key in the store unlocks the volume: from before the
//! new key becomes the current one until after, both keys have a slot and both are in the store.

use super::kind::StepName;
use super::operation::{OperationStep, VolumeOperation};
use super::record::{Backup, KeySlot, Record};
use super::run::OperationRun;
use super::stored::with_image;
use crate::block::image::{Image, check_fits};
use crate::block::key::VolumeKey;
use crate::block::luks::DeviceFormat;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

const RECORD: OperationStep = OperationStep::new(
    StepName::Record,
    "keep the new key in the store beside the old one, and read it back",
    record,
    undo,
);
const ADD: OperationStep = OperationStep::without_undo(
    StepName::Add,
    "add a key slot for the new key, and unlock the volume with it",
    add,
);
const PROMOTE: OperationStep = OperationStep::without_undo(
    StepName::Promote,
    "make the new key the current one, with a copy of the header that it unlocks",
    promote,
);
const RETIRE: OperationStep =
    OperationStep::without_undo(StepName::Retire, "wipe the key slot of the old key", retire);
const DONE: OperationStep = OperationStep::without_undo(
    StepName::Done,
    "copy the header to the store, and delete the old key there",
    done,
);

/// The replacement of the key in the store.
pub(super) struct KeyChange;

impl VolumeOperation for KeyChange {
    fn steps(&self, _record: &Record) -> Vec<&'static OperationStep> {
        vec![&RECORD, &ADD, &PROMOTE, &RETIRE, &DONE]
    }
}

fn record(run: &mut OperationRun<'_>) -> Result<()> {
    // With a previous key in the store, the new one is current already.
    if run.stored_key(KeySlot::Next)?.is_some() || run.stored_key(KeySlot::Previous)?.is_some() {
        return Ok(());
    }
    if let DeviceFormat::Luks2(header) = run.head()? {
        check_fits(&header, true)?;
    }
    let new = VolumeKey::generate()?;
    run.update_secret(|secret| Ok(secret.with(KeySlot::Next.name(), new.bytes())))
}

fn required_key(run: &OperationRun<'_>, which: KeySlot) -> Result<VolumeKey> {
    run.stored_key(which)?.ok_or_else(|| {
        let message = format!("the Secret of the volume {} has no {}", run.record.id, which.name());
        Error::failed(Code::KeyMissing, message)
            .hint("restore the Secret from a backup of the store")
    })
}

fn opens(run: &OperationRun<'_>, key: &VolumeKey) -> Result<bool> {
    run.device.check_still()?;
    run.context.cryptsetup.opens(run.device.path(), key)
}

fn add(run: &mut OperationRun<'_>) -> Result<()> {
    let Some(new) = run.stored_key(KeySlot::Next)? else { return Ok(()) };
    if !opens(run, &new)? {
        run.context.cryptsetup.add_key(run.device.path(), &run.key, &new)?;
    }
    if opens(run, &new)? { Ok(()) } else { Err(does_not_open(run)) }
}

fn does_not_open(run: &OperationRun<'_>) -> Error {
    let message = format!("the new key does not unlock the volume {}", run.record.id);
    Error::failed(Code::KeyWrong, message)
        .hint("the old key still unlocks it; read the kernel log: dmesg")
}

/// Wipes the slot of a key, after a check that another key unlocks the volume. Returns false when
/// the key has no slot.
fn remove(run: &OperationRun<'_>, gone: &VolumeKey, left: &VolumeKey) -> Result<bool> {
    if !opens(run, gone)? {
        return Ok(false);
    }
    let DeviceFormat::Luks2(header) = run.head()? else { return Err(does_not_open(run)) };
    if header.metadata.openers().count() < 2 || !opens(run, left)? {
        let message = format!("this is the last key slot of the volume {}", run.record.id);
        return Err(Error::refused(Code::LastSlot, message).hint((
            "without it the volume could never be unlocked again; see its key slots",
            CommandLine::ccx_sec("volume status").argument(run.record.id.to_string()),
        )));
    }
    run.context.cryptsetup.remove_key(run.device.path(), gone).map(|()| true)
}

fn image(run: &mut OperationRun<'_>) -> Result<Image> {
    let image = run.copy()?;
    run.record.backup = Some(Backup::of(&image, run.context.globals.now));
    Ok(image)
}

fn promote(run: &mut OperationRun<'_>) -> Result<()> {
    if let Some(new) = run.stored_key(KeySlot::Next)? {
        if !opens(run, &new)? {
            return Err(does_not_open(run));
        }
        let old = required_key(run, KeySlot::Current)?;
        run.key = new.clone();
        let image = image(run)?;
        run.update_secret(|secret| {
            let secret =
                secret.with(KeySlot::Current.name(), new.bytes()).without(KeySlot::Next.name());
            with_image(secret.with(KeySlot::Previous.name(), old.bytes()), &image)
        })?;
    }
    Ok(())
}

fn retire(run: &mut OperationRun<'_>) -> Result<()> {
    match run.stored_key(KeySlot::Previous)? {
        Some(old) => remove(run, &old, &required_key(run, KeySlot::Current)?).map(drop),
        None => Ok(()),
    }
}

fn done(run: &mut OperationRun<'_>) -> Result<()> {
    run.key = required_key(run, KeySlot::Current)?;
    let image = image(run)?;
    run.finish(|secret| with_image(secret.without(KeySlot::Previous.name()), &image))
}

/// Makes the old key the current one again, with a slot, from whichever step. Wipes the slot of the
/// new key only after the store has a copy of the header that the old key unlocks.
fn undo(run: &mut OperationRun<'_>) -> Result<()> {
    if let Some(old) = run.stored_key(KeySlot::Previous)? {
        let new = required_key(run, KeySlot::Current)?;
        if !opens(run, &old)? {
            run.context.cryptsetup.add_key(run.device.path(), &new, &old)?;
        }
        run.key = old.clone();
        let image = image(run)?;
        run.update_secret(|secret| {
            let secret =
                secret.with(KeySlot::Current.name(), old.bytes()).without(KeySlot::Previous.name());
            with_image(secret.with(KeySlot::Next.name(), new.bytes()), &image)
        })?;
    }
    let Some(new) = run.stored_key(KeySlot::Next)? else { return Ok(()) };
    run.key = required_key(run, KeySlot::Current)?;
    if !remove(run, &new, &run.key)? && !opens(run, &run.key)? {
        // The new key never got a slot, because the old key unlocks nothing.
        return run.update_secret(|secret| Ok(secret.without(KeySlot::Next.name())));
    }
    let image = image(run)?;
    run.update_secret(|secret| with_image(secret.without(KeySlot::Next.name()), &image))
}
