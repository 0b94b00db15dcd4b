//! `ccx-sec ca rotate forget`: deletes the old key.

use serde::Serialize;

use super::report::RotationReport;
use crate::confirm;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::rotation::stored::StoredRotation;
use crate::store::bundle::{Bundle, load_bundle};
use crate::store::rotation::{EndedRotation, RotationPhase};

/// Delete the old key: after this, nothing goes back
///
/// Possible once the old CA has left the bundle, and ca rotate advance --to removed has proved that
/// every node refuses it. Ends the rotation.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// First 8 digits of the old CA's fingerprint, to confirm
    #[arg(long, value_name = "HEX")]
    confirm: Option<String>,
    /// Do without the proof that every node refuses the old CA
    ///
    /// Without the old key, nobody can prove it later.
    #[arg(long)]
    unproved: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate forget
  ccx-sec ca rotate forget --confirm 0a1b2c3d

EXIT STATUS
  0  the old key is deleted, and the rotation has ended
  1  there is no CA
  2  it was not confirmed, and nobody can be asked
  3  the store cannot be read or written
  4  refused: the confirmation is wrong, the old CA is in the bundle, it is not proved that every
     node refuses it, or another process changed the CA at the same time";

#[derive(Serialize)]
struct ForgetDocument {
    forgotten: EndedRotation,
    #[serde(flatten)]
    report: RotationReport,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let store = context.open_store()?;
        let store = store.as_ref();
        let current = StoredRotation::read(store, &context.ca)?;
        if current.rotation.phase == RotationPhase::Removed {
            let old = &current.rotation.from;
            let what = format!(
                "this deletes the key of the CA {old} from the store; after it, no rollback is \
                 possible"
            );
            let given = self.confirm.as_deref();
            confirm::confirm_by_word(context, &what, &old[..8], given)?;
        }
        let forgotten = current.forget(self.unproved, &super::operator(context))?;
        let bundle = load_bundle(store, &context.ca)?.unwrap_or_else(Bundle::empty);
        let report = RotationReport::new(&bundle, context);
        let document = ForgetDocument { forgotten, report };
        context.output.outcome(&document, || document.report.render_text())?;
        context.output.note("The old key is deleted, and the rotation has ended.");
        Ok(Exit::Done)
    }
}
