//! What the header of a volume must say, so that what lies on it is encrypted as it must be.
//! PURE.

use serde::Serialize;

use super::luks::{DeviceFormat, Header};

/// How data are encrypted: AES in XTS mode, sectors counted in 64 bits (dm-crypt's words).
pub const CIPHER: &str = "aes-xts-plain64";
/// Bits of the volume key: two keys of 256, one of which is for the sectors' numbers.
pub const KEY_BITS: u64 = 512;

/// Something that a header does not say as it must.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyViolation {
    /// Stable, for scripts.
    pub reason: &'static str,
    /// For people; no full stop.
    pub message: String,
}

fn lack(reason: &'static str, message: impl Into<String>) -> PolicyViolation {
    PolicyViolation { reason, message: message.into() }
}

/// What is wrong with what was found at the beginning of a device; nothing where nothing is.
#[must_use]
pub fn judge(found: &DeviceFormat) -> Vec<PolicyViolation> {
    match found {
        DeviceFormat::Nothing => vec![lack("no_header", "there is no header of LUKS on it")],
        DeviceFormat::Damaged(why) => {
            vec![lack("header_damaged", format!("its header is damaged: {why}"))]
        }
        DeviceFormat::Luks1 { cipher, key_bits, .. } => {
            vec![lack("luks1", format!("it is LUKS1 ({cipher}, {key_bits} bits), not LUKS2"))]
        }
        DeviceFormat::Luks2(header) => header_lacks(header),
    }
}

fn header_lacks(header: &Header) -> Vec<PolicyViolation> {
    let metadata = &header.metadata;
    let mut lacks = Vec::new();
    if metadata.is_reencrypted() {
        lacks.push(lack(
            "reencryption_pending",
            "it is being encrypted anew, or that was broken off, so that a part of it may be in \
             the clear",
        ));
    }
    for (id, segment) in &metadata.segments {
        match segment.encryption.as_deref().filter(|_| segment.kind == "crypt") {
            Some(CIPHER) => {}
            Some(other) => lacks.push(lack("cipher", format!("it is encrypted with {other}"))),
            // Its own reason is said already.
            None if metadata.is_reencrypted() => {}
            None => {
                let message = format!("its segment {id} is not encrypted ({})", segment.kind);
                lacks.push(lack("not_encrypted", message));
            }
        }
    }
    if metadata.segments.is_empty() {
        lacks.push(lack("not_encrypted", "its header names nothing that is encrypted"));
    }
    let mut openers = metadata.openers().peekable();
    if openers.peek().is_none() {
        lacks.push(lack("no_keyslot", "it has no key slot: no key opens it ever again"));
    }
    let weak = openers.map(|(_, slot)| slot.key_size * 8).filter(|bits| *bits < KEY_BITS).min();
    if let Some(bits) = weak {
        lacks.push(lack("key_size", format!("its key has {bits} bits, not {KEY_BITS}")));
    }
    lacks
}
