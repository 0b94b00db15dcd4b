//! `ccx-sec volume resume`: finishes an interrupted operation.

use super::pending::{Direction, PendingOperationArgs};
use super::selector::VolumeSelector;
use super::status_document::JSON;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::record::VolumeId;

/// Finish an interrupted operation on a volume
///
/// The operation may be encrypt, rekey, restore or erase. Steps that are done are not repeated. If
/// nothing is pending, nothing changes.
///
/// If cryptsetup was killed during a reencryption of an open volume, a part of the volume may be
/// suspended, and programs that access it wait. In that case, restart the machine first.
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
    ///
    /// Needed if the contents of the device are destroyed.
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}
  For an erasure: the receipt, as in volume erase.

EXAMPLES
  ccx-sec volume resume db-6ae82

EXIT STATUS
  0  the operation is finished, or none was pending
  1  no such volume
  2  usage error
  3  failed; the operation is still pending
  4  refused: another device, or the device was changed since the interruption"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let direction = Direction::Forward;
        let confirm = self.confirm.as_deref();
        PendingOperationArgs { id: &self.id, selector: &self.selector, confirm, direction }
            .run(context)?;
        Ok(Exit::Done)
    }
}
