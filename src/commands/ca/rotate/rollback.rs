//! `ccx-sec ca rotate rollback`: the way back, and forward again.

use serde::Serialize;

use super::report::RotationReport;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::rotation::rollback::{RotationDirection, Turn, clear_leftover};
use crate::rotation::stored::StoredRotation;
use crate::store::bundle::{Bundle, load_bundle};
use crate::store::rotation::RotationKind;

/// Go back to the old CA, from any phase until forget
///
/// Before the switch, the next CA leaves the bundle, and the rotation ends. From switched and
/// reissued, the old CA signs again at once, and all nodes go back with their next run. From removed,
/// the old CA joins the bundle as next, since nodes have to trust it before it signs: ca rotate
/// advance goes on from there. At the end of the way back, forget deletes the new key.
///
/// The same command again finishes what was interrupted, or changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Undo a rollback: go forward again to the new CA
    #[arg(long)]
    undo: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate rollback
  ccx-sec ca rotate rollback --undo

EXIT STATUS
  0  the rotation goes back (with --undo: forward), or did so already
  1  there is no CA
  3  the store cannot be read or written
  4  refused: no rotation is under way, the old key was stolen or is being deleted, or another
     process changed the CA at the same time";

#[derive(Serialize)]
struct RollbackDocument {
    result: &'static str,
    #[serde(flatten)]
    report: RotationReport,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let direction =
            if self.undo { RotationDirection::Forward } else { RotationDirection::Back };
        let store = context.open_store()?;
        let store = store.as_ref();
        let mut was_compromised = false;
        let turn = match StoredRotation::read(store, &context.ca) {
            Ok(current) => Some({
                was_compromised = current.rotation.kind == RotationKind::Compromised;
                current.turn(direction, &super::operator(context))?
            }),
            Err(error) if error.code() == Code::RotationMissing => {
                if self.undo || !clear_leftover(store, &context.ca)? {
                    return Err(error);
                }
                None
            }
            Err(error) => return Err(error),
        };
        let bundle = load_bundle(store, &context.ca)?.unwrap_or_else(Bundle::empty);
        let (result, text) = match turn {
            None => ("cleared", "The key of an interrupted start was deleted."),
            Some(Turn::Ended) => {
                ("ended", "The rotation was ended: the next CA has left the bundle.")
            }
            Some(Turn::Switched(_)) => ("switched", "The other CA signs now; nodes follow."),
            Some(Turn::Staged(_)) => {
                ("staged", "The other CA is in the bundle, and signs once every node trusts it.")
            }
            Some(Turn::Removed(_)) => ("removed", "The other CA has left the bundle again."),
            Some(Turn::Unchanged(_)) => {
                ("unchanged", "The rotation has this direction already; nothing was changed.")
            }
        };
        let document = RollbackDocument { result, report: RotationReport::new(&bundle, context) };
        context.output.outcome(&document, || document.report.render_text())?;
        context.output.note(text);
        if was_compromised && result == "ended" {
            context.output.warning(
                "the CA that signs is the one whose key was reported stolen; start again as soon as \
                 you can",
            );
        }
        Ok(Exit::Done)
    }
}
