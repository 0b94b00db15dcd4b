//! What is on a device: nothing, only where all who look agree on that.
//!
//! ```text
//! mod         the probes together          programs    blkid(8) and wipefs(8)
//! bytes       our own read                 signatures  what bytes are known by
//! ```
//!
//! A probe that cannot say is an error, never "nothing": blkid ends the same way for a blank
//! device as for one that it could not read.

mod bytes;
mod programs;
mod signatures;

use super::identity::DeviceIdentity;
use crate::block::device::{self, Device};
use crate::block::luks::{self, DeviceFormat, HeaderCopy};
use crate::error::{Code, Error, Result};
use crate::shell::CommandLine;

pub(super) use bytes::is_zero_from;

/// What is on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// Nothing, as every probe says.
    Blank,
    /// Something, as at least one says.
    Holds(Vec<DeviceContent>),
}

impl Contents {
    /// What is known by its name on the device, besides what has one of these words in its name;
    /// data that nothing knows are none of it.
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

/// A sign of something on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceContent {
    /// What: `ext4`, `LUKS2 6fa4…`, `data at byte 123`.
    pub what: String,
    /// The probe that found it: `blkid`, `wipefs`, `header`, `bytes`.
    pub by: &'static str,
}

impl DeviceContent {
    fn new(by: &'static str, what: impl Into<String>) -> Self {
        DeviceContent { what: what.into(), by }
    }
}

/// Has all probes look.
pub(super) fn detect(device: &Device, identity: &DeviceIdentity) -> Result<Contents> {
    let name = identity.path.display().to_string();
    let unreadable = |error| device::unreadable(&name, error);
    // Ours is first: it fails where a device cannot be read.
    let ours = bytes::scan_bytes(device, identity)?;
    let header = luks::read(device).map_err(unreadable)?;
    let handle = device.handle().map_err(unreadable)?;
    let mut signs = programs::blkid(&handle, &name)?;
    signs.extend(programs::wipefs(&handle, &name)?);
    signs.extend(said_by(&header).map(|what| DeviceContent::new("header", what)));
    signs.extend(ours);
    Ok(if signs.is_empty() { Contents::Blank } else { Contents::Holds(signs) })
}

/// What a header of LUKS is called here.
fn said_by(header: &DeviceFormat) -> Option<String> {
    Some(match header {
        DeviceFormat::Nothing => return None,
        DeviceFormat::Luks1 { uuid, .. } => format!("LUKS1 {uuid}"),
        DeviceFormat::Luks2(header) if header.primary == HeaderCopy::Damaged => {
            format!("LUKS2 {}, of which the first copy of the header is damaged", header.uuid)
        }
        DeviceFormat::Luks2(header) => format!("LUKS2 {}", header.uuid),
        DeviceFormat::Damaged(why) => format!("a damaged header of LUKS: {why}"),
    })
}

/// Refuses a device that is not blank, and says what is on it and who found it.
///
/// # Errors
/// Exit 4.
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
    // A volume holds data that nobody sees from outside. Nothing here is to make it go by a habit.
    if has(&["luks"]) {
        return Err(error
            .hint((
                "it is encrypted already; see how",
                CommandLine::ccx_sec("volume status").argument(&identity.path),
            ))
            .hint(("if it is a volume of this store, open it", CommandLine::ccx_sec("volume list")))
            .hint((
                "another's is opened with its own key",
                CommandLine::other("cryptsetup", "open").argument(&identity.path).argument("NAME"),
            )));
    }
    let look = CommandLine::other("blkid", "-p").argument(&identity.path);
    let error = error
        .hint(("look at it, and copy away what is needed", look))
        .hint("to destroy what is on it knowingly: --overwrite");
    Err(match has(&["ext4", "ext3", "ext2", "xfs"]) {
        true => error.hint("to encrypt a file system with what is in it: --in-place"),
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
