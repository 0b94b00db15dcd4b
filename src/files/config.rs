//! Configuration files of services. They keep owner and mode when another user writes them.
//!
//! The directory may belong to the service while this process is root. All steps therefore use the
//! handle of the directory opened first, so that the service cannot redirect them with a link.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{FileMode, Owner, TEMPORARY, parent, unreadable, unwritable};
use crate::error::{Code, Error, Result};

/// The size limit of a configuration file, in bytes.
const MAX_CONFIG: u64 = 4 * 1024 * 1024;

/// Reads a configuration file; `None` if it does not exist.
///
/// # Errors
/// Exit 4 for a link, which could lead to any other file; exit 3 when it cannot be read.
pub(crate) fn read_config(path: &Path) -> Result<Option<String>> {
    let name = path.display().to_string();
    let refused = || {
        Error::refused(Code::ConfigNotFile, format!("{name} is not a plain file"))
            .hint("give the file itself, not a link")
    };
    // Opening a FIFO would block, and a link could lead to a file that is not the service's.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) if path.symlink_metadata().is_ok_and(|there| !there.is_file()) => {
            return Err(refused());
        }
        opened => opened.map_err(|error| unreadable(&name, error))?,
    };
    let there = file.metadata().map_err(|error| unreadable(&name, error))?;
    if !there.is_file() || there.len() > MAX_CONFIG {
        return Err(refused());
    }
    let mut text = String::new();
    let read = file.take(MAX_CONFIG).read_to_string(&mut text);
    read.map(|_| Some(text)).map_err(|error| unreadable(&name, error))
}

/// Writes a configuration file atomically; `None` removes it. An existing file keeps its owner and
/// mode; a new one gets the owner of its directory, and everybody can read it.
///
/// # Errors
/// Exit 3 when the disk or the permissions do not allow it.
pub(crate) fn write_config(path: &Path, text: Option<&str>) -> Result<()> {
    let written = || -> io::Result<()> {
        let open = File::open(parent(path))?;
        let directory = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()));
        let path = directory.join(path.file_name().ok_or(ErrorKind::InvalidFilename)?);
        let Some(text) = text else {
            super::slot::remove(&path)?;
            return open.sync_all();
        };
        let (like, mode) = match path.symlink_metadata() {
            Ok(there) => (owner(&there), there.permissions().mode() & 0o777),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                (owner(&open.metadata()?), FileMode::Public.bits())
            }
            Err(error) => return Err(error),
        };
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&directory)?;
        if owner(&file.as_file().metadata()?) != like {
            fchown(file.as_file(), Some(like.uid), Some(like.gid))?;
        }
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        open.sync_all()
    };
    written().map_err(|error| unwritable(path, error))
}

/// The owner of a file or directory; `None` if it does not exist.
///
/// # Errors
/// Exit 3 when it cannot be checked.
pub(crate) fn owner_of(path: &Path) -> Result<Option<Owner>> {
    Ok(super::metadata(path)?.map(|there| owner(&there)))
}

fn owner(of: &Metadata) -> Owner {
    Owner { uid: of.uid(), gid: of.gid() }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn a_link_and_a_pipe_are_refused_and_nothing_is_no_text() {
        let at = tempfile::tempdir().expect("a directory");
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| at.path().join(name));
        fs::write(&file, "a\n").expect("a file");
        symlink(&file, &link).expect("a link");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0)
            .expect("a pipe");
        let code = |path: &Path| read_config(path).map_err(|error| error.code().name());
        assert_eq!(code(&file), Ok(Some("a\n".to_owned())));
        assert_eq!(code(&link), Err("config-not-file"));
        assert_eq!(code(&pipe), Err("config-not-file"));
        assert_eq!(code(&at.path().join("nothing")), Ok(None));
    }

    /// Each write goes to the directory that was opened, with the mode of the file in that
    /// directory.
    #[test]
    fn a_directory_that_is_swapped_meanwhile_mixes_nothing() {
        let at = tempfile::tempdir().expect("a directory");
        let [here, there, link, spare] =
            ["here", "there", "link", "spare"].map(|name| at.path().join(name));
        let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
        for (directory, bits) in [(&here, 0o666), (&there, 0o600)] {
            fs::create_dir(directory).expect("a directory");
            fs::write(directory.join("f"), "").expect("a file");
            fs::set_permissions(directory.join("f"), Permissions::from_mode(bits)).expect("mode");
        }
        symlink(&here, &link).expect("a link");
        let done = AtomicBool::new(false);
        let written: Vec<Result<()>> = thread::scope(|scope| {
            scope.spawn(|| {
                for target in [&there, &here].into_iter().cycle() {
                    symlink(target, &spare).expect("a link");
                    fs::rename(&spare, &link).expect("swapped");
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
            let written = (0..300).map(|_| write_config(&link.join("f"), Some("text"))).collect();
            done.store(true, Ordering::SeqCst);
            written
        });
        assert!(written.iter().all(Result::is_ok), "{written:?}");
        assert_eq!((mode(&here.join("f")), mode(&there.join("f"))), (0o666, 0o600));
        assert_eq!(fs::read_dir(&here).expect("files").count(), 1, "nothing is left behind");
    }
}
