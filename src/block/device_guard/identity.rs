//! The identity of a device, which stays the same when its path changes at the next boot.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::block::device::{self, Device};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// The identity of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceIdentity {
    /// The device node with all links resolved, such as `/dev/sdb`; or the file.
    pub path: PathBuf,
    /// A link below `/dev/disk/by-id`, if there is one.
    pub by_id: Option<PathBuf>,
    /// The serial number; for a partition, that of the disk followed by `-part1`.
    pub serial: Option<String>,
    /// The World Wide Name (WWN, NAA, EUI) or the UUID of the mapping; for a partition as above.
    pub wwn: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// Whether a file stands for the device.
    pub is_file: bool,
}

/// The prefix of links named after a mapping.
const BY_MAPPING: &str = "dm-name-";

impl DeviceIdentity {
    /// Reads the identity of the device that a path leads to.
    ///
    /// # Errors
    /// Exit 2 when the path is neither a block device nor a file; exit 3 when it does not exist,
    /// cannot be read, or is missing in sysfs; exit 4 when it changes in the meantime.
    pub fn from_path(path: &Path) -> Result<Self> {
        Self::read(&Device::open(path)?, path)
    }

    /// Reads the identity of an open device, after a check that the path leads to it.
    pub(super) fn read(device: &Device, path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let unreadable = |error| device::unreadable(&name, error);
        let node = path.canonicalize().map_err(|error| elsewhere(&name).because(error))?;
        if !device.is_at(&node).map_err(unreadable)? {
            return Err(elsewhere(&name));
        }
        let size = device.size().map_err(unreadable)?;
        let Some(number) = device.number() else {
            let unknown = DeviceIdentity {
                path: node,
                by_id: None,
                serial: None,
                wwn: None,
                size,
                is_file: true,
            };
            return Ok(unknown);
        };
        let place = sysfs::place(number);
        if !files::exists(&place) {
            let message = format!("{name} is missing in /sys");
            return Err(Error::failed(Code::DeviceUnknown, message)
                .hint("check that /sys is mounted and the device is present: lsblk"));
        }
        let (disk, part) = match sysfs::attribute(&place, "partition") {
            Some(number) => (place.join(".."), format!("-part{number}")),
            None => (place, String::new()),
        };
        let udev = udev(&disk);
        let of_part = |known: String| format!("{known}{part}");
        Ok(DeviceIdentity {
            by_id: by_id(device)?,
            serial: serial(&disk).or_else(|| udev_value(&udev, "ID_SERIAL_SHORT")).map(of_part),
            wwn: wwn(&disk).or_else(|| udev_value(&udev, "ID_WWN")).map(of_part),
            path: node,
            size,
            is_file: false,
        })
    }

    /// The word that a person types to confirm this device: its serial number; without one, name and
    /// size, such as `sdb:536870912`; for a file, the name.
    #[must_use]
    pub fn confirmation(&self) -> String {
        let last =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mapping = self.by_id.as_deref().map(last);
        let mapping = mapping.and_then(|name| Some(name.strip_prefix(BY_MAPPING)?.to_owned()));
        match &self.serial {
            Some(serial) => serial.clone(),
            None if self.is_file => last(&self.path),
            None => format!("{}:{}", mapping.unwrap_or_else(|| last(&self.path)), self.size),
        }
    }

    /// Returns whether `now` is the same device at a later time, by its WWN or, if one of the two has
    /// none, by its serial number. Size and path may have changed. A device without either is
    /// recognized by path and size together.
    ///
    /// Different WWNs outweigh equal serial numbers, because the namespaces of an NVMe disk and the
    /// LUNs of some arrays share a serial number.
    #[must_use]
    pub fn recognizes(&self, now: &DeviceIdentity) -> bool {
        if self.is_file != now.is_file {
            return false;
        }
        match ((&self.wwn, &now.wwn), (&self.serial, &now.serial)) {
            ((Some(before), Some(now)), _) => before == now,
            (_, (Some(before), Some(now))) => is_same_serial(before, now),
            ((None, None), (None, None)) => self.path == now.path && self.size == now.size,
            _ => false,
        }
    }

