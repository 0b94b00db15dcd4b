//! Runs the program cryptsetup(8); no other file does. Passes keys through standard input or an
//! inherited pipe.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::key::{KeyDerivation, VolumeKey};
use super::policy;
use crate::error::{Code, Error, Result};
use crate::process::{Program, ProgramInput, ProgramOutput, inherited};
use crate::shell::CommandLine;

/// The oldest supported version, which has the fixes of LUKS2 reencryption (Debian 12 has 2.6.1,
/// Ubuntu 22.04 has 2.4.3).
pub const OLDEST: CryptsetupVersion = CryptsetupVersion(2, 4, 0);
/// From the first version up to, but not including, the second, online reencryption may damage data
/// that are written at the same time (release notes of cryptsetup 2.7.5).
const BAD_ONLINE: (CryptsetupVersion, CryptsetupVersion) =
    (CryptsetupVersion(2, 7, 0), CryptsetupVersion(2, 7, 5));

/// Major, minor and patch version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CryptsetupVersion(pub u32, pub u32, pub u32);

impl std::fmt::Display for CryptsetupVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Returns the version of the installed cryptsetup; `None` if it is not installed.
///
/// # Errors
/// Exit 3 when cryptsetup does not run or prints no version.
pub fn version() -> Result<Option<CryptsetupVersion>> {
    Program::find("cryptsetup").map(|program| version_of(&program)).transpose()
}

fn version_of(program: &Program) -> Result<CryptsetupVersion> {
    let outcome = program.run(&["--version"], ProgramInput::default())?;
    let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
    parse(&said).filter(|_| outcome.is_good()).ok_or_else(|| {
        Error::failed(Code::Cryptsetup, "cryptsetup --version prints no version").hint((
            "reinstall it",
            CommandLine::other("apt-get", "install --reinstall cryptsetup-bin"),
        ))
    })
}

/// Parses a line such as `cryptsetup 2.6.1 flags: UDEV BLKID KEYRING KERNEL_CAPI`
fn parse(said: &str) -> Option<CryptsetupVersion> {
    let mut words = said.split_whitespace();
    let version = words.next().filter(|word| *word == "cryptsetup").and(words.next())?;
    let numbers: Vec<u32> =
        version.split(['.', '-']).map_while(|number| number.parse().ok()).chain([0, 0]).collect();
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| numbers.get(..3))??;
    Some(CryptsetupVersion(numbers[0], numbers[1], numbers[2]))
}

/// The identity of a new header.
#[derive(Debug, Clone)]
pub struct LuksFormat<'a> {
    /// The UUID of the volume.
    pub uuid: &'a str,
    /// The label; empty for none.
    pub label: &'a str,
}

/// The kinds of reencryption.
#[derive(Debug, Clone)]
pub enum ReencryptionKind<'a> {
    /// Encrypts a device with its file system, which moves back by 16 MiB; the last 32 MiB of the
    /// device must be free. The number is the sector size in bytes.
    Encrypt(LuksFormat<'a>, u32),
    /// Changes the volume key.
    NewKey,
}

/// Receives the progress of a reencryption in bytes: done, and total.
pub type ReencryptionProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// The program cryptsetup, in a supported version.
#[derive(Debug)]
pub struct Cryptsetup {
    program: Program,
    version: CryptsetupVersion,
}

impl Cryptsetup {
    /// Finds the program.
    ///
    /// # Errors
    /// Exit 3 when it is missing or too old.
    pub fn find() -> Result<Self> {
        let program = Program::need("cryptsetup", "cryptsetup-bin")?;
        let version = version_of(&program)?;
        if version < OLDEST {
            let message = format!("cryptsetup {version} is older than {OLDEST}");
            return Err(Error::failed(Code::CryptsetupOld, message)
                .hint("use a newer release of the operating system, or its backports"));
        }
        Ok(Cryptsetup { program, version })
    }

    /// Refuses versions that may damage an open volume during a reencryption.
    ///
    /// # Errors
    /// Exit 4 `cryptsetup-bad`.
    pub fn check_online(&self) -> Result<()> {
        if (BAD_ONLINE.0..BAD_ONLINE.1).contains(&self.version) {
            let message = format!(
                "cryptsetup {} may damage a volume that is in use during a reencryption",
                self.version
            );
            return Err(Error::refused(Code::CryptsetupBad, message)
                .hint(format!("install {} or newer, or close the volume first", BAD_ONLINE.1)));
        }
        Ok(())
    }

