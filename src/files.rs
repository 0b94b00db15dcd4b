//! The only user of the file system. Reads have a size limit; after a crash, a written file is the
//! old one or the new one; files with secrets never have a wider mode than 0600 or 0640.

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

pub(crate) use config::{owner_of, read_config, write_config};
pub(crate) use device::{AlignedBuffer, Device, blank_in_memory, in_memory, is_writable};
pub(crate) use guarded::{check_private, check_private_place, check_settings_place, guarded};
pub(crate) use lock::{Lock, lock};
pub(crate) use owner::{Owner, local_users};
pub(crate) use slot::{Content, Durability, PublishedFiles, Slot, StagedFiles, in_force};
pub(crate) use stamp::{remove_socket, stamp};

/// The mode of a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// 0644, for public content.
    Public,
    /// 0600: only the owner can read it.
    Private,
    /// 0640: the owner and a group can read it. For keys that root owns and a server reads through
    /// its group, as PostgreSQL allows; see [`Owner`].
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

/// The prefix of temporary files; [`remove_temporary_files`] removes those that a crash left.
const TEMPORARY: &str = ".ccx-sec-tmp-";

/// Reads a file of at most `limit` bytes; `-` means standard input.
///
/// # Errors
/// Exit 3 when it cannot be read, exit 2 when it is a directory, a device or too large.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>> {
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
        // Wait for data: a writer may still come (read(2), EAGAIN).
        let flags =
            rustix::fs::fcntl_getfl(&file).map(|flags| flags - rustix::fs::OFlags::NONBLOCK);
        let set = flags.and_then(|flags| rustix::fs::fcntl_setfl(&file, flags));
        set.map_err(|error| unreadable(&name, error.into()))?;
    }
    read_up_to(file, &name, limit)
}

/// Opens a file for reading, and returns its metadata.
fn open(path: &Path, name: &str) -> Result<(File, Metadata)> {
    let file = open_nonblocking(path).map_err(|error| unreadable(name, error))?;
    let kind = file.metadata().map_err(|error| unreadable(name, error))?;
    Ok((file, kind))
}

/// Opens a file or a device for reading and writing, and closes it.
///
/// # Errors
/// Exit 3 when it cannot be opened.
pub(crate) fn check_opens(path: &Path) -> Result<()> {
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
    // Reserve the memory at the start: a growing buffer would leave copies of secrets behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(64 * 1024)));
    let bound = limit as u64 + 1;
    from.by_ref().take(bound).read_to_end(&mut bytes).map_err(|error| unreadable(name, error))?;
    if bytes.len() > limit {
        return Err(too_large(name, limit));
    }
    Ok(bytes)
}

/// Refuses a file of more than `limit` bytes, and a FIFO, before another program reads it whole.
/// That program reports a file that cannot be read.
///
/// # Errors
/// Exit 2 for such a file.
pub(crate) fn check_size(path: &Path, limit: usize) -> Result<()> {
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

/// Whether a path names an open file of this process, as a shell's `<(…)` does.
fn is_own_descriptor(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path.starts_with("/proc")
}

fn too_large(name: &str, limit: usize) -> Error {
    Error::usage(Code::FileTooLarge, format!("{name} is larger than {} KiB", limit / 1024))
        .hint("check that this is the right file")
}

/// The error for a path that cannot be read.
fn unreadable_path(path: &Path, error: io::Error) -> Error {
    unreadable(&path.display().to_string(), error)
}

fn unreadable(name: &str, error: io::Error) -> Error {
    let (code, hint) = match error.kind() {
        _ if error.raw_os_error() == Some(ELOOP) => (Code::FileLoop, "the link leads to itself"),
        io::ErrorKind::NotFound => (Code::FileMissing, "check the path"),
        io::ErrorKind::PermissionDenied => {
            (Code::FilePermission, "check its owner and mode: ls -l")
        }
        _ => (Code::FileUnreadable, "check the disk and the path"),
    };
    Error::failed(code, format!("cannot read {name}")).because(error).hint(hint)
}

/// Whether a file exists. An error of the check is returned, and not taken for "no".
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn try_exists(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(&path.display().to_string(), error)),
    }
}

/// Whether a file exists. As [`try_exists`], but a file in place of a directory above the path
/// (`ENOTDIR`) means that it does not, and is no error.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn exists_certainly(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(unreadable(&path.display().to_string(), error)),
    }
}

/// Whether a file exists or may exist: false only if it certainly does not. For callers that open
/// it next and report the error.
#[must_use]
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().map_or_else(|error| !is_absence(&error), |_| true)
}

