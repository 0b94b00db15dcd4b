//! `ccx-sec volume test-recovery`: checks that a volume can be recovered from the store.

use serde::Serialize;

use super::selector::{VolumeSelector, check_not_erased};
use super::status_document::warn_of_pending;
use crate::block::cryptsetup::Cryptsetup;
use crate::block::device_guard::PinnedDevice;
use crate::block::luks::DeviceFormat;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::output::LineMark;
use crate::process;
use crate::shell::CommandLine;
use crate::volume::record::{KeySource, Record, VolumeId};
use crate::volume::stored::StoredVolume;
use crate::volume::{locate, restore};

/// Check that a volume can be recovered from the store
///
/// Changes nothing. The copy of the header is decompressed into memory and unlocked there with the key.
/// Equal digests of the volume key in the copy and in the header on the device prove that the copy
/// belongs to the data. If the header on the device is lost, only the copy is checked, and the result is
/// unknown. The device gets the same checks as in volume restore.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

const HELP: &str = "\
CHECKS
  key      the store has a key (or a passphrase was given)
  backup   the store has an intact copy of the header of this volume
  unlocks  the key unlocks the copy
  restore  volume restore accepts the device, with the command that is shown
  device   the device has a header that the key unlocks
  same     copy and device have the same volume key, so the copy makes the data readable

JSON
  {\"id\", \"verdict\": \"pass|fail|unknown\", \"checks\": [{\"check\", \"verdict\", \"message\"}]}

EXAMPLES
  ccx-sec volume test-recovery db-6ae82
  ccx-sec volume list -o json | jq -r '.volumes[].id' | xargs -n1 ccx-sec volume test-recovery --quiet

EXIT STATUS
  0  the volume can be recovered
  1  it cannot; or no such volume
  2  usage error
  3  unknown: no device has the volume, or its header is lost or unreadable";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum RecoveryVerdict {
    Pass,
    Fail,
    Unknown,
}

#[derive(Debug, Serialize)]
struct RecoveryCheck {
    check: &'static str,
    verdict: RecoveryVerdict,
    message: String,
}

