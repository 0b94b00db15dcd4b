//! The required parameters of an encrypted volume. PURE.

use serde::Serialize;

use super::luks::{DeviceFormat, Header};
use super::reason::EncryptionReason;

/// The required cipher: AES in XTS mode, with sector numbers of 64 bits (dm-crypt notation).
pub const CIPHER: &str = "aes-xts-plain64";
/// The required bits of the volume key: XTS takes two keys of 256 bits.
pub const KEY_BITS: u64 = 512;

/// A parameter of a header that is not as required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyViolation {
    /// Stable, for scripts.
    pub reason: EncryptionReason,
    /// The violation for people, without a full stop.
    pub message: String,
}

fn violation(reason: EncryptionReason, message: impl Into<String>) -> PolicyViolation {
    PolicyViolation { reason, message: message.into() }
}

/// Judges the format of a device; an empty list means that it is as required.
#[must_use]
pub fn judge(found: &DeviceFormat) -> Vec<PolicyViolation> {
    match found {
        DeviceFormat::Nothing => {
            vec![violation(EncryptionReason::NoHeader, "the device has no LUKS header")]
        }
        DeviceFormat::Damaged(why) => {
            vec![violation(
                EncryptionReason::HeaderDamaged,
                format!("its header is damaged: {why}"),
            )]
        }
        DeviceFormat::Luks1 { cipher, key_bits, .. } => {
            vec![violation(
                EncryptionReason::Luks1,
                format!("it is LUKS1 ({cipher}, {key_bits} bits), not LUKS2"),
            )]
        }
        DeviceFormat::Luks2(header) => header_violations(header),
    }
}

fn header_violations(header: &Header) -> Vec<PolicyViolation> {
    let metadata = &header.metadata;
    let mut violations = Vec::new();
    if metadata.is_reencrypted() {
        violations.push(violation(
            EncryptionReason::ReencryptionPending,
            "a reencryption is under way or was interrupted, so that a part of the data may be \
             plaintext",
        ));
    }
    for (id, segment) in &metadata.segments {
        match segment.encryption.as_deref().filter(|_| segment.kind == "crypt") {
            Some(CIPHER) => {}
            Some(other) => violations
                .push(violation(EncryptionReason::Cipher, format!("it is encrypted with {other}"))),
            // Reported above as reencryption_pending.
            None if metadata.is_reencrypted() => {}
            None => {
                let message = format!("its segment {id} is not encrypted ({})", segment.kind);
                violations.push(violation(EncryptionReason::NotEncrypted, message));
            }
        }
    }
    if metadata.segments.is_empty() {
        violations
            .push(violation(EncryptionReason::NotEncrypted, "its header has no encrypted segment"));
    }
    let mut openers = metadata.openers().peekable();
    if openers.peek().is_none() {
        violations.push(violation(
            EncryptionReason::NoKeyslot,
            "no key slots left; the volume can never be unlocked",
        ));
    }
    let weak = openers.map(|(_, slot)| slot.key_size * 8).filter(|bits| *bits < KEY_BITS).min();
    if let Some(bits) = weak {
        violations.push(violation(
            EncryptionReason::KeySize,
            format!("its key has {bits} bits, not {KEY_BITS}"),
        ));
    }
    violations
}
