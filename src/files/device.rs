//! Block devices, and files that stand for them: read, held, and
//! written over; and files in memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{Access, MemfdFlags, OFlags, SeekFrom, memfd_create};

use crate::error::{Code, Error, Result};

/// What reads past the kernel's cache must begin at, and land at in memory.
const ALIGNMENT: usize = 4096;

/// A device that is open for reading.
#[derive(Debug)]
pub struct Device {
    file: File,
    number: Option<(u32, u32)>,
}

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read, exit 2 when it is neither a block device nor a file.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let (file, kind) = super::open(path, &name)?;
        let is_block = kind.file_type().is_block_device();
        if !is_block && !kind.is_file() {
            return Err(Error::usage(Code::NotADevice, format!("{name} is no block device"))
                .hint("name the device, such as /dev/sdb or /dev/disk/by-id/…: lsblk"));
        }
        let number = is_block.then(|| number(kind.rdev()));
        Ok(Device { file, number })
    }

    /// Opens it once more, for us alone: of a device, no other file system, mapping or array may
    /// use it meanwhile (`O_EXCL`), and reads come from the device, not from the kernel's cache of
    /// it (`O_DIRECT`); a file is locked. `path` must lead to it still. `None` where it is in use
    /// for longer than `patience`.
    ///
    /// Open for reading alone, since udev looks at a device anew whenever one closes it that could
    /// have written.
    ///
    /// # Errors
    /// What the system says; that the path leads elsewhere now is `ESTALE`.
    pub fn exclusive(&self, path: &Path, patience: Duration) -> io::Result<Option<Device>> {
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
        if !same(&self.file.metadata()?, &file.metadata()?) {
            return Err(io::ErrorKind::StaleNetworkFileHandle.into());
        }
        let is_ours = self.number.is_some() || super::lock::wait_for_lock(&file, patience)?;
        Ok(is_ours.then_some(Device { file, number: self.number }))
    }

    /// Writes over what is there from an offset on, through another open file that `path` must still
    /// lead to, and makes that safe from a power cut.
    ///
    /// # Errors
    /// What the device says; that the path leads elsewhere now is `ESTALE`.
    pub fn overwrite(&self, path: &Path, at: u64, bytes: &[u8]) -> io::Result<()> {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let file = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
        if !same(&self.file.metadata()?, &file.metadata()?) {
            return Err(io::ErrorKind::StaleNetworkFileHandle.into());
        }
        file.write_all_at(bytes, at)?;
        file.sync_all()
    }

    /// The same open device once more, for a program to inherit.
    ///
    /// # Errors
    /// What the system says.
    pub fn handle(&self) -> io::Result<OwnedFd> {
        Ok(self.file.try_clone()?.into())
    }

    /// Major and minor number; none for a file.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        self.number
    }

    /// Its bytes.
    ///
    /// # Errors
    /// What the device says.
    pub fn size(&self) -> io::Result<u64> {
        Ok(rustix::fs::seek(&self.file, SeekFrom::End(0))?)
    }

    /// Whether a path leads to this device (by its number), or to this file; false where it leads
    /// nowhere.
    ///
    /// # Errors
    /// What the system says when it cannot be looked at.
    pub fn is_at(&self, path: &Path) -> io::Result<bool> {
        match path.metadata() {
            Ok(there) => Ok(same(&self.file.metadata()?, &there)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Up to `length` bytes from `offset` on; fewer at the end.
    ///
    /// # Errors
    /// What the device says.
    pub fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut room = AlignedBuffer::new(length);
        let filled = self.fill(&mut room, offset, length)?.len();
        let AlignedBuffer { mut bytes, from } = room;
        bytes.copy_within(from..from + filled, 0);
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// The same, into a room that has so much; gives what was read.
    ///
    /// # Errors
    /// What the device says.
    pub fn fill<'r>(
        &self,
        room: &'r mut AlignedBuffer,
        offset: u64,
        length: usize,
    ) -> io::Result<&'r mut [u8]> {
        let bytes = &mut room.bytes[room.from..room.from + length];
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

/// Room for bytes that are read, where the kernel can put them (`O_DIRECT`), again and again.
#[derive(Debug)]
pub struct AlignedBuffer {
    bytes: Vec<u8>,
    from: usize,
}

impl AlignedBuffer {
    /// For so many bytes.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let bytes = vec![0; length + ALIGNMENT];
        let from = bytes.as_ptr().align_offset(ALIGNMENT);
        AlignedBuffer { bytes, from }
    }
}

/// Whether two are one: devices by their number, whatever their nodes; others as files.
fn same(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    match (one.file_type().is_block_device(), other.file_type().is_block_device()) {
        (true, true) => one.rdev() == other.rdev(),
        (false, false) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Whether this process may write what is at a path: by its mode, and by its file system.
#[must_use]
pub fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, Access::WRITE_OK).is_ok()
}

/// What a device is for the kernel.
pub(super) fn number(device: u64) -> (u32, u32) {
    (rustix::fs::major(device), rustix::fs::minor(device))
}

/// A file in memory of `size` zeros, which takes no room until it is written to, and which a program
/// can inherit; `name` is for people.
///
/// # Errors
/// What the system says.
pub fn blank_in_memory(name: &str, size: u64) -> io::Result<OwnedFd> {
    let file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.set_len(size)?;
    Ok(file.into())
}

/// A file in memory with these bytes, which a program can inherit; `name` is for people.
///
/// # Errors
/// What the system says.
pub fn in_memory(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(name, MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    Ok(file.into())
}
