//! The only caller of the program cryptsetup(8). Keys reach it through its standard input, or
//! through a pipe that it inherits.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::key::{KeyDerivation, VolumeKey};
use super::policy;
use crate::error::{Code, Error, Result};
use crate::process::{Program, ProgramInput, ProgramOutput, inherited};
use crate::shell::CommandLine;

/// The oldest version with all that we need (LUKS2 reencryption with its fixes: Debian 12's
/// is 2.6.1, Ubuntu 22.04's 2.4.3).
pub const OLDEST: CryptsetupVersion = CryptsetupVersion(2, 4, 0);
/// Of these, from the first to before the last, online reencryption may damage what is written
/// meanwhile (release notes of cryptsetup 2.7.5).
const BAD_ONLINE: (CryptsetupVersion, CryptsetupVersion) =
    (CryptsetupVersion(2, 7, 0), CryptsetupVersion(2, 7, 5));

/// Major, minor, and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CryptsetupVersion(pub u32, pub u32, pub u32);

impl std::fmt::Display for CryptsetupVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version of the cryptsetup of this machine; `None` when there is none.
///
/// # Errors
/// Exit 3 when it is there and does not run, or does not say its version.
pub fn version() -> Result<Option<CryptsetupVersion>> {
    Program::find("cryptsetup").map(|program| version_of(&program)).transpose()
}

fn version_of(program: &Program) -> Result<CryptsetupVersion> {
    let outcome = program.run(&["--version"], ProgramInput::default())?;
    let said = String::from_utf8_lossy(&outcome.stdout).into_owned();
    parse(&said).filter(|_| outcome.is_good()).ok_or_else(|| {
        Error::failed(Code::Cryptsetup, "cryptsetup --version: it does not say its version").hint((
            "install it again",
            CommandLine::other("apt-get", "install --reinstall cryptsetup-bin"),
        ))
    })
}

/// `cryptsetup 2.6.1 flags: UDEV BLKID KEYRING KERNEL_CAPI`
fn parse(said: &str) -> Option<CryptsetupVersion> {
    let mut words = said.split_whitespace();
    let version = words.next().filter(|word| *word == "cryptsetup").and(words.next())?;
    let numbers: Vec<u32> =
        version.split(['.', '-']).map_while(|number| number.parse().ok()).chain([0, 0]).collect();
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| numbers.get(..3))??;
    Some(CryptsetupVersion(numbers[0], numbers[1], numbers[2]))
}

/// What a new header is to say.
#[derive(Debug, Clone)]
pub struct LuksFormat<'a> {
    /// The UUID of the volume.
    pub uuid: &'a str,
    /// Its label; none where empty.
    pub label: &'a str,
}

/// Which reencryption is to be begun.
#[derive(Debug, Clone)]
pub enum ReencryptionKind<'a> {
    /// A device that holds a file system becomes a volume; what it holds moves back by 16 MiB,
    /// and its last 32 MiB must be free. Bytes of a sector come last.
    Encrypt(LuksFormat<'a>, u32),
    /// A volume gets a new volume key.
    NewKey,
}

/// How far a reencryption is, in bytes: done, and all.
pub type ReencryptionProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// cryptsetup, of a version that will do.
#[derive(Debug)]
pub struct Cryptsetup {
    program: Program,
    version: CryptsetupVersion,
}

impl Cryptsetup {
    /// Looks for it.
    ///
    /// # Errors
    /// Exit 3 when it is missing or too old.
    pub fn find() -> Result<Self> {
        let program = Program::need("cryptsetup", "cryptsetup-bin")?;
        let version = version_of(&program)?;
        if version < OLDEST {
            let message = format!("cryptsetup {version} is older than {OLDEST}");
            return Err(Error::failed(Code::CryptsetupOld, message)
                .hint("take a newer release of the system, or its backports"));
        }
        Ok(Cryptsetup { program, version })
    }

    /// Refuses versions that may damage a volume which is in use while it gets a new volume key.
    ///
    /// # Errors
    /// Exit 4.
    pub fn check_online(&self) -> Result<()> {
        if (BAD_ONLINE.0..BAD_ONLINE.1).contains(&self.version) {
            let message = format!(
                "cryptsetup {} may damage a volume that is in use while it is encrypted anew",
                self.version
            );
            return Err(Error::refused(Code::CryptsetupBad, message)
                .hint(format!("install {} or newer; or close the volume first", BAD_ONLINE.1)));
        }
        Ok(())
    }

