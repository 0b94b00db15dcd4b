//! The kernel's device mapper, which opens encrypted volumes.

use std::path::Path;

use crate::error::Result;
use crate::files;

/// Opens the device mapper's control node (`/dev/mapper/control`), as dmsetup(8) does: the node
/// may be there where the kernel has no driver for it.
///
/// # Errors
/// Exit 3 when it cannot be opened.
pub fn check() -> Result<()> {
    files::check_opens(Path::new("/dev/mapper/control"))
}
