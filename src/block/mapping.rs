//! Volumes that are open: the kernel's mappings, and on what they lie (sysfs, `dm/uuid`).

use std::path::{Path, PathBuf};

use super::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// A volume that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its name: `/dev/mapper/NAME`.
    pub name: String,
    /// Its number, major and minor.
    pub number: (u32, u32),
    /// The devices that it lies on, below what cryptsetup puts in between while it encrypts it anew.
    pub below: Vec<(u32, u32)>,
    /// Whether a device that it lies on is gone: the kernel keeps the mapping, and gives errors.
    pub is_lost: bool,
    /// Whether nothing can be written to it.
    pub is_read_only: bool,
    /// Whether what reads or writes it waits.
    pub is_suspended: bool,
}

impl Mapping {
    /// Its node.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new("/dev/mapper").join(&self.name)
    }
}

/// The mappings of a volume, by the UUID of its header; one, as a rule. `is_other` tells which names
/// are those of other volumes.
///
/// # Errors
/// Exit 3 when the kernel does not tell; not where a mapping is unreadable that by its name is
/// another volume's.
pub fn of_volume(uuid: &str, is_other: impl Fn(&str) -> bool) -> Result<Vec<Mapping>> {
    let prefix = format!("CRYPT-LUKS2-{}-", uuid.replace('-', ""));
    find_mapping(|uuid, _| uuid.starts_with(&prefix), |name| !is_other(name))
}

/// The mapping of that name, whatever it is; nothing where there is none.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn named(name: &str) -> Result<Option<Mapping>> {
    Ok(find_mapping(|_, other| other == name, |other| other == name)?.pop())
}

/// The mappings that cryptsetup puts below an open volume while it encrypts it anew.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn of_reencryption(name: &str) -> Result<Vec<Mapping>> {
    let is_meant = |other: &str| other == name || is_part(name, other);
    find_mapping(|_, other| is_meant(other), is_meant)
}

/// Whether cryptsetup names a part of this mapping so.
fn is_part(name: &str, part: &str) -> bool {
    let rest = part.strip_prefix(name);
    rest.is_some_and(|rest| ["-hotzone-forward", "-hotzone-backward", "-overlay"].contains(&rest))
}

/// The mappings whose UUID and name are meant. Where one of those that may be meant cannot be read,
/// and none is found, that none is there is not known.
fn find_mapping(
    is_meant: impl Fn(&str, &str) -> bool,
    may_be_meant: impl Fn(&str) -> bool,
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
                doubt = Some((device, error)).filter(|_| may_be_meant(&name)).or(doubt);
                continue;
            }
        };
        let (true, Some(number)) = (is_meant(&uuid, &name), sysfs::number(&place)) else {
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
        // It may be the one that is looked for.
        Some((device, error)) if found.is_empty() => {
            let message = format!("the kernel does not tell what the mapping /dev/{device} is");
            Err(Error::failed(Code::MappingUnreadable, message)
                .because(error)
                .hint(("look at it", CommandLine::other("dmsetup", "info").argument(device))))
        }
        _ => Ok(found),
    }
}

/// What a mapping lies on.
#[derive(Default)]
struct MappingDevices {
    devices: Vec<(u32, u32)>,
    /// Whether one of them is gone.
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
