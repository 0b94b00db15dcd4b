//! `ccx-sec volume status`: shows the LUKS header of a device and its volume in the store.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::selector::Journals;
use super::status_document::{VolumeStatus, warn_of_pending};
use crate::block::device::{self, Device};
use crate::block::luks::{self, DeviceFormat, Header, HeaderCopy};
use crate::block::policy::{self, PolicyViolation};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::files;
use crate::output::LineMark;
use crate::shell::CommandLine;
use crate::volume::locate;
use crate::volume::record::VolumeId;
use crate::volume::stored::StoredVolume;

/// Show a volume and its LUKS header
///
/// Reads the header from the device, or from a file with a copy of it, and checks its parameters. Starts
/// no other program, and writes nothing. For a volume ID, shows the record in the store too: the key
/// source, the age of the header copy, mapping, mount points and the pending operation.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Volume ID, device, or file with a header, such as a backup
    #[arg(value_name = "ID|DEVICE", value_hint = clap::ValueHint::AnyPath)]
    target: String,
    /// Device of the volume; default: the one with its header
    #[arg(long, value_name = "DEVICE", value_hint = clap::ValueHint::AnyPath)]
    device: Option<PathBuf>,
    #[command(flatten)]
    pub(super) journals: Journals,
}

const HELP: &str = "\
ID OR DEVICE
  A word with a slash, or the name of an existing file, is a device; any other word is an ID.

JSON
  {\"device\", \"format\": \"luks2|luks1|none|damaged|unknown\", \"uuid\", \"label\", \"cipher\", \"key_bits\",
   \"sector_size\", \"data_offset\", \"header\": {\"primary\", \"secondary\", \"sequence\", \"size\"},
   \"keyslots\": [{\"slot\", \"key_bits\", \"pbkdf\"}], \"tokens\": {}, \"reencrypting\",
   \"lacks\": [{\"reason\", \"message\"}]}
  The format of an unreadable device is unknown. primary and secondary are good, old (the other one
  is newer) or damaged. Offsets and sizes are in bytes. Unknown fields are left out. For an ID there is
  also \"volume\", as in volume list.

EXAMPLES
  ccx-sec volume status db-6ae82
  ccx-sec volume status /dev/sdb
  ccx-sec volume status ./header.backup -o json

EXIT STATUS
  0  the header is LUKS2 with the required parameters: see ccx-sec volume check
  1  it is not; or the volume is open and its device was removed; or no such volume
  2  usage error: neither a volume nor a device
  3  failed: the header could not be read, the device is not on this machine, or this machine cannot
     tell whether the volume is open";

#[derive(Debug, Serialize)]
struct VolumeStatusDocument {
    device: String,
    format: &'static str,
    #[serde(flatten)]
    header: Option<Volume>,
    lacks: Vec<PolicyViolation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<VolumeStatus>,
}

#[derive(Debug, Serialize)]
struct Volume {
    uuid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sector_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<Copies>,
    keyslots: Vec<KeyslotReport>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    tokens: serde_json::Map<String, Value>,
    reencrypting: bool,
}

#[derive(Debug, Serialize)]
struct Copies {
    primary: HeaderCopy,
    secondary: HeaderCopy,
    sequence: u64,
    size: u64,
}

#[derive(Debug, Serialize)]
struct KeyslotReport {
    slot: String,
    key_bits: u64,
    pbkdf: String,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let path = PathBuf::from(&self.target);
        if self.target.contains('/') || files::exists(&path) {
            let name = path.display().to_string();
            let found = luks::read(&Device::open(&path)?);
            let found = found.map_err(|error| device::unreadable(&name, error))?;
            return report(context, name, &found, None);
        }
        let id: VolumeId = self.target.parse()?;
        let store = context.open_store()?;
        let record = StoredVolume::load_required(store.as_ref(), &id)?.record;
        warn_of_pending(context, &record, &self.journals.directory()?)?;
        let status = VolumeStatus::from_record(&record, store.as_ref(), context.now);
        status.warn(&context.output);
        // Worse than what the header says: 3, then 1.
        let state = if status.is_lost() { Exit::No } else { status.exit() };
        let pinned = locate::device_ignoring_header(&record, self.device.as_deref());
        match pinned.and_then(|pinned| Ok((pinned.head()?, pinned))) {
            Ok((found, pinned)) => {
                let name = pinned.path().display().to_string();
                let exit = report(context, name, &found, Some(status.with_device(pinned.path())))?;
                let is_lost = matches!(found, DeviceFormat::Nothing | DeviceFormat::Damaged(_));
                if is_lost && record.erased.is_none() && record.pending.is_none() {
                    let named = self.device.as_deref();
                    let command = CommandLine::ccx_sec("volume restore").argument(id.to_string());
                    let command = command.option_if("--device", named);
                    let command = context.completed(command);
                    context.output.note(&format!("restore its header: {command}"));
                }
                Ok(if state == Exit::Done { exit } else { state })
            }
            Err(error) => {
                let device = record.device.path.display().to_string();
                let (header, lacks, volume) = (None, Vec::new(), Some(status));
                let known =
                    VolumeStatusDocument { device, format: "unknown", header, lacks, volume };
                context.output.report(&known, || known.render_text())?;
                Err(error)
            }
        }
    }
}

