//! One setting: its option, and its value from a variable or a file.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, ValueEnum, ValueHint};

use super::{NODE_OPTIONS, Origin, PREFIX};
use crate::error::{Code, Error, Result};
use crate::output::Format;

/// A setting, with its value.
#[derive(Debug, Clone)]
pub struct ConfigSetting {
    /// The name of the option, without its dashes.
    pub key: String,
    /// The value, as written; for a switch `true` or `false`.
    pub value: Option<OsString>,
    /// The origin of the value.
    pub origin: Origin,
    /// clap's id of the option.
    pub(super) id: String,
    is_switch: bool,
    is_path: bool,
    ignores_case: bool,
    parser: ValueParser,
}

/// The variable of a setting.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('-', "_").to_ascii_uppercase())
}

/// The settings that a command line declares.
pub(super) fn declared(root: &Command) -> Vec<ConfigSetting> {
    let globals = root.get_arguments().filter(|argument| argument.is_global_set());
    let of_nodes = NODE_OPTIONS.iter().filter_map(|(key, _)| find(root, key));
    globals.chain(of_nodes).filter_map(ConfigSetting::new).collect()
}

/// The first option of that name below a command.
fn find<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|argument| argument.get_long() == Some(key));
    own.or_else(|| command.get_subcommands().find_map(|below| find(below, key)))
}

impl ConfigSetting {
    fn new(argument: &Arg) -> Option<Self> {
        let default = argument.get_default_values().first().map(|value| value.to_os_string());
        let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
        let default = default.or_else(|| is_switch.then(|| "false".into()));
        Some(ConfigSetting {
            key: argument.get_long()?.to_owned(),
            value: default,
            origin: Origin::Default,
            id: argument.get_id().to_string(),
            is_switch,
            is_path: matches!(argument.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath),
            ignores_case: argument.is_ignore_case_set(),
            parser: argument.get_value_parser().clone(),
        })
    }

    /// The name of its variable.
    #[must_use]
    pub fn variable(&self) -> String {
        variable(&self.key)
    }

    /// Whether the option is a switch, which takes no value.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.is_switch
    }

    /// Whether the value comes from a file or from the setting's own `CCX_SEC_` variable.
    pub(super) fn is_applied(&self) -> bool {
        match &self.origin {
            Origin::File { .. } => true,
            Origin::Variable(name) => *name == self.variable(),
            Origin::Default | Origin::CommandLine(_) => false,
        }
    }

    pub(super) fn as_default_of(&self, argument: Arg) -> Arg {
        argument.required(false).default_value(self.value.clone().unwrap_or_default())
    }

    /// Sets the value as default of the options of this name below a command, except in the
    /// commands `filters`.
    pub(super) fn apply_below(&self, command: Command, filters: &[&str]) -> Command {
        let names: Vec<String> =
            command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
        let command = names
            .into_iter()
            .filter(|name| !filters.contains(&name.as_str()))
            .fold(command, |command, name| {
                command.mut_subcommand(name, |below| self.apply_below(below, filters))
            });
        if !command.get_arguments().any(|argument| argument.get_long() == Some(&self.key)) {
            return command;
        }
        // The default satisfies a required group that has only this option.
        let is_own = |group: &&clap::ArgGroup| group.get_args().all(|id| id.as_str() == self.id);
        let groups: Vec<clap::Id> =
            command.get_groups().filter(is_own).map(|group| group.get_id().clone()).collect();
        let command = groups.into_iter().fold(command, |command, group| {
            command.mut_group(group, |group| group.required(false))
        });
        command.mut_arg(&self.id, |argument| self.as_default_of(argument))
    }

    /// Reads the value of its variable.
    ///
    /// # Errors
    /// Exit 2 when it is none.
    pub(super) fn read_variable(&self, name: &str, value: &OsStr) -> Result<OsString> {
        if !self.is_switch {
            return self.check(name, value).map(|()| value.to_owned());
        }
        match value.to_str() {
            Some("1" | "true" | "yes") => Ok("true".into()),
            Some("0" | "false" | "no") => Ok("false".into()),
            _ => {
                let message = format!("{name} is neither true nor false: {}", value.display());
                Err(Error::usage(Code::SettingValue, message)
                    .hint(format!("set {name}=true or {name}=false")))
            }
        }
    }

    /// Checks a value from a file. A path has to be absolute, since it is not clear to which
    /// directory a relative one would refer.
    ///
    /// # Errors
    /// Exit 2 when it is none.
    pub(super) fn check_in_file(&self, origin: &str, value: &str) -> Result<()> {
        if value.is_empty() {
            return Err(Error::usage(
                Code::SettingValue,
                format!("{origin}: {} is empty", self.key),
            )
            .hint("give a value, or remove the line"));
        }
        self.check(origin, value.as_ref())?;
        let path = match value.strip_prefix("dir:").filter(|_| self.key == "store") {
            None if !self.is_path => return Ok(()),
            path => path.unwrap_or(value),
        };
        if Path::new(path).is_absolute() {
            return Ok(());
        }
        let message = format!("{origin}: {}: the path {path:?} is not absolute", self.key);
        Err(Error::usage(Code::SettingValue, message)
            .hint("write the whole path, from / on; ~ and variables are not replaced"))
    }

    /// Checks a value with the option's own parser.
    fn check(&self, origin: &str, value: &OsStr) -> Result<()> {
        let mut word = OsString::from(format!("--{}=", self.key));
        word.push(value);
        let mut argument = Arg::new(self.id.clone()).long(self.key.clone());
        argument = argument.value_parser(self.parser.clone()).ignore_case(self.ignores_case);
        let command = Command::new("ccx-sec").no_binary_name(true).arg(argument);
        let named = format!("{origin}: {}", self.key);
        let value = value.display();
        if let Err(error) = command.try_get_matches_from([word]) {
            let source = std::error::Error::source(&error);
            return Err(match source.and_then(|source| source.downcast_ref::<Error>()) {
                Some(ours) => {
                    Error::usage(Code::SettingValue, format!("{named}: {ours}")).hints_of(ours)
                }
                None => match (error.get(ContextKind::ValidValue), source) {
                    (Some(ContextValue::Strings(known)), _) if !known.is_empty() => Error::usage(
                        Code::SettingValue,
                        format!("{named}: there is no value {value}"),
                    )
                    .hint(format!("give one of {}", known.join(", "))),
                    (_, Some(source)) => {
                        Error::usage(Code::SettingValue, format!("{named}: {value}: {source}"))
                            .hint(format!("it is the default of --{}: see its help", self.key))
                    }
                    _ => Error::usage(Code::SettingValue, format!("{named}: {value} is not UTF-8"))
                        .hint("give a value in UTF-8"),
                },
            });
        }
        // A format of only a few commands would make all other commands fail.
        let format = Format::value_variants().iter().filter(|_| self.key == "output");
        let name =
            |format: &Format| format.to_possible_value().map(|one| one.get_name().to_owned());
        let mut special = format.filter(|format| format.is_for_checks()).filter_map(name);
        if special.any(|name| value.to_string() == name) {
            let message = format!("{named}: {value} is not for all commands");
            return Err(Error::usage(Code::SettingValue, message)
                .hint(format!("give it to the command that has it: --output {value}")));
        }
        Ok(())
    }
}