    /// Makes a device a volume (`luksFormat`). Destroys its contents.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails; the code depends on its exit status (cryptsetup(8)).
    pub fn format(&self, device: &Path, key: &VolumeKey, format: &LuksFormat<'_>) -> Result<()> {
        let mut words = words(["--batch-mode", "luksFormat", "--type", "luks2"]);
        words.extend(format_options(format));
        words.extend(kdf_options(key.kdf()));
        words.extend(read_from_input(key));
        words.push(device.into());
        self.run_or_fail("luksFormat", device, &words, call(key)).map(drop)
    }

    /// Returns whether the key unlocks the header of a device. Changes nothing.
    ///
    /// # Errors
    /// Exit 3 when the device has no header or cannot be read.
    pub fn opens(&self, header: &Path, key: &VolumeKey) -> Result<bool> {
        self.test(header, key, &[])
    }

    /// Returns whether the key unlocks a copy of a header in memory.
    ///
    /// # Errors
    /// As [`Cryptsetup::opens`].
    pub fn opens_image(&self, image: &OwnedFd, key: &VolumeKey) -> Result<bool> {
        self.test(&inherited(image), key, &[image])
    }

    fn test(&self, header: &Path, key: &VolumeKey, files: &[&OwnedFd]) -> Result<bool> {
        let mut words = words(["open", "--test-passphrase", "--type", "luks2"]);
        words.extend(read_from_input(key));
        words.push(header.into());
        let outcome = self.program.run(&words, ProgramInput { files, ..call(key) })?;
        match outcome.code {
            Some(0) => Ok(true),
            Some(2) => Ok(false),
            // A header without slots: erased, or its format was interrupted.
            Some(1) if outcome.stderr.contains("No usable keyslot") => Ok(false),
            _ => Err(failure("open --test-passphrase", header, &outcome)),
        }
    }

    /// Adds a slot for another key (`luksAddKey`).
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails; `key-wrong` when `key` unlocks no slot.
    pub fn add_key(&self, device: &Path, key: &VolumeKey, new: &VolumeKey) -> Result<()> {
        let pipe = new.pipe()?;
        let mut words = words(["--batch-mode", "luksAddKey"]);
        words.extend(kdf_options(new.kdf()));
        words.extend(read_from_input(key));
        words.push(format!("--new-keyfile-size={}", new.bytes().len()).into());
        words.push(device.into());
        words.push(inherited(&pipe).into());
        let files = [&pipe];
        self.run_or_fail("luksAddKey", device, &words, ProgramInput { files: &files, ..call(key) })
            .map(drop)
    }

    /// Wipes the slot that the key unlocks (`luksRemoveKey`). The caller makes sure that another slot
    /// is left: cryptsetup wipes the last one too.
    ///
    /// # Errors
    /// As [`Cryptsetup::add_key`].
    pub fn remove_key(&self, device: &Path, key: &VolumeKey) -> Result<()> {
        let mut words = words(["--batch-mode", "luksRemoveKey"]);
        words.extend(read_from_input(key));
        words.push(device.into());
        self.run_or_fail("luksRemoveKey", device, &words, call(key)).map(drop)
    }