    /// Makes a device a volume (`luksFormat`). What was on it is gone.
    ///
    /// # Errors
    /// As cryptsetup has it; see the exit statuses in cryptsetup(8).
    pub fn format(&self, device: &Path, key: &VolumeKey, format: &LuksFormat<'_>) -> Result<()> {
        let mut words = words(["--batch-mode", "luksFormat", "--type", "luks2"]);
        words.extend(form(format));
        words.extend(derived(key.kdf()));
        words.extend(read_from_input(key));
        words.push(device.into());
        self.well("luksFormat", device, &words, call(key)).map(drop)
    }

    /// Whether the key opens a header: of a device, or an image of one. Nothing is changed.
    ///
    /// # Errors
    /// Exit 3 when that is no header, or cannot be read.
    pub fn opens(&self, header: &Path, key: &VolumeKey) -> Result<bool> {
        self.test(header, key, &[])
    }

    /// The same for an image of a header that is in memory.
    ///
    /// # Errors
    /// As there.
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
            // A header without slots: erased, or half made.
            Some(1) if outcome.stderr.contains("No usable keyslot") => Ok(false),
            _ => Err(failure("open --test-passphrase", header, &outcome)),
        }
    }

    /// Puts another key into a free slot (`luksAddKey`).
    ///
    /// # Errors
    /// As cryptsetup has it; exit 3 `key-wrong` when `key` opens no slot.
    pub fn add_key(&self, device: &Path, key: &VolumeKey, new: &VolumeKey) -> Result<()> {
        let pipe = new.pipe()?;
        let mut words = words(["--batch-mode", "luksAddKey"]);
        words.extend(derived(new.kdf()));
        words.extend(read_from_input(key));
        words.push(format!("--new-keyfile-size={}", new.bytes().len()).into());
        words.push(device.into());
        words.push(inherited(&pipe).into());
        let files = [&pipe];
        self.well("luksAddKey", device, &words, ProgramInput { files: &files, ..call(key) })
            .map(drop)
    }

    /// Wipes the slot that the key opens (`luksRemoveKey`). That another one is left is for the
    /// caller to know: cryptsetup would wipe the last one too.
    ///
    /// # Errors
    /// As [`Cryptsetup::add_key`].
    pub fn remove_key(&self, device: &Path, key: &VolumeKey) -> Result<()> {
        let mut words = words(["--batch-mode", "luksRemoveKey"]);
        words.extend(read_from_input(key));
        words.push(device.into());
        self.well("luksRemoveKey", device, &words, call(key)).map(drop)
    }

    /// Wipes a slot by its number (`luksKillSlot`); that it opens nothing is for the caller to know.
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn kill_slot(&self, device: &Path, slot: &str) -> Result<()> {
        let mut words = words(["--batch-mode", "luksKillSlot"]);
        words.extend([device.into(), slot.into()]);
        self.well("luksKillSlot", device, &words, ProgramInput::default()).map(drop)
    }

    /// Wipes all slots (`luksErase`): nothing opens the volume any more.
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn erase(&self, device: &Path) -> Result<()> {
        let mut words = words(["--batch-mode", "luksErase"]);
        words.push(device.into());
        self.well("luksErase", device, &words, ProgramInput::default()).map(drop)
    }

    /// Writes an image of a header over that of a device (`luksHeaderRestore`).
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn restore_header(&self, device: &Path, image: &OwnedFd) -> Result<()> {
        let mut words = words(["--batch-mode", "luksHeaderRestore", "--header-backup-file"]);
        words.extend([inherited(image).into(), device.into()]);
        let files = [image];
        let call = ProgramInput { files: &files, ..ProgramInput::default() };
        self.well("luksHeaderRestore", device, &words, call).map(drop)
    }

    /// Opens a volume: what is on it is at `/dev/mapper/NAME` then.
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn open(&self, device: &Path, name: &str, key: &VolumeKey, read_only: bool) -> Result<()> {
        let mut words = words(["open", "--type", "luks2"]);
        words.extend(read_only.then(|| "--readonly".into()));
        words.extend(read_from_input(key));
        words.extend([device.into(), name.into()]);
        self.well("open", device, &words, call(key)).map(drop)
    }

    /// Closes a volume.
    ///
    /// # Errors
    /// As cryptsetup has it; exit 3 `device-busy` while something uses it.
    pub fn close(&self, name: &str) -> Result<()> {
        let device = PathBuf::from(format!("/dev/mapper/{name}"));
        self.well("close", &device, &["close", name], ProgramInput::default()).map(drop)
    }

    /// Begins a reencryption (`reencrypt --init-only`). Until it is at its end, [`Cryptsetup::resume_reencryption`]
    /// carries it on. `directory` is where the header of a device that is encrypted in place
    /// lies until it is on the device.
    ///
    /// # Errors
    /// As cryptsetup has it.
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
            words.extend(form(format));
        }
        words.extend(derived(key.kdf()));
        words.extend(offline(device));
        words.extend(read_from_input(key));
        words.push(device.into());
        let call = ProgramInput { directory: Some(directory), ..call(key) };
        self.well("reencrypt --init-only", device, &words, call).map(drop)
    }

    /// Mends the stretch that a reencryption was writing when it was broken off (`repair`), of a
    /// volume that is not open.
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn repair(&self, device: &Path, key: &VolumeKey) -> Result<()> {
        let mut words = words(["--batch-mode", "repair"]);
        words.extend(read_from_input(key));
        words.push(device.into());
        self.well("repair", device, &words, call(key)).map(drop)
    }

    /// Carries a reencryption to its end (`reencrypt --resume-only`), and tells how far it is.
    ///
    /// # Errors
    /// As cryptsetup has it.
    pub fn resume_reencryption(
        &self,
        device: &Path,
        key: &VolumeKey,
        told: ReencryptionProgress<'_>,
    ) -> Result<()> {
        let mut words = words(["--batch-mode", "reencrypt", "--resume-only"]);
        // The form for programs is newer than the oldest version.
        words
            .extend((self.version >= CryptsetupVersion(2, 5, 0)).then(|| "--progress-json".into()));
        words.extend(offline(device));
        words.extend(read_from_input(key));
        words.push(device.into());
        let mut lines = |line: &str| {
            if let Ok(progress) = serde_json::from_str::<ProgressLine>(line) {
                let number = |text: &str| text.parse().unwrap_or_default();
                told(number(&progress.device_bytes), number(&progress.device_size));
            }
        };
        let call = ProgramInput { lines: Some(&mut lines), ..call(key) };
        self.well("reencrypt --resume-only", device, &words, call).map(drop)
    }

    fn well(
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

/// A line of `--progress-json`; its numbers are strings.
#[derive(Deserialize)]
struct ProgressLine {
    device_bytes: String,
    device_size: String,
}

fn words<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.into_iter().map(Into::into).collect()
}

