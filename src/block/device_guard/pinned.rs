//! Devices that are held open: pinned, so that the path keeps leading to the same device, or
//! exclusive, so that nobody else uses it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::contents::{self, Contents};
use super::identity::{self, DeviceIdentity};
use super::usage;
use crate::block::device::{self, Device};
use crate::block::luks::{self, DeviceFormat, ReadAt};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// How long to wait for udev, LVM and the like, which open a device exclusively for a moment to probe
/// it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A device that nobody else uses as long as this value exists.
///
/// The device is open twice: exclusively (`O_EXCL`), so that the kernel gives it to no file system,
/// mapping, array or swap; and normally, so that no other device gets its number.
#[derive(Debug)]
pub struct ExclusiveDevice {
    pinned: PinnedDevice,
    exclusive: Device,
}

/// A device that is held open, so that no other device gets its number. Other programs may use it.
#[derive(Debug)]
pub struct PinnedDevice {
    identity: DeviceIdentity,
    named: PathBuf,
    device: Device,
}

impl ExclusiveDevice {
    /// Opens a device exclusively, if nothing uses it, it is writable, and it has at least `minimum`
    /// bytes. Does not check its contents.
    ///
    /// # Errors
    /// Exit 4 with the reason: `device-mounted`, `device-partitioned`, `device-held` (device
    /// mapper, LVM, RAID), `device-swap`, `device-looped`, `device-open` (a program writes to it),
    /// `device-busy` (any other exclusive user, such as ZFS), `device-suspended`, `device-readonly`,
    /// `device-too-small`, `device-changed`. Exit 2 when the path is neither a block device nor a
    /// file, exit 3 when the device cannot be checked.
    pub fn take(path: &Path, minimum: u64) -> Result<Self> {
        let device = Device::open(path)?;
        let identity = DeviceIdentity::read(&device, path)?;
        let pinned = PinnedDevice { identity, named: path.to_owned(), device };
        let PinnedDevice { identity, device, .. } = &pinned;
        let name = identity.path.display().to_string();
        let open_exclusive = |patience| {
            let result = device.exclusive(&identity.path, patience);
            result.map_err(|error| match error.kind() {
                io::ErrorKind::StaleNetworkFileHandle => identity::elsewhere(&name),
                _ => device::unreadable(&name, error),
            })
        };
        // Opened before the check for other users, so that no new user can come in between.
        let mut opened = open_exclusive(Duration::ZERO)?;
        usage::refuse_used(device, identity)?;
        if opened.is_none() {
            opened = open_exclusive(PATIENCE)?;
            usage::refuse_used(device, identity)?;
        }
        let Some(exclusive) = opened else {
            let message = format!("another user has {name} open exclusively");
            return Err(Error::refused(Code::DeviceBusy, message)
                .hint((
                    "see what uses it",
                    CommandLine::other("lsblk", "").argument(&identity.path),
                ))
                .hint((
                    "find the program that has it open",
                    CommandLine::other("fuser", "-v").argument(&identity.path),
                ))
                .hint("for ZFS, which neither command shows: zpool status"));
        };
        if identity.size < minimum {
            let message =
                format!("{name} has {} bytes; at least {minimum} are needed", identity.size);
            return Err(Error::refused(Code::DeviceTooSmall, message)
                .hint("name a larger device; the LUKS2 header alone takes 16 MiB"));
        }
        Ok(ExclusiveDevice { pinned, exclusive })
    }

    /// The identity of the device.
    #[must_use]
    pub fn identity(&self) -> &DeviceIdentity {
        &self.pinned.identity
    }

    /// Probes the contents. The device is blank only if `blkid`, `wipefs` and a read of the first and
    /// last 16 MiB, and of many places in between, all find nothing.
    ///
    /// # Errors
    /// Exit 3 when one of them fails (`probe-failed`, `device-unreadable`), exit 4 when the path
    /// leads to another device in the meantime.
    pub fn contents(&self) -> Result<Contents> {
        let found = contents::detect(&self.exclusive, self.identity())?;
        // The probes took a while.
        self.check_still()?;
        Ok(found)
    }

