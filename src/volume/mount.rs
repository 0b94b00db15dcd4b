//! A volume in use: opened, with a file system on it, mounted; and closed again. Each of them may
//! be asked for again when it is done already.

use std::path::Path;

use super::opened::{check_not_lost, mounted, opened};
use super::record::Record;
use crate::block::cryptsetup::Cryptsetup;
use crate::block::interlock::PinnedDevice;
use crate::block::key::VolumeKey;
use crate::block::mapping::{self, Mapping};
use crate::block::mounts;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::process::{Program, ProgramInput, ProgramOutput, inherited};
use crate::shell::CommandLine;

/// Whether something was done, or was so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was done.
    Done,
    /// It was so.
    Already,
}

/// Opens a volume, under the name that its ID gives.
///
/// # Errors
/// As cryptsetup has it; exit 4 when the name is another's, or the volume is open on another
/// device.
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
        let message = format!("the volume {} is open on another device than {path}", record.id);
        return Err(Error::refused(Code::VolumeOpenElsewhere, message).hint((
            "one of the two is a copy; see on which device it is open",
            CommandLine::other("cryptsetup", "status").argument(&mapping.name),
        )));
    }
    let name = record.id.mapping();
    if mapping::named(&name)?.is_some() {
        let message = format!("/dev/mapper/{name} is there, and is not the volume {}", record.id);
        return Err(Error::refused(Code::MappingTaken, message)
            .hint(("look at it", CommandLine::other("cryptsetup", "status").argument(&name))));
    }
    device.check_still()?;
    cryptsetup.open(device.path(), &name, key, read_only)?;
    let mapping = opened(record)?.ok_or_else(|| {
        Error::failed(
            Code::VolumeNotOpen,
            format!("the kernel does not tell of /dev/mapper/{name}"),
        )
        .hint("look at the kernel's log: dmesg")
    })?;
    Ok((mapping, Effect::Done))
}

/// Closes a volume, where it is open.
///
/// # Errors
/// Exit 3 `device-busy` while something uses it.
pub fn close(cryptsetup: &Cryptsetup, record: &Record) -> Result<Effect> {
    let Some(mapping) = opened(record)? else { return Ok(Effect::Already) };
    check_not_suspended(record, &mapping)?;
    let points = mounted(&mapping)?;
    if let Some(point) = points.first() {
        let message = format!("the volume {} is mounted on {}", record.id, point.display());
        return Err(Error::failed(Code::DeviceBusy, message)
            .hint((
                "unmount it, and close it",
                CommandLine::ccx_sec("volume close")
                    .argument(record.id.to_string())
                    .flag("--unmount"),
            ))
            .hint((
                "see what uses it",
                CommandLine::other("fuser", "-vm").argument(point.as_path()),
            )));
    }
    cryptsetup.close(&mapping.name)?;
    Ok(Effect::Done)
}

/// Refuses to wait for a volume of which a part is suspended: a cryptsetup that was killed had it
/// so while it wrote there. What is there is under the new key, and the kernel's table has the old
/// one: it must not be resumed as it is. When the volume is opened anew, cryptsetup mends it.
///
/// # Errors
/// Exit 3 when a part is; or when the kernel does not tell.
pub fn check_not_suspended(record: &Record, mapping: &Mapping) -> Result<()> {
    let parts = mapping::of_reencryption(&mapping.name)?;
    let Some(part) = parts.into_iter().find(|part| part.is_suspended) else { return Ok(()) };
    let id = &record.id;
    let message = format!(
        "a part of the volume {id} is suspended ({}), and what uses it waits: cryptsetup was killed \
         while it wrote there",
        part.name
    );
    Err(Error::failed(Code::VolumeSuspended, message)
        .hint((
            "restart the machine, then",
            CommandLine::ccx_sec("volume resume").argument(id.to_string()),
        ))
        .hint("no dmsetup resume: what is read and written there then is garbage"))
}

/// Mounts an open volume. The directory is made where it is missing.
///
/// # Errors
/// Exit 3 when mount(8) says no; exit 4 when something else is mounted there, or files are in
/// the directory, which nobody would see any more.
pub fn mount(mapping: &Mapping, point: &Path) -> Result<Effect> {
    if mounted(mapping)?.iter().any(|at| at == point) {
        return Ok(Effect::Already);
    }
    check_mount_point(point)?;
    files::create_directory(point, 0o755)?;
    let outcome = tool("mount", "mount", &[mapping.path().as_path(), point])?;
    match outcome.is_good() {
        true => Ok(Effect::Done),
        false => Err(said_no(
            Code::MountFailed,
            format!("cannot mount {}", mapping.path().display()),
            &outcome,
        )
        .hint((
            "is there a file system on it?",
            CommandLine::other("blkid", "-p").argument(&mapping.path()),
        ))
        .hint(("look at the kernel's log", CommandLine::other("dmesg", "")))),
    }
}