fn report(
    context: &Context,
    device: String,
    found: &DeviceFormat,
    volume: Option<VolumeStatus>,
) -> Result<Exit> {
    let (format, header) = match found {
        DeviceFormat::Nothing => ("none", None),
        DeviceFormat::Damaged(_) => ("damaged", None),
        DeviceFormat::Luks1 { uuid, cipher, key_bits } => {
            ("luks1", Some(Volume::luks1(uuid, cipher, *key_bits)))
        }
        DeviceFormat::Luks2(header) => ("luks2", Some(Volume::luks2(header))),
    };
    let lacks = policy::judge(found);
    let exit = if lacks.is_empty() { Exit::Done } else { Exit::No };
    let report = VolumeStatusDocument { device, format, header, lacks, volume };
    context.output.report(&report, || report.render_text())?;
    Ok(exit)
}

impl Volume {
    fn luks1(uuid: &str, cipher: &str, key_bits: u64) -> Self {
        Volume {
            uuid: uuid.to_owned(),
            label: String::new(),
            cipher: Some(cipher.to_owned()),
            key_bits: Some(key_bits),
            sector_size: None,
            data_offset: None,
            header: None,
            keyslots: Vec::new(),
            tokens: serde_json::Map::new(),
            reencrypting: false,
        }
    }

    fn luks2(header: &Header) -> Self {
        let Header { uuid, label, sequence, size, primary, secondary, metadata, .. } = header;
        let first = metadata.segments.values().find(|segment| segment.kind == "crypt");
        let keyslots = metadata.openers().map(|(slot, keyslot)| KeyslotReport {
            slot: slot.to_owned(),
            key_bits: keyslot.key_size * 8,
            pbkdf: keyslot.kdf.as_ref().map(|kdf| kdf.kind.clone()).unwrap_or_default(),
        });
        let keyslots: Vec<KeyslotReport> = keyslots.collect();
        Volume {
            uuid: uuid.clone(),
            label: label.clone(),
            cipher: first.and_then(|segment| segment.encryption.clone()),
            key_bits: keyslots.iter().map(|slot| slot.key_bits).min(),
            sector_size: first.and_then(|segment| segment.sector_size),
            data_offset: first.map(|segment| segment.offset),
            header: Some(Copies {
                primary: *primary,
                secondary: *secondary,
                sequence: *sequence,
                size: *size,
            }),
            keyslots,
            tokens: metadata.tokens.clone().into_iter().collect(),
            reencrypting: metadata.is_reencrypted(),
        }
    }
}

impl VolumeStatusDocument {
    fn render_text(&self) -> String {
        let mut text = match &self.volume {
            Some(volume) => volume.render_text(&volume.title()),
            None => String::new(),
        };
        let format = if self.format == "none" { "no LUKS header" } else { self.format };
        text += &format!("{}: {format}\n", self.device);
        let mut line = |name: &str, value: &str| text += &format!("  {name:<12} {value}\n");
        if let Some(volume) = &self.header {
            line("UUID", &volume.uuid);
            if !volume.label.is_empty() {
                line("label", &volume.label);
            }
            let bits = volume.key_bits.map(|bits| format!(", {bits} bits")).unwrap_or_default();
            line("cipher", &format!("{}{bits}", volume.cipher.as_deref().unwrap_or("none")));
            if let (Some(size), Some(offset)) = (volume.sector_size, volume.data_offset) {
                line("data", &format!("from byte {offset}, in sectors of {size} bytes"));
            }
            for KeyslotReport { slot, key_bits, pbkdf } in &volume.keyslots {
                line(&format!("key slot {slot}"), &format!("{pbkdf}, {key_bits} bits"));
            }
            if let Some(Copies { primary, secondary, .. }) = &volume.header {
                let word = |copy| match copy {
                    HeaderCopy::Good => "good",
                    HeaderCopy::Old => "old",
                    HeaderCopy::Damaged => "damaged",
                };
                let copies = format!("primary {}, secondary {}", word(*primary), word(*secondary));
                line("headers", &copies);
            }
        }
        for PolicyViolation { reason, message } in &self.lacks {
            text += &format!("{} {message} [{reason}]\n", LineMark::Bad.paint("fail", 0));
        }
        text
    }
}
