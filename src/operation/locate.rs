//! Which device a volume is on: where it was made, or wherever its header is found.

use std::path::{Path, PathBuf};

use super::record::Record;
use super::use_of;
use crate::error::{Error, Result};
use crate::files;
use crate::hint::Hint;
use crate::shell::CommandLine;
use crate::volume::interlock::Held;
use crate::volume::luks::Found;
use crate::volume::sysfs;

/// The device whose header is that of the volume: the one that is said, or that is open, or on
/// which it was made, or any other.
///
/// # Errors
/// Exit 3 when there is none; exit 4 when there are several, or the one that is said has another
/// header.
pub fn with_header(record: &Record, said: Option<&Path>) -> Result<Held> {
    if let Some(path) = said {
        let held = Held::of(path)?;
        return if is_its(record, &held)? { Ok(held) } else { Err(other(record, &held)?) };
    }
    let opened = use_of::opened(record)?;
    let below = opened.iter().flat_map(|mapping| mapping.below.iter());
    let below = below.filter_map(|number| sysfs::node(&sysfs::place(*number))).map(PathBuf::from);
    // What has nothing but its name to be known by may be a copy that has the name by now.
    let device = &record.device;
    let is_known = device.serial.is_some() || device.wwn.is_some() || device.is_file;
    let known = where_it_was(record).filter(|_| is_known).map(Path::to_owned);
    let same = |held: &Held| device.check_same(held.identity()).is_ok();
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
        return Err(Error::refused("device-ambiguous", message)
            .hint("one is a copy of the other; say which is meant: --device"));
    }
    found.pop().ok_or_else(|| missing(record))
}

/// The device on which the volume is to be made, whatever is on it.
///
/// # Errors
/// Exit 3 when it is not there, exit 4 when it is another.
pub fn as_it_was(record: &Record, said: Option<&Path>) -> Result<Held> {
    let path = said.or(where_it_was(record)).ok_or_else(|| missing(record))?;
    let held = Held::of(path)?;
    record.device.check_same(held.identity())?;
    Ok(held)
}

/// The device on which the volume was made, whatever is on it now: its header may be gone.
///
/// # Errors
/// As [`as_it_was`]; exit 4 when it has the header of another volume.
pub fn whatever_it_holds(record: &Record, said: Option<&Path>) -> Result<Held> {
    // With its header it is the one, wherever it is; without, the one on which it was made.
    let with_header = match with_header(record, said) {
        Err(error) if error.code() == "device-ambiguous" => return Err(error),
        found => found,
    };
    if let Ok(held) = with_header {
        return Ok(held);
    }
    let held = as_it_was(record, said)?;
    match held.head()? {
        Found::Luks2(_) | Found::Luks1 { .. } => Err(other(record, &held)?),
        Found::Nothing | Found::Damaged(_) => Ok(held),
    }
}

fn is_its(record: &Record, held: &Held) -> Result<bool> {
    Ok(held.head()?.is_of(&record.uuid))
}

/// A device that cannot be looked at is not it; that none is found is told.
fn held_if_its(record: &Record, path: &Path) -> Option<Held> {
    Held::of(path).ok().filter(|held| is_its(record, held).unwrap_or(false))
}

fn other(record: &Record, held: &Held) -> Result<Error> {
    let path = held.path().display();
    let restore = || Hint::from(("if it was lost, bring it back", restore_command(record)));
    let name = || Hint::from("name the device of this volume: --device");
    let (there, hint) = match held.head()? {
        Found::Luks2(header) => (format!("the volume {}", header.uuid), name()),
        Found::Luks1 { uuid, .. } => (format!("the LUKS1 volume {uuid}"), name()),
        Found::Damaged(_) => ("a damaged header".to_owned(), restore()),
        Found::Nothing => ("no header".to_owned(), restore()),
    };
    let message = format!("on {path} is {there}, not the volume {} ({})", record.id, record.uuid);
    Ok(Error::refused("volume-other", message).hint(hint))
}

fn restore_command(record: &Record) -> CommandLine {
    CommandLine::ccx_sec("volume restore").argument(record.id.to_string())
}

fn missing(record: &Record) -> Error {
    if let Some(path) = without_header(record) {
        let message = format!("the header of the volume {} on {path} is gone", record.id);
        return Error::failed("header-missing", message)
            .hint((
                "see that the copy in the store is good",
                CommandLine::ccx_sec("volume drill").argument(record.id.to_string()),
            ))
            .hint(("then bring it back", restore_command(record)));
    }
    let message = format!(
        "the volume {} ({}) is on no device here; it was made on {} of {}",
        record.id,
        record.uuid,
        record.device.path.display(),
        record.node
    );
    Error::failed("device-missing", message)
        .hint("attach it; or say where it is: --device")
        .hint(("if its header was lost, bring it back", restore_command(record)))
}

/// The device on which it was made, where that is here, and has no header that is whole.
fn without_header(record: &Record) -> Option<String> {
    let held = Held::of(where_it_was(record)?).ok()?;
    record.device.check_same(held.identity()).ok()?;
    let is_gone = matches!(held.head(), Ok(Found::Nothing | Found::Damaged(_)));
    is_gone.then(|| held.path().display().to_string())
}

/// What leads to the device on which it was made, if it is there still.
fn where_it_was(record: &Record) -> Option<&Path> {
    let known = record.device.by_id.iter().chain([&record.device.path]);
    known.map(PathBuf::as_path).find(|path| files::exists(path))
}
