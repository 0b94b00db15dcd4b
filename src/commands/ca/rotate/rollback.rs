//! `ccx-sec ca rotate rollback`: one phase back.

use serde::Serialize;

use super::report::RotationReport;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::rotation::rollback::{Rollback, clear_leftover};
use crate::rotation::stored::StoredRotation;
use crate::store::bundle::{Bundle, load_bundle};

/// Go back, from any phase until the old key is deleted
///
/// From staged, the next CA leaves the bundle, and the rotation ends. From switched and reissued,
/// the old CA signs again, and nodes follow back as they followed: the rotation goes on towards
/// the old CA, and forget deletes the new key at the end. From removed, the old CA returns to the
/// bundle. A second rollback leads forward again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate rollback

EXIT STATUS
  0  the rotation went back
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
        let store = context.open_store()?;
        let store = store.as_ref();
        let result = match StoredRotation::read(store, &context.ca) {
            Ok(current) => current.roll_back(&super::operator(context))?,
            Err(error) if error.code() == Code::RotationMissing => {
                match clear_leftover(store, &context.ca)? {
                    true => Rollback::Cleared,
                    false => return Err(error),
                }
            }
            Err(error) => return Err(error),
        };
        let bundle = load_bundle(store, &context.ca)?.unwrap_or_else(Bundle::empty);
        let (result, text) = match &result {
            Rollback::Ended => {
                ("ended", "The rotation was ended: the next CA has left the bundle.")
            }
            Rollback::Switched(_) => ("switched", "The other CA signs again; nodes follow back."),
            Rollback::Restored(_) => ("restored", "The old CA is in the bundle again."),
            Rollback::Cleared => ("cleared", "The key of an interrupted start was deleted."),
        };
        let document = RollbackDocument { result, report: RotationReport::new(&bundle, context) };
        context.output.outcome(&document, || document.report.render_text())?;
        context.output.note(text);
        Ok(Exit::Done)
    }
}
