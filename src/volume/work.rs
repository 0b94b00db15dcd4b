//! An operation under way: its steps one after the other, each written down before it begins;
//! carried on after it was broken off; or undone.

use std::os::fd::OwnedFd;

use super::journal::Journal;
use super::kind::OperationKind;
use super::record::{
    self, KeySlot, PendingOperation, Record, StoredVolume, VolumeId, new_secret, with_record,
};
use super::{encrypt, erase, in_place, rekey, restore, volume_key};
use crate::block::cryptsetup::Cryptsetup;
use crate::block::image::Image;
use crate::block::interlock::{ExclusiveDevice, PinnedDevice};
use crate::block::key::VolumeKey;
use crate::block::luks::DeviceFormat;
use crate::confirm::Confirmation;
use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::secret::Secret;

/// A step of an operation. Both of its functions may be called again after they were broken off
/// at any moment, and find out by themselves what is still to be done.
pub struct OperationStep {
    /// Stable; written down.
    pub name: &'static str,
    /// What it does, for people.
    pub does: &'static str,
    pub(super) run: StepFunction,
    pub(super) undo: StepFunction,
}

/// What a step does, or undoes.
pub(super) type StepFunction = fn(&mut OperationRun<'_>) -> Result<()>;

/// The steps of an operation on a volume, in order; without those that nothing asks for.
#[must_use]
pub fn steps(task: &OperationKind, record: &Record) -> Vec<&'static OperationStep> {
    let all = match task {
        OperationKind::Encrypt(how) if how.in_place => in_place::STEPS,
        OperationKind::Encrypt(_) => encrypt::STEPS,
        OperationKind::Rekey => rekey::STEPS,
        OperationKind::NewVolumeKey { .. } => volume_key::STEPS,
        OperationKind::Restore => restore::STEPS,
        OperationKind::Erase { .. } => erase::STEPS,
    };
    all.iter().filter(|step| encrypt::is_asked_for(step.name, task, record)).collect()
}

/// What nothing has to be done for.
pub(super) fn no_op(_: &mut OperationRun<'_>) -> Result<()> {
    Ok(())
}

/// The outside of an operation: where it keeps what it must, and what it works with.
pub struct OperationContext<'a> {
    /// Options, clock, output.
    pub context: &'a Context,
    /// Where key, header and record are.
    pub store: &'a dyn Backend,
    /// The program that does it.
    pub cryptsetup: &'a Cryptsetup,
    /// The journal, and with it the lock.
    pub journal: &'a Journal,
}

/// An operation under way.
pub struct OperationRun<'a> {
    pub(super) means: OperationContext<'a>,
    /// What is known about the volume, with what is pending.
    pub(super) record: Record,
    /// Its Secret as it was read last; none where there is none (yet).
    pub(super) stored: Option<StoredVolume>,
    /// The key that opens the volume, or will.
    pub(super) key: VolumeKey,
    /// The device, which stays the one that it is.
    pub(super) device: PinnedDevice,
    /// That what is on the device may go.
    pub(super) confirmed: Option<Confirmation>,
    /// The device for us alone, where what is on it was looked at already.
    pub(super) claim: Option<ExclusiveDevice>,
    /// Whether it goes on with what was broken off.
    pub(super) is_resumed: bool,
}

impl<'a> OperationRun<'a> {
    /// An operation that begins now. Nothing is written yet.
    ///
    /// # Errors
    /// Exit 4 when another is pending.
    pub fn begin(
        means: OperationContext<'a>,
        mut record: Record,
        stored: Option<StoredVolume>,
        key: VolumeKey,
        device: PinnedDevice,
        task: OperationKind,
    ) -> Result<Self> {
        record.check_settled()?;
        match means.journal.pending()? {
            // Another machine finished that.
            Some(other) if other.is_superseded_by(&record) => means.journal.clear()?,
            Some(other) => other.check_settled()?,
            None => {}
        }
        let step =
            steps(&task, &record).first().map(|step| step.name).unwrap_or_default().to_owned();
        let since = means.context.now;
        let here = device.identity();
        let device_here = (record.device != *here).then(|| here.clone());
        record.pending =
            Some(PendingOperation { task, step, node: record::node(), since, device: device_here });
        let (confirmed, claim) = (None, None);
        Ok(OperationRun { means, record, stored, key, device, confirmed, claim, is_resumed: false })
    }

    /// One that was broken off, as journal and store tell it.
    #[must_use]
    pub fn resume(
        means: OperationContext<'a>,
        record: Record,
        stored: Option<StoredVolume>,
        key: VolumeKey,
        device: PinnedDevice,
    ) -> Self {
        let (confirmed, claim) = (None, None);
        OperationRun { means, record, stored, key, device, confirmed, claim, is_resumed: true }
    }

    /// With the claim under which what is on the device was found to be blank, or may go: nobody
    /// else gets at it until it is formatted.
    #[must_use]
    pub fn claimed(self, claim: ExclusiveDevice) -> Self {
        OperationRun { claim: Some(claim), ..self }
    }

