//! What the store knows about a volume: one Secret a volume, with its key, a copy of its header,
//! and a document.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::{OperationKind, RecordedStep, StepName};
use crate::block::image::{Image, check_fits};
use crate::block::interlock::DeviceIdentity;
use crate::block::key::VolumeKey;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::random;
use crate::pki::san::is_label;
use crate::process;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::secret::Secret;

/// The label with the ID of a volume.
pub const VOLUME: &str = "ccx-sec/volume";
/// The label that every Secret of a volume has, to list them by, and its value.
pub const KIND: (&str, &str) = ("ccx-sec/kind", "volume");
/// The form of the document that we write and read.
const VERSION: u32 = 1;
const DOCUMENT: &str = "volume.json";
const HEADER: &str = "header";

/// What a volume is called: one DNS label, such as `db-6ae82`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VolumeId(String);

impl std::str::FromStr for VolumeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Its mapping and its Secret are named after it.
        if is_label(text) && text == text.to_ascii_lowercase() {
            return Ok(VolumeId(text.to_owned()));
        }
        let shown: String = text.chars().take(64).collect();
        Err(Error::usage(Code::VolumeId, format!("{shown:?} is not an ID for a volume"))
            .hint("use lower-case letters, digits and '-', at most 63, such as db-6ae82"))
    }
}

impl std::fmt::Display for VolumeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl VolumeId {
    /// The name of its Secret.
    #[must_use]
    pub fn secret_name(&self) -> String {
        format!("ccx-volume-{}", self.0)
    }

    /// The name of its mapping, where nothing else is asked for.
    #[must_use]
    pub fn mapping(&self) -> String {
        format!("ccx-{}", self.0)
    }

    /// The volume whose mapping is called so; nothing where none is.
    #[must_use]
    pub fn of_mapping(name: &str) -> Option<Self> {
        name.strip_prefix("ccx-")?.parse().ok()
    }
}

/// The keys that a volume may have in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySlot {
    /// The one that opens it.
    Current,
    /// The one that will, while it gets a new one.
    Next,
    /// The one that did, until its slot is gone.
    Previous,
}

impl KeySlot {
    /// The key of the Secret's data.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            KeySlot::Current => "key",
            KeySlot::Next => "key-next",
            KeySlot::Previous => "key-old",
        }
    }
}

/// Where the key of a volume is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// In its Secret: 64 random bytes.
    Store,
    /// A person has it: a passphrase.
    Passphrase,
}

/// A file system that was made on a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFileSystem {
    /// `ext4` or `xfs`.
    pub kind: String,
    /// Its UUID; none where it was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}

impl Backup {
    /// What to write down of a copy that was taken now.
    #[must_use]
    pub fn of(image: &Image, now: Timestamp) -> Self {
        Backup { taken: to_the_second(now), sha256: image.sha256() }
    }
}

/// The copy of the header in the Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// When it was taken.
    pub taken: Timestamp,
    /// SHA-256, unpacked, lower-case hex.
    pub sha256: String,
}

/// An operation that has begun, and has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOperation {
    /// What is done.
    #[serde(flatten)]
    pub kind: OperationKind,
    /// The step that it is at. The store has the one at which it was last written to.
    pub step: RecordedStep,
    /// The node where it was begun.
    pub node: String,
    /// When.
    pub since: Timestamp,
    /// The device that it works on, where that is another than the record's. It becomes the
    /// record's when the operation has come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceIdentity>,
}

/// What is known about a volume; the document in its Secret. No key is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// What it is called.
    pub id: VolumeId,
    /// The UUID of its header, given before there is one.
    pub uuid: String,
    /// Where its key is.
    pub key: KeySource,
    /// The device that it was on when it was made, opened, backed up or rekeyed last.
    pub device: DeviceIdentity,
    /// The node where that was.
    pub node: String,
    /// When it was made.
    pub made: Timestamp,
    /// The label in its header; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The file system on it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<RecordedFileSystem>,
    /// Where it is mounted, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<PathBuf>,
    /// The copy of its header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// When it was erased, and its Secret kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
    /// What has begun, and has not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingOperation>,
    /// When the operation began that came to its end last: a journal of that time is done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
}

impl Record {
    /// That of a volume that is to be made.
    ///
    /// # Errors
    /// Exit 3 when the system gives no random numbers.
    pub fn new(
        id: VolumeId,
        key: KeySource,
        device: DeviceIdentity,
        made: Timestamp,
    ) -> Result<Self> {
        Ok(Record {
            version: VERSION,
            id,
            uuid: new_uuid()?,
            key,
            device,
            node: node(),
            made: to_the_second(made),
            label: String::new(),
            file_system: None,
            mount: None,
            backup: None,
            erased: None,
            pending: None,
            settled: None,
        })
    }