/// Whether an error of stat(2) or open(2) means that nothing exists. Other errors, such as `EIO`,
/// `ESTALE` or `EACCES`, do not tell.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether a path, after following links, leads to an existing file.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn leads_somewhere(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| unreadable(&path.display().to_string(), error))
}

/// The treatment of an existing file by [`write()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExistingFile {
    /// Keeps it; [`write()`] returns false.
    Keep,
    /// Replaces it.
    Replace,
}

/// Writes a file atomically: writes and syncs a temporary file beside it, renames that, and syncs
/// the directory. Returns false and changes nothing if the file exists and `existing` is `Keep`.
///
/// # Errors
/// Exit 3 when the disk or the permissions do not allow it; exit 2 when the existing path is not a
/// regular file, but a directory or a device for example; exit 4 when root would write below a
/// directory that another user can change.
pub(crate) fn write(
    path: &Path,
    bytes: &[u8],
    mode: FileMode,
    existing: ExistingFile,
) -> Result<bool> {
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
        file.as_file().set_permissions(permissions)?; // undoes the umask
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

/// Refuses to replace a device or a pipe: the rename would take it away from all its users.
fn check_replaceable(path: &Path) -> Result<()> {
    let name = path.display();
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(directory_not_file(&name)),
        Ok(there) if !there.is_file() => Err(not_regular(&name)
            .hint("give a regular file; or write to standard output and redirect it")),
        Err(error) if !is_absence(&error) => Err(unreadable(&name.to_string(), error)),
        _ => Ok(()),
    }
}

fn directory_not_file(name: &impl std::fmt::Display) -> Error {
    Error::usage(Code::FileIsDirectory, format!("{name} is a directory, not a file"))
        .hint("give a file in it")
}

fn not_regular(name: &impl std::fmt::Display) -> Error {
    Error::usage(Code::FileNotRegular, format!("{name} is not a regular file"))
}

/// The error of a link that leads to itself.
const ELOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();
/// The error of a change of owner that is not allowed, and of a write to an immutable file.
const EPERM: i32 = rustix::io::Errno::PERM.raw_os_error();

fn unwritable(path: &Path, error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "create its directory first",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "a file has the name of a directory that is needed; move it away"
        }
        io::ErrorKind::PermissionDenied if error.raw_os_error() == Some(EPERM) => {
            "only root may change owners; or the file is immutable: lsattr"
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

/// Removes temporary files that killed writers left in a directory. The caller must hold the lock
/// of the directory: every temporary file is taken for stale.
///
/// # Errors
/// Exit 3 when the directory cannot be read or a file cannot be removed.
pub(crate) fn remove_temporary_files(directory: &Path) -> Result<()> {
    let failed = |error| unwritable(directory, error);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}

/// Creates a directory, and missing ones above it, with mode 0700.
///
/// # Errors
/// See `create_directory`.
pub(crate) fn create_private_directory(path: &Path) -> Result<()> {
    create_directory(path, 0o700)
}

/// Creates a directory, and missing ones above it, with this mode, and syncs each parent.
///
/// # Errors
/// Exit 3 when it cannot be created.
pub(crate) fn create_directory(path: &Path, mode: u32) -> Result<()> {
    let failed = |error| unwritable(path, error);
    let missing: Vec<&Path> = path.ancestors().take_while(|above| !exists(above)).collect();
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(failed)?;
    for made in missing {
        File::open(parent(made)).and_then(|above| above.sync_all()).map_err(failed)?;
    }
    Ok(())
}

/// Sets or clears the immutable flag of a directory (`FS_IMMUTABLE_FL`, ioctl_iflags(2)): while it
/// is set, nobody, not even root, can create, remove or rename files in it. Returns false if the
/// file system does not support the flag or the process may not set it.
///
/// # Errors
/// Exit 3 when the directory cannot be opened, or the flag cannot be set for another reason.
pub(crate) fn set_immutable(directory: &Path, is_immutable: bool) -> Result<bool> {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    use rustix::io::Errno;
    let failed = |error: io::Error| unwritable(directory, error);
    let handle = File::open(directory).map_err(failed)?;
    let Ok(before) = ioctl_getflags(&handle) else { return Ok(false) };
    let mut flags = before;
    flags.set(IFlags::IMMUTABLE, is_immutable);
    if flags == before {
        return Ok(true);
    }
    match ioctl_setflags(&handle, flags) {
        Ok(()) => Ok(true),
        Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::INVAL | Errno::PERM) => Ok(false),
        Err(error) => Err(failed(error.into())),
    }
}

