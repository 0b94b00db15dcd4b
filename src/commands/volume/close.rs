//! `ccx-sec volume close`: closes a volume.

use super::selector::{Journals, VolumeSession};
use super::status_document::{JSON, VolumeStatus, warn_of_pending};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::volume::mount::{self, Effect};
use crate::volume::opened;
use crate::volume::record::VolumeId;

/// Close a volume
///
/// Removes the mapping, so that nobody can read the data without the key. Closing a closed volume
/// changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Unmount it first
    #[arg(long)]
    unmount: bool,
    #[command(flatten)]
    pub(super) journals: Journals,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume close db-6ae82
  ccx-sec volume close db-6ae82 --unmount

EXIT STATUS
  0  the volume is closed
  1  no such volume
  2  usage error
  3  failed: the volume is mounted or in use"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.journals)?;
        let stored = session.volume(&self.id)?;
        let record = &stored.record;
        warn_of_pending(context, record, &self.journals.directory()?)?;
        if self.unmount
            && let Some(mapping) = opened::opened(record)?
        {
            mount::unmount(record, &mapping)?;
        }
        let happened = match mount::close(session.cryptsetup(), record)? {
            Effect::Done => "closed",
            Effect::Already => "already closed",
        };
        VolumeStatus::from_record(record, session.store(), context.now).print(context, happened)?;
        Ok(Exit::Done)
    }
}
