//! `ccx-sec volume close`: what is on a volume cannot be read any more, until it is opened.

use super::told::{JSON, VolumeStatus, warn_of_pending};
use super::way::{Journals, VolumeSession};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::operation::opened;
use crate::operation::record::VolumeId;
use crate::operation::use_of::{self, Effect};

/// Close a volume, so that nothing on it can be read without the key
///
/// A volume that is closed already stays so.
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
    journals: Journals,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume close db-6ae82
  ccx-sec volume close db-6ae82 --unmount

EXIT STATUS
  0  it is closed
  1  there is no such volume
  2  usage
  3  it could not be closed: it is mounted, or something uses it"
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
            use_of::unmount(record, &mapping)?;
        }
        let happened = match use_of::close(session.cryptsetup(), record)? {
            Effect::Done => "closed",
            Effect::Already => "closed already",
        };
        VolumeStatus::of(record, session.store(), context.now).tell(context, happened)?;
        Ok(Exit::Done)
    }
}
