//! A copy of a header: what a backup holds, and what `cryptsetup luksHeaderRestore` takes.
//!
//! It is the device from its first byte up to the end of the key slots, as
//! `cryptsetup luksHeaderBackup` has it, but for one thing: where no key slot is, cryptsetup
//! leaves random bytes, and here are zeros. So 16 MiB become a few hundred KiB when packed
//! (gzip), and fit into a Secret. Whoever has the key opens the volume with it; without the key
//! it tells nothing.

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

/// More than any header has: two copies of 4 MiB, and 128 MiB of key slots.
const MAX_SIZE: u64 = 136 * 1024 * 1024;

/// Bytes of key slots for which a Secret has room beside all else: it may hold 1 MiB.
const ROOM: u64 = 960 * 1024;

/// Refuses a header of which a copy does not fit into a Secret, or would not with one slot more.
///
/// # Errors
/// Exit 4.
pub fn check_fits(header: &Header, one_more: bool) -> Result<()> {
    let sizes: Vec<u64> = header.metadata.areas().map(|(_, size)| size).collect();
    let more = if one_more { sizes.iter().max().copied().unwrap_or_default() } else { 0 };
    if sizes.iter().sum::<u64>() + more <= ROOM {
        return Ok(());
    }
    let with = if one_more { " and a new one" } else { "" };
    let message = format!(
        "the volume {} has {} key slots: a copy of its header with these{with} does not fit into a \
         Secret",
        header.uuid,
        sizes.len()
    );
    Err(Error::refused(Code::TooManySlots, message)
        .hint((
            "see the slots; ccx-sec uses none that it did not make",
            CommandLine::ccx_sec("volume status").argument(Placeholder("ID")),
        ))
        .hint((
            "wipe one that nobody needs",
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
    /// Takes it from a device; `name` is for people.
    ///
    /// # Errors
    /// Exit 3 when there is no whole header, the volume is being encrypted anew, or the device
    /// cannot be read.
    pub fn take(device: &(impl ReadAt + ?Sized), name: &str) -> Result<Self> {
        let unreadable = |error| super::device::unreadable(name, error);
        let header = whole(luks::read(device).map_err(unreadable)?, name)?;
        let mut bytes = area(device, &header, name)?;
        blank_unused(&mut bytes, &header);
        Ok(Image { bytes, header })
    }

    /// The header at the end of a reencryption that is [over](luks::ReencryptionState::Over), and of
    /// which cryptsetup left the rest undone: to be written over that of the device. `header` is
    /// what was read from there.
    ///
    /// # Errors
    /// Exit 3 when the device cannot be read, or has another header by now.
    pub fn ended(device: &(impl ReadAt + ?Sized), header: &Header, name: &str) -> Result<Self> {
        let unreadable = |error| super::device::unreadable(name, error);
        let mut bytes = area(device, header, name)?;
        let copies = luks::ended(bytes.as_slice(), header).map_err(unreadable)?;
        bytes[..copies.len()].copy_from_slice(&copies);
        let header = whole(luks::read(bytes.as_slice()).map_err(unreadable)?, name)?;
        blank_unused(&mut bytes, &header);
        Ok(Image { bytes, header })
    }

    /// Packed, for the store.
    ///
    /// # Errors
    /// Exit 3, where memory fails.
    pub fn pack(&self) -> Result<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packer.write_all(&self.bytes).and_then(|()| packer.finish());
        packed.map_err(|error| {
            Error::failed(Code::HeaderPack, "the header cannot be packed").because(error)
        })
    }

    /// What [`Image::pack`] gave; `name` is for people.
    ///
    /// # Errors
    /// Exit 3 when that is something else, or damaged.
    pub fn unpack(packed: &[u8], name: &str) -> Result<Self> {
        let mut bytes = Vec::new();
        let unpacked = GzDecoder::new(packed).take(MAX_SIZE + 1).read_to_end(&mut bytes);
        unpacked.map_err(|error| damaged(name, "it cannot be unpacked").because(error))?;
        let found =
            luks::read(bytes.as_slice()).map_err(|error| damaged(name, "").because(error))?;
        let header = whole(found, name)?;
        if header.length() != bytes.len() as u64 {
            return Err(damaged(name, "it does not have the length that it says"));
        }
        Ok(Image { bytes, header })
    }

    /// What it says.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// SHA-256 of it, unpacked, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }

    /// Bytes, unpacked.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The two copies in it, the first and the second; the second lies right behind the first.
    #[must_use]
    pub fn copies(&self) -> [&[u8]; 2] {
        let size = usize::try_from(self.header.size).unwrap_or(usize::MAX);
        [&self.bytes[..size], &self.bytes[size..2 * size]]
    }

    /// As a file in memory, for a program to read; nothing of it reaches a disk.
    ///
    /// # Errors
    /// Exit 3, where memory fails.
    pub fn in_memory(&self) -> Result<OwnedFd> {
        files::in_memory("luks-header", &self.bytes).map_err(|error| {
            Error::failed(Code::Memory, "there is no memory for the header").because(error)
        })
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.header.uuid, self.bytes.len())
    }
}

/// The device up to the end of its key slots, if it still has this header.
fn area(device: &(impl ReadAt + ?Sized), header: &Header, name: &str) -> Result<Vec<u8>> {
    let length = usize::try_from(header.length().min(MAX_SIZE)).unwrap_or(usize::MAX);
    let bytes = device.read_at(0, length).map_err(|e| super::device::unreadable(name, e))?;
    if bytes.len() < length {
        return Err(damaged(name, "it ends before its key slots do"));
    }
    // What was read twice must be the same: somebody may have changed it meanwhile.
    match luks::read(bytes.as_slice()) {
        Ok(DeviceFormat::Luks2(again)) if *again == *header => Ok(bytes),
        _ => Err(damaged(name, "it changed while it was read").hint("try again")),
    }
}

/// The header, if all of it is there and stays as it is.
fn whole(found: DeviceFormat, name: &str) -> Result<Header> {
    match found {
        DeviceFormat::Luks2(header) if header.metadata.is_reencrypted() => {
            let message = format!("{name} is being encrypted anew, or that was broken off");
            Err(Error::failed(Code::ReencryptionPending, message).hint((
                "carry it to its end first",
                CommandLine::ccx_sec("volume resume").argument(Placeholder("ID")),
            )))
        }
        DeviceFormat::Luks2(header) if !header.is_whole() => {
            Err(damaged(name, "one of its two copies is not whole").hint((
                "opening the volume mends it; or this",
                CommandLine::other("cryptsetup", "repair").argument(name),
            )))
        }
        DeviceFormat::Luks2(header) => Ok(*header),
        DeviceFormat::Luks1 { .. } => Err(damaged(name, "it is of LUKS1")),
        DeviceFormat::Damaged(why) => Err(damaged(name, &why)),
        DeviceFormat::Nothing => Err(damaged(name, "there is none")),
    }
}

fn damaged(name: &str, why: &str) -> Error {
    Error::failed(Code::HeaderDamaged, format!("the LUKS2 header of {name} cannot be used: {why}"))
}

/// Zeros where no key slot is: from the end of the two copies on.
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
