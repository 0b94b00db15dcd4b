//! Block devices, and files that stand for them; and files in memory.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{MemfdFlags, memfd_create};

use crate::error::{Error, Result};

/// A device that is open for reading.
#[derive(Debug)]
pub struct Device {
    file: File,
    number: Option<(u32, u32)>,
}

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read, exit 2 when it is neither a block device nor a file.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let (file, kind) = super::open(path, &name)?;
        let is_block = kind.file_type().is_block_device();
        if !is_block && !kind.is_file() {
            return Err(Error::usage("not-a-device", format!("{name} is no block device"))
                .hint("name the device, such as /dev/sdb or /dev/disk/by-id/…: lsblk"));
        }
        let number = is_block.then(|| number(kind.rdev()));
        Ok(Device { file, number })
    }

    /// Major and minor number; none for a file.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        self.number
    }

    /// Up to `length` bytes from `offset` on; fewer at the end.
    ///
    /// # Errors
    /// What the device says.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

/// What a device is for the kernel.
pub(super) fn number(device: u64) -> (u32, u32) {
    (rustix::fs::major(device), rustix::fs::minor(device))
}

/// A file in memory with these bytes, which a program can inherit; `name` is for people.
///
/// # Errors
/// What the system says.
pub fn in_memory(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    Ok(file.into())
}
