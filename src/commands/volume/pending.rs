//! Finds an interrupted operation in the journal and the store, and resumes or undoes it.

use super::erase::Receipt;
use super::selector::{VolumeSelector, VolumeSession, key_or_none};
use super::status_document::VolumeStatus;
use crate::block::device_guard::PinnedDevice;
use crate::block::key::VolumeKey;
use crate::confirm;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::store::Backend;
use crate::volume::kind::OperationKind;
use crate::volume::record::{self, KeySource, Record, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::stored::StoredVolume;
use crate::volume::{self, locate};

/// Whether to resume or to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Resume.
    Forward,
    /// Undo.
    Back,
}

/// The arguments of `volume resume` and `volume rollback`.
pub(super) struct PendingOperationArgs<'a> {
    pub(super) id: &'a VolumeId,
    pub(super) selector: &'a VolumeSelector,
    pub(super) confirm: Option<&'a str>,
    pub(super) direction: Direction,
}

impl PendingOperationArgs<'_> {
    /// Resumes or undoes the pending operation; then prints the result and the volume, if it exists.
    pub(super) fn run(&self, context: &Context) -> Result<()> {
        let session = VolumeSession::open(context, self.id, &self.selector.journals)?;
        let stored = StoredVolume::load(session.store(), self.id)?;
        let Some(record) = self.pending(&session, stored.as_ref())? else {
            session.journal().clear()?;
            if stored.is_none() {
                StoredVolume::load_required(session.store(), self.id)?;
            }
            return self.report(
                context,
                session.store(),
                stored.as_ref(),
                "no operation was pending",
            );
        };
        let kind = record.pending.as_ref().map(|pending| pending.kind.clone());
        let Some(kind) = kind else { return Ok(()) };
        let device = self.device(&record, &kind)?;
        let confirmed = self.consent(context, &record, &kind, &device)?;
        let key = self.key(context, &record, stored.as_ref(), &kind)?;
        let receipt = match (&kind, self.direction) {
            (OperationKind::Erase { keep_secret }, Direction::Forward) => {
                let place = session.store().place(&self.id.secret_name());
                let device = device.identity();
                Some(Receipt::new(&record, device, place, *keep_secret, context.now))
            }
            _ => None,
        };
        let operation_context = session.operation_context(context);
        let run = OperationRun::resume(operation_context, record, stored, key, device)
            .confirmed(confirmed);
        let happened = match self.direction {
            Direction::Forward => {
                volume::run(run)?;
                "finished"
            }
            Direction::Back => {
                volume::roll_back(run)?;
                "undone"
            }
        };
        if let Some(receipt) = receipt {
            return context.output.outcome(&receipt, || receipt.render_text());
        }
        let after = StoredVolume::load(session.store(), self.id)?;
        self.report(context, session.store(), after.as_ref(), happened)
    }

    fn report(
        &self,
        context: &Context,
        store: &dyn Backend,
        volume: Option<&StoredVolume>,
        happened: &str,
    ) -> Result<()> {
        match volume {
            Some(stored) => VolumeStatus::from_record(&stored.record, store, context.now)
                .print(context, happened),
            None => {
                context.output.note(&format!("{happened}: {}", self.id));
                Ok(())
            }
        }
    }

    /// Returns the record with the pending operation from the store, and with the step from the journal
    /// of this machine if that is about the same operation.
    fn pending(
        &self,
        session: &VolumeSession,
        stored: Option<&StoredVolume>,
    ) -> Result<Option<Record>> {
        let journal = session.journal().pending()?;
        let Some(stored) = stored else { return Ok(journal) };
        let begun = |record: &Record| record.pending.as_ref().map(|pending| pending.since);
        match journal {
            Some(journal) if journal.is_superseded_by(&stored.record) => Ok(None),
            // The journal is about another volume with that ID, which never came into the store.
            Some(journal) if journal.uuid != stored.record.uuid => Ok(None),
            Some(journal)
                if stored.record.pending.is_none() || begun(&journal) == begun(&stored.record) =>
            {
                let mut record = stored.record.clone();
                record.pending = journal.pending;
                Ok(Some(record))
            }
            _ => Ok(stored.record.pending.is_some().then(|| stored.record.clone().at_any_step())),
        }
    }

    fn device(&self, record: &Record, kind: &OperationKind) -> Result<PinnedDevice> {
        match kind {
            OperationKind::Rekey | OperationKind::NewVolumeKey { .. } => {
                locate::with_header(record, self.selector.device())
            }
            OperationKind::Encrypt(_) => {
                let found = locate::with_header(record, self.selector.device());
                found.or_else(|_| self.starting_device(record))
            }
            OperationKind::Restore | OperationKind::Erase { .. } => {
                locate::device_ignoring_header(record, self.selector.device())
            }
        }
    }

    /// Returns the device on which an encryption began. On another node, the recorded path alone does not
    /// identify it.
    fn starting_device(&self, record: &Record) -> Result<PinnedDevice> {
        let begun = record.pending.as_ref().map(|pending| pending.node.as_str());
        let (here, device) = (record::node(), record.expected_device());
        let is_elsewhere = begun.is_some_and(|begun| begun != here) && !device.is_known();
        if is_elsewhere && self.selector.device().is_none() {
            let message = format!(
                "{} of {}, where the operation began, has no serial number and no WWN",
                device.path.display(),
                begun.unwrap_or_default()
            );
            return Err(Error::refused(Code::DeviceElsewhere, message)
                .hint("continue there, or name the device here: --device"));
        }
        locate::recorded_device(record, self.selector.device())
    }

    /// Asks for the consent to erase a complete volume, or to resume on a device that is not blank.
    fn consent(
        &self,
        context: &Context,
        record: &Record,
        kind: &OperationKind,
        device: &PinnedDevice,
    ) -> Result<Option<confirm::Confirmation>> {
        let is_volume = device.head()?.is_of(&record.uuid);
        self.confirm_device(context, record, device, is_volume)?;
        let OperationKind::Encrypt(options) = kind else { return Ok(None) };
        let takes_consent = match self.direction {
            Direction::Back => (is_volume || record.backup.is_some()) && !options.in_place,
            Direction::Forward => options.overwrite && !is_volume,
        };
        if !takes_consent || (self.confirm.is_none() && !context.can_ask()) {
            return Ok(None); // the step refuses if it needs consent
        }
        let path = device.path().display();
        let what = format!("all data on {path} will be destroyed");
        let word = device.identity().confirmation();
        confirm::confirm_by_word(context, &what, &word, self.confirm).map(Some)
    }

    /// Asks for the confirmation of a device that is neither recognized as the one on which the operation
    /// began nor carries the header.
    fn confirm_device(
        &self,
        context: &Context,
        record: &Record,
        device: &PinnedDevice,
        is_volume: bool,
    ) -> Result<()> {
        let (expected, here) = (record.expected_device(), device.identity());
        if is_volume || expected.recognizes(here) {
            return Ok(());
        }
        let what = format!(
            "the operation began on {}, and would continue on {}",
            expected.description(),
            here.description()
        );
        confirm::confirm_by_word(context, &what, &here.confirmation(), self.confirm).map(drop)
    }

    fn key(
        &self,
        context: &Context,
        record: &Record,
        stored: Option<&StoredVolume>,
        kind: &OperationKind,
    ) -> Result<VolumeKey> {
        match (stored, kind) {
            (Some(stored), OperationKind::Erase { .. }) if self.direction == Direction::Forward => {
                key_or_none(stored)
            }
            (Some(stored), _) => self.selector.key(context, stored),
            // The key never came into the store, so nothing uses it yet.
            (None, OperationKind::Encrypt(_)) if record.key == KeySource::Store => {
                VolumeKey::generate()
            }
            (None, OperationKind::Encrypt(_)) => {
                let question = format!("Passphrase for the volume {}", self.id);
                Ok(VolumeKey::passphrase(&self.selector.passphrase(context, &question, true)?))
            }
            // The Secret is deleted; only the end of the erasure is left to report.
            (None, OperationKind::Erase { .. }) => VolumeKey::generate(),
            (None, _) => {
                let message = format!("the Secret of the volume {} is missing", self.id);
                Err(Error::failed(Code::VolumeUnknown, message)
                    .hint("restore it from a backup of the store; without it the volume is lost"))
            }
        }
    }
}
