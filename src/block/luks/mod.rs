//! Reads LUKS headers without another program ("LUKS2 On-Disk Format Specification", 1.1; LUKS1
//! specification, 1.2.3). PURE: the caller provides the bytes.
//!
//! ```text
//! mod           the format of a device: LUKS1, LUKS2, damaged, or none
//! binary        the first 4096 bytes of each of the two copies
//! metadata      the JSON after them
//! reencryption  the state of a reencryption, and the header that finalizes it
//! ```

mod binary;
mod metadata;
mod reencryption;

use std::io;

use binary::{BinaryHeader, HeaderPosition};
pub use metadata::{Digest, Keyslot, LuksMetadata, Segment};
pub use reencryption::{ReencryptionState, ended};

/// Bytes of a new header with its key slots, before the data (the default of cryptsetup).
pub const NEW_HEADER_SIZE: u64 = 16 * 1024 * 1024;
/// Bytes that a device must have at least: a header, and as much for data.
pub const MIN_DEVICE_SIZE: u64 = 2 * NEW_HEADER_SIZE;

/// A source of bytes at an offset: a device, a file, a slice.
pub trait ReadAt {
    /// Reads up to `length` bytes from `offset` on; fewer at the end.
    ///
    /// # Errors
    /// The I/O error of the device.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(length).min(self.len());
        Ok(self[start..end].to_vec())
    }
}

/// The format of a device, by its first bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceFormat {
    /// No LUKS header.
    Nothing,
    /// LUKS1, which ccx-sec does not use.
    Luks1 {
        /// The UUID.
        uuid: String,
        /// The cipher in dm-crypt notation: `aes-xts-plain64`.
        cipher: String,
        /// Bits of the volume key.
        key_bits: u64,
    },
    /// LUKS2, with at least one good copy of the header.
    Luks2(Box<Header>),
    /// A header without a good copy, for this reason.
    Damaged(String),
}

/// A LUKS2 header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The UUID of the volume.
    pub uuid: String,
    /// The label; empty for none.
    pub label: String,
    /// The subsystem; empty for none.
    pub subsystem: String,
    /// The sequence number, which grows with each write.
    pub sequence: u64,
    /// Bytes of one copy, including its JSON.
    pub size: u64,
    /// The state of the first copy.
    pub primary: HeaderCopy,
    /// The state of the second copy.
    pub secondary: HeaderCopy,
    /// Key slots, segments, digests.
    pub metadata: LuksMetadata,
    /// The JSON unchanged.
    pub json: serde_json::Value,
}

impl DeviceFormat {
    /// Returns whether this is the LUKS2 header with that UUID.
    #[must_use]
    pub fn is_of(&self, uuid: &str) -> bool {
        matches!(self, DeviceFormat::Luks2(header) if header.uuid == uuid)
    }
}

impl Header {
    /// Returns whether both copies are good.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        (self.primary, self.secondary) == (HeaderCopy::Good, HeaderCopy::Good)
    }

    /// Bytes from the beginning of the device up to the end of the key slots.
    #[must_use]
    pub fn length(&self) -> u64 {
        2 * self.size + self.metadata.areas_size()
    }

    /// The offset of the data, in bytes.
    #[must_use]
    pub fn data_offset(&self) -> u64 {
        let offsets = self.metadata.segments.values().map(|segment| segment.offset);
        offsets.min().unwrap_or_else(|| self.length())
    }

    /// Returns the bytes that a device needs for these data: up to the end of the last segment. A
    /// dynamic segment extends to the end of the device, which had `size` bytes.
    #[must_use]
    pub fn data_end(&self, size: u64) -> u64 {
        let ends = self.metadata.segments.values().map(|segment| match segment.size.parse() {
            Ok(length) => segment.offset.saturating_add(length),
            Err(_) => size,
        });
        ends.max().unwrap_or(size)
    }

    /// Returns a fingerprint of the volume key; see [`LuksMetadata::key_digest`].
    #[must_use]
    pub fn key_digest(&self) -> Option<String> {
        self.metadata.key_digest(&self.json)
    }
}

/// The state of one of the two copies of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderCopy {
    /// Intact and current.
    Good,
    /// Intact, but older than the other.
    Old,
    /// Damaged or missing.
    Damaged,
}

