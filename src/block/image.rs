//! A copy of a header, as a backup holds it and `cryptsetup luksHeaderRestore` accepts it.
//!
//! It has the bytes from the beginning of the device up to the end of the key slots, like a file of
//! `cryptsetup luksHeaderBackup`, with one difference: the unused space, in which cryptsetup leaves
//! random bytes, is zero here. So 16 MiB shrink to a few hundred KiB with gzip, and fit into a
//! Secret. With the key, the copy unlocks the volume; without the key, it is useless.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::luks::{self, DeviceFormat, Header, ReadAt};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::sha256_hex;
use crate::shell::{CommandLine, Placeholder};

/// Bytes of the largest header: two copies of 4 MiB, and 128 MiB of key slots.
const MAX_SIZE: u64 = 136 * 1024 * 1024;

/// Bytes of key slots that fit into a Secret, which may hold 1 MiB, beside everything else.
const MAX_SLOTS_SIZE: u64 = 960 * 1024;

/// Refuses a header whose copy does not fit into a Secret, now or with one more slot.
///
/// # Errors
/// Exit 4 `too-many-slots`.
pub fn check_fits(header: &Header, one_more: bool) -> Result<()> {
    let sizes: Vec<u64> = header.metadata.areas().map(|(_, size)| size).collect();
    let more = if one_more { sizes.iter().max().copied().unwrap_or_default() } else { 0 };
    if sizes.iter().sum::<u64>() + more <= MAX_SLOTS_SIZE {
        return Ok(());
    }
    let with = if one_more { " and a new one" } else { "" };
    let message = format!(
        "the volume {} has {} key slots; a copy of its header with these{with} does not fit into a \
         Secret",
        header.uuid,
        sizes.len()
    );
    Err(Error::refused(Code::TooManySlots, message)
        .hint((
            "see the slots; ccx-sec needs only those that it made",
            CommandLine::ccx_sec("volume status").argument(Placeholder("ID")),
        ))
        .hint((
            "wipe a slot that nobody needs",
            CommandLine::other("cryptsetup", "luksKillSlot")
                .argument(Placeholder("DEVICE"))
                .argument(Placeholder("SLOT")),
        )))
}

/// A copy of a header.
#[derive(Clone, PartialEq)]
pub struct Image {
    bytes: Vec<u8>,
    header: Header,
}

impl Image {
    /// Copies the header of a device; `name` is for error messages.
    ///
    /// # Errors
    /// Exit 3 when the header is missing or damaged, a reencryption is pending, or the device cannot
    /// be read.
    pub fn take(device: &(impl ReadAt + ?Sized), name: &str) -> Result<Self> {
        let unreadable = |error| super::device::unreadable(name, error);
        let header = whole(luks::read(device).map_err(unreadable)?, name)?;
        let mut bytes = area(device, &header, name)?;
        blank_unused(&mut bytes, &header);
        Ok(Image { bytes, header })
    }

    /// Builds the header that finalizes a reencryption that is [over](luks::ReencryptionState::Over)
    /// but that cryptsetup did not finalize. It is to overwrite the header of the device, which
    /// `header` is.
    ///
    /// # Errors
    /// Exit 3 when the device cannot be read, or its header changed in the meantime.
    pub fn ended(device: &(impl ReadAt + ?Sized), header: &Header, name: &str) -> Result<Self> {
        let unreadable = |error| super::device::unreadable(name, error);
        let mut bytes = area(device, header, name)?;
        let copies = luks::ended(bytes.as_slice(), header).map_err(unreadable)?;
        bytes[..copies.len()].copy_from_slice(&copies);
        let header = whole(luks::read(bytes.as_slice()).map_err(unreadable)?, name)?;
        blank_unused(&mut bytes, &header);
        Ok(Image { bytes, header })
    }

