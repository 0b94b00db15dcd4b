//! Finds the mapping of an open volume. Several devices may carry its header: a clone or a snapshot
//! that somebody opened too, or a disk that was removed.

use std::path::{Path, PathBuf};

use super::record::{Record, VolumeId};
use crate::block::device_guard::{DeviceIdentity, PinnedDevice};
use crate::block::mapping::{self, Mapping};
use crate::block::{mounts, sysfs};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// The mappings with the header of one volume.
#[derive(Debug, Default)]
pub struct Mappings {
    /// The mapping of the volume itself; `None` when it is closed.
    pub own: Option<Mapping>,
    /// The mappings of copies of its device.
    pub copies: Vec<Mapping>,
}

/// Finds the mappings of a volume. Its own is the one on the recorded device; otherwise the one with
/// the name that `volume open` gives; otherwise the only one, unless the recorded device is present,
/// carries the header, and is not below that mapping: then that mapping belongs to a copy.
///
/// # Errors
/// Exit 3 when sysfs cannot be read; exit 4 `volume-open-twice` when there are several mappings and
/// none of these rules chooses one.
pub fn mappings(record: &Record) -> Result<Mappings> {
    let name = record.id.mapping();
    let is_other = |other: &str| VolumeId::of_mapping(other).is_some_and(|id| id != record.id);
    let mut all = mapping::of_volume(&record.uuid, is_other)?;
    let on_device = |mapping: &Mapping| is_on_expected(record, mapping);
    let best = all.iter().position(|one| one.name == name && on_device(one));
    let best = best.or_else(|| all.iter().position(on_device));
    let best = best.or_else(|| all.iter().position(|one| one.name == name));
    match (best, all.as_slice()) {
        (Some(at), _) => Ok(Mappings { own: Some(all.remove(at)), copies: all }),
        (None, []) => Ok(Mappings::default()),
        (None, [only]) if !only.is_lost && is_apart(record, only) => {
            Ok(Mappings { own: None, copies: all })
        }
        (None, [_]) => Ok(Mappings { own: all.pop(), copies: Vec::new() }),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            let message = format!("the volume {} is open as {}", record.id, names.join(" and as "));
            let first = names.first().copied().unwrap_or_default();
            Err(Error::refused(Code::VolumeOpenTwice, message)
                .hint("one of them is of a copy of the device; find out which: lsblk")
                .hint((
                    "close the mapping of the copy",
                    CommandLine::other("cryptsetup", "close").argument(first),
                )))
        }
    }
}

/// Returns whether a mapping lies on the recorded device.
fn is_on_expected(record: &Record, mapping: &Mapping) -> bool {
    let expected = record.expected_device();
    let is_it = |number: &(u32, u32)| {
        let place = sysfs::place(*number);
        if expected.is_file {
            // cryptsetup opens a file through a loop device.
            let file = sysfs::attribute(&place, "loop/backing_file");
            return file.is_some_and(|file| Path::new(&file) == expected.path);
        }
        let node = sysfs::node(&place);
        let here = node.and_then(|node| DeviceIdentity::from_path(Path::new(&node)).ok());
        here.is_some_and(|here| expected.recognizes(&here))
    };
    !mapping.is_lost && mapping.below.iter().any(is_it)
}

/// Returns whether the recorded device is present, carries the header, and is not below the mapping.
fn is_apart(record: &Record, mapping: &Mapping) -> bool {
    let pinned = record.device_path().and_then(|path| PinnedDevice::from_path(path).ok());
    pinned.is_some_and(|pinned| {
        record.expected_device().recognizes(pinned.identity())
            && pinned.number().is_some_and(|number| !mapping.below.contains(&number))
            && pinned.head().is_ok_and(|found| found.is_of(&record.uuid))
    })
}

/// Returns the mapping of the volume, if it is open.
///
/// # Errors
/// As [`mappings`].
pub fn opened(record: &Record) -> Result<Option<Mapping>> {
    mappings(record).map(|found| found.own)
}

/// Refuses an open volume.
///
/// # Errors
/// Exit 4 `volume-open`.
pub fn check_closed(record: &Record) -> Result<()> {
    match opened(record)? {
        None => Ok(()),
        Some(mapping) => {
            let path = mapping.path();
            let message = format!("the volume {} is open as {}", record.id, path.display());
            Err(Error::refused(Code::VolumeOpen, message).hint(("close it", close(record))))
        }
    }
}

/// Refuses a mapping whose device was removed. The kernel keeps such a mapping, and every access
/// fails, even after the disk comes back under another device number.
///
/// # Errors
/// Exit 3 `volume-lost`.
pub fn check_not_lost(record: &Record, mapping: &Mapping) -> Result<()> {
    if !mapping.is_lost {
        return Ok(());
    }
    let message = format!(
        "the device below {} (volume {}) was removed; every access to the volume fails",
        mapping.path().display(),
        record.id
    );
    Err(Error::failed(Code::VolumeLost, message)
        .hint("stop the programs that use it")
        .hint(("close the mapping", close(record)))
        .hint("attach the disk again, then open the volume"))
}

fn close(record: &Record) -> CommandLine {
    CommandLine::ccx_sec("volume close").argument(record.id.to_string()).flag("--unmount")
}

/// Returns the mount points of an open volume, in the order of mounting.
///
/// # Errors
/// Exit 3 when the kernel's tables cannot be read.
pub fn mounted(mapping: &Mapping) -> Result<Vec<PathBuf>> {
    let all = mounts::all()?.into_iter().filter(|mount| mount.device == mapping.number);
    Ok(all.map(|mount| mount.point).collect())
}