/// Reads the format of a device.
///
/// # Errors
/// The I/O error of the device. An unreadable device is not the same as one without a header.
pub fn read(device: &(impl ReadAt + ?Sized)) -> io::Result<DeviceFormat> {
    let first = device.read_at(0, binary::SIZE)?;
    if let Some(luks1) = luks1(&first) {
        return Ok(luks1);
    }
    if let Some(version) = binary::unknown_version(&first) {
        // A later format may have no second copy at these offsets.
        return Ok(DeviceFormat::Damaged(format!("its version is {version}")));
    }
    let primary = copy(device, &first, HeaderPosition::Primary, 0)?;
    // The second copy follows the first. If that is damaged, the second is at one of a few offsets.
    let places: Vec<u64> = match &primary {
        Some(Ok(whole)) => vec![whole.binary.size],
        _ => binary::SIZES.to_vec(),
    };
    let mut secondary = None;
    for offset in places {
        let bytes = device.read_at(offset, binary::SIZE)?;
        secondary = match (secondary, copy(device, &bytes, HeaderPosition::Secondary, offset)?) {
            (None | Some(Err(_)), Some(found)) => Some(found),
            (before, _) => before,
        };
        if matches!(secondary, Some(Ok(_))) {
            break;
        }
    }
    Ok(match (primary, secondary) {
        (None, None) => DeviceFormat::Nothing,
        (Some(Ok(first)), Some(Ok(second))) => {
            use std::cmp::Ordering as O;
            match first.binary.sequence.cmp(&second.binary.sequence) {
                O::Equal => first.header(HeaderCopy::Good, HeaderCopy::Good),
                O::Greater => first.header(HeaderCopy::Good, HeaderCopy::Old),
                O::Less => second.header(HeaderCopy::Old, HeaderCopy::Good),
            }
        }
        (Some(Ok(first)), _) => first.header(HeaderCopy::Good, HeaderCopy::Damaged),
        (_, Some(Ok(second))) => second.header(HeaderCopy::Damaged, HeaderCopy::Good),
        (Some(Err(why)), _) | (None, Some(Err(why))) => DeviceFormat::Damaged(why),
    })
}

/// Reads the UUID from the first bytes of a header that may be damaged after them. LUKS1 and LUKS2
/// have it at the same offset. `None` if there is no header or no valid UUID.
///
/// # Errors
/// The I/O error of the device.
pub fn named_uuid(device: &(impl ReadAt + ?Sized)) -> io::Result<Option<String>> {
    let first = device.read_at(0, binary::SIZE)?;
    let named = first.get(168..208).filter(|_| first.starts_with(binary::MAGIC));
    let named = named.map(binary::read_text).and_then(|text| uuid::Uuid::parse_str(&text).ok());
    Ok(named.map(|uuid| uuid.to_string()))
}

/// An intact copy.
struct IntactHeader {
    binary: BinaryHeader,
    metadata: LuksMetadata,
    json: serde_json::Value,
}

impl IntactHeader {
    fn header(self, primary: HeaderCopy, secondary: HeaderCopy) -> DeviceFormat {
        let IntactHeader { binary, metadata, json } = self;
        let BinaryHeader { uuid, label, subsystem, sequence, size, .. } = binary;
        DeviceFormat::Luks2(Box::new(Header {
            uuid,
            label,
            subsystem,
            sequence,
            size,
            primary,
            secondary,
            metadata,
            json,
        }))
    }
}

/// Parses the copy at `offset` that begins with `bytes`. `None` without a magic number; an error
/// message if the copy is damaged.
fn copy(
    device: &(impl ReadAt + ?Sized),
    bytes: &[u8],
    place: HeaderPosition,
    offset: u64,
) -> io::Result<Option<Result<IntactHeader, String>>> {
    let Some(binary) = BinaryHeader::read(bytes, place, offset) else { return Ok(None) };
    let binary = match binary {
        Ok(binary) => binary,
        Err(why) => return Ok(Some(Err(why))),
    };
    let size = usize::try_from(binary.size).unwrap_or(usize::MAX);
    let all = device.read_at(offset, size)?;
    Ok(Some(whole(binary, &all)))
}

fn whole(binary: BinaryHeader, all: &[u8]) -> Result<IntactHeader, String> {
    binary.check(all)?;
    let (metadata, json) = metadata::read(&all[binary::SIZE..], &binary)?;
    Ok(IntactHeader { binary, metadata, json })
}

fn luks1(first: &[u8]) -> Option<DeviceFormat> {
    // magic (6), version (2), cipher (32), mode (32), hash (32), data offset (4), key bytes (4), …,
    // UUID at 168
    let version = first.get(6..8)?;
    if !first.starts_with(binary::MAGIC) || version != [0, 1] {
        return None;
    }
    let text = |from: usize, length: usize| first.get(from..from + length).map(binary::read_text);
    let key_bytes = first.get(108..112)?;
    let key_bytes = u32::from_be_bytes(key_bytes.try_into().ok()?);
    Some(DeviceFormat::Luks1 {
        uuid: text(168, 40)?,
        cipher: format!("{}-{}", text(8, 32)?, text(40, 32)?),
        key_bits: u64::from(key_bytes) * 8,
    })
}
