//! A claim to a device: nothing else uses it, and it stays the one that it is.

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

/// udev, LVM and the like take a device for themselves for a moment, to look at it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A device that nothing else uses, for as long as this is held.
///
/// It is open twice: exclusively, which keeps the kernel from giving it to a file system, a
/// mapping, an array or swap; and plainly, which keeps its number from another device.
#[derive(Debug)]
pub struct ExclusiveDevice {
    held: PinnedDevice,
    exclusive: Device,
}

/// A device that was claimed, and that a program may have now; its number stays its own.
#[derive(Debug)]
pub struct PinnedDevice {
    identity: DeviceIdentity,
    named: PathBuf,
    device: Device,
}

impl ExclusiveDevice {
    /// Takes a device that nothing uses, that can be written, and that has room for `minimum`
    /// bytes. What is on it is not looked at here.
    ///
    /// # Errors
    /// Exit 4 with the reason: `device-mounted`, `device-partitioned`, `device-held` (device
    /// mapper, LVM, RAID), `device-swap`, `device-looped`, `device-open` (a program writes to it),
    /// `device-busy` (anything else that the kernel knows of, such as ZFS), `device-suspended`,
    /// `device-readonly`, `device-too-small`, `device-changed`. Exit 2 when it is neither a block
    /// device nor a file, exit 3 when it cannot be looked at.
    pub fn take(path: &Path, minimum: u64) -> Result<Self> {
        let device = Device::open(path)?;
        let identity = DeviceIdentity::read(&device, path)?;
        let held = PinnedDevice { identity, named: path.to_owned(), device };
        let PinnedDevice { identity, device, .. } = &held;
        let name = identity.path.display().to_string();
        let exclusive = |patience| {
            let opened = device.exclusive(&identity.path, patience);
            opened.map_err(|error| match error.kind() {
                io::ErrorKind::StaleNetworkFileHandle => identity::elsewhere(&name),
                _ => device::unreadable(&name, error),
            })
        };
        // Before who uses it is looked for, so that none comes after that.
        let mut ours = exclusive(Duration::ZERO)?;
        usage::refuse_used(device, identity)?;
        if ours.is_none() {
            ours = exclusive(PATIENCE)?;
            usage::refuse_used(device, identity)?;
        }
        let Some(exclusive) = ours else {
            let message = format!("something else has {name} for itself");
            return Err(Error::refused(Code::DeviceBusy, message)
                .hint((
                    "see what lies on it",
                    CommandLine::other("lsblk", "").argument(&identity.path),
                ))
                .hint((
                    "see which program has it",
                    CommandLine::other("fuser", "-v").argument(&identity.path),
                ))
                .hint("ZFS does not show there: zpool status"));
        };
        if identity.size < minimum {
            let message =
                format!("{name} has {} bytes, and {minimum} are the least", identity.size);
            return Err(Error::refused(Code::DeviceTooSmall, message)
                .hint("name a larger device; the header of LUKS2 alone takes 16 MiB"));
        }
        Ok(ExclusiveDevice { held, exclusive })
    }

    /// What it is known by.
    #[must_use]
    pub fn identity(&self) -> &DeviceIdentity {
        &self.held.identity
    }

    /// What is on it: nothing, only where `blkid`, `wipefs` and our own read of the first and the
    /// last 16 MiB, and of many places between, agree on that.
    ///
    /// # Errors
    /// Exit 3 when one of them fails (`probe-failed`, `device-unreadable`), exit 4 when the device
    /// becomes another meanwhile.
    pub fn contents(&self) -> Result<Contents> {
        let found = contents::detect(&self.exclusive, self.identity())?;
        // That took a while.
        self.check_still()?;
        Ok(found)
    }

    /// Whether all is zero from an offset on, as far as [`contents`](Self::contents) reads it: for
    /// going on after a format that was broken off.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read.
    pub fn is_zero_from(&self, from: u64) -> Result<bool> {
        contents::is_zero_from(&self.exclusive, self.identity(), from)
    }

    /// Refuses when the name that was given, or the node, leads to something else by now; to be
    /// called right before a program writes.
    ///
    /// # Errors
    /// Exit 4 when it does, exit 3 when it cannot be looked at.
    pub fn check_still(&self) -> Result<()> {
        self.held.check_still()
    }

    /// Writes over what is there from an offset on, makes that safe from a power cut, and reads it
    /// back.
    ///
    /// # Errors
    /// Exit 3 when the device says no, or gives something else back; exit 4 when it is another.
    pub fn overwrite(&self, at: u64, bytes: &[u8]) -> Result<()> {
        self.check_still()?;
        overwrite(&self.exclusive, &self.identity().path, at, bytes)
    }

    /// Lets go of the exclusive open, which a program that formats or opens it takes for itself.
    #[must_use]
    pub fn release(self) -> PinnedDevice {
        self.held
    }
}

impl PinnedDevice {
    /// A device that may be in use: no more is asked of it than that it stays the one that it is.
    ///
    /// # Errors
    /// As [`DeviceIdentity::from_path`].
    pub fn from_path(path: &Path) -> Result<Self> {
        let device = Device::open(path)?;
        let identity = DeviceIdentity::read(&device, path)?;
        Ok(PinnedDevice { identity, named: path.to_owned(), device })
    }