    /// Wipes a slot by its number (`luksKillSlot`). The caller makes sure that it is not needed.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn kill_slot(&self, device: &Path, slot: &str) -> Result<()> {
        let mut words = words(["--batch-mode", "luksKillSlot"]);
        words.extend([device.into(), slot.into()]);
        self.run_or_fail("luksKillSlot", device, &words, ProgramInput::default()).map(drop)
    }

    /// Wipes all slots (`luksErase`), so that no key unlocks the volume.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn erase(&self, device: &Path) -> Result<()> {
        let mut words = words(["--batch-mode", "luksErase"]);
        words.push(device.into());
        self.run_or_fail("luksErase", device, &words, ProgramInput::default()).map(drop)
    }

    /// Overwrites the header of a device with a copy (`luksHeaderRestore`).
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn restore_header(&self, device: &Path, image: &OwnedFd) -> Result<()> {
        let mut words = words(["--batch-mode", "luksHeaderRestore", "--header-backup-file"]);
        words.extend([inherited(image).into(), device.into()]);
        let files = [image];
        let call = ProgramInput { files: &files, ..ProgramInput::default() };
        self.run_or_fail("luksHeaderRestore", device, &words, call).map(drop)
    }

    /// Opens a volume as `/dev/mapper/NAME`.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn open(&self, device: &Path, name: &str, key: &VolumeKey, read_only: bool) -> Result<()> {
        let mut words = words(["open", "--type", "luks2"]);
        words.extend(read_only.then(|| "--readonly".into()));
        words.extend(read_from_input(key));
        words.extend([device.into(), name.into()]);
        self.run_or_fail("open", device, &words, call(key)).map(drop)
    }

    /// Closes a volume.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails; `device-busy` while the volume is in use.
    pub fn close(&self, name: &str) -> Result<()> {
        let device = PathBuf::from(format!("/dev/mapper/{name}"));
        self.run_or_fail("close", &device, &["close", name], ProgramInput::default()).map(drop)
    }

    /// Begins a reencryption (`reencrypt --init-only`), which [`Cryptsetup::resume_reencryption`]
    /// continues. During an encryption in place, `directory` has the header until it is on the device.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn begin(
        &self,
        device: &Path,
        key: &VolumeKey,
        what: &ReencryptionKind<'_>,
        directory: &Path,
    ) -> Result<()> {
        let mut words = words(["--batch-mode", "reencrypt", "--init-only"]);
        if let ReencryptionKind::Encrypt(format, sector) = what {
            words.extend(["--encrypt", "--type=luks2", "--reduce-device-size=32M"].map(Into::into));
            words.push(format!("--sector-size={sector}").into());
            words.extend(format_options(format));
        }
        words.extend(kdf_options(key.kdf()));
        words.extend(offline(device));
        words.extend(read_from_input(key));
        words.push(device.into());
        let call = ProgramInput { directory: Some(directory), ..call(key) };
        self.run_or_fail("reencrypt --init-only", device, &words, call).map(drop)
    }

    /// Repairs the segment that an interrupted reencryption was writing (`repair`). The volume must be
    /// closed.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn repair(&self, device: &Path, key: &VolumeKey) -> Result<()> {
        let mut words = words(["--batch-mode", "repair"]);
        words.extend(read_from_input(key));
        words.push(device.into());
        self.run_or_fail("repair", device, &words, call(key)).map(drop)
    }

    /// Continues a reencryption to its end (`reencrypt --resume-only`), and reports its progress.
    ///
    /// # Errors
    /// Exit 3 when cryptsetup fails.
    pub fn resume_reencryption(
        &self,
        device: &Path,
        key: &VolumeKey,
        report: ReencryptionProgress<'_>,
    ) -> Result<()> {
        let mut words = words(["--batch-mode", "reencrypt", "--resume-only"]);
        // The JSON form is newer than the oldest supported version.
        words
            .extend((self.version >= CryptsetupVersion(2, 5, 0)).then(|| "--progress-json".into()));
        words.extend(offline(device));
        words.extend(read_from_input(key));
        words.push(device.into());
        let mut lines = |line: &str| {
            if let Ok(progress) = serde_json::from_str::<ProgressLine>(line) {
                let number = |text: &str| text.parse().unwrap_or_default();
                report(number(&progress.device_bytes), number(&progress.device_size));
            }
        };
        let call = ProgramInput { lines: Some(&mut lines), ..call(key) };
        self.run_or_fail("reencrypt --resume-only", device, &words, call).map(drop)
    }

    fn run_or_fail(
        &self,
        action: &str,
        device: &Path,
        words: &[impl AsRef<std::ffi::OsStr>],
        call: ProgramInput<'_>,
    ) -> Result<ProgramOutput> {
        let outcome = self.program.run(words, call)?;
        if outcome.is_good() { Ok(outcome) } else { Err(failure(action, device, &outcome)) }
    }
}

/// A line of `--progress-json`, whose numbers are strings.
#[derive(Deserialize)]
struct ProgressLine {
    device_bytes: String,
    device_size: String,
}

fn words<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.into_iter().map(Into::into).collect()
}

fn format_options(format: &LuksFormat<'_>) -> Vec<OsString> {
    let mut words = vec![
        format!("--cipher={}", policy::CIPHER),
        format!("--key-size={}", policy::KEY_BITS),
        format!("--uuid={}", format.uuid),
    ];
    if !format.label.is_empty() {
        words.push(format!("--label={}", format.label));
    }
    words.into_iter().map(Into::into).collect()
}

