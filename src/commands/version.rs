//! `ccx-sec version`: which release this is.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Print the version
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {}

const HELP: &str = "\
EXAMPLES
  ccx-sec version
  ccx-sec version -o json | jq -r .version

EXIT STATUS
  0  printed";

#[derive(Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let version = Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
        context.output.report(&version, || format!("{} {}\n", version.name, version.version))?;
        Ok(Exit::Done)
    }
}
