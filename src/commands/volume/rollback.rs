//! `ccx-sec volume rollback`: what was broken off is undone.

use super::pending::{Direction, PendingOperationArgs};
use super::selector::VolumeSelector;
use super::status_document::JSON;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::record::VolumeId;

/// Undo what was begun with a volume, and broken off
///
/// A device that was to become a volume is blank again; a volume has the key and the header that
/// it had. What can only go forward is refused: the encryption of what is on a device.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// The serial number of the device, where a volume that is complete goes (NAME:SIZE where it
    /// has none)
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume rollback db-6ae82
  ccx-sec volume rollback db-6ae82 --confirm WD-WX12A3456789

EXIT STATUS
  0  it is undone, or nothing was pending
  1  there is no such volume
  2  usage
  3  it could not be done; it is still pending
  4  refused: there is no way back, or it takes a confirmation"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let direction = Direction::Back;
        let confirm = self.confirm.as_deref();
        PendingOperationArgs { id: &self.id, way: &self.way, confirm, direction }.run(context)?;
        Ok(Exit::Done)
    }
}
