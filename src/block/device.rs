//! Reads the bytes of a device, or of a file that stands for one.

use std::io;

use crate::block::luks::ReadAt;
use crate::error::{Code, Error};
pub(crate) use crate::files::{AlignedBuffer, Device};

impl ReadAt for Device {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        Device::read_at(self, offset, length)
    }
}

/// The error for a device that cannot be read, which must not be taken for a blank one.
#[must_use]
pub fn unreadable(name: &str, error: io::Error) -> Error {
    Error::failed(Code::DeviceUnreadable, format!("{name} cannot be read"))
        .because(error)
        .hint("its contents are unknown; read the kernel log: dmesg")
}
