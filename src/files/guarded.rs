//! Checks that no other user can replace a file or directory.
//!
//! A user who may write to a directory can rename its entries and put others in their place,
//! whoever owns them. So a path is only as safe as the weakest directory on it (path_resolution(7);
//! `StrictModes` of sshd_config(5) checks the same).

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{Owner, exists, parent, unreadable_path};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// The mode bits that let the group or others write.
const WRITABLE: u32 = 0o022;
const BY_GROUP: u32 = 0o020;
const BY_ALL: u32 = 0o002;
/// The sticky bit: everybody may create entries in such a directory, but remove only their own.
const STICKY: u32 = 0o1000;

/// The file that the path leads to, if only these users can replace it: the file and every
/// directory above belong to one of them, and others may not write there. Otherwise `None`.
#[must_use]
pub(crate) fn guarded(path: &Path, owners: &[u32]) -> Option<PathBuf> {
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

/// Checks that only this user can access a file or directory. Root too must own it: the owner of a
/// directory could swap the files that root reads from it.
///
/// # Errors
/// Exit 4 when others can access it; exit 3 when it cannot be checked.
pub(crate) fn check_private(path: &Path) -> Result<()> {
    let name = path.display();
    let there = metadata(path)?;
    let mode = there.mode() & 0o7777;
    if mode & 0o077 != 0 {
        let right = if there.is_dir() { 700 } else { 600 };
        return Err(Error::refused(
            Code::PermissionsTooWide,
            format!("{name} has mode {mode:04o}: other users can access the private keys in it"),
        )
        .hint((
            "restrict it",
            CommandLine::other("chmod", "").argument(right.to_string()).argument(path),
        ))
        .hint("if others could read it, replace the keys in it"));
    }
    let (user, owner) = (user(), there.uid());
    if owner != user {
        let us = if user == 0 { "root".to_owned() } else { format!("uid {user}") };
        let message = format!("{name} belongs to uid {owner}, but ccx-sec runs as {us}");
        let error = Error::refused(Code::OwnerOther, message)
            .hint(format!("run ccx-sec as its owner, uid {owner}"));
        return Err(match user {
            0 => error.hint(format!("or, if you trust its content: chown -R root: {name}")),
            _ => error,
        });
    }
    Ok(())
}

/// Checks that no other user can replace a directory with private keys: every directory above it
/// belongs to root or to this user, and others may not write there, unless it is sticky. Group
/// members count as others, except those of root's group and, if this user is not root, of the
/// groups of this process.
///
/// # Errors
/// Exit 4 when others can replace it; exit 3 when a directory cannot be checked.
pub(crate) fn check_private_place(path: &Path) -> Result<()> {
    check_directories(&nearest(&parent(path)), path, &[0, user()], is_open_to_others())
}

/// Whether users besides root and this one may write to a file or directory.
fn is_open_to_others() -> impl Fn(&Metadata) -> bool {
    let mut groups = vec![0];
    if user() != 0 {
        let more = rustix::process::getgroups().unwrap_or_default();
        groups.extend(more.iter().map(|group| group.as_raw()));
        groups.push(rustix::process::getegid().as_raw());
    }
    move |there: &Metadata| {
        there.mode() & BY_ALL != 0
            || (there.mode() & BY_GROUP != 0 && !groups.contains(&there.gid()))
    }
}

/// Checks that only root and this user can change a file of settings: the file, and the directories
/// above it unless they are mounted read-only, as the volume of a ConfigMap is. Settings name the
/// store: so whoever writes them chooses the CA.
///
/// # Errors
/// Exit 4 when other users can change it; exit 3 when it cannot be checked.
pub(crate) fn check_settings_place(path: &Path) -> Result<()> {
    let (there, name) = (metadata(path)?, path.display());
    if ![0, user()].contains(&there.uid()) {
        let us = if user() == 0 { "root".to_owned() } else { format!("uid {}", user()) };
        let message = format!("{name} belongs to uid {}, and this is {us}", there.uid());
        return Err(Error::refused(Code::OwnerOther, message)
            .hint("with sudo, take root's own settings: sudo -H"));
    }
    let mount = rustix::fs::statvfs(path).map_err(|error| unreadable_path(path, error.into()))?;
    if mount.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        return Ok(());
    }
    let is_open = is_open_to_others();
    if is_open(&there) {
        let mode = there.mode() & 0o7777;
        let message = format!("{name} has mode {mode:04o}: other users can change the settings");
        let close = CommandLine::other("chmod", "go-w").argument(path);
        return Err(Error::refused(Code::PermissionsTooWide, message).hint(("close it", close)));
    }
    check_directories(&parent(path), path, &[0, user()], is_open)
}

