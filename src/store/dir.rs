//! The store in a directory: one YAML file per Secret, ready for `kubectl apply -f`.
//!
//! The directory has mode 0700, its files 0600. Writers take the lock `.lock`. Readers need no
//! lock, since a write replaces a file as a whole. The next writer removes the temporary files of a
//! killed writer.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::store::manifest;
use crate::store::secret::Secret;
use crate::store::{Backend, Labels, StoreAddress, TokenAccess};

/// The interval between checks of a file that is watched.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A directory of Secrets. It may be missing until the first write.
#[derive(Debug)]
pub struct DirStore {
    path: PathBuf,
    timeout: Duration,
    is_swept: Mutex<bool>,
}

impl DirStore {
    /// Checks the directory if it exists. Writers wait for the lock up to `timeout`.
    ///
    /// # Errors
    /// Exit 2 when it is not a directory; exit 4 when it belongs to another user, or other users
    /// can access it or replace it.
    pub fn open(path: &Path, timeout: Duration) -> Result<Self> {
        match files::is_directory(path)? {
            Some(false) => {
                return Err(Error::usage(
                    Code::StoreNotADirectory,
                    format!("the store {} is not a directory", path.display()),
                )
                .hint("name a directory, or a path where one can be made: --store dir:PATH"));
            }
            Some(true) => files::check_private(path)?,
            None => {}
        }
        files::check_private_place(path)?;
        Ok(DirStore { path: path.to_owned(), timeout, is_swept: Mutex::new(false) })
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        Secret::check_name(name)?; // no path can leave the directory
        Ok(self.path.join(format!("{name}.yaml")))
    }

    fn write(&self, secret: &Secret, existing: ExistingFile) -> Result<bool> {
        let text = manifest::secret_to_yaml(secret)?;
        files::write(&self.file(&secret.name)?, text.as_bytes(), FileMode::Private, existing)
    }

    /// Takes the lock, and removes files that killed writers left, once per store. Threads of this
    /// process queue on the mutex first: the file lock is polled, and polling threads would starve.
    fn lock(&self) -> Result<(MutexGuard<'_, bool>, files::Lock)> {
        let mut is_swept = self.is_swept.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = files::lock(&self.path, self.timeout)?;
        if !*is_swept {
            files::remove_temporary_files(&self.path)?;
            *is_swept = true;
        }
        Ok((is_swept, lock))
    }
}

impl Backend for DirStore {
    fn get(&self, name: &str) -> Result<Option<Secret>> {
        let path = self.file(name)?;
        if !files::try_exists(&path)? {
            return Ok(None);
        }
        files::check_private(&path)?;
        let bytes = files::read(&path, manifest::MAX_BYTES)?;
        let secret = manifest::secret_from_yaml(&path.display().to_string(), &bytes)?;
        if secret.name != name {
            return Err(Error::failed(
                Code::ManifestName,
                format!("{} holds the Secret {:?}, not {name}", path.display(), secret.name),
            )
            .hint("a file of the store is named after its Secret; rename one of them"));
        }
        Ok(Some(secret))
    }

    fn create(&self, secret: &Secret, dry_run: bool) -> Result<bool> {
        secret.check_size()?;
        if dry_run {
            return Ok(!files::try_exists(&self.file(&secret.name)?)?);
        }
        files::create_private_directory(&self.path)?;
        files::check_private(&self.path)?;
        let _lock = self.lock()?;
        self.write(secret, ExistingFile::Keep)
    }

    fn replace(&self, secret: &Secret) -> Result<bool> {
        secret.check_size()?;
        let _lock = self.lock()?;
        let current = self.get(&secret.name)?;
        if secret.immutable || current.is_none_or(|current| current.version != secret.version) {
            return Ok(false);
        }
        self.write(secret, ExistingFile::Replace)
    }

    fn check_replace(&self, secret: &Secret) -> Result<bool> {
        secret.check_size()?;
        let current = self.get(&secret.name)?;
        Ok(!secret.immutable && current.is_some_and(|current| current.version == secret.version))
    }

    fn delete(&self, secret: &Secret) -> Result<bool> {
        let _lock = self.lock()?;
        let current = self.get(&secret.name)?;
        if current.is_none_or(|current| current.version != secret.version) {
            return Ok(false);
        }
        files::remove(&self.file(&secret.name)?)?;
        Ok(true)
    }

    fn list(
        &self,
        labels: &[(&str, &str)],
        visit: &mut dyn FnMut(Secret) -> Result<()>,
    ) -> Result<()> {
        for file in files::names(&self.path)? {
            let Some(name) = file.strip_suffix(".yaml") else { continue };
            if Secret::check_name(name).is_err() {
                continue; // a file of another program
            }
            let Some(secret) = self.get(name)? else { continue }; // deleted since the listing
            let has = |(name, value): &(&str, &str)| {
                secret.labels.get(*name).is_some_and(|found| found == value)
            };
            if labels.iter().all(has) {
                visit(secret)?;
            }
        }
        Ok(())
    }