    /// Returns whether the device has a serial number or a WWN.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.serial.is_some() || self.wwn.is_some()
    }

    /// Checks that `now`, which was read a moment later, is this device. Only the path may differ, and
    /// only if the device has a serial number or a WWN.
    ///
    /// # Errors
    /// Exit 4 `device-changed`.
    pub fn check_same(&self, now: &DeviceIdentity) -> Result<()> {
        let known =
            |one: &DeviceIdentity| (one.serial.clone(), one.wwn.clone(), one.size, one.is_file);
        if known(self) == known(now) && (self.is_known() || self.path == now.path) {
            return Ok(());
        }
        let message =
            format!("the device changed: {} before, {} now", self.description(), now.description());
        Err(Error::refused(Code::DeviceChanged, message).hint((
            "find the previous device",
            CommandLine::other("lsblk", "-o NAME,SIZE,SERIAL,WWN"),
        )))
    }

    /// Describes the device for people: `/dev/sdb (serial WD-1, no WWN, 1024 bytes)`.
    #[must_use]
    pub fn description(&self) -> String {
        let mut shown = format!("{} (", self.path.display());
        for (what, known) in [("serial", &self.serial), ("WWN", &self.wwn)] {
            match known {
                Some(known) => shown += &format!("{what} {known}, "),
                None => shown += &format!("no {what}, "),
            }
        }
        shown + &format!("{} bytes)", self.size)
    }
}

/// Compares serial numbers. virtio-blk cuts them to 20 characters (`VIRTIO_BLK_ID_BYTES`), and
/// virtio-scsi does not.
fn is_same_serial(one: &str, other: &str) -> bool {
    const CUT: usize = 20;
    let is_cut = |short: &str, long: &str| short.len() == CUT && long.starts_with(short);
    one == other || is_cut(one, other) || is_cut(other, one)
}

/// The error for a path that leads to another device than the one that was opened.
pub(super) fn elsewhere(name: &str) -> Error {
    let message = format!("{name} now leads to another device");
    Error::refused(Code::DeviceChanged, message).hint((
        "the link was changed or the device replaced; check it, then start again",
        CommandLine::other("ls", "-l").argument(name),
    ))
}

fn serial(disk: &Path) -> Option<String> {
    let told = ["serial", "device/serial"].iter().find_map(|name| sysfs::attribute(disk, name));
    // SCSI: the unit serial number page, after a header of four bytes.
    let page = || files::read(&disk.join("device/vpd_pg80"), 4096).ok();
    let told = told.or_else(|| Some(String::from_utf8_lossy(page()?.get(4..)?).into_owned()));
    told.and_then(printable)
}

fn wwn(disk: &Path) -> Option<String> {
    let told =
        ["wwid", "device/wwid", "dm/uuid"].iter().find_map(|name| sysfs::attribute(disk, name));
    told.and_then(printable)
}

/// Reads the udev database entry of a disk.
fn udev(disk: &Path) -> String {
    let Some((major, minor)) = sysfs::number(disk) else { return String::new() };
    let known = files::read(Path::new(&format!("/run/udev/data/b{major}:{minor}")), 1024 * 1024);
    known.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

fn udev_value(udev: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        Some(line.strip_prefix("E:")?.strip_prefix(name)?.strip_prefix('=')?.to_owned())
    };
    udev.lines().find_map(value).and_then(printable)
}

/// Keeps the characters that can be shown and typed. `None` for the placeholders of manufacturers
/// that assign no serial number.
fn printable(text: String) -> Option<String> {
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_none = text.chars().all(|c| c == '0') || ["(null)", "none"].contains(&text.as_str());
    (!is_none).then_some(text)
}

