//! What is told of a volume, by every command that has one.

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
use crate::volume::record::{KeySource, Record, RecordedFileSystem, VolumeId};

/// What the JSON of these commands has.
pub(super) const JSON: &str = "\
JSON
  {\"id\", \"uuid\", \"device\", \"serial\", \"size\", \"node\", \"made\", \"key_source\": \"store|passphrase\",
   \"secret\", \"label\", \"file_system\": {\"kind\", \"uuid\"}, \"mount\", \"backup\": {\"taken\", \"age_days\",
   \"sha256\"}, \"state\", \"is_open\", \"mapping\", \"mounted\": [], \"copies\": [], \"problem\": {\"reason\",
   \"message\"}, \"erased\", \"pending\": {\"operation\", \"step\", \"node\", \"since\"}}
  state is as in volume list. copies are mappings of clones of its device.
  device is where it was last, on that node, or is found now. What is not known, or not so, is left
  out.";

/// A volume.
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

/// Why nothing true can be said of its state, or what is wrong with that.
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
    /// What is known of it, by the store and on this machine. What the kernel does not tell makes its
    /// state unknown.
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

    /// The exit status of a command that shows it: exit 3 where it could not be found out whether it
    /// is open, and where.
    pub(super) fn exit(&self) -> Exit {
        match self.is_open {
            Some(_) => Exit::Done,
            None => Exit::Failed,
        }
    }

    /// Whether the device below it is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.is_open.is_some() && self.problem.is_some()
    }

    /// Says on stderr what the one word of its state leaves out.
    pub(super) fn warn(&self, output: &Output) {
        if let Some(problem) = &self.problem {
            output.warning(&format!("{}: {} [{}]", self.id, problem.message, problem.reason));
        }
        for copy in &self.copies {
            output.warning(&format!("{}: {copy} is open too, of a copy of its device", self.id));
        }
    }

    /// With the device on which it is now.
    pub(super) fn on(self, device: &Path) -> Self {
        VolumeStatus { device: device.display().to_string(), ..self }
    }

    /// Says what happened to it, and how it is now.
    pub(super) fn tell(&self, context: &Context, happened: &str) -> Result<()> {
        context.output.outcome(self, || self.render_text(&format!("{happened}: {}", self.id)))
    }

    /// In one word.
    pub(super) fn state(&self) -> &'static str {
        self.state
    }

    /// What it is called, and its state.
    pub(super) fn title(&self) -> String {
        format!("{}: {}", self.id, self.state())
    }

    /// A row of a table.
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

    /// For people, after a line that says what happened.
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
                line("open", &format!("{mapping}, and its device is gone"));
            }
            (Some(mapping), _) => line("open", mapping),
            (None, Some(_)) => line("open", "no"),
            (None, None) => line("open", "not known"),
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
        if let Some(PendingReport { operation, step, node, since }) = &self.pending {
            line("pending", &format!("{operation}, at {step}, on {node} since {since}"));
        }
        text
    }
}

fn mappings_and_mounts(record: &Record) -> Result<(Mappings, Vec<PathBuf>)> {
    let mappings = opened::mappings(record)?;
    let mounted = mappings.own.as_ref().map(opened::mounted).transpose()?;
    Ok((mappings, mounted.unwrap_or_default()))
}

/// Says on stderr that something is pending for a volume, as the store or this machine has it.
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
