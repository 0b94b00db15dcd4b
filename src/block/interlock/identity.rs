//! What a device is known by, whatever its name is after the next boot.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::block::device::{self, Device};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// What a device is known by, stable over reboots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceIdentity {
    /// Its node, through whatever links it was named: `/dev/sdb`; or the file.
    pub path: PathBuf,
    /// A link below `/dev/disk/by-id`, where there is one.
    pub by_id: Option<PathBuf>,
    /// Its serial number; of a partition, that of the disk, and `-part1`.
    pub serial: Option<String>,
    /// Its name in the world (WWN, NAA, EUI), or the UUID of its mapping; of a partition as above.
    pub wwn: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Whether it is a file that stands for a device.
    pub is_file: bool,
}

/// The links by the name of a mapping, which the person gave it.
const BY_MAPPING: &str = "dm-name-";

impl DeviceIdentity {
    /// That of what a path leads to.
    ///
    /// # Errors
    /// Exit 2 when it is neither a block device nor a file, exit 3 when it is not there, cannot
    /// be read, or the kernel does not tell of it; exit 4 when it becomes another meanwhile.
    pub fn from_path(path: &Path) -> Result<Self> {
        Self::read(&Device::open(path)?, path)
    }

    /// That of a device that is open, and that the path leads to.
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
            let message = format!("the kernel tells nothing of {name}");
            return Err(Error::failed(Code::DeviceUnknown, message)
                .hint("see that /sys is mounted, and the device still there: lsblk"));
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

    /// What a person types who means this device: its serial number; where it has none, its name
    /// and size, `sdb:536870912`; of a file, the name.
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

    /// Whether `now` is this device by what stays with it, at any later time: its WWN; where one of
    /// the two has none, its serial number. The size may have changed, and so may the name. A device
    /// without either is recognized by its name and size together.
    ///
    /// A WWN that differs outweighs a serial number that is the same, since the namespaces of an NVMe
    /// disk, and the LUNs of some arrays, share the latter.
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

    /// Whether a serial number or a WWN is known of it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.serial.is_some() || self.wwn.is_some()
    }

    /// Refuses another device than this one, which was looked at a moment ago. Its name may have
    /// changed, unless there is nothing else to know it by; nothing else may have.
    ///
    /// # Errors
    /// Exit 4.
    pub fn check_same(&self, now: &DeviceIdentity) -> Result<()> {
        let known =
            |one: &DeviceIdentity| (one.serial.clone(), one.wwn.clone(), one.size, one.is_file);
        if known(self) == known(now) && (self.is_known() || self.path == now.path) {
            return Ok(());
        }
        let message = format!(
            "the device is another: {} before, {} now",
            self.description(),
            now.description()
        );
        Err(Error::refused(Code::DeviceChanged, message).hint((
            "find the device that it was",
            CommandLine::other("lsblk", "-o NAME,SIZE,SERIAL,WWN"),
        )))
    }

    /// For people: `/dev/sdb (serial WD-1, no WWN, 1024 bytes)`.
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

/// virtio-blk passes on the first 20 characters of a serial number (`VIRTIO_BLK_ID_BYTES`), and
/// virtio-scsi passes on all of it.
fn is_same_serial(one: &str, other: &str) -> bool {
    const CUT: usize = 20;
    let is_cut = |short: &str, long: &str| short.len() == CUT && long.starts_with(short);
    one == other || is_cut(one, other) || is_cut(other, one)
}

/// It was opened, and its name is another's now.
pub(super) fn elsewhere(name: &str) -> Error {
    let message = format!("{name} leads to another device than before");
    Error::refused(Code::DeviceChanged, message).hint((
        "somebody changed the link, or the device was replaced; look, then begin again",
        CommandLine::other("ls", "-l").argument(name),
    ))
}

fn serial(disk: &Path) -> Option<String> {
    let told = ["serial", "device/serial"].iter().find_map(|name| sysfs::attribute(disk, name));
    // SCSI: the page of the unit's serial number, behind a head of four bytes.
    let page = || files::read(&disk.join("device/vpd_pg80"), 4096).ok();
    let told = told.or_else(|| Some(String::from_utf8_lossy(page()?.get(4..)?).into_owned()));
    told.and_then(printable)
}

fn wwn(disk: &Path) -> Option<String> {
    let told =
        ["wwid", "device/wwid", "dm/uuid"].iter().find_map(|name| sysfs::attribute(disk, name));
    told.and_then(printable)
}

/// What udev knows of a disk.
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

/// What can be shown, and typed; nothing where that is what makers write who have none to write.
fn printable(text: String) -> Option<String> {
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_none = text.chars().all(|c| c == '0') || ["(null)", "none"].contains(&text.as_str());
    (!is_none).then_some(text)
}

fn by_id(device: &Device) -> Result<Option<PathBuf>> {
    let links = Path::new("/dev/disk/by-id");
    // That of a physical volume of LVM is by what is on the device.
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
            // Behind another controller: the serial number alone is told, or the WWN alone.
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
            // Nothing but a name, which is another's, or a size that differs.
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
