//! The state of a reencryption, and the header that finalizes one.
//!
//! At the end of a reencryption, cryptsetup first writes the final segments, and then, in further
//! writes, removes the data that the reencryption needed. If it is killed in between, all data are
//! encrypted with the new key, and `--resume-only` must not be run: it takes the only segment for one
//! that is still to be reencrypted, starts at its first byte, and decrypts with the old key what the
//! new key encrypted (seen with 2.6.1; `_offset_forward` of `luks2_reencrypt.c`). So ccx-sec
//! finalizes the header itself.

use std::collections::BTreeSet;
use std::io;

use serde_json::Value;

use super::{Header, HeaderCopy, LuksMetadata, ReadAt, Segment, binary};

/// The state of a reencryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReencryptionState {
    /// No reencryption.
    None,
    /// Interrupted between two segments; can be resumed.
    Between,
    /// Interrupted while a segment was written, which must be repaired first.
    Within,
    /// All data are reencrypted, but the header is not finalized.
    Over,
}

impl LuksMetadata {
    /// Returns the state of the reencryption.
    #[must_use]
    pub fn reencryption(&self) -> ReencryptionState {
        if !self.is_reencrypted() {
            return ReencryptionState::None;
        }
        let mut now = self.segments.iter().filter(|(_, segment)| !segment.is_kept());
        if now.clone().any(|(_, segment)| segment.has("in-reencryption")) {
            return ReencryptionState::Within;
        }
        let is_of_new = |id: &String| {
            let new = self.kept("backup-final");
            new.is_some() && new != self.kept("backup-previous") && self.digest_of(id) == new
        };
        match (now.next(), now.next()) {
            (Some((id, only)), None) if only.kind == "crypt" && is_of_new(id) => {
                ReencryptionState::Over
            }
            _ => ReencryptionState::Between,
        }
    }

    /// Returns offset and size of the plaintext copy of the beginning of the device, which exists during
    /// an encryption in place.
    #[must_use]
    pub fn moved(&self) -> Option<(u64, u64)> {
        let moved = self.segments.values().find(|segment| segment.has("backup-moved-segment"))?;
        Some((moved.offset, moved.size.parse().ok()?))
    }

    /// Returns the digest of the segment with this flag.
    fn kept(&self, flag: &str) -> Option<&String> {
        let (id, _) = self.segments.iter().find(|(_, segment)| segment.has(flag))?;
        self.digest_of(id)
    }

    fn digest_of(&self, segment: &String) -> Option<&String> {
        let is_its = |(_, digest): &(&String, &super::Digest)| digest.segments.contains(segment);
        self.digests.iter().find(is_its).map(|(id, _)| id)
    }
}

impl Segment {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    /// Returns whether only the reencryption needs this segment.
    fn is_kept(&self) -> bool {
        self.flags.iter().any(|flag| flag.starts_with("backup-"))
    }
}

/// Builds both copies of the header that finalizes a reencryption that is
/// [over](ReencryptionState::Over): without its key slot, the slots of the old key, and its other
/// data. `header` is the header on the device.
///
/// # Errors
/// The I/O error of the device.
pub fn ended(device: &(impl ReadAt + ?Sized), header: &Header) -> io::Result<Vec<u8>> {
    let size = usize::try_from(header.size).unwrap_or(usize::MAX);
    let from = if header.primary == HeaderCopy::Good { 0 } else { header.size };
    let whole = device.read_at(from, size)?;
    let json = serde_json::to_vec(&without(header)).map_err(io::Error::other)?;
    binary::both(&whole, header.sequence + 1, &json)
        .ok_or_else(|| io::Error::other("the JSON does not fit into the header"))
}

/// Returns the JSON without the data of a reencryption.
fn without(header: &Header) -> Value {
    let Header { metadata, json, .. } = header;
    let old = metadata.kept("backup-previous").and_then(|digest| metadata.digests.get(digest));
    let slots: BTreeSet<&String> = metadata
        .keyslots
        .iter()
        .filter(|(id, slot)| {
            slot.kind != "reencrypt" && !old.is_some_and(|digest| digest.keyslots.contains(id))
        })
        .map(|(id, _)| id)
        .collect();
    let segments: BTreeSet<&String> =
        metadata.segments.iter().filter(|(_, one)| !one.is_kept()).map(|(id, _)| id).collect();
    let mut json = json.clone();
    keep(&mut json["keyslots"], |id, _| slots.contains(id));
    keep(&mut json["segments"], |id, _| segments.contains(id));
    keep(&mut json["tokens"], |_, token| {
        left(token.get_mut("keyslots"), &slots);
        true
    });
    keep(&mut json["digests"], |_, digest| {
        left(digest.get_mut("keyslots"), &slots) | left(digest.get_mut("segments"), &segments)
    });
    let required = &mut json["config"]["requirements"]["mandatory"];
    let others: Vec<Value> = required
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| !one.as_str().is_some_and(|name| name.contains("reencrypt")))
        .cloned()
        .collect();
    if others.is_empty() {
        keep(&mut json["config"], |name, _| name != "requirements");
    } else {
        *required = others.into();
    }
    json
}

