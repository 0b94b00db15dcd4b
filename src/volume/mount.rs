//! Opens, formats, mounts, unmounts and closes a volume. Each function may be called again when its
//! work is already done.

use std::path::Path;

use super::opened::{check_not_lost, mounted, opened};
use super::record::Record;
use crate::block::cryptsetup::Cryptsetup;
use crate::block::device_guard::PinnedDevice;
use crate::block::device_mapper;
use crate::block::key::VolumeKey;
use crate::block::mapping::{self, Mapping};
use crate::block::mounts;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::process::{Program, ProgramInput, ProgramOutput, inherited};
use crate::shell::CommandLine;

/// Whether a call changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did its work.
    Done,
    /// The work was already done.
    Already,
}

/// Opens a volume; its ID determines the name of the mapping.
///
/// # Errors
/// Exit 3 when the kernel has no device mapper or cryptsetup fails; exit 4 when another mapping has the name, or the volume is open on
/// another device.
pub fn open(
    cryptsetup: &Cryptsetup,
    record: &Record,
    device: &PinnedDevice,
    key: &VolumeKey,
    read_only: bool,
) -> Result<(Mapping, Effect)> {
    if let Some(mapping) = opened(record)? {
        check_not_lost(record, &mapping)?;
        let is_here = device.number().is_none_or(|number| mapping.below.contains(&number));
        if is_here {
            return Ok((mapping, Effect::Already));
        }
        let path = device.path().display();
        let message = format!("the volume {} is open on another device, not {path}", record.id);
        return Err(Error::refused(Code::VolumeOpenElsewhere, message).hint((
            "one of the two devices is a copy; see on which device the volume is open",
            CommandLine::other("cryptsetup", "status").argument(&mapping.name),
        )));
    }
    let name = record.id.mapping();
    if mapping::named(&name)?.is_some() {
        let message =
            format!("/dev/mapper/{name} exists and does not belong to the volume {}", record.id);
        return Err(Error::refused(Code::MappingTaken, message)
            .hint(("inspect it", CommandLine::other("cryptsetup", "status").argument(&name))));
    }
    device.check_still()?;
    cryptsetup.open(device.path(), &name, key, read_only).map_err(|error| {
        // Not asked before: cryptsetup loads the module and makes the node if it can.
        match (error.code(), device_mapper::require()) {
            (Code::CryptsetupFailed, Err(missing)) => missing,
            _ => error,
        }
    })?;
    let mapping = opened(record)?.ok_or_else(|| {
        Error::failed(
            Code::VolumeNotOpen,
            format!("cryptsetup succeeded, but the kernel has no /dev/mapper/{name}"),
        )
        .hint("read the kernel log: dmesg")
    })?;
    Ok((mapping, Effect::Done))
}

/// Closes a volume, if it is open.
///
/// # Errors
/// Exit 3 `device-busy` when it is mounted or in use.
pub fn close(cryptsetup: &Cryptsetup, record: &Record) -> Result<Effect> {
    let Some(mapping) = opened(record)? else { return Ok(Effect::Already) };
    check_not_suspended(record, &mapping)?;
    let points = mounted(&mapping)?;
    if let Some(point) = points.first() {
        let message = format!("the volume {} is mounted on {}", record.id, point.display());
        return Err(Error::failed(Code::DeviceBusy, message)
            .hint((
                "unmount and close it",
                CommandLine::ccx_sec("volume close")
                    .argument(record.id.to_string())
                    .flag("--unmount"),
            ))
            .hint((
                "find the programs that use it",
                CommandLine::other("fuser", "-vm").argument(point.as_path()),
            )));
    }
    cryptsetup.close(&mapping.name)?;
    Ok(Effect::Done)
}

/// Refuses a volume of which a part is suspended, instead of waiting for it. cryptsetup suspends the
/// part that it reencrypts. When it is killed, the data there may have the new key while the kernel's
/// table has the old one, so the part must not be resumed. cryptsetup repairs it when the volume is
/// opened again.
///
/// # Errors
/// Exit 3 `volume-suspended`; exit 3 when sysfs cannot be read.
pub fn check_not_suspended(record: &Record, mapping: &Mapping) -> Result<()> {
    let parts = mapping::of_reencryption(&mapping.name)?;
    let Some(part) = parts.into_iter().find(|part| part.is_suspended) else { return Ok(()) };
    let id = &record.id;
    let message = format!(
        "a part of the volume {id} is suspended ({}), and every access to it waits: cryptsetup was \
         killed while it reencrypted that part",
        part.name
    );
    Err(Error::failed(Code::VolumeSuspended, message)
        .hint((
            "restart the machine, then",
            CommandLine::ccx_sec("volume resume").argument(id.to_string()),
        ))
        .hint("do not use dmsetup resume: it would corrupt the data in that part"))
}

