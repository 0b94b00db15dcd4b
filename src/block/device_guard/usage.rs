//! Finds the users of a device: file systems, swap, mappings, arrays, loop devices, programs. Errors
//! name the user. The exclusive open catches users that are not found here.

use std::path::{Path, PathBuf};

use super::identity::DeviceIdentity;
use crate::block::device::{self, Device};
use crate::block::mounts::{self, Process};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// Refuses a device that is in use.
///
/// # Errors
/// Exit 4 with a code for each kind of use; exit 3 when `/proc` or `/sys` cannot be read.
pub(super) fn refuse_used(device: &Device, identity: &DeviceIdentity) -> Result<()> {
    let look = UsageScan { device, name: identity.path.display().to_string() };
    if let Some(number) = device.number() {
        let place = sysfs::place(number);
        refuse_suspended(&place, &look.name)?;
        look.mounted(number)?;
        look.partitioned(&place)?;
        look.held(&place)?;
        look.whole_disk(&place)?;
        look.read_only(&place)?;
    }
    look.swap()?;
    look.looped()?;
    look.written(identity)?;
    if files::is_writable(&identity.path) { Ok(()) } else { Err(look.not_writable()) }
}

/// Refuses a suspended device, on which a read would wait.
pub(super) fn refuse_suspended(place: &Path, name: &str) -> Result<()> {
    match sysfs::attribute(place, "dm/suspended").as_deref() {
        Some("1") => {
            let message = format!("{name} is suspended, so that it cannot be read");
            Err(Error::refused(Code::DeviceSuspended, message).hint((
                "find out why it is suspended, then",
                CommandLine::other("dmsetup", "resume").argument(name),
            )))
        }
        _ => Ok(()),
    }
}

struct UsageScan<'a> {
    device: &'a Device,
    name: String,
}

