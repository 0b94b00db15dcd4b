//! A set of files in a directory that change together, all at once.
//!
//! The names that readers open are symbolic links into `..data`, which is itself one, to the
//! directory with the files that are in force; renaming another link over it changes all of
//! them in one step (as the kubelet does it for mounted Secrets):
//!
//! ```text
//! server-key.pem -> ..data/server-key.pem
//! ..data         -> ..5hT0qPzWb3xK
//! ..previous     -> ..Yc81mVn2LdRs     from the change until it is confirmed
//! ```
//!
//! Whatever moment a process is killed at, the names lead to one whole set: the old, the new,
//! or, in a directory without one, none. A change that nobody confirmed is known by its
//! `..previous`. Files of others in the directory are left alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, symlink,
};
use std::path::{Path, PathBuf};

use super::{Mode, Owner, TEMPORARY, unwritable};
use crate::error::{Error, Result};

const DATA: &str = "..data";
const PREVIOUS: &str = "..previous";
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
    pub mode: Mode,
}

/// A directory with such a set of files, or that shall have one. Locked against other
/// writers until it is dropped.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    _lock: File,
}

/// A set of files that is written, and not in force yet.
#[derive(Debug)]
pub struct Staged {
    slot: Slot,
    data: String,
    names: Vec<String>,
    durability: Durability,
}

/// A set of files that is in force. What it replaced can come back until it is confirmed.
#[derive(Debug)]
#[must_use = "confirm it, or roll it back"]
pub struct Published {
    slot: Slot,
    data: String,
}

