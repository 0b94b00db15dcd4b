//! `ccx-sec ca rotate pause` and `resume`: whether further nodes follow.

use super::report::RotationReport;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::rotation::stored::StoredRotation;

/// Stop further nodes from taking a new certificate
///
/// Nodes that have one keep it; certificates that end soon are renewed. resume lets the others
/// go on.
#[derive(Debug, clap::Args)]
#[command(after_long_help = PAUSE_HELP)]
pub(super) struct PauseArgs {}

const PAUSE_HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate pause

EXIT STATUS
  0  no further node takes a new certificate
  1  there is no CA
  3  the store cannot be read or written
  4  no rotation is under way, or no node follows now";

/// Let nodes take new certificates again, after a pause
#[derive(Debug, clap::Args)]
#[command(after_long_help = RESUME_HELP)]
pub(super) struct ResumeArgs {}

const RESUME_HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate resume

EXIT STATUS
  0  nodes go on
  1  there is no CA
  3  the store cannot be read or written
  4  no rotation is under way, or no node follows now";

/// Pauses the ramp, or lets it go on.
pub(super) fn run(context: &Context, paused: bool) -> Result<Exit> {
    let store = context.open_store()?;
    let current = StoredRotation::read(store.as_ref(), &context.ca)?;
    let mut bundle = current.bundle.clone();
    let rotation = current.set_paused(paused, &super::operator(context))?;
    bundle.rotation = Some(rotation);
    let report = RotationReport::new(&bundle, context);
    context.output.outcome(&report, || report.render_text())?;
    Ok(Exit::Done)
}
