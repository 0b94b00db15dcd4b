//! `ccx-sec volume list`: the volumes that the store knows.

use serde::Serialize;

use super::selector::Journals;
use super::status_document::{JSON, VolumeStatus};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{self, Table};
use crate::volume::record::{KIND, StoredVolume};

/// The volumes that the store knows, and how they are on this machine
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// Those that were last on a node; this one is $(uname -n)
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    #[command(flatten)]
    journals: Journals,
}

fn help() -> String {
    format!(
        "\
STATES
  closed, open, mounted   on this machine; of a volume of another node, closed says nothing
  lost                    open, and the device below it is gone: whatever uses it gets errors
  unknown                 the kernel does not tell whether it is open, or as what
  pending                 something has begun, and has not come to its end
  erased                  nothing opens it any more; its Secret was kept

{JSON}
  in a list: {{\"volumes\": […]}}.

EXAMPLES
  ccx-sec volume list
  ccx-sec volume list --node $(uname -n)
  ccx-sec volume list -o json | jq -r '.volumes[] | select(.backup.age_days > 90) | .id'

EXIT STATUS
  0  they are listed, be there none
  3  the store could not be read; or a volume, or its state: the rows of all others are there"
    )
}

#[derive(Serialize)]
struct VolumeListDocument {
    volumes: Vec<VolumeStatus>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let store = context.open_store()?;
        let mut volumes = Vec::new();
        let mut damaged = Vec::new();
        store.list(&[KIND], &mut |secret| {
            let name = secret.name.clone();
            match StoredVolume::of(secret) {
                Ok(stored) if self.node.as_ref().is_none_or(|node| *node == stored.record.node) => {
                    volumes.push(VolumeStatus::from_record(
                        &stored.record,
                        store.as_ref(),
                        context.now,
                    ));
                }
                Ok(_) => {}
                Err(error) => damaged.push((name, error)),
            }
            Ok(())
        })?;
        let report = VolumeListDocument { volumes };
        context.output.report(&report, || table(&report.volumes).text(output::stdout_width()))?;
        for (name, error) in &damaged {
            context.output.warning(&format!("{name}: {error}"));
        }
        report.volumes.iter().for_each(|volume| volume.warn(&context.output));
        let is_known = report.volumes.iter().all(|volume| volume.exit() == Exit::Done);
        Ok(if damaged.is_empty() && is_known { Exit::Done } else { Exit::Failed })
    }
}

fn table(volumes: &[VolumeStatus]) -> Table {
    let mut table = Table::new(&["ID", "STATE", "NODE", "DEVICE", "BACKUP", "MOUNT"]);
    volumes.iter().for_each(|volume| table.row(volume.row()));
    table
}
