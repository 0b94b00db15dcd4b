//! A set of files in a directory that is replaced atomically.
//!
//! The names that readers open are symbolic links into `..data`, itself a link to the directory
//! with the current files. Renaming another link over `..data` replaces all files in one step (the
//! kubelet does the same for mounted Secrets):
//!
//! ```text
//! server-key.pem -> ..data/server-key.pem
//! ..data         -> ..5hT0qPzWb3xK
//! ..previous     -> ..Yc81mVn2LdRs     the replaced set, until the change is confirmed
//! ```
//!
//! At whatever moment a process is killed, the names lead to one complete set: the old or the new
//! one, or none in a directory that had none. (A reader that opens one name before the change and
//! another after it still gets one file of each set: see [`in_force`].) An unconfirmed change has a
//! `..previous`, which is the last confirmed set. Other files in the directory are left alone.
//!
//! A replaced set stays on the disk until the next process opens the directory for writing: a reader
//! that has followed `..data` to it, and has not opened its files yet, still finds them.
//!
//! The directory may belong to the service that reads from it while this process is root. Writes go
//! through handles, so that no link of the service can redirect them.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, OFlags};
use zeroize::Zeroizing;

use super::guarded::{check_place, check_still_of, create_for};
use super::lock::wait_for_lock;
use super::{
    FileMode, Owner, TEMPORARY, create_directory, leads_nowhere, metadata, open_nonblocking,
    unreadable_path, unwritable,
};
use crate::error::{Code, Error, Result};

const DATA: &str = "..data";
const PREVIOUS: &str = "..previous";
/// The size limit of a foreign file that is adopted, in bytes.
const MAX_ADOPTED: u64 = 16 * 1024 * 1024;
/// The number of random characters in the name of a set's directory, after two dots.
const RANDOM: usize = 12;

/// When writes are synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// At once: every file before the change, and the directory after it.
    Now,
    /// By the caller's [`super::sync_file_system`]: once before the changes, so that no link leads
    /// to files that are not on the disk yet, and once after them. One call serves any number of
    /// directories.
    Later,
}

/// A file of a set.
#[derive(Debug)]
pub struct Content<'a> {
    /// The file name.
    pub name: &'a str,
    /// The content.
    pub bytes: &'a [u8],
    /// The mode.
    pub mode: FileMode,
}

/// A directory for a set of files, locked against other writers until dropped.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    /// `path`, or if that belongs to another user, its handle under /proc, which no link of that
    /// user can redirect.
    base: PathBuf,
    lock: File,
}

/// A set of files that is written, but not current yet.
#[derive(Debug)]
pub struct StagedFiles {
    slot: Slot,
    data: String,
    names: Vec<String>,
    durability: Durability,
}

/// The current set of files. It can be rolled back until it is confirmed.
#[derive(Debug)]
#[must_use = "confirm it, or roll it back"]
pub struct PublishedFiles {
    slot: Slot,
    data: String,
}

