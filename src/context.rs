//! The context of a command: everything besides its own arguments.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::Configuration;
use crate::error::{Code, Error, Result};
use crate::output::{self, Output};
use crate::shell::{CommandLine, Invocation};
use crate::store::location::{self, Environment, Location, StoreArguments};
use crate::store::{self, Backend, StoreOptions};

/// The global options, the clock, and the way to the store.
#[derive(Debug)]
pub struct Context {
    /// The printer.
    pub output: Output,
    /// The name of the CA.
    pub ca: String,
    /// The moment at which the command was started.
    pub now: Timestamp,
    /// The time limit for the store, over all attempts.
    pub timeout: Duration,
    /// The time limit for each step with a server.
    pub step_timeout: Duration,
    /// Never ask (`--no-input`).
    pub no_input: bool,
    /// The options that choose the store.
    pub store: StoreArguments,
    /// All settings, and where their values come from.
    pub configuration: Configuration,
    /// The options that a command for people to paste needs to reach the same CA and store.
    pub invocation: Invocation,
}

impl Context {
    /// Whether a person can be asked: a terminal, and no `--no-input`.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.no_input && output::can_ask()
    }

    /// The chosen store. Prints a note, unless quiet, if it was chosen by default.
    ///
    /// # Errors
    /// See [`location::choose`].
    pub fn location(&self) -> Result<Location> {
        let choice = location::choose(&self.store, &Environment::detect())?;
        let is_told = choice.by_default && !self.output.quiet;
        if let (true, Location::Directory(path)) = (is_told, &choice.location) {
            self.output.warning(&format!(
                "no cluster is configured and no --store given: using the directory {}",
                path.display()
            ));
        }
        Ok(choice.location)
    }

    /// The settings for opening a store.
    #[must_use]
    pub fn conditions(&self) -> StoreOptions {
        let output = self.output;
        StoreOptions {
            timeout: self.timeout,
            notice: Box::new(move |message| output.warning(message)),
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// See [`Context::location`] and [`store::open`].
    pub fn open_store(&self) -> Result<Box<dyn Backend>> {
        let store = store::open(&self.location()?, self.conditions())?;
        self.output.detail(&format!("store: {}", store.describe()));
        Ok(store)
    }

    /// `command` with the options of this run, for people to paste.
    #[must_use]
    pub fn completed(&self, mut command: CommandLine) -> CommandLine {
        command.complete(&self.invocation);
        command
    }

    /// The error of a question that nobody can be asked; names the option that answers it.
    #[must_use]
    pub fn unanswered(&self, what: &str, flag: &str) -> Error {
        let why = if self.no_input {
            "--no-input forbids asking"
        } else {
            "there is no terminal to ask on"
        };
        Error::usage(Code::AnswerMissing, format!("{what} is missing, and {why}"))
            .hint(format!("give it: {flag}"))
    }
}

/// Parses a waiting time: `30s`, `2m`; a bare number means seconds.
///
/// # Errors
/// A text that is not a time, or a time longer than a day.
pub(crate) fn timeout(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse::<u32>().map(|seconds| SignedDuration::from_secs(seconds.into()));
    let span = seconds.or_else(|_| text.parse::<SignedDuration>());
    let duration = span.ok().and_then(|span| Duration::try_from(span).ok());
    let longest = Duration::from_secs(24 * 60 * 60);
    duration.filter(|duration| !duration.is_zero() && *duration <= longest).ok_or_else(|| {
        "give a time such as 30s or 2m, at most a day; without a unit, seconds".to_owned()
    })
}
