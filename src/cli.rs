//! The root of the command line: global options, the commands, the one dispatch.

mod parse;
mod renamed;
mod suggestion;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};
use jiff::{SignedDuration, Timestamp};

use crate::commands::{
    ca, cert, completion, config, doctor, man, manifests, serve, snippet, verify, version, volume,
};
use crate::config::{Configuration, FileState};
use crate::context::{Context, timeout};
use crate::error::{Code, Error, Exit, Result};
use crate::output::{Color, Format, Output};
use crate::shell::Invocation;
use crate::store::location::StoreArguments;
use crate::store::secret::Secret;

pub use parse::{CommandLineError, CommandLineFault, format_wanted, usage};

/// Manage certificates, TLS and disk encryption of database services
///
/// ccx-sec keeps the certificate authority of a database service in Kubernetes Secrets, or in a
/// directory of the same Secrets. It issues certificates, configures servers, and proves from a
/// client's side that TLS holds.
#[derive(Debug, Parser)]
#[command(
    name = "ccx-sec",
    version,
    arg_required_else_help = true,
    propagate_version = true,
    after_long_help = HELP
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
    /// Notes about old words on the command line.
    #[arg(skip)]
    notes: Vec<String>,
    /// The settings, with those of the command line.
    #[arg(skip)]
    configuration: Configuration,
    /// Why variables or files could not be read.
    #[arg(skip)]
    configuration_error: Option<Error>,
}

const HELP: &str = "\
EXAMPLES
  Create the CA of a service in the current namespace, and show it:
    ccx-sec ca init --common-name 'Acme DB CA'
    ccx-sec ca show

  Fail until the CA exists and is valid:
    ccx-sec ca check --expires-within 30d

  Check this machine and the cluster for missing parts:
    ccx-sec doctor --fix-hints

EXIT STATUS
  0  done, or the answer is yes
  1  the question asked has the answer no
  2  usage: the arguments, or the input they name, are wrong
  3  it could not be done: network, permission, a missing tool, a damaged store
  4  refused: it would overwrite, destroy or weaken something; nothing was changed
  130  interrupted (Ctrl-C); verify and runs over an inventory report what was done

ENVIRONMENT
  CCX_SEC_STORE   the store, where --store is not given; CCX_SEC_NAMESPACE and so on: the
                  default of each global option, and of --datastore, --domain and --engine
  CCX_SEC_CONFIG  the file with such defaults (see config show)
  KUBECONFIG      kubeconfig files, as for kubectl
  POD_NAMESPACE   the namespace, in a pod
  NO_COLOR        no colour, where --color is not given";

const DEFAULT_CA: &str = "ccx-ca";
const STORE_TIMEOUT: Duration = Duration::from_secs(30);
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Globals {
    /// Store of the CA and of the keys of volumes: k8s (Secrets), or dir:PATH
    ///
    /// Without it and without CCX_SEC_STORE: Kubernetes, if a Kubernetes option is given, a
    /// pod's service account or a kubeconfig is found; else the directory
    /// $XDG_STATE_HOME/ccx-sec.
    #[arg(long, global = true, value_name = "k8s|dir:PATH")]
    store: Option<String>,
    /// Kubeconfig file, as for kubectl
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    kubeconfig: Option<PathBuf>,
    /// Kubeconfig context
    #[arg(long, global = true, value_name = "NAME")]
    context: Option<String>,
    /// Kubernetes namespace
    #[arg(short, long, global = true, value_name = "NAME")]
    namespace: Option<String>,
    /// Name of the CA: its Secret is NAME, its bundle NAME-bundle
    #[arg(long, global = true, value_name = "NAME", default_value = DEFAULT_CA)]
    ca: String,
    /// Time limit [default: 30s for the store, 5s for each step with a server]
    #[arg(long, global = true, value_name = "TIME", value_parser = timeout)]
    timeout: Option<Duration>,
    /// Format of data on stdout and of errors on stderr
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum, default_value_t)]
    output: Format,
    /// Print only results that need attention, and no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print each step on stderr
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Use of colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    color: Color,
    /// Never prompt; fail if an answer is missing
    #[arg(long, global = true)]
    no_input: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create, show, check and distribute the CA
    #[command(subcommand)]
    Ca(ca::Command),
    /// Issue, renew, list and inspect certificates
    #[command(subcommand)]
    Cert(cert::Command),
    /// Print TLS settings of servers, accounts and clients
    #[command(subcommand)]
    Snippet(snippet::Command),
    Verify(Box<verify::Args>),
    #[command(subcommand)]
    Volume(volume::Command),
    Serve(serve::Args),
    #[command(alias = "install")]
    Manifests(Box<manifests::Args>),
    Doctor(doctor::Args),
    /// Show the defaults of options
    #[command(subcommand)]
    Config(config::Command),
    Completion(completion::Args),
    Version(version::Args),
    #[command(name = "__complete")]
    Complete(completion::complete::Args),
    Man(man::Args),
}

