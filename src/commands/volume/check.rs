//! `ccx-sec volume check`: checks that the storage under a path is encrypted.

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

/// Check that the storage under a path is encrypted with LUKS2
///
/// Follows file systems, LVM, RAID, partitions and loop devices down to their disks in /sys, and reads
/// the header of each LUKS2 device on the way. Every disk must be encrypted with the required
/// parameters, and so must file systems that are mounted below the path. Starts no other program, and
/// writes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Files, directories, or block devices (open or closed)
    #[arg(value_name = "PATH", required_unless_present_any = ["all", "data_dirs"], value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Check every file system mounted from a device, and all swap
    #[arg(long)]
    all: bool,
    /// Check the data directories of running engines
    ///
    /// The working directories of MySQL, MariaDB, PostgreSQL, Redis, Valkey and SQL Server, and those of
    /// files that they have open elsewhere. Run as root to see all of them.
    #[arg(long)]
    data_dirs: bool,
}

const HELP: &str = "\
REQUIRED PARAMETERS
  LUKS2, aes-xts-plain64, a volume key of 512 bits, a key slot that unlocks it, and no reencryption
  under way.

REASONS
  not_encrypted, luks1, not_luks2, no_volume (in memory)   not encrypted, or not with LUKS2
  cipher, key_size, no_keyslot, reencryption_pending       the header lacks a required parameter
  no_header, header_damaged, header_other                  the header is lost or of another volume
  missing, unreadable, no_device, too_deep                 unknown: it could not be checked

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
  0  all storage is encrypted with the required parameters
  1  some is not
  2  usage error
  3  some could not be checked";

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

    /// Returns the paths to check, each once.
    fn paths(&self, machine: &Machine) -> Result<Vec<PathBuf>> {
        let mut paths = self.paths.clone();
        if self.data_dirs {
            let found = mounts::data_directories()?;
            if found.is_empty() && !self.all && paths.is_empty() {
                let message = "this user sees no running engine";
                return Err(Error::failed(Code::EnginesMissing, message).hint((
                    "run as root, or name the directories",
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