impl UsageScan<'_> {
    fn refused(&self, code: Code, what: impl std::fmt::Display) -> Error {
        Error::refused(code, format!("{} {what}", self.name))
    }

    /// Returns whether a path leads to the device.
    fn is_at(&self, path: &Path) -> Result<bool> {
        self.device
            .is_at(path)
            .map_err(|error| device::unreadable(&path.display().to_string(), error))
    }

    fn mounted(&self, number: (u32, u32)) -> Result<()> {
        for (mount, process) in mounts::everywhere()? {
            // btrfs mounts have a device number of their own.
            let source = Path::new(&mount.source);
            if mount.device == number || (source.starts_with("/dev") && self.is_at(source)?) {
                let whose =
                    process.map(|process| format!(" in the mount namespace of {}", process.name()));
                let what = format!(
                    "is mounted on {} ({}){}",
                    mount.point.display(),
                    mount.kind,
                    whose.unwrap_or_default()
                );
                return Err(self.refused(Code::DeviceMounted, what).hint((
                    "if it is not needed",
                    CommandLine::other("umount", "").argument(mount.point.as_path()),
                )));
            }
        }
        // A btrfs on several devices names only one of them as its source.
        let systems = Path::new("/sys/fs/btrfs");
        for system in files::names(systems)? {
            let members = systems.join(&system).join("devices");
            for member in files::names(&members)? {
                if sysfs::number(&members.join(member)) == Some(number) {
                    return Err(self
                        .refused(
                            Code::DeviceMounted,
                            format!("is a device of the btrfs {system}, which is mounted"),
                        )
                        .hint("see where: btrfs filesystem show"));
                }
            }
        }
        Ok(())
    }

    fn partitioned(&self, place: &Path) -> Result<()> {
        let is_partition = |name: &String| {
            let part = place.join(name);
            files::exists(&part.join("partition")) && !sysfs::is_its_disk(&part)
        };
        let partitions: Vec<String> =
            files::names(place)?.into_iter().filter(is_partition).collect();
        if partitions.is_empty() {
            return Ok(());
        }
        Err(self
            .refused(Code::DevicePartitioned, format!("has partitions: {}", partitions.join(", ")))
            .hint((
                "name one of them, or delete the partition table",
                CommandLine::other("sfdisk", "--delete").argument(&*self.name),
            )))
    }

    fn held(&self, place: &Path) -> Result<()> {
        let holders = holders(place)?;
        if holders.is_empty() {
            return Ok(());
        }
        Err(self.refused(Code::DeviceHeld, format!("is in use by {}", holders.join(", "))).hint((
            "see what it is, and close it if it is not needed",
            CommandLine::other("lsblk", "").argument(&*self.name),
        )))
    }

    /// Refuses a partition of a disk that is in use as a whole.
    fn whole_disk(&self, place: &Path) -> Result<()> {
        if !files::exists(&place.join("partition")) {
            return Ok(());
        }
        let disk = place.join("..");
        let name = sysfs::node(&disk).unwrap_or_default();
        let holders = holders(&disk)?;
        let mounted = sysfs::number(&disk).map(|number| {
            let mounts = mounts::everywhere()?;
            Ok(mounts.into_iter().find(|(mount, _)| mount.device == number))
        });
        let user = match mounted.transpose()?.flatten() {
            Some((mount, _)) => mount.point.display().to_string(),
            None if holders.is_empty() => return Ok(()),
            None => holders.join(", "),
        };
        Err(self
            .refused(
                Code::DeviceHeld,
                format!("is a part of {name}, which is in use as a whole by {user}"),
            )
            .hint(("see what it is", CommandLine::other("lsblk", "").argument(&*name))))
    }

    fn read_only(&self, place: &Path) -> Result<()> {
        match sysfs::attribute(place, "ro").as_deref() {
            Some("0") => Ok(()),
            Some(_) => Err(self.not_writable()),
            None => Err(Error::failed(
                Code::DeviceUnknown,
                format!("/sys does not show whether {} is writable", self.name),
            )
            .hint("check that /sys is mounted and the device is present: lsblk")),
        }
    }

    fn not_writable(&self) -> Error {
        self.refused(Code::DeviceReadonly, "is read-only, or this user may not write to it").hint((
            "run as root; 1 means read-only",
            CommandLine::other("blockdev", "--getro").argument(&*self.name),
        ))
    }

    fn swap(&self) -> Result<()> {
        for swap in mounts::swaps()? {
            if self.is_at(&swap)? {
                return Err(self.refused(Code::DeviceSwap, "is in use as swap").hint((
                    "if there is enough memory without it",
                    CommandLine::other("swapoff", "").argument(&*self.name),
                )));
            }
        }
        Ok(())
    }

    /// Refuses a device below a loop device, which the exclusive open does not detect.
    fn looped(&self) -> Result<()> {
        let devices = Path::new("/sys/block");
        for name in files::names(devices)?.into_iter().filter(|name| name.starts_with("loop")) {
            let Some(file) = sysfs::attribute(&devices.join(&name), "loop/backing_file") else {
                continue;
            };
            if self.is_at(&PathBuf::from(file))? {
                return Err(self
                    .refused(
                        Code::DeviceLooped,
                        format!("is the backing file of the loop device /dev/{name}"),
                    )
                    .hint((
                        "if it is not needed",
                        CommandLine::other("losetup", "--detach").argument(format!("/dev/{name}")),
                    )));
            }
        }
        Ok(())
    }

    /// Refuses a device that a program, such as a virtual machine, has open for writing without
    /// exclusive access.
    fn written(&self, identity: &DeviceIdentity) -> Result<()> {
        for process in mounts::processes()? {
            // The process may have ended.
            let open = process.place.join("fd");
            for number in files::names(&open).unwrap_or_default() {
                let Ok(leads) = open.join(&number).read_link() else { continue };
                // Does not stat other files: that never returns on an unreachable network file system.
                let could_be = if identity.is_file {
                    leads == identity.path
                } else {
                    leads.starts_with("/dev")
                };
                let is_it = could_be && self.device.is_at(&open.join(&number)).unwrap_or(false);
                if is_it && is_for_writing(&process, &number) {
                    return Err(self
                        .refused(
                            Code::DeviceOpen,
                            format!("is open for writing in {}", process.name()),
                        )
                        .hint("end that program if it is not needed"));
                }
            }
        }
        Ok(())
    }
}

/// Returns the names of the mappings, arrays and the like on a device.
fn holders(place: &Path) -> Result<Vec<String>> {
    let holders = place.join("holders");
    let named = |name: String| match sysfs::attribute(&holders.join(&name), "dm/name") {
        Some(mapping) => format!("/dev/mapper/{mapping}"),
        None => format!("/dev/{name}"),
    };
    Ok(files::names(&holders)?.into_iter().map(named).collect())
}

fn is_for_writing(process: &Process, number: &str) -> bool {
    let Ok(text) = files::read(&process.place.join("fdinfo").join(number), 64 * 1024) else {
        return false;
    };
    let text = String::from_utf8_lossy(&text);
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    // O_ACCMODE: O_RDONLY is 0.
    flags
        .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok())
        .is_some_and(|flags| flags & 3 != 0)
}