impl Slot {
    /// Opens and locks a directory, creates it with mode 0755 if it is missing, and removes sets
    /// that were replaced, and sets that killed writers left. Waits up to `patience` for another process.
    ///
    /// # Errors
    /// Exit 3 when it cannot be created or read, or another process holds it; exit 4 when root
    /// would write below a directory that another user can change.
    pub fn open(path: &Path, durability: Durability, patience: Duration) -> Result<Self> {
        let other = check_place(path)?;
        let failed = |error| unwritable(path, error);
        match (durability, other) {
            (_, Some(owner)) => create_for(path, owner).map_err(failed)?,
            (Durability::Now, None) => create_directory(path, 0o755)?,
            (Durability::Later, None) => {
                DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(failed)?;
            }
        }
        let lock = File::open(path).map_err(failed)?;
        wait_for_lock(&lock, patience).map_err(failed)?.then_some(()).ok_or_else(|| {
            let message = format!("{} is held by another process", path.display());
            Error::failed(Code::DirectoryLocked, message)
                .hint("it is writing there now; try again later")
        })?;
        let base = match other {
            Some(owner) => {
                check_still_of(&lock, owner, path)?;
                PathBuf::from(format!("/proc/self/fd/{}", lock.as_raw_fd()))
            }
            None => path.to_owned(),
        };
        let slot = Slot { path: path.to_owned(), base, lock };
        slot.check_links()?;
        slot.remove_stale_sets().map_err(failed)?;
        Ok(slot)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the current set has a file of this name.
    ///
    /// # Errors
    /// Exit 3 when the directory cannot be read.
    pub fn holds(&self, name: &str) -> Result<bool> {
        let path = self.path.join(name);
        let is_foreign = self.is_foreign(name).map_err(|error| unreadable_path(&path, error))?;
        Ok(!is_foreign && metadata(&path)?.is_some())
    }

    /// The last change if it was never confirmed; it can still be rolled back.
    ///
    /// # Errors
    /// Exit 3 when the directory cannot be read.
    pub fn unconfirmed(self) -> Result<Option<PublishedFiles>> {
        let links = self.target(DATA).and_then(|data| Ok((data, self.target(PREVIOUS)?)));
        match links.map_err(|error| unreadable_path(&self.path, error))? {
            (Some(data), Some(_)) => Ok(Some(PublishedFiles { slot: self, data })),
            _ => Ok(None),
        }
    }

    /// Writes a set of files. Existing files of these names that belong to no set are foreign: they
    /// are adopted, to come back on a rollback, if `adopt` is true; otherwise they are refused.
    ///
    /// # Errors
    /// Exit 4 for foreign files; exit 3 when the disk or the permissions do not allow it.
    pub fn stage(
        self,
        files: &[Content<'_>],
        owner: Option<Owner>,
        durability: Durability,
        adopt: bool,
    ) -> Result<StagedFiles> {
        let failed = |error| unwritable(&self.path, error);
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        let mut foreign = Vec::new();
        for name in &names {
            if self.is_foreign(name).map_err(failed)? {
                foreign.push(*name);
            }
        }
        if let (Some(name), false) = (foreign.first(), adopt) {
            let message = format!("{} was not made by ccx-sec", self.path.join(name).display());
            return Err(Error::refused(Code::FileForeign, message)
                .hint("give another directory; or, to replace the file: --force"));
        }
        for name in &foreign {
            self.check_adoptable(name)?;
        }
        self.adopt(&names, &foreign).map_err(failed)?;
        let data = self.write(files, owner, durability).map_err(failed)?;
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(StagedFiles { slot: self, data, names, durability })
    }

    /// Refuses to adopt a file that could not be restored, such as a FIFO or a huge file.
    fn check_adoptable(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match metadata(&path)? {
            None => Ok(()), // a link to nothing
            Some(there) if there.is_file() && there.len() <= MAX_ADOPTED => Ok(()),
            Some(_) => {
                let message = format!("{} is not a regular file under 16 MiB", path.display());
                Err(Error::refused(Code::FileForeign, message)
                    .hint("ccx-sec did not make it and could not restore it: move it away"))
            }
        }
    }

    /// Refuses a directory in which a foreign file has the name of one of our links.
    fn check_links(&self) -> Result<()> {
        for name in [DATA, PREVIOUS] {
            let path = self.path.join(name);
            match self.base.join(name).symlink_metadata() {
                Ok(there) if !there.is_symlink() => {
                    let message = format!("{} was not made by ccx-sec", path.display());
                    return Err(Error::refused(Code::FileForeign, message)
                        .hint("ccx-sec needs that name for a link: move it away"));
                }
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(unreadable_path(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write(
        &self,
        files: &[Content<'_>],
        owner: Option<Owner>,
        durability: Durability,
    ) -> io::Result<String> {
        let (data, directory) = self.new_directory()?;
        for file in files {
            create_file(&directory, file.name, file.bytes, file.mode.bits(), owner, durability)?;
        }
        finish(&directory, owner, durability)?;
        Ok(data)
    }

    /// Creates a directory for a set, and returns its name and handle. The handle stays valid if
    /// the name is redirected.
    fn new_directory(&self) -> io::Result<(String, File)> {
        let made =
            tempfile::Builder::new().prefix("..").rand_bytes(RANDOM).tempdir_in(&self.base)?;
        let made = made.keep();
        let name = made.file_name().map(|name| name.to_string_lossy().into_owned());
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = File::from(rustix::fs::open(&made, flags, rustix::fs::Mode::empty())?);
        Ok((name.unwrap_or_default(), handle))
    }

    /// Turns existing files into a set if some of them are foreign. There is no moment without
    /// them: they are copied first, then the names are linked to the copies.
    fn adopt(&self, names: &[&str], foreign: &[&str]) -> io::Result<()> {
        if foreign.is_empty() {
            return Ok(());
        }
        let (data, directory) = self.new_directory()?;
        for name in names {
            let path = self.base.join(name);
            let from = match open_nonblocking(&path) {
                Err(error) if leads_nowhere(&error) => continue,
                opened => opened?,
            };
            let there = from.metadata()?;
            let mut bytes = Zeroizing::new(Vec::new());
            from.take(MAX_ADOPTED).read_to_end(&mut bytes)?;
            let owner = Some(Owner { uid: there.uid(), gid: there.gid() });
            let mode = there.permissions().mode() & 0o777;
            create_file(&directory, name, &bytes, mode, owner, Durability::Now)?;
        }
        finish(&directory, None, Durability::Now)?;
        self.link(DATA, &data)?;
        foreign.iter().try_for_each(|name| self.link(name, &format!("{DATA}/{name}")))
    }

    /// Makes `name` a link to `target` in one step, replacing an existing file.
    fn link(&self, name: &str, target: &str) -> io::Result<()> {
        let path = self.base.join(name);
        match symlink(target, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made,
        }
        let temporary = self.base.join(format!("{TEMPORARY}{name}"));
        remove(&temporary)?;
        symlink(target, &temporary)?;
        fs::rename(&temporary, path)
    }

    /// The target of one of our links; see [`link_target`].
    fn target(&self, name: &str) -> io::Result<Option<String>> {
        let target = link_target(&self.base.join(name))?;
        Ok(target.map(|target| target.to_string_lossy().into_owned()))
    }

    fn is_foreign(&self, name: &str) -> io::Result<bool> {
        match self.base.join(name).symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
            Ok(_) => Ok(self.target(name)?.is_none_or(|to| to != format!("{DATA}/{name}"))),
        }
    }

    /// Removes sets that are neither current nor previous, and temporary links.
    fn remove_stale_sets(&self) -> io::Result<()> {
        let mut kept = vec![self.target(DATA)?, self.target(PREVIOUS)?];
        if kept[0] == kept[1] {
            remove(&self.base.join(PREVIOUS))?; // killed before the change itself
            kept.pop();
        }
        // Unlike std's, this directory reader does not panic if closing fails.
        let entries =
            rustix::fs::Dir::read_from(&self.lock)?.collect::<std::result::Result<Vec<_>, _>>()?;
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = self.base.join(&name);
            let random = name.strip_prefix("..").unwrap_or_default();
            let is_set = random.len() == RANDOM
                && random.bytes().all(|b| b.is_ascii_alphanumeric())
                && path.symlink_metadata()?.is_dir();
            if is_set && !kept.iter().flatten().any(|kept| *kept == name) {
                remove_set(&path)?;
            } else if name.starts_with(TEMPORARY) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn sync(&self, durability: Durability) -> io::Result<()> {
        match durability {
            Durability::Now => self.lock.sync_all(),
            Durability::Later => Ok(()),
        }
    }
}

impl StagedFiles {
    /// Makes the set current in one step. In a directory without a set, the names lead nowhere
    /// until then. A `revertible` change can be rolled back until it is confirmed.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions do not allow it; the old set is then still current.
    pub fn publish(self, revertible: bool) -> Result<PublishedFiles> {
        let StagedFiles { slot, data, names, durability } = self;
        let before = slot.target(DATA).map_err(|error| unwritable(&slot.path, error))?;
        let published = (|| {
            for name in &names {
                if slot.target(name)?.is_none() {
                    slot.link(name, &format!("{DATA}/{name}"))?;
                }
            }
            // If the last change was not confirmed, `..previous` stays: it is the last good set.
            let is_unconfirmed = slot.target(PREVIOUS)?.is_some();
            if let (Some(old), true) = (&before, revertible && !is_unconfirmed) {
                slot.link(PREVIOUS, old)?;
            }
            slot.link(DATA, &data)?;
            slot.sync(durability)
        })();
        let Err(error) = published else { return Ok(PublishedFiles { slot, data }) };
        // The failure may have come after the change, when it was synced: restore the old link.
        let restored = match &before {
            Some(old) => slot.link(DATA, old).and_then(|()| slot.sync(Durability::Now)),
            None => remove(&slot.base.join(DATA)),
        };
        let error = unwritable(&slot.path, error);
        Err(match restored {
            Ok(()) => error,
            Err(worse) => error.hint(format!("the old files may not be restored: {worse}")),
        })
    }
}

impl PublishedFiles {
    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.slot.path
    }

    /// Confirms the change. The set that it replaced is removed by the next [`Slot::open`].
    ///
    /// # Errors
    /// Exit 3 when the directory cannot be written; the new set is current all the same.
    pub fn confirm(self) -> Result<()> {
        let removed = remove(&self.slot.base.join(PREVIOUS));
        removed.map_err(|error| unwritable(&self.slot.path, error))
    }

    /// Makes the replaced set current again. Returns false and changes nothing if there was none.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions do not allow it; the new set is then still current.
    pub fn roll_back(self) -> Result<bool> {
        let slot = &self.slot;
        let failed = |error| unwritable(&slot.path, error);
        let previous = slot.target(PREVIOUS).map_err(failed)?;
        let Some(old) = previous.filter(|old| *old != self.data) else {
            return Ok(false);
        };
        let back = slot.link(DATA, &old).and_then(|()| slot.sync(Durability::Now));
        back.map_err(failed)?;
        Ok(true)
    }
}

/// The directory of the set to which all `names` in `path` lead, or `path` itself if they do not. A
/// reader that opens all files there gets one consistent set, even if `path` changes meanwhile.
///
/// # Errors
/// Exit 3 when one of the links cannot be read.
pub(crate) fn in_force(path: &Path, names: &[&str]) -> Result<PathBuf> {
    let target = |name: &str| {
        let link = path.join(name);
        link_target(&link).map_err(|error| unreadable_path(&link, error))
    };
    let Some(data) = target(DATA)? else { return Ok(path.to_owned()) };
    for name in names {
        if target(name)? != Some(Path::new(DATA).join(name)) {
            return Ok(path.to_owned());
        }
    }
    Ok(path.join(data))
}

/// The target of a symbolic link; `None` if nothing has that name, or it is not a link (`ENOENT`,
/// `EINVAL`: readlink(2)). After any other error the current set is unknown, and nothing may be
/// removed.
fn link_target(path: &Path) -> io::Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Creates a file in an open directory.
fn create_file(
    directory: &File,
    name: &str,
    bytes: &[u8],
    mode: u32,
    owner: Option<Owner>,
    durability: Durability,
) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let private = rustix::fs::Mode::from_raw_mode(0o600);
    let mut file = File::from(rustix::fs::openat(directory, name, flags, private)?);
    file.write_all(bytes)?;
    if let Some(owner) = owner {
        fchown(&file, Some(owner.uid), Some(owner.gid))?;
    }
    if mode != 0o600 {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    if durability == Durability::Now {
        file.sync_all()?;
    }
    Ok(())
}

fn finish(directory: &File, owner: Option<Owner>, durability: Durability) -> io::Result<()> {
    if let Some(owner) = owner {
        fchown(directory, Some(owner.uid), Some(owner.gid))?;
    }
    directory.set_permissions(fs::Permissions::from_mode(0o755))?; // undoes the umask
    match durability {
        Durability::Now => directory.sync_all(),
        Durability::Later => Ok(()),
    }
}

/// Removes a directory and the files in it; a set has no subdirectories.
fn remove_set(path: &Path) -> io::Result<()> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = rustix::fs::open(path, flags, rustix::fs::Mode::empty())?;
    for entry in
        rustix::fs::Dir::read_from(&directory)?.collect::<std::result::Result<Vec<_>, _>>()?
    {
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            rustix::fs::unlinkat(&directory, entry.file_name(), AtFlags::empty())?;
        }
    }
    fs::remove_dir(path)
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
