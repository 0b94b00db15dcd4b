//! The bytes of a device, or of a file that stands for one; for reading alone.

use std::io;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files;
use crate::volume::luks::ReadAt;

/// A device that is open for reading.
#[derive(Debug)]
pub struct Device(files::Device);

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read, exit 2 when it is neither a block device nor a file.
    pub fn open(path: &Path) -> Result<Self> {
        files::Device::open(path).map(Device)
    }

    /// Which device it is, as the kernel counts them: major and minor number. None for a file.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        self.0.number()
    }
}

impl ReadAt for Device {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.0.read_at(offset, length)
    }
}

/// What it means that a device could not be read: not that there is nothing on it.
#[must_use]
pub fn unreadable(name: &str, error: io::Error) -> Error {
    Error::failed("device-unreadable", format!("{name} cannot be read"))
        .because(error)
        .hint("what is on it is not known; look at the kernel's log: dmesg")
}
