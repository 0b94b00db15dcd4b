//! `ccx-sec volume list`: lists the volumes in the store.

use serde::Serialize;

use super::selector::Journals;
use super::status_document::{JSON, VolumeStatus};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{self, Table};
use crate::volume::stored::{KIND, StoredVolume};

/// List the volumes in the store with their state
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// Only volumes last used on NODE (this one: $(uname -n))
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    #[command(flatten)]
    pub(super) journals: Journals,
}

fn help() -> String {
    format!(
        "\
STATES
  closed, open, mounted   on this machine; a volume of another node is shown as closed
  lost                    open, but its device was removed: every access fails
  unknown                 this machine cannot tell whether the volume is open
  pending                 an operation began and is not finished
  erased                  no key unlocks the volume any more; its Secret was kept

{JSON}
  in a list: {{\"volumes\": […]}}.

EXAMPLES
  ccx-sec volume list
  ccx-sec volume list --node $(uname -n)
  ccx-sec volume list -o json | jq -r '.volumes[] | select(.backup.age_days > 90) | .id'

EXIT STATUS
  0  all volumes are listed; there may be none
  3  failed: the store could not be read; or the record or the state of a volume could not be read, and
     the others are listed"
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
