//! The journal of a volume on this machine's disk: which operation has begun, and at which step
//! it is. The store has the same, but for the step: this one is written before each, and needs no
//! network.
//!
//! One folder a volume, with the lock that whoever works on the volume holds. Programs that we
//! start inherit the lock: while one that outlived us still works, nobody else begins.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::record::{Record, VolumeId};
use crate::error::{Code, Error, Result};
use crate::files::{self, ExistingFile, FileMode, Lock};
use crate::process;
use crate::shell::CommandLine;
use crate::store::location::Environment;

/// More than any record has.
const MAX_RECORD: usize = 256 * 1024;
const PENDING: &str = "pending.json";
const KEPT: &str = "before-";

/// Where journals are: `/var/lib/ccx-sec/volumes` where root works, else below the state of
/// the user (`XDG_STATE_HOME`); or where it is said.
///
/// # Errors
/// Exit 2 when nothing says where the state of this user is.
pub fn directory(said: Option<&Path>) -> Result<PathBuf> {
    if let Some(said) = said {
        return std::path::absolute(said).map_err(|error| {
            let message = format!("{} is no path", said.display());
            Error::usage(Code::JournalPath, message)
                .because(error)
                .hint("name a directory: --journal")
        });
    }
    if process::is_root() {
        return Ok(PathBuf::from("/var/lib/ccx-sec/volumes"));
    }
    Environment::detect().state_home.map(|state| state.join("ccx-sec/volumes")).ok_or_else(|| {
        Error::usage(Code::JournalPath, "nothing says where the journal is to be: HOME is not set")
            .hint("name a directory: --journal DIR")
    })
}

/// The journal of one volume, and the lock on it.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    _lock: Lock,
}

impl Journal {
    /// Takes the lock of the volume. Another process may hold it for as long as `timeout`.
    ///
    /// # Errors
    /// Exit 3 when it holds it for longer, or the folder cannot be made.
    pub fn open(journals: &Path, id: &VolumeId, timeout: Duration) -> Result<Self> {
        let directory = journals.join(id.to_string());
        files::create_private_directory(&directory)?;
        files::check_private(&directory)?;
        files::check_private_place(&directory)?;
        let lock = files::lock(&directory, timeout).map_err(|error| match error.code() {
            Code::StoreLocked => {
                let message = format!("something else works on the volume {id} just now");
                let file = directory.join(".lock");
                Error::failed(Code::VolumeLocked, message)
                    .hint(("see what", CommandLine::other("fuser", "-v").argument(&file)))
                    .hint("a cryptsetup that outlived us holds it until it is done; wait, or --timeout")
            }
            _ => error,
        })?;
        lock.pass_on()?;
        files::remove_temporary_files(&directory)?;
        Ok(Journal { directory, _lock: lock })
    }

    /// What is pending on this machine, without taking the lock; nothing where nothing is.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read.
    pub fn peek(journals: &Path, id: &VolumeId) -> Result<Option<Record>> {
        read(&journals.join(id.to_string()))
    }

    /// What is pending; nothing where nothing is.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read.
    pub fn pending(&self) -> Result<Option<Record>> {
        read(&self.directory)
    }

    /// Writes down what is pending, and its step; it is on the disk when this comes back.
    ///
    /// # Errors
    /// Exit 3 when the disk says no.
    pub fn write(&self, record: &Record) -> Result<()> {
        let path = self.directory.join(PENDING);
        files::write(&path, &record.write()?, FileMode::Private, ExistingFile::Replace).map(drop)
    }

    /// Nothing is pending any more, and what was kept for that is gone: the next operation must
    /// not take it for its own.
    ///
    /// # Errors
    /// Exit 3 when the disk says no.
    pub fn clear(&self) -> Result<()> {
        for name in files::names(&self.directory)?.iter().filter(|name| name.starts_with(KEPT)) {
            files::remove(&self.directory.join(name))?;
        }
        files::remove(&self.directory.join(PENDING))
    }

    /// Where to keep what an operation may have to bring back: its own, by when it was begun.
    #[must_use]
    pub fn kept(&self, since: Timestamp) -> PathBuf {
        self.directory.join(format!("{KEPT}{}", since.as_nanosecond()))
    }

    /// The folder, for what an operation has to keep for itself until it is done.
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
