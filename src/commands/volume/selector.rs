//! What the commands on one volume have in common: its device, its journal, its key, its lock.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::block::cryptsetup::Cryptsetup;
use crate::block::key::VolumeKey;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::volume::journal::{self, Journal};
use crate::volume::record::{KeySlot, KeySource, Record, StoredVolume, VolumeId};
use crate::volume::run::OperationContext;
use crate::{process, prompt};

/// Where the journal is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Journals {
    /// The folder of the journals, which say what is pending on this machine
    ///
    /// Without it: /var/lib/ccx-sec/volumes where root runs this, else below $XDG_STATE_HOME.
    #[arg(long, value_name = "DIR", env = "CCX_SEC_JOURNAL", hide_env_values = true, value_hint = clap::ValueHint::DirPath)]
    journal: Option<PathBuf>,
}

impl Journals {
    /// The folder, where one is said.
    pub(crate) fn given_device(&self) -> Result<Option<PathBuf>> {
        self.journal.as_deref().map(|said| journal::directory(Some(said))).transpose()
    }

    /// The folder.
    pub(crate) fn directory(&self) -> Result<PathBuf> {
        journal::directory(self.journal.as_deref())
    }
}

/// The way to a volume.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VolumeSelector {
    /// The device, where it is not the one that has the header of the volume
    #[arg(long, value_name = "DEVICE", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) device: Option<PathBuf>,
    /// A file with the passphrase in its first line, of a volume that has one; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) journals: Journals,
}

/// What an operation works with, and the lock on its volume.
pub(crate) struct VolumeSession {
    store: Box<dyn Backend>,
    cryptsetup: Cryptsetup,
    journal: Journal,
}

impl VolumeSession {
    /// Opens the store, looks for cryptsetup, and takes the lock.
    pub(crate) fn open(context: &Context, id: &VolumeId, journals: &Journals) -> Result<Self> {
        process::keep_memory_off_disk();
        let cryptsetup = Cryptsetup::find()?;
        let store = context.open_store()?;
        let journal = Journal::open(&journals.directory()?, id, context.timeout)?;
        Ok(VolumeSession { store, cryptsetup, journal })
    }

    /// The store.
    pub(crate) fn store(&self) -> &dyn Backend {
        self.store.as_ref()
    }

    /// cryptsetup.
    pub(crate) fn cryptsetup(&self) -> &Cryptsetup {
        &self.cryptsetup
    }

    /// The journal.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What an operation is given.
    pub(crate) fn operation_context<'a>(&'a self, context: &'a Context) -> OperationContext<'a> {
        OperationContext {
            globals: context,
            store: self.store(),
            cryptsetup: &self.cryptsetup,
            journal: &self.journal,
        }
    }

    /// The volume. Where the store has none any more, what is pending here is told.
    pub(crate) fn volume(&self, id: &VolumeId) -> Result<StoredVolume> {
        if let Some(stored) = StoredVolume::load(self.store(), id)? {
            return Ok(stored);
        }
        if let Some(pending) = self.journal.pending()? {
            pending.check_settled()?;
        }
        StoredVolume::load_required(self.store(), id)
    }

    /// The volume, where nothing is pending for it, and it is not erased.
    pub(crate) fn settled(&self, id: &VolumeId) -> Result<StoredVolume> {
        let stored = self.volume(id)?;
        stored.record.check_settled()?;
        if let Some(pending) =
            self.journal.pending()?.filter(|one| !one.is_superseded_by(&stored.record))
        {
            pending.check_settled()?;
        }
        check_not_erased(&stored.record)?;
        Ok(stored)
    }
}

/// Refuses a volume that nothing opens any more.
pub(crate) fn check_not_erased(record: &Record) -> Result<()> {
    match record.erased {
        None => Ok(()),
        Some(when) => {
            let message = format!("the volume {} was erased at {when}", record.id);
            Err(Error::refused(Code::VolumeErased, message).hint((
                "its Secret was kept; if it keeps a key, this brings the volume back",
                CommandLine::ccx_sec("volume restore").argument(record.id.to_string()),
            )))
        }
    }
}

/// The key that the store has; where it has none, one that opens nothing: who lost the key, or
/// forgot the passphrase, may erase too, and only not undo it.
pub(crate) fn key_or_none(stored: &StoredVolume) -> Result<VolumeKey> {
    stored.key(KeySlot::Current).ok().flatten().map_or_else(VolumeKey::generate, Ok)
}

impl VolumeSelector {
    /// The device that is said, where one is.
    pub(crate) fn device(&self) -> Option<&Path> {
        self.device.as_deref()
    }

    /// The key of a volume: that of the store, or the passphrase of a person.
    pub(crate) fn key(&self, context: &Context, stored: &StoredVolume) -> Result<VolumeKey> {
        match stored.record.key {
            KeySource::Store => stored.key(KeySlot::Current)?.ok_or_else(|| {
                let message = format!("the Secret {} has no key", stored.secret.name);
                Error::failed(Code::KeyMissing, message)
                    .hint("restore it from a backup of the store; without it the volume is lost")
            }),
            KeySource::Passphrase => {
                let question = format!("Passphrase of the volume {}", stored.record.id);
                Ok(VolumeKey::passphrase(&self.passphrase(context, &question, false)?))
            }
        }
    }

    /// A passphrase; asked for twice where it is new.
    pub(crate) fn passphrase(
        &self,
        context: &Context,
        question: &str,
        is_new: bool,
    ) -> Result<Zeroizing<String>> {
        prompt::passphrase(context, question, self.passphrase_file.as_deref(), is_new)
    }
}
