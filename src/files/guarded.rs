//! Files and directories that nobody can have put another in the place of.
//!
//! Who may write to a directory can rename what is in it and put something else there, whoever
//! owns that. So a path is as safe as the weakest of the directories that it leads through
//! (path_resolution(7); `StrictModes` of sshd_config(5) checks the same).

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::{Owner, exists, parent, unreadable};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// Others may write there.
const WRITABLE: u32 = 0o022;
const BY_GROUP: u32 = 0o020;
const BY_ALL: u32 = 0o002;
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

/// Checks that nobody but this user can get at a file or directory. For root too it has to be
/// root's: who owns a directory can swap what root reads from it.
///
/// # Errors
/// Exit 4 when others can; exit 3 when it cannot be looked at.
pub fn check_private(path: &Path) -> Result<()> {
    let name = path.display();
    let there = metadata(path)?;
    let mode = there.mode() & 0o7777;
    if mode & 0o077 != 0 {
        let right = if there.is_dir() { 700 } else { 600 };
        return Err(Error::refused(
            Code::PermissionsTooWide,
            format!("{name} has mode {mode:04o}: others can get at the private keys in it"),
        )
        .hint((
            "close it",
            CommandLine::other("chmod", "").argument(right.to_string()).argument(path),
        ))
        .hint("if others could read it, have what is in it replaced"));
    }
    let (user, owner) = (user(), there.uid());
    if owner != user {
        let us = if user == 0 { "root".to_owned() } else { format!("uid {user}") };
        let message = format!("{name} belongs to uid {owner}, and this is {us}");
        let error = Error::refused(Code::OwnerOther, message)
            .hint(format!("run ccx-sec as its owner, uid {owner}"));
        return Err(match user {
            0 => error.hint(format!("or, if you trust what is in it: chown -R root: {name}")),
            _ => error,
        });
    }
    Ok(())
}

/// Checks, for a directory with private keys, that no other user can put another directory in
/// its place: each directory above it belongs to root or to this user, and others may not write
/// there, unless it is sticky. Members of a group count as others, but for root's group and,
/// where this user is not root, the groups of this process.
///
/// # Errors
/// Exit 4 when others can; exit 3 when one of them cannot be looked at.
pub fn check_private_place(path: &Path) -> Result<()> {
    let user = user();
    let mut groups = vec![0];
    if user != 0 {
        let more = rustix::process::getgroups().unwrap_or_default();
        groups.extend(more.iter().map(|group| group.as_raw()));
        groups.push(rustix::process::getegid().as_raw());
    }
    let is_open = |there: &Metadata| {
        there.mode() & BY_ALL != 0
            || (there.mode() & BY_GROUP != 0 && !groups.contains(&there.gid()))
    };
    check_directories(&nearest(&parent(path)), path, &[0, user], is_open)
}

/// Checks, where this user is root, a directory that is to be written to, or the nearest one
/// above it that is there: not everybody may write to it or to those above it, and those above
/// it belong to root, to its own owner, or to the user who called sudo(8). Gives its owner where
/// that is another user, such as the server's: what is made in it belongs to that user too, so
/// that the next run, which finds it there, says the same.
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
                "or, where the server of that user reads from it, give it to that user",
                CommandLine::other("chown", "").argument(user.to_string()).argument(&nearest),
            )),
            _ => error,
        },
    )?;
    Ok((there.uid() != 0).then(|| Owner { uid: there.uid(), gid: there.gid() }))
}

/// The one user besides root whom directories above this one belong to.
fn user_above(directory: &Path) -> Option<u32> {
    let real = directory.canonicalize().ok()?;
    let mut users: Vec<u32> =
        real.ancestors().filter_map(|at| Some(at.metadata().ok()?.uid())).collect();
    users.retain(|user| *user != 0);
    users.dedup();
    <[u32; 1]>::try_from(users).ok().map(|[user]| user)
}

/// Makes a directory of another user, and those above it that are missing, all of that user: by
/// handles, so that nothing that the user puts in their place meanwhile changes its owner.
///
/// # Errors
/// That of the system.
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

/// Checks that an open directory is still of the user whom [`check_place`] gave.
///
/// # Errors
/// Exit 4 when another took its place.
pub(super) fn check_still_of(handle: &File, owner: Owner, path: &Path) -> Result<()> {
    let name = path.display();
    let there = handle.metadata().map_err(|error| unreadable_path(path, error))?;
    if there.uid() == owner.uid {
        return Ok(());
    }
    let message = format!("another directory took the place of {name} meanwhile");
    Err(Error::refused(Code::DirectoryOfOthers, message)
        .hint(format!("look at what the user {} has there", owner.uid)))
}

/// The path itself, or the nearest one above it that is there.
fn nearest(path: &Path) -> PathBuf {
    let there = path.ancestors().find(|path| !path.as_os_str().is_empty() && exists(path));
    there.unwrap_or(Path::new(".")).to_owned()
}

/// Checks a directory and those above it, by the names that are given and by those that links
/// among them lead to. `target` is what somebody could put another in the place of.
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
                "name a path whose directories belong to root or to you; or run as their owner",
            ));
        }
        if is_open(&there) && there.mode() & STICKY == 0 {
            let mode = there.mode() & 0o7777;
            return Err(refused(format!("has mode {mode:04o} and so is open to other users"))
                .hint(format!("close it: chmod go-w {name}"))
                .hint(format!("or let nobody rename what is another's: chmod +t {name}")));
        }
    }
    Ok(())
}

fn metadata(path: &Path) -> Result<Metadata> {
    path.metadata().map_err(|error| unreadable_path(path, error))
}

fn unreadable_path(path: &Path, error: std::io::Error) -> Error {
    unreadable(&path.display().to_string(), error)
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
