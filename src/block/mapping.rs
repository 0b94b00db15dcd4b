//! Mappings of open volumes, and the devices below them (sysfs, `dm/uuid`).

use std::path::{Path, PathBuf};

use super::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// A device-mapper mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The name below `/dev/mapper`.
    pub name: String,
    /// The major and minor number.
    pub number: (u32, u32),
    /// The devices below it; the mappings that a reencryption puts in between are skipped.
    pub below: Vec<(u32, u32)>,
    /// Whether a device below it was removed, so that accesses fail.
    pub is_lost: bool,
    /// Whether it is read-only.
    pub is_read_only: bool,
    /// Whether it is suspended, so that reads and writes wait.
    pub is_suspended: bool,
}

impl Mapping {
    /// The device node.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new("/dev/mapper").join(&self.name)
    }
}

/// Finds the mappings of a volume, usually one, by the UUID of its header. `is_other` returns whether a
/// name belongs to another volume.
///
/// # Errors
/// Exit 3 when sysfs cannot be read. An unreadable mapping whose name belongs to another volume is no
/// error.
pub fn of_volume(uuid: &str, is_other: impl Fn(&str) -> bool) -> Result<Vec<Mapping>> {
    let prefix = format!("CRYPT-LUKS2-{}-", uuid.replace('-', ""));
    find_mapping(|uuid, _| uuid.starts_with(&prefix), |name| !is_other(name))
}

/// Finds the mapping of that name, of whatever kind.
///
/// # Errors
/// Exit 3 when sysfs cannot be read.
pub fn named(name: &str) -> Result<Option<Mapping>> {
    Ok(find_mapping(|_, other| other == name, |other| other == name)?.pop())
}

/// Finds a mapping and those that cryptsetup puts below it during a reencryption.
///
/// # Errors
/// Exit 3 when sysfs cannot be read.
pub fn of_reencryption(name: &str) -> Result<Vec<Mapping>> {
    let is_match = |other: &str| other == name || is_part(name, other);
    find_mapping(|_, other| is_match(other), is_match)
}

/// Returns whether `part` is a name that cryptsetup gives to a part of the mapping.
fn is_part(name: &str, part: &str) -> bool {
    let rest = part.strip_prefix(name);
    rest.is_some_and(|rest| ["-hotzone-forward", "-hotzone-backward", "-overlay"].contains(&rest))
}

/// Finds the mappings whose UUID and name match. If none does, and one whose name may match cannot be
/// read, the result is an error and not an empty list.
fn find_mapping(
    is_match: impl Fn(&str, &str) -> bool,
    may_match: impl Fn(&str) -> bool,
) -> Result<Vec<Mapping>> {
    let devices = Path::new("/sys/block");
    let mut found = Vec::new();
    let mut doubt = None;
    for device in files::names(devices)? {
        let place = devices.join(&device);
        let name = sysfs::attribute(&place, "dm/name").unwrap_or_default();
        let uuid = match sysfs::read_attribute(&place, "dm/uuid") {
            Ok(Some(uuid)) => uuid,
            Ok(None) => continue,
            Err(error) => {
                doubt = Some((device, error)).filter(|_| may_match(&name)).or(doubt);
                continue;
            }
        };
        let (true, Some(number)) = (is_match(&uuid, &name), sysfs::number(&place)) else {
            continue;
        };
        let MappingDevices { devices: mut below, is_lost } = below(&place, &name)?;
        let is_lost = is_lost || below.is_empty();
        below.sort_unstable();
        below.dedup();
        let is_read_only = sysfs::attribute(&place, "ro").as_deref() == Some("1");
        let is_suspended = sysfs::attribute(&place, "dm/suspended").as_deref() == Some("1");
        found.push(Mapping { name, number, below, is_lost, is_read_only, is_suspended });
    }
    match doubt {
        // It may be the wanted one.
        Some((device, error)) if found.is_empty() => {
            let message = format!("cannot read the UUID of the mapping /dev/{device}");
            Err(Error::failed(Code::MappingUnreadable, message)
                .because(error)
                .hint(("inspect it", CommandLine::other("dmsetup", "info").argument(device))))
        }
        _ => Ok(found),
    }
}

/// The devices below a mapping.
#[derive(Default)]
struct MappingDevices {
    devices: Vec<(u32, u32)>,
    /// Whether one of them was removed.
    is_lost: bool,
}

fn below(place: &Path, name: &str) -> Result<MappingDevices> {
    let mut found = MappingDevices::default();
    let slaves = place.join("slaves");
    for slave in files::names(&slaves)? {
        let slave = slaves.join(slave);
        if sysfs::attribute(&slave, "dm/name").is_some_and(|part| is_part(name, &part)) {
            let part = below(&slave, name)?;
            found.devices.extend(part.devices);
            found.is_lost |= part.is_lost;
            continue;
        }
        let number = sysfs::number(&slave);
        found.is_lost |= number.is_none_or(|number| sysfs::is_gone(&sysfs::place(number)));
        found.devices.extend(number);
    }
    Ok(found)
}
