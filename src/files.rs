//! The only user of the file system: reading with a bound, writing so that a crash leaves
//! the old file or the new one, and never a secret wider than 0600.

mod config;
mod device;
mod guarded;
mod lock;
mod owner;
mod slot;
mod stamp;

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use guarded::check_place;

pub use config::{owner_of, read_config, write_config};
pub use device::{AlignedBuffer, Device, blank_in_memory, in_memory, is_writable};
pub use guarded::{check_private, check_private_place, guarded};
pub use lock::{Lock, lock};
pub use owner::{Owner, local_users};
pub use slot::{Content, Durability, PublishedFiles, Slot, StagedFiles, in_force};
pub use stamp::{FileFingerprint, remove_socket, stamp};

/// Who may read a file that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// 0644: nothing in it is secret.
    Public,
    /// 0600: the owner alone.
    Private,
    /// 0640: the owner, and a group that may read. For keys that root owns and a server
    /// reads through its group, as PostgreSQL has it; see [`Owner`].
    Group,
}

impl FileMode {
    fn bits(self) -> u32 {
        match self {
            FileMode::Public => 0o644,
            FileMode::Private => 0o600,
            FileMode::Group => 0o640,
        }
    }
}

/// Begins the names of files on their way; what a crash leaves of them is swept by
/// [`remove_temporary_files`].
const TEMPORARY: &str = ".ccx-sec-tmp-";

/// Reads a file of at most `limit` bytes; `-` is stdin.
///
/// # Errors
/// Exit 3 when it cannot be read, exit 2 when it is a directory, a device or too large.
pub fn read(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("-") {
        return read_up_to(io::stdin().lock(), "standard input", limit);
    }
    let name = path.display().to_string();
    let (file, kind) = open(path, &name)?;
    if kind.is_dir() {
        return Err(directory_not_file(&name));
    }
    if !kind.is_file() && !is_own_descriptor(path) {
        return Err(not_regular(&name).hint("pass it on standard input instead: -"));
    }
    if kind.file_type().is_fifo() {
        // Somebody writes to it, perhaps later: reads wait for that (read(2), EAGAIN).
        let flags =
            rustix::fs::fcntl_getfl(&file).map(|flags| flags - rustix::fs::OFlags::NONBLOCK);
        let set = flags.and_then(|flags| rustix::fs::fcntl_setfl(&file, flags));
        set.map_err(|error| unreadable(&name, error.into()))?;
    }
    read_up_to(file, &name, limit)
}

/// Opens a file for reading, and tells what it is.
fn open(path: &Path, name: &str) -> Result<(File, Metadata)> {
    let file = open_nonblocking(path).map_err(|error| unreadable(name, error))?;
    let kind = file.metadata().map_err(|error| unreadable(name, error))?;
    Ok((file, kind))
}

/// Opens a file or a device for reading and writing, and closes it.
///
/// # Errors
/// Exit 3 when it cannot be opened.
pub fn check_opens(path: &Path) -> Result<()> {
    let opened = OpenOptions::new().read(true).write(true).open(path);
    opened.map(drop).map_err(|error| unreadable(&path.display().to_string(), error))
}

/// Opens a file for reading. Without `O_NONBLOCK`, opening a FIFO that nobody writes to would
/// never return (fifo(7)).
fn open_nonblocking(path: &Path) -> io::Result<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    OpenOptions::new().read(true).custom_flags(nonblocking).open(path)
}

fn read_up_to(mut from: impl Read, name: &str, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
    // Room for all of it from the start: a growing buffer leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(64 * 1024)));
    let bound = limit as u64 + 1;
    from.by_ref().take(bound).read_to_end(&mut bytes).map_err(|error| unreadable(name, error))?;
    if bytes.len() > limit {
        return Err(too_large(name, limit));
    }
    Ok(bytes)
}

