//! The record of a CA rotation in the bundle: how far it is.
//!
//! This release starts no rotation. It reads the record that a later release wrote, so that a renewal
//! does not interfere and the record survives every write.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The phase of a rotation from the old CA to the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationPhase {
    /// The bundle holds both CAs; the old one signs.
    Staged,
    /// The signing CA is being replaced. A crash leaves this phase, and the next command resumes.
    Switching,
    /// The new CA signs; nodes take new certificates.
    Switched,
    /// Every node has a certificate of the new CA.
    Reissued,
    /// The bundle holds the new CA only; the old key is still in the store.
    Removed,
}

impl RotationPhase {
    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RotationPhase::Staged => "staged",
            RotationPhase::Switching => "switching",
            RotationPhase::Switched => "switched",
            RotationPhase::Reissued => "reissued",
            RotationPhase::Removed => "removed",
        }
    }
}

/// A rotation that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The present phase.
    pub phase: RotationPhase,
    /// SHA-256 of the CA certificate that signs at the end.
    pub target: String,
    /// The other fields; they are kept.
    #[serde(flatten)]
    other: Map<String, Value>,
}
