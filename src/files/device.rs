//! Block devices, and files that stand in for them: reading, locking and overwriting; and files in
//! memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{Access, MemfdFlags, OFlags, SeekFrom, memfd_create};

use crate::error::{Code, Error, Result};

/// The alignment that direct reads (`O_DIRECT`) need, of offset and memory, in bytes.
const ALIGNMENT: usize = 4096;

/// A block device or a file, open for reading.
#[derive(Debug)]
pub(crate) struct Device {
    file: File,
    number: Option<(u32, u32)>,
}

impl Device {
    /// Opens a device.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read, exit 2 when it is neither a block device nor a regular file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let (file, kind) = super::open(path, &name)?;
        let is_block = kind.file_type().is_block_device();
        if !is_block && !kind.is_file() {
            return Err(Error::usage(Code::NotADevice, format!("{name} is not a block device"))
                .hint("give the device, such as /dev/sdb or /dev/disk/by-id/…: lsblk"));
        }
        let number = is_block.then(|| number(kind.rdev()));
        Ok(Device { file, number })
    }

    /// Opens the device again for exclusive use. While a block device is open this way, no file
    /// system, mapping or array can start to use it (`O_EXCL`), and reads bypass the kernel's cache
    /// (`O_DIRECT`); a file is locked. Returns `None` if it stays in use for longer than
    /// `patience`.
    ///
    /// The handle is read-only, because udev probes a device whenever a writable handle is closed.
    ///
    /// # Errors
    /// The system's error; `ESTALE` if `path` no longer leads to this device.
    pub(crate) fn exclusive(&self, path: &Path, patience: Duration) -> io::Result<Option<Device>> {
        let mut flags = OFlags::NONBLOCK;
        if self.number.is_some() {
            flags |= OFlags::EXCL | OFlags::DIRECT;
        }
        let open = || OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
        let start = Instant::now();
        let file = loop {
            match open() {
                Err(error) if error.kind() != io::ErrorKind::ResourceBusy => return Err(error),
                Err(_) if start.elapsed() >= patience => return Ok(None),
                Err(_) => std::thread::sleep(super::lock::POLL),
                Ok(file) => break file,
            }
        };
        if !is_same_file(&self.file.metadata()?, &file.metadata()?) {
            return Err(io::ErrorKind::StaleNetworkFileHandle.into());
        }
        let is_ours = self.number.is_some() || super::lock::wait_for_lock(&file, patience)?;
        Ok(is_ours.then_some(Device { file, number: self.number }))
    }

    /// Overwrites bytes from an offset on, through a new handle of `path`, and syncs them.
    ///
    /// # Errors
    /// The device's error; `ESTALE` if `path` no longer leads to this device.
    pub(crate) fn overwrite(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let file = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
        if !is_same_file(&self.file.metadata()?, &file.metadata()?) {
            return Err(io::ErrorKind::StaleNetworkFileHandle.into());
        }
        file.write_all_at(bytes, at)?;
        file.sync_all()
    }

    /// Duplicates the handle, for a program to inherit.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn handle(&self) -> io::Result<OwnedFd> {
        Ok(self.file.try_clone()?.into())
    }

    /// The major and minor number; `None` for a file.
    #[must_use]
    pub(crate) fn number(&self) -> Option<(u32, u32)> {
        self.number
    }

    /// The size in bytes.
    ///
    /// # Errors
    /// The device's error.
    pub(crate) fn size(&self) -> io::Result<u64> {
        Ok(rustix::fs::seek(&self.file, SeekFrom::End(0))?)
    }

    /// Whether a path leads to this device (compared by number) or file; false if it leads nowhere.
    ///
    /// # Errors
    /// The system's error when it cannot be checked.
    pub(crate) fn is_at(&self, path: &Path) -> io::Result<bool> {
        match path.metadata() {
            Ok(there) => Ok(is_same_file(&self.file.metadata()?, &there)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads up to `length` bytes from `offset` on; fewer at the end of the device.
    ///
    /// # Errors
    /// The device's error.
    pub(crate) fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut buffer = AlignedBuffer::new(length);
        let filled = self.fill(&mut buffer, offset, length)?.len();
        let AlignedBuffer { mut bytes, from } = buffer;
        bytes.copy_within(from..from + filled, 0);
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Reads like [`Device::read_at`] into a buffer of at least `length` bytes, and returns the
    /// part that was filled.
    ///
    /// # Errors
    /// The device's error.
    pub(crate) fn fill<'r>(
        &self,
        buffer: &'r mut AlignedBuffer,
        offset: u64,
        length: usize,
    ) -> io::Result<&'r mut [u8]> {
        let bytes = &mut buffer.bytes[buffer.from..buffer.from + length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&mut bytes[..filled])
    }
}

/// A reusable buffer with the alignment that direct reads (`O_DIRECT`) need.
#[derive(Debug)]
pub(crate) struct AlignedBuffer {
    bytes: Vec<u8>,
    from: usize,
}

impl AlignedBuffer {
    /// Allocates a buffer for `length` bytes.
    #[must_use]
    pub(crate) fn new(length: usize) -> Self {
        let bytes = vec![0; length + ALIGNMENT];
        let from = bytes.as_ptr().align_offset(ALIGNMENT);
        AlignedBuffer { bytes, from }
    }
}

/// Whether both are the same: block devices compared by number, other files by inode.
fn is_same_file(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    match (one.file_type().is_block_device(), other.file_type().is_block_device()) {
        (true, true) => one.rdev() == other.rdev(),
        (false, false) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Whether this process may write a file: checks its mode and its file system.
#[must_use]
pub(crate) fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// Splits a device number into major and minor.
pub(super) fn number(device: u64) -> (u32, u32) {
    (rustix::fs::major(device), rustix::fs::minor(device))
}

/// Creates a file in memory of `size` zeros, which uses memory only where it is written, for a
/// program to inherit; `name` shows up in /proc.
///
/// # Errors
/// The system's error.
pub(crate) fn blank_in_memory(name: &str, size: u64) -> io::Result<OwnedFd> {
    let file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.set_len(size)?;
    Ok(file.into())
}

/// Creates a file in memory with these bytes, for a program to inherit; `name` shows up in /proc.
///
/// # Errors
/// The system's error.
pub(crate) fn in_memory(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    Ok(file.into())
}