/// Refuses a place that something is at already.
///
/// # Errors
/// Exit 4; exit 2 when it is no absolute path.
pub fn check_mount_point(point: &Path) -> Result<()> {
    let shown = point.display();
    if !point.is_absolute() {
        return Err(Error::usage(Code::MountPoint, format!("{shown} is no absolute path"))
            .hint("name it from the root: --mount /var/lib/mysql"));
    }
    if let Some(there) = mounts::all()?.into_iter().rev().find(|mount| mount.point == point) {
        let message = format!("{} ({}) is mounted on {shown}", there.source, there.kind);
        return Err(
            Error::refused(Code::MountPointTaken, message).hint("unmount it, or choose another")
        );
    }
    match files::is_directory(point)? {
        Some(true) if !files::is_empty_directory(point)? => {
            let message = format!("{shown} holds files, which nobody would see any more");
            Err(Error::refused(Code::MountPointTaken, message)
                .hint("move them onto the volume: mount it elsewhere, copy, then mount it here"))
        }
        Some(false) => Err(Error::usage(Code::MountPoint, format!("{shown} is no directory"))
            .hint("name a directory, or one that can be made")),
        _ => Ok(()),
    }
}

/// Unmounts an open volume, wherever it is mounted.
///
/// # Errors
/// Exit 3 when umount(8) says no: something uses it.
pub fn unmount(record: &Record, mapping: &Mapping) -> Result<Effect> {
    check_not_suspended(record, mapping)?;
    let points = mounted(mapping)?;
    for point in points.iter().rev() {
        let outcome = tool("umount", "mount", &[point.as_path()])?;
        if !outcome.is_good() {
            let what = format!("cannot unmount {}", point.display());
            return Err(said_no(Code::UnmountFailed, what, &outcome).hint((
                "see what uses it",
                CommandLine::other("fuser", "-vm").argument(point.as_path()),
            )));
        }
    }
    Ok(if points.is_empty() { Effect::Already } else { Effect::Done })
}

/// The program that makes a file system, its package, and the words that only try it.
fn maker(kind: &str) -> (&'static str, &'static str, [&'static str; 2]) {
    match kind {
        "xfs" => ("mkfs.xfs", "xfsprogs", ["-q", "-N"]),
        _ => ("mkfs.ext4", "e2fsprogs", ["-q", "-n"]),
    }
}

/// Refuses to begin where a file system of this kind could not be made on `size` bytes: the program
/// that makes it is missing, or says so. It is asked, since the least differs between its versions
/// (mkfs.xfs(8): 16 MiB before 5.19, 300 MiB since).
///
/// # Errors
/// Exit 3 `program-missing`; exit 4 `mkfs-refused`.
pub fn check_can_make(kind: &str, size: u64) -> Result<()> {
    /// What is larger, each kind takes.
    const LARGE: u64 = 1024 * 1024 * 1024;
    let (name, package, words) = maker(kind);
    let program = Program::need(name, package)?;
    if size >= LARGE {
        return Ok(());
    }
    let blank = files::blank_in_memory("file-system", size).map_err(|error| {
        Error::failed(Code::Memory, "there is no memory to try the file system in").because(error)
    })?;
    let path = inherited(&blank);
    let words: Vec<&Path> = words.iter().map(Path::new).chain([path.as_path()]).collect();
    let outcome =
        program.run(&words, ProgramInput { files: &[&blank], ..ProgramInput::default() })?;
    if outcome.is_good() {
        return Ok(());
    }
    let message =
        format!("{name} makes no {kind} on the {size} bytes that the volume has for data");
    Err(Error::refused(Code::MkfsRefused, message)
        .because(anyhow::anyhow!("{}", outcome.why()))
        .hint("choose another kind of file system: --mkfs ext4")
        .hint("or name a larger device; nothing was changed"))
}

/// Makes a file system on an open volume: the one that the record says. One that is there
/// already, and whole, is left as it is.
///
/// # Errors
/// Exit 3 when it cannot be made; exit 4 when something else is on the volume, or one that
/// is not whole, and may have been used.
pub fn make_file_system(record: &Record, mapping: &Mapping) -> Result<Effect> {
    let Some(wished) = &record.file_system else { return Ok(Effect::Already) };
    let (kind, uuid) = (wished.kind.as_str(), wished.uuid.as_deref().unwrap_or_default());
    let device = mapping.path();
    match signature(&device)? {
        None => {}
        Some((there, id)) if there == kind && id == uuid => {
            return check_whole(record, kind, &device);
        }
        Some((there, _)) => {
            let message = format!("there is {there} on the volume {} already", record.id);
            return Err(Error::refused(Code::VolumeNotBlank, message).hint((
                "if it may go, roll back, and encrypt the device again",
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
        return Err(said_no(Code::MkfsFailed, what, &outcome));
    }
    Ok(Effect::Done)
}

/// Refuses a file system of ours that was half made.
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
    let message = format!("the {kind} on the volume {} is not whole", record.id);
    Err(Error::refused(Code::FileSystemDamaged, message)
        .hint("it was half made, or used meanwhile: look at it")
        .hint((
            "if it may go, roll back, and encrypt the device again",
            CommandLine::ccx_sec("volume rollback").argument(record.id.to_string()),
        )))
}

/// What blkid(8) finds on a device: kind and UUID. That it finds nothing is an answer too.
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
            let what = format!("blkid does not say what is on {}", device.display());
            Err(said_no(Code::ProbeFailed, what, &outcome))
        }
    }
}

fn tool(name: &'static str, package: &str, words: &[&Path]) -> Result<ProgramOutput> {
    Program::need(name, package)?.run(words, ProgramInput::default())
}

fn said_no(code: Code, what: String, outcome: &ProgramOutput) -> Error {
    Error::failed(code, what).because(anyhow::anyhow!("{}", outcome.why()))
}
