//! The only caller of the program cryptsetup(8).

use std::io;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The oldest version with all that we need (LUKS2 reencryption with its fixes: Debian 12's
/// is 2.6.1, Ubuntu 22.04's 2.4.3).
pub const OLDEST: (u32, u32) = (2, 4);

/// The version of the cryptsetup on this machine, as major, minor and text; `None` when
/// there is none in `PATH`, or in the directories of system programs.
///
/// # Errors
/// Exit 3 when it is there and does not run, or does not say its version.
pub fn version() -> Result<Option<(u32, u32, String)>> {
    let failed = |what: &str| Error::failed("cryptsetup", format!("cryptsetup --version: {what}"));
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let output = Command::new("cryptsetup")
        .arg("--version")
        .env("PATH", path)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("it does not start").because(error)),
        Ok(output) => output,
    };
    // "cryptsetup 2.6.1 flags: UDEV BLKID KEYRING KERNEL_CAPI"
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (output.status.success(), numbers.next(), numbers.next()) {
        (true, Some(Ok(major)), Some(Ok(minor))) => Ok(Some((major, minor, version.to_owned()))),
        _ => Err(failed("it does not say its version")
            .hint("reinstall it: apt-get install cryptsetup-bin")),
    }
}