/// Removes a file, and syncs its directory. A missing file is not an error.
///
/// # Errors
/// Exit 3 when the disk or the permissions do not allow it.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed.map_err(|error| unwritable(path, error))?,
    }
    let synced = File::open(parent(path)).and_then(|directory| directory.sync_all());
    synced.map_err(|error| unwritable(path, error))
}

/// Removes a directory if it is empty; otherwise leaves it.
pub(crate) fn remove_empty_directory(path: &Path) {
    let _ = fs::remove_dir(path);
}

/// The owner and the mode of a file with a secret. The mode is `None` if it is wider than ours; the
/// result is `None` if there is no file.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn owner_and_mode(path: &Path) -> Result<Option<(Owner, Option<FileMode>)>> {
    let Some(metadata) = metadata(path)? else { return Ok(None) };
    let owner = Owner { uid: metadata.uid(), gid: metadata.gid() };
    let mode = match metadata.permissions().mode() & 0o777 {
        bits if bits & 0o077 == 0 => Some(FileMode::Private),
        bits if bits == FileMode::Group.bits() && owner.uid == 0 => Some(FileMode::Group),
        _ => None,
    };
    Ok(Some((owner, mode)))
}

/// Whether an error of stat(2) or open(2) means that a path leads to nothing: as [`is_absence`], or
/// through a link to itself.
fn leads_nowhere(error: &io::Error) -> bool {
    is_absence(error) || error.raw_os_error() == Some(ELOOP)
}

/// The metadata of a path, after following links; `None` if it leads to nothing.
fn metadata(path: &Path) -> Result<Option<Metadata>> {
    match path.metadata() {
        Ok(there) => Ok(Some(there)),
        Err(error) if leads_nowhere(&error) => Ok(None),
        Err(error) => Err(unreadable(&path.display().to_string(), error)),
    }
}

/// The names of the entries of a directory, sorted, without those that begin with a dot; empty if
/// the directory does not exist.
///
/// # Errors
/// Exit 3 when it cannot be read.
pub(crate) fn names(directory: &Path) -> Result<Vec<String>> {
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

/// The numbers (major and minor) of the device that a path lies on (`st_dev`), and of the block
/// device that it is (`st_rdev`). `None` if nothing is there.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn device_numbers(path: &Path) -> Result<Option<DeviceNumbers>> {
    Ok(metadata(path)?.map(|there| {
        let is_block = there.file_type().is_block_device();
        let on = device::number(there.dev());
        DeviceNumbers { on, is: is_block.then(|| device::number(there.rdev())) }
    }))
}

/// Device numbers, major and minor; see [`device_numbers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceNumbers {
    /// The device that the path lies on.
    pub on: (u32, u32),
    /// The block device that the path is.
    pub is: Option<(u32, u32)>,
}

/// Syncs the file system of `path`: all earlier writes to it survive a power cut (syncfs(2)).
///
/// # Errors
/// Exit 3 when the disk reports an error, also one of an earlier write.
pub(crate) fn sync_file_system(path: &Path) -> Result<()> {
    let synced = File::open(path).and_then(|file| Ok(rustix::fs::syncfs(file)?));
    synced.map_err(|error| unwritable(path, error))
}

/// Whether a path is a directory; `None` if nothing is there.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn is_directory(path: &Path) -> Result<Option<bool>> {
    Ok(metadata(path)?.map(|there| there.is_dir()))
}

/// Whether a directory is empty. Names that begin with a dot count, `lost+found` does not.
///
/// # Errors
/// Exit 3 when it cannot be read.
pub(crate) fn is_empty_directory(path: &Path) -> Result<bool> {
    let failed = |error| unreadable(&path.display().to_string(), error);
    // mkfs creates lost+found for its own use.
    for entry in fs::read_dir(path).map_err(failed)? {
        if entry.map_err(failed)?.file_name() != "lost+found" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Refuses to write a private key to stdout if that is a file which others can read.
///
/// # Errors
/// Exit 4 in this case; exit 3 when it cannot be checked.
pub(crate) fn check_stdout_private() -> Result<()> {
    let stat = match rustix::fs::fstat(rustix::stdio::stdout()) {
        Err(rustix::io::Errno::BADF) => return Ok(()), // stdout is closed: nothing is written
        stat => stat.map_err(|error| unreadable("standard output", error.into()))?,
    };
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    if is_file && stat.st_mode & 0o077 != 0 {
        return Err(Error::refused(
            Code::StdoutNotPrivate,
            "stdout is a file that other users can read",
        )
        .hint("let ccx-sec create the file with mode 0600: --out FILE"));
    }
    Ok(())
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
