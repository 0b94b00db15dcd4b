//! `ccx-sec volume resume`: what was broken off comes to its end.

use super::pending::{Direction, PendingOperationArgs};
use super::selector::VolumeSelector;
use super::status_document::JSON;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::record::VolumeId;

/// Finish what was begun with a volume, and broken off
///
/// Whatever it was: encrypt, rekey, restore, erase. What is done already is not done again. Where
/// nothing is pending, nothing is done.
///
/// Where cryptsetup was killed while it encrypted a volume that is open, a part of that may be
/// suspended, and what uses it waits: then the machine has to be restarted first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// The serial number of the device, where what is on it goes (NAME:SIZE where it has none)
    #[arg(long, value_name = "SERIAL")]
    confirm: Option<String>,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}
  Of an erasure: the receipt, as in volume erase.

EXAMPLES
  ccx-sec volume resume db-6ae82

EXIT STATUS
  0  it is finished, or nothing was pending
  1  there is no such volume
  2  usage
  3  it could not be done; it is still pending
  4  refused: the device is another, or what is on it is not what was left"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let direction = Direction::Forward;
        let confirm = self.confirm.as_deref();
        PendingOperationArgs { id: &self.id, way: &self.way, confirm, direction }.run(context)?;
        Ok(Exit::Done)
    }
}