/// Mounts an open volume. Creates the mount point if it is missing.
///
/// # Errors
/// Exit 3 when mount(8) fails; exit 4 when something else is mounted there, or the directory holds
/// files, which the mount would hide.
pub fn mount(mapping: &Mapping, point: &Path) -> Result<Effect> {
    if mounted(mapping)?.iter().any(|at| at == point) {
        return Ok(Effect::Already);
    }
    check_mount_point(point)?;
    files::create_directory(point, 0o755)?;
    let outcome = tool("mount", "mount", &[mapping.path().as_path(), point])?;
    match outcome.is_good() {
        true => Ok(Effect::Done),
        false => Err(tool_failed(
            Code::MountFailed,
            format!("cannot mount {}", mapping.path().display()),
            &outcome,
        )
        .hint((
            "see which file system is on it",
            CommandLine::other("blkid", "-p").argument(&mapping.path()),
        ))
        .hint(("read the kernel log", CommandLine::other("dmesg", "")))),
    }
}

/// Refuses a mount point that is in use or not empty.
///
/// # Errors
/// Exit 4; exit 2 when it is not an absolute path or not a directory.
pub fn check_mount_point(point: &Path) -> Result<()> {
    let shown = point.display();
    if !point.is_absolute() {
        return Err(Error::usage(Code::MountPoint, format!("{shown} is not an absolute path"))
            .hint("give an absolute path: --mount /var/lib/mysql"));
    }
    if let Some(there) = mounts::all()?.into_iter().rev().find(|mount| mount.point == point) {
        let message = format!("{} ({}) is already mounted on {shown}", there.source, there.kind);
        return Err(Error::refused(Code::MountPointTaken, message)
            .hint("unmount it, or choose another mount point"));
    }
    match files::is_directory(point)? {
        Some(true) if !files::is_empty_directory(point)? => {
            let message = format!("{shown} holds files, which the mount would hide");
            Err(Error::refused(Code::MountPointTaken, message)
                .hint("move them onto the volume: mount it elsewhere, copy, then mount it here"))
        }
        Some(false) => Err(Error::usage(Code::MountPoint, format!("{shown} is not a directory"))
            .hint("name a directory; a missing one is created")),
        _ => Ok(()),
    }
}

/// Unmounts an open volume from all its mount points.
///
/// # Errors
/// Exit 3 when umount(8) fails, for example because a program uses it.
pub fn unmount(record: &Record, mapping: &Mapping) -> Result<Effect> {
    check_not_suspended(record, mapping)?;
    let points = mounted(mapping)?;
    for point in points.iter().rev() {
        let outcome = tool("umount", "mount", &[point.as_path()])?;
        if !outcome.is_good() {
            let what = format!("cannot unmount {}", point.display());
            return Err(tool_failed(Code::UnmountFailed, what, &outcome).hint((
                "find the programs that use it",
                CommandLine::other("fuser", "-vm").argument(point.as_path()),
            )));
        }
    }
    Ok(if points.is_empty() { Effect::Already } else { Effect::Done })
}

