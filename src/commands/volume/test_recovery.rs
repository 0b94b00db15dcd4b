//! `ccx-sec volume test-recovery`: whether what the store keeps would bring a volume back.

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
use crate::volume::record::{Record, StoredVolume, VolumeId};
use crate::volume::{locate, restore};

/// Prove that the key and the copy of the header in the store open a volume; changes nothing
///
/// The copy is unpacked into memory and opened there with the key. That it is of the volume on the
/// device is seen by what its volume key is known by, which is the same in both headers. A
/// device whose header is gone leaves that unknown: then the copy alone is tried. Whether volume
/// restore takes the device is asked of what asks it there.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    #[command(flatten)]
    way: VolumeSelector,
}

const HELP: &str = "\
CHECKS
  key      the store has a key (or a passphrase was given)
  backup   the store has a copy of the header, whole, and of this volume
  unlocks  the key opens the copy
  restore  volume restore takes the device, with the command that is shown
  device   the device has a header that the key opens
  same     both have the same volume key: with the copy, what is on the device can be read

JSON
  {\"id\", \"verdict\": \"pass|fail|unknown\", \"checks\": [{\"check\", \"verdict\", \"message\"}]}

EXAMPLES
  ccx-sec volume test-recovery db-6ae82
  ccx-sec volume list -o json | jq -r '.volumes[].id' | xargs -n1 ccx-sec volume test-recovery --quiet

EXIT STATUS
  0  they would bring it back
  1  they would not; or there is no such volume
  2  usage
  3  it could not be found out: no device has the volume, its header is gone, or it cannot be read";

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
        warn_of_pending(context, &stored.record, &self.way.journals.directory()?)?;
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
        let mut checks = Vec::new();
        let mut say = |check, verdict, message: String| {
            checks.push(RecoveryCheck { check, verdict, message })
        };
        let key = match self.way.key(context, stored) {
            Ok(key) => {
                say("key", RecoveryVerdict::Pass, "the key is there".to_owned());
                Some(key)
            }
            Err(error) => {
                // What could not be asked for, or read, is not missing.
                let is_missing = matches!(error.code(), Code::KeyMissing | Code::KeyDamaged);
                let verdict =
                    if is_missing { RecoveryVerdict::Fail } else { RecoveryVerdict::Unknown };
                say("key", verdict, error.to_string());
                None
            }
        };
        let image = match stored.image() {
            Ok(Some(image)) => {
                let slots = image.header().metadata.openers().count();
                say(
                    "backup",
                    RecoveryVerdict::Pass,
                    format!("the copy is whole, with {slots} key slot(s)"),
                );
                Some(image)
            }
            Ok(None) => {
                say(
                    "backup",
                    RecoveryVerdict::Fail,
                    "the store has no copy of the header".to_owned(),
                );
                None
            }
            Err(error) => {
                say("backup", RecoveryVerdict::Fail, error.to_string());
                None
            }
        };
        if let (Some(key), Some(image)) = (&key, &image) {
            let opens = image.in_memory().and_then(|file| cryptsetup.opens_image(&file, key));
            match opens {
                Ok(true) => {
                    say("unlocks", RecoveryVerdict::Pass, "the key opens the copy".to_owned())
                }
                Ok(false) => say(
                    "unlocks",
                    RecoveryVerdict::Fail,
                    "the key does not open the copy".to_owned(),
                ),
                Err(error) => say("unlocks", RecoveryVerdict::Unknown, error.to_string()),
            }
        }
        let device = match locate::device_ignoring_header(&stored.record, self.way.device()) {
            Ok(device) => device,
            Err(error) => {
                say("device", RecoveryVerdict::Unknown, error.to_string());
                return checks;
            }
        };
        let path = device.path().display().to_string();
        if let Some(image) = &image {
            match restore::check_target(&stored.record, &device, image) {
                Ok(()) => {
                    let command = context.completed(self.restore_command(&stored.record, &device));
                    say("restore", RecoveryVerdict::Pass, format!("{path} is taken: {command}"));
                }
                Err(error) => {
                    let is_no = error.exit() == Exit::Refused;
                    let verdict =
                        if is_no { RecoveryVerdict::Fail } else { RecoveryVerdict::Unknown };
                    say("restore", verdict, error.to_string());
                }
            }
        }
        let header = match device.head() {
            Ok(DeviceFormat::Luks2(header)) => header,
            Ok(_) => {
                let message = format!(
                    "there is no whole header on {path}, to see whether the copy is of it; bring it \
                     back: ccx-sec volume restore {}",
                    self.id
                );
                say("device", RecoveryVerdict::Unknown, message);
                return checks;
            }
            Err(error) => {
                say("device", RecoveryVerdict::Unknown, error.to_string());
                return checks;
            }
        };
        if let Some(key) = &key {
            match cryptsetup.opens(device.path(), key) {
                Ok(true) => say("device", RecoveryVerdict::Pass, format!("the key opens {path}")),
                Ok(false) => {
                    say("device", RecoveryVerdict::Fail, format!("the key does not open {path}"))
                }
                Err(error) => say("device", RecoveryVerdict::Unknown, error.to_string()),
            }
        }
        if let Some(image) = &image {
            let (of_copy, of_device) = (image.header().key_digest(), header.key_digest());
            if header.metadata.is_reencrypted() {
                let message =
                    "what is on the device is being encrypted anew: the copy is of before";
                say("same", RecoveryVerdict::Fail, message.to_owned());
            } else if of_copy.is_some() && of_copy == of_device {
                say(
                    "same",
                    RecoveryVerdict::Pass,
                    "copy and device have the same volume key".to_owned(),
                );
            } else {
                let message = "copy and device have different volume keys: the copy is too old";
                say("same", RecoveryVerdict::Fail, message.to_owned());
            }
        }
        checks
    }

    /// What restores the header of this device once it is lost. The device has to be named where the
    /// record alone does not lead to it.
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