#[derive(Debug, Serialize)]
struct RecoveryDocument {
    id: VolumeId,
    verdict: RecoveryVerdict,
    checks: Vec<RecoveryCheck>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        process::keep_memory_off_disk();
        let (cryptsetup, store) = (Cryptsetup::find()?, context.open_store()?);
        let stored = StoredVolume::load_required(store.as_ref(), &self.id)?;
        check_not_erased(&stored.record)?;
        warn_of_pending(context, &stored.record, &self.selector.journals.directory()?)?;
        let checks = self.checks(context, &cryptsetup, &stored);
        let any = |verdict| checks.iter().any(|check| check.verdict == verdict);
        let (verdict, exit) = match (any(RecoveryVerdict::Fail), any(RecoveryVerdict::Unknown)) {
            (true, _) => (RecoveryVerdict::Fail, Exit::No),
            (false, true) => (RecoveryVerdict::Unknown, Exit::Failed),
            (false, false) => (RecoveryVerdict::Pass, Exit::Done),
        };
        let report = RecoveryDocument { id: self.id, verdict, checks };
        context.output.report(&report, || render_text(&report, context.output.quiet))?;
        Ok(exit)
    }

    fn checks(
        &self,
        context: &Context,
        cryptsetup: &Cryptsetup,
        stored: &StoredVolume,
    ) -> Vec<RecoveryCheck> {
        let opener = match stored.record.key {
            KeySource::Store => "key",
            KeySource::Passphrase => "passphrase",
        };
        let mut checks = Vec::new();
        let mut add = |check, verdict, message: String| {
            checks.push(RecoveryCheck { check, verdict, message })
        };
        let key = match self.selector.key(context, stored) {
            Ok(key) => {
                add("key", RecoveryVerdict::Pass, format!("the {opener} is there"));
                Some(key)
            }
            Err(error) => {
                // A key that could not be read or asked for is not missing.
                let is_missing = matches!(error.code(), Code::KeyMissing | Code::KeyDamaged);
                let verdict =
                    if is_missing { RecoveryVerdict::Fail } else { RecoveryVerdict::Unknown };
                add("key", verdict, error.to_string());
                None
            }
        };
        let image = match stored.image() {
            Ok(Some(image)) => {
                let slots = image.header().metadata.openers().count();
                add(
                    "backup",
                    RecoveryVerdict::Pass,
                    format!("the copy is intact, with {slots} key slot(s)"),
                );
                Some(image)
            }
            Ok(None) => {
                add(
                    "backup",
                    RecoveryVerdict::Fail,
                    "the store has no copy of the header".to_owned(),
                );
                None
            }
            Err(error) => {
                add("backup", RecoveryVerdict::Fail, error.to_string());
                None
            }
        };
        if let (Some(key), Some(image)) = (&key, &image) {
            let opens = image.in_memory().and_then(|file| cryptsetup.opens_image(&file, key));
            match opens {
                Ok(true) => {
                    add("unlocks", RecoveryVerdict::Pass, format!("the {opener} unlocks the copy"))
                }
                Ok(false) => add(
                    "unlocks",
                    RecoveryVerdict::Fail,
                    format!("the {opener} does not unlock the copy"),
                ),
                Err(error) => add("unlocks", RecoveryVerdict::Unknown, error.to_string()),
            }
        }
        let device = match locate::device_ignoring_header(&stored.record, self.selector.device()) {
            Ok(device) => device,
            Err(error) => {
                add("device", RecoveryVerdict::Unknown, error.to_string());
                return checks;
            }
        };
        let path = device.path().display().to_string();
        let mut is_accepted = false;
        if let Some(image) = &image {
            match restore::check_target(&stored.record, &device, image) {
                Ok(()) => {
                    let command = context.completed(self.restore_command(&stored.record, &device));
                    add("restore", RecoveryVerdict::Pass, format!("{path} is accepted: {command}"));
                    is_accepted = true;
                }
                Err(error) => {
                    let is_no = error.exit() == Exit::Refused;
                    let verdict =
                        if is_no { RecoveryVerdict::Fail } else { RecoveryVerdict::Unknown };
                    add("restore", verdict, error.to_string());
                }
            }
        }
        let header = match device.head() {
            Ok(DeviceFormat::Luks2(header)) => header,
            Ok(_) => {
                let mut message =
                    format!("{path} has no intact header, so only the copy was checked");
                if is_accepted {
                    message += "; restore the header with the command of the check restore";
                }
                add("device", RecoveryVerdict::Unknown, message);
                return checks;
            }
            Err(error) => {
                add("device", RecoveryVerdict::Unknown, error.to_string());
                return checks;
            }
        };
        if let Some(key) = &key {
            match cryptsetup.opens(device.path(), key) {
                Ok(true) => {
                    add("device", RecoveryVerdict::Pass, format!("the {opener} unlocks {path}"))
                }
                Ok(false) => add(
                    "device",
                    RecoveryVerdict::Fail,
                    format!("the {opener} does not unlock {path}"),
                ),
                Err(error) => add("device", RecoveryVerdict::Unknown, error.to_string()),
            }
        }
        if let Some(image) = &image {
            let (of_copy, of_device) = (image.header().key_digest(), header.key_digest());
            if header.metadata.is_reencrypted() {
                let message = "a reencryption of the device is under way; the copy is older";
                add("same", RecoveryVerdict::Fail, message.to_owned());
            } else if of_copy.is_some() && of_copy == of_device {
                add(
                    "same",
                    RecoveryVerdict::Pass,
                    "copy and device have the same volume key".to_owned(),
                );
            } else {
                let message = "copy and device have different volume keys: the copy is too old";
                add("same", RecoveryVerdict::Fail, message.to_owned());
            }
        }
        checks
    }

    /// Returns the command that restores the header of this device once it is lost. It names the device
    /// if the record does not lead to it.
    fn restore_command(&self, record: &Record, device: &PinnedDevice) -> CommandLine {
        let found = locate::recorded_device(record, None);
        let is_found = found.is_ok_and(|found| found.path() == device.path());
        let path = (!is_found).then(|| device.path());
        CommandLine::ccx_sec("volume restore")
            .argument(self.id.to_string())
            .option_if("--device", path)
            .option("--confirm", device.identity().confirmation())
    }
}

fn render_text(report: &RecoveryDocument, quiet: bool) -> String {
    let mut text = String::new();
    for RecoveryCheck { check, verdict, message } in &report.checks {
        let (word, mark) = match verdict {
            RecoveryVerdict::Pass if quiet => continue,
            RecoveryVerdict::Pass => ("pass", LineMark::Good),
            RecoveryVerdict::Fail => ("fail", LineMark::Bad),
            RecoveryVerdict::Unknown => ("unknown", LineMark::Warn),
        };
        text += &format!("{}  {check:<8} {message}\n", mark.paint(word, 7));
    }
    text
}
