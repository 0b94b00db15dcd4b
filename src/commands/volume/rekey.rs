//! `ccx-sec volume rekey`: changes the key or the volume key.

use super::selector::{VolumeSelector, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::luks::DeviceFormat;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::hint::Hint;
use crate::shell::CommandLine;
use crate::volume::kind::OperationKind;
use crate::volume::record::{KeySource, VolumeId};
use crate::volume::run::OperationRun;
use crate::volume::{self, locate, opened};

/// Replace the key that unlocks a volume, or reencrypt it
///
/// The new key is in the store, has a key slot, and has unlocked the volume before the slot of the old
/// key is wiped. At every moment a key in the store unlocks the volume, which stays usable.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Reencrypt all data with a new volume key
    ///
    /// The key in the store stays the same. Use it if somebody may know the volume key, because they
    /// could read the memory of the machine. It takes as long as reading and writing the whole device.
    /// It can be interrupted and resumed, but not undone.
    #[arg(long)]
    volume_key: bool,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
WHICH OF THE TWO
  The key in the store leaked: run volume rekey. The old key then unlocks no slot of the device.
  An old copy of the header leaked too: run volume rekey, then volume rekey --volume-key. The old key
  unlocks the old copy, and the old volume key reads the data until all data is reencrypted.

AFTER AN INTERRUPTION
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it (not --volume-key).

{JSON}

EXAMPLES
  ccx-sec volume rekey db-6ae82
  ccx-sec volume rekey db-6ae82 --volume-key

EXIT STATUS
  0  the volume has the new key
  1  no such volume
  2  usage error: the volume has a passphrase, which cryptsetup changes
  3  failed
  4  refused: an operation is pending, or this cryptsetup may damage a volume that is in use"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.selector.journals)?;
        let stored = session.settled(&self.id)?;
        let record = stored.record.clone();
        let device = locate::with_header(&record, self.selector.device())?;
        let kind = if self.volume_key {
            let own = opened::opened(&record)?;
            own.iter().try_for_each(|mapping| opened::check_not_lost(&record, mapping))?;
            OperationKind::NewVolumeKey { before: self.volume_key_digest(&device.head()?)? }
        } else {
            if record.key == KeySource::Passphrase {
                let message =
                    format!("the volume {} has a passphrase, not a key in the store", self.id);
                return Err(Error::usage(Code::VolumePassphrase, message).hint(
                    Hint::from((
                        "change it",
                        CommandLine::other("cryptsetup", "luksChangeKey").argument(device.path()),
                    ))
                    .then((
                        "then copy the header to the store",
                        CommandLine::ccx_sec("volume backup").argument(self.id.to_string()),
                    )),
                ));
            }
            OperationKind::Rekey
        };
        let key = self.selector.key(context, &stored)?;
        let operation_context = session.operation_context(context);
        let run = OperationRun::begin(operation_context, record, Some(stored), key, device, kind)?;
        let Some(stored) = volume::run(run)? else { return Ok(Exit::Done) };
        let happened = if self.volume_key { "reencrypted" } else { "rekeyed" };
        VolumeStatus::from_record(&stored.record, session.store(), context.now)
            .print(context, happened)?;
        Ok(Exit::Done)
    }

    /// Returns the fingerprint of the volume key.
    fn volume_key_digest(&self, found: &DeviceFormat) -> Result<String> {
        let header = match found {
            DeviceFormat::Luks2(header) => Some(header),
            _ => None,
        };
        header.and_then(|header| header.key_digest()).ok_or_else(|| {
            let message = format!("the header of {} has no digest of its volume key", self.id);
            Error::failed(Code::HeaderDamaged, message).hint((
                "see its state",
                CommandLine::ccx_sec("volume status").argument(self.id.to_string()),
            ))
        })
    }
}
