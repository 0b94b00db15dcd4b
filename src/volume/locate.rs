//! Which device a volume is on: where it was last, or wherever its header is found.

use std::path::{Path, PathBuf};

use super::opened;
use super::record::Record;
use crate::block::device;
use crate::block::interlock::{ExclusiveDevice, PinnedDevice};
use crate::block::luks::{DeviceFormat, MIN_DEVICE_SIZE, named_uuid};
use crate::block::sysfs;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};

/// The device whose header is that of the volume: the one that is said, or that is open, or on
/// which it was last, or any other.
///
/// # Errors
/// Exit 3 when there is none; exit 4 when there are several, or the one that is said has another
/// header.
pub fn with_header(record: &Record, said: Option<&Path>) -> Result<PinnedDevice> {
    if let Some(path) = said {
        let held = PinnedDevice::from_path(path)?;
        return if is_its(record, &held)? { Ok(held) } else { Err(other(record, &held)?) };
    }
    let own = opened::opened(record)?;
    let below = own.iter().flat_map(|mapping| mapping.below.iter());
    let below = below.filter_map(|number| sysfs::node(&sysfs::place(*number))).map(PathBuf::from);
    // What has nothing but its name to be known by may be a copy that has the name by now.
    let device = record.expected_device();
    let is_known = device.is_known() || device.is_file;
    let known = record.device_path().filter(|_| is_known).map(Path::to_owned);
    let same = |held: &PinnedDevice| device.recognizes(held.identity());
    let known = known.and_then(|path| held_if_its(record, &path)).filter(same);
    if let Some(held) = below.filter_map(|path| held_if_its(record, &path)).next().or(known) {
        return Ok(held);
    }
    let mut found = Vec::new();
    for name in files::names(Path::new("/sys/class/block"))? {
        let place = Path::new("/sys/class/block").join(&name);
        // What is held by something else than the volume is a part of that.
        let holders = files::names(&place.join("holders")).unwrap_or_default();
        let is_one = holders.is_empty() && !sysfs::is_its_disk(&place);
        let path = sysfs::node(&place).filter(|_| is_one);
        found.extend(path.and_then(|path| held_if_its(record, Path::new(&path))));
    }
    if found.len() > 1 {
        let paths: Vec<String> =
            found.iter().map(|held| held.path().display().to_string()).collect();
        let message = format!("the header of {} is on {}", record.id, paths.join(" and on "));
        let is_one_disk = found.windows(2).all(|two| {
            let [one, other] = two else { return false };
            one.identity().wwn.is_some() && one.identity().wwn == other.identity().wwn
        });
        let why = match is_one_disk {
            true => {
                "they have one WWN: two paths to one disk? set multipath up, or name one: --device"
            }
            false => "one is a copy of the other; say which is meant: --device",
        };
        return Err(Error::refused(Code::DeviceAmbiguous, message).hint(why));
    }
    found.pop().ok_or_else(|| missing(record))
}

/// The device that is said; or the one that the record tells of, where it is recognized here.
/// Whatever is on it. Whoever writes to one that is said has it confirmed by its own name.
///
/// # Errors
/// Exit 3 when it is not there, exit 4 when another is in its place.
pub fn as_it_was(record: &Record, said: Option<&Path>) -> Result<PinnedDevice> {
    if let Some(path) = said {
        return PinnedDevice::from_path(path);
    }
    let path = record.device_path().ok_or_else(|| missing(record))?;
    let held = PinnedDevice::from_path(path)?;
    let expected = record.expected_device();
    if expected.recognizes(held.identity()) {
        return Ok(held);
    }
    let message = format!(
        "the volume {} was last on {}; {} is not recognized as that",
        record.id,
        expected.description(),
        held.identity().description()
    );
    Err(Error::refused(Code::DeviceChanged, message)
        .hint(("find the device", CommandLine::other("lsblk", "-o NAME,SIZE,SERIAL,WWN")))
        .hint("then name it, also where its size or its serial number changed: --device DEVICE"))
}

