//! What was broken off: found in the journal and in the store, and carried on or undone.

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
use crate::volume::record::{self, KeySource, Record, StoredVolume, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::{self, locate};

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To its end.
    Forward,
    /// To where it was before.
    Back,
}

/// An operation that was perhaps broken off.
pub(super) struct PendingOperationArgs<'a> {
    pub(super) id: &'a VolumeId,
    pub(super) way: &'a VolumeSelector,
    pub(super) confirm: Option<&'a str>,
    pub(super) direction: Direction,
}

impl PendingOperationArgs<'_> {
    /// Goes that way; then says what happened, and how the volume is now, where there is one.
    pub(super) fn run(&self, context: &Context) -> Result<()> {
        let session = VolumeSession::open(context, self.id, &self.way.journals)?;
        let stored = StoredVolume::load(session.store(), self.id)?;
        let Some(record) = self.pending(&session, stored.as_ref())? else {
            session.journal().clear()?;
            if stored.is_none() {
                StoredVolume::load_required(session.store(), self.id)?;
            }
            return self.tell(context, session.store(), stored.as_ref(), "nothing was pending");
        };
        let kind = record.pending.as_ref().map(|pending| pending.kind.clone());
        let Some(kind) = kind else { return Ok(()) };
        let device = self.device(&record, &kind)?;
        let confirmed = self.agreed(context, &record, &kind, &device)?;
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
        self.tell(context, session.store(), after.as_ref(), happened)
    }

    fn tell(
        &self,
        context: &Context,
        store: &dyn Backend,
        volume: Option<&StoredVolume>,
        happened: &str,
    ) -> Result<()> {
        match volume {
            Some(stored) => VolumeStatus::from_record(&stored.record, store, context.now)
                .tell(context, happened),
            None => {
                context.output.note(&format!("{happened}: {}", self.id));
                Ok(())
            }
        }
    }

    /// What is pending: as the store has it, with the step of this machine's journal where that is
    /// about the same.
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
            // It is about another volume of that name, which never came into the store.
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
                locate::with_header(record, self.way.device())
            }
            OperationKind::Encrypt(_) => {
                let found = locate::with_header(record, self.way.device());
                found.or_else(|_| self.where_it_was_begun(record))
            }
            OperationKind::Restore | OperationKind::Erase { .. } => {
                locate::device_ignoring_header(record, self.way.device())
            }
        }
    }

    /// The device on which a volume was to be made, as it is known on the node where that began: on
    /// another, the same name is another device's.
    fn where_it_was_begun(&self, record: &Record) -> Result<PinnedDevice> {
        let begun = record.pending.as_ref().map(|pending| pending.node.as_str());
        let (here, device) = (record::node(), record.expected_device());
        let is_elsewhere = begun.is_some_and(|begun| begun != here) && !device.is_known();
        if is_elsewhere && self.way.device().is_none() {
            let message = format!(
                "{} of {}, where it was begun, is not known by more than its name",
                device.path.display(),
                begun.unwrap_or_default()
            );
            return Err(Error::refused(Code::DeviceElsewhere, message)
                .hint("go on there; or say which device it is here: --device"));
        }
        locate::recorded_device(record, self.way.device())
    }

    /// The consent that it takes to make a volume blank again that is complete, or to go on with a
    /// device that is not blank.
    fn agreed(
        &self,
        context: &Context,
        record: &Record,
        kind: &OperationKind,
        device: &PinnedDevice,
    ) -> Result<Option<confirm::Confirmation>> {
        let is_volume = device.head()?.is_of(&record.uuid);
        self.agreed_on_device(context, record, device, is_volume)?;
        let OperationKind::Encrypt(options) = kind else { return Ok(None) };
        let takes_consent = match self.direction {
            Direction::Back => (is_volume || record.backup.is_some()) && !options.in_place,
            Direction::Forward => options.overwrite && !is_volume,
        };
        if !takes_consent || (self.confirm.is_none() && !context.can_ask()) {
            return Ok(None); // where it is needed, the step says so
        }
        let path = device.path().display();
        let what = format!("what is on {path} will be gone");
        let word = device.identity().confirmation();
        confirm::confirm_by_word(context, &what, &word, self.confirm).map(Some)
    }

    /// Has a device confirmed that was named by hand, and that nothing else tells to be the one with
    /// which the operation began.
    fn agreed_on_device(
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
            "it began with {}, and would go on with {}",
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
            (Some(stored), _) => self.way.key(context, stored),
            // It never came into the store, so that nothing has it yet.
            (None, OperationKind::Encrypt(_)) if record.key == KeySource::Store => {
                VolumeKey::generate()
            }
            (None, OperationKind::Encrypt(_)) => {
                let question = format!("Passphrase for the volume {}", self.id);
                Ok(VolumeKey::passphrase(&self.way.passphrase(context, &question, true)?))
            }
            // All that is left of an erasure is to say that it is done.
            (None, OperationKind::Erase { .. }) => VolumeKey::generate(),
            (None, _) => {
                let message = format!("the Secret of the volume {} is gone", self.id);
                Err(Error::failed(Code::VolumeUnknown, message)
                    .hint("restore it from a backup of the store; without it the volume is lost"))
            }
        }
    }
}
