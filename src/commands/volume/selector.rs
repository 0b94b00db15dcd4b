//! Options that the commands on one volume share: device, journal and key.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::block::cryptsetup::Cryptsetup;
use crate::block::key::VolumeKey;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::volume::journal::{self, Journal};
use crate::volume::record::{KeySlot, KeySource, Record, VolumeId};
use crate::volume::run::OperationContext;
use crate::volume::stored::StoredVolume;
use crate::{process, prompt};

/// The option for the directory of the journals.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Journals {
    /// Directory of the journals of pending operations
    ///
    /// The default is /var/lib/ccx-sec/volumes for root, and a directory below $XDG_STATE_HOME for
    /// other users.
    #[arg(long, value_name = "DIR", env = "CCX_SEC_JOURNAL", hide_env_values = true, value_hint = clap::ValueHint::DirPath)]
    journal: Option<PathBuf>,
}

impl Journals {
    /// Returns the directory as an absolute path, if the option is given.
    pub(crate) fn given_directory(&self) -> Result<Option<PathBuf>> {
        self.journal.as_deref().map(|path| journal::directory(Some(path))).transpose()
    }

    /// Returns the directory as it was given.
    pub(crate) fn given(&self) -> Option<PathBuf> {
        self.journal.clone()
    }

    /// Returns the directory.
    pub(crate) fn directory(&self) -> Result<PathBuf> {
        journal::directory(self.journal.as_deref())
    }
}

/// The options that select the device and unlock the volume.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct VolumeSelector {
    /// Device of the volume [default: the device with its header]
    #[arg(long, value_name = "DEVICE", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) device: Option<PathBuf>,
    /// File with the passphrase; - is stdin
    ///
    /// The passphrase is its first line. Only a volume with a passphrase needs the file: if the key is in
    /// the store, the file is not read.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) journals: Journals,
}

/// The store, cryptsetup and the locked journal of a volume.
pub(crate) struct VolumeSession {
    store: Box<dyn Backend>,
    cryptsetup: Cryptsetup,
    journal: Journal,
}

impl VolumeSession {
    /// Opens the store, finds cryptsetup, and takes the lock of the volume. A volume that neither the
    /// store nor a journal knows gets no journal.
    pub(crate) fn open(context: &Context, id: &VolumeId, journals: &Journals) -> Result<Self> {
        process::keep_memory_off_disk();
        let cryptsetup = Cryptsetup::find()?;
        let store = context.open_store()?;
        if !Journal::exists(&journals.directory()?, id)? {
            StoredVolume::load_required(store.as_ref(), id)?;
        }
        Self::with_journal(context, store, cryptsetup, id, journals)
    }

    /// Opens the store, finds cryptsetup, and takes the lock of a volume that does not exist yet.
    pub(crate) fn open_new(context: &Context, id: &VolumeId, journals: &Journals) -> Result<Self> {
        process::keep_memory_off_disk();
        let cryptsetup = Cryptsetup::find()?;
        let store = context.open_store()?;
        Self::with_journal(context, store, cryptsetup, id, journals)
    }

    fn with_journal(
        context: &Context,
        store: Box<dyn Backend>,
        cryptsetup: Cryptsetup,
        id: &VolumeId,
        journals: &Journals,
    ) -> Result<Self> {
        let journal = Journal::open(&journals.directory()?, id, context.timeout)?;
        Ok(VolumeSession { store, cryptsetup, journal })
    }

    /// Returns the store.
    pub(crate) fn store(&self) -> &dyn Backend {
        self.store.as_ref()
    }

    /// Returns cryptsetup.
    pub(crate) fn cryptsetup(&self) -> &Cryptsetup {
        &self.cryptsetup
    }

    /// Returns the journal.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Returns the services for an operation.
    pub(crate) fn operation_context<'a>(&'a self, context: &'a Context) -> OperationContext<'a> {
        OperationContext {
            globals: context,
            store: self.store(),
            cryptsetup: &self.cryptsetup,
            journal: &self.journal,
        }
    }

    /// Reads the volume. If the store has no Secret for it, the error names the operation that is pending
    /// on this machine.
    pub(crate) fn volume(&self, id: &VolumeId) -> Result<StoredVolume> {
        if let Some(stored) = StoredVolume::load(self.store(), id)? {
            return Ok(stored);
        }
        if let Some(pending) = self.journal.pending()? {
            pending.check_settled()?;
        }
        StoredVolume::load_required(self.store(), id)
    }

    /// Reads the volume, after a check that no operation is pending and that it is not erased.
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

/// Refuses an erased volume whose Secret was kept.
pub(crate) fn check_not_erased(record: &Record) -> Result<()> {
    match record.erased {
        None => Ok(()),
        Some(when) => {
            let message = format!("the volume {} was erased at {when}", record.id);
            Err(Error::refused(Code::VolumeErased, message).hint((
                "its Secret was kept; restore the volume from it",
                CommandLine::ccx_sec("volume restore").argument(record.id.to_string()),
            )))
        }
    }
}

/// Returns the key in the store, or a random one that unlocks nothing: a volume whose key is lost or
/// whose passphrase is forgotten can still be erased, but the erasure cannot be undone.
pub(crate) fn key_or_none(stored: &StoredVolume) -> Result<VolumeKey> {
    stored.key(KeySlot::Current).ok().flatten().map_or_else(VolumeKey::generate, Ok)
}

impl VolumeSelector {
    /// Returns the device that the option names.
    pub(crate) fn device(&self) -> Option<&Path> {
        self.device.as_deref()
    }

    /// Returns the key from the store, or asks for the passphrase.
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

    /// Reads the passphrase from a file, or asks for it; twice if it is new.
    pub(crate) fn passphrase(
        &self,
        context: &Context,
        question: &str,
        is_new: bool,
    ) -> Result<Zeroizing<String>> {
        prompt::passphrase(context, question, self.passphrase_file.as_deref(), is_new)
    }
}