    /// Returns whether all bytes from an offset on are zero, as far as [`contents`](Self::contents)
    /// reads them. For resuming an interrupted format.
    ///
    /// # Errors
    /// Exit 3 when the device cannot be read.
    pub fn is_zero_from(&self, from: u64) -> Result<bool> {
        contents::is_zero_from(&self.exclusive, self.identity(), from)
    }

    /// Checks that the given path and the device node still lead to this device. To be called right
    /// before another program writes to it.
    ///
    /// # Errors
    /// Exit 4 `device-changed`; exit 3 when the device cannot be checked.
    pub fn check_still(&self) -> Result<()> {
        self.pinned.check_still()
    }

    /// Overwrites bytes from an offset on, flushes them to the disk, and reads them back.
    ///
    /// # Errors
    /// Exit 3 when the write fails or other bytes are read back; exit 4 `device-changed`.
    pub fn overwrite(&self, at: u64, bytes: &[u8]) -> Result<()> {
        self.check_still()?;
        overwrite(&self.exclusive, &self.identity().path, at, bytes)
    }

    /// Ends the exclusive open, so that a program that formats or opens the device can have it.
    #[must_use]
    pub fn release(self) -> PinnedDevice {
        self.pinned
    }
}

impl PinnedDevice {
    /// Opens a device, which may be in use.
    ///
    /// # Errors
    /// As [`DeviceIdentity::from_path`].
    pub fn from_path(path: &Path) -> Result<Self> {
        let device = Device::open(path)?;
        let identity = DeviceIdentity::read(&device, path)?;
        Ok(PinnedDevice { identity, named: path.to_owned(), device })
    }

    /// The major and minor number; `None` for a file.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        self.device.number()
    }

    /// Reads the header.
    ///
    /// # Errors
    /// Exit 3 when the device cannot be read; exit 4 when it is suspended, so that a read would wait.
    pub fn head(&self) -> Result<DeviceFormat> {
        let name = self.path().display().to_string();
        if let Some(number) = self.number() {
            usage::refuse_suspended(&sysfs::place(number), &name)?;
        }
        luks::read(self).map_err(|error| device::unreadable(&name, error))
    }

    /// Overwrites bytes as [`ExclusiveDevice::overwrite`] does, on a device that may be in use.
    ///
    /// # Errors
    /// As [`ExclusiveDevice::overwrite`].
    pub fn overwrite(&self, at: u64, bytes: &[u8]) -> Result<()> {
        self.check_still()?;
        overwrite(&self.device, self.path(), at, bytes)
    }

    /// The identity of the device.
    #[must_use]
    pub fn identity(&self) -> &DeviceIdentity {
        &self.identity
    }

    /// The device node, for other programs. It is not a link, which somebody could change.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.identity.path
    }

    /// Checks that path and node still lead to this device; see [`ExclusiveDevice::check_still`].
    ///
    /// # Errors
    /// As [`ExclusiveDevice::check_still`].
    pub fn check_still(&self) -> Result<()> {
        let now = DeviceIdentity::read(&self.device, &self.named)?;
        let node = &self.identity.path;
        let name = node.display().to_string();
        match self.device.is_at(node) {
            Err(error) => Err(device::unreadable(&name, error)),
            Ok(false) => Err(identity::elsewhere(&name)),
            Ok(true) => self.identity.check_same(&now),
        }
    }
}

fn overwrite(device: &Device, path: &Path, at: u64, bytes: &[u8]) -> Result<()> {
    let name = path.display().to_string();
    let failed = |error: io::Error| {
        Error::failed(Code::DeviceUnwritable, format!("{name} cannot be written"))
            .because(error)
            .hint("read the kernel log: dmesg")
    };
    device.overwrite(path, at, bytes).map_err(failed)?;
    let read = device.read_at(at, bytes.len());
    if read.map_err(|error| device::unreadable(&name, error))? == bytes {
        return Ok(());
    }
    Err(failed(io::Error::other("the bytes read back differ from those written")))
}