impl Command {
    /// Whether the command reports results of checks, for which there are special formats.
    fn checks(&self) -> bool {
        match self {
            Command::Verify(_)
            | Command::Ca(ca::Command::Check(_))
            | Command::Cert(cert::Command::List(_))
            | Command::Volume(volume::Command::Check(_)) => true,
            Command::Cert(cert::Command::Inspect(arguments)) => arguments.checks(),
            _ => false,
        }
    }

    /// Whether it runs although the settings cannot be read.
    fn does_without_settings(&self) -> bool {
        matches!(
            self,
            Command::Doctor(_)
                | Command::Version(_)
                | Command::Completion(_)
                | Command::Complete(_)
                | Command::Man(_)
        )
    }
}

impl Cli {
    /// Runs the command, and returns the exit status of the process.
    ///
    /// # Errors
    /// The errors of the command.
    pub fn run(self) -> Result<Exit> {
        if self.globals.output.is_for_checks() && !self.command.checks() {
            let message = "that output format is for verify, ca check, cert list, \
                           cert inspect --lint and volume check";
            return Err(
                Error::usage(Code::OutputFormat, message).hint("give -o text, wide, json or yaml")
            );
        }
        if !self.command.does_without_settings()
            && let Some(error) = self.configuration_error
        {
            return Err(error);
        }
        let files = self.configuration.files().iter();
        for (path, _) in files.filter(|(_, state)| *state == FileState::Inaccessible) {
            self.output().warning(&format!(
                "{} is ignored: this user has no access to its directory",
                path.display()
            ));
        }
        let invocation = self.globals.invocation(&self.configuration);
        let invocation = Invocation { journal: self.journal(), ..invocation };
        self.dispatch(&invocation).map_err(|error| error.completed(&invocation))
    }

    /// The journal that the run of a volume command names.
    fn journal(&self) -> Option<PathBuf> {
        match &self.command {
            Command::Volume(command) => command.journal(),
            _ => None,
        }
    }

    fn dispatch(self, invocation: &Invocation) -> Result<Exit> {
        let context = self.globals.into_context(invocation.clone(), self.configuration)?;
        self.notes.iter().for_each(|note| context.output.note(note));
        match self.command {
            Command::Ca(command) => command.run(&context),
            Command::Cert(command) => command.run(&context),
            Command::Snippet(command) => command.run(&context),
            Command::Verify(arguments) => arguments.run(&context),
            Command::Volume(command) => command.run(&context),
            Command::Serve(arguments) => arguments.run(&context),
            Command::Manifests(arguments) => arguments.run(&context),
            Command::Doctor(arguments) => {
                arguments.run(&context, self.configuration_error.as_ref())
            }
            Command::Config(command) => command.run(&context),
            Command::Version(arguments) => arguments.run(&context),
            Command::Completion(arguments) => arguments.run(&context, &Cli::command()),
            Command::Complete(arguments) => arguments.run(&context, Cli::command()),
            Command::Man(arguments) => arguments.run(&context, Cli::command()),
        }
    }

    /// The printer for the errors of this run.
    #[must_use]
    pub fn output(&self) -> Output {
        self.globals.output()
    }
}

impl Globals {
    fn output(&self) -> Output {
        Output { format: self.output, quiet: self.quiet, verbose: self.verbose }
    }

    /// The options with which a pasted command reaches the same CA and store in any environment: so
    /// values from variables and files are included, except the timeout.
    fn invocation(&self, configuration: &Configuration) -> Invocation {
        let timeout = self.timeout.filter(|_| !configuration.is_configured("timeout"));
        let timeout = timeout.and_then(|timeout| SignedDuration::try_from(timeout).ok());
        Invocation {
            program: None,
            store: self.store.clone(),
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            ca: (self.ca != DEFAULT_CA).then(|| self.ca.clone()),
            ca_file: None,
            journal: None,
            timeout: timeout.map(|timeout| format!("{timeout:#}")),
        }
    }

    fn into_context(self, invocation: Invocation, configuration: Configuration) -> Result<Context> {
        self.color.apply();
        Secret::check_name(&crate::store::bundle::bundle_name(&self.ca))?;
        Ok(Context {
            output: self.output(),
            ca: self.ca,
            now: Timestamp::now(),
            timeout: self.timeout.unwrap_or(STORE_TIMEOUT),
            step_timeout: self.timeout.unwrap_or(STEP_TIMEOUT),
            no_input: self.no_input,
            invocation,
            store: StoreArguments {
                store: self.store,
                kubeconfig: self.kubeconfig,
                context: self.context,
                namespace: self.namespace,
                configured: configuration.origins(),
            },
            configuration,
        })
    }
}
