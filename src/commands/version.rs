//! `ccx-sec version`: which release this is.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Print the version and its commit
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
struct VersionDocument {
    name: &'static str,
    version: &'static str,
    /// The commit it was built from, where that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'static str>,
    /// The day of that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'static str>,
}

impl VersionDocument {
    fn text(&self) -> String {
        let built: Vec<&str> = [self.commit, self.date].into_iter().flatten().collect();
        match built.is_empty() {
            true => format!("{} {}\n", self.name, self.version),
            false => format!("{} {} ({})\n", self.name, self.version, built.join(", ")),
        }
    }
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let version = VersionDocument {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("CCX_SEC_COMMIT"),
            date: option_env!("CCX_SEC_COMMIT_DATE"),
        };
        context.output.report(&version, || version.text())?;
        Ok(Exit::Done)
    }
}
