//! `ccx-sec ca rotate status`: the phase of a rotation, and the next step.

use std::time::Duration;

use super::report::RotationReport;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, bundle_name};
use crate::store::rotation::{is_of_rotation, next_name, previous_name};

/// Show the phase of the rotation, and the next step
///
/// Reads only the bundle, and needs no access to a key.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Show it again after each change
    #[arg(long)]
    watch: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate status
  ccx-sec ca rotate status -o json
  ccx-sec ca rotate status --watch

EXIT STATUS
  0  the state was read, whether or not a rotation is under way
  1  there is no CA
  3  the store cannot be read, or the bundle is damaged";

/// The longest wait for a change of the bundle, before it is read again.
const PATIENCE: Duration = Duration::from_secs(60);

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let store = context.open_store()?;
        let store = store.as_ref();
        let name = bundle_name(&context.ca);
        let mut shown = None;
        loop {
            let Some(secret) = store.get(&name)? else {
                let message = format!("{} is missing", store.place(&name));
                return Err(Error::no(Code::BundleMissing, message)
                    .hint(("see what the store holds", CommandLine::ccx_sec("ca check"))));
            };
            if shown != secret.version {
                let bundle = Bundle::from_secret(&secret)?;
                let report = RotationReport::new(&bundle, context);
                context.output.report(&report, || report.render_text())?;
                if bundle.rotation.is_none() {
                    tell_leftover(context, store);
                }
                shown = secret.version.clone();
            }
            if !self.watch {
                return Ok(Exit::Done);
            }
            store.await_change(&name, shown.as_deref(), PATIENCE)?;
        }
    }
}

/// Tells of keys that a rotation kept and of which the bundle knows nothing. Accounts without
/// access to them are told nothing.
fn tell_leftover(context: &Context, store: &dyn Backend) {
    let (next, previous) = (next_name(&context.ca), previous_name(&context.ca));
    let is_there = |name: &str| {
        store.get(name).is_ok_and(|secret| secret.is_some_and(|s| is_of_rotation(&s, &context.ca)))
    };
    if is_there(&previous) {
        context.output.warning(&format!(
            "{} is the key of a rotation, and the bundle knows of none: it was put back from a \
             backup, or changed by hand; put back the bundle of the rotation",
            store.place(&previous)
        ));
    } else if is_there(&next) {
        let rollback = context.completed(CommandLine::ccx_sec("ca rotate rollback"));
        context.output.warning(&format!(
            "{} is the key of a start that was interrupted; start again to use it, or delete it:\n  \
             {rollback}",
            store.place(&next)
        ));
    }
}