impl ReadAt for PinnedDevice {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.device.read_at(offset, length)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, OpenOptions};
    use std::os::unix::fs::{FileExt, symlink};
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;

    use super::*;

    const MIB: u64 = 1024 * 1024;
    const SIZE: u64 = 64 * MIB;

    /// Creates a file that stands for a blank disk.
    fn disk() -> (TempDir, PathBuf) {
        let at = tempfile::tempdir().expect("a directory");
        let path = at.path().join("disk");
        File::create(&path).and_then(|file| file.set_len(SIZE)).expect("a disk");
        (at, path)
    }

    fn put(path: &Path, offset: u64, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(path).expect("open");
        file.write_all_at(bytes, offset).expect("written");
    }

    /// The contents and the probe that found each; empty when blank.
    fn signs(path: &Path) -> Vec<String> {
        let exclusive = ExclusiveDevice::take(path, 0).expect("taken");
        match exclusive.contents().expect("probed") {
            Contents::Blank => Vec::new(),
            Contents::Holds(signs) => {
                signs.into_iter().map(|sign| format!("{}: {}", sign.by, sign.what)).collect()
            }
        }
    }

    fn refused(path: &Path, minimum: u64) -> (u8, &'static str) {
        let error = ExclusiveDevice::take(path, minimum).expect_err("refused");
        assert!(!error.hints().is_empty(), "{error}");
        (error.exit().code(), error.code().name())
    }

    #[test]
    fn a_blank_one_is_taken_once() {
        let (_at, path) = disk();
        let exclusive = ExclusiveDevice::take(&path, SIZE).expect("taken");
        assert_eq!(exclusive.contents().expect("probed"), Contents::Blank);
        assert!(exclusive.is_zero_from(0).expect("read"));
        assert_eq!(refused(&path, 0), (4, "device-busy"));
        let pinned = exclusive.release();
        assert_eq!(pinned.path(), path.canonicalize().expect("a path"));
        drop(ExclusiveDevice::take(&path, 0).expect("free again"));
        assert_eq!(refused(&path, SIZE + 1), (4, "device-too-small"));
    }

    #[test]
    fn every_byte_of_both_ends_counts() {
        for at in [0, 1, 511, 4096, MIB - 1, MIB, 16 * MIB - 1, SIZE - 16 * MIB, SIZE - 1] {
            let (_at, path) = disk();
            put(&path, at, &[1]);
            assert_eq!(signs(&path), [format!("bytes: data at byte {at}")]);
            let exclusive = ExclusiveDevice::take(&path, 0).expect("taken");
            assert!(!exclusive.is_zero_from(at).expect("read"), "{at}");
            assert!(exclusive.is_zero_from(at + 1).expect("read"), "{at}");
        }
    }

    #[test]
    fn more_than_one_probe_finds_what_is_known() {
        let at_end = |back| SIZE - back;
        for (name, offset, magic) in [
            ("LUKS", 0, &b"LUKS\xba\xbe"[..]),
            ("NTFS", 3, b"NTFS    "),
            ("swap", 4086, b"SWAPSPACE2"),
            ("LVM", 512, b"LABELONE"),
            ("Ceph BlueStore", 0, b"bluestore block device"),
            ("RAID (md 1.2)", 4096, b"\xfc\x4e\x2b\xa9"),
            ("RAID (md 1.0)", at_end(8192), b"\xfc\x4e\x2b\xa9"),
            ("RAID (md 0.90)", at_end(65536), b"\xfc\x4e\x2b\xa9"),
            ("the second copy of a partition table (GPT)", at_end(512), b"EFI PART"),
            ("a ZFS label", 128 * 1024, b"\x0c\xb1\xba\0\0\0\0\0"),
            ("a ZFS label", at_end(128 * 1024), b"\0\0\0\0\0\xba\xb1\x0c"),
        ] {
            let (_at, path) = disk();
            put(&path, offset, magic);
            let signs = signs(&path);
            assert!(signs.contains(&format!("bytes: {name}")), "{name}: {signs:?}");
        }
        // A header of which only the first bytes were written.
        let (_at, path) = disk();
        put(&path, 0, b"LUKS\xba\xbe\0\x02");
        let signs = signs(&path);
        assert!(
            signs.iter().any(|sign| sign.starts_with("header: a damaged LUKS header")),
            "{signs:?}"
        );
    }

    #[test]
    fn a_file_system_is_found_by_all() {
        let (_at, path) = disk();
        let name = path.display().to_string();
        let made = std::process::Command::new("/usr/sbin/mkfs.ext4").args(["-q", &name]).status();
        assert!(made.expect("mkfs").success());
        let signs = signs(&path);
        for by in ["blkid: ext4", "wipefs: ext4 at 0x438", "bytes: ext2, ext3 or ext4"] {
            assert!(signs.iter().any(|sign| sign == by), "{by}: {signs:?}");
        }
    }

    #[test]
    fn what_is_in_use_or_not_to_be_had_is_refused() {
        let (at, path) = disk();
        let link = at.path().join("link");
        symlink(&path, &link).expect("a link");
        // Another process has the file open for writing.
        let file = OpenOptions::new().append(true).open(&path).expect("open");
        let mut other =
            std::process::Command::new("sleep").arg("100").stdout(file).spawn().expect("it");
        let outcome = refused(&link, 0);
        other.kill().and_then(|()| other.wait()).expect("ended");
        assert_eq!(outcome, (4, "device-open"));
        drop(ExclusiveDevice::take(&link, 0).expect("free again"));
        assert_eq!(refused(at.path(), 0), (2, "not-a-device"));
        assert_eq!(refused(&at.path().join("missing"), 0), (3, "file-missing"));
    }

    #[test]
    fn its_beginning_is_overwritten_and_no_more() {
        let (_at, path) = disk();
        put(&path, MIB, &[7]);
        let exclusive = ExclusiveDevice::take(&path, 0).expect("taken");
        exclusive.overwrite(0, &vec![1; MIB as usize]).expect("written");
        assert!(!exclusive.is_zero_from(MIB - 1).expect("read"));
        exclusive.overwrite(0, &vec![0; MIB as usize + 1]).expect("written");
        assert_eq!(exclusive.contents().expect("probed"), Contents::Blank);
    }

    #[test]
    fn another_in_its_place_is_refused() {
        let (at, path) = disk();
        let link = at.path().join("link");
        symlink(&path, &link).expect("a link");
        let (_other_at, other) = disk();
        let exclusive = ExclusiveDevice::take(&link, 0).expect("taken");
        exclusive.check_still().expect("the same");
        let changed = |exclusive: &ExclusiveDevice| {
            let errors = [
                exclusive.check_still().expect_err("moved"),
                exclusive.contents().expect_err("moved"),
            ];
            for error in errors {
                assert_eq!((error.exit().code(), error.code().name()), (4, "device-changed"));
            }
        };
        // The link leads elsewhere; then, another file has its path.
        fs::remove_file(&link).and_then(|()| symlink(&other, &link)).expect("a link");
        changed(&exclusive);
        fs::remove_file(&link).and_then(|()| symlink(&path, &link)).expect("a link");
        exclusive.check_still().expect("the same again");
        fs::rename(&path, at.path().join("away"))
            .and_then(|()| fs::copy(&other, &path))
            .expect("moved");
        changed(&exclusive);
        // The file was cut.
        let (_at, path) = disk();
        let pinned = ExclusiveDevice::take(&path, 0).expect("taken");
        OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(MIB)).expect("cut");
        assert_eq!(pinned.contents().expect_err("short").code().name(), "device-unreadable");
        assert_eq!(
            pinned.release().check_still().expect_err("short").code().name(),
            "device-changed"
        );
    }
}
