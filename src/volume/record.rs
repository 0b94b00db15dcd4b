//! The record of a volume: the document in its Secret.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::{OperationKind, RecordedStep, StepName};
use crate::block::device_guard::DeviceIdentity;
use crate::block::image::Image;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::random;
use crate::pki::san::is_label;
use crate::process;
use crate::shell::CommandLine;
use crate::text::clip;

/// The version of the document that this program reads and writes.
const VERSION: u32 = 1;

/// The ID of a volume: one DNS label, such as `db-6ae82`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VolumeId(String);

impl std::str::FromStr for VolumeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // The names of mapping and Secret contain it.
        if is_label(text) && text == text.to_ascii_lowercase() {
            return Ok(VolumeId(text.to_owned()));
        }
        let shown = clip(text, 64);
        Err(Error::usage(Code::VolumeId, format!("{shown:?} is not a valid volume ID")).hint(
            "use lower-case letters, digits and '-', at most 63 characters, such as db-6ae82",
        ))
    }
}

impl std::fmt::Display for VolumeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl VolumeId {
    /// The name of the Secret.
    #[must_use]
    pub fn secret_name(&self) -> String {
        format!("ccx-volume-{}", self.0)
    }

    /// The name of the mapping below `/dev/mapper`.
    #[must_use]
    pub fn mapping(&self) -> String {
        format!("ccx-{}", self.0)
    }

    /// Returns the volume with that mapping name; `None` for the names of other programs.
    #[must_use]
    pub fn of_mapping(name: &str) -> Option<Self> {
        name.strip_prefix("ccx-")?.parse().ok()
    }
}

/// The keys of a volume in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySlot {
    /// The key that unlocks the volume.
    Current,
    /// The new key, during a key change.
    Next,
    /// The old key, until its slot is wiped.
    Previous,
}

impl KeySlot {
    /// The name of the entry in the Secret.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            KeySlot::Current => "key",
            KeySlot::Next => "key-next",
            KeySlot::Previous => "key-old",
        }
    }
}

/// Where the key of a volume comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// The Secret has 64 random bytes.
    Store,
    /// A person knows a passphrase.
    Passphrase,
}

/// The file system on a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFileSystem {
    /// `ext4` or `xfs`.
    pub kind: String,
    /// The UUID; `None` for a file system that an encryption in place kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}

impl Backup {
    /// Describes a copy that was taken now.
    #[must_use]
    pub fn of(image: &Image, now: Timestamp) -> Self {
        Backup { taken: to_the_second(now), sha256: image.sha256() }
    }
}

/// The copy of the header in the Secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The time of the copy.
    pub taken: Timestamp,
    /// SHA-256 of the unpacked copy, in lower-case hex.
    pub sha256: String,
}

/// An operation that began and is not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOperation {
    /// The operation.
    #[serde(flatten)]
    pub kind: OperationKind,
    /// The step that it is at. The store has the one at which it was last written to.
    pub step: RecordedStep,
    /// The node on which it began.
    pub node: String,
    /// The time at which it began.
    pub since: Timestamp,
    /// The device that it changes, if that differs from the record's. At the end of the operation it
    /// becomes the record's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceIdentity>,
}

/// The document in the Secret of a volume. It contains no key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// The ID.
    pub id: VolumeId,
    /// The UUID of the header, chosen before the device is formatted.
    pub uuid: String,
    /// Where the key comes from.
    pub key: KeySource,
    /// The device at the last encryption, opening, backup or key change.
    pub device: DeviceIdentity,
    /// The node of that device.
    pub node: String,
    /// The time of the encryption.
    pub made: Timestamp,
    /// The label in the header; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The file system, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<RecordedFileSystem>,
    /// The mount point, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<PathBuf>,
    /// The copy of the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// The time of an erasure that kept the Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
    /// The pending operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingOperation>,
    /// The time at which the last finished operation began: a journal of that time is out of date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
}

impl Record {
    /// The record of a new volume, with a random UUID.
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

    /// Parses a document; `name` is for error messages.
    ///
    /// # Errors
    /// Exit 3 when the document is damaged or has another version.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self> {
        let damaged = || {
            Error::failed(Code::VolumeDamaged, format!("{name} is damaged"))
                .hint("restore it from a backup of the store")
        };
        let value: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| damaged().because(error))?;
        if value["version"].as_u64() != Some(VERSION.into()) {
            let message = format!("{name} has version {}, not {VERSION}", value["version"]);
            return Err(Error::failed(Code::VolumeVersion, message)
                .hint("a newer ccx-sec wrote it; use that version"));
        }
        serde_json::from_value(value).map_err(|error| damaged().because(error))
    }

    /// Serializes the document.
    ///
    /// # Errors
    /// Exit 3 when the encoding fails.
    pub fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| {
            let message = format!("cannot encode the record of the volume {}", self.id);
            Error::failed(Code::VolumeEncoding, message).because(error)
        })
    }

    /// The device on which the volume is expected: that of the pending operation, or the last one.
    #[must_use]
    pub fn expected_device(&self) -> &DeviceIdentity {
        let pending = self.pending.as_ref().and_then(|pending| pending.device.as_ref());
        pending.unwrap_or(&self.device)
    }

    /// The path of that device, if it exists: by its ID, or the recorded one.
    #[must_use]
    pub fn device_path(&self) -> Option<&Path> {
        let expected = self.expected_device();
        let known = expected.by_id.iter().chain([&expected.path]);
        known.map(PathBuf::as_path).find(|path| files::exists(path))
    }

    /// Records that the volume is on this device of this machine. Returns whether that is new.
    pub fn follow(&mut self, device: &DeviceIdentity) -> bool {
        let here = node();
        let is_new = self.device != *device || self.node != here;
        self.device = device.clone();
        self.node = here;
        is_new
    }

    /// Refuses a volume with a pending operation.
    ///
    /// # Errors
    /// Exit 4.
    pub fn check_settled(&self) -> Result<()> {
        match &self.pending {
            None => Ok(()),
            Some(pending) => Err(self.unsettled(pending)),
        }
    }

    /// Returns whether the operation of this record, which a journal has, is finished according to
    /// the store. The first step writes to the store that the operation is pending.
    #[must_use]
    pub fn is_superseded_by(&self, in_store: &Record) -> bool {
        let Some(pending) = &self.pending else { return true };
        let is_first = pending.step == RecordedStep::Known(StepName::Record);
        let is_settled = Some(pending.since) <= in_store.settled || !is_first;
        self.uuid == in_store.uuid && in_store.pending.is_none() && is_settled
    }

    /// Forgets the step, for a pending operation of which this machine has no journal.
    #[must_use]
    pub fn at_any_step(mut self) -> Self {
        if let Some(pending) = &mut self.pending {
            pending.step = RecordedStep::Other(String::new());
        }
        self
    }

    /// The error for a pending operation.
    #[must_use]
    pub fn unsettled(&self, pending: &PendingOperation) -> Error {
        let PendingOperation { kind, node, .. } = pending;
        let since = to_the_second(pending.since);
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

/// Drops the fraction of a second.
#[must_use]
pub fn to_the_second(at: Timestamp) -> Timestamp {
    at.round(jiff::Unit::Second).unwrap_or(at)
}

/// Creates a random UUID (RFC 9562, version 4).
///
/// # Errors
/// Exit 3 when the system gives no random numbers.
pub fn new_uuid() -> Result<String> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// The host name of this machine.
#[must_use]
pub fn node() -> String {
    process::host_name()
}