fn kdf_options(kdf: KeyDerivation) -> Vec<OsString> {
    match kdf {
        KeyDerivation::Minimal => {
            words(["--pbkdf=pbkdf2", "--hash=sha256", "--pbkdf-force-iterations=1000"])
        }
        KeyDerivation::Stretched => words([
            "--pbkdf=argon2id",
            "--pbkdf-memory=262144",
            "--pbkdf-parallel=4",
            "--pbkdf-force-iterations=4",
        ]),
    }
}

/// A file that stands for a device needs this option: cryptsetup cannot check whether it is open.
fn offline(device: &Path) -> Option<OsString> {
    device.is_file().then(|| "--force-offline-reencrypt".into())
}

fn read_from_input(key: &VolumeKey) -> Vec<OsString> {
    vec!["--key-file=-".into(), format!("--keyfile-size={}", key.bytes().len()).into()]
}

fn call(key: &VolumeKey) -> ProgramInput<'_> {
    ProgramInput { input: Some(key.bytes()), ..ProgramInput::default() }
}

/// Translates an exit status of cryptsetup (cryptsetup(8), "RETURN CODES").
fn failure(action: &str, device: &Path, outcome: &ProgramOutput) -> Error {
    let device = device.display();
    let (code, message, hint) = match outcome.code {
        Some(2) => (
            Code::KeyWrong,
            format!("the key unlocks no slot of {device}"),
            "check that this is the device of the volume: volume status with the device shows its UUID",
        ),
        Some(3) => (
            Code::CryptsetupMemory,
            format!("not enough memory for cryptsetup {action} on {device}"),
            "free memory: a passphrase needs 256 MiB for a moment",
        ),
        Some(4) => (
            Code::CryptsetupDevice,
            format!("cryptsetup {action} does not accept {device}"),
            "check the device, and read the kernel log: lsblk, dmesg",
        ),
        Some(5) => (
            Code::DeviceBusy,
            format!("{device} is in use or exists already"),
            "find what uses it: lsblk, fuser -vm",
        ),
        _ => (
            Code::CryptsetupFailed,
            format!("cryptsetup {action} failed on {device}"),
            "read the kernel log: dmesg",
        ),
    };
    Error::failed(code, message).because(anyhow::anyhow!("{}", outcome.why())).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let flags = "flags: UDEV BLKID KEYRING KERNEL_CAPI";
        for (said, expected) in [
            (format!("cryptsetup 2.6.1 {flags}"), Some(CryptsetupVersion(2, 6, 1))),
            ("cryptsetup 2.4.0\n".to_owned(), Some(CryptsetupVersion(2, 4, 0))),
            ("cryptsetup 10.0 x".to_owned(), Some(CryptsetupVersion(10, 0, 0))),
            ("cryptsetup 2.8.0-rc1".to_owned(), Some(CryptsetupVersion(2, 8, 0))),
            ("hello".to_owned(), None),
            ("cryptsetup".to_owned(), None),
            ("cryptsetup flags:".to_owned(), None),
        ] {
            assert_eq!(parse(&said), expected, "{said}");
        }
    }

    #[test]
    fn what_damages_is_refused_and_no_more() {
        let with = |version| {
            let program = Program::need("sh", "dash").expect("a shell");
            Cryptsetup { program, version }.check_online().map_err(|error| error.code().name())
        };
        for bad in [CryptsetupVersion(2, 7, 0), CryptsetupVersion(2, 7, 4)] {
            assert_eq!(with(bad), Err("cryptsetup-bad"), "{bad}");
        }
        for good in
            [CryptsetupVersion(2, 6, 1), CryptsetupVersion(2, 7, 5), CryptsetupVersion(2, 8, 0)]
        {
            assert_eq!(with(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn exit_statuses_become_our_own() {
        let outcome =
            |code| ProgramOutput { code, stderr: "No.\n".to_owned(), ..ProgramOutput::default() };
        for (status, code) in [
            (Some(1), "cryptsetup-failed"),
            (Some(2), "key-wrong"),
            (Some(3), "cryptsetup-memory"),
            (Some(4), "cryptsetup-device"),
            (Some(5), "device-busy"),
            (None, "cryptsetup-failed"),
        ] {
            let error = failure("open", Path::new("/dev/sdx"), &outcome(status));
            assert_eq!((error.code().name(), error.exit().code()), (code, 3));
            assert_eq!(error.causes(), ["No."]);
            assert_eq!(error.hints().len(), 1);
        }
    }
}