fn by_id(device: &Device) -> Result<Option<PathBuf>> {
    let links = Path::new("/dev/disk/by-id");
    // The link of an LVM physical volume depends on the contents of the device.
    let names = files::names(links)?.into_iter().filter(|name| !name.starts_with("lvm-pv-"));
    Ok(names.map(|name| links.join(name)).find(|link| device.is_at(link).unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, serial: Option<&str>, size: u64) -> DeviceIdentity {
        let serial = serial.map(str::to_owned);
        DeviceIdentity { path: path.into(), by_id: None, serial, wwn: None, size, is_file: false }
    }

    #[test]
    fn what_a_person_types() {
        assert_eq!(known("/dev/sdb", Some("WD-1"), 512).confirmation(), "WD-1");
        assert_eq!(known("/dev/sdb", None, 512).confirmation(), "sdb:512");
        let mut mapping = known("/dev/dm-3", None, 512);
        mapping.by_id = Some("/dev/disk/by-id/dm-name-vg-data".into());
        assert_eq!(mapping.confirmation(), "vg-data:512");
        let file = DeviceIdentity { is_file: true, ..known("/tmp/disk.img", None, 512) };
        assert_eq!(file.confirmation(), "disk.img");
    }

    #[test]
    fn another_name_is_the_same_device_and_another_serial_is_not() {
        let before = known("/dev/sdb", Some("one"), 512);
        assert!(before.check_same(&known("/dev/sdc", Some("one"), 512)).is_ok());
        for other in [
            known("/dev/sdb", Some("two"), 512),
            known("/dev/sdb", None, 512),
            known("/dev/sdb", Some("one"), 1024),
        ] {
            let error = before.check_same(&other).expect_err("another");
            assert_eq!((error.code().name(), error.exit().code()), ("device-changed", 4));
            assert!(
                error.to_string().contains("serial one") && error.to_string().contains(" now"),
                "{error}"
            );
        }
        let nameless = known("/dev/sdb", None, 512);
        assert!(nameless.check_same(&nameless).is_ok());
        assert!(nameless.check_same(&known("/dev/sdc", None, 512)).is_err());
    }

    #[test]
    fn a_device_is_recognized_by_what_stays_with_it() {
        let with = |serial: Option<&str>, wwn: Option<&str>| DeviceIdentity {
            wwn: wwn.map(str::to_owned),
            ..known("/dev/sdb", serial, 512)
        };
        let grown =
            |one: DeviceIdentity| DeviceIdentity { size: 1024, path: "/dev/sdc".into(), ..one };
        let cut = "0123456789abcdef0123";
        let whole = format!("{cut}4567");
        let yes = [
            (with(Some("one"), None), with(Some("one"), None)),
            // Another controller may report only the serial number or only the WWN.
            (with(Some("one"), Some("naa.1")), with(Some("one"), None)),
            (with(Some("one"), Some("naa.1")), with(Some("  one"), Some("naa.1"))),
            (with(None, Some("LVM-a")), with(None, Some("LVM-a"))),
            (with(Some(cut), None), with(Some(&whole), None)),
        ];
        for (before, now) in yes {
            assert!(before.recognizes(&now), "{before:?} {now:?}");
            assert!(before.recognizes(&grown(now.clone())), "{before:?} {now:?}");
        }
        let no = [
            (with(Some("one"), None), with(Some("two"), None)),
            (with(Some("one"), None), with(Some("one-part1"), None)),
            (with(Some("one"), Some("naa.1")), with(Some("one"), Some("naa.2"))),
            (with(Some("one"), None), with(None, Some("naa.1"))),
            (with(Some("one"), None), with(None, None)),
            (with(None, None), with(Some("one"), None)),
            (with(Some("0123"), None), with(Some("01234567"), None)),
            // Another path, or another size, with nothing else to compare.
            (with(None, None), DeviceIdentity { path: "/dev/sdc".into(), ..with(None, None) }),
            (with(None, None), DeviceIdentity { size: 1024, ..with(None, None) }),
            (with(None, None), DeviceIdentity { is_file: true, ..with(None, None) }),
        ];
        for (before, now) in no {
            assert!(!before.recognizes(&now), "{before:?} {now:?}");
        }
        assert!(with(None, None).recognizes(&with(None, None)));
    }

    #[test]
    fn what_udev_and_the_kernel_tell() {
        let udev = "S:disk/by-id/x\nE:ID_SERIAL=WD_1\nE:ID_SERIAL_SHORT= WD-1 \nE:ID_WWN=0x5\n";
        assert_eq!(udev_value(udev, "ID_SERIAL_SHORT").as_deref(), Some("WD-1"));
        assert_eq!(udev_value(udev, "ID_WWN").as_deref(), Some("0x5"));
        assert_eq!(udev_value(udev, "ID_SER"), None);
        assert_eq!(printable("  A\u{0}\n B\u{7f}  ".to_owned()).as_deref(), Some("A B"));
        for none in [" \n", "000000000000", "(null)\n", ""] {
            assert_eq!(printable(none.to_owned()), None, "{none:?}");
        }
    }

    #[test]
    fn of_a_file_and_of_what_is_none() {
        let at = tempfile::tempdir().expect("a directory");
        let (file, link) = (at.path().join("disk"), at.path().join("link"));
        std::fs::write(&file, [0; 1000]).expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        let identity = DeviceIdentity::from_path(&link).expect("a file");
        assert_eq!(
            (identity.path.file_name(), identity.size, identity.is_file),
            (file.file_name(), 1000, true)
        );
        let text = serde_json::to_string(&identity).expect("JSON");
        assert_eq!(serde_json::from_str::<DeviceIdentity>(&text).expect("read"), identity);
        let refused =
            |path: &Path| DeviceIdentity::from_path(path).expect_err("none").exit().code();
        assert_eq!(refused(at.path()), 2);
        assert_eq!(refused(Path::new("/dev/null")), 2);
        assert_eq!(refused(&at.path().join("missing")), 3);
    }
}
