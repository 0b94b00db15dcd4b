//! `ccx-sec volume rollback`: undoes an interrupted operation.

use super::pending::{Direction, PendingOperationArgs};
use super::selector::VolumeSelector;
use super::status_document::JSON;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::record::VolumeId;

/// Undo an interrupted operation on a volume
///
/// A device that was being formatted is blank again; a volume has its previous key and header. An
/// encryption of existing data cannot be undone once it began, and is refused.
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
    /// Needed if a complete volume is destroyed.
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume rollback db-6ae82
  ccx-sec volume rollback db-6ae82 --confirm WD-WX12A3456789

EXIT STATUS
  0  the operation is undone, or none was pending
  1  no such volume
  2  usage error
  3  failed; the operation is still pending
  4  refused: the operation cannot be undone, or needs --confirm"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let direction = Direction::Back;
        let confirm = self.confirm.as_deref();
        PendingOperationArgs { id: &self.id, selector: &self.selector, confirm, direction }
            .run(context)?;
        Ok(Exit::Done)
    }
}