    /// Reads a document; `name` is for people.
    ///
    /// # Errors
    /// Exit 3 when it is damaged, or of a form that is not known.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self> {
        let damaged = || {
            Error::failed(Code::VolumeDamaged, format!("{name} is damaged"))
                .hint("restore it from a backup of the store")
        };
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| damaged().because(error))?;
        if value["version"].as_u64() != Some(VERSION.into()) {
            let message = format!("{name} is of the form {}, not {VERSION}", value["version"]);
            return Err(Error::failed(Code::VolumeVersion, message)
                .hint("a newer ccx-sec wrote it; use that one"));
        }
        serde_json::from_value(value).map_err(|error| damaged().because(error))
    }

    /// The document.
    ///
    /// # Errors
    /// Exit 3 when it cannot be encoded.
    pub fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| {
            let message = format!("cannot encode the record of the volume {}", self.id);
            Error::failed(Code::VolumeEncoding, message).because(error)
        })
    }

    /// The device that it is expected on: that of the pending operation, or the one that it was on
    /// last.
    #[must_use]
    pub fn expected_device(&self) -> &DeviceIdentity {
        let pending = self.pending.as_ref().and_then(|pending| pending.device.as_ref());
        pending.unwrap_or(&self.device)
    }

    /// What leads to that device, if it is there still.
    #[must_use]
    pub fn device_path(&self) -> Option<&Path> {
        let expected = self.expected_device();
        let known = expected.by_id.iter().chain([&expected.path]);
        known.map(PathBuf::as_path).find(|path| files::exists(path))
    }

    /// Writes down that the volume is on this device of this machine. Whether that is news comes
    /// back.
    pub fn follow(&mut self, device: &DeviceIdentity) -> bool {
        let here = node();
        let is_news = self.device != *device || self.node != here;
        self.device = device.clone();
        self.node = here;
        is_news
    }

    /// Refuses to go on where something has begun that has not come to its end.
    ///
    /// # Errors
    /// Exit 4.
    pub fn check_settled(&self) -> Result<()> {
        match &self.pending {
            None => Ok(()),
            Some(pending) => Err(self.unsettled(pending)),
        }
    }

    /// Whether what this one, of a journal, tells of has come to its end, as the store knows: it
    /// was written there that it is pending before the second step.
    #[must_use]
    pub fn is_superseded_by(&self, in_store: &Record) -> bool {
        let Some(pending) = &self.pending else { return true };
        let is_first = pending.step == RecordedStep::Known(StepName::Record);
        let is_settled = Some(pending.since) <= in_store.settled || !is_first;
        self.uuid == in_store.uuid && in_store.pending.is_none() && is_settled
    }

    /// The same, where no journal tells the step: it may be any.
    #[must_use]
    pub fn at_any_step(mut self) -> Self {
        if let Some(pending) = &mut self.pending {
            pending.step = RecordedStep::Other(String::new());
        }
        self
    }

    /// What to say of an operation that is pending.
    #[must_use]
    pub fn unsettled(&self, pending: &PendingOperation) -> Error {
        let PendingOperation { kind, node, since, .. } = pending;
        let message = format!(
            "{} of the volume {}, begun on {node} at {since}, is pending",
            kind.name(),
            self.id
        );
        Error::refused(Code::VolumePending, message)
            .hint((
                "finish it",
                CommandLine::ccx_sec("volume resume").argument(self.id.to_string()),
            ))
            .hint((
                "or undo it",
                CommandLine::ccx_sec("volume rollback").argument(self.id.to_string()),
            ))
    }
}

/// A moment without its fraction of a second.
#[must_use]
pub fn to_the_second(at: Timestamp) -> Timestamp {
    at.round(jiff::Unit::Second).unwrap_or(at)
}

/// A UUID at random (RFC 9562, version 4).
///
/// # Errors
/// Exit 3 when the system gives no random numbers.
pub fn new_uuid() -> Result<String> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// The name of this machine.
#[must_use]
pub fn node() -> String {
    process::host_name()
}

/// A volume as it lies in the store.
#[derive(Debug, Clone)]
pub struct StoredVolume {
    /// What is known about it.
    pub record: Record,
    /// Its Secret, as read.
    pub secret: Secret,
}