    /// Compresses the copy, for the store.
    ///
    /// # Errors
    /// Exit 3 when memory runs out.
    pub fn pack(&self) -> Result<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(&self.bytes).and_then(|()| packer.finish());
        packed.map_err(|error| {
            Error::failed(Code::HeaderPack, "cannot compress the header").because(error)
        })
    }

    /// Parses the output of [`Image::pack`]; `name` is for error messages.
    ///
    /// # Errors
    /// Exit 3 when it is damaged or something else.
    pub fn unpack(packed: &[u8], name: &str) -> Result<Self> {
        let mut bytes = Vec::new();
        let unpacked = GzDecoder::new(packed).take(MAX_SIZE + 1).read_to_end(&mut bytes);
        unpacked.map_err(|error| damaged(name, "it cannot be decompressed").because(error))?;
        let found =
            luks::read(bytes.as_slice()).map_err(|error| damaged(name, "").because(error))?;
        let header = whole(found, name)?;
        if header.length() != bytes.len() as u64 {
            return Err(damaged(name, "its length differs from the one in its metadata"));
        }
        Ok(Image { bytes, header })
    }

    /// The parsed header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of the uncompressed copy, in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }

    /// The uncompressed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The two redundant copies of the metadata that every header has, the first and the second.
    #[must_use]
    pub fn copies(&self) -> [&[u8]; 2] {
        let size = usize::try_from(self.header.size).unwrap_or(usize::MAX);
        [&self.bytes[..size], &self.bytes[size..2 * size]]
    }

    /// Writes the copy to a file in memory, which a program can read and which never reaches a disk.
    ///
    /// # Errors
    /// Exit 3 when memory runs out.
    pub fn in_memory(&self) -> Result<OwnedFd> {
        files::in_memory("luks-header", &self.bytes).map_err(|error| {
            Error::failed(Code::Memory, "not enough memory for the header").because(error)
        })
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.header.uuid, self.bytes.len())
    }
}

/// Reads a device up to the end of its key slots, if it still has this header.
fn area(device: &(impl ReadAt + ?Sized), header: &Header, name: &str) -> Result<Vec<u8>> {
    let length = usize::try_from(header.length().min(MAX_SIZE)).unwrap_or(usize::MAX);
    let bytes = device.read_at(0, length).map_err(|e| super::device::unreadable(name, e))?;
    if bytes.len() < length {
        return Err(damaged(name, "it ends before its key slots"));
    }
    // Another program may have changed the header since it was read.
    match luks::read(bytes.as_slice()) {
        Ok(DeviceFormat::Luks2(again)) if *again == *header => Ok(bytes),
        _ => Err(damaged(name, "it changed while it was read").hint("retry")),
    }
}

/// Accepts a header with two good copies and no reencryption.
fn whole(found: DeviceFormat, name: &str) -> Result<Header> {
    match found {
        DeviceFormat::Luks2(header) if header.metadata.is_reencrypted() => {
            let message = format!("a reencryption of {name} is under way or was interrupted");
            Err(Error::failed(Code::ReencryptionPending, message).hint((
                "finish it first",
                CommandLine::ccx_sec("volume resume").argument(Placeholder("ID")),
            )))
        }
        DeviceFormat::Luks2(header) if !header.is_whole() => {
            Err(damaged(name, "one of its two copies is damaged").hint((
                "opening the volume repairs it; or run",
                CommandLine::other("cryptsetup", "repair").argument(name),
            )))
        }
        DeviceFormat::Luks2(header) => Ok(*header),
        DeviceFormat::Luks1 { .. } => Err(damaged(name, "it is a LUKS1 header")),
        DeviceFormat::Damaged(why) => Err(damaged(name, &why)),
        DeviceFormat::Nothing => Err(damaged(name, "there is no header")),
    }
}

fn damaged(name: &str, why: &str) -> Error {
    Error::failed(Code::HeaderDamaged, format!("the LUKS2 header of {name} cannot be used: {why}"))
}

/// Fills with zeros the space after the metadata that no key slot uses.
fn blank_unused(bytes: &mut [u8], header: &Header) {
    let mut used: Vec<(u64, u64)> = header.metadata.areas().collect();
    used.sort_unstable();
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let (mut from, end) = (at(2 * header.size), bytes.len());
    for (offset, size) in used.into_iter().chain([(end as u64, 0)]) {
        let to = at(offset).min(end);
        if from < to {
            bytes[from..to].fill(0);
        }
        from = from.max(at(offset.saturating_add(size)));
    }
}
