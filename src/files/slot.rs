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
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, fchown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;
use zeroize::Zeroizing;

use super::{Mode, Owner, TEMPORARY, create_directory, unwritable, wait_for_lock};
use crate::error::{Error, Result};

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
    pub mode: Mode,
}

/// A directory with such a set of files, or that shall have one. Locked against other
/// writers until it is dropped.
#[derive(Debug)]
pub struct Slot {
    path: PathBuf,
    lock: File,
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
    /// writers left in it. Waits as long as `patience` for another process to leave it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be made or read, or another process holds it.
    pub fn open(path: &Path, durability: Durability, patience: Duration) -> Result<Self> {
        let failed = |error| unwritable(path, error);
        match durability {
            Durability::Now => create_directory(path, 0o755)?,
            Durability::Later => {
                DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(failed)?;
            }
        }
        let lock = File::open(path).map_err(failed)?;
        wait_for_lock(&lock, patience).map_err(failed)?.then_some(()).ok_or_else(|| {
            let message = format!("{} is held by another process", path.display());
            Error::failed("directory-locked", message)
                .hint("it writes there now; try again when it is done")
        })?;
        let slot = Slot { path: path.to_owned(), lock };
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
                .hint("name another directory, or take its place: ccx-sec cert issue --force"));
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
            tempfile::Builder::new().prefix("..").rand_bytes(RANDOM).tempdir_in(&self.path)?;
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
            let Ok(from) = File::open(self.path.join(name)) else { continue };
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
            Durability::Now => self.lock.sync_all(),
            Durability::Later => Ok(()),
        }
    }
}

impl Staged {
    /// Puts the set in force, in one step. In a directory that had none, the names lead
    /// nowhere until then. A `revertible` change can be taken back until it is confirmed.
    ///
    /// # Errors
    /// Exit 3 when the disk or the permissions say no; the old set is then still in force.
    pub fn publish(self, revertible: bool) -> Result<Published> {
        let Staged { slot, data, names, durability } = self;
        let published = (|| {
            for name in names.iter().filter(|name| slot.target(name).is_none()) {
                slot.lead(name, &format!("{DATA}/{name}"))?;
            }
            // What an unconfirmed change replaced is still the last good set.
            let is_unconfirmed = slot.target(PREVIOUS).is_some();
            if let (Some(old), true) = (slot.target(DATA), revertible && !is_unconfirmed) {
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
        let removed = remove(&self.slot.path.join(PREVIOUS)).and_then(|()| self.slot.sweep());
        removed.map_err(|error| unwritable(&self.slot.path, error))
    }

    /// Removes what it replaced, but for what an earlier change did that was never confirmed:
    /// that goes on waiting for it.
    ///
    /// # Errors
    /// As [`Published::confirm`].
    pub fn tidy(self) -> Result<()> {
        self.slot.sweep().map_err(|error| unwritable(&self.slot.path, error))
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

/// The directory with the set of files to which all of `names` in `path` lead: whoever reads
/// them from there has one set, while the names of `path` may lead to another in between.
/// `path` itself where they do not.
#[must_use]
pub fn in_force(path: &Path, names: &[&str]) -> PathBuf {
    let leads_to_set = |name: &&str| {
        fs::read_link(path.join(name)).is_ok_and(|to| to == Path::new(DATA).join(name))
    };
    match fs::read_link(path.join(DATA)) {
        Ok(data) if names.iter().all(leads_to_set) => path.join(data),
        _ => path.to_owned(),
    }
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

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Result<Slot> {
        Slot::open(path, Durability::Now, Duration::ZERO)
    }

    fn content(bytes: &[u8]) -> [Content<'_>; 2] {
        [
            Content { name: "cert", bytes, mode: Mode::Public },
            Content { name: "key", bytes, mode: Mode::Private },
        ]
    }

    fn put(path: &Path, bytes: &[u8], adopt: bool) -> Result<Published> {
        open(path)?.stage(&content(bytes), None, Durability::Now, adopt)?.publish(true)
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
        let slot = open(at.path()).expect("a slot");
        slot.unconfirmed().expect("a change").confirm().expect("confirmed");
        assert!(open(at.path()).expect("a slot").unconfirmed().is_none());
        assert_eq!(read(at.path()).1, b"three");
        assert_eq!(entries(at.path()), 4);
    }

    #[test]
    fn what_comes_back_is_the_last_set_that_was_confirmed() {
        let at = tempfile::tempdir().expect("a directory");
        put(at.path(), b"one", false).expect("published").confirm().expect("confirmed");
        drop(put(at.path(), b"two", false).expect("published"));
        let slot = open(at.path()).expect("a slot");
        let staged = slot.stage(&content(b"other"), None, Durability::Now, false).expect("staged");
        staged.publish(false).expect("published").tidy().expect("tidy");
        assert!(open(at.path()).expect("a slot").unconfirmed().is_some(), "it goes on waiting");
        let three = put(at.path(), b"three", false).expect("published");
        assert!(three.roll_back().expect("back"));
        assert_eq!(read(at.path()).0, b"one");
        assert_eq!(entries(at.path()), 4);
    }

    #[test]
    fn what_is_staged_and_never_published_is_swept() {
        let at = tempfile::tempdir().expect("a directory");
        let slot = open(at.path()).expect("a slot");
        drop(slot.stage(&content(b"one"), None, Durability::Now, false).expect("staged"));
        assert!(!at.path().join("cert").exists());
        drop(open(at.path()).expect("a slot"));
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
        let _held = open(at.path()).expect("a slot");
        let refused = open(at.path()).map(|_| ()).map_err(|e| e.code());
        assert_eq!(refused, Err("directory-locked"));
    }
}
