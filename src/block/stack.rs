//! Follows a path or a device down to its disks, through partitions, LVM, RAID, loop devices and
//! encryption, in sysfs (`/sys/dev/block/MAJOR:MINOR`), and judges whether all data are encrypted
//! with the required parameters.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::device::Device;
use super::luks::{self, DeviceFormat, HeaderCopy};
use super::mounts::{self, Mount};
use super::policy;
use super::reason::EncryptionReason;
use super::sysfs;
use crate::error::Result;
use crate::files;

/// More layers than anyone stacks; also ends a circle of loop devices.
const MAX_DEPTH: usize = 32;

/// Whether data are encrypted as required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionAnswer {
    /// Every device below is encrypted with the required parameters.
    Pass,
    /// It could not be determined.
    Unknown,
    /// At least one device is not.
    Fail,
}

/// The answer for one path or device, with the layers below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncryptionVerdict {
    /// The answer.
    pub verdict: EncryptionAnswer,
    /// Why it is not a pass; stable, for scripts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EncryptionReason>,
    /// The reason for people, without a full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The layers below it, from the top, as far as they were followed: `luks2 /dev/mapper/data`.
    pub layers: Vec<String>,
}

impl EncryptionVerdict {
    fn new(verdict: EncryptionAnswer, reason: EncryptionReason, message: String) -> Self {
        EncryptionVerdict {
            verdict,
            reason: Some(reason),
            message: Some(message),
            layers: Vec::new(),
        }
    }

    fn fail(reason: EncryptionReason, message: String) -> Self {
        EncryptionVerdict::new(EncryptionAnswer::Fail, reason, message)
    }

    fn unknown(reason: EncryptionReason, message: String) -> Self {
        EncryptionVerdict::new(EncryptionAnswer::Unknown, reason, message)
    }

    fn pass() -> Self {
        EncryptionVerdict {
            verdict: EncryptionAnswer::Pass,
            reason: None,
            message: None,
            layers: Vec::new(),
        }
    }

    fn below(mut self, layer: String) -> Self {
        self.layers.insert(0, layer);
        self
    }

    /// Returns the worse of two: `Fail`, then `Unknown`.
    fn worst(self, other: EncryptionVerdict) -> EncryptionVerdict {
        if other.verdict > self.verdict { other } else { self }
    }
}

/// The mounts and block devices of this machine.
#[derive(Debug)]
pub struct Machine {
    mounts: Vec<Mount>,
}

impl Machine {
    /// Reads the mounts.
    ///
    /// # Errors
    /// Exit 3 when `/proc/self/mountinfo` cannot be read.
    pub fn this() -> Result<Self> {
        Ok(Machine { mounts: mounts::all()? })
    }

    /// All mounts.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Judges the storage below a path. A block device also passes when its data are encrypted by a
    /// header of its own, even while it is closed.
    #[must_use]
    pub fn judge(&self, path: &Path) -> EncryptionVerdict {
        let verdict = self.path(path, 0);
        let is_device =
            matches!(files::device_numbers(path), Ok(Some(numbers)) if numbers.is.is_some());
        if !is_device || verdict.reason != Some(EncryptionReason::NotEncrypted) {
            return verdict;
        }
        let name = path.display().to_string();
        match header(&name) {
            Err(why) => EncryptionVerdict::unknown(EncryptionReason::Unreadable, why).below(name),
            Ok(DeviceFormat::Nothing) => verdict,
            // A file system that is made on such a device later overwrites the first copy.
            Ok(DeviceFormat::Luks2(header)) if header.primary != HeaderCopy::Good => verdict,
            Ok(found) => by_header(&name, &found).below(format!("header {name}")),
        }
    }

    fn path(&self, path: &Path, depth: usize) -> EncryptionVerdict {
        let shown = path.display();
        let numbers = match files::device_numbers(path) {
            Ok(Some(numbers)) => numbers,
            Ok(None) => {
                return EncryptionVerdict::unknown(
                    EncryptionReason::Missing,
                    format!("{shown} does not exist"),
                );
            }
            Err(error) => {
                return EncryptionVerdict::unknown(EncryptionReason::Unreadable, error.to_string());
            }
        };
        match numbers.is {
            Some(device) => self.device(device, depth),
            None => self.file_system(path, numbers.on, depth),
        }
    }