/// Refuses a file of more than `limit` bytes, and a FIFO, for those that others read whole.
/// Whether it can be read at all they will tell.
///
/// # Errors
/// Exit 2.
pub fn check_size(path: &Path, limit: usize) -> Result<()> {
    let name = path.display();
    match path.metadata() {
        Ok(file) if file.is_file() && file.len() > limit as u64 => {
            Err(too_large(&name.to_string(), limit))
        }
        Ok(file) if file.file_type().is_fifo() && !is_own_descriptor(path) => {
            Err(not_regular(&name))
        }
        _ => Ok(()),
    }
}

/// Whether a path names what this process has open already, as a shell's `<(…)` does.
fn is_own_descriptor(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path.starts_with("/proc")
}

fn too_large(name: &str, limit: usize) -> Error {
    Error::usage(Code::FileTooLarge, format!("{name} is larger than {} KiB", limit / 1024))
        .hint("this is not the file that you mean")
}

fn unreadable(name: &str, error: io::Error) -> Error {
    let (code, hint) = match error.kind() {
        _ if error.raw_os_error() == Some(ELOOP) => (Code::FileLoop, "it is a link to itself"),
        io::ErrorKind::NotFound => (Code::FileMissing, "check the path"),
        io::ErrorKind::PermissionDenied => {
            (Code::FilePermission, "check its owner and mode: ls -l")
        }
        _ => (Code::FileUnreadable, "check the disk and the path"),
    };
    Error::failed(code, format!("cannot read {name}")).because(error).hint(hint)
}

/// Whether something is there; what cannot be looked at is no answer.
///
/// # Errors
/// Exit 3 when it cannot be looked at.
pub fn try_exists(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(&path.display().to_string(), error)),
    }
}

/// Whether something is there, or may be: false only where it is certain that nothing is. For
/// callers that go on to open it, which says what is wrong.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().map_or_else(|error| !is_absence(&error), |_| true)
}

/// Whether an error of stat(2) or open(2) says that nothing is there. Any other, such as `EIO`,
/// `ESTALE` or `EACCES`, leaves that open.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether a name leads to something, where it is a link too.
///
/// # Errors
/// Exit 3 when it cannot be looked at.
pub fn leads_somewhere(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| unreadable(&path.display().to_string(), error))
}

/// What [`write()`] does where a file of that name is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingFile {
    /// Leaves it, and says so.
    Keep,
    /// Replaces it.
    Replace,
}

/// Writes a file whole or not at all: into a temporary one beside it, synced, then moved
/// to its name, and the directory synced. Returns false, and changes nothing, when the
/// file is there and shall be kept.
///
/// # Errors
/// Exit 3 when the disk or the permissions say no; exit 2 when what is to be replaced is no
/// file, such as a directory or a device; exit 4 when root would write below a directory that
/// is another's.
pub fn write(path: &Path, bytes: &[u8], mode: FileMode, existing: ExistingFile) -> Result<bool> {
    if existing == ExistingFile::Replace {
        check_replaceable(path)?;
    }
    let directory = parent(path);
    check_place(&directory)?;
    let permissions = fs::Permissions::from_mode(mode.bits());
    let outcome = (|| {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .permissions(permissions.clone())
            .tempfile_in(&directory)?;
        file.as_file().set_permissions(permissions)?; // whatever the umask took away
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        match existing {
            ExistingFile::Replace => drop(file.persist(path)?),
            ExistingFile::Keep => match file.persist_noclobber(path) {
                Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {
                    return Ok(false);
                }
                other => drop(other?),
            },
        }
        File::open(&directory)?.sync_all()?;
        Ok(true)
    })();
    outcome.map_err(|error: io::Error| unwritable(path, error))
}

/// A rename takes a device or a pipe away from everybody who uses it.
fn check_replaceable(path: &Path) -> Result<()> {
    let name = path.display();
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(directory_not_file(&name)),
        Ok(there) if !there.is_file() => {
            Err(not_regular(&name)
                .hint("name a file; or write to standard output, and redirect that"))
        }
        Err(error) if !is_absence(&error) => Err(unreadable(&name.to_string(), error)),
        _ => Ok(()),
    }
}