impl StoredVolume {
    /// Reads a volume; nothing where there is none.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read, or what is there is damaged; exit 4 when the Secret
    /// is not ccx-sec's.
    pub fn load(store: &dyn Backend, id: &VolumeId) -> Result<Option<Self>> {
        let Some(secret) = store.get(&id.secret_name())? else { return Ok(None) };
        if !secret.is_ours() {
            let place = store.place(&secret.name);
            let message = format!("{place} was not made by ccx-sec");
            return Err(Error::refused(Code::SecretForeign, message)
                .hint("it was left as it is; look at it, and use another ID"));
        }
        StoredVolume::of(secret).map(Some)
    }

    /// Reads a volume that has to be there.
    ///
    /// # Errors
    /// As [`StoredVolume::load`]; exit 1 when there is none.
    pub fn load_required(store: &dyn Backend, id: &VolumeId) -> Result<Self> {
        StoredVolume::load(store, id)?.ok_or_else(|| {
            let message = format!("there is no volume {id} in {}", store.describe());
            Error::no(Code::VolumeUnknown, message)
                .hint(("see which there are", CommandLine::ccx_sec("volume list")))
                .hint("or look elsewhere: --namespace, --context, --store")
        })
    }

    /// A Secret as a volume.
    ///
    /// # Errors
    /// Exit 3 when it is damaged.
    pub fn of(secret: Secret) -> Result<Self> {
        let name = format!("{DOCUMENT} in the Secret {}", secret.name);
        let record = Record::read(secret.value(DOCUMENT)?, &name)?;
        if record.id.secret_name() != secret.name {
            let message = format!("{name} is of the volume {}", record.id);
            return Err(Error::failed(Code::VolumeDamaged, message)
                .hint("restore the Secret from a backup of the store"));
        }
        Ok(StoredVolume { record, secret })
    }

    /// One of its keys; nothing where it has none such.
    ///
    /// # Errors
    /// Exit 3 when what is there is no key.
    pub fn key(&self, which: KeySlot) -> Result<Option<VolumeKey>> {
        let Some(bytes) = self.secret.data.get(which.name()) else { return Ok(None) };
        VolumeKey::from_bytes(bytes).map(Some).ok_or_else(|| {
            let message = format!("{} in the Secret {} is no key", which.name(), self.secret.name);
            Error::failed(Code::KeyDamaged, message).hint(
                "restore the Secret from a backup of the store; without it the volume is lost",
            )
        })
    }

    /// The copy of its header; nothing where it has none.
    ///
    /// # Errors
    /// Exit 3 when it is damaged, or of another volume.
    pub fn image(&self) -> Result<Option<Image>> {
        let Some(packed) = self.secret.data.get(HEADER) else { return Ok(None) };
        let name = format!("the backup in the Secret {}", self.secret.name);
        let image = Image::unpack(packed, &name).map_err(|error| {
            let take = CommandLine::ccx_sec("volume backup").argument(self.record.id.to_string());
            error
                .hint("restore the Secret from a backup of the store")
                .hint(("or take another copy, while the volume opens", take))
        })?;
        let uuid = &image.header().uuid;
        if *uuid != self.record.uuid {
            let message = format!("{name} is of {uuid}, and the volume is {}", self.record.uuid);
            return Err(Error::failed(Code::BackupOther, message)
                .hint("restore the Secret from a backup of the store"));
        }
        if self.record.backup.as_ref().is_none_or(|backup| backup.sha256 != image.sha256()) {
            let message = format!("{name} is not the one that {DOCUMENT} tells of");
            return Err(Error::failed(Code::BackupOther, message).hint((
                "take another, while the volume opens",
                CommandLine::ccx_sec("volume backup").argument(self.record.id.to_string()),
            )));
        }
        Ok(Some(image))
    }
}

/// A Secret with this document in it.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn with_record(secret: Secret, record: &Record) -> Result<Secret> {
    Ok(secret.with(DOCUMENT, record.write()?))
}

/// A Secret with this copy of the header in it, and the document that tells of it.
///
/// # Errors
/// Exit 3 when it cannot be packed; exit 4 when it has too many key slots.
pub fn with_image(secret: Secret, image: &Image) -> Result<Secret> {
    check_fits(image.header(), false)?;
    Ok(secret.with(HEADER, image.pack()?))
}

/// A new Secret for a volume, with its key where the store keeps it.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn new_secret(record: &Record, key: &VolumeKey) -> Result<Secret> {
    let secret = Secret::new(&record.id.secret_name(), "Opaque")
        .label(KIND.0, KIND.1)
        .label(VOLUME, &record.id.0);
    let secret = match record.key {
        KeySource::Store => secret.with(KeySlot::Current.name(), key.bytes()),
        KeySource::Passphrase => secret,
    };
    with_record(secret, record)
}
