//! The bytes of a device, or of a file that stands for one; for reading alone.

use std::io;

use crate::block::luks::ReadAt;
use crate::error::{Code, Error};
pub use crate::files::{AlignedBuffer, Device};

impl ReadAt for Device {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        Device::read_at(self, offset, length)
    }
}

/// What it means that a device could not be read: not that there is nothing on it.
#[must_use]
pub fn unreadable(name: &str, error: io::Error) -> Error {
    Error::failed(Code::DeviceUnreadable, format!("{name} cannot be read"))
        .because(error)
        .hint("what is on it is not known; look at the kernel's log: dmesg")
}
