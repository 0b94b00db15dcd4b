//! `ccx-sec completion`: completions for a shell.

use clap_complete::Shell;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const HELP: &str = "\
EXAMPLES
  bash:  ccx-sec completion bash > /etc/bash_completion.d/ccx-sec
  zsh:   ccx-sec completion zsh > \"${fpath[1]}/_ccx-sec\"
  fish:  ccx-sec completion fish > ~/.config/fish/completions/ccx-sec.fish

EXIT STATUS
  0  printed
  2  an unknown shell";

impl Args {
    /// Runs the command; `root` is the whole command line.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context, root: clap::Command) -> Result<Exit> {
        context.output.raw(&generate(root, self.shell))?;
        Ok(Exit::Done)
    }
}

/// The completions of `root` for a shell.
#[must_use]
pub(crate) fn generate(mut root: clap::Command, shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut root, "ccx-sec", &mut script);
    script
}
