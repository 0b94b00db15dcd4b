//! A volume in the store: one Secret, with the key, a copy of the header, and the record.

use super::record::{KeySlot, KeySource, Record, VolumeId};
use crate::block::image::{Image, check_fits};
use crate::block::key::VolumeKey;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::secret::Secret;

/// The label with the ID of a volume.
pub const VOLUME: &str = "ccx-sec/volume";
/// The label, with its value, by which the Secrets of all volumes are listed.
pub const KIND: (&str, &str) = ("ccx-sec/kind", "volume");
const DOCUMENT: &str = "volume.json";
const HEADER: &str = "header";

/// A volume as read from the store.
#[derive(Debug, Clone)]
pub struct StoredVolume {
    /// The document.
    pub record: Record,
    /// The Secret.
    pub secret: Secret,
}

impl StoredVolume {
    /// Reads a volume; `None` when the store has no Secret for it.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read or the document is damaged; exit 4 when another program
    /// made the Secret.
    pub fn load(store: &dyn Backend, id: &VolumeId) -> Result<Option<Self>> {
        let Some(secret) = store.get(&id.secret_name())? else { return Ok(None) };
        if !secret.is_ours() {
            let place = store.place(&secret.name);
            let message = format!("{place} was not made by ccx-sec");
            return Err(Error::refused(Code::SecretForeign, message)
                .hint("it was not changed; inspect it, and use another ID"));
        }
        StoredVolume::of(secret).map(Some)
    }

    /// Reads a volume that must exist.
    ///
    /// # Errors
    /// As [`StoredVolume::load`]; exit 1 when there is none.
    pub fn load_required(store: &dyn Backend, id: &VolumeId) -> Result<Self> {
        StoredVolume::load(store, id)?.ok_or_else(|| {
            let message = format!("no volume {id} in {}", store.describe());
            Error::no(Code::VolumeUnknown, message)
                .hint(("list the volumes", CommandLine::ccx_sec("volume list")))
                .hint(format!("or name another store: {}", store.address().other_stores()))
        })
    }

    /// Parses a Secret.
    ///
    /// # Errors
    /// Exit 3 when its document is damaged or belongs to another volume.
    pub fn of(secret: Secret) -> Result<Self> {
        let name = format!("{DOCUMENT} in the Secret {}", secret.name);
        let record = Record::read(secret.value(DOCUMENT)?, &name)?;
        if record.id.secret_name() != secret.name {
            let message = format!("{name} belongs to the volume {}", record.id);
            return Err(Error::failed(Code::VolumeDamaged, message)
                .hint("restore the Secret from a backup of the store"));
        }
        Ok(StoredVolume { record, secret })
    }

    /// Returns one of the keys in the Secret.
    ///
    /// # Errors
    /// Exit 3 when the entry is not a valid key.
    pub fn key(&self, which: KeySlot) -> Result<Option<VolumeKey>> {
        let Some(bytes) = self.secret.data.get(which.name()) else { return Ok(None) };
        VolumeKey::from_bytes(bytes).map(Some).ok_or_else(|| {
            let message =
                format!("{} in the Secret {} is not a valid key", which.name(), self.secret.name);
            Error::failed(Code::KeyDamaged, message).hint(
                "restore the Secret from a backup of the store; without it the volume is lost",
            )
        })
    }

    /// Returns the copy of the header in the Secret.
    ///
    /// # Errors
    /// Exit 3 when the copy is damaged or belongs to another volume.
    pub fn image(&self) -> Result<Option<Image>> {
        let Some(packed) = self.secret.data.get(HEADER) else { return Ok(None) };
        let name = format!("the backup in the Secret {}", self.secret.name);
        let image = Image::unpack(packed, &name).map_err(|error| {
            let take = CommandLine::ccx_sec("volume backup").argument(self.record.id.to_string());
            error
                .hint("restore the Secret from a backup of the store")
                .hint(("or make a new copy, while the volume can be unlocked", take))
        })?;
        let uuid = &image.header().uuid;
        if *uuid != self.record.uuid {
            let message =
                format!("{name} belongs to the volume {uuid}, not to {}", self.record.uuid);
            return Err(Error::failed(Code::BackupOther, message)
                .hint("restore the Secret from a backup of the store"));
        }
        if self.record.backup.as_ref().is_none_or(|backup| backup.sha256 != image.sha256()) {
            let message = format!("{name} is not the copy that {DOCUMENT} describes");
            return Err(Error::failed(Code::BackupOther, message).hint((
                "make a new copy, while the volume can be unlocked",
                CommandLine::ccx_sec("volume backup").argument(self.record.id.to_string()),
            )));
        }
        Ok(Some(image))
    }
}

/// Puts a document into a Secret.
///
/// # Errors
/// Exit 3 when the encoding fails.
pub fn with_record(secret: Secret, record: &Record) -> Result<Secret> {
    Ok(secret.with(DOCUMENT, record.write()?))
}

/// Puts a copy of the header into a Secret.
///
/// # Errors
/// Exit 3 when the copy cannot be compressed; exit 4 when it has too many key slots.
pub fn with_image(secret: Secret, image: &Image) -> Result<Secret> {
    check_fits(image.header(), false)?;
    Ok(secret.with(HEADER, image.pack()?))
}

/// Creates the Secret of a new volume, with its key unless a person keeps a passphrase.
///
/// # Errors
/// Exit 3 when the encoding fails.
pub fn new_secret(record: &Record, key: &VolumeKey) -> Result<Secret> {
    let secret = Secret::new(&record.id.secret_name(), "Opaque")
        .label(KIND.0, KIND.1)
        .label(VOLUME, &record.id.to_string());
    let secret = match record.key {
        KeySource::Store => secret.with(KeySlot::Current.name(), key.bytes()),
        KeySource::Passphrase => secret,
    };
    with_record(secret, record)
}

/// The error for a Secret that another process changed.
#[must_use]
pub fn contended(store: &dyn Backend, id: &VolumeId) -> Error {
    let place = store.place(&id.secret_name());
    Error::refused(
        Code::VolumeContended,
        format!("another process changed {place} in the meantime"),
    )
    .hint("find out which other process works on this volume")
}
