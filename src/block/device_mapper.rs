//! The kernel's device mapper, which opens encrypted volumes.

use std::path::Path;

use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// Opens the device mapper's control node (`/dev/mapper/control`), as dmsetup(8) does: the node
/// may exist although the kernel has no driver for it.
///
/// # Errors
/// Exit 3 when the node cannot be opened.
pub fn check() -> Result<()> {
    files::check_opens(Path::new("/dev/mapper/control"))
}

/// Refuses a machine on which no volume can be opened.
///
/// # Errors
/// Exit 3 `device-mapper-missing`.
pub fn require() -> Result<()> {
    check().map_err(|error| {
        let message = "no volume can be opened here: the kernel's device mapper is missing";
        Error::failed(Code::DeviceMapperMissing, message)
            .because(error)
            .hint(("load it", CommandLine::other("modprobe", "-a dm_mod dm_crypt")))
            .hint("in a container, run as root with the host's /dev/mapper")
    })
}
