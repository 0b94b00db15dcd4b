//! Operations and their steps, as records and journals name them.

use serde::{Deserialize, Serialize};

/// An operation on a volume, with all that another process needs to resume it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum OperationKind {
    /// The encryption of a device.
    Encrypt(Encrypt),
    /// The replacement of the key in the store.
    Rekey,
    /// The reencryption of a volume with a new volume key.
    NewVolumeKey {
        /// The digest of the old volume key.
        before: String,
    },
    /// The restoration of the header from the store.
    Restore,
    /// The erasure of the volume.
    Erase {
        /// Whether its Secret is kept.
        keep_secret: bool,
    },
}

/// The options of an encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypt {
    /// Whether the file system on the device is kept.
    pub in_place: bool,
    /// Bytes of a sector, for an encryption in place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_size: Option<u32>,
    /// Whether the contents of the device may be destroyed, with the consent of a person.
    pub overwrite: bool,
    /// The file system to make: `ext4` or `xfs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mkfs: Option<String>,
    /// Whether the volume is left open.
    pub open: bool,
    /// Whether the volume is opened and mounted at every boot.
    pub persist: bool,
    /// The command line that opens the volume, for its systemd unit.
    pub command: String,
    /// The systemd services that keep data on the volume.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

/// The name of a step, as records, journals and `--dry-run` have it. Names are never changed: an
/// operation that an older ccx-sec began is resumed by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Record in the store that the operation is pending: the first step of every operation.
    Record,
    /// Write a new header.
    Format,
    /// Begin a reencryption.
    Begin,
    /// Carry a reencryption to its end.
    Encrypt,
    /// Copy the header to the store.
    Backup,
    /// Open the volume.
    Open,
    /// Make a file system.
    Mkfs,
    /// Mount the file system.
    Mount,
    /// Write the units for every boot.
    Persist,
    /// Add a slot for the new key.
    Add,
    /// Make the new key the current one.
    Promote,
    /// Wipe the slot of the old key.
    Retire,
    /// Write the header of the store.
    Write,
    /// Unlock the volume with the restored header.
    Test,
    /// Wipe all key slots.
    Slots,
    /// Overwrite the header.
    Header,
    /// Delete the Secret, or mark it as that of an erased volume.
    Secret,
    /// Record in the store that the operation is done.
    Done,
}

/// The step in a record or a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedStep {
    /// A step of this version.
    Known(StepName),
    /// A step of another version, by its name; or empty, where no journal has the step.
    Other(String),
}

impl std::fmt::Display for RecordedStep {
    /// The name as it is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecordedStep::Known(name) => name.serialize(f),
            RecordedStep::Other(name) => f.write_str(name),
        }
    }
}

impl OperationKind {
    /// Returns the name in documents for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            OperationKind::Encrypt(Encrypt { in_place: true, .. }) => "encrypt_in_place",
            OperationKind::Encrypt(_) => "encrypt",
            OperationKind::Rekey => "rekey",
            OperationKind::NewVolumeKey { .. } => "new_volume_key",
            OperationKind::Restore => "restore",
            OperationKind::Erase { .. } => "erase",
        }
    }

    /// Returns the name in messages for people.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            OperationKind::Encrypt(Encrypt { in_place: true, .. }) => "the encryption in place",
            OperationKind::Encrypt(_) => "the encryption",
            OperationKind::Rekey => "the key change",
            OperationKind::NewVolumeKey { .. } => "the volume key change",
            OperationKind::Restore => "the restoration of the header",
            OperationKind::Erase { .. } => "the erasure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_on_disk_never_change() {
        for (step, name) in [
            (StepName::Record, "record"),
            (StepName::Format, "format"),
            (StepName::Begin, "begin"),
            (StepName::Encrypt, "encrypt"),
            (StepName::Backup, "backup"),
            (StepName::Open, "open"),
            (StepName::Mkfs, "mkfs"),
            (StepName::Mount, "mount"),
            (StepName::Persist, "persist"),
            (StepName::Add, "add"),
            (StepName::Promote, "promote"),
            (StepName::Retire, "retire"),
            (StepName::Write, "write"),
            (StepName::Test, "test"),
            (StepName::Slots, "slots"),
            (StepName::Header, "header"),
            (StepName::Secret, "secret"),
            (StepName::Done, "done"),
        ] {
            let recorded = RecordedStep::Known(step);
            let text = format!("\"{name}\"");
            assert_eq!(serde_json::to_string(&step).expect("JSON"), text);
            assert_eq!(serde_json::to_string(&recorded).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<RecordedStep>(&text).expect("a step"), recorded);
            assert_eq!(recorded.to_string(), name);
        }
    }

    #[test]
    fn step_of_another_version_stays_as_it_was_written() {
        for text in ["\"\"", "\"polish\""] {
            let recorded: RecordedStep = serde_json::from_str(text).expect("a step");
            assert!(matches!(recorded, RecordedStep::Other(_)), "{text}");
            assert_eq!(serde_json::to_string(&recorded).expect("JSON"), text);
        }
    }
}
