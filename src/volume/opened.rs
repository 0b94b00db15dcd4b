//! Whether a volume is open, and by which mapping. Its header may be on several devices: on a clone
//! or a snapshot of it that somebody opened beside it, and on a disk that is gone.

use std::path::{Path, PathBuf};

use super::record::{Record, VolumeId};
use crate::block::interlock::{DeviceIdentity, PinnedDevice};
use crate::block::mapping::{self, Mapping};
use crate::block::{mounts, sysfs};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

/// The mappings with the header of one volume.
#[derive(Debug, Default)]
pub struct Mappings {
    /// The volume's own; nothing where it is closed.
    pub own: Option<Mapping>,
    /// Those of copies of its device.
    pub copies: Vec<Mapping>,
}

/// Finds the mappings of a volume. Its own is the one on the device that the record tells of; else
/// the one that has the name that `volume open` gives; else the only one there is, unless the device
/// of the record is here too and has the header: then that one is of a copy.
///
/// # Errors
/// Exit 3 when the kernel does not tell; exit 4 when none of several is known to be its own.
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
                .hint("one of them is of a copy of its device; see which: lsblk")
                .hint((
                    "close the one of the copy",
                    CommandLine::other("cryptsetup", "close").argument(first),
                )))
        }
    }
}

/// Whether a mapping lies on the device that the record tells of.
fn is_on_expected(record: &Record, mapping: &Mapping) -> bool {
    let expected = record.expected_device();
    let is_it = |number: &(u32, u32)| {
        let place = sysfs::place(*number);
        if expected.is_file {
            // cryptsetup puts a loop device on a file.
            let file = sysfs::attribute(&place, "loop/backing_file");
            return file.is_some_and(|file| Path::new(&file) == expected.path);
        }
        let node = sysfs::node(&place);
        let here = node.and_then(|node| DeviceIdentity::from_path(Path::new(&node)).ok());
        here.is_some_and(|here| expected.recognizes(&here))
    };
    !mapping.is_lost && mapping.below.iter().any(is_it)
}

/// Whether the device that the record tells of is here, has the header, and is none of those that
/// the mapping lies on.
fn is_apart(record: &Record, mapping: &Mapping) -> bool {
    let held = record.device_path().and_then(|path| PinnedDevice::from_path(path).ok());
    held.is_some_and(|held| {
        record.expected_device().recognizes(held.identity())
            && held.number().is_some_and(|number| !mapping.below.contains(&number))
            && held.head().is_ok_and(|found| found.is_of(&record.uuid))
    })
}

/// The volume's own mapping, where it is open.
///
/// # Errors
/// As [`mappings`].
pub fn opened(record: &Record) -> Result<Option<Mapping>> {
    mappings(record).map(|found| found.own)
}

/// Refuses a volume that is open.
///
/// # Errors
/// Exit 4.
pub fn check_closed(record: &Record) -> Result<()> {
    match opened(record)? {
        None => Ok(()),
        Some(mapping) => {
            let path = mapping.path();
            let message = format!("the volume {} is open: {}", record.id, path.display());
            Err(Error::refused(Code::VolumeOpen, message).hint(("close it", close(record))))
        }
    }
}

/// Refuses a mapping whose device is gone: the kernel keeps it, and gives errors to whoever uses it,
/// also where the disk has come back by another number.
///
/// # Errors
/// Exit 3.
pub fn check_not_lost(record: &Record, mapping: &Mapping) -> Result<()> {
    if !mapping.is_lost {
        return Ok(());
    }
    let message = format!(
        "{} is left of the volume {}, and the device below it is gone: whatever uses it gets errors",
        mapping.path().display(),
        record.id
    );
    Err(Error::failed(Code::VolumeLost, message)
        .hint("stop what uses it")
        .hint(("close what is left", close(record)))
        .hint("attach the disk again, if it is not back yet; then open the volume again"))
}

fn close(record: &Record) -> CommandLine {
    CommandLine::ccx_sec("volume close").argument(record.id.to_string()).flag("--unmount")
}

/// Where an open volume is mounted, in the order of mounting.
///
/// # Errors
/// Exit 3 when the kernel does not tell.
pub fn mounted(mapping: &Mapping) -> Result<Vec<PathBuf>> {
    let all = mounts::all()?.into_iter().filter(|mount| mount.device == mapping.number);
    Ok(all.map(|mount| mount.point).collect())
}