/// The program that makes a file system, its package, and its arguments for a dry run.
fn maker(kind: &str) -> (&'static str, &'static str, [&'static str; 2]) {
    match kind {
        "xfs" => ("mkfs.xfs", "xfsprogs", ["-q", "-N"]),
        _ => ("mkfs.ext4", "e2fsprogs", ["-q", "-n"]),
    }
}

/// Checks that a file system of this kind can be made on `size` bytes. Runs mkfs on a file in memory,
/// because the minimum size differs between versions (mkfs.xfs(8): 16 MiB before 5.19, 300 MiB since).
///
/// # Errors
/// Exit 3 `program-missing`; exit 4 `mkfs-refused`.
pub fn check_can_make(kind: &str, size: u64) -> Result<()> {
    /// Every kind fits on a larger device.
    const LARGE: u64 = 1024 * 1024 * 1024;
    let (name, package, words) = maker(kind);
    let program = Program::need(name, package)?;
    if size >= LARGE {
        return Ok(());
    }
    let blank = files::blank_in_memory("file-system", size).map_err(|error| {
        Error::failed(Code::Memory, "not enough memory to test the file system").because(error)
    })?;
    let path = inherited(&blank);
    let words: Vec<&Path> = words.iter().map(Path::new).chain([path.as_path()]).collect();
    let outcome =
        program.run(&words, ProgramInput { files: &[&blank], ..ProgramInput::default() })?;
    if outcome.is_good() {
        return Ok(());
    }
    let message =
        format!("{name} cannot make {kind} on {size} bytes, which the volume has for data");
    Err(Error::refused(Code::MkfsRefused, message)
        .because(anyhow::anyhow!("{}", outcome.why()))
        .hint("choose another kind of file system: --mkfs ext4")
        .hint("or name a larger device; nothing was changed"))
}

/// Makes the recorded file system on an open volume, unless it exists and has no errors.
///
/// # Errors
/// Exit 3 when mkfs fails; exit 4 when the volume holds something else, or this file system with
/// errors.
pub fn make_file_system(record: &Record, mapping: &Mapping) -> Result<Effect> {
    let Some(wanted) = &record.file_system else { return Ok(Effect::Already) };
    let (kind, uuid) = (wanted.kind.as_str(), wanted.uuid.as_deref().unwrap_or_default());
    let device = mapping.path();
    match signature(&device)? {
        None => {}
        Some((there, id)) if there == kind && id == uuid => {
            return check_whole(record, kind, &device);
        }
        Some((there, _)) => {
            let message = format!("the volume {} already holds {there}", record.id);
            return Err(Error::refused(Code::VolumeNotBlank, message).hint((
                "if it may be destroyed, roll back, and encrypt the device again",
                CommandLine::ccx_sec("volume rollback").argument(record.id.to_string()),
            )));
        }
    }
    let id = format!("uuid={uuid}");
    let (program, package, _) = maker(kind);
    let words: &[&str] = match kind {
        "xfs" => &["-q", "-m", &id],
        _ => &["-q", "-U", uuid],
    };
    let words: Vec<&Path> = words.iter().map(Path::new).chain([device.as_path()]).collect();
    let outcome = tool(program, package, &words)?;
    if !outcome.is_good() {
        let what = format!("cannot make {kind} on {}", device.display());
        return Err(tool_failed(Code::MkfsFailed, what, &outcome));
    }
    Ok(Effect::Done)
}

/// Refuses a file system with errors, such as one that an interrupted mkfs left.
pub(super) fn check_whole(record: &Record, kind: &str, device: &Path) -> Result<Effect> {
    let (program, package, words): (_, _, &[&str]) = match kind {
        "xfs" => ("xfs_repair", "xfsprogs", &["-n"]),
        _ => ("e2fsck", "e2fsprogs", &["-f", "-n"]),
    };
    let words: Vec<&Path> = words.iter().map(Path::new).chain([device]).collect();
    let outcome = tool(program, package, &words)?;
    if outcome.is_good() {
        return Ok(Effect::Already);
    }
    let message = format!("the {kind} on the volume {} has errors", record.id);
    Err(Error::refused(Code::FileSystemDamaged, message)
        .hint("mkfs was interrupted, or somebody used it since; inspect it")
        .hint((
            "if it may be destroyed, roll back, and encrypt the device again",
            CommandLine::ccx_sec("volume rollback").argument(record.id.to_string()),
        )))
}

/// Returns the kind and UUID that blkid(8) finds on a device; `None` when it finds nothing.
pub(super) fn signature(device: &Path) -> Result<Option<(String, String)>> {
    let words = ["-p", "-o", "export"].map(Path::new);
    let words: Vec<&Path> = words.into_iter().chain([device]).collect();
    let outcome = tool("blkid", "util-linux", &words)?;
    match outcome.code {
        Some(2) if outcome.stdout.is_empty() && outcome.stderr.is_empty() => Ok(None),
        Some(0) => {
            let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
            let value = |name: &str| {
                let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
                line.unwrap_or_default().to_owned()
            };
            Ok(Some((value("TYPE"), value("UUID"))))
        }
        _ => {
            let what = format!("blkid cannot tell what is on {}", device.display());
            Err(tool_failed(Code::ProbeFailed, what, &outcome))
        }
    }
}

fn tool(name: &'static str, package: &str, words: &[&Path]) -> Result<ProgramOutput> {
    Program::need(name, package)?.run(words, ProgramInput::default())
}

fn tool_failed(code: Code, what: String, outcome: &ProgramOutput) -> Error {
    Error::failed(code, what).because(anyhow::anyhow!("{}", outcome.why()))
}