/// Checks, for root, a directory to be written to, or the nearest existing one above it: not
/// everybody may write to it or above it, and the directories above belong to root, to its own
/// owner, or to the user who called sudo(8). Returns its owner if that is another user, such as the
/// server's: new entries must belong to that user too, so that the next run, which finds them,
/// agrees.
///
/// # Errors
/// As [`check_private_place`].
pub(super) fn check_place(directory: &Path) -> Result<Option<Owner>> {
    if user() != 0 {
        return Ok(None);
    }
    let nearest = nearest(directory);
    let there = metadata(&nearest)?;
    let mut owners = vec![0, there.uid()];
    owners.extend(std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse::<u32>().ok()));
    check_directories(&nearest, directory, &owners, |there| there.mode() & BY_ALL != 0).map_err(
        |error| match user_above(&nearest) {
            Some(user) if there.uid() == 0 && there.is_dir() => error.hint((
                "or, if the server of that user reads from it, give it to that user",
                CommandLine::other("chown", "").argument(user.to_string()).argument(&nearest),
            )),
            _ => error,
        },
    )?;
    Ok((there.uid() != 0).then(|| Owner { uid: there.uid(), gid: there.gid() }))
}

/// The only user besides root who owns directories above this one; `None` if there are several.
fn user_above(directory: &Path) -> Option<u32> {
    let real = directory.canonicalize().ok()?;
    let mut users: Vec<u32> =
        real.ancestors().filter_map(|at| Some(at.metadata().ok()?.uid())).collect();
    users.retain(|user| *user != 0);
    users.dedup();
    <[u32; 1]>::try_from(users).ok().map(|[user]| user)
}

/// Creates a directory for another user, and missing ones above it, all owned by that user. Works
/// on handles, so that the user cannot redirect the change of owner by swapping directories.
///
/// # Errors
/// The system's error.
pub(super) fn create_for(path: &Path, owner: Owner) -> io::Result<()> {
    let named = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let missing: Vec<&Path> = named.take_while(|above| !exists(above)).collect();
    for directory in missing.into_iter().rev() {
        match DirBuilder::new().mode(0o755).create(directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            made => made?,
        }
        let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits() as i32;
        let made = OpenOptions::new().read(true).custom_flags(flags).open(directory)?;
        if made.metadata()?.uid() == 0 && is_empty(&made)? {
            fchown(&made, Some(owner.uid), Some(owner.gid))?;
        }
        File::open(parent(directory))?.sync_all()?;
    }
    Ok(())
}

fn is_empty(directory: &File) -> io::Result<bool> {
    for entry in rustix::fs::Dir::read_from(directory)? {
        if !matches!(entry?.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Checks that an open directory still belongs to the user whom [`check_place`] returned.
///
/// # Errors
/// Exit 4 when the directory was replaced.
pub(super) fn check_still_of(handle: &File, owner: Owner, path: &Path) -> Result<()> {
    let name = path.display();
    let there = handle.metadata().map_err(|error| unreadable_path(path, error))?;
    if there.uid() == owner.uid {
        return Ok(());
    }
    let message = format!("{name} was replaced by another directory meanwhile");
    Err(Error::refused(Code::DirectoryOfOthers, message)
        .hint(format!("check what the user {} has there", owner.uid)))
}

/// The path itself, or the nearest existing one above it.
fn nearest(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|path| !path.as_os_str().is_empty() && exists(path));
    there.unwrap_or(Path::new(".")).to_owned()
}

/// Checks a directory and those above it, both by the given names and by those that links lead to.
/// `target` is the path that messages warn about.
fn check_directories(
    directory: &Path,
    target: &Path,
    owners: &[u32],
    is_open: impl Fn(&Metadata) -> bool,
) -> Result<()> {
    let failed = |error| unreadable_path(directory, error);
    let named = std::path::absolute(directory).map_err(failed)?;
    let real = directory.canonicalize().map_err(failed)?;
    for path in real.ancestors().chain(named.ancestors()) {
        let there = metadata(path)?;
        let name = path.display();
        let refused = |what: String| {
            let target = target.display();
            let message = format!("{name} {what}, who could put something else at {target}");
            Error::refused(Code::DirectoryOfOthers, message)
        };
        if !owners.contains(&there.uid()) {
            return Err(refused(format!("belongs to another user (uid {})", there.uid())).hint(
                "give a path whose directories belong to root or to you; or run as their owner",
            ));
        }
        if is_open(&there) && there.mode() & STICKY == 0 {
            let mode = there.mode() & 0o7777;
            return Err(refused(format!("has mode {mode:04o}, which lets other users write"))
                .hint(format!("restrict it: chmod go-w {name}"))
                .hint(format!("or protect other users' files: chmod +t {name}")));
        }
    }
    Ok(())
}

fn metadata(path: &Path) -> Result<Metadata> {
    path.metadata().map_err(|error| unreadable_path(path, error))
}

fn user() -> u32 {
    rustix::process::geteuid().as_raw()
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