fn directory_not_file(name: &impl std::fmt::Display) -> Error {
    Error::usage(Code::FileIsDirectory, format!("{name} is a directory, not a file"))
        .hint("name a file in it")
}

fn not_regular(name: &impl std::fmt::Display) -> Error {
    Error::usage(Code::FileNotRegular, format!("{name} is not a regular file"))
}

/// What the system says of a link that leads to itself.
const ELOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();
/// What the system says of a change of owner that it does not let, and of immutable files.
const EPERM: i32 = rustix::io::Errno::PERM.raw_os_error();

fn unwritable(path: &Path, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "make its directory first",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "a file is where a directory has to be; move it out of the way"
        }
        io::ErrorKind::PermissionDenied if error.raw_os_error() == Some(EPERM) => {
            "only root may give files to others; or one is marked immutable: lsattr"
        }
        io::ErrorKind::PermissionDenied => "check the owner and mode of its directory: ls -ld",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room on the disk",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is mounted read-only",
        _ => "check the disk and the path",
    };
    Error::failed(Code::FileUnwritable, format!("cannot write {}", path.display()))
        .because(error)
        .hint(hint)
}

/// Removes what writers that were killed left in a directory. Call it under the lock of
/// that directory: it takes every temporary file for a dead one.
///
/// # Errors
/// Exit 3 when the directory cannot be read or a file not removed.
pub fn remove_temporary_files(directory: &Path) -> Result<()> {
    let failed = |error| unwritable(directory, error);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Makes a directory, and those above it that are missing, with mode 0700.
///
/// # Errors
/// See `create_directory`.
pub fn create_private_directory(path: &Path) -> Result<()> {
    create_directory(path, 0o700)
}

/// Makes a directory, and those above it that are missing, with this mode, and syncs each
/// into the directory that holds it.
///
/// # Errors
/// Exit 3 when it cannot be made.
pub(crate) fn create_directory(path: &Path, mode: u32) -> Result<()> {
    let failed = |error| unwritable(path, error);
    let missing: Vec<&Path> = path.ancestors().take_while(|above| !exists(above)).collect();
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(failed)?;
    for made in missing {
        File::open(parent(made)).and_then(|above| above.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Makes a directory immutable, or what it was: nothing is made, removed or renamed in it, by root
/// neither (`FS_IMMUTABLE_FL`, ioctl_iflags(2)). Whether it is so now comes back: not every file
/// system can.
///
/// # Errors
/// Exit 3 when it cannot be opened, or one that can does not.
pub(crate) fn set_immutable(directory: &Path, is_immutable: bool) -> Result<bool> {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    use rustix::io::Errno;
    let failed = |error: io::Error| unwritable(directory, error);
    let handle = File::open(directory).map_err(failed)?;
    let Ok(before) = ioctl_getflags(&handle) else { return Ok(false) };
    let mut wished = before;
    wished.set(IFlags::IMMUTABLE, is_immutable);
    if wished == before {
        return Ok(true);
    }
    match ioctl_setflags(&handle, wished) {
        Ok(()) => Ok(true),
        Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::INVAL | Errno::PERM) => Ok(false),
        Err(error) => Err(failed(error.into())),
    }
}

/// Removes a file, and syncs that it is gone; one that is not there is gone already.
///
/// # Errors
/// Exit 3 when the disk or the permissions say no.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed.map_err(|error| unwritable(path, error))?,
    }
    let synced = File::open(parent(path)).and_then(|directory| directory.sync_all());
    synced.map_err(|error| unwritable(path, error))
}

/// Removes a directory in which there is nothing; any other is left as it is.
pub fn remove_empty_directory(path: &Path) {
    let _ = fs::remove_dir(path);
}

/// Who a file with a secret belongs to, and who may read it, `None` where that is more than
/// our modes let; nothing where there is no file.
///
/// # Errors
/// Exit 3 when it cannot be looked at.
pub fn owner_and_mode(path: &Path) -> Result<Option<(Owner, Option<FileMode>)>> {
    let Some(metadata) = metadata(path)? else { return Ok(None) };
    let owner = Owner { uid: metadata.uid(), gid: metadata.gid() };
    let mode = match metadata.permissions().mode() & 0o777 {
        bits if bits & 0o077 == 0 => Some(FileMode::Private),
        bits if bits == FileMode::Group.bits() && owner.uid == 0 => Some(FileMode::Group),
        _ => None,
    };
    Ok(Some((owner, mode)))
}

/// Whether an error of stat(2) or open(2) says that a path leads to nothing: as [`is_absence`],
/// or by a link to itself.
fn leads_nowhere(error: &io::Error) -> bool {
    is_absence(error) || error.raw_os_error() == Some(ELOOP)
}

/// What stat(2) says of a path; `None` where it leads to nothing.
fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match path.metadata() {
        Ok(there) => Ok(Some(there)),
        Err(error) if leads_nowhere(&error) => Ok(None),
        Err(error) => Err(unreadable(&path.display().to_string(), error)),
    }
}