/// Removes from a list the numbers that no longer exist. Returns whether any are left.
fn left(ids: Option<&mut Value>, there: &BTreeSet<&String>) -> bool {
    let Some(ids) = ids.and_then(Value::as_array_mut) else { return false };
    ids.retain(|id| there.iter().any(|one| id == one.as_str()));
    !ids.is_empty()
}

fn keep(object: &mut Value, stays: impl Fn(&String, &mut Value) -> bool) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|name, value| stays(name, value));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The JSON as cryptsetup 2.6.1 leaves it after the last stretch, with two more slots and a
    /// token; `hot` and `of_new` change what it says of the data.
    fn metadata(hot: bool, of_new: bool) -> (LuksMetadata, Value) {
        let slot = |at: u32, kind: &str| {
            json!({"type": kind, "key_size": 64,
                   "area": {"type": "raw", "offset": (32768 + at * 258048).to_string(), "size": "258048"}})
        };
        let segment = |flags: &[&str]| {
            json!({"type": "crypt", "offset": "16777216", "size": "dynamic", "iv_tweak": "0",
                   "encryption": "aes-xts-plain64", "sector_size": 4096, "flags": flags})
        };
        let digest = |slots: &[&str], segments: &[&str]| json!({"type": "pbkdf2", "keyslots": slots, "segments": segments, "salt": "s", "digest": "d"});
        let (old, new): (&[&str], &[&str]) =
            if of_new { (&["1"], &["0", "2"]) } else { (&["0", "1"], &["2"]) };
        let json = json!({
            "keyslots": {"0": slot(0, "luks2"), "1": slot(1, "luks2"), "2": slot(2, "reencrypt"),
                         "3": slot(3, "luks2")},
            "segments": {"0": segment(if hot { &["in-reencryption"] } else { &[] }),
                         "1": segment(&["backup-previous"]), "2": segment(&["backup-final"])},
            "digests": {"0": digest(&["0"], old), "1": digest(&["1"], new),
                        "2": digest(&["2"], &[]), "3": digest(&["3"], &[])},
            "tokens": {"0": {"type": "x", "keyslots": ["0", "1"]}},
            "config": {"json_size": "12288", "keyslots_size": "16744448",
                       "requirements": {"mandatory": ["online-reencrypt-v2"]}},
        });
        (serde_json::from_value(json.clone()).expect("metadata"), json)
    }

    #[test]
    fn how_far_it_is() {
        for (hot, of_new, expected) in [
            (false, false, ReencryptionState::Between),
            (true, false, ReencryptionState::Within),
            (true, true, ReencryptionState::Within),
            (false, true, ReencryptionState::Over),
        ] {
            assert_eq!(metadata(hot, of_new).0.reencryption(), expected, "{hot} {of_new}");
        }
    }

    #[test]
    fn what_it_needed_goes_and_all_else_stays() {
        let (metadata, json) = metadata(false, true);
        let header = Header {
            uuid: String::new(),
            label: String::new(),
            subsystem: String::new(),
            sequence: 7,
            size: 16384,
            primary: HeaderCopy::Good,
            secondary: HeaderCopy::Good,
            metadata,
            json: json.clone(),
        };
        let left = without(&header);
        assert_eq!(
            left["keyslots"],
            json!({"1": json["keyslots"]["1"], "3": json["keyslots"]["3"]})
        );
        assert_eq!(left["segments"], json!({"0": json["segments"]["0"]}));
        assert_eq!(left["digests"]["1"]["segments"], json!(["0"]));
        assert_eq!(left["digests"]["3"], json["digests"]["3"]);
        assert_eq!(left["digests"].as_object().expect("digests").len(), 2);
        assert_eq!(left["tokens"], json!({"0": {"type": "x", "keyslots": ["1"]}}));
        assert_eq!(left["config"], json!({"json_size": "12288", "keyslots_size": "16744448"}));
        let after: LuksMetadata = serde_json::from_value(left).expect("metadata");
        assert_eq!(after.reencryption(), ReencryptionState::None);
    }
}
