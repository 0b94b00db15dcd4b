//! Files that nobody can have put another in the place of.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Others may write there.
const WRITABLE: u32 = 0o022;
/// In a folder with this, everybody may make something, and nobody take away what is another's.
const STICKY: u32 = 0o1000;

/// The file that the path leads to, if it and every folder above it belong to one of these users
/// alone; nothing where somebody else could put another in its place.
#[must_use]
pub fn guarded(path: &Path, owners: &[u32]) -> Option<PathBuf> {
    let file = path.canonicalize().ok().filter(|file| file.is_file())?;
    let is_theirs = |one: &Path| {
        one.symlink_metadata().is_ok_and(|there| {
            let closed = there.mode() & WRITABLE == 0;
            owners.contains(&there.uid())
                && (closed || (there.is_dir() && there.mode() & STICKY != 0))
        })
    };
    file.ancestors().all(is_theirs).then_some(file)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_others_may_replace_is_not_guarded() {
        let at = tempfile::tempdir().expect("a directory");
        let (folder, link) = (at.path().join("bin"), at.path().join("link"));
        fs::create_dir(&folder).expect("a folder");
        symlink(&folder, &link).expect("a link");
        let program = folder.join("program");
        fs::write(&program, "").expect("a file");
        let us = program.metadata().expect("metadata").uid();
        let allow = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
        };
        let is_guarded = |owners: &[u32]| guarded(&link.join("program"), owners).is_some();
        allow(&folder, 0o755);
        allow(&program, 0o755);
        assert!(is_guarded(&[0, us]));
        assert!(!is_guarded(&[us + 1]), "somebody else's");
        allow(&program, 0o775);
        assert!(!is_guarded(&[0, us]), "others may write it");
        allow(&program, 0o755);
        allow(&folder, 0o757);
        assert!(!is_guarded(&[0, us]), "others may replace it");
        assert_eq!(guarded(&folder, &[0, us]), None, "no file");
    }
}
