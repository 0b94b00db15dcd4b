//! Finds the device of a volume: the recorded one, or any that carries its header.

use std::path::{Path, PathBuf};

use super::opened;
use super::record::Record;
use crate::block::device;
use crate::block::device_guard::{ExclusiveDevice, PinnedDevice};
use crate::block::luks::{DeviceFormat, MIN_DEVICE_SIZE, named_uuid};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};

/// Finds the device that carries the header of the volume: `given`, or the one that is open, or the
/// recorded one, or any other.
///
/// # Errors
/// Exit 3 when no device carries it; exit 4 when several do, or when `given` has another header.
pub fn with_header(record: &Record, given: Option<&Path>) -> Result<PinnedDevice> {
    if let Some(path) = given {
        let pinned = PinnedDevice::from_path(path)?;
        return if is_its(record, &pinned)? { Ok(pinned) } else { Err(other(record, &pinned)?) };
    }
    let own = opened::opened(record)?;
    let below = own.iter().flat_map(|mapping| mapping.below.iter());
    let below = below.filter_map(|number| sysfs::node(&sysfs::place(*number))).map(PathBuf::from);
    // A device that is known by its name only may be a copy that has the name now.
    let device = record.expected_device();
    let is_known = device.is_known() || device.is_file;
    let known = record.device_path().filter(|_| is_known).map(Path::to_owned);
    let same = |pinned: &PinnedDevice| device.recognizes(pinned.identity());
    let known = known.and_then(|path| pinned_if_its(record, &path)).filter(same);
    if let Some(pinned) = below.filter_map(|path| pinned_if_its(record, &path)).next().or(known) {
        return Ok(pinned);
    }
    let mut found = Vec::new();
    for name in files::names(Path::new("/sys/class/block"))? {
        let place = Path::new("/sys/class/block").join(&name);
        // A device with holders is part of something else.
        let holders = files::names(&place.join("holders")).unwrap_or_default();
        let is_one = holders.is_empty() && !sysfs::is_its_disk(&place);
        let path = sysfs::node(&place).filter(|_| is_one);
        found.extend(path.and_then(|path| pinned_if_its(record, Path::new(&path))));
    }
    if found.len() > 1 {
        let paths: Vec<String> =
            found.iter().map(|pinned| pinned.path().display().to_string()).collect();
        let message =
            format!("several devices carry the header of {}: {}", record.id, paths.join(" and "));
        let is_one_disk = found.windows(2).all(|two| {
            let [one, other] = two else { return false };
            one.identity().wwn.is_some() && one.identity().wwn == other.identity().wwn
        });
        let why = match is_one_disk {
            true => {
                "they have the same WWN, as two paths to one disk; set up multipath, or name one: --device"
            }
            false => "one is a copy of the other; name the original: --device",
        };
        return Err(Error::refused(Code::DeviceAmbiguous, message).hint(why));
    }
    found.pop().ok_or_else(|| missing(record))
}

/// Returns `given`, or the recorded device if this machine has it, whatever is on it. Commands that
/// write to a given device ask for its serial number.
///
/// # Errors
/// Exit 3 when the device is missing; exit 4 `device-changed` when another has its path.
pub fn recorded_device(record: &Record, given: Option<&Path>) -> Result<PinnedDevice> {
    if let Some(path) = given {
        return PinnedDevice::from_path(path);
    }
    let path = record.device_path().ok_or_else(|| missing(record))?;
    let pinned = PinnedDevice::from_path(path)?;
    let expected = record.expected_device();
    if expected.recognizes(pinned.identity()) {
        return Ok(pinned);
    }
    let message = format!(
        "the volume {} was last on {}, and {} is another device",
        record.id,
        expected.description(),
        pinned.identity().description()
    );
    Err(Error::refused(Code::DeviceChanged, message)
        .hint(("find the device", CommandLine::other("lsblk", "-o NAME,SIZE,SERIAL,WWN")))
        .hint("then name it, even if its size or serial number changed: --device DEVICE"))
}

