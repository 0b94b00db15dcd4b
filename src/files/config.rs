//! Configuration files of services: they keep their owner and mode, whoever writes.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use super::{Mode, Owner, TEMPORARY, parent, unreadable, unwritable};
use crate::error::{Error, Result};

/// More than any configuration file has.
const MAX_CONFIG: u64 = 4 * 1024 * 1024;

/// The text of a configuration file; none where there is no file.
///
/// # Errors
/// Exit 4 for a link, which would lead us elsewhere; exit 3 when it cannot be read.
pub fn read_config(path: &Path) -> Result<Option<String>> {
    let name = path.display().to_string();
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&name, error)),
        Ok(there) if !there.is_file() || there.len() > MAX_CONFIG => {
            return Err(Error::refused("config-not-file", format!("{name} is not a plain file"))
                .hint("give the file itself, not a link to it"));
        }
        Ok(_) => {}
    }
    fs::read_to_string(path).map(Some).map_err(|error| unreadable(&name, error))
}

/// Gives a configuration file this text, whole or not at all; with none, there is no file
/// afterwards. It keeps owner and mode; a new one has the owner of its directory, and everybody
/// may read it.
///
/// # Errors
/// Exit 3 when the disk or the permissions say no.
pub fn write_config(path: &Path, text: Option<&str>) -> Result<()> {
    let directory = parent(path);
    let written = || -> io::Result<()> {
        let Some(text) = text else {
            super::slot::remove(path)?;
            return File::open(&directory)?.sync_all();
        };
        let (like, mode) = match path.symlink_metadata() {
            Ok(there) => (owner(&there), there.permissions().mode() & 0o777),
            Err(_) => (owner(&directory.metadata()?), Mode::Public.bits()),
        };
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&directory)?;
        if owner(&file.as_file().metadata()?) != like {
            fchown(file.as_file(), Some(like.uid), Some(like.gid))?;
        }
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(&directory)?.sync_all()
    };
    written().map_err(|error| unwritable(path, error))
}

/// Who a directory, or a file, belongs to; none where it is not seen.
#[must_use]
pub fn owner_of(path: &Path) -> Option<Owner> {
    path.metadata().ok().map(|there| owner(&there))
}

fn owner(of: &Metadata) -> Owner {
    Owner { uid: of.uid(), gid: of.gid() }
}