    /// Its number, major and minor; none for a file.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        self.device.number()
    }

    /// What it begins with.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read; exit 4 when it is suspended, and whoever reads it waits.
    pub fn head(&self) -> Result<DeviceFormat> {
        let name = self.path().display().to_string();
        if let Some(number) = self.number() {
            usage::refuse_suspended(&sysfs::place(number), &name)?;
        }
        luks::read(self).map_err(|error| device::unreadable(&name, error))
    }

    /// As [`ExclusiveDevice::overwrite`], of a device that may be in use.
    ///
    /// # Errors
    /// As there.
    pub fn overwrite(&self, at: u64, bytes: &[u8]) -> Result<()> {
        self.check_still()?;
        overwrite(&self.device, self.path(), at, bytes)
    }

    /// What it is known by.
    #[must_use]
    pub fn identity(&self) -> &DeviceIdentity {
        &self.identity
    }

    /// Its node, for programs: no link, so that whoever changes one changes nothing.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.identity.path
    }

    /// As [`ExclusiveDevice::check_still`].
    ///
    /// # Errors
    /// Exit 4 when it is another, exit 3 when it cannot be looked at.
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
            .hint("look at the kernel's log: dmesg")
    };
    device.overwrite(path, at, bytes).map_err(failed)?;
    let read = device.read_at(at, bytes.len());
    if read.map_err(|error| device::unreadable(&name, error))? == bytes {
        return Ok(());
    }
    Err(failed(io::Error::other("it does not give back what was written")))
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

    /// A file that stands for a blank disk.
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

    /// What is on it, by whom; empty when blank.
    fn signs(path: &Path) -> Vec<String> {
        let claim = ExclusiveDevice::take(path, 0).expect("taken");
        match claim.contents().expect("looked at") {
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
        let claim = ExclusiveDevice::take(&path, SIZE).expect("taken");
        assert_eq!(claim.contents().expect("looked at"), Contents::Blank);
        assert!(claim.is_zero_from(0).expect("read"));
        assert_eq!(refused(&path, 0), (4, "device-busy"));
        let held = claim.release();
        assert_eq!(held.path(), path.canonicalize().expect("a path"));
        drop(ExclusiveDevice::take(&path, 0).expect("free again"));
        assert_eq!(refused(&path, SIZE + 1), (4, "device-too-small"));
    }

    #[test]
    fn every_byte_of_both_ends_counts() {
        for at in [0, 1, 511, 4096, MIB - 1, MIB, 16 * MIB - 1, SIZE - 16 * MIB, SIZE - 1] {
            let (_at, path) = disk();
            put(&path, at, &[1]);
            assert_eq!(signs(&path), [format!("bytes: data at byte {at}")]);
            let claim = ExclusiveDevice::take(&path, 0).expect("taken");
            assert!(!claim.is_zero_from(at).expect("read"), "{at}");
            assert!(claim.is_zero_from(at + 1).expect("read"), "{at}");
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
            ("a label of ZFS", 128 * 1024, b"\x0c\xb1\xba\0\0\0\0\0"),
            ("a label of ZFS", at_end(128 * 1024), b"\0\0\0\0\0\xba\xb1\x0c"),
        ] {
            let (_at, path) = disk();
            put(&path, offset, magic);
            let signs = signs(&path);
            assert!(signs.contains(&format!("bytes: {name}")), "{name}: {signs:?}");
        }
        // A header of which the first bytes alone were written.
        let (_at, path) = disk();
        put(&path, 0, b"LUKS\xba\xbe\0\x02");
        let signs = signs(&path);
        assert!(signs.iter().any(|sign| sign.starts_with("header: a damaged header")), "{signs:?}");
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
        // The file is open for writing in a process that is not ours.
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
        let claim = ExclusiveDevice::take(&path, 0).expect("taken");
        claim.overwrite(0, &vec![1; MIB as usize]).expect("written");
        assert!(!claim.is_zero_from(MIB - 1).expect("read"));
        claim.overwrite(0, &vec![0; MIB as usize + 1]).expect("written");
        assert_eq!(claim.contents().expect("looked at"), Contents::Blank);
    }

    #[test]
    fn another_in_its_place_is_refused() {
        let (at, path) = disk();
        let link = at.path().join("link");
        symlink(&path, &link).expect("a link");
        let (_other_at, other) = disk();
        let claim = ExclusiveDevice::take(&link, 0).expect("taken");
        claim.check_still().expect("the same");
        let changed = |claim: &ExclusiveDevice| {
            let errors =
                [claim.check_still().expect_err("moved"), claim.contents().expect_err("moved")];
            for error in errors {
                assert_eq!((error.exit().code(), error.code().name()), (4, "device-changed"));
            }
        };
        // The link leads elsewhere; then, the file itself is another.
        fs::remove_file(&link).and_then(|()| symlink(&other, &link)).expect("a link");
        changed(&claim);
        fs::remove_file(&link).and_then(|()| symlink(&path, &link)).expect("a link");
        claim.check_still().expect("the same again");
        fs::rename(&path, at.path().join("away"))
            .and_then(|()| fs::copy(&other, &path))
            .expect("moved");
        changed(&claim);
        // It is shorter than it was.
        let (_at, path) = disk();
        let held = ExclusiveDevice::take(&path, 0).expect("taken");
        OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(MIB)).expect("cut");
        assert_eq!(held.contents().expect_err("short").code().name(), "device-unreadable");
        assert_eq!(
            held.release().check_still().expect_err("short").code().name(),
            "device-changed"
        );
    }
}
