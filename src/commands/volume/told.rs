//! What is told of a volume, by every command that has one.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::operation::journal::Journal;
use crate::operation::record::{FileSystem, Id, KeySource, Record};
use crate::operation::use_of;
use crate::store::Backend;

/// What the JSON of these commands has.
pub(super) const JSON: &str = "\
JSON
  {\"id\", \"uuid\", \"device\", \"serial\", \"size\", \"node\", \"made\", \"key_source\": \"store|passphrase\",
   \"secret\", \"label\", \"file_system\": {\"kind\", \"uuid\"}, \"mount\", \"backup\": {\"taken\", \"age_days\",
   \"sha256\"}, \"is_open\", \"mapping\", \"mounted\": [], \"erased\", \"pending\": {\"operation\", \"step\",
   \"node\", \"since\"}}
  device is where it was made, or is found now. What is not known, or not so, is left out.";

/// A volume.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    id: Id,
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
    file_system: Option<FileSystem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<Copy>,
    is_open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<String>,
    mounted: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
}

#[derive(Debug, Serialize)]
struct Copy {
    taken: Timestamp,
    age_days: i64,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Pending {
    operation: &'static str,
    step: String,
    node: String,
    since: Timestamp,
}

impl Told {
    /// What is known of it, by the store and on this machine.
    pub(super) fn of(record: &Record, store: &dyn Backend, now: Timestamp) -> Result<Self> {
        let mapping = use_of::opened(record)?;
        let mounted = mapping.as_ref().map(use_of::mounted).transpose()?.unwrap_or_default();
        let pending = record.pending.as_ref();
        Ok(Told {
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
            backup: record.backup.as_ref().map(|backup| Copy {
                taken: backup.taken,
                age_days: now.duration_since(backup.taken).as_hours() / 24,
                sha256: backup.sha256.clone(),
            }),
            is_open: mapping.is_some(),
            mapping: mapping.map(|mapping| mapping.path().display().to_string()),
            mounted: mounted.iter().map(|point| point.display().to_string()).collect(),
            erased: record.erased,
            pending: pending.map(|pending| Pending {
                operation: pending.task.word(),
                step: pending.step.clone(),
                node: pending.node.clone(),
                since: pending.since,
            }),
        })
    }

    /// With the device on which it is now.
    pub(super) fn on(self, device: &Path) -> Self {
        Told { device: device.display().to_string(), ..self }
    }

    /// Says what happened to it, and how it is now.
    pub(super) fn tell(&self, context: &Context, happened: &str) -> Result<()> {
        context.output.outcome(self, || self.text(&format!("{happened}: {}", self.id)))
    }

    /// In one word.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Told { pending: Some(_), .. } => "pending",
            Told { erased: Some(_), .. } => "erased",
            Told { mounted, .. } if !mounted.is_empty() => "mounted",
            Told { is_open: true, .. } => "open",
            _ => "closed",
        }
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
    pub(super) fn text(&self, first: &str) -> String {
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
        match &self.mapping {
            Some(mapping) => line("open", mapping),
            None => line("open", "no"),
        }
        for point in &self.mounted {
            line("mounted", point);
        }
        if let Some(erased) = self.erased {
            line("erased", &erased.to_string());
        }
        if let Some(Pending { operation, step, node, since }) = &self.pending {
            line("pending", &format!("{operation}, at {step}, on {node} since {since}"));
        }
        text
    }
}

/// Says on stderr that something is pending for a volume, as the store or this machine has it.
pub(super) fn warn_of_pending(context: &Context, record: &Record, journals: &Path) -> Result<()> {
    let here = Journal::peek(journals, &record.id)?;
    let here = here.filter(|one| !one.is_over(record));
    for one in [Some(record), here.as_ref()].into_iter().flatten() {
        if let Some(pending) = &one.pending {
            let error = one.unsettled(pending).completed(&context.invocation);
            context.output.warning(&error.to_string());
            for hint in error.hints() {
                context.output.note(&format!("  {hint}"));
            }
            break;
        }
    }
    Ok(())
}
