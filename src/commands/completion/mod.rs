//! `ccx-sec completion`: completions for a shell.
//!
//! The scripts for bash, zsh and fish hold no commands and options: at each Tab they ask the
//! program itself (`complete`), so they never fall behind it, and names that only the store
//! or the kubeconfig knows are completed too.

mod candidate;
pub(crate) mod complete;
mod cursor;
mod values;

use clap_complete::Shell;

use crate::context::Context;
use crate::error::{Exit, Result};

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

const HELP: &str = "\
EXAMPLES
  bash:  ccx-sec completion bash > /etc/bash_completion.d/ccx-sec
  zsh:   ccx-sec completion zsh > \"${fpath[1]}/_ccx-sec\"
  fish:  ccx-sec completion fish > ~/.config/fish/completions/ccx-sec.fish

  bash, zsh and fish complete commands, options and values, and also contexts, namespaces
  and the names of CAs, Secrets, datastores, nodes and volumes: for those, Tab reads the
  kubeconfig or the store that the line names, for at most two seconds.

EXIT STATUS
  0  printed
  2  an unknown shell";

const BASH: &str = include_str!("ccx-sec.bash");
const ZSH: &str = include_str!("_ccx-sec.zsh");
const FISH: &str = include_str!("ccx-sec.fish");

impl Args {
    /// Runs the command; `root` is the whole command line.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context, root: &clap::Command) -> Result<Exit> {
        context.output.raw(&generate(root, self.shell))?;
        Ok(Exit::Done)
    }
}

/// The completions of `root` for a shell.
fn generate(root: &clap::Command, shell: Shell) -> Vec<u8> {
    match shell {
        Shell::Bash => BASH.into(),
        Shell::Zsh => ZSH.into(),
        Shell::Fish => FISH.into(),
        _ => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut without_hidden(root), "ccx-sec", &mut script);
            script
        }
    }
}

/// The command without its hidden subcommands and options, which clap would complete.
fn without_hidden(command: &clap::Command) -> clap::Command {
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let is_hidden = |id| command.get_arguments().any(|arg| arg.get_id() == id && arg.is_hide_set());
    // Options can demand groups. The group of all options of a struct has hidden ones too.
    let groups = command.get_groups().filter(|group| !group.get_args().any(is_hidden));
    clap::Command::new(command.get_name().to_owned())
        .about(command.get_about().cloned().unwrap_or_default())
        .version(command.get_version().map(str::to_owned).unwrap_or_default())
        .disable_help_subcommand(command.is_disable_help_subcommand_set())
        .args(command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned())
        .groups(groups.cloned())
        .subcommands(visible.map(without_hidden))
}