    /// Judges the file system that contains a path.
    fn file_system(&self, path: &Path, on: (u32, u32), depth: usize) -> EncryptionVerdict {
        if on.0 != 0 {
            return self.device(on, depth);
        }
        // The file system has no device number; its mount entry has the source.
        let Some(mount) = self.mounts.iter().rev().find(|mount| mount.device == on) else {
            // btrfs gives each subvolume a device number of its own.
            return match self.mount_of(path) {
                Some(mount) if mount.kind == "btrfs" => self.btrfs(mount, depth),
                _ => EncryptionVerdict::unknown(
                    EncryptionReason::NoDevice,
                    format!(
                        "{} is on a file system that the mount table does not list",
                        path.display()
                    ),
                ),
            };
        };
        let (kind, source) = (&mount.kind, &mount.source);
        match kind.as_str() {
            "btrfs" => return self.btrfs(mount, depth),
            "tmpfs" | "ramfs" | "devtmpfs" => {
                let message = format!("{} is in memory ({kind}), not on a volume", path.display());
                EncryptionVerdict::fail(EncryptionReason::NoVolume, message)
            }
            _ => {
                let what =
                    format!("{} is on {kind} ({source}), which names no device", path.display());
                EncryptionVerdict::unknown(EncryptionReason::NoDevice, what)
            }
        }
        .below(kind.clone())
    }

    /// Returns the mount points below a directory, which may be on other storage. File systems in
    /// memory, which keep nothing, are left out.
    #[must_use]
    pub fn mounted_below(&self, path: &Path) -> Vec<PathBuf> {
        let Ok(path) = path.canonicalize() else { return Vec::new() };
        let below = |mount: &&Mount| mount.point != path && mount.point.starts_with(&path);
        let found = self.mounts.iter().filter(below).filter(|mount| !mount.is_in_memory());
        found.map(|mount| mount.point.clone()).collect()
    }

    /// Returns the mount that contains a path.
    fn mount_of(&self, path: &Path) -> Option<&Mount> {
        let path = path.canonicalize().ok()?;
        let over = self.mounts.iter().filter(|mount| path.starts_with(&mount.point));
        over.max_by_key(|mount| mount.point.components().count())
    }

    /// Judges all devices of a btrfs.
    fn btrfs(&self, mount: &Mount, depth: usize) -> EncryptionVerdict {
        let unknown = || {
            let message =
                format!("the devices of the btrfs on {} are not in /sys", mount.point.display());
            EncryptionVerdict::unknown(EncryptionReason::NoDevice, message)
        };
        let systems = PathBuf::from("/sys/fs/btrfs");
        // By device number, because a device has several names (/dev/mapper/data, /dev/dm-1).
        let source = files::device_numbers(Path::new(&mount.source)).ok().flatten();
        let Some(device) = source.and_then(|numbers| numbers.is) else { return unknown() };
        for system in files::names(&systems).unwrap_or_default() {
            let devices = systems.join(system).join("devices");
            let members = files::names(&devices).unwrap_or_default();
            let numbers: Vec<_> =
                members.iter().map(|member| sysfs::number(&devices.join(member))).collect();
            if !numbers.contains(&Some(device)) {
                continue;
            }
            let judged = numbers.into_iter().map(|number| match number {
                Some(number) => self.device(number, depth + 1),
                None => unknown(),
            });
            let worst = judged.reduce(EncryptionVerdict::worst).unwrap_or_else(unknown);
            return worst.below(mount.kind.clone());
        }
        unknown()
    }

    /// Judges a block device and everything below it.
    fn device(&self, (major, minor): (u32, u32), depth: usize) -> EncryptionVerdict {
        let place = sysfs::place((major, minor));
        let name = sysfs::node(&place).unwrap_or_else(|| format!("{major}:{minor}"));
        if depth > MAX_DEPTH {
            return EncryptionVerdict::unknown(
                EncryptionReason::TooDeep,
                format!("{name} has more than {MAX_DEPTH} layers below it"),
            );
        }
        if !files::exists(&place) {
            let message = format!("the device {major}:{minor} is missing in /sys");
            return EncryptionVerdict::unknown(EncryptionReason::NoDevice, message);
        }
        let Some(below) = self.below(&place) else {
            let message = format!("/sys does not show the devices below {name}");
            return EncryptionVerdict::unknown(EncryptionReason::NoDevice, message);
        };
        if let Some(uuid) = sysfs::attribute(&place, "dm/uuid") {
            let mapping = sysfs::attribute(&place, "dm/name").unwrap_or_default();
            let name = format!("/dev/mapper/{mapping}");
            let kind = uuid.split('-').next().unwrap_or_default().to_lowercase();
            return match uuid.strip_prefix("CRYPT-") {
                Some(crypt) => self.crypt(crypt, &name, &below),
                None => {
                    self.all(&name, &below, depth).below(format!("{kind} {name}").trim().to_owned())
                }
            };
        }
        if let Some(level) = sysfs::attribute(&place, "md/level") {
            return self.all(&name, &below, depth).below(format!("{level} {name}"));
        }
        if let Some(file) = sysfs::attribute(&place, "loop/backing_file") {
            let file = PathBuf::from(file);
            return self.path(&file, depth + 1).below(format!("loop {name} ({})", file.display()));
        }
        if !below.is_empty() {
            return self.all(&name, &below, depth).below(name);
        }
        let message = format!("the data are on {name}, which is not encrypted");
        let kind = if files::exists(&place.join("partition")) { "partition" } else { "disk" };
        EncryptionVerdict::fail(EncryptionReason::NotEncrypted, message)
            .below(format!("{kind} {name}"))
    }