    /// With the consent that what is on the device may go.
    #[must_use]
    pub fn confirmed(self, confirmed: Option<Confirmation>) -> Self {
        OperationRun { confirmed, ..self }
    }

    /// Does what is left of it. The volume as it is afterwards comes back; nothing, where its
    /// Secret is gone.
    ///
    /// # Errors
    /// Those of the steps. What was done stays, and is pending.
    pub fn run(mut self) -> Result<Option<StoredVolume>> {
        let (task, at) = self.pending()?;
        let steps = steps(&task, &self.record);
        let mut from = steps.iter().position(|step| step.name == at).unwrap_or_default();
        if self.stored.is_none() && matches!(task, OperationKind::Encrypt(_)) {
            from = 0; // whatever was done: its key is in the store before anything needs it
        }
        for (number, step) in steps.iter().enumerate().skip(from) {
            self.at(step.name)?;
            let said = format!("{}/{}: {}", number + 1, steps.len(), step.does);
            self.means.context.output.detail(&said);
            // That one tells by itself how far it is, on the same line.
            let is_silent = step.name == "encrypt";
            let progress = (!is_silent).then(|| self.means.context.output.progress(&said));
            let done = (step.run)(&mut self);
            drop(progress);
            if let Err(error) = done {
                return Err(self.broken_off(error, number));
            }
        }
        self.means.journal.clear()?;
        Ok(self.stored)
    }

    /// Undoes what was done of it.
    ///
    /// # Errors
    /// Those of the steps; exit 4 where it can only go forward.
    pub fn roll_back(mut self) -> Result<()> {
        let (task, at) = self.pending()?;
        match &task {
            OperationKind::Encrypt(how) if how.in_place => in_place::check_way_back(&self)?,
            OperationKind::NewVolumeKey { .. } => volume_key::check_way_back(&self)?,
            _ => {}
        }
        let steps = steps(&task, &self.record);
        // Where no journal tells the step, it may be any.
        let to = steps.iter().position(|step| step.name == at).unwrap_or(steps.len() - 1);
        let undone = steps[..=to].iter().rev().try_for_each(|step| {
            self.at(step.name)?;
            self.means.context.output.detail(&format!("undo: {}", step.does));
            (step.undo)(&mut self)
        });
        let settled = undone.and_then(|()| {
            match self.stored.as_ref().is_some_and(|stored| stored.record.pending.is_some()) {
                true => self.clear_pending(Ok),
                false => Ok(()),
            }
        });
        settled.map_err(|error| {
            let id = &self.record.id;
            let again = CommandLine::ccx_sec("volume rollback").argument(id.to_string());
            error.hint(("it is still pending; then again", again))
        })?;
        self.means.journal.clear()
    }

    /// Where nothing was changed, it has never been; else what to do is said.
    fn broken_off(&self, error: Error, number: usize) -> Error {
        let id = &self.record.id;
        if number == 0 && self.is_untouched() && self.means.journal.clear().is_ok() {
            return error.hint("nothing was changed");
        }
        let error = if error.exit() == Exit::Refused { error.into_failed() } else { error };
        let command = |verb| CommandLine::ccx_sec(verb).argument(id.to_string());
        error
            .hint(("it is pending; finish it", command("volume resume")))
            .hint(("or undo it", command("volume rollback")))
    }

    /// Whether the store, too, knows nothing of it. What it does not tell counts as something.
    fn is_untouched(&self) -> bool {
        !self.is_resumed
            && match StoredVolume::load(self.means.store, &self.record.id) {
                Ok(None) => true,
                // Somebody else's of that ID is not it.
                Ok(Some(stored)) => {
                    stored.record.pending.is_none() || stored.record.uuid != self.record.uuid
                }
                Err(_) => false,
            }
    }

    fn pending(&self) -> Result<(OperationKind, String)> {
        let pending = self.record.pending.as_ref().map(|one| (one.task.clone(), one.step.clone()));
        pending.ok_or_else(|| {
            let message = format!("nothing is pending for the volume {}", self.record.id);
            Error::no("volume-settled", message)
        })
    }

    /// Writes down that a step begins.
    fn at(&mut self, name: &str) -> Result<()> {
        if let Some(pending) = &mut self.record.pending {
            pending.step = name.to_owned();
        }
        self.means.journal.write(&self.record)
    }

    /// What the volume's device begins with. It is the one that it was.
    pub(super) fn head(&self) -> Result<DeviceFormat> {
        self.device.check_still()?;
        self.device.head()
    }

    /// Whether the device has the header of the volume.
    pub(super) fn is_there(&self) -> Result<bool> {
        Ok(self.head()?.is_of(&self.record.uuid))
    }

    /// Whether it has, and the key opens it.
    pub(super) fn is_whole(&self) -> Result<bool> {
        Ok(self.is_there()? && self.means.cryptsetup.opens(self.device.path(), &self.key)?)
    }

