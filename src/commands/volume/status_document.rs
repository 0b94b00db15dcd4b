//! The document about a volume, which most volume commands print.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::block::mapping::Mapping;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::output::Output;
use crate::store::Backend;
use crate::volume::journal::Journal;
use crate::volume::opened::{self, Mappings};
use crate::volume::record::{KeySource, Record, RecordedFileSystem, VolumeId, to_the_second};

/// The description of the JSON, for the help of these commands.
pub(super) const JSON: &str = "\
JSON
  {\"id\", \"uuid\", \"device\", \"serial\", \"size\", \"node\", \"made\", \"key_source\": \"store|passphrase\",
   \"secret\", \"label\", \"file_system\": {\"kind\", \"uuid\"}, \"mount\", \"backup\": {\"taken\", \"age_days\",
   \"sha256\"}, \"state\", \"is_open\", \"mapping\", \"mounted\": [], \"copies\": [], \"problem\": {\"reason\",
   \"message\"}, \"erased\", \"pending\": {\"operation\", \"step\", \"node\", \"since\"}}
  state is as in volume list. copies are the mappings of clones of its device. device is the device
  with the volume's header, or else the recorded one of its node. Unknown fields are left out.";

/// A volume in the store, with its state on this machine.
#[derive(Debug, Serialize)]
pub(super) struct VolumeStatus {
    id: VolumeId,
    uuid: String,
    device: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    size: u64,
    node: String,
    made: Timestamp,
    key_source: KeySource,
    secret: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_system: Option<RecordedFileSystem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<BackupReport>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_open: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<String>,
    mounted: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    copies: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<VolumeProblem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<PendingReport>,
}

#[derive(Debug, Serialize)]
struct BackupReport {
    taken: Timestamp,
    age_days: i64,
    sha256: String,
}

/// Why the state is unknown or lost.
#[derive(Debug, Serialize)]
struct VolumeProblem {
    reason: Code,
    message: String,
}

#[derive(Debug, Serialize)]
struct PendingReport {
    operation: &'static str,
    step: String,
    node: String,
    since: Timestamp,
}

impl VolumeStatus {
    /// Collects the record and the state on this machine, which is `unknown` if sysfs cannot be read.
    pub(super) fn from_record(record: &Record, store: &dyn Backend, now: Timestamp) -> Self {
        let (found, problem) = match mappings_and_mounts(record) {
            Ok(found) => (Some(found), None),
            Err(error) => (None, Some(error)),
        };
        let is_open = found.as_ref().map(|(mappings, _)| mappings.own.is_some());
        let (Mappings { own, copies }, mounted) = found.unwrap_or_default();
        let lost = own.as_ref().and_then(|own| opened::check_not_lost(record, own).err());
        let state = match (&record.pending, record.erased, is_open) {
            (Some(_), ..) => "pending",
            (_, Some(_), _) => "erased",
            (_, _, None) => "unknown",
            _ if lost.is_some() => "lost",
            _ if !mounted.is_empty() => "mounted",
            (_, _, Some(true)) => "open",
            _ => "closed",
        };
        let problem = problem.or(lost);
        let pending = record.pending.as_ref();
        let paths =
            |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect();
        let copies: Vec<PathBuf> = copies.iter().map(Mapping::path).collect();
        VolumeStatus {
            id: record.id.clone(),
            uuid: record.uuid.clone(),
            device: record.device.path.display().to_string(),
            serial: record.device.serial.clone(),
            size: record.device.size,
            node: record.node.clone(),
            made: record.made,
            key_source: record.key,
            secret: store.place(&record.id.secret_name()),
            label: record.label.clone(),
            file_system: record.file_system.clone(),
            mount: record.mount.as_ref().map(|point| point.display().to_string()),
            backup: record.backup.as_ref().map(|backup| BackupReport {
                taken: backup.taken,
                age_days: now.duration_since(backup.taken).as_hours() / 24,
                sha256: backup.sha256.clone(),
            }),
            state,
            is_open,
            mapping: own.map(|mapping| mapping.path().display().to_string()),
            mounted: paths(&mounted),
            copies: paths(&copies),
            problem: problem
                .map(|error| VolumeProblem { reason: error.code(), message: error.to_string() }),
            erased: record.erased,
            pending: pending.map(|pending| PendingReport {
                operation: pending.kind.word(),
                step: pending.step.to_string(),
                node: pending.node.clone(),
                since: pending.since,
            }),
        }
    }

    /// Returns the exit status of a command that shows the volume: exit 3 if its state is unknown.
    pub(super) fn exit(&self) -> Exit {
        match self.is_open {
            Some(_) => Exit::Done,
            None => Exit::Failed,
        }
    }

    /// Returns whether the volume is open and its device was removed.
    pub(super) fn is_lost(&self) -> bool {
        self.is_open.is_some() && self.problem.is_some()
    }

    /// Prints the problem with the state, and the mappings of copies, on stderr.
    pub(super) fn warn(&self, output: &Output) {
        if let Some(problem) = &self.problem {
            output.warning(&format!("{}: {} [{}]", self.id, problem.message, problem.reason));
        }
        for copy in &self.copies {
            output.warning(&format!("{}: a copy of its device is also open, as {copy}", self.id));
        }
    }

    /// Sets the device on which the volume was found.
    pub(super) fn with_device(self, device: &Path) -> Self {
        VolumeStatus { device: device.display().to_string(), ..self }
    }

    /// Prints what happened to the volume, and its state.
    pub(super) fn print(&self, context: &Context, happened: &str) -> Result<()> {
        context.output.outcome(self, || self.render_text(&format!("{happened}: {}", self.id)))
    }

    /// The state in one word.
    pub(super) fn state(&self) -> &'static str {
        self.state
    }

    /// ID and state.
    pub(super) fn title(&self) -> String {
        format!("{}: {}", self.id, self.state())
    }

    /// The row in the table of `volume list`.
    pub(super) fn row(&self) -> [String; 6] {
        let backup = self.backup.as_ref().map(|copy| format!("{}d", copy.age_days));
        [
            self.id.to_string(),
            self.state().to_owned(),
            self.node.clone(),
            self.device.clone(),
            backup.unwrap_or_else(|| "none".to_owned()),
            self.mounted.first().or(self.mount.as_ref()).cloned().unwrap_or_default(),
        ]
    }

    /// Formats the volume for people, after a first line.
    pub(super) fn render_text(&self, first: &str) -> String {
        let mut text = format!("{first}\n");
        let mut line = |name: &str, value: &str| text += &format!("  {name:<12} {value}\n");
        line("UUID", &self.uuid);
        let serial = self.serial.as_ref().map(|serial| format!(", serial {serial}"));
        let size = self.size / (1024 * 1024);
        line("device", &format!("{} ({size} MiB{})", self.device, serial.unwrap_or_default()));
        let key = match self.key_source {
            KeySource::Store => "in the store",
            KeySource::Passphrase => "a passphrase",
        };
        line("key", key);
        line("Secret", &self.secret);
        match &self.backup {
            Some(copy) => line("backup", &format!("of {}, {} days old", copy.taken, copy.age_days)),
            None => line("backup", "none"),
        }
        if let Some(made) = &self.file_system {
            line("file system", &made.kind);
        }
        match (&self.mapping, self.is_open) {
            (Some(mapping), _) if self.is_lost() => {
                line("open", &format!("{mapping}, but its device was removed"));
            }
            (Some(mapping), _) => line("open", mapping),
            (None, Some(_)) => line("open", "no"),
            (None, None) => line("open", "unknown"),
        }
        for copy in &self.copies {
            line("copy", &format!("{copy}, of a copy of its device"));
        }
        for point in &self.mounted {
            line("mounted", point);
        }
        if let Some(erased) = self.erased {
            line("erased", &erased.to_string());
        }
        if let Some(PendingReport { operation, node, since, .. }) = &self.pending {
            let since = to_the_second(*since);
            line("pending", &format!("{operation}, begun on {node} at {since}"));
        }
        text
    }
}

fn mappings_and_mounts(record: &Record) -> Result<(Mappings, Vec<PathBuf>)> {
    let mappings = opened::mappings(record)?;
    let mounted = mappings.own.as_ref().map(opened::mounted).transpose()?;
    Ok((mappings, mounted.unwrap_or_default()))
}

/// Warns on stderr about a pending operation in the store or in the journal of this machine.
pub(super) fn warn_of_pending(context: &Context, record: &Record, journals: &Path) -> Result<()> {
    let here = Journal::peek(journals, &record.id)?;
    let here = here.filter(|one| !one.is_superseded_by(record));
    for one in [Some(record), here.as_ref()].into_iter().flatten() {
        if let Some(pending) = &one.pending {
            let error = one.unsettled(pending).completed(&context.invocation);
            context.output.warning(&error.to_string());
            for hint in error.hints() {
                context.output.note(&format!("  {}", hint.unbroken()));
            }
            break;
        }
    }
    Ok(())
}