    fn all(&self, name: &str, below: &[(u32, u32)], depth: usize) -> EncryptionVerdict {
        let judged = below.iter().map(|device| self.device(*device, depth + 1));
        judged.reduce(EncryptionVerdict::worst).unwrap_or_else(|| {
            EncryptionVerdict::unknown(
                EncryptionReason::NoDevice,
                format!("/sys does not show the devices below {name}"),
            )
        })
    }

    /// Judges a dm-crypt mapping by the header on the device below it.
    fn crypt(&self, uuid: &str, name: &str, below: &[(u32, u32)]) -> EncryptionVerdict {
        let (kind, rest) = uuid.split_once('-').unwrap_or((uuid, ""));
        let verdict = match (kind, below) {
            ("LUKS2", [device]) => self.luks2(rest.split('-').next().unwrap_or_default(), *device),
            ("LUKS2", _) => EncryptionVerdict::unknown(
                EncryptionReason::NoDevice,
                format!("{name} does not have exactly one device below it"),
            ),
            ("LUKS1", _) => EncryptionVerdict::fail(
                EncryptionReason::Luks1,
                format!("{name} is LUKS1, not LUKS2"),
            ),
            _ => {
                let message =
                    format!("{name} is encrypted without LUKS2 ({})", kind.to_lowercase());
                EncryptionVerdict::fail(EncryptionReason::NotLuks2, message)
            }
        };
        verdict.below(format!("{} {name}", kind.to_lowercase()))
    }

    fn luks2(&self, uuid: &str, (major, minor): (u32, u32)) -> EncryptionVerdict {
        let place = sysfs::place((major, minor));
        // cryptsetup puts these mappings between a volume and the device with the header.
        match sysfs::attribute(&place, "dm/uuid").as_deref().unwrap_or_default() {
            helper if helper.starts_with("CRYPT-SUBDEV-") => {
                let message = "a reencryption is under way, so that a part of the data may be \
                               plaintext";
                return EncryptionVerdict::fail(
                    EncryptionReason::ReencryptionPending,
                    message.to_owned(),
                );
            }
            helper if helper.starts_with("CRYPT-INTEGRITY-") => {
                return match self.below(&place).as_deref() {
                    Some([device]) => self.luks2(uuid, *device),
                    _ => {
                        let message = "/sys does not show the device below its integrity layer";
                        EncryptionVerdict::unknown(EncryptionReason::NoDevice, message.to_owned())
                    }
                }
                .below("integrity".to_owned());
            }
            _ => {}
        }
        let Some(name) = sysfs::node(&place) else {
            let message = format!("the device {major}:{minor} has no name");
            return EncryptionVerdict::unknown(EncryptionReason::NoDevice, message);
        };
        let verdict = match header(&name) {
            Err(why) => EncryptionVerdict::unknown(EncryptionReason::Unreadable, why),
            Ok(found) => match by_header(&name, &found) {
                good if good.reason.is_none() && uuid_of(&found).replace('-', "") != uuid => {
                    let message = format!("the header on {name} is not that of the open volume");
                    EncryptionVerdict::fail(EncryptionReason::HeaderOther, message)
                }
                told => told,
            },
        };
        verdict.below(name)
    }

    /// Returns all devices directly below one; `None` if one of them cannot be read.
    fn below(&self, place: &Path) -> Option<Vec<(u32, u32)>> {
        let slaves = place.join("slaves");
        let names = files::names(&slaves).ok()?;
        names.iter().map(|name| sysfs::number(&slaves.join(name))).collect()
    }
}

/// Reads the header of a device; the error is a message.
fn header(name: &str) -> std::result::Result<DeviceFormat, String> {
    let device = Device::open(Path::new(name)).map_err(|error| error.to_string())?;
    luks::read(&device).map_err(|error| format!("{name}: {error}"))
}

/// Judges the header of a device.
fn by_header(name: &str, found: &DeviceFormat) -> EncryptionVerdict {
    match policy::judge(found).into_iter().next() {
        Some(violation) => {
            EncryptionVerdict::fail(violation.reason, format!("{name}: {}", violation.message))
        }
        None => EncryptionVerdict::pass(),
    }
}

fn uuid_of(found: &DeviceFormat) -> &str {
    match found {
        DeviceFormat::Luks2(header) => &header.uuid,
        DeviceFormat::Luks1 { uuid, .. } => uuid,
        DeviceFormat::Nothing | DeviceFormat::Damaged(_) => "",
    }
}
