//! The journal of a volume on this machine's disk: the pending operation and its current step. The
//! store has the pending operation too, but not every step: the journal is written before each step,
//! and needs no network.
//!
//! Each volume has a directory with a lock file. A process that works on the volume holds the lock,
//! and the programs that it starts inherit it. So nobody else begins while a cryptsetup that outlived
//! ccx-sec still works.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::record::{Record, VolumeId};
use crate::error::{Code, Error, Result};
use crate::files::{self, ExistingFile, FileMode, Lock};
use crate::process;
use crate::shell::CommandLine;
use crate::store::location::Environment;

/// More bytes than any record has.
const MAX_RECORD: usize = 256 * 1024;
const PENDING: &str = "pending.json";
const KEPT: &str = "before-";

/// Returns the directory of all journals: `given`, or `/var/lib/ccx-sec/volumes` for root, or a
/// directory below `XDG_STATE_HOME` for others.
///
/// # Errors
/// Exit 2 when this user has no state directory.
pub fn directory(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return std::path::absolute(given).map_err(|error| {
            let message = format!("{} is not a valid path", given.display());
            Error::usage(Code::JournalPath, message)
                .because(error)
                .hint("name a directory: --journal")
        });
    }
    if process::is_root() {
        return Ok(PathBuf::from("/var/lib/ccx-sec/volumes"));
    }
    Environment::detect().state_home.map(|state| state.join("ccx-sec/volumes")).ok_or_else(|| {
        Error::usage(Code::JournalPath, "no directory for the journal: HOME is not set")
            .hint("name a directory: --journal DIR")
    })
}

/// The journal of one volume, with its lock.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    _lock: Lock,
}

impl Journal {
    /// Opens the journal and takes the lock of the volume, for which it waits up to `timeout`.
    ///
    /// # Errors
    /// Exit 3 `volume-locked` when another process keeps the lock; exit 3 when the directory cannot
    /// be created.
    pub fn open(journals: &Path, id: &VolumeId, timeout: Duration) -> Result<Self> {
        let directory = journals.join(id.to_string());
        files::create_private_directory(&directory)?;
        files::check_private(&directory)?;
        files::check_private_place(&directory)?;
        let lock = files::lock(&directory, timeout).map_err(|error| match error.code() {
            Code::StoreLocked => {
                let message = format!("another process is working on the volume {id}");
                let file = directory.join(".lock");
                Error::failed(Code::VolumeLocked, message)
                    .hint(("find that process", CommandLine::other("fuser", "-v").argument(&file)))
                    .hint("an interrupted ccx-sec may have left a cryptsetup that still works; wait for it: --timeout")
            }
            _ => error,
        })?;
        lock.pass_on()?;
        files::remove_temporary_files(&directory)?;
        Ok(Journal { directory, _lock: lock })
    }

    /// Returns whether the volume has a journal on this machine.
    ///
    /// # Errors
    /// Exit 3 when the directory of the journals cannot be read.
    pub fn exists(journals: &Path, id: &VolumeId) -> Result<bool> {
        files::try_exists(&journals.join(id.to_string()))
    }

    /// Reads the pending operation, if there is one, without taking the lock.
    ///
    /// # Errors
    /// Exit 3 when the file cannot be read.
    pub fn peek(journals: &Path, id: &VolumeId) -> Result<Option<Record>> {
        read(&journals.join(id.to_string()))
    }

    /// Reads the pending operation, if there is one.
    ///
    /// # Errors
    /// Exit 3 when the file cannot be read.
    pub fn pending(&self) -> Result<Option<Record>> {
        read(&self.directory)
    }

    /// Writes the pending operation with its step. The data are on the disk when this returns.
    ///
    /// # Errors
    /// Exit 3 when the file cannot be written.
    pub fn write(&self, record: &Record) -> Result<()> {
        let path = self.directory.join(PENDING);
        files::write(&path, &record.write()?, FileMode::Private, ExistingFile::Replace).map(drop)
    }

    /// Deletes the pending operation and the files that it kept, which the next operation must not
    /// find.
    ///
    /// # Errors
    /// Exit 3 when a file cannot be deleted.
    pub fn clear(&self) -> Result<()> {
        for name in files::names(&self.directory)?.iter().filter(|name| name.starts_with(KEPT)) {
            files::remove(&self.directory.join(name))?;
        }
        files::remove(&self.directory.join(PENDING))
    }

    /// The file in which an operation keeps what its rollback needs. The name has the time at which
    /// the operation began.
    #[must_use]
    pub fn kept(&self, since: Timestamp) -> PathBuf {
        self.directory.join(format!("{KEPT}{}", since.as_nanosecond()))
    }

    /// The directory, in which an operation and cryptsetup may keep files until the operation is done.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

fn read(directory: &Path) -> Result<Option<Record>> {
    let path = directory.join(PENDING);
    if !files::try_exists(&path)? {
        return Ok(None);
    }
    let record = Record::read(&files::read(&path, MAX_RECORD)?, &path.display().to_string())?;
    Ok(record.pending.is_some().then_some(record))
}
