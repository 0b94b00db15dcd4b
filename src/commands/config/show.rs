//! `ccx-sec config show`: the value of each setting, and its origin.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use crate::config::{ConfigSetting, FileState, Origin};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{self, Table, escape_control_characters};

/// Show each default and its origin
///
/// Each option has a key in a file and a variable: --namespace is namespace = "db" in the file,
/// and CCX_SEC_NAMESPACE. An option on the command line comes first, then the variable, the
/// user's file, the system's file, and the option's own default.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {}

const HELP: &str = "\
EXAMPLES
  ccx-sec config show
  ccx-sec config show -o json | jq '.settings[] | select(.from != \"default\")'

FILES
  $XDG_CONFIG_HOME/ccx-sec/config.toml, or ~/.config/ccx-sec/config.toml
  /etc/ccx-sec/config.toml
  CCX_SEC_CONFIG=FILE names the only file to read, CCX_SEC_CONFIG=/dev/null none.

  A line a setting, in TOML: namespace = \"db\", timeout = \"1m\", quiet = true. Paths are
  absolute. Only root and you may be able to write the file. It holds no secrets.

JSON
  {\"format_version\": 1, \"settings\": [{\"name\", \"value\",
     \"from\": \"option|variable|file|default\", \"variable\", \"file\", \"line\"}],
   \"files\": [{\"path\", \"found\"}]}
  variable is the name of the variable with the value; file and line are the value's place.

EXIT STATUS
  0  shown
  2  a key or a value in a file or a variable is wrong
  3  a file cannot be read
  4  refused: other users can write a file";

#[derive(Serialize)]
struct ConfigDocument<'a> {
    settings: Vec<SettingRow<'a>>,
    files: Vec<FileRow<'a>>,
}

#[derive(Serialize)]
struct SettingRow<'a> {
    name: &'a str,
    value: Value,
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct FileRow<'a> {
    path: &'a Path,
    found: bool,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let configuration = &context.configuration;
        let files = configuration.files().iter();
        let document = ConfigDocument {
            settings: configuration.settings().map(row).collect(),
            files: files
                .map(|(path, state)| FileRow { path, found: *state == FileState::Found })
                .collect(),
        };
        context.output.report(&document, || {
            let mut table = Table::new(&["SETTING", "VALUE", "FROM"]);
            for setting in configuration.settings() {
                let value = setting.value.as_ref().map(|value| value.to_string_lossy());
                let value = escape_control_characters(value.as_deref().unwrap_or("-"));
                let origin = setting.origin.to_string();
                table.row(vec![setting.key.clone(), value, escape_control_characters(&origin)]);
            }
            let file = |(path, state): &(PathBuf, FileState)| {
                let state = match state {
                    FileState::Found => "",
                    FileState::Inaccessible => " (no access)",
                    FileState::Missing => " (not found)",
                };
                let path = path.display().to_string();
                format!("file: {}{state}\n", escape_control_characters(&path))
            };
            let files: String = configuration.files().iter().map(file).collect();
            table.text(output::stdout_width()) + &files
        })?;
        Ok(Exit::Done)
    }
}

fn row(setting: &ConfigSetting) -> SettingRow<'_> {
    let mut row = SettingRow {
        name: &setting.key,
        value: match &setting.value {
            None => Value::Null,
            Some(value) if setting.is_switch() => Value::Bool(value.as_os_str() == "true"),
            Some(value) => Value::String(value.to_string_lossy().into_owned()),
        },
        from: "default",
        variable: None,
        file: None,
        line: None,
    };
    match &setting.origin {
        Origin::Default => {}
        Origin::CommandLine(_) => row.from = "option",
        Origin::Variable(name) => (row.from, row.variable) = ("variable", Some(name.as_str())),
        Origin::File { path, line } => {
            (row.from, row.file, row.line) = ("file", Some(path.as_path()), Some(*line));
        }
    }
    row
}
