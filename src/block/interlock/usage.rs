//! Who uses a device: file systems, swap, mappings, arrays, loop devices, programs. What is found
//! here is said by its name; what is not, the kernel's own exclusive open finds.

use std::path::{Path, PathBuf};

use super::identity::DeviceIdentity;
use crate::block::device::{self, Device};
use crate::block::mounts::{self, Process};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// Refuses a device that something uses.
///
/// # Errors
/// Exit 4 with a code for each use, exit 3 where the kernel does not tell.
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

/// Refuses a device of which reads never come back.
pub(super) fn refuse_suspended(place: &Path, name: &str) -> Result<()> {
    match sysfs::attribute(place, "dm/suspended").as_deref() {
        Some("1") => {
            let message = format!("{name} is suspended: what is on it cannot be read");
            Err(Error::refused(Code::DeviceSuspended, message).hint((
                "find out who did that, then",
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

    /// Whether a path leads to the device.
    fn is_at(&self, path: &Path) -> Result<bool> {
        self.device
            .is_at(path)
            .map_err(|error| device::unreadable(&path.display().to_string(), error))
    }

    fn mounted(&self, number: (u32, u32)) -> Result<()> {
        for (mount, process) in mounts::everywhere()? {
            // Some file systems have no device of their own number: btrfs.
            let source = Path::new(&mount.source);
            if mount.device == number || (source.starts_with("/dev") && self.is_at(source)?) {
                let whose = process.map(|process| format!(", as {} sees it", process.name()));
                let what = format!(
                    "is mounted on {} ({}){}",
                    mount.point.display(),
                    mount.kind,
                    whose.unwrap_or_default()
                );
                return Err(self.refused(Code::DeviceMounted, what).hint((
                    "if nothing needs it",
                    CommandLine::other("umount", "").argument(mount.point.as_path()),
                )));
            }
        }
        // btrfs on several devices is mounted from one of them.
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
                "name one of them, or remove them knowingly",
                CommandLine::other("sfdisk", "--delete").argument(&*self.name),
            )))
    }

    fn held(&self, place: &Path) -> Result<()> {
        let holders = holders(place)?;
        if holders.is_empty() {
            return Ok(());
        }
        Err(self.refused(Code::DeviceHeld, format!("is in use by {}", holders.join(", "))).hint((
            "see what that is, and close it if nothing needs it",
            CommandLine::other("lsblk", "").argument(&*self.name),
        )))
    }

    /// The disk of a partition, used as a whole: the partition is a part of that.
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
            .hint(("see what that is", CommandLine::other("lsblk", "").argument(&*name))))
    }

    fn read_only(&self, place: &Path) -> Result<()> {
        match sysfs::attribute(place, "ro").as_deref() {
            Some("0") => Ok(()),
            Some(_) => Err(self.not_writable()),
            None => Err(Error::failed(
                Code::DeviceUnknown,
                format!("the kernel does not tell whether {} can be written", self.name),
            )
            .hint("see that /sys is mounted, and the device still there: lsblk")),
        }
    }

    fn not_writable(&self) -> Error {
        self.refused(Code::DeviceReadonly, "is read-only, for the kernel or for this user").hint((
            "be root; see whether the kernel has it read-only",
            CommandLine::other("blockdev", "--getro").argument(&*self.name),
        ))
    }

    fn swap(&self) -> Result<()> {
        for swap in mounts::swaps()? {
            if self.is_at(&swap)? {
                return Err(self.refused(Code::DeviceSwap, "is swapped to").hint((
                    "if memory suffices without",
                    CommandLine::other("swapoff", "").argument(&*self.name),
                )));
            }
        }
        Ok(())
    }

    /// The kernel lets a loop device lie on what another has for itself.
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
                        format!("is what the loop device /dev/{name} lies on"),
                    )
                    .hint((
                        "if nothing needs it",
                        CommandLine::other("losetup", "--detach").argument(format!("/dev/{name}")),
                    )));
            }
        }
        Ok(())
    }

    /// A program that has it open for writing, such as a virtual machine, needs no claim to it.
    fn written(&self, identity: &DeviceIdentity) -> Result<()> {
        for process in mounts::processes()? {
            // Processes come and go.
            let open = process.place.join("fd");
            for number in files::names(&open).unwrap_or_default() {
                let Ok(leads) = open.join(&number).read_link() else { continue };
                // No look at any other: one on a network that is away never ends.
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
                        .hint("end that program, if nothing needs it"));
                }
            }
        }
        Ok(())
    }
}

/// Mappings, arrays and the like on a device, by their names.
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
