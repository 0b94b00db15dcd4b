//! The binary part of a copy of the header: 4096 bytes, of which the first 512 are used.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, digest};

/// Bytes of the binary part.
pub(super) const SIZE: usize = 4096;
/// The magic number of LUKS1 and of the first LUKS2 copy.
pub(super) const MAGIC: &[u8] = b"LUKS\xba\xbe";
/// The magic number of the second copy.
const MAGIC_SECOND: &[u8] = b"SKUL\xba\xbe";
/// The valid sizes of a copy including its JSON, which are also the valid offsets of the second copy.
pub(super) const SIZES: [u64; 9] =
    [0x4000, 0x8000, 0x1_0000, 0x2_0000, 0x4_0000, 0x8_0000, 0x10_0000, 0x20_0000, 0x40_0000];
/// The field with the name of the checksum algorithm.
const ALGORITHM: std::ops::Range<usize> = 72..104;
/// The field with the checksum.
const CHECKSUM: std::ops::Range<usize> = 448..512;

/// Which of the two copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderPosition {
    Primary,
    Secondary,
}

/// The fields of the binary part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BinaryHeader {
    pub(super) size: u64,
    pub(super) sequence: u64,
    pub(super) label: String,
    pub(super) uuid: String,
    pub(super) subsystem: String,
    algorithm: String,
}

impl BinaryHeader {
    /// Parses the fields. `None` without a magic number; an error message if they are invalid.
    pub(super) fn read(
        bytes: &[u8],
        place: HeaderPosition,
        offset: u64,
    ) -> Option<Result<Self, String>> {
        let magic = if place == HeaderPosition::Primary { MAGIC } else { MAGIC_SECOND };
        if !bytes.starts_with(magic) {
            return None;
        }
        Some(read(bytes, offset))
    }

    /// Checks the size and the checksum of the copy.
    pub(super) fn check(&self, all: &[u8]) -> Result<(), String> {
        if all.len() as u64 != self.size {
            return Err("the header extends beyond the end of the device".to_owned());
        }
        let name = &self.algorithm;
        let algorithm =
            known(name).ok_or_else(|| format!("its checksum algorithm {name:?} is unknown"))?;
        let mut zeroed = all.to_vec();
        zeroed[CHECKSUM].fill(0);
        let sum = digest(algorithm, &zeroed);
        if all[CHECKSUM].starts_with(sum.as_ref()) {
            Ok(())
        } else {
            Err("its checksum is wrong".to_owned())
        }
    }
}

fn known(algorithm: &str) -> Option<&'static Algorithm> {
    match algorithm {
        "sha256" => Some(&SHA256),
        "sha512" => Some(&SHA512),
        "sha1" => Some(&SHA1_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

/// Builds both copies of a header from an intact one and another JSON. `None` if the JSON does not fit.
pub(super) fn both(whole: &[u8], sequence: u64, json: &[u8]) -> Option<Vec<u8>> {
    let algorithm = known(&read_text(whole.get(ALGORITHM)?))?;
    let mut all = Vec::with_capacity(2 * whole.len());
    for (magic, offset) in [(MAGIC, 0), (MAGIC_SECOND, whole.len() as u64)] {
        let mut copy = vec![0; whole.len()];
        copy[..SIZE].copy_from_slice(whole.get(..SIZE)?);
        copy[..magic.len()].copy_from_slice(magic);
        copy[16..24].copy_from_slice(&sequence.to_be_bytes());
        copy[256..264].copy_from_slice(&offset.to_be_bytes());
        copy[CHECKSUM].fill(0);
        let area = copy.get_mut(SIZE..)?;
        area.get_mut(..json.len())?.copy_from_slice(json);
        if json.len() == area.len() {
            return None; // a zero ends it
        }
        let sum = digest(algorithm, &copy);
        copy[CHECKSUM.start..][..sum.as_ref().len()].copy_from_slice(sum.as_ref());
        all.extend(copy);
    }
    Some(all)
}

fn read(bytes: &[u8], offset: u64) -> Result<BinaryHeader, String> {
    let short = || "it is cut off".to_owned();
    let field = |from: usize, length: usize| bytes.get(from..from + length).ok_or_else(short);
    let number = |from: usize| -> Result<u64, String> {
        Ok(u64::from_be_bytes(field(from, 8)?.try_into().map_err(|_| short())?))
    };
    if bytes.len() < SIZE {
        return Err(short());
    }
    match field(6, 2)? {
        [0, 2] => {}
        [high, low] => {
            let version = u16::from_be_bytes([*high, *low]);
            return Err(format!("its version is {version}"));
        }
        _ => return Err(short()),
    }
    let size = number(8)?;
    if !SIZES.contains(&size) {
        return Err(format!("its size is {size}"));
    }
    let said = number(256)?;
    if said != offset {
        return Err(format!("its offset field has {said}, but it is at {offset}"));
    }
    Ok(BinaryHeader {
        size,
        sequence: number(16)?,
        label: read_text(field(24, 48)?),
        algorithm: read_text(field(72, 32)?),
        uuid: read_text(field(168, 40)?),
        subsystem: read_text(field(208, 48)?),
    })
}

/// Returns the version of a LUKS header that is neither 1 nor 2.
pub(super) fn unknown_version(first: &[u8]) -> Option<u16> {
    let version = first.strip_prefix(MAGIC)?.get(..2)?;
    Some(u16::from_be_bytes(version.try_into().ok()?)).filter(|version| ![1, 2].contains(version))
}

/// Reads text up to the first zero byte.
pub(super) fn read_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}
