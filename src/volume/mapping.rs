//! Volumes that are open: the kernel's mappings, and on what they lie (sysfs, `dm/uuid`).

use std::path::{Path, PathBuf};

use super::sysfs;
use crate::error::Result;
use crate::files;

/// A volume that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its name: `/dev/mapper/NAME`.
    pub name: String,
    /// Its number, major and minor.
    pub number: (u32, u32),
    /// The devices that it lies on, below what cryptsetup puts in between while it encrypts it anew.
    pub below: Vec<(u32, u32)>,
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

/// The mappings of a volume, by the UUID of its header; one, as a rule.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn of_volume(uuid: &str) -> Result<Vec<Mapping>> {
    let prefix = format!("CRYPT-LUKS2-{}-", uuid.replace('-', ""));
    find(|uuid, _| uuid.starts_with(&prefix))
}

/// The mapping of that name, whatever it is; nothing where there is none.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn named(name: &str) -> Result<Option<Mapping>> {
    Ok(find(|_, other| other == name)?.pop())
}

/// The mappings that cryptsetup puts below an open volume while it encrypts it anew.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn of_reencryption(name: &str) -> Result<Vec<Mapping>> {
    find(|_, other| other == name || is_part(name, other))
}

/// Whether cryptsetup names a part of this mapping so.
fn is_part(name: &str, part: &str) -> bool {
    let rest = part.strip_prefix(name);
    rest.is_some_and(|rest| ["-hotzone-forward", "-hotzone-backward", "-overlay"].contains(&rest))
}

fn find(is_meant: impl Fn(&str, &str) -> bool) -> Result<Vec<Mapping>> {
    let devices = Path::new("/sys/block");
    let mut found = Vec::new();
    for device in files::names(devices)? {
        let place = devices.join(&device);
        let Some(uuid) = sysfs::attribute(&place, "dm/uuid") else { continue };
        let name = sysfs::attribute(&place, "dm/name").unwrap_or_default();
        let (true, Some(number)) = (is_meant(&uuid, &name), sysfs::number(&place)) else {
            continue;
        };
        let below = below(&place, &name)?;
        let is_read_only = sysfs::attribute(&place, "ro").as_deref() == Some("1");
        let is_suspended = sysfs::attribute(&place, "dm/suspended").as_deref() == Some("1");
        found.push(Mapping { name, number, below, is_read_only, is_suspended });
    }
    Ok(found)
}

fn below(place: &Path, name: &str) -> Result<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    let slaves = place.join("slaves");
    for slave in files::names(&slaves)? {
        let slave = slaves.join(slave);
        let is_part = sysfs::attribute(&slave, "dm/name").is_some_and(|part| is_part(name, &part));
        found.extend(if is_part {
            below(&slave, name)?
        } else {
            sysfs::number(&slave).into_iter().collect()
        });
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
