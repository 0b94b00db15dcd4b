//! The header of a LUKS volume, read natively: no program is started for it ("LUKS2 On-Disk
//! Format Specification", 1.1; LUKS1 specification, 1.2.3). PURE: where the bytes come from is
//! another matter.
//!
//! ```text
//! mod           what is there: LUKS1, LUKS2, damage, or nothing
//! binary        the first 4096 bytes of each of the two copies
//! metadata      the JSON behind them
//! reencryption  how far one is, and the header after its end
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

/// Bytes at an offset: a device, a file, a slice.
pub trait ReadAt {
    /// Up to `length` bytes from `offset` on; fewer at the end.
    ///
    /// # Errors
    /// What the device says.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(length).min(self.len());
        Ok(self[start..end].to_vec())
    }
}

/// What a device begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceFormat {
    /// No header of LUKS.
    Nothing,
    /// LUKS1, which is not what this service uses.
    Luks1 {
        /// Its UUID.
        uuid: String,
        /// As cryptsetup writes it: `aes-xts-plain64`.
        cipher: String,
        /// Bits.
        key_bits: u64,
    },
    /// LUKS2, and a copy of its header that is whole.
    Luks2(Box<Header>),
    /// There is a header, and none of its copies is whole; for this reason.
    Damaged(String),
}

/// A header of LUKS2.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The UUID of the volume.
    pub uuid: String,
    /// Its label; empty where there is none.
    pub label: String,
    /// Its subsystem; empty where there is none.
    pub subsystem: String,
    /// How often the header was written.
    pub sequence: u64,
    /// Bytes of one copy, with its JSON.
    pub size: u64,
    /// How the first copy is.
    pub primary: HeaderCopy,
    /// How the second copy is.
    pub secondary: HeaderCopy,
    /// Key slots, segments, digests.
    pub metadata: LuksMetadata,
    /// The JSON as it stands there.
    pub json: serde_json::Value,
}

impl DeviceFormat {
    /// Whether it is the header of the volume with this UUID.
    #[must_use]
    pub fn is_of(&self, uuid: &str) -> bool {
        matches!(self, DeviceFormat::Luks2(header) if header.uuid == uuid)
    }
}

impl Header {
    /// Whether both of its copies are good.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        (self.primary, self.secondary) == (HeaderCopy::Good, HeaderCopy::Good)
    }

    /// Bytes from the beginning of the device up to the end of the key slots.
    #[must_use]
    pub fn length(&self) -> u64 {
        2 * self.size + self.metadata.areas_size()
    }

    /// Where the data begin, in bytes.
    #[must_use]
    pub fn data_offset(&self) -> u64 {
        let offsets = self.metadata.segments.values().map(|segment| segment.offset);
        offsets.min().unwrap_or_else(|| self.length())
    }

    /// The least bytes that a device with these data has, where a device of `size` bytes had them:
    /// up to the end of each segment. A dynamic one goes up to the end of the device.
    #[must_use]
    pub fn data_end(&self, size: u64) -> u64 {
        let ends = self.metadata.segments.values().map(|segment| match segment.size.parse() {
            Ok(length) => segment.offset.saturating_add(length),
            Err(_) => size,
        });
        ends.max().unwrap_or(size)
    }

    /// A fingerprint of the volume key; see [`LuksMetadata::key_digest`].
    #[must_use]
    pub fn key_digest(&self) -> Option<String> {
        self.metadata.key_digest(&self.json)
    }
}

/// How one of the two copies of a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderCopy {
    /// It is whole, and says what the other says.
    Good,
    /// It is whole, and older than the other.
    Old,
    /// It is not whole, or not there.
    Damaged,
}

/// Reads what is there.
///
/// # Errors
/// What the device says: that it could not be read is not that there is nothing.
pub fn read(device: &(impl ReadAt + ?Sized)) -> io::Result<DeviceFormat> {
    let first = device.read_at(0, binary::SIZE)?;
    if let Some(luks1) = luks1(&first) {
        return Ok(luks1);
    }
    if let Some(version) = binary::unknown_version(&first) {
        // Of a later format, the second copy may mean something else.
        return Ok(DeviceFormat::Damaged(format!("its version is {version}")));
    }
    let primary = copy(device, &first, HeaderPosition::Primary, 0)?;
    // The second copy lies behind the first; where that is damaged, at one of a few places.
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

/// The UUID that the first bytes of a header name, be it damaged behind them: that of LUKS1 and of
/// LUKS2 is in the same place. Nothing where they are no header, or that is no UUID.
///
/// # Errors
/// What the device says.
pub fn named_uuid(device: &(impl ReadAt + ?Sized)) -> io::Result<Option<String>> {
    let first = device.read_at(0, binary::SIZE)?;
    let named = first.get(168..208).filter(|_| first.starts_with(binary::MAGIC));
    let named = named.map(binary::read_text).and_then(|text| uuid::Uuid::parse_str(&text).ok());
    Ok(named.map(|uuid| uuid.to_string()))
}

/// A copy that is whole.
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

/// The copy at `offset`, of which `bytes` are the beginning; nothing where there is no sign
/// of one, and why it is not whole where it is not.
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
    // magic (6), version (2), cipher (32), its mode (32), hash (32), where the data begin (4),
    // bytes of the key (4), …, the UUID at 168
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
