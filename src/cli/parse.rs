//! Reading the words of a command line, with the defaults of files and variables.

use std::ffi::OsString;

use clap::error::ContextKind;
use clap::{CommandFactory, FromArgMatches};

use super::{Cli, renamed, suggestion};
use crate::commands::help;
use crate::config::{Configuration, Sources};
use crate::error::{Code, Error};
use crate::output::Format;

/// A command line that cannot be run.
#[derive(Debug)]
pub struct CommandLineError {
    /// Why.
    pub cause: CommandLineFault,
    /// The form of errors that it asks for.
    pub format: Format,
}

/// Why a command line cannot be run.
#[derive(Debug)]
pub enum CommandLineFault {
    /// The words, or the answer of clap for help and version.
    Arguments(Box<clap::Error>),
    /// The settings.
    Configuration(Error),
}

impl Cli {
    /// Reads a command line, the first word of which is the program's name, with the defaults
    /// that variables and files give to its options.
    ///
    /// # Errors
    /// The error of clap for a wrong command line, or its answer for help and version; that of
    /// the settings, where both are wrong.
    pub fn read(arguments: &[OsString]) -> std::result::Result<Self, CommandLineError> {
        let root = help::arrange(Cli::command());
        let (configuration, configuration_error) =
            match Configuration::load(&root, &Sources::detect()) {
                Ok(configuration) => (configuration, None),
                Err(error) => (Configuration::default(), Some(error)),
            };
        let format = format_wanted(arguments, &configuration);
        let mut command = configuration.apply(root);
        let words: Vec<&str> = arguments.iter().skip(1).filter_map(|word| word.to_str()).collect();
        match Cli::parse_words(&mut command, arguments, &words, configuration) {
            Ok(cli) => Ok(Cli { configuration_error, ..cli }),
            Err(mut error) => {
                suggestion::correct(&mut error, &words);
                let cause = match configuration_error.filter(|_| error.use_stderr()) {
                    Some(error) => CommandLineFault::Configuration(error),
                    None => CommandLineFault::Arguments(Box::new(error)),
                };
                Err(CommandLineError { cause, format })
            }
        }
    }

    fn parse_words(
        command: &mut clap::Command,
        arguments: &[OsString],
        words: &[&str],
        mut configuration: Configuration,
    ) -> std::result::Result<Self, clap::Error> {
        let matches = command.try_get_matches_from_mut(arguments)?;
        let path = std::iter::successors(matches.subcommand(), |(_, below)| below.subcommand());
        let path: Vec<&str> = path.map(|(name, _)| name).collect();
        configuration.note_given(&matches);
        let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(command))?;
        if configuration.is_loaded() {
            cli.globals.quiet &= configuration.is_on("quiet");
            cli.globals.verbose &= configuration.is_on("verbose");
        }
        Ok(Cli { notes: renamed::notes(words, &path), configuration, ..cli })
    }
}

/// The form that a command line which does not parse asks for its errors.
#[must_use]
pub fn format_wanted(arguments: &[OsString], configuration: &Configuration) -> Format {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let after = |option: &str, word: &&str| word.strip_prefix(option).map(str::to_owned);
    let value = words.iter().enumerate().rev().find_map(|(at, word)| match *word {
        "-o" | "--output" => words.get(at + 1).map(|next| (*next).to_owned()),
        _ => after("--output=", word).or_else(|| after("-o=", word)).or_else(|| after("-o", word)),
    });
    match value.as_deref().or_else(|| configuration.text("output")) {
        Some("json") => Format::Json,
        Some("yaml") => Format::Yaml,
        _ => Format::Text,
    }
}

/// Converts an error of clap into an [`Error`]. The error of a value that one of ccx-sec's own
/// types refused keeps its code and hints.
#[must_use]
pub fn usage(error: &clap::Error) -> Error {
    let option = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let option = option.split_whitespace().next().unwrap_or_default();
    let source = std::error::Error::source(error);
    if let Some(ours) = source.and_then(|source| source.downcast_ref::<Error>()) {
        return Error::new(ours.exit(), ours.code(), format!("{option}: {ours}")).hints_of(ours);
    }
    let rendered = error.render().to_string();
    let first = rendered.split("\n\n").next().unwrap_or_default();
    Error::usage(Code::Usage, first.trim().trim_start_matches("error: ")).hint("see --help")
}
