//! `ccx-sec volume erase`: makes the data of a volume permanently unreadable.

use jiff::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};

use super::selector::{VolumeSelector, VolumeSession, key_or_none};
use crate::block::device_guard::DeviceIdentity;
use crate::confirm;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::shell::CommandLine;
use crate::store::StoreAddress;
use crate::volume::kind::OperationKind;
use crate::volume::record::{self, Record, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::{self, locate, opened};

/// Make all data on a volume permanently unreadable
///
/// Wipes the key slots, overwrites the header, and deletes the Secret with the key. The encrypted data
/// stay on the device and look like random bytes (cryptographic erase, NIST SP 800-88). The Secret is
/// deleted last; until then the erasure can be undone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Serial number of the device; without one NAME:BYTES
    ///
    /// A disk without a serial number is confirmed by its name and its size in bytes, such as
    /// vdb:536870912; a file by its name. volume test-recovery prints the word to type.
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    /// Keep the volume's Secret, which can restore it
    ///
    /// The Secret has the key and the copy of the header.
    #[arg(long)]
    keep_secret: bool,
    /// Also write the receipt to a file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

const HELP: &str = "\
NOT ERASED
  Copies: of the Secret in backups of etcd or of the store's directory, of the header in files, of
  the device in snapshots. Whoever has the key, the header and the device can still read the data.

AFTER AN INTERRUPTION
  ccx-sec volume resume ID finishes it and prints the receipt; ccx-sec volume rollback ID undoes it.

JSON (the receipt)
  {\"id\", \"uuid\", \"device\": {\"path\", \"by_id\", \"serial\", \"wwn\", \"size\", \"is_file\"},
   \"method\", \"erased\", \"node\", \"secret\", \"secret_deleted\",
   \"header_sha256\": of the copy in the store}

EXAMPLES
  ccx-sec volume close db-6ae82 --unmount
  ccx-sec volume erase db-6ae82 --confirm WD-WX12A3456789 --receipt db-6ae82.erased.json

EXIT STATUS
  0  no key unlocks the volume any more
  1  no such volume
  2  usage error: --confirm is missing and nobody can be asked
  3  failed
  4  refused: not confirmed, the volume is open, or an operation is pending";

/// Returns the command that deletes the Secret of a volume that no device has.
fn delete_command(store: &StoreAddress, id: &VolumeId) -> CommandLine {
    let name = id.secret_name();
    match store {
        StoreAddress::K8s { namespace, .. } => {
            CommandLine::kubectl("delete secret").option("-n", namespace).argument(name)
        }
        StoreAddress::Dir { path } => {
            CommandLine::other("rm", "").argument(&Path::new(path).join(format!("{name}.yaml")))
        }
    }
}

/// The receipt of an erasure.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    id: VolumeId,
    uuid: String,
    device: DeviceIdentity,
    method: &'static str,
    erased: Timestamp,
    node: String,
    secret: String,
    secret_deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    header_sha256: Option<String>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.selector.journals)?;
        let stored = session.volume(&self.id)?;
        let record = stored.record.clone();
        record.check_settled()?;
        opened::check_closed(&record)?;
        let located = locate::device_ignoring_header(&record, self.selector.device());
        let located =
            located.and_then(|device| locate::check_not_reused(&record, &device).map(|()| device));
        let device = located.map_err(|error| match error.code() {
            Code::DeviceReused | Code::VolumeOther => error.hint((
                "if the volume no longer exists, only its Secret is left; delete that",
                delete_command(&session.store().address(), &self.id),
            )),
            _ => error,
        })?;
        let what = format!(
            "an erasure makes the data on the volume {} ({}) permanently unreadable",
            self.id,
            device.path().display()
        );
        let word = device.identity().confirmation();
        let confirmed = confirm::confirm_by_word(context, &what, &word, self.confirm.as_deref())?;
        let key = key_or_none(&stored)?;
        let place = session.store().place(&self.id.secret_name());
        let receipt =
            Receipt::new(&record, device.identity(), place, self.keep_secret, context.now);
        let kind = OperationKind::Erase { keep_secret: self.keep_secret };
        let operation_context = session.operation_context(context);
        let run = OperationRun::begin(operation_context, record, Some(stored), key, device, kind)?;
        self.reserve()?;
        if let Err(error) = volume::run(run.confirmed(Some(confirmed))) {
            self.receipt.iter().try_for_each(|path| files::remove(path))?;
            return Err(error);
        }
        context.output.outcome(&receipt, || receipt.render_text())?;
        if let Some(path) = &self.receipt {
            files::write(path, &receipt.document()?, FileMode::Public, ExistingFile::Replace)?;
        }
        Ok(Exit::Done)
    }

    /// Creates the receipt file before the erasure, so that writing it cannot fail afterwards.
    fn reserve(&self) -> Result<()> {
        let Some(path) = &self.receipt else { return Ok(()) };
        if files::write(path, b"", FileMode::Public, ExistingFile::Keep)? {
            return Ok(());
        }
        let message = format!("{} exists already", path.display());
        Err(Error::refused(Code::FileExists, message).hint("choose another name for the receipt"))
    }
}

impl Receipt {
    /// Creates the receipt of a volume that is erased now.
    pub(super) fn new(
        record: &Record,
        device: &DeviceIdentity,
        secret: String,
        keep_secret: bool,
        now: Timestamp,
    ) -> Self {
        Receipt {
            id: record.id.clone(),
            uuid: record.uuid.clone(),
            device: device.clone(),
            method: "cryptographic erase: key slots wiped, header overwritten with zeros",
            erased: record::to_the_second(now),
            node: record::node(),
            secret,
            secret_deleted: !keep_secret,
            header_sha256: record.backup.as_ref().map(|backup| backup.sha256.clone()),
        }
    }

    /// Formats the receipt for people.
    pub(super) fn render_text(&self) -> String {
        let left = match self.secret_deleted {
            false => "its Secret was kept, and can restore it",
            true => "its Secret is deleted",
        };
        format!("erased: {} on {}; {left}\n", self.id, self.device.path.display())
    }

    fn document(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|source| {
            Error::failed(Code::OutputEncoding, "cannot encode the receipt").because(source)
        })?;
        text.push(b'\n');
        Ok(text)
    }
}