/// Returns the device of the volume even if its header is lost: the one with the header, or `given`,
/// or the recorded one.
///
/// # Errors
/// As [`recorded_device`]; exit 4 when the device has the header of another volume.
pub fn device_ignoring_header(record: &Record, given: Option<&Path>) -> Result<PinnedDevice> {
    // The header identifies the device; without it, the record does.
    match with_header(record, given) {
        Ok(pinned) => return Ok(pinned),
        Err(error) if is_absence(&error) => {}
        Err(error) => return Err(error),
    }
    let pinned = recorded_device(record, given)?;
    match pinned.head()? {
        DeviceFormat::Luks2(_) | DeviceFormat::Luks1 { .. } => Err(other(record, &pinned)?),
        DeviceFormat::Nothing => Ok(pinned),
        DeviceFormat::Damaged(_) => {
            match named_uuid(&pinned).map_err(|error| unreadable(&pinned, error))? {
                Some(uuid) if uuid != record.uuid => {
                    let path = pinned.path().display();
                    let message = format!(
                        "{path} has the damaged header of the volume {uuid}, not of {} ({})",
                        record.id, record.uuid
                    );
                    Err(Error::refused(Code::VolumeOther, message)
                        .hint("name the device of this volume: --device")
                        .hint((
                            "if that header may be destroyed",
                            CommandLine::other("wipefs", "--all").argument(pinned.path()),
                        )))
                }
                _ => Ok(pinned),
            }
        }
    }
}

/// Returns whether an error of [`with_header`] means that the header is not there, rather than that
/// the search failed.
fn is_absence(error: &Error) -> bool {
    [Code::HeaderMissing, Code::DeviceMissing, Code::VolumeOther].contains(&error.code())
}

/// Refuses a device without the header of the volume, if something else is on it.
///
/// # Errors
/// Exit 4 `device-reused`; and as [`ExclusiveDevice::take`], when it is in use.
pub fn check_not_reused(record: &Record, pinned: &PinnedDevice) -> Result<()> {
    if is_its(record, pinned)? {
        return Ok(());
    }
    let exclusive = ExclusiveDevice::take(pinned.path(), MIN_DEVICE_SIZE)?;
    let others = exclusive.contents()?.besides(&["luks"]);
    if others.is_empty() {
        return Ok(());
    }
    let path = pinned.path().display();
    let message = format!("{path} holds something else now: {}", others.join(", "));
    Err(Error::refused(Code::DeviceReused, message).hint((
        "if that is an old remnant and may be destroyed",
        CommandLine::other("wipefs", "--all").argument(pinned.path()),
    )))
}

fn unreadable(pinned: &PinnedDevice, error: std::io::Error) -> Error {
    device::unreadable(&pinned.path().display().to_string(), error)
}

fn is_its(record: &Record, pinned: &PinnedDevice) -> Result<bool> {
    Ok(pinned.head()?.is_of(&record.uuid))
}

/// Opens a device if it carries the header. A device that cannot be read does not count.
fn pinned_if_its(record: &Record, path: &Path) -> Option<PinnedDevice> {
    PinnedDevice::from_path(path).ok().filter(|pinned| is_its(record, pinned).unwrap_or(false))
}

fn other(record: &Record, pinned: &PinnedDevice) -> Result<Error> {
    let path = pinned.path().display();
    let restore = || Hint::from(("if the header was lost, restore it", restore_command(record)));
    let name = || Hint::from("name the device of this volume: --device");
    let (there, hint) = match pinned.head()? {
        DeviceFormat::Luks2(header) => {
            (format!("the header of the volume {}", header.uuid), name())
        }
        DeviceFormat::Luks1 { uuid, .. } => (format!("the LUKS1 header of {uuid}"), name()),
        DeviceFormat::Damaged(_) => ("a damaged header".to_owned(), restore()),
        DeviceFormat::Nothing => ("no header".to_owned(), restore()),
    };
    let message =
        format!("{path} has {there}, not the header of the volume {} ({})", record.id, record.uuid);
    Ok(Error::refused(Code::VolumeOther, message).hint(hint))
}

fn restore_command(record: &Record) -> CommandLine {
    CommandLine::ccx_sec("volume restore").argument(record.id.to_string())
}

fn missing(record: &Record) -> Error {
    if let Some(path) = without_header(record) {
        let message = format!("{path} no longer has the header of the volume {}", record.id);
        return Error::failed(Code::HeaderMissing, message)
            .hint((
                "check the copy in the store",
                CommandLine::ccx_sec("volume test-recovery").argument(record.id.to_string()),
            ))
            .hint(("then restore the header", restore_command(record)));
    }
    let message = format!(
        "no device here carries the volume {} ({}); it was last on {} of {}",
        record.id,
        record.uuid,
        record.device.path.display(),
        record.node
    );
    Error::failed(Code::DeviceMissing, message)
        .hint("attach the device, or name it: --device")
        .hint((
            "if its header was lost, restore it",
            restore_command(record).option("--device", Placeholder("DEVICE")),
        ))
}

/// Returns the path of the recorded device, if this machine has it and its header is lost.
fn without_header(record: &Record) -> Option<String> {
    let pinned = recorded_device(record, None).ok()?;
    let is_gone = matches!(pinned.head(), Ok(DeviceFormat::Nothing | DeviceFormat::Damaged(_)));
    is_gone.then(|| pinned.path().display().to_string())
}
