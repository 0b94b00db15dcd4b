//! The state of an operation that is under way: its volume, device and key, and what every step
//! does with them.

use std::os::fd::OwnedFd;

use super::header_copy::check_opens;
use super::journal::Journal;
use super::kind::{OperationKind, RecordedStep, StepName};
use super::record::{self, KeySlot, PendingOperation, Record};
use super::stored::{StoredVolume, contended, new_secret, with_record};
use crate::block::cryptsetup::Cryptsetup;
use crate::block::device_guard::{ExclusiveDevice, PinnedDevice};
use crate::block::image::Image;
use crate::block::key::VolumeKey;
use crate::block::luks::{DeviceFormat, MIN_DEVICE_SIZE};
use crate::confirm::Confirmation;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::store::Backend;
use crate::store::secret::Secret;

/// The services of the process that an operation uses.
pub struct OperationContext<'a> {
    /// Global options, clock and output.
    pub globals: &'a Context,
    /// The store of key, header and record.
    pub store: &'a dyn Backend,
    /// The program that changes the device.
    pub cryptsetup: &'a Cryptsetup,
    /// The journal of the volume, which holds its lock.
    pub journal: &'a Journal,
}

/// An operation that is under way.
pub struct OperationRun<'a> {
    pub(super) context: OperationContext<'a>,
    /// The record of the volume, with the pending operation.
    pub(super) record: Record,
    /// The Secret as it was last read; `None` before it is created and after it is deleted.
    pub(super) stored: Option<StoredVolume>,
    /// The key that unlocks the volume, or will once the volume is formatted.
    pub(super) key: VolumeKey,
    pub(super) device: PinnedDevice,
    /// The consent to destroy the contents of the device.
    pub(super) confirmed: Option<Confirmation>,
    /// The exclusive open of a device whose contents were checked already.
    pub(super) exclusive: Option<ExclusiveDevice>,
    /// Whether an earlier process began the operation.
    pub(super) is_resumed: bool,
}

impl<'a> OperationRun<'a> {
    /// Prepares a new operation. Writes nothing yet.
    ///
    /// # Errors
    /// Exit 4 when another operation is pending.
    pub fn begin(
        context: OperationContext<'a>,
        mut record: Record,
        stored: Option<StoredVolume>,
        key: VolumeKey,
        device: PinnedDevice,
        kind: OperationKind,
    ) -> Result<Self> {
        record.check_settled()?;
        match context.journal.pending()? {
            // Another machine finished the operation of that journal.
            Some(other) if other.is_superseded_by(&record) => context.journal.clear()?,
            Some(other) => other.check_settled()?,
            None => {}
        }
        let identity = device.identity();
        record.pending = Some(PendingOperation {
            kind,
            step: RecordedStep::Known(StepName::Record),
            node: record::node(),
            since: context.globals.now,
            device: (record.device != *identity).then(|| identity.clone()),
        });
        let run = Self::resume(context, record, stored, key, device);
        Ok(OperationRun { is_resumed: false, ..run })
    }

    /// Takes up an interrupted operation, which the record has as pending.
    #[must_use]
    pub fn resume(
        context: OperationContext<'a>,
        record: Record,
        stored: Option<StoredVolume>,
        key: VolumeKey,
        device: PinnedDevice,
    ) -> Self {
        let (confirmed, exclusive) = (None, None);
        OperationRun {
            context,
            record,
            stored,
            key,
            device,
            confirmed,
            exclusive,
            is_resumed: true,
        }
    }

    /// Adds the exclusive open under which the contents of the device were checked. It is held
    /// until the device is formatted, so that no other process can write to it in between.
    #[must_use]
    pub fn with_exclusive(self, exclusive: ExclusiveDevice) -> Self {
        OperationRun { exclusive: Some(exclusive), ..self }
    }

    /// Adds the consent to destroy the contents of the device.
    #[must_use]
    pub fn confirmed(self, confirmed: Option<Confirmation>) -> Self {
        OperationRun { confirmed, ..self }
    }

    /// Returns the pending operation and its step.
    ///
    /// # Errors
    /// Exit 1 when none is pending.
    pub(super) fn pending(&self) -> Result<(OperationKind, RecordedStep)> {
        let pending = self.record.pending.as_ref();
        pending.map(|pending| (pending.kind.clone(), pending.step.clone())).ok_or_else(|| {
            let message = format!("nothing is pending for the volume {}", self.record.id);
            Error::no(Code::VolumeSettled, message)
        })
    }

    /// Returns whether neither this process nor the store has anything of the operation. A store
    /// that cannot be read counts as one that has.
    pub(super) fn is_untouched(&self) -> bool {
        !self.is_resumed
            && match StoredVolume::load(self.context.store, &self.record.id) {
                Ok(None) => true,
                // The Secret of another volume with the same ID does not count.
                Ok(Some(stored)) => {
                    stored.record.pending.is_none() || stored.record.uuid != self.record.uuid
                }
                Err(_) => false,
            }
    }

