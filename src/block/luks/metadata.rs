//! The JSON part of a header: key slots, segments, and the digests that connect them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::binary::{BinaryHeader, SIZE};

/// The parts of the JSON that ccx-sec needs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LuksMetadata {
    /// Key slots by number.
    pub keyslots: BTreeMap<String, Keyslot>,
    /// Segments by number, in the order on the device.
    pub segments: BTreeMap<String, Segment>,
    /// Digests by number.
    pub digests: BTreeMap<String, Digest>,
    /// Tokens by number; their form depends on the program that made them.
    pub tokens: BTreeMap<String, Value>,
    /// Sizes and requirements of the header.
    config: LuksConfig,
}

/// A key slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Keyslot {
    /// `luks2`, or `reencrypt` during a reencryption.
    #[serde(rename = "type")]
    pub kind: String,
    /// Bytes of the volume key in it.
    pub key_size: u64,
    /// The position of the slot.
    pub area: Area,
    /// The key derivation.
    pub kdf: Option<Kdf>,
    af: Option<Splitter>,
}

/// The position of a key slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Area {
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "number")]
    offset: u64,
    #[serde(deserialize_with = "number")]
    size: u64,
    encryption: Option<String>,
    key_size: Option<u64>,
}

/// The anti-forensic splitter, which spreads a key over its slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Splitter {
    #[serde(rename = "type")]
    kind: String,
    stripes: Option<u64>,
    hash: Option<String>,
}

/// The key derivation of a slot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Kdf {
    /// `pbkdf2`, `argon2i`, `argon2id`.
    #[serde(rename = "type")]
    pub kind: String,
    salt: Option<String>,
    hash: Option<String>,
    iterations: Option<u64>,
    time: Option<u64>,
    memory: Option<u64>,
    cpus: Option<u64>,
}

/// A part of the data on the device.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Segment {
    /// `crypt`, or `linear` for plaintext.
    #[serde(rename = "type")]
    pub kind: String,
    /// The offset in bytes.
    #[serde(deserialize_with = "number")]
    pub offset: u64,
    /// The size in bytes, or `dynamic`: up to the end of the device.
    pub size: String,
    /// The cipher in dm-crypt notation: `aes-xts-plain64`.
    pub encryption: Option<String>,
    /// Bytes of a sector.
    pub sector_size: Option<u64>,
    iv_tweak: Option<String>,
    /// Flags of a reencryption, such as `backup-previous`.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// The digest of a volume key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Digest {
    #[serde(rename = "type")]
    kind: String,
    /// The key slots that hold the key.
    pub keyslots: Vec<String>,
    /// The segments that the key encrypts.
    pub segments: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct LuksConfig {
    #[serde(deserialize_with = "number")]
    json_size: u64,
    #[serde(deserialize_with = "number")]
    keyslots_size: u64,
    requirements: Option<Requirements>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Requirements {
    #[serde(default)]
    mandatory: Vec<String>,
}

impl LuksMetadata {
    /// Returns the features that a program must support to open the volume, such as
    /// `online-reencrypt-v2`.
    #[must_use]
    pub fn requirements(&self) -> &[String] {
        self.config.requirements.as_ref().map_or(&[], |required| required.mandatory.as_slice())
    }

    /// Returns whether a reencryption is under way or was interrupted.
    #[must_use]
    pub fn is_reencrypted(&self) -> bool {
        self.requirements().iter().any(|one| one.contains("reencrypt"))
            || self.keyslots.values().any(|slot| slot.kind == "reencrypt")
    }

    /// Returns offset and size of all key slots, of any kind.
    pub fn areas(&self) -> impl Iterator<Item = (u64, u64)> {
        self.keyslots.values().map(|slot| (slot.area.offset, slot.area.size))
    }

    /// Returns the size of the area of all key slots.
    pub(super) fn areas_size(&self) -> u64 {
        self.config.keyslots_size
    }

    /// Returns a fingerprint of the volume key: salt and digest of the first digest that has segments.
    /// Salts are random, so two headers with equal fingerprints have the same key.
    #[must_use]
    pub fn key_digest(&self, json: &Value) -> Option<String> {
        let named = self.digests.iter().find(|(_, digest)| !digest.segments.is_empty());
        let digest = &json["digests"][named?.0];
        Some(format!("{}:{}", digest["salt"].as_str()?, digest["digest"].as_str()?))
    }

    /// Returns the key slots that unlock the volume, with their numbers.
    pub fn openers(&self) -> impl Iterator<Item = (&str, &Keyslot)> {
        let opens = |id: &String| {
            self.digests
                .values()
                .any(|digest| digest.keyslots.contains(id) && !digest.segments.is_empty())
        };
        let slots =
            self.keyslots.iter().filter(move |(id, slot)| slot.kind == "luks2" && opens(id));
        slots.map(|(id, slot)| (id.as_str(), slot))
    }
}

impl Keyslot {
    /// Returns whether all fields are present that unlocking the slot needs.
    fn is_whole(&self) -> bool {
        let area = self.area.encryption.is_some() && self.area.key_size.is_some();
        let split = self
            .af
            .as_ref()
            .is_some_and(|af| af.kind == "luks1" && af.stripes.is_some() && af.hash.is_some());
        let kdf = self.kdf.as_ref().is_some_and(|kdf| {
            let has = match kdf.kind.as_str() {
                "pbkdf2" => kdf.hash.is_some() && kdf.iterations.is_some(),
                "argon2i" | "argon2id" => {
                    kdf.time.is_some() && kdf.memory.is_some() && kdf.cpus.is_some()
                }
                _ => true, // cryptsetup ignores kinds that it does not know
            };
            has && kdf.salt.is_some()
        });
        area && self.area.kind == "raw" && split && kdf
    }
}

impl Segment {
    /// Returns whether size and offset are valid and, for an encrypted segment, the parameters too.
    fn is_whole(&self) -> bool {
        let sized = self.size == "dynamic"
            || self.size.parse::<u64>().is_ok_and(|bytes| bytes > 0 && bytes.is_multiple_of(512));
        let how = self.encryption.is_some()
            && self.sector_size.is_some_and(|bytes| [512, 1024, 2048, 4096].contains(&bytes))
            && self.iv_tweak.as_ref().is_some_and(|tweak| tweak.parse::<u64>().is_ok());
        sized && self.offset.is_multiple_of(512) && (self.kind != "crypt" || how)
    }
}

/// Parses the JSON, and makes the checks that cryptsetup makes.
pub(super) fn read(area: &[u8], binary: &BinaryHeader) -> Result<(LuksMetadata, Value), String> {
    let end = area.iter().position(|byte| *byte == 0);
    let end = end.ok_or("its JSON has no end")?;
    let json: Value = serde_json::from_str(&tolerated(&area[..end]))
        .map_err(|error| format!("its JSON cannot be parsed: {error}"))?;
    let metadata: LuksMetadata = serde_json::from_value(json.clone())
        .map_err(|error| format!("its JSON does not have the form of LUKS2: {error}"))?;
    check(&metadata, binary)?;
    Ok((metadata, json))
}

/// Replaces invalid UTF-8 and control characters, which the JSON parser of cryptsetup accepts.
fn tolerated(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => plain.push(c),
            c if c.is_ascii_control() => plain.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => plain.push(c),
        }
    }
    plain
}