    /// The device for us alone, which is the one that it was.
    pub(super) fn take(&self) -> Result<ExclusiveDevice> {
        let claim = ExclusiveDevice::take(self.device.path(), encrypt::MINIMUM)?;
        self.device.identity().check_same(claim.identity())?;
        Ok(claim)
    }

    /// A copy of the header, which the key opens.
    pub(super) fn copy(&self) -> Result<Image> {
        // A write that was broken off leaves one of its two copies old; cryptsetup mends that.
        if matches!(self.head()?, DeviceFormat::Luks2(header) if !header.is_whole()) {
            self.means.cryptsetup.opens(self.device.path(), &self.key)?;
        }
        let image = Image::take(&self.device, &self.device.path().display().to_string())?;
        encrypt::check_opens(self.means.cryptsetup, &self.record, &image, &self.key)?;
        Ok(image)
    }

    /// Writes the header that a file holds over that of the device.
    pub(super) fn restore(&self, image: &OwnedFd) -> Result<()> {
        let held = self.take()?.release();
        held.check_still()?;
        self.means.cryptsetup.restore_header(held.path(), image)
    }

    /// Makes the Secret, where there is none; and reads back what it holds.
    pub(super) fn create(&mut self) -> Result<()> {
        let store = self.means.store;
        let secret = new_secret(&self.record, &self.key)?;
        store.create(&secret, false)?;
        match StoredVolume::load(store, &self.record.id)? {
            Some(there) if there.record.uuid != self.record.uuid => {
                let place = store.place(&secret.name);
                let message = format!("{place} is of another volume, {}", there.record.uuid);
                Err(Error::refused("volume-exists", message).hint("take another ID"))
            }
            Some(there) if there.secret.data.get("key") == secret.data.get("key") => {
                self.stored = Some(there);
                Ok(())
            }
            _ => Err(not_read_back(store, &secret)),
        }
    }

    /// Changes the values of the Secret, if it still holds those that were read; and reads back
    /// what it holds. What else others put on it meanwhile stays.
    pub(super) fn update_secret(
        &mut self,
        change: impl FnOnce(Secret) -> Result<Secret>,
    ) -> Result<()> {
        const ATTEMPTS: usize = 3;
        let (store, id) = (self.means.store, self.record.id.clone());
        let Some(known) = self.stored.clone() else {
            return Err(StoredVolume::load_required(store, &id)
                .err()
                .unwrap_or_else(|| contended(store, &id)));
        };
        let Secret { data, removed, .. } =
            with_record(change(known.secret.clone())?, &self.record)?;
        for _ in 0..ATTEMPTS {
            let there = StoredVolume::load_required(store, &id)?;
            if there.secret.data == data {
                // Nothing was to be changed; or it was, and the answer was lost.
                self.stored = Some(there);
                return Ok(());
            }
            if there.secret.data != known.secret.data {
                return Err(contended(store, &id));
            }
            let wished = Secret { data: data.clone(), removed: removed.clone(), ..there.secret };
            if store.replace(&wished)? {
                let read = StoredVolume::load_required(store, &id)?;
                if read.secret.data != wished.data {
                    return Err(not_read_back(store, &wished));
                }
                self.stored = Some(read);
                return Ok(());
            }
        }
        Err(contended(store, &id))
    }

    /// The last change of the Secret: the operation has come to its end, and the volume is on the
    /// device that it worked on.
    pub(super) fn finish(&mut self, change: impl FnOnce(Secret) -> Result<Secret>) -> Result<()> {
        self.record.follow(self.device.identity());
        self.clear_pending(change)
    }

    /// As [`finish`](Self::finish), of one that was undone: nothing is pending any more.
    fn clear_pending(&mut self, change: impl FnOnce(Secret) -> Result<Secret>) -> Result<()> {
        let pending = self.record.pending.take();
        let before = self.record.settled;
        self.record.settled = pending.as_ref().map(|pending| pending.since).or(before);
        let settled = self.update_secret(change);
        // The journal keeps the entry until it is cleared.
        self.record.pending = pending;
        settled
    }

    /// A key that the store has.
    pub(super) fn stored_key(&self, which: KeySlot) -> Result<Option<VolumeKey>> {
        self.stored.as_ref().map_or(Ok(None), |stored| stored.key(which))
    }
}

/// That somebody else changed the Secret of a volume.
#[must_use]
pub fn contended(store: &dyn Backend, id: &VolumeId) -> Error {
    let place = store.place(&id.secret_name());
    Error::refused("volume-contended", format!("another process wrote {place} meanwhile"))
        .hint("see who else works on that volume")
}

fn not_read_back(store: &dyn Backend, secret: &Secret) -> Error {
    let place = store.place(&secret.name);
    Error::failed("store-not-read-back", format!("{place} does not hold what was written"))
        .hint("see what changes Secrets there: a controller, an admission webhook")
}
