//! Probes the contents of a device. It is blank only if all probes agree.
//!
//! ```text
//! mod         all probes together          programs    blkid(8) and wipefs(8)
//! bytes       our own read                 signatures  known magic numbers
//! ```
//!
//! A probe that fails is an error and never counts as "nothing found": blkid exits in the same way
//! for a blank device and for one that it cannot read.

mod bytes;
mod programs;
mod signatures;

use super::identity::DeviceIdentity;
use crate::block::device::{self, Device};
use crate::block::luks::{self, DeviceFormat, HeaderCopy};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

pub(super) use bytes::is_zero_from;

/// The contents of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// No probe found anything.
    Blank,
    /// At least one probe found something.
    Holds(Vec<DeviceContent>),
}

impl Contents {
    /// Returns the known signatures on the device, except those whose name contains one of these
    /// words. Unknown data are left out.
    #[must_use]
    pub fn besides(&self, words: &[&str]) -> Vec<String> {
        let Contents::Holds(signs) = self else { return Vec::new() };
        let names = signs.iter().map(|sign| &sign.what).filter(|name| {
            let lower = name.to_lowercase();
            !name.starts_with(bytes::DATA) && !words.iter().any(|word| lower.contains(word))
        });
        names.cloned().collect()
    }
}

/// Something that a probe found on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceContent {
    /// The finding: `ext4`, `LUKS2 6fa4…`, `data at byte 123`.
    pub what: String,
    /// The probe that found it: `blkid`, `wipefs`, `header`, `bytes`.
    pub by: &'static str,
}

impl DeviceContent {
    fn new(by: &'static str, what: impl Into<String>) -> Self {
        DeviceContent { what: what.into(), by }
    }
}

/// Runs all probes.
pub(super) fn detect(device: &Device, identity: &DeviceIdentity) -> Result<Contents> {
    let name = identity.path.display().to_string();
    let unreadable = |error| device::unreadable(&name, error);
    // Ours is first: it fails when the device cannot be read.
    let ours = bytes::scan_bytes(device, identity)?;
    let header = luks::read(device).map_err(unreadable)?;
    let handle = device.handle().map_err(unreadable)?;
    let mut signs = programs::blkid(&handle, &name)?;
    signs.extend(programs::wipefs(&handle, &name)?);
    signs.extend(describe_header(&header).map(|what| DeviceContent::new("header", what)));
    signs.extend(ours);
    Ok(if signs.is_empty() { Contents::Blank } else { Contents::Holds(signs) })
}

/// Describes a LUKS header.
fn describe_header(header: &DeviceFormat) -> Option<String> {
    Some(match header {
        DeviceFormat::Nothing => return None,
        DeviceFormat::Luks1 { uuid, .. } => format!("LUKS1 {uuid}"),
        DeviceFormat::Luks2(header) if header.primary == HeaderCopy::Damaged => {
            format!("LUKS2 {}, with a damaged first copy of the header", header.uuid)
        }
        DeviceFormat::Luks2(header) => format!("LUKS2 {}", header.uuid),
        DeviceFormat::Damaged(why) => format!("a damaged LUKS header: {why}"),
    })
}

/// Refuses a device that is not blank. The message has each finding with its probe.
///
/// # Errors
/// Exit 4 `device-not-blank`.
pub fn refuse_unless_blank(contents: &Contents, identity: &DeviceIdentity) -> Result<()> {
    let Contents::Holds(found) = contents else { return Ok(()) };
    let signs = found.iter().map(|DeviceContent { what, by }| format!("{what} ({by})"));
    let name = identity.path.display();
    let message = format!("{name} is not blank: {}", signs.collect::<Vec<_>>().join(", "));
    let error = Error::refused(Code::DeviceNotBlank, message);
    let has = |words: &[&str]| {
        let is_one =
            |sign: &DeviceContent| words.iter().any(|word| sign.what.to_lowercase().contains(word));
        found.iter().any(is_one)
    };
    // A volume may hold data that nobody sees from outside, so no hint names --overwrite.
    if has(&["luks"]) {
        return Err(error
            .hint((
                "the device is encrypted already; see its parameters",
                CommandLine::ccx_sec("volume status").argument(&identity.path),
            ))
            .hint((
                "if it is a volume of this store, find its ID to open it",
                CommandLine::ccx_sec("volume list"),
            ))
            .hint((
                "a volume of another program needs its own key",
                CommandLine::other("cryptsetup", "open").argument(&identity.path).argument("NAME"),
            )));
    }
    let look = CommandLine::other("blkid", "-p").argument(&identity.path);
    let error = error
        .hint(("inspect it, and copy the data that are needed", look))
        .hint("to destroy its contents: --overwrite");
    Err(match has(&["ext4", "ext3", "ext2", "xfs"]) {
        true => error.hint("to encrypt the file system with its files: --in-place"),
        false => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_besides() {
        let signs = ["crypto_LUKS", "LUKS2 6fa4", "ext2, ext3 or ext4", "data at byte 0"];
        let signs = signs.map(|what| DeviceContent::new("bytes", what)).to_vec();
        let contents = Contents::Holds(signs);
        assert_eq!(contents.besides(&["luks"]), ["ext2, ext3 or ext4"]);
        assert_eq!(contents.besides(&["ext4", "luks"]), [""; 0]);
        assert_eq!(Contents::Blank.besides(&[]), [""; 0]);
    }

    #[test]
    fn who_found_what_is_said() {
        let at = tempfile::NamedTempFile::new().expect("a file");
        let identity = DeviceIdentity::from_path(at.path()).expect("a file");
        assert!(refuse_unless_blank(&Contents::Blank, &identity).is_ok());
        let signs = vec![
            DeviceContent::new("blkid", "ext4"),
            DeviceContent::new("bytes", "data at byte 1024"),
        ];
        let error = refuse_unless_blank(&Contents::Holds(signs), &identity).expect_err("refused");
        assert_eq!((error.code().name(), error.exit().code()), ("device-not-blank", 4));
        let message = error.to_string();
        assert!(message.ends_with(": ext4 (blkid), data at byte 1024 (bytes)"), "{message}");
    }
}