fn check(metadata: &LuksMetadata, binary: &BinaryHeader) -> Result<(), String> {
    let LuksConfig { json_size, keyslots_size, .. } = metadata.config;
    if json_size + SIZE as u64 != binary.size {
        return Err(format!("its JSON gives its own size as {json_size} bytes"));
    }
    let areas_from = 2 * binary.size;
    let areas_to = areas_from + keyslots_size;
    for (id, slot) in &metadata.keyslots {
        let (offset, size) = (slot.area.offset, slot.area.size);
        let end = offset.checked_add(size).ok_or_else(|| format!("key slot {id} has no end"))?;
        if slot.kind == "luks2" && !slot.is_whole() {
            return Err(format!("key slot {id} lacks a required field"));
        }
        if offset < areas_from || end > areas_to {
            return Err(format!("key slot {id} is outside of the key slot area"));
        }
    }
    for (id, digest) in &metadata.digests {
        let slots = digest.keyslots.iter().all(|one| metadata.keyslots.contains_key(one));
        let segments = digest.segments.iter().all(|one| metadata.segments.contains_key(one));
        if !slots || !segments {
            return Err(format!("digest {id} refers to a key slot or segment that does not exist"));
        }
    }
    let is_number = |id: &&String| id.parse::<u32>().is_ok();
    let ids = metadata.keyslots.keys().chain(metadata.digests.keys()).chain(metadata.tokens.keys());
    if let Some(odd) = ids.chain(metadata.segments.keys()).find(|id| !is_number(id)) {
        return Err(format!(
            "{odd:?} is not a valid number of a key slot, digest, token or segment"
        ));
    }
    if (0..metadata.segments.len()).any(|n| !metadata.segments.contains_key(&n.to_string())) {
        return Err("its segments are not numbered consecutively".to_owned());
    }
    match metadata.segments.iter().find(|(_, segment)| !segment.is_whole()) {
        Some((id, _)) => Err(format!("segment {id} has an invalid or missing field")),
        None => Ok(()),
    }
}

/// Parses a number of 64 bits, which LUKS2 writes as a string.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is not a number")))
}
