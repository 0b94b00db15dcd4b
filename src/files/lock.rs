//! Locks between processes: of a directory, and of an open file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::unwritable;
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// The lock of a directory; released when dropped, or when the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Lets programs that are started from now on inherit the lock, until the last of them ends.
    ///
    /// # Errors
    /// Exit 3 when the system refuses.
    pub(crate) fn pass_on(&self) -> Result<()> {
        rustix::io::fcntl_setfd(&self.file, rustix::io::FdFlags::empty())
            .map_err(|error| Error::failed(Code::Lock, "cannot pass on the lock").because(error))
    }
}

/// Takes the lock of a directory: the file `.lock` in it.
///
/// # Errors
/// Exit 4 when `.lock` is a link, a FIFO, or a file of a user other than this one and root; exit 3
/// when it cannot be created, or another process holds it for longer than `timeout`.
pub(crate) fn lock(directory: &Path, timeout: Duration) -> Result<Lock> {
    let path = directory.join(".lock");
    // A link could make us create a file elsewhere, and opening a FIFO would block (open(2)).
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(flags)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(_) if path.symlink_metadata().is_ok_and(|there| !there.is_file()) => {
            return Err(not_a_lock(&path));
        }
        Err(error) => return Err(unwritable(&path, error)),
    };
    let there = file.metadata().map_err(|error| unwritable(&path, error))?;
    if !there.is_file() || ![0, rustix::process::geteuid().as_raw()].contains(&there.uid()) {
        return Err(not_a_lock(&path));
    }
    match wait_for_lock(&file, timeout) {
        Ok(true) => Ok(Lock { file }),
        Ok(false) => Err(Error::failed(
            Code::StoreLocked,
            format!("{} is locked by another process", directory.display()),
        )
        .hint(("show the process", CommandLine::other("fuser", "-v").argument(&path)))
        .hint("or wait longer: --timeout")),
        Err(error) => Err(unwritable(&path, error)),
    }
}

fn not_a_lock(path: &Path) -> Error {
    let message = format!("{} is not a regular file of this user", path.display());
    Error::refused(Code::LockForeign, message).hint(format!(
        "another user made it; show its owner: ls -l {0}; if no process uses the directory: rm {0}",
        path.display()
    ))
}

/// The interval between attempts to take a lock.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// Waits for the lock of a file; false if another process holds it for longer than `patience`.
pub(super) fn wait_for_lock(file: &File, patience: Duration) -> io::Result<bool> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => return Ok(false),
            Err(TryLockError::WouldBlock) => std::thread::sleep(POLL),
        }
    }
}
