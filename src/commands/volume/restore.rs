//! `ccx-sec volume restore`: the header of a volume comes back from the store.

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

/// Write the header of a volume that the store keeps over the one on its device
///
/// For a header that was destroyed. The copy must be of that volume, and the key must open it. The
/// device is the one on which the volume was last, or the one that --device names, also where its
/// size or serial number changed. It must not be smaller than the volume was, nor hold another
/// volume or a file system. What is in the place of the header is kept until it is done.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// The serial number of the device whose header is overwritten (NAME:SIZE where it has none)
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
WHERE IT IS BROKEN OFF
  ccx-sec volume resume ID finishes it, ccx-sec volume rollback ID undoes it.

{JSON}

EXAMPLES
  ccx-sec volume test-recovery db-6ae82
  ccx-sec volume restore db-6ae82 --confirm WD-WX12A3456789
  ccx-sec volume restore db-6ae82 --device /dev/sdc --confirm sdc:536870912000

EXIT STATUS
  0  the header is back, and the key opens the volume
  1  there is no such volume
  2  usage: nobody could be asked
  3  it could not be done: there is no copy, or the key does not open it
  4  refused: not confirmed, another device, another volume, or the volume is open"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        let stored = session.volume(&self.id)?;
        let record = stored.record.clone();
        record.check_settled()?;
        opened::check_closed(&record)?;
        let device = locate::device_ignoring_header(&record, self.way.device())?;
        restore::check_target(&record, &device, &required_image(Some(&stored))?)?;
        let path = device.path().display();
        let expected = record.expected_device();
        let is_expected = expected.recognizes(device.identity());
        let what = match device.head()? {
            DeviceFormat::Luks2(header) => format!(
                "the header on {path} is whole ({} writes); the copy of the store goes over it, and \
                 keys that were changed since open nothing any more",
                header.sequence
            ),
            _ if is_expected => format!(
                "the beginning of {path} will be overwritten with the header of {}",
                self.id
            ),
            _ => format!(
                "the volume {} was last on {}; the beginning of {} will be overwritten with its \
                 header",
                self.id,
                expected.description(),
                device.identity().description()
            ),
        };
        let word = device.identity().confirmation();
        let confirmed = confirm::confirm_by_word(context, &what, &word, self.confirm.as_deref())?;
        let key = self.way.key(context, &stored)?;
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
            .tell(context, "restored")?;
        Ok(Exit::Done)
    }
}
