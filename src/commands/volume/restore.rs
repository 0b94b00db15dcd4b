//! `ccx-sec volume restore`: restores the header of a volume from the store.

use super::selector::{VolumeSelector, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::luks::DeviceFormat;
use crate::confirm;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::header_copy::required_image;
use crate::volume::kind::OperationKind;
use crate::volume::record::VolumeId;
use crate::volume::run::OperationRun;
use crate::volume::{self, locate, opened, restore};

/// Restore the header of a volume from the store
///
/// Use it if the header was destroyed. The copy must belong to the volume, and the key must unlock it. The
/// device is the recorded one, or the one that --device names, even if its size or serial number
/// changed. It must not be too small for the data, and must not hold another volume or a file system.
/// The overwritten bytes are kept until the restoration is done.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
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
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
AFTER AN INTERRUPTION
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it.

{JSON}

EXAMPLES
  ccx-sec volume test-recovery db-6ae82
  ccx-sec volume restore db-6ae82 --confirm WD-WX12A3456789
  ccx-sec volume restore db-6ae82 --device /dev/sdc --confirm sdc:536870912000

EXIT STATUS
  0  the header is restored, and the key unlocks the volume
  1  no such volume
  2  usage error: --confirm is missing and nobody can be asked
  3  failed: there is no copy, or the key does not unlock it
  4  refused: not confirmed, another device, another volume, or the volume is open"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.selector.journals)?;
        let stored = session.volume(&self.id)?;
        let record = stored.record.clone();
        record.check_settled()?;
        opened::check_closed(&record)?;
        let device = locate::device_ignoring_header(&record, self.selector.device())?;
        restore::check_target(&record, &device, &required_image(Some(&stored))?)?;
        let path = device.path().display();
        let expected = record.expected_device();
        let is_expected = expected.recognizes(device.identity());
        let what = match device.head()? {
            DeviceFormat::Luks2(header) => format!(
                "the header on {path} is intact ({} writes); the copy from the store will overwrite it, \
                 and keys that were added since will unlock nothing",
                header.sequence
            ),
            _ if is_expected => format!(
                "the beginning of {path} will be overwritten with the header of {}",
                self.id
            ),
            _ => format!(
                "the volume {} was last on {}; its header will overwrite the beginning of {}",
                self.id,
                expected.description(),
                device.identity().description()
            ),
        };
        let word = device.identity().confirmation();
        let confirmed = confirm::confirm_by_word(context, &what, &word, self.confirm.as_deref())?;
        let key = self.selector.key(context, &stored)?;
        let operation_context = session.operation_context(context);
        let run = OperationRun::begin(
            operation_context,
            record,
            Some(stored),
            key,
            device,
            OperationKind::Restore,
        )?;
        let Some(stored) = volume::run(run.confirmed(Some(confirmed)))? else {
            return Ok(Exit::Done);
        };
        VolumeStatus::from_record(&stored.record, session.store(), context.now)
            .print(context, "restored")?;
        Ok(Exit::Done)
    }
}