    /// Writes to the journal that a step begins.
    pub(super) fn enter_step(&mut self, name: StepName) -> Result<()> {
        if let Some(pending) = &mut self.record.pending {
            pending.step = RecordedStep::Known(name);
        }
        self.context.journal.write(&self.record)
    }

    /// Reads the header of the device, after a check that the path still leads to that device.
    pub(super) fn head(&self) -> Result<DeviceFormat> {
        self.device.check_still()?;
        self.device.head()
    }

    /// Returns whether the device carries the header of the volume.
    pub(super) fn is_there(&self) -> Result<bool> {
        Ok(self.head()?.is_of(&self.record.uuid))
    }

    /// Returns whether the device carries the header of the volume and the key unlocks it.
    pub(super) fn is_whole(&self) -> Result<bool> {
        Ok(self.is_there()? && self.context.cryptsetup.opens(self.device.path(), &self.key)?)
    }

    /// Opens the device exclusively, after a check that it is still the same device.
    pub(super) fn take(&self) -> Result<ExclusiveDevice> {
        let exclusive = ExclusiveDevice::take(self.device.path(), MIN_DEVICE_SIZE)?;
        self.device.identity().check_same(exclusive.identity())?;
        Ok(exclusive)
    }

    /// Copies the header of the device, after a check that the key unlocks the copy.
    pub(super) fn copy(&self) -> Result<Image> {
        // An interrupted write leaves one of the header's two copies old; cryptsetup repairs it.
        if matches!(self.head()?, DeviceFormat::Luks2(header) if !header.is_whole()) {
            self.context.cryptsetup.opens(self.device.path(), &self.key)?;
        }
        let image = Image::take(&self.device, &self.device.path().display().to_string())?;
        check_opens(self.context.cryptsetup, &self.record, &image, &self.key)?;
        Ok(image)
    }

    /// Overwrites the header of the device with the one in a file.
    pub(super) fn restore(&self, image: &OwnedFd) -> Result<()> {
        let pinned = self.take()?.release();
        pinned.check_still()?;
        self.context.cryptsetup.restore_header(pinned.path(), image)
    }

    /// Creates the Secret unless it exists, and reads it back.
    pub(super) fn create(&mut self) -> Result<()> {
        let store = self.context.store;
        let secret = new_secret(&self.record, &self.key)?;
        store.create(&secret, false)?;
        match StoredVolume::load(store, &self.record.id)? {
            Some(there) if there.record.uuid != self.record.uuid => {
                let place = store.place(&secret.name);
                let message = format!("{place} belongs to another volume, {}", there.record.uuid);
                Err(Error::refused(Code::VolumeExists, message).hint("choose another ID: --id ID"))
            }
            Some(there) if there.secret.data.get("key") == secret.data.get("key") => {
                self.stored = Some(there);
                Ok(())
            }
            _ => Err(not_read_back(store, &secret)),
        }
    }

    /// Changes the data of the Secret, if nobody else changed them since they were read, and reads
    /// them back. Keeps labels and annotations that others added.
    pub(super) fn update_secret(
        &mut self,
        change: impl FnOnce(Secret) -> Result<Secret>,
    ) -> Result<()> {
        const ATTEMPTS: usize = 3;
        let (store, id) = (self.context.store, self.record.id.clone());
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
                // Nothing changes, or the answer to an earlier write was lost.
                self.stored = Some(there);
                return Ok(());
            }
            if there.secret.data != known.secret.data {
                return Err(contended(store, &id));
            }
            let wanted = Secret { data: data.clone(), removed: removed.clone(), ..there.secret };
            if store.replace(&wanted)? {
                let read = StoredVolume::load_required(store, &id)?;
                if read.secret.data != wanted.data {
                    return Err(not_read_back(store, &wanted));
                }
                self.stored = Some(read);
                return Ok(());
            }
        }
        Err(contended(store, &id))
    }

    /// Writes to the Secret, as the last change, that the operation is done and that the volume is
    /// on this device.
    pub(super) fn finish(&mut self, change: impl FnOnce(Secret) -> Result<Secret>) -> Result<()> {
        self.record.follow(self.device.identity());
        self.clear_pending(change)
    }

    /// Writes to the Secret that nothing is pending any more.
    pub(super) fn clear_pending(
        &mut self,
        change: impl FnOnce(Secret) -> Result<Secret>,
    ) -> Result<()> {
        let pending = self.record.pending.take();
        let before = self.record.settled;
        self.record.settled = pending.as_ref().map(|pending| pending.since).or(before);
        let settled = self.update_secret(change);
        // The journal keeps the entry until it is cleared.
        self.record.pending = pending;
        settled
    }

    /// Returns a key in the Secret as it was last read.
    pub(super) fn stored_key(&self, which: KeySlot) -> Result<Option<VolumeKey>> {
        self.stored.as_ref().map_or(Ok(None), |stored| stored.key(which))
    }
}

fn not_read_back(store: &dyn Backend, secret: &Secret) -> Error {
    let place = store.place(&secret.name);
    Error::failed(
        Code::StoreNotReadBack,
        format!("{place} does not hold the data that were written to it"),
    )
    .hint("find out what changes Secrets there: a controller or an admission webhook")
}