    fn names(&self) -> Result<HashSet<String>> {
        let files = files::names(&self.path)?;
        Ok(files.iter().filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned)).collect())
    }

    fn labels(&self, label: &str, visit: &mut dyn FnMut(&str, Labels)) -> Result<()> {
        self.list(&[], &mut |secret| {
            if secret.labels.contains_key(label) {
                visit(&secret.name, secret.labels);
            }
            Ok(())
        })
    }

    /// Polls with `stat`, which is cheap and works on every file system.
    fn await_change(&self, name: &str, known: Option<&str>, patience: Duration) -> Result<()> {
        let path = self.file(name)?;
        let deadline = Instant::now() + patience;
        let stamp = files::stamp(&path); // before the read, so that a later change is noticed
        let secret = self.get(name).unwrap_or_default(); // a damaged Secret has no version either
        if secret.and_then(|secret| secret.version).as_deref() != known {
            return Ok(());
        }
        while files::stamp(&path) == stamp && Instant::now() < deadline {
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    fn review(&self, _: &str, _: &str) -> Result<TokenAccess> {
        Err(Error::usage(Code::AuthWithoutCluster, "token authentication needs a Kubernetes store")
            .hint("give --auth tokens:FILE, or a store in Kubernetes: --store k8s"))
    }

    fn address(&self) -> StoreAddress {
        let path = self.path.display().to_string();
        StoreAddress::Dir { path: path.trim_end_matches('/').to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Revision, revise, write};

    fn store(at: &tempfile::TempDir) -> DirStore {
        DirStore::open(&at.path().join("store"), Duration::from_millis(50)).expect("a store")
    }

    fn secret(value: &str) -> Secret {
        Secret::new("x", "Opaque").with("k", value)
    }

    #[test]
    fn create_only_and_compare_and_swap() {
        let at = tempfile::tempdir().expect("a directory");
        let store = store(&at);
        assert_eq!(store.get("x").expect("no fault"), None);
        assert!(store.create(&secret("1"), false).expect("made"));
        assert!(!store.create(&secret("2"), false).expect("kept"));
        let mut mine = store.get("x").expect("no fault").expect("there");
        let mut theirs = mine.clone();
        theirs.data = secret("3").data;
        assert!(store.replace(&theirs).expect("replaced"));
        mine.data = secret("4").data;
        assert!(!store.replace(&mine).expect("a conflict"));
        let now = store.get("x").expect("no fault").expect("there");
        assert_eq!(now.value("k").expect("k"), b"3");
        assert!(!store.delete(&mine).expect("a conflict"));
        assert!(store.replace(&now.without("k").with("l", "5")).expect("replaced"));
        let now = store.get("x").expect("no fault").expect("there");
        assert!(now.value("k").is_err() && now.value("l").expect("l") == b"5");
        assert!(store.delete(&now).expect("deleted"));
        assert!(!store.delete(&now).expect("gone"));
        assert_eq!(store.get("x").expect("no fault"), None);
    }

    #[test]
    fn a_revision_starts_again_after_another_write_and_gives_up_after_many() {
        let at = tempfile::tempdir().expect("a directory");
        let store = store(&at);
        for (others, expected) in [(0, Some(1)), (3, Some(4)), (100, None)] {
            let mut calls = 0;
            let read = store.get("x").expect("no fault");
            let written = revise(&store, "x", read, |there| {
                calls += 1;
                let mine = there.unwrap_or_else(|| secret("0"));
                if calls <= others {
                    let other = mine.clone().with("other", calls.to_string());
                    assert!(write(&store, &other)?, "the other process is first");
                }
                Ok(Revision::Write(mine.with("k", "mine"), calls))
            });
            assert_eq!(written.expect("no fault"), expected);
        }
        let kept = revise(&store, "x", None, |_| Ok(Revision::Keep("kept")));
        assert_eq!(kept.expect("no fault"), Some("kept"));
    }

    #[test]
    fn a_lock_that_is_held_is_told() {
        let at = tempfile::tempdir().expect("a directory");
        let store = store(&at);
        store.create(&secret("1"), false).expect("made");
        let other = DirStore::open(&store.path, Duration::ZERO).expect("a store");
        let _held = store.lock().expect("the lock");
        let error = other.create(&secret("2"), false).expect_err("locked");
        assert_eq!(error.code().name(), "store-locked");
    }

    #[test]
    fn a_dry_run_makes_nothing() {
        let at = tempfile::tempdir().expect("a directory");
        let store = store(&at);
        assert!(store.create(&secret("1"), true).expect("would"));
        assert!(!files::exists(&at.path().join("store")));
    }

    #[test]
    fn no_name_leaves_the_directory() {
        let at = tempfile::tempdir().expect("a directory");
        assert_eq!(store(&at).get("../x").map_err(|e| e.code().name()), Err("secret-name"));
    }
}
