//! What the kernel tells of a block device: `/sys/dev/block/MAJOR:MINOR` (sysfs(5)).

use std::path::{Path, PathBuf};

use crate::error::{Code, Result};
use crate::files;

/// More than any attribute has.
const MAX_ATTRIBUTE: usize = 64 * 1024;

/// Where it tells of the device of this number.
#[must_use]
pub fn place((major, minor): (u32, u32)) -> PathBuf {
    PathBuf::from(format!("/sys/dev/block/{major}:{minor}"))
}

/// What an attribute says; nothing where there is none, or an empty one.
#[must_use]
pub fn attribute(place: &Path, name: &str) -> Option<String> {
    let text = files::read(&place.join(name), MAX_ATTRIBUTE).ok()?;
    let text = String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned();
    (!text.is_empty()).then_some(text)
}

/// As [`attribute`], where doubt must not be taken for absence.
///
/// # Errors
/// Exit 3 when it is there, and cannot be read.
pub fn read_attribute(place: &Path, name: &str) -> Result<Option<String>> {
    match files::read(&place.join(name), MAX_ATTRIBUTE) {
        Err(error) if error.code() == Code::FileMissing => Ok(None),
        Err(error) => Err(error),
        Ok(_) => Ok(attribute(place, name)),
    }
}

/// Whether the device that is told of here takes no reads or writes any more: it was removed, or
/// the kernel gave it up (SCSI: `state` `offline`; NVMe: `dead`).
#[must_use]
pub fn is_gone(place: &Path) -> bool {
    const STATES: [&str; 4] = ["offline", "transport-offline", "dead", "deleting"];
    let state = attribute(place, "device/state");
    !files::exists(place) || state.is_some_and(|state| STATES.contains(&state.as_str()))
}

/// Major and minor number of the device that is told of here.
#[must_use]
pub fn number(place: &Path) -> Option<(u32, u32)> {
    let text = attribute(place, "dev")?;
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Its node: `/dev/sdb`.
#[must_use]
pub fn node(place: &Path) -> Option<String> {
    let told = attribute(place, "uevent")?;
    let name = told.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    Some(format!("/dev/{name}"))
}

/// Whether this is a partition that begins where its disk does. No table of ours has one; but some
/// kernels find one in the header of a volume, of which the sum of the bytes happens to be right
/// (PowerTec's of Acorn, of eight bits: `block/partitions/acorn.c`).
#[must_use]
pub fn is_its_disk(place: &Path) -> bool {
    attribute(place, "partition").is_some() && attribute(place, "start").as_deref() == Some("0")
}
