//! `ccx-sec volume rekey`: a volume gets a new key, or a new volume key.

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

/// Give a volume a new key; or with --volume-key, encrypt what is on it anew
///
/// The new key gets a slot beside the old one, opens the volume, and is kept in the store, before
/// the slot of the old one is wiped. At every moment a key in the store opens the volume, and
/// what is on it can be used meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Encrypt all that is on it with a new volume key; the key that opens it stays
    ///
    /// For when somebody may have had the volume key: whoever could read the memory of the machine.
    /// It takes as long as reading and writing all of the device, and can be broken off and carried
    /// on, but not undone.
    #[arg(long)]
    volume_key: bool,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
WHICH OF THE TWO
  Whoever had the key in the store, or a copy of the header, and lost them: rekey. The old key
  opens no slot any more; but who kept an old copy of the header and the old key still opens the
  volume with them, until --volume-key.

WHERE IT IS BROKEN OFF
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it (not --volume-key).

{JSON}

EXAMPLES
  ccx-sec volume rekey db-6ae82
  ccx-sec volume rekey db-6ae82 --volume-key

EXIT STATUS
  0  it has its new key
  1  there is no such volume
  2  usage: the volume has a passphrase, which is not the store's to change
  3  it could not be done
  4  refused: something is pending, or this cryptsetup may damage a volume that is in use"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        let stored = session.settled(&self.id)?;
        let record = stored.record.clone();
        let device = locate::with_header(&record, self.way.device())?;
        let kind = if self.volume_key {
            let own = opened::opened(&record)?;
            own.iter().try_for_each(|mapping| opened::check_not_lost(&record, mapping))?;
            OperationKind::NewVolumeKey { before: self.volume_key_of(&device.head()?)? }
        } else {
            if record.key == KeySource::Passphrase {
                let message =
                    format!("the volume {} has a passphrase, and no key in the store", self.id);
                return Err(Error::usage(Code::VolumePassphrase, message).hint(
                    Hint::from((
                        "change it",
                        CommandLine::other("cryptsetup", "luksChangeKey").argument(device.path()),
                    ))
                    .then((
                        "then save the header again",
                        CommandLine::ccx_sec("volume backup").argument(self.id.to_string()),
                    )),
                ));
            }
            OperationKind::Rekey
        };
        let key = self.way.key(context, &stored)?;
        let operation_context = session.operation_context(context);
        let run = OperationRun::begin(operation_context, record, Some(stored), key, device, kind)?;
        let Some(stored) = volume::run(run)? else { return Ok(Exit::Done) };
        let happened = if self.volume_key { "encrypted anew" } else { "has a new key" };
        VolumeStatus::from_record(&stored.record, session.store(), context.now)
            .tell(context, happened)?;
        Ok(Exit::Done)
    }

    /// What the volume key is known by.
    fn volume_key_of(&self, found: &DeviceFormat) -> Result<String> {
        let header = match found {
            DeviceFormat::Luks2(header) => Some(header),
            _ => None,
        };
        header.and_then(|header| header.key_digest()).ok_or_else(|| {
            let message = format!("the header of {} does not name its volume key", self.id);
            Error::failed(Code::HeaderDamaged, message).hint((
                "look at it",
                CommandLine::ccx_sec("volume status").argument(self.id.to_string()),
            ))
        })
    }
}
