//! `ccx-sec volume check`: whether what is under a path is encrypted as it must be.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::block::mounts;
use crate::block::stack::{EncryptionAnswer, EncryptionVerdict, Machine};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::output::LineMark;
use crate::report::checks::{Check, CheckResult, CheckRun, CheckedSubject};
use crate::shell::{CommandLine, Placeholder};

/// Whether what is under a path lies on LUKS2, with the parameters that it must have
///
/// It follows file systems, LVM, RAID, partitions and loop devices down to their disks, as the
/// kernel tells them, and reads the header of each LUKS2 device on the way. Every disk below must
/// be encrypted, and so must be what is mounted below the path. No program is started, and nothing
/// is written.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Files, directories, or block devices, of which what is on them counts, open or not
    #[arg(value_name = "PATH", required_unless_present_any = ["all", "data_dirs"], value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Every file system that is mounted from a device, and all that is swapped to
    #[arg(long)]
    all: bool,
    /// Where the engines that run on this machine keep their data
    ///
    /// The directories that MySQL, MariaDB, PostgreSQL, Redis, Valkey and SQL Server work in, and
    /// those of the files that they have open elsewhere. Needs to be root, to see them all.
    #[arg(long)]
    data_dirs: bool,
}

const HELP: &str = "\
WHAT IT MUST BE
  LUKS2, aes-xts-plain64, a key of 512 bits, a key slot that opens it, and no encryption or
  decryption under way.

REASONS
  not_encrypted, luks1, not_luks2, no_volume (in memory)   it is not encrypted, or otherwise
  cipher, key_size, no_keyslot, reencryption_pending       the header does not say what it must
  no_header, header_damaged, header_other                  the header is gone, or another's
  missing, unreadable, no_device, too_deep                 it could not be found out: unknown

JSON
  {\"format_version\": 1, \"result\": \"pass|fail|unknown\",
   \"summary\": {\"checked\", \"passed\", \"failed\", \"unknown\"},
   \"paths\": [{\"path\", \"verdict\": \"pass|fail|unknown\", \"reason\", \"message\",
              \"layers\": [\"luks2 /dev/mapper/data\", \"/dev/sdb\"]}]}

EXAMPLES
  ccx-sec volume check /var/lib/mysql
  ccx-sec volume check --data-dirs -o json
  ccx-sec volume check --all --quiet

EXIT STATUS
  0  all of it is encrypted as it must be
  1  some of it is not
  2  usage
  3  some of it could not be found out";

#[derive(Debug, Serialize)]
struct VolumeCheckDocument {
    result: CheckResult,
    summary: VolumeCheckSummary,
    paths: Vec<CheckedPath>,
}

#[derive(Debug, Serialize)]
struct VolumeCheckSummary {
    checked: usize,
    passed: usize,
    failed: usize,
    unknown: usize,
}

#[derive(Debug, Serialize)]
struct CheckedPath {
    path: String,
    #[serde(flatten)]
    verdict: EncryptionVerdict,
}

impl CheckedPath {
    fn subject(&self) -> CheckedSubject {
        let result = match self.verdict.verdict {
            EncryptionAnswer::Pass => CheckResult::Pass,
            EncryptionAnswer::Fail => CheckResult::Fail,
            EncryptionAnswer::Unknown => CheckResult::Unknown,
        };
        let check = Check {
            result,
            code: self.verdict.reason.map(Into::into),
            message: self.verdict.message.clone().unwrap_or_default(),
            ..Check::pass("encryption")
        };
        CheckedSubject {
            name: self.path.clone(),
            labels: vec![("path", self.path.clone())],
            checks: vec![check],
            ..CheckedSubject::default()
        }
    }
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let begun = Instant::now();
        let machine = Machine::this()?;
        let checked: Vec<CheckedPath> = self
            .paths(&machine)?
            .iter()
            .map(|path| CheckedPath {
                path: path.display().to_string(),
                verdict: machine.judge(path),
            })
            .collect();
        let count = |answer| checked.iter().filter(|one| one.verdict.verdict == answer).count();
        let summary = VolumeCheckSummary {
            checked: checked.len(),
            passed: count(EncryptionAnswer::Pass),
            failed: count(EncryptionAnswer::Fail),
            unknown: count(EncryptionAnswer::Unknown),
        };
        let exit = match (summary.failed, summary.unknown) {
            (0, 0) => Exit::Done,
            (_, 0) => Exit::No,
            _ => Exit::Failed,
        };
        let subjects: Vec<CheckedSubject> = checked.iter().map(CheckedPath::subject).collect();
        let result = CheckResult::of_all(subjects.iter().map(CheckedSubject::result));
        let report = VolumeCheckDocument { result, summary, paths: checked };
        CheckRun {
            command: "volume check",
            check_label: "check",
            legend: "",
            started: context.now,
            elapsed: begun.elapsed(),
            subjects,
        }
        .print(&context.output, &report, || render_text(&report, context.output.quiet))?;
        Ok(exit)
    }

    /// What to look at, each once.
    fn paths(&self, machine: &Machine) -> Result<Vec<PathBuf>> {
        let mut paths = self.paths.clone();
        if self.data_dirs {
            let found = mounts::data_directories()?;
            if found.is_empty() && !self.all && paths.is_empty() {
                let message = "no engine is running here, as far as this user sees";
                return Err(Error::failed(Code::EnginesMissing, message).hint((
                    "run it as root, or name the directories",
                    CommandLine::ccx_sec("volume check").argument(Placeholder("PATH")),
                )));
            }
            paths.extend(found);
        }
        let below: Vec<_> = paths.iter().flat_map(|path| machine.mounted_below(path)).collect();
        paths.extend(below);
        if self.all {
            let mut devices = BTreeSet::new();
            let mounted = machine.mounts().iter().filter(|mount| {
                let has_device = mount.device.0 != 0 || mount.kind == "btrfs";
                has_device && devices.insert(mount.device)
            });
            paths.extend(mounted.map(|mount| mount.point.clone()));
            paths.extend(mounts::swaps()?);
        }
        let mut seen = BTreeSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        Ok(paths)
    }
}

fn render_text(report: &VolumeCheckDocument, quiet: bool) -> String {
    let mut text = String::new();
    for CheckedPath { path, verdict } in &report.paths {
        let (word, mark) = match verdict.verdict {
            EncryptionAnswer::Pass if quiet => continue,
            EncryptionAnswer::Pass => ("pass", LineMark::Good),
            EncryptionAnswer::Fail => ("fail", LineMark::Bad),
            EncryptionAnswer::Unknown => ("unknown", LineMark::Warn),
        };
        text += &format!("{}  {path}", mark.paint(word, 7));
        if !verdict.layers.is_empty() {
            text += &format!(": {}", verdict.layers.join(" > "));
        }
        text.push('\n');
        if let (Some(reason), Some(message)) = (verdict.reason, &verdict.message) {
            text += &format!("         {message} [{reason}]\n");
        }
    }
    text
}