fn form(format: &LuksFormat<'_>) -> Vec<OsString> {
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

fn derived(kdf: KeyDerivation) -> Vec<OsString> {
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

/// A file stands for a device, and nothing can have it open as a volume.
fn offline(device: &Path) -> Option<OsString> {
    device.is_file().then(|| "--force-offline-reencrypt".into())
}

fn read_from_input(key: &VolumeKey) -> Vec<OsString> {
    vec!["--key-file=-".into(), format!("--keyfile-size={}", key.bytes().len()).into()]
}

fn call(key: &VolumeKey) -> ProgramInput<'_> {
    ProgramInput { input: Some(key.bytes()), ..ProgramInput::default() }
}

/// What its exit status means (cryptsetup(8), "RETURN CODES").
fn failure(action: &str, device: &Path, outcome: &ProgramOutput) -> Error {
    let device = device.display();
    let (code, message, hint) = match outcome.code {
        Some(2) => (
            Code::KeyWrong,
            format!("the key opens no slot of {device}"),
            "is that the device of this volume? volume status with the device shows its UUID",
        ),
        Some(3) => (
            Code::CryptsetupMemory,
            format!("cryptsetup {action} had not enough memory for {device}"),
            "free some: what a passphrase opens takes 256 MiB for a moment",
        ),
        Some(4) => (
            Code::CryptsetupDevice,
            format!("cryptsetup {action} does not take {device}"),
            "look at the device and at the kernel's log: lsblk, dmesg",
        ),
        Some(5) => (
            Code::DeviceBusy,
            format!("{device} is in use, or there already"),
            "see what uses it: lsblk, fuser -vm",
        ),
        _ => (
            Code::CryptsetupFailed,
            format!("cryptsetup {action} failed on {device}"),
            "look at the kernel's log: dmesg",
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
