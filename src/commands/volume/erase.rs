//! `ccx-sec volume erase`: nothing opens a volume ever again.

use jiff::Timestamp;
use serde::Serialize;
use std::path::PathBuf;

use super::selector::{VolumeSelector, VolumeSession, key_or_none};
use crate::block::device_guard::DeviceIdentity;
use crate::confirm;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::volume::kind::OperationKind;
use crate::volume::record::{self, Record, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::{self, locate, opened};

/// Make a volume unreadable for ever: wipe its key slots, overwrite its header, delete its key
///
/// What is on it stays where it is, and nothing tells it from random bytes any more
/// (cryptographic erase, NIST SP 800-88). Its Secret goes last; until then it can be undone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// The serial number of its device (NAME:SIZE where it has none)
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    /// Keep its Secret: key and copy of the header, which together bring the volume back
    #[arg(long)]
    keep_secret: bool,
    /// Write the receipt into a file too
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    way: VolumeSelector,
}

const HELP: &str = "\
WHAT IT DOES NOT REACH
  Copies: of the Secret in backups of etcd or of the store's directory, of the header in files, of
  the device in snapshots. Whoever has key, header and device still reads all of it.

WHERE IT IS BROKEN OFF
  ccx-sec volume resume ID finishes it, and prints the receipt; ccx-sec volume rollback ID undoes it.

JSON (the receipt)
  {\"id\", \"uuid\", \"device\": {\"path\", \"by_id\", \"serial\", \"wwn\", \"size\", \"is_file\"},
   \"method\", \"erased\", \"node\", \"secret\", \"secret_deleted\",
   \"header_sha256\": of the copy that was in the store}

EXAMPLES
  ccx-sec volume close db-6ae82 --unmount
  ccx-sec volume erase db-6ae82 --confirm WD-WX12A3456789 --receipt db-6ae82.erased.json

EXIT STATUS
  0  nothing opens it any more
  1  there is no such volume
  2  usage: nobody could be asked
  3  it could not be done
  4  refused: not confirmed, the volume is open, or something is pending";

/// That a volume was erased.
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
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        let stored = session.volume(&self.id)?;
        let record = stored.record.clone();
        record.check_settled()?;
        opened::check_closed(&record)?;
        let device = locate::device_ignoring_header(&record, self.way.device())?;
        locate::check_not_reused(&record, &device).map_err(|error| match error.code() {
            Code::DeviceReused => error.hint(
                "else the volume is gone already, and all that is left of it is its Secret: delete that",
            ),
            _ => error,
        })?;
        let what = format!(
            "what is on the volume {} ({}) can never be read again",
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

    /// Nothing must keep the receipt from being written once it is too late.
    fn reserve(&self) -> Result<()> {
        let Some(path) = &self.receipt else { return Ok(()) };
        if files::write(path, b"", FileMode::Public, ExistingFile::Keep)? {
            return Ok(());
        }
        let message = format!("{} is there already", path.display());
        Err(Error::refused(Code::FileExists, message).hint("choose another name for the receipt"))
    }
}

impl Receipt {
    /// That of one that is erased now.
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

    /// For people.
    pub(super) fn render_text(&self) -> String {
        let left = match self.secret_deleted {
            false => "its Secret was kept, and would bring it back",
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