/// The names of what is in a directory, sorted, those that begin with a dot left out; none
/// where there is no directory.
///
/// # Errors
/// Exit 3 when it cannot be read.
pub fn names(directory: &Path) -> Result<Vec<String>> {
    let failed = |error| unreadable(&directory.display().to_string(), error);
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The number of the device that a path lies on (`st_dev`), and of the device that it is
/// (`st_rdev`), where it is a block device; each as major and minor. None where nothing is
/// there.
///
/// # Errors
/// Exit 3 when it cannot be looked at.
pub fn device_numbers(path: &Path) -> Result<Option<DeviceNumbers>> {
    Ok(metadata(path)?.map(|there| {
        let is_block = there.file_type().is_block_device();
        let on = device::number(there.dev());
        DeviceNumbers { on, is: is_block.then(|| device::number(there.rdev())) }
    }))
}

/// Numbers of devices, major and minor; see [`device_numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceNumbers {
    /// Of the one that the path lies on.
    pub on: (u32, u32),
    /// Of the one that it is.
    pub is: Option<(u32, u32)>,
}

/// Makes all that was written so far to the file system of `path` safe from a power cut, in
/// one call (syncfs(2)).
///
/// # Errors
/// Exit 3 when the disk says no, also to writes from before.
pub fn sync_file_system(path: &Path) -> Result<()> {
    let synced = File::open(path).and_then(|file| Ok(rustix::fs::syncfs(file)?));
    synced.map_err(|error| unwritable(path, error))
}

/// Whether a path is there as a directory; `None` when nothing is there.
///
/// # Errors
/// Exit 3 when it cannot be looked at.
pub fn is_directory(path: &Path) -> Result<Option<bool>> {
    Ok(metadata(path)?.map(|there| there.is_dir()))
}

/// Whether there is nothing in a directory, not even what begins with a dot.
///
/// # Errors
/// Exit 3 when it cannot be read.
pub fn is_empty_directory(path: &Path) -> Result<bool> {
    let failed = |error| unreadable(&path.display().to_string(), error);
    // What mkfs makes for its own use is nothing of anybody's.
    for entry in fs::read_dir(path).map_err(failed)? {
        if entry.map_err(failed)?.file_name() != "lost+found" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether stdout is a file that others may read: no place for a private key.
///
/// # Errors
/// Exit 4 when it is; exit 3 when it cannot be looked at.
pub fn check_stdout_private() -> Result<()> {
    let stat = match rustix::fs::fstat(rustix::stdio::stdout()) {
        Err(rustix::io::Errno::BADF) => return Ok(()), // it is closed: nothing gets there
        stat => stat.map_err(|error| unreadable("standard output", error.into()))?,
    };
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    if is_file && stat.st_mode & 0o077 != 0 {
        return Err(Error::refused(
            Code::StdoutNotPrivate,
            "stdout is a file that others can read",
        )
        .hint("let ccx-sec make the file, with mode 0600: --out FILE"));
    }
    Ok(())
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