/// The device on which the volume was last, or the one that is said, whatever is on it now: its
/// header may be gone.
///
/// # Errors
/// As [`as_it_was`]; exit 4 when it has the header of another volume.
pub fn device_ignoring_header(record: &Record, said: Option<&Path>) -> Result<PinnedDevice> {
    // With its header it is the one, wherever it is; without, the one on which it was last.
    match with_header(record, said) {
        Ok(held) => return Ok(held),
        Err(error) if is_absence(&error) => {}
        Err(error) => return Err(error),
    }
    let held = as_it_was(record, said)?;
    match held.head()? {
        DeviceFormat::Luks2(_) | DeviceFormat::Luks1 { .. } => Err(other(record, &held)?),
        DeviceFormat::Nothing => Ok(held),
        DeviceFormat::Damaged(_) => {
            match named_uuid(&held).map_err(|error| unreadable(&held, error))? {
                Some(uuid) if uuid != record.uuid => {
                    let path = held.path().display();
                    let message = format!(
                        "on {path} is the damaged header of the volume {uuid}, not of {} ({})",
                        record.id, record.uuid
                    );
                    Err(Error::refused(Code::VolumeOther, message)
                        .hint("name the device of this volume: --device")
                        .hint((
                            "if that header may go",
                            CommandLine::other("wipefs", "--all").argument(held.path()),
                        )))
                }
                _ => Ok(held),
            }
        }
    }
}

/// Whether an error of [`with_header`] says that the header is not there, and not that it could not
/// be looked for.
fn is_absence(error: &Error) -> bool {
    [Code::HeaderMissing, Code::DeviceMissing, Code::VolumeOther].contains(&error.code())
}

/// Refuses a device without the header of the volume on which something else has been made since.
///
/// # Errors
/// Exit 4 `device-reused`; and as [`ExclusiveDevice::take`], where something uses it.
pub fn check_not_reused(record: &Record, held: &PinnedDevice) -> Result<()> {
    if is_its(record, held)? {
        return Ok(());
    }
    let claim = ExclusiveDevice::take(held.path(), MIN_DEVICE_SIZE)?;
    let others = claim.contents()?.besides(&["luks"]);
    if others.is_empty() {
        return Ok(());
    }
    let path = held.path().display();
    let message = format!("{path} is in other use by now: {}", others.join(", "));
    Err(Error::refused(Code::DeviceReused, message).hint((
        "if that is a remnant, which may go",
        CommandLine::other("wipefs", "--all").argument(held.path()),
    )))
}

fn unreadable(held: &PinnedDevice, error: std::io::Error) -> Error {
    device::unreadable(&held.path().display().to_string(), error)
}

fn is_its(record: &Record, held: &PinnedDevice) -> Result<bool> {
    Ok(held.head()?.is_of(&record.uuid))
}

/// A device that cannot be looked at is not it; that none is found is told.
fn held_if_its(record: &Record, path: &Path) -> Option<PinnedDevice> {
    PinnedDevice::from_path(path).ok().filter(|held| is_its(record, held).unwrap_or(false))
}

fn other(record: &Record, held: &PinnedDevice) -> Result<Error> {
    let path = held.path().display();
    let restore = || Hint::from(("if it was lost, bring it back", restore_command(record)));
    let name = || Hint::from("name the device of this volume: --device");
    let (there, hint) = match held.head()? {
        DeviceFormat::Luks2(header) => (format!("the volume {}", header.uuid), name()),
        DeviceFormat::Luks1 { uuid, .. } => (format!("the LUKS1 volume {uuid}"), name()),
        DeviceFormat::Damaged(_) => ("a damaged header".to_owned(), restore()),
        DeviceFormat::Nothing => ("no header".to_owned(), restore()),
    };
    let message = format!("on {path} is {there}, not the volume {} ({})", record.id, record.uuid);
    Ok(Error::refused(Code::VolumeOther, message).hint(hint))
}

fn restore_command(record: &Record) -> CommandLine {
    CommandLine::ccx_sec("volume restore").argument(record.id.to_string())
}

fn missing(record: &Record) -> Error {
    if let Some(path) = without_header(record) {
        let message = format!("the header of the volume {} on {path} is gone", record.id);
        return Error::failed(Code::HeaderMissing, message)
            .hint((
                "see that the copy in the store is good",
                CommandLine::ccx_sec("volume test-recovery").argument(record.id.to_string()),
            ))
            .hint(("then bring it back", restore_command(record)));
    }
    let message = format!(
        "the volume {} ({}) is on no device here; it was last on {} of {}",
        record.id,
        record.uuid,
        record.device.path.display(),
        record.node
    );
    Error::failed(Code::DeviceMissing, message)
        .hint("attach it; or say where it is: --device")
        .hint((
            "if its header was lost, bring it back",
            restore_command(record).option("--device", Placeholder("DEVICE")),
        ))
}

/// The device on which it was last, where that is here, and has no header that is whole.
fn without_header(record: &Record) -> Option<String> {
    let held = as_it_was(record, None).ok()?;
    let is_gone = matches!(held.head(), Ok(DeviceFormat::Nothing | DeviceFormat::Damaged(_)));
    is_gone.then(|| held.path().display().to_string())
}
