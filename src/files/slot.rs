//! A set of files in a directory that change together, all at once.
//!
//! The names that readers open are symbolic links into `..data`, which is itself one, to the
//! directory with the files that are in force; renaming another link over it changes all of
//! them in one step (as the kubelet does it for mounted Secrets):
//!
//! ```text
//! server-key.pem -> ..data/server-key.pem
//! ..data         -> ..5hT0qPzWb3xK
//! ..previous     -> ..Yc81mVn2LdRs     what a change replaced, until it is confirmed
//! ```
//!
//! Whatever moment a process is killed at, the names lead to one whole set: the old, the new,
//! or, in a directory without one, none. (A reader that opens one name before the change and
//! the next one after it has one of each all the same: see [`in_force`].) A change that nobody
//! confirmed is known by its `..previous`, the last set that somebody did. Files of others in
//! the directory are left alone.
//!
//! The directory may belong to the service that reads from it, and we may be root: what is
//! written is made through handles, so that no link of the service's leads us elsewhere.

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
    unreadable, unwritable,
};
use crate::error::{Code, Error, Result};

const DATA: &str = "..data";
const PREVIOUS: &str = "..previous";
/// The most of a file of others that is taken over.
const MAX_ADOPTED: u64 = 16 * 1024 * 1024;
/// Random characters in the name of a directory with a set, behind two dots.
const RANDOM: usize = 12;

/// When what was written is safe from a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// At once: every file is synced before the change, and the change after it.
    Now,
    /// When [`super::sync_file_system`] has been called: once before the changes, so that
    /// none leads to files that are not there yet, and once after them; a call serves as many
    /// directories as there are.
    Later,
}

/// One of the files of a set.
#[derive(Debug)]
pub struct Content<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
    /// Who may read it.
    pub mode: FileMode,
}

/// A directory with such a set of files, or that shall have one. Locked against other
/// writers until it is dropped.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    /// The same, or where that belongs to another user the handle of it: no link of that user's
    /// leads elsewhere.
    base: PathBuf,
    lock: File,
}

/// A set of files that is written, and not in force yet.
#[derive(Debug)]
pub struct StagedFiles {
    slot: Slot,
    data: String,
    names: Vec<String>,
    durability: Durability,
}

/// A set of files that is in force. What it replaced can come back until it is confirmed.
#[derive(Debug)]
#[must_use = "confirm it, or roll it back"]
pub struct PublishedFiles {
    slot: Slot,
    data: String,
}

impl Slot {
    /// Takes a directory, made with mode 0755 where it is missing, and sweeps what killed
    /// writers left in it. Waits as long as `patience` for another process to leave it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be made or read, or another process holds it; exit 4 when root would
    /// write below a directory that is another's.
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
                .hint("it writes there now; try again when it is done")
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

    /// Whether a file of this name is in the set that is in force.
    ///
    /// # Errors
    /// Exit 3 when the directory cannot be read.
    pub fn holds(&self, name: &str) -> Result<bool> {
        let path = self.path.join(name);
        let is_foreign = self.is_foreign(name).map_err(|error| unreadable_path(&path, error))?;
        Ok(!is_foreign && metadata(&path)?.is_some())
    }

    /// The last change, where it was never confirmed: what it replaced is still there.
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

