//! The kernel's device mapper, without which no encrypted volume opens.

use std::path::Path;

use crate::files;

/// Whether the device mapper's control node is there (`/dev/mapper/control`).
#[must_use]
pub fn is_there() -> bool {
    files::exists(Path::new("/dev/mapper/control"))
}