impl Slot {
    /// Takes a directory, made with mode 0755 where it is missing, and sweeps what killed
    /// writers left in it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be made or read, or another process holds it.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error| unwritable(path, error);
        DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(failed)?;
        let lock = File::open(path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let message = format!("{} is held by another process", path.display());
                return Err(Error::failed("directory-locked", message)
                    .hint("it writes there now; try again when it is done"));
            }
        }
        let slot = Slot { path: path.to_owned(), _lock: lock };
        slot.sweep().map_err(failed)?;
        Ok(slot)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a file of this name is in the set that is in force.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        !self.is_foreign(name) && self.path.join(name).exists()
    }

    /// The last change, where it was never confirmed: what it replaced is still there.
    #[must_use]
    pub fn unconfirmed(self) -> Option<Published> {
        let data = self.target(DATA)?;
        self.target(PREVIOUS)?;
        Some(Published { slot: self, data })
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
    ) -> Result<Staged> {
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        let foreign: Vec<&str> =
            names.iter().copied().filter(|name| self.is_foreign(name)).collect();
        if let (Some(name), false) = (foreign.first(), adopt) {
            let message = format!("{} was not made by ccx-sec", self.path.join(name).display());
            return Err(Error::refused("file-foreign", message)
                .hint("name another directory, or take its place: --force"));
        }
        let failed = |error| unwritable(&self.path, error);
        self.adopt(&names, &foreign).map_err(failed)?;
        let data = self.write(files, owner, durability).map_err(failed)?;
        let names = names.into_iter().map(str::to_owned).collect();
        Ok(Staged { slot: self, data, names, durability })
    }

    fn write(
        &self,
        files: &[Content<'_>],
        owner: Option<Owner>,
        durability: Durability,
    ) -> io::Result<String> {
        let (data, path) = self.new_directory()?;
        for file in files {
            let path = path.join(file.name);
            let mut options = OpenOptions::new();
            let mut written =
                options.write(true).create_new(true).mode(file.mode.bits()).open(&path)?;
            written.write_all(file.bytes)?;
            if file.mode.bits() & 0o077 != 0 {
                written.set_permissions(fs::Permissions::from_mode(file.mode.bits()))?;
            }
            if let Some(owner) = owner {
                chown(&path, Some(owner.uid), Some(owner.gid))?;
            }
            if durability == Durability::Now {
                written.sync_all()?;
            }
        }
        if let Some(owner) = owner {
            chown(&path, Some(owner.uid), Some(owner.gid))?;
        }
        if durability == Durability::Now {
            File::open(&path)?.sync_all()?;
        }
        Ok(data)
    }

    fn new_directory(&self) -> io::Result<(String, PathBuf)> {
        let made = tempfile::Builder::new()
            .prefix("..")
            .rand_bytes(RANDOM)
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in(&self.path)?
            .keep();
        fs::set_permissions(&made, fs::Permissions::from_mode(0o755))?; // whatever the umask
        let name = made.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok((name.unwrap_or_default(), made))
    }

    /// Where files of others have one of our names, all that is there becomes a set of its
    /// own, without a moment in which it is not there: first copied, then the names led to
    /// the copies.
    fn adopt(&self, names: &[&str], foreign: &[&str]) -> io::Result<()> {
        if foreign.is_empty() {
            return Ok(());
        }
        let (data, path) = self.new_directory()?;
        for name in names {
            let (from, to) = (self.path.join(name), path.join(name));
            let Ok(metadata) = fs::metadata(&from) else { continue };
            fs::copy(&from, &to)?; // with its mode
            chown(&to, Some(metadata.uid()), Some(metadata.gid()))?;
            File::open(&to)?.sync_all()?;
        }
        File::open(&path)?.sync_all()?;
        self.lead(DATA, &data)?;
        foreign.iter().try_for_each(|name| self.lead(name, &format!("{DATA}/{name}")))
    }

    /// Makes `name` a link to `target`, in one step, whatever it was.
    fn lead(&self, name: &str, target: &str) -> io::Result<()> {
        let path = self.path.join(name);
        match symlink(target, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made,
        }
        let temporary = self.path.join(format!("{TEMPORARY}{name}"));
        remove(&temporary)?;
        symlink(target, &temporary)?;
        fs::rename(&temporary, path)
    }

    /// Where one of our links leads.
    fn target(&self, name: &str) -> Option<String> {
        let target = fs::read_link(self.path.join(name)).ok()?;
        Some(target.to_string_lossy().into_owned())
    }

    fn is_foreign(&self, name: &str) -> bool {
        let there = self.path.join(name).symlink_metadata().is_ok();
        there && self.target(name).is_none_or(|target| target != format!("{DATA}/{name}"))
    }

    /// Removes what is in force nowhere: sets that were never published, or no longer are,
    /// and links on their way.
    fn sweep(&self) -> io::Result<()> {
        let mut kept = vec![self.target(DATA), self.target(PREVIOUS)];
        if kept[0] == kept[1] {
            remove(&self.path.join(PREVIOUS))?; // killed before the change itself
            kept.pop();
        }
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let random = name.strip_prefix("..").unwrap_or_default();
            let is_set = random.len() == RANDOM
                && random.bytes().all(|b| b.is_ascii_alphanumeric())
                && entry.file_type()?.is_dir();
            if is_set && !kept.iter().flatten().any(|kept| *kept == name) {
                fs::remove_dir_all(entry.path())?;
            } else if name.starts_with(TEMPORARY) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn sync(&self, durability: Durability) -> io::Result<()> {
        match durability {
            Durability::Now => self._lock.sync_all(),
            Durability::Later => Ok(()),
        }
    }
}

impl Staged {
    /// Puts the set in force, in one step. In a directory that had none, the names lead
    /// nowhere until then.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions say no; the old set is then still in force.
    pub fn publish(self) -> Result<Published> {
        let Staged { slot, data, names, durability } = self;
        let published = (|| {
            for name in names.iter().filter(|name| slot.target(name).is_none()) {
                slot.lead(name, &format!("{DATA}/{name}"))?;
            }
            if let Some(old) = slot.target(DATA) {
                slot.lead(PREVIOUS, &old)?;
            }
            slot.lead(DATA, &data)?;
            slot.sync(durability)
        })();
        match published {
            Ok(()) => Ok(Published { slot, data }),
            Err(error) => Err(unwritable(&slot.path, error)),
        }
    }
}

impl Published {
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
        if self.slot.target(PREVIOUS).is_none() {
            return Ok(());
        }
        let removed = remove(&self.slot.path.join(PREVIOUS)).and_then(|()| self.slot.sweep());
        removed.map_err(|error| unwritable(&self.slot.path, error))
    }

    /// Puts what was replaced in force again. False, and nothing changed, when there was
    /// nothing before.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions say no; the new set is then still in force.
    pub fn roll_back(self) -> Result<bool> {
        let slot = &self.slot;
        let Some(old) = slot.target(PREVIOUS).filter(|old| *old != self.data) else {
            return Ok(false);
        };
        let back = slot.lead(DATA, &old).and_then(|()| slot.sync(Durability::Now));
        back.and_then(|()| slot.sweep()).map_err(|error| unwritable(&slot.path, error))?;
        Ok(true)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(bytes: &[u8]) -> [Content<'_>; 2] {
        [
            Content { name: "cert", bytes, mode: Mode::Public },
            Content { name: "key", bytes, mode: Mode::Private },
        ]
    }

    fn put(path: &Path, bytes: &[u8], adopt: bool) -> Result<Published> {
        Slot::open(path)?.stage(&content(bytes), None, Durability::Now, adopt)?.publish()
    }

    fn read(path: &Path) -> (Vec<u8>, Vec<u8>) {
        (fs::read(path.join("cert")).expect("cert"), fs::read(path.join("key")).expect("key"))
    }

    fn entries(path: &Path) -> usize {
        fs::read_dir(path).expect("a directory").count()
    }

    #[test]
    fn both_change_together_and_nothing_is_left_of_the_old() {
        let at = tempfile::tempdir().expect("a directory");
        for bytes in [&b"one"[..], b"two", b"three"] {
            put(at.path(), bytes, false).expect("published").confirm().expect("confirmed");
            assert_eq!(read(at.path()), (bytes.to_vec(), bytes.to_vec()));
            assert_eq!(entries(at.path()), 4); // two names, ..data, and where it leads
        }
        let mode = |name| fs::metadata(at.path().join(name)).expect(name).permissions().mode();
        assert_eq!((mode("cert") & 0o777, mode("key") & 0o777), (0o644, 0o600));
    }

    #[test]
    fn a_change_can_be_taken_back_until_it_is_confirmed() {
        let at = tempfile::tempdir().expect("a directory");
        put(at.path(), b"one", false).expect("published").confirm().expect("confirmed");
        let two = put(at.path(), b"two", false).expect("published");
        assert!(two.roll_back().expect("back"));
        assert_eq!(read(at.path()).0, b"one");
        assert_eq!(entries(at.path()), 4);
        drop(put(at.path(), b"three", false).expect("published")); // killed before it was confirmed
        let slot = Slot::open(at.path()).expect("a slot");
        slot.unconfirmed().expect("a change").confirm().expect("confirmed");
        assert!(Slot::open(at.path()).expect("a slot").unconfirmed().is_none());
        assert_eq!(read(at.path()).1, b"three");
        assert_eq!(entries(at.path()), 4);
    }

    #[test]
    fn what_is_staged_and_never_published_is_swept() {
        let at = tempfile::tempdir().expect("a directory");
        let slot = Slot::open(at.path()).expect("a slot");
        drop(slot.stage(&content(b"one"), None, Durability::Now, false).expect("staged"));
        assert!(!at.path().join("cert").exists());
        drop(Slot::open(at.path()).expect("a slot"));
        assert_eq!(entries(at.path()), 0);
    }

    #[test]
    fn files_of_others_are_refused_or_adopted() {
        let at = tempfile::tempdir().expect("a directory");
        fs::write(at.path().join("key"), b"theirs").expect("written");
        fs::write(at.path().join("other"), b"theirs").expect("written");
        let refused = put(at.path(), b"one", false).map(|_| ()).map_err(|e| e.code());
        assert_eq!(refused, Err("file-foreign"));
        let published = put(at.path(), b"one", true).expect("published");
        assert_eq!(read(at.path()).1, b"one");
        assert!(published.roll_back().expect("back"));
        assert_eq!(fs::read(at.path().join("key")).expect("key"), b"theirs");
        assert!(fs::read(at.path().join("cert")).is_err());
        put(at.path(), b"two", false).expect("published").confirm().expect("confirmed");
        assert_eq!(read(at.path()).0, b"two");
        assert_eq!(fs::read(at.path().join("other")).expect("other"), b"theirs");
    }

    #[test]
    fn two_writers_at_once_are_told() {
        let at = tempfile::tempdir().expect("a directory");
        let _held = Slot::open(at.path()).expect("a slot");
        let refused = Slot::open(at.path()).map(|_| ()).map_err(|e| e.code());
        assert_eq!(refused, Err("directory-locked"));
    }
}