    /// Writes a set of files. Files of these names that are there and not of a set are
    /// somebody else's: they are `adopted`, to come back on a rollback, or refused.
    ///
    /// # Errors
    /// Exit 4 for files of others; exit 3 when the disk or the permissions say no.
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
                .hint("name another directory; or, to take its place: --force"));
        }
        for name in &foreign {
            self.check_adoptable(name)?;
        }
        self.adopt(&names, &foreign).map_err(failed)?;
        let data = self.write(files, owner, durability).map_err(failed)?;
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(StagedFiles { slot: self, data, names, durability })
    }

    /// Refuses to take over what could not come back as it was: a FIFO, say, or a huge file.
    fn check_adoptable(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match metadata(&path)? {
            None => Ok(()), // a link to nothing
            Some(there) if there.is_file() && there.len() <= MAX_ADOPTED => Ok(()),
            Some(_) => {
                let message = format!("{} is not a regular file under 16 MiB", path.display());
                Err(Error::refused(Code::FileForeign, message)
                    .hint("ccx-sec did not make it, and could not bring it back: move it away"))
            }
        }
    }

    /// Refuses a directory in which something of others has the name of one of our links.
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
            make(&directory, file.name, file.bytes, file.mode.bits(), owner, durability)?;
        }
        finish(&directory, owner, durability)?;
        Ok(data)
    }

    /// A directory for a set, and a handle of it: ours, whatever its name leads to meanwhile.
    fn new_directory(&self) -> io::Result<(String, File)> {
        let made =
            tempfile::Builder::new().prefix("..").rand_bytes(RANDOM).tempdir_in(&self.base)?;
        let made = made.keep();
        let name = made.file_name().map(|name| name.to_string_lossy().into_owned());
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = File::from(rustix::fs::open(&made, flags, rustix::fs::Mode::empty())?);
        Ok((name.unwrap_or_default(), handle))
    }

    /// Where files of others have one of our names, all that is there becomes a set of its
    /// own, without a moment in which it is not there: first copied, then the names led to
    /// the copies.
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
            make(&directory, name, &bytes, mode, owner, Durability::Now)?;
        }
        finish(&directory, None, Durability::Now)?;
        self.lead(DATA, &data)?;
        foreign.iter().try_for_each(|name| self.lead(name, &format!("{DATA}/{name}")))
    }

    /// Makes `name` a link to `target`, in one step, whatever it was.
    fn lead(&self, name: &str, target: &str) -> io::Result<()> {
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

    /// Where one of our links leads; see [`link_target`].
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

    /// Removes what is in force nowhere: sets that were never published, or no longer are,
    /// and links on their way.
    fn remove_stale_sets(&self) -> io::Result<()> {
        let mut kept = vec![self.target(DATA)?, self.target(PREVIOUS)?];
        if kept[0] == kept[1] {
            remove(&self.base.join(PREVIOUS))?; // killed before the change itself
            kept.pop();
        }
        // Unlike std's, this reader of a directory does not panic where closing it fails.
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
    /// Puts the set in force, in one step. In a directory that had none, the names lead
    /// nowhere until then. A `revertible` change can be taken back until it is confirmed.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions say no; the old set is then still in force.
    pub fn publish(self, revertible: bool) -> Result<PublishedFiles> {
        let StagedFiles { slot, data, names, durability } = self;
        let before = slot.target(DATA).map_err(|error| unwritable(&slot.path, error))?;
        let published = (|| {
            for name in &names {
                if slot.target(name)?.is_none() {
                    slot.lead(name, &format!("{DATA}/{name}"))?;
                }
            }
            // What an unconfirmed change replaced is still the last good set.
            let is_unconfirmed = slot.target(PREVIOUS)?.is_some();
            if let (Some(old), true) = (&before, revertible && !is_unconfirmed) {
                slot.lead(PREVIOUS, old)?;
            }
            slot.lead(DATA, &data)?;
            slot.sync(durability)
        })();
        let Err(error) = published else { return Ok(PublishedFiles { slot, data }) };
        // What failed may be the sync behind the change.
        let restored = match &before {
            Some(old) => slot.lead(DATA, old).and_then(|()| slot.sync(Durability::Now)),
            None => remove(&slot.base.join(DATA)),
        };
        let error = unwritable(&slot.path, error);
        Err(match restored {
            Ok(()) => error,
            Err(worse) => {
                error.hint(format!("and whether the old files came back is not known: {worse}"))
            }
        })
    }
}

impl PublishedFiles {
    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.slot.path
    }

    /// Takes the change as good, and removes what it replaced.
    ///
    /// # Errors
    /// Exit 3 when that cannot be removed; the new set is in force all the same.
    pub fn confirm(self) -> Result<()> {
        let removed =
            remove(&self.slot.base.join(PREVIOUS)).and_then(|()| self.slot.remove_stale_sets());
        removed.map_err(|error| unwritable(&self.slot.path, error))
    }

    /// Removes what it replaced, but for what an earlier change did that was never confirmed:
    /// that goes on waiting for it.
    ///
    /// # Errors
    /// As [`PublishedFiles::confirm`].
    pub fn tidy(self) -> Result<()> {
        self.slot.remove_stale_sets().map_err(|error| unwritable(&self.slot.path, error))
    }

    /// Puts what was replaced in force again. False, and nothing changed, when there was
    /// nothing before.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions say no; the new set is then still in force.
    pub fn roll_back(self) -> Result<bool> {
        let slot = &self.slot;
        let failed = |error| unwritable(&slot.path, error);
        let previous = slot.target(PREVIOUS).map_err(failed)?;
        let Some(old) = previous.filter(|old| *old != self.data) else {
            return Ok(false);
        };
        let back = slot.lead(DATA, &old).and_then(|()| slot.sync(Durability::Now));
        back.map_err(failed)?;
        let _ = slot.remove_stale_sets(); // the next writer does
        Ok(true)
    }
}

/// The directory with the set of files to which all of `names` in `path` lead: whoever reads
/// them from there has one set, while the names of `path` may lead to another in between.
/// `path` itself where they do not.
///
/// # Errors
/// Exit 3 when one of the links cannot be read.
pub fn in_force(path: &Path, names: &[&str]) -> Result<PathBuf> {
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

/// Returns where a symbolic link leads; `None` where nothing has that name, or something that
/// is no link (`ENOENT`, `EINVAL`: readlink(2)). After any other error it is not known which
/// set of files is in force, and nothing may be removed.
fn link_target(path: &Path) -> io::Result<Option<PathBuf>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn unreadable_path(path: &Path, error: io::Error) -> Error {
    unreadable(&path.display().to_string(), error)
}

/// Makes a file in a directory that is open.
fn make(
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
    directory.set_permissions(fs::Permissions::from_mode(0o755))?; // whatever the umask
    match durability {
        Durability::Now => directory.sync_all(),
        Durability::Later => Ok(()),
    }
}

/// Removes a directory and the files in it; sets have no directories in them.
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
