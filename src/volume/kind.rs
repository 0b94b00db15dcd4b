//! What can be done to a volume in several steps, as it is written down before it begins.

use serde::{Deserialize, Serialize};

/// An operation, with all that it takes to begin it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum OperationKind {
    /// A device becomes a volume.
    Encrypt(Encrypt),
    /// A volume gets a new key.
    Rekey,
    /// What is on a volume is encrypted anew, with a new volume key.
    NewVolumeKey {
        /// What the volume key of before is known by.
        before: String,
    },
    /// The header comes back from the store.
    Restore,
    /// Nothing opens the volume ever again.
    Erase {
        /// Its Secret stays.
        keep_secret: bool,
    },
}

/// What a device becomes, besides a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypt {
    /// What is on it stays.
    pub in_place: bool,
    /// Bytes of a sector, where it stays; cryptsetup's choice, where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_size: Option<u32>,
    /// What was on it goes, as was agreed to.
    pub overwrite: bool,
    /// Gets a file system of this kind, and is mounted where the record says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mkfs: Option<String>,
    /// Is open afterwards.
    pub open: bool,
    /// Is opened and mounted at every boot.
    pub persist: bool,
    /// The command line that opens it, for the unit that does.
    pub command: String,
    /// The services of systemd that keep data on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

impl OperationKind {
    /// What it is called, for programs.
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

    /// What it is called, for people.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            OperationKind::Encrypt(Encrypt { in_place: true, .. }) => "the encryption in place",
            OperationKind::Encrypt(_) => "the encryption",
            OperationKind::Rekey => "the change of the key",
            OperationKind::NewVolumeKey { .. } => "the change of the volume key",
            OperationKind::Restore => "the restoration of the header",
            OperationKind::Erase { .. } => "the erasure",
        }
    }
}
