//! The attributes of a block device in `/sys/dev/block/MAJOR:MINOR` (sysfs(5)).

use std::path::{Path, PathBuf};

use crate::error::{Code, Result};
use crate::files;

/// More bytes than any attribute has.
const MAX_ATTRIBUTE: usize = 64 * 1024;

/// The sysfs directory of a device, by its major and minor number.
#[must_use]
pub fn place((major, minor): (u32, u32)) -> PathBuf {
    PathBuf::from(format!("/sys/dev/block/{major}:{minor}"))
}

/// Reads an attribute; `None` if it is missing, empty or unreadable.
#[must_use]
pub fn attribute(place: &Path, name: &str) -> Option<String> {
    let text = files::read(&place.join(name), MAX_ATTRIBUTE).ok()?;
    let text = String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned();
    (!text.is_empty()).then_some(text)
}

/// Reads an attribute, for callers that must tell an unreadable one from a missing one.
///
/// # Errors
/// Exit 3 when it exists and cannot be read.
pub fn read_attribute(place: &Path, name: &str) -> Result<Option<String>> {
    match files::read(&place.join(name), MAX_ATTRIBUTE) {
        Err(error) if error.code() == Code::FileMissing => Ok(None),
        Err(error) => Err(error),
        Ok(_) => Ok(attribute(place, name)),
    }
}

/// Returns whether the device was removed, or the kernel gave it up (SCSI `state`: `offline`; NVMe:
/// `dead`), so that all reads and writes fail.
#[must_use]
pub fn is_gone(place: &Path) -> bool {
    const STATES: [&str; 4] = ["offline", "transport-offline", "dead", "deleting"];
    let state = attribute(place, "device/state");
    !files::exists(place) || state.is_some_and(|state| STATES.contains(&state.as_str()))
}

/// Returns the major and minor number of the device.
#[must_use]
pub fn number(place: &Path) -> Option<(u32, u32)> {
    let text = attribute(place, "dev")?;
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns the device node, such as `/dev/sdb`.
#[must_use]
pub fn node(place: &Path) -> Option<String> {
    let told = attribute(place, "uevent")?;
    let name = told.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    Some(format!("/dev/{name}"))
}

/// Returns whether this is a partition that begins where its disk does. No partition table in use has
/// one. But some kernels take the header of a volume for an Acorn PowerTec table, whose checksum of
/// eight bits fits by chance (`block/partitions/acorn.c`).
#[must_use]
pub fn is_its_disk(place: &Path) -> bool {
    attribute(place, "partition").is_some() && attribute(place, "start").as_deref() == Some("0")
}
